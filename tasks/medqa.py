"""MedQA: questions in the style of the US medical licensing exam, four options, one right letter.

A row: {"question": "A 23-year-old pregnant ...", "options": {"A": "Ampicillin", ...}, "answer_idx": "D",
"meta_info": "step2&3"}
"""

from medeval import ChoiceSample, Form, Hub, Row, Task, lettered, metrics, prompts

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


def to_sample_hf(row: Row) -> ChoiceSample:
    """Read a row of the copy that lm-eval uses; it has lost the exam step."""
    texts = [row[f"ending{number}"].removesuffix('\n"').strip() for number in range(4)]
    return ChoiceSample(
        id=row["_id"], question=row["sent1"].strip(), options=lettered(texts), target=("ABCD"[row["label"]],)
    )


TASK = Task(
    title="MedQA (USMLE, 4 options)",
    measures="Clinical knowledge and reasoning on licensing-exam vignettes: step 1 (basic science), steps 2 and 3.",
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
                    sha256="c3b905ccfa66152dc25afbcb2c10e86c0bdb208824f0658fcdb2c040f60a2beb",
                ),
            ),
            to_sample=to_sample,
            exemplars=(Hub(repo=REPO, path="phrases_no_exclude_train.jsonl"),),
        ),
        Form(name="hf", files=(Hub(repo=f"{REPO}-hf", path="test.json"),), to_sample=to_sample_hf),
    ),
    wordings={"letters": prompts.question_options, "written": prompts.write_a_letter},
    metrics=(metrics.accuracy,),
    slices=("step",),
    traps=(
        "The golds are not uniform: always answering A gives 27.73 %.",
        "The five-option original is another benchmark; its numbers are lower.",
        "About thirty options end in a stray quote; cleaned here as in HELM, so those prompts differ from lm-eval's.",
    ),
)
