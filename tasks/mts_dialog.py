r"""MTS-Dialog: write one section of a note from a short conversation, and say which section it is.

A row of the CSV: {"ID": "0", "section_header": "GENHX", "section_text": "The patient is ...",
"dialogue": "Doctor: Good afternoon. \nPatient: ..."}
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from msgspec.structs import replace

from medeval import Decoding, Form, Message, Metric, OpenSample, Row, Task, Url, Walk, in_texts, metrics

REPO = "https://raw.githubusercontent.com/abachaa/MTS-Dialog"
TRAIN = "3d2beb01913d076cc51a57ff3a0c35894b2248ad/Main-Dataset/MTS-Dialog-TrainingSet.csv"
HEADERS = {
    "FAM/SOCHX": "family and social history", "GENHX": "history of present illness",
    "PASTMEDICALHX": "past medical history", "CC": "chief complaint", "PASTSURGICAL": "past surgical history",
    "ALLERGY": "allergies", "ROS": "review of systems", "MEDICATIONS": "medications", "ASSESSMENT": "assessment",
    "EXAM": "physical examination", "DIAGNOSIS": "diagnosis", "DISPOSITION": "disposition", "PLAN": "plan",
    "EDCOURSE": "course in the emergency department", "IMMUNIZATIONS": "immunizations", "IMAGING": "imaging",
    "GYNHX": "gynaecological history", "PROCEDURES": "procedures", "OTHER_HISTORY": "other history", "LABS": "labs",
}  # fmt: skip
STATED = re.compile(r"[^\w\n]{0,8}section[^\w\n:]{0,8}:[^\w\n]{0,8}(?P<header>[a-z/_]+)[^\n]*(?:\n|$)", re.IGNORECASE)
SECTION = Decoding(max_tokens=512)
Mark = Callable[[OpenSample, Walk], float | tuple[float, ...] | None]


def to_sample(row: Row) -> OpenSample:
    """Read a conversation with its section of the note."""
    said = row["dialogue"].strip()
    return OpenSample(
        id=f"{row['ID']}",
        messages=(Message(role="user", content=said),),
        references=(row["section_text"].strip(),),
        source=said,
        slices={"header": row["section_header"].strip()},
    )


def section_of(sample: OpenSample) -> str:
    """Ask for a section, and its header on the first line."""
    listed = "\n".join([f"{code}: {what}" for code, what in HEADERS.items()])
    return (
        "Write the section of the clinical note that this conversation between doctor and patient is for. The first "
        f'line is "Section: CODE", with one of these codes:\n{listed}\nThen write the text of the section. Write '
        f"nothing that was not said.\n\n{sample.source}"
    )


def plain_section_of(sample: OpenSample) -> str:
    """The same in plain text, behind which the section follows."""
    return f"{section_of(sample)}\n\nNote:"


def header_accuracy(sample: OpenSample, walk: Walk) -> float:
    """Whether the stated header is that of the section."""
    stated = STATED.match(walk.text.lstrip())
    return float(stated is not None and stated["header"].upper() == sample.slices["header"])


def without_header(walk: Walk) -> Walk:
    """What was written behind the line of the header; where nothing was written, there is nothing."""
    text = walk.text.strip()
    stated = STATED.match(text)
    return walk.saying(text[stated.end() :].strip() if stated else text)


@cache
def bare(mark: Mark) -> Mark:
    """The same mark, of the section without its header."""
    return lambda sample, walk: mark(sample, without_header(walk))


def of_section(several: Sequence[Metric]) -> Iterator[Metric]:
    """Metrics of texts, as those of the section without its header."""
    return (replace(metric, mark=bare(metric.mark)) for metric in several)


def solution(sample: OpenSample, style: str) -> str:
    """A section as it is to be written."""
    return f"Section: {sample.slices['header']}\n{sample.references[0]}"


def form(file: str, commit: str, sha256: str) -> Form:
    """Read one of the files, all of one shape; each came into the repository by itself."""
    return Form(
        name="original",
        files=(Url(url=f"{REPO}/{commit}/Main-Dataset/{file}", name=file, sha256=sha256),),
        to_sample=to_sample,
        exemplars=(Url(url=f"{REPO}/{TRAIN}", name="MTS-Dialog-TrainingSet.csv"),),
    )


HEADER = Metric(
    name="header_accuracy",
    about="Share of sections whose header is stated on the first line, and right.",
    version=1,
    mark=header_accuracy,
    voted=False,
)

TEST1 = Task(
    title="MTS-Dialog (test 1, MEDIQA-Chat 2023)",
    measures="Writing: one section of a note, and its header, from a short conversation.",
    kind="nlp",
    capabilities=("documentation",),
    paper="Ben Abacha and others, EACL 2023",
    licence="CC BY 4.0",
    version=1,
    chance=0.0,
    rows=200,
    folder="mts_dialog",
    forms=(
        form(
            "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv",
            "10eadbd1a95911b6d6806a397a5d6414cb278c24",
            "b4d38dd2c99b2e9860099abcf653f1e0f3e9b69f9fcc45be2a2699b37a4d2f37",
        ),
    ),
    wordings={"written": section_of, "written:plain": plain_section_of},
    manners=in_texts(SECTION, shots=2),
    metrics=(*of_section(metrics.ROUGE), HEADER),
    also=tuple(of_section(metrics.texts())),
    solution=solution,
    slices=("header",),
    traps=(
        "lm-eval takes the training split of a copy for its test.",
        "Half of the sections are of two headers, and 37 of the 200 have less than five words: ROUGE jumps there.",
        "The official mean of ROUGE-1, BERTScore and BLEURT needs two encoders; ROUGE alone is shown here.",
        "A section without its header keeps its ROUGE and loses header_accuracy.",
    ),
)  # fmt: skip


TEST2 = replace(
    TEST1,
    title="MTS-Dialog (test 2, MEDIQA-Sum 2023)",
    forms=(
        form(
            "MTS-Dialog-TestSet-2-MEDIQA-Sum-2023.csv",
            "183384b4725e590900eb34982b584040ccd40592",
            "226644466ed3af82382b327a3e684aab70aa605b96cfd93b04f584f1826ab1a6",
        ),
    ),
)
VALID = replace(
    TEST1,
    title="MTS-Dialog (validation)",
    rows=100,
    forms=(
        form(
            "MTS-Dialog-ValidationSet.csv",
            "db552cde9da99ff6e24cc6b1b5de5415d83f1850",
            "227206520c4534381c0d7fba6d3f09319a9af5a6d9603a93c0341af1198e3958",
        ),
    ),
)

TASKS = {"": TEST1, "test2": TEST2, "valid": VALID}
