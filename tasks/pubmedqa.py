"""PubMedQA (PQA-L): can the question be answered yes, no or maybe from an abstract without its conclusion?

A row: {"QUESTION": "Do mitochondria ...?", "CONTEXTS": ["...", "..."], "LABELS": ["BACKGROUND", "RESULTS"],
"final_decision": "yes", "LONG_ANSWER": "..."}; the long answer states the conclusion and is never shown.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from medeval import ChoiceSample, Form, Row, Task, Url, metrics, prompts, words

REPO = "https://raw.githubusercontent.com/pubmedqa/pubmedqa/1cbae8e92f72f20c8d3747cbb3bf5bc53554d997/data"
LABELS = ("yes", "no", "maybe")


def tested(labelled: Sequence[Row], truth: Sequence[Row]) -> Iterator[Row]:
    """Keep the rows whose ids stand in the official ground truth, and insist that both files agree."""
    golds = {row["_id"]: row["value"] for row in truth}
    for row in labelled:
        if row["_id"] in golds:
            yield {**row, "gold": golds[row["_id"]]}


def untested(labelled: Sequence[Row], truth: Sequence[Row]) -> Iterator[Row]:
    """Keep the other rows: they may be shown as solved examples."""
    asked = {row["_id"] for row in truth}
    yield from ({**row, "gold": row["final_decision"]} for row in labelled if row["_id"] not in asked)


def to_sample(row: Row) -> ChoiceSample:
    """Read a row with its abstract."""
    if row.get("gold", row["final_decision"]) != row["final_decision"]:
        raise ValueError(f"the ground truth says {row['gold']!r}, the row {row['final_decision']!r}")
    return ChoiceSample(
        id=row["_id"],
        question=row["QUESTION"],
        context="\n".join(row["CONTEXTS"]),
        options=words(*LABELS),
        target=(row["final_decision"],),
    )


def closed(row: Row) -> ChoiceSample:
    """Read a row without its abstract."""
    return replace(to_sample(row), context="")


FILES = (
    Url(url=f"{REPO}/ori_pqal.json", sha256="8b3276be8942ebbd77f3ddcda12c1749bf0e490045a736fd8438ee40cf37a41d"),
    Url(
        url=f"{REPO}/test_ground_truth.json", sha256="939fe566f09017d13b1ca64d2ddfee0bc2374b366048152997669cccedc44d51"
    ),
)
ORIGINAL = Form(
    name="original", files=FILES, join=tested, to_sample=to_sample, exemplars=FILES, join_exemplars=untested, drawn=True
)

OPEN_BOOK = Task(
    title="PubMedQA (PQA-L, 500 test questions)",
    measures="Reading: whether a research question is answered by the abstract of its study.",
    capabilities=("evidence", "reasoning"),
    paper="arXiv:1909.06146",
    licence="MIT",
    version=1,
    chance=1 / 3,
    rows=500,
    folder="pubmedqa",
    forms=(ORIGINAL,),
    wordings=prompts.with_words(prompts.abstract_question),
    protocols=("lm-eval",),
    metrics=(metrics.accuracy, metrics.macro_f1(*LABELS)),
    also=metrics.exam(LABELS),
    tables=metrics.exam_tables(LABELS),
    traps=(
        "The test set is the 500 ids of test_ground_truth.json, not the last 500 rows, and not all 1,000.",
        "Always answering yes gives 55.2 % accuracy and 23.7 % macro-F1: look at both.",
        "LONG_ANSWER states the conclusion and must not be shown.",
    ),
)

TASKS = {
    "": OPEN_BOOK,
    "closed": replace(
        OPEN_BOOK,
        title="PubMedQA without the abstract",
        measures="Memory: the same questions with no abstract to read. MIRAGE calls it PubMedQA*.",
        capabilities=("knowledge",),
        forms=(replace(ORIGINAL, to_sample=closed),),
        protocols=(),
        traps=("Another task than PubMedQA: GPT-4 falls from about 75 % to about 40 %.",),
    ),
}
