"""MMLU, the six medical subjects: four options, one right letter; five solved examples a subject.

A row, without a header: "The foramen ovale ...",Between the atria.,Between the ventricles.,...,A
"""

from medeval import ChoiceSample, Form, Hub, Local, Row, Task, lettered, metrics, prompts

COLUMNS = ("question", "A", "B", "C", "D", "answer")
REVISION = "c30699e8356da336a370243923dbaf21066bb9fe"
# By subject: rows, and the hash of the test file and of the examples.
SUBJECTS = {
    "anatomy": (
        135,
        "966dfd5c4579885ebdb8c05d6754ae5834f672632586d8595be3c0f9360e6f4e",
        "0985685cf5ab13ccc1629f03a1308a9add8767582ffeb195b68b18c3415c9993",
    ),
    "clinical_knowledge": (
        265,
        "06a1ea973000d5ef5d2664c4ac1c68d0423f1cab6b3b682be7942633740811f1",
        "13c88c266cf2a8aa20a062e9b901ee372431e75669fa3c80865613fa2b7f61af",
    ),
    "college_biology": (
        144,
        "e1204cb9d19887ea266145f038b5d4cc1fbc33d7efce186259c4ecca1cbe3119",
        "31f4ae0707ba3f742e0d5546ff970949be8a05e217921fe87b1814d6a0ab8184",
    ),
    "college_medicine": (
        173,
        "9c533cfff89edaa317b2e79bbabcdd5e2e522e019679cb4a6475e5f2a1861b1e",
        "63928a944fda769d7e52a3a4549d4f37f094896e65e7db35029261e1ae79909b",
    ),
    "medical_genetics": (
        100,
        "cc30c698e94f12c00e610a39c62d1a1d9587fa53c005359317346081f722c5e6",
        "70cd9ff940bef360693eeb4e05b5b8e53ad75a81d6b74a784222d4cae6dcb896",
    ),
    "professional_medicine": (
        272,
        "a034bf0dda10cb0848bdd3097eb1547d61ca2dac9e9b871563691621c38d51e9",
        "486456d578890d4700dd8044ac236c8ac2ee3389e35fc81ac37529f4f4487785",
    ),
}


def to_sample(row: Row) -> ChoiceSample:
    """Read a row of the original CSV."""
    return ChoiceSample(
        id=row["_id"], question=row["question"].strip(), options=lettered(row[label] for label in "ABCD"),
        target=(row["answer"],),
    )  # fmt: skip


def from_hub(row: Row) -> ChoiceSample:
    """Read a row of the hub's files, where the answer is a number from 0."""
    return ChoiceSample(
        id=row["_id"],
        question=row["question"].strip(),
        options=lettered(row["choices"]),
        target=("ABCD"[row["answer"]],),
    )


def subject(name: str, rows: int, test: str, dev: str) -> Task:
    """Declare one subject."""
    said = name.replace("_", " ")
    return Task(
        title=f"MMLU {said}",
        measures=f"Knowledge of {said}, as in the exams of its students.",
        capabilities=("knowledge",),
        paper="arXiv:2009.03300",
        licence="MIT",
        obtain="The original form is the archive that github.com/hendrycks/test links to; the hub's is fetched.",
        version=1,
        chance=1 / 4,
        rows=rows,
        folder="mmlu",
        forms=(
            Form(
                name="original",
                files=(Local(path=f"test/{name}_test.csv", sha256=test, columns=COLUMNS),),
                to_sample=to_sample,
                exemplars=(Local(path=f"dev/{name}_dev.csv", sha256=dev, columns=COLUMNS),),
            ),
            Form(
                name="hub",
                files=(Hub(repo="cais/mmlu", path=f"{name}/test-00000-of-00001.parquet", revision=REVISION),),
                to_sample=from_hub,
                exemplars=(Hub(repo="cais/mmlu", path=f"{name}/dev-00000-of-00001.parquet", revision=REVISION),),
            ),
        ),
        wordings=prompts.with_letters(prompts.stem_options),
        preamble=f"The following are multiple choice questions (with answers) about {said}.\n\n",
        protocols=("lm-eval",),
        metrics=(metrics.accuracy,),
        also=metrics.exam("ABCD"),
        tables=metrics.exam_tables("ABCD"),
        traps=(
            "The golds are not uniform: in professional medicine always answering D gives 44.9 %.",
            "78 questions of clinical knowledge stand in college medicine as well: pooled, they count twice.",
            "Papers call six, eight, nine or eleven subjects medical; the group here has six, as MultiMedQA.",
        ),
    )


TASKS = {name: subject(name, *facts) for name, facts in SUBJECTS.items()}
