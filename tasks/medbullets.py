"""Medbullets: clinical questions in the style of USMLE steps 2 and 3, with five options and with four.

A row: "https://step2.medbullets.com/testview?qid=...","A 64-year-old man presents ...",Acetazolamide,...,A,
Acetazolamide,"This patient ... Incorrect Answers: Answer B: ..." under the header
link,question,opa,opb,opc,opd,ope,answer_idx,answer,explanation
"""

import re

from msgspec.structs import replace

from medeval import ChoiceSample, Form, Hub, Row, Task, Url, lettered, metrics, prompts

COMMIT = "d20bfca3cff061460fc216e85899a86e52da4934"
RAW = f"https://raw.githubusercontent.com/HanjieChen/ChallengeClinicalQA/{COMMIT}/medbullets"
FIGURE = re.compile(r"\bFigures? [A-Z]\b")
WRONG = "Incorrect Answers"
"""The heading below which explanations name options by letters: those of the five, in the file of four as well."""


def to_sample(row: Row) -> ChoiceSample:
    """Read a row of the makers' CSV."""
    texts = [row[name] for name in ("opa", "opb", "opc", "opd", "ope") if name in row]
    return sample(row, texts, row["answer_idx"])


def from_hub(row: Row) -> ChoiceSample:
    """Read a row of the hub's copy, where `answer` is the letter, and the fifth of four options is empty."""
    return sample(row, list(filter(None, row["options"].values())), row["answer"])


def sample(row: Row, texts: list[str], letter: str) -> ChoiceSample:
    """Take what both forms share."""
    question = row["question"].strip()
    return ChoiceSample(
        id=row["_id"],
        question=question,
        options=lettered(text.strip() for text in texts),
        target=(letter.strip(),),
        slices={"figure": "mentioned" if FIGURE.search(question) else "none"},
        explanation=row["explanation"].partition(WRONG)[0].strip(),
    )


def forms(options: int) -> tuple[Form, ...]:
    """Name the files with so many options."""
    # The hub's copy is not pinned: no commit of it is known here.
    copy = Hub(repo="mkieffer/Medbullets", path=f"data/op{options}_test-00000-of-00001.parquet")
    return (
        Form(name="original", files=(Url(url=f"{RAW}/medbullets_op{options}.csv"),), to_sample=to_sample),
        Form(name="hub", files=(copy,), to_sample=from_hub),
    )


FIVE = Task(
    title="Medbullets (5 options)",
    measures="Clinical reasoning on long vignettes of a question bank for USMLE steps 2 and 3.",
    capabilities=("reasoning", "diagnosis", "knowledge"),
    paper="arXiv:2402.18060",
    licence="none given",
    version=1,
    chance=1 / 5,
    rows=308,
    folder="medbullets",
    forms=forms(5),
    wordings=prompts.with_letters(prompts.question_options),
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCDE"),
    tables=metrics.exam_tables("ABCDE"),
    slices=("figure",),
    traps=(
        "HELM asks five options and others ask four: a number that does not say which is worth little.",
        "308 questions: an interval of 95 % reaches more than five points to either side.",
        "The golds are not uniform: always answering B gives 24.0 %, the longest option 22.4 %.",
        "Some questions point at a figure that nobody shows; the slice 'figure' has them apart.",
        "Explanations name wrong answers by letters, in the file of four by those of the five: that part is left out.",
        "There is no split for solved examples. Copies on the hub have 'train' splits, which are these questions.",
        "One hub copy puts both numbers of options together and splits them at random: a case stands on both sides.",
    ),
)

FOUR = replace(
    FIVE,
    title="Medbullets (4 options)",
    chance=1 / 4,
    forms=forms(4),
    also=metrics.exam("ABCD"),
    tables=metrics.exam_tables("ABCD"),
    traps=(
        "One wrong option was taken away, and the others were put in another order: letters differ from the five's.",
        "The golds are not uniform: always answering A gives 28.2 %, the longest option 27.3 %.",
        *FIVE.traps[3:],
    ),
)

TASKS = {"": FIVE, "4options": FOUR}
