"""MedMCQA: Indian postgraduate entrance exams, four options, one right letter; the validation split.

A row: {"question": "Which of the following ...", "opa": "...", ..., "opd": "...", "cop": 1,
"subject_name": "Physiology", "id": "45258d3d-...", "choice_type": "multi"}
"""

from msgspec.structs import replace

from medeval import ChoiceSample, Form, Hub, Local, Row, Task, lettered, metrics, prompts

REPO, REVISION = "openlifescienceai/medmcqa", "91c6572c454088bf71b679ad90aa8dffcd0d5868"


def from_one(row: Row) -> ChoiceSample:
    """Read a row of the original files, where `cop` counts from 1."""
    return sample(row, row["cop"] - 1)


def from_zero(row: Row) -> ChoiceSample:
    """Read a row of the hub's files, where `cop` counts from 0."""
    return sample(row, row["cop"])


def raw(row: Row) -> ChoiceSample:
    """Read a row of the original files letter for letter."""
    return replace(from_one(row), question=row["question"], options=lettered(row[f"op{letter}"] for letter in "abcd"))


def raw_hub(row: Row) -> ChoiceSample:
    """Read a row of the hub's files letter for letter."""
    return raw({**row, "cop": row["cop"] + 1})


def sample(row: Row, right: int) -> ChoiceSample:
    """Take what both forms share."""
    if right not in range(4):
        raise ValueError(f"cop is {row['cop']}; is the file in the other form, or without its answers?")
    return ChoiceSample(
        id=row["id"],
        question=row["question"].strip(),
        options=lettered(row[f"op{letter}"].strip() for letter in "abcd"),
        target=("ABCD"[right],),
        slices={"subject": row["subject_name"]},
    )


TASK = Task(
    title="MedMCQA (validation)",
    measures="Breadth of medical knowledge over 21 subjects of entrance exams; a third of the questions are dental.",
    capabilities=("knowledge",),
    paper="arXiv:2203.14371",
    licence="Apache-2.0",
    obtain="The original form is the archive that github.com/medmcqa/medmcqa links to; the hub's is fetched.",
    version=1,
    chance=1 / 4,
    rows=4183,
    folder="medmcqa",
    forms=(
        Form(
            name="original",
            files=(Local(path="dev.json", sha256="a2b5f53890f4e742b728378fb847bc5338088d48ea01218676379f587270af31"),),
            to_sample=from_one,
            exact=raw,
            exemplars=(Local(path="train.json"),),
            drawn=True,
        ),
        Form(
            name="hub",
            files=(
                Hub(
                    repo=REPO,
                    path="data/validation-00000-of-00001.parquet",
                    revision=REVISION,
                    sha256="b768a1ea34afc9f80d3106d9b21f80fa8a00ec450a1f6cd641af72ca9e591021",
                ),
            ),
            to_sample=from_zero,
            exact=raw_hub,
            exemplars=(Hub(repo=REPO, path="data/train-00000-of-00001.parquet", revision=REVISION),),
            drawn=True,
        ),
    ),
    wordings=prompts.with_letters(prompts.question_choices),
    protocols=("lm-eval",),
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCD"),
    tables=metrics.exam_tables("ABCD"),
    slices=("subject",),
    traps=(
        "`cop` counts from 1 in the original files and from 0 on the hub.",
        "`choice_type: multi` is no second right answer: every item has one.",
        "21 items have two options with the same text: an answer given as text names neither of them.",
        "The golds are not uniform: always answering A gives 32.23 %. The answers of the test split are hidden.",
    ),
)
