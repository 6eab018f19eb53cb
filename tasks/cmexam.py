r"""CMExam: Chinese medical licensing exams, five options in one text; one right letter, or several.

A row: Question,Options,Answer,Explanation,Disease Group,Area of Competency,Clinical Department,Medical Discipline,
Difficulty level, where Options is "A 升高\nB 降低\n..." and Answer is "A" or "ABD".
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from msgspec.structs import replace

from medeval import IN_WRITING, ChoiceSample, Form, Hub, Option, Row, Task, Url, Walk, metrics, prompts

FILES = "https://raw.githubusercontent.com/williamliujl/CMExam/fadb22c89beb1b7115dc36460ba792eb96b7b972/data"
HUB, REVISION = "fzkuji/CMExam", "a4aaeb2d9bc021bb358f45803776f5fe6a06ebe9"
ANNOTATIONS = {
    "disease_group": "Disease Group", "department": "Clinical Department", "discipline": "Medical Discipline",
    "competency": "Area of Competency", "difficulty": "Difficulty level",
}  # fmt: skip
NONE_FITS = "不符合"
"""How the makers call it where no group fits; empty cells are read as the same."""
MARKED = re.compile(r"^\s*([A-E])[\s.．、:：)]+", re.MULTILINE)
SETS = tuple(["".join(each) for size in range(1, 6) for each in combinations("ABCDE", size)])
PLACES = {each: float(place) for place, each in enumerate(SETS)}


def options_in(text: str) -> dict[str, str]:
    """Take the options out of the text that holds them all; a letter that does not come next begins none."""
    marks: list[re.Match[str]] = []
    for mark in MARKED.finditer(text):
        if not marks or mark[1] > marks[-1][1]:
            marks.append(mark)
    ends = [*[mark.start() for mark in marks[1:]], len(text)]
    return {mark[1]: " ".join(text[mark.end() : end].split()) for mark, end in zip(marks, ends, strict=False)}


def to_sample(row: Row) -> ChoiceSample:
    """Read a row of the makers' CSV."""
    return sample(row, options_in(row["Options"]))


def from_hub(row: Row) -> ChoiceSample:
    """Read a row of the hub's copy, which has its options one by one, and has lost the annotations."""
    return sample(row, {option["key"]: option["value"].strip() for option in row["Options"]})


def sample(row: Row, options: dict[str, str]) -> ChoiceSample:
    """Take what both forms share; labels stay as they are, although two questions lack one in the middle."""
    target = tuple(row["Answer"].strip())
    # A right letter whose text is missing can still be named, so that no question is lost.
    labels = sorted({*options, *target})
    return ChoiceSample(
        id=row["_id"],
        language="zh",
        question=row["Question"].strip(),
        options=tuple([Option(label=label, text=options.get(label, "")) for label in labels]),
        target=target,
        several=len(target) > 1,
        slices={part: str(row[said] or "").strip() or NONE_FITS for part, said in ANNOTATIONS.items() if said in row},
        explanation=(row["Explanation"] or "").strip(),
    )


def explained(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave out examples without an explanation or an answer; one question in seven has no explanation."""
    return (row for row in rows if (row["Explanation"] or "").strip() and (row["Answer"] or "").strip())


def as_sets(each: ChoiceSample, walk: Walk) -> tuple[float, float]:
    """Mark by the places of the right set of letters and of the picked one, whatever their order."""
    return PLACES["".join(sorted(each.target))], PLACES.get("".join(sorted(walk.answer.picked)), -1.0)


F1_OF_SETS = replace(
    next(metric for metric in metrics.of_labels(*SETS) if metric.name == "weighted_f1"),
    name="weighted_f1_of_sets",
    about="The makers' F1: every set of letters is a class, and counts as often as it is right.",
    mark=as_sets,
)

TASK = Task(
    title="CMExam (test)",
    measures="Medical knowledge in Chinese, on questions of the licensing exams of physicians and pharmacists.",
    capabilities=("knowledge", "diagnosis"),
    paper="arXiv:2306.03030",
    licence="Apache-2.0; for research only",
    language="zh",
    version=1,
    chance=0.194,
    rows=6811,
    folder="cmexam",
    forms=(
        Form(
            name="original",
            files=(
                Url(
                    url=f"{FILES}/test_with_annotations.csv",
                    sha256="e998f69b3f8108bf08bcb8cc9a2a6ed276afeabde6ba3caa3015789b1f6fd407",
                ),
            ),
            to_sample=to_sample,
            exemplars=(
                Url(
                    url=f"{FILES}/val.csv", sha256="58cc9776b2f17fdc3a235ceec9ae153ee3f617703293dda661c6decbffb1f190"
                ),
            ),
            join_exemplars=explained,
            drawn=True,
        ),
        Form(
            name="hub",
            files=(Hub(repo=HUB, path="test.json", revision=REVISION),),
            to_sample=from_hub,
            exemplars=(Hub(repo=HUB, path="valid.json", revision=REVISION),),
            join_exemplars=explained,
            drawn=True,
        ),
    ),
    # No letters: of several that are right, the likeliest is one.
    wordings={
        "written": prompts.write_a_letter_zh, "written:plain": prompts.question_options_zh,
        "reasoned": prompts.reason_to_a_letter_zh,
    },
    manners=IN_WRITING,
    metrics=(metrics.accuracy, F1_OF_SETS, metrics.partial_credit),
    also=metrics.exam("ABCDE"),
    tables=metrics.exam_tables("ABCDE"),
    slices=tuple(ANNOTATIONS),
    traps=(
        "About 3 % want several letters, all of them and no other; no column says which, so the question does not.",
        "The makers' GPT numbers leave out every question whose reply could not be read; here those are wrong.",
        "Their GPT prompt packs five questions into one; one question a prompt is another task, as here.",
        "Their other reader takes any capital in the first line for an answer, and options up to their first blank.",
        "Two test questions lack an option in the middle: numbering the lines anew would make D the answer of C.",
        "Annotations are of questions, not of patients: for 1,846 questions no department fits.",
        "Only the test file has annotations; difficulty goes from 1, the easiest, to 5.",
        "The file is under Apache-2.0, and its README forbids anything but research.",
    ),
)  # fmt: skip
