"""MediQ: find the answer by asking a patient; cases of dermatology (iCRAFT-MD) and of the US licensing exam (iMedQA).

A row: {"id": 0, "question": "Which of the following ...", "context": ["A 22-year-old man presented ...", ...],
"options": {"A": "Herpes", ...}, "answer_idx": "A", "facts": ["1. The ...", ...], "patient": {"age": "22 years", ...}}
"""

import re

from msgspec.structs import replace

from medeval import DISC, CaseSample, Decoding, Form, Manner, Row, Task, Url, judged_by, lettered, metrics, prompts

REPO = "https://raw.githubusercontent.com/stellalisy/mediQ/faa2ce62fef0423e35af4c31d7537aad973173eb/data"
NOBODY = "The question is about no patient."
NUMBER = re.compile(r"^\s*(?:\d+\.\s+|-\s*)")
YEARS = re.compile(r"(\d+)(?: years?)?(?: old)?")
NO_AGE = ("study", "unavailable", "Not specified", "Not provided")


def to_sample(row: Row) -> CaseSample:
    """Read a case; its first sentence is what the doctor is told unasked."""
    told = [sentence.strip() for sentence in row["context"]] or [NOBODY]
    who = row["patient"]
    sex = who["gender"].lower()
    slices = {"sex": sex if sex in ("male", "female") else "unknown", "age": age_group(who["age"])}
    if "gpt_specialty" in who:
        slices["specialty"] = who["gpt_specialty"]
    return CaseSample(
        id=f"{row['id']}",
        question=row["question"].strip(),
        options=lettered(row["options"][label].strip() for label in "ABCD"),
        target=(row["answer_idx"],),
        opening=told[0],
        facts=tuple([NUMBER.sub("", fact).strip() for fact in row["facts"]]) or (NOBODY,),
        slices=slices,
    )


def age_group(age: str) -> str:
    """Tell children, adults and the old apart; ages below a year are given in months, weeks, days or words."""
    if age in NO_AGE:
        return "unknown"
    if age == "elderly":
        return "65 and over"
    years = YEARS.fullmatch(age)
    if years is None or int(years[1]) < 18:
        return "under 18"
    return "18 to 64" if int(years[1]) < 65 else "65 and over"


def form(file: str, sha256: str) -> Form:
    """Read one of the files, both of one shape."""
    return Form(name="original", files=(Url(url=f"{REPO}/{file}", name=file, sha256=sha256),), to_sample=to_sample)


CRAFT = Task(
    title="iCRAFT-MD (MediQ)",
    measures="Asking: the diagnosis of a skin disease, found by questions to a patient.",
    kind="consultation",
    capabilities=("consultation", "diagnosis"),
    paper="arXiv:2406.00922",
    licence="CC BY 4.0",
    version=1,
    chance=1 / 4,
    rows=140,
    folder="mediq",
    forms=(form("all_craft_md.jsonl", "658441e6c6692c84d78fdf1c5ddb406ee6705f4a43330f0f759a1b941d8bfcdc"),),
    wordings={"written": prompts.write_a_letter, "reasoned": prompts.reason_to_a_letter},
    manners={"base": Manner(style="written", decoding=Decoding(max_tokens=256))},
    metrics=(metrics.accuracy,),
    also=(*metrics.CONSULTED, *metrics.INQUIRY, *metrics.FIDELITY, *metrics.exam("ABCD")),
    judged=judged_by(DISC),
    tables=(*metrics.CONSULTED_TABLES, *metrics.INQUIRY_TABLES, *metrics.exam_tables("ABCD")),
    budget=10,
    slices=("sex", "age", "specialty"),
    traps=(
        "MediQ lets 30 questions be asked; here it is 10, and the doctor is told so.",
        "Who the patient is changes every number: by default a rule picks facts, where MediQ lets a model do it.",
        "The doctor knows the question and its options from the beginning, as in MediQ.",
        "Cases 112 and 129 call the answer by another name than the option their letter names; the letter counts.",
        "The golds are not uniform: always answering D gives 30.00 %.",
    ),
)

IMEDQA = replace(
    CRAFT,
    title="iMedQA (MediQ)",
    measures="Asking: the answers to questions of the US licensing exam, whose vignettes are found out by asking.",
    capabilities=("consultation", "reasoning"),
    rows=1272,
    forms=(form("all_dev_good.jsonl", "3bfc7090d060dd8d11e4237344ed78846707faab433a84d078191627ad3c9526"),),
    traps=(
        *CRAFT.traps[:3],
        "They are questions of MedQA's dev split, which models may know by heart.",
        "Three questions are about no patient: there is nothing to be found out by asking.",
        "One case opens with a bare heading, and its facts are a list under headings.",
        "The golds are not uniform: always answering C gives 27.67 %.",
    ),
)

TASKS = {"": CRAFT, "imedqa": IMEDQA}
