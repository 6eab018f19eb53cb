r"""ACI-Bench: write the note of a visit from what doctor and patient said.

A row: {"src": "[doctor] hi , how are you ?\n[patient] ...", "tgt": "CHIEF COMPLAINT\n\nCough. ...",
"file": "D2N088-virtassist"}
"""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from medeval import Decoding, Form, Message, Metric, OpenSample, Row, Task, Url, Walk, in_texts, metrics

REPO = (
    "https://raw.githubusercontent.com/wyim/aci-bench/5d3cd4d8a25b4ebb5b2b87c3923a7b2b7150e33d/data/challenge_data_json"
)
WANTED = (
    "Write the clinical note of this visit from the conversation between doctor and patient. Use the sections "
    "CHIEF COMPLAINT, HISTORY OF PRESENT ILLNESS, REVIEW OF SYSTEMS, PHYSICAL EXAMINATION, RESULTS, and ASSESSMENT AND "
    "PLAN, as far as something was said for them. Write nothing that was not said."
)
LONG = Decoding(max_tokens=2048)
DIVISIONS = {
    "subjective": (
        "cc", "chief complaint", "reason for visit", "history", "history of present illness", "hpi", "hpi notes",
        "interval history", "interval hx", "subjective", "ros", "review of system", "review of systems",
        "social history", "past history",
    ),
    "objective_exam": (
        "physical exam", "physical examination", "pe", "physical findings", "examination", "exam", "vitals reviewed",
    ),
    "objective_results": ("results", "findings"),
    "assessment_and_plan": (
        "assessment", "a", "plan", "plan of care", "p", "medical decision-making plan", "summary plan", "ap", "a / p",
        "assessment and plan", "assessment & plan", "disposition / plan", "IMPRESSION",
    ),
}  # fmt: skip
"""The four parts in which a note is scored as well, by the headings that open them: those of the makers' scorer."""
OPENS = {heading: name for name, headings in DIVISIONS.items() for heading in headings}
HEADING = re.compile(r"[\s#*_]{0,9}(?P<said>[a-z][a-z &/-]{0,40}?)[ *_]{0,9}(?::|$)", re.IGNORECASE)


def unpacked(rows: Sequence[Row]) -> Iterator[Row]:
    """Take the rows out of the one list that a file holds."""
    for row in rows:
        yield from row["value"]


def to_sample(row: Row) -> OpenSample:
    """Read a conversation with its note."""
    said = row["src"].strip()
    return OpenSample(
        id=row["file"],
        messages=(Message(role="user", content=said),),
        references=(row["tgt"].strip(),),
        source=said,
        slices={"recorded": row["file"].partition("-")[2]},
    )


def note_of(sample: OpenSample) -> str:
    """Ask for the note of a conversation, as one message."""
    return f"{WANTED}\n\n{sample.source}"


def plain_note_of(sample: OpenSample) -> str:
    """The same in plain text, where a heading leads to the note."""
    return f"{note_of(sample)}\n\nClinical note:"


def divided(note: str) -> dict[str, str]:
    """Part a note where each division is opened first; what stands before every heading is subjective."""
    found: dict[str, list[str]] = {}
    here = "subjective"
    for line in note.splitlines():
        if heading := HEADING.match(line):
            said = heading["said"]
            # An impression in small letters is that of an examination, and stands among its results.
            opened = OPENS.get(said) or OPENS.get(said.lower(), here)
            here = here if opened in found else opened
        found.setdefault(here, []).append(line)
    return {name: "\n".join(found.get(name, ())).strip() for name in DIVISIONS}


def of_division(name: str) -> Callable[[OpenSample, Walk], float | tuple[float, ...] | None]:
    """ROUGE of one division; a note without it has nothing, and where the reference has none it is not marked."""

    def rouge(sample: OpenSample, walk: Walk) -> float | tuple[float, ...] | None:
        wanted = divided(sample.references[0])[name]
        part = replace(sample, references=(wanted,))
        return metrics.ROUGE[0].mark(part, walk.saying(divided(walk.text)[name])) if wanted else None

    return rouge


def by_division() -> Iterator[Metric]:
    """ROUGE-1 of every division."""
    for name in DIVISIONS:
        about = f"ROUGE-1 of the division {name}, by the headings of the note."
        yield replace(metrics.ROUGE[0], name=f"rouge1_{name}", about=about, mark=of_division(name), defined=False)


def form(file: str, sha256: str, *, published: str = "") -> Form:
    """Read one of the files, all of one shape; `published`: under another name."""
    return Form(
        name="original",
        files=(Url(url=f"{REPO}/{published or file}", name=file, sha256=sha256),),
        join=unpacked,
        to_sample=to_sample,
        exemplars=(Url(url=f"{REPO}/train_full.json", name="train.json"),),
        join_exemplars=unpacked,
    )


TEST1 = Task(
    title="ACI-Bench (test 1, whole notes)",
    measures="Writing: the clinical note of a visit, from the conversation.",
    kind="nlp",
    capabilities=("documentation",),
    paper="arXiv:2306.02022",
    licence="CC BY 4.0",
    version=1,
    chance=0.0,
    rows=40,
    folder="aci_bench",
    forms=(
        form(
            "clinicalnlp_taskB_test1.json", "8ac8782e027b410a25d909f862124b2ed8827bfb64e62833bed9704c3d02dd69"
        ),
    ),
    wordings={"written": note_of, "written:plain": plain_note_of},
    manners=in_texts(LONG, shots=1),
    metrics=metrics.ROUGE,
    also=(*metrics.texts(), *by_division()),
    slices=("recorded",),
    traps=(
        "What the paper prints as ROUGE-L is rougeLsum, line by line; the plain ROUGE-L of these notes is far lower.",
        "No stemming: with it every number is a point or two higher.",
        "Some turns carry the tag of the other speaker; the makers left them so.",
        "The divisions follow the headings that a note has: one written under other headings has none of them.",
        "The makers' scorer gives a division 1 that note and reference both lack; here such a note has no part in it.",
        "An empty note scores 0 and counts; where empty texts are dropped, silence pays.",
    ),
)  # fmt: skip

TEST2 = replace(
    TEST1,
    title="ACI-Bench (test 2, whole notes)",
    forms=(form("clinicalnlp_taskC_test2.json", "22eac3d9b12dd657c1034737473c426b7d8e0afe67397f5b40a2cd300b1a0e2c"),),
)
TEST3 = replace(
    TEST1,
    title="ACI-Bench (test 3, whole notes)",
    forms=(
        form(
            "clef_taskC_test3.json",
            "e68472c6015566b35289c16ae30659d72180055f0e9432d8e357d74b204e8a19",
            published="clef_taskC_test3_full.json",
        ),
    ),
)
VALID = replace(
    TEST1,
    title="ACI-Bench (validation, whole notes)",
    rows=20,
    forms=(form("valid.json", "64c79694f939acd13a0497444ea025897e25adef8ab728fe85082f7c37ffeb35"),),
)

TASKS = {"": TEST1, "test2": TEST2, "test3": TEST3, "valid": VALID}
