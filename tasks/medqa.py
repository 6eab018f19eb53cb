"""MedQA: questions of the US medical licensing exam with four options, with the original five, and of the Chinese exam.

A row: {"question": "A 23-year-old pregnant ...", "options": {"A": "Ampicillin", ...}, "answer_idx": "D",
"meta_info": "step2&3"}
"""

from collections.abc import Callable

from msgspec.structs import replace

from medeval import IN_WRITING, ChoiceSample, Form, Hub, Language, Local, Row, Task, lettered, metrics, prompts

REPO = "GBaker/MedQA-USMLE-4-options"


def to_sample(row: Row) -> ChoiceSample:
    """Read a row as published."""
    # Some thirty last options end in a line end and a stray quote; whole quotations keep theirs.
    texts = [row["options"][label].removesuffix('\n"').strip() for label in "ABCD"]
    return ChoiceSample(
        id=row["_id"],
        question=row["question"].strip(),
        options=lettered(texts),
        target=(row["answer_idx"],),
        slices={"step": row["meta_info"]},
    )


def raw(row: Row) -> ChoiceSample:
    """Read a row letter for letter, stray quotes and all, as lm-eval shows it."""
    return replace(
        to_sample(row), question=row["question"], options=lettered(row["options"][label] for label in "ABCD")
    )


def to_sample_hf(row: Row) -> ChoiceSample:
    """Read a row of the copy that lm-eval uses; it has lost the exam step."""
    texts = [row[f"ending{number}"].removesuffix('\n"').strip() for number in range(4)]
    return ChoiceSample(
        id=row["_id"], question=row["sent1"].strip(), options=lettered(texts), target=("ABCD"[row["label"]],)
    )


def raw_hf(row: Row) -> ChoiceSample:
    """Read the same letter for letter."""
    return replace(
        to_sample_hf(row), question=row["sent1"], options=lettered(row[f"ending{number}"] for number in range(4))
    )


def five(language: Language) -> Callable[[Row], ChoiceSample]:
    """Read rows with the five options of the exam."""

    def read(row: Row) -> ChoiceSample:
        return ChoiceSample(
            id=row["_id"],
            language=language,
            question=row["question"].strip(),
            options=lettered(row["options"][label].strip() for label in "ABCDE"),
            target=(row["answer_idx"],),
            slices={"step" if language == "en" else "chapter": row["meta_info"]},
        )

    return read


FOUR = Task(
    title="MedQA (USMLE, 4 options)",
    measures="Clinical knowledge and reasoning on licensing-exam vignettes: step 1 (basic science), steps 2 and 3.",
    capabilities=("knowledge", "reasoning"),
    paper="arXiv:2009.13081",
    licence="MIT",
    version=1,
    chance=1 / 4,
    rows=1273,
    folder="medqa",
    forms=(
        Form(
            name="original",
            files=(
                Hub(
                    repo=REPO,
                    path="phrases_no_exclude_test.jsonl",
                    revision="0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18",
                    sha256="c3b905ccfa66152dc25afbcb2c10e86c0bdb208824f0658fcdb2c040f60a2beb",
                ),
            ),
            to_sample=to_sample,
            exact=raw,
            exemplars=(
                Hub(
                    repo=REPO,
                    path="phrases_no_exclude_train.jsonl",
                    revision="0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18",
                    sha256="3a65baf760f17c395058d6699315a7ce8aa767c50cb193fea87ceb94dd790324",
                ),
            ),
            drawn=True,
        ),
        Form(
            name="hf",
            files=(Hub(repo=f"{REPO}-hf", path="test.json", revision="17af9355ef89fba60de966eabaeba797c695f86e"),),
            to_sample=to_sample_hf,
            exact=raw_hf,
            exemplars=(Hub(repo=f"{REPO}-hf", path="train.json", revision="17af9355ef89fba60de966eabaeba797c695f86e"),),
            drawn=True,
        ),
    ),
    wordings=prompts.with_letters(prompts.question_options),
    protocols=("lm-eval",),
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCD"),
    tables=metrics.exam_tables("ABCD"),
    slices=("step",),
    traps=(
        "The golds are not uniform: always answering A gives 27.73 %.",
        "The five-option original is another benchmark; its numbers are lower.",
        "About thirty options end in a stray quote; cleaned here as in HELM; --protocol lm-eval shows them.",
    ),
)

# These two come in the authors' archive, whose files nobody has pinned here: the hashes of others are not known.
FIVE = replace(
    FOUR,
    title="MedQA (USMLE, 5 options)",
    obtain="From the archive that github.com/jind11/MedQA links to, save the folder US of its questions as medqa/US.",
    chance=1 / 5,
    forms=(
        Form(
            name="original",
            files=(Local(path="US/test.jsonl"),),
            to_sample=five("en"),
            exemplars=(Local(path="US/train.jsonl"),),
            drawn=True,
        ),
    ),
    protocols=(),
    also=metrics.exam("ABCDE"),
    tables=metrics.exam_tables("ABCDE"),
    traps=("Another benchmark than the four options of most papers: the numbers are lower.",),
)

MAINLAND = replace(
    FIVE,
    title="MedQA (Mainland China, 5 options)",
    measures="Clinical knowledge in Chinese, on questions of the licensing exam of mainland China.",
    obtain="From the archive that github.com/jind11/MedQA links to, save the folder Mainland of its questions as "
    "medqa/Mainland.",
    language="zh",
    rows=3426,
    forms=(
        Form(
            name="original",
            files=(Local(path="Mainland/test.jsonl"),),
            to_sample=five("zh"),
            exemplars=(Local(path="Mainland/train.jsonl"),),
            drawn=True,
        ),
    ),
    wordings=prompts.with_letters_zh(),
    # As CMB-Exam, so that both make a mean: letters after a full-width colon merge with it in many vocabularies.
    manners=IN_WRITING,
    slices=("chapter",),
    traps=("A four-option release exists, whose numbers are higher.",),
)

TASKS = {"": FOUR, "5options": FIVE, "mainland": MAINLAND}
