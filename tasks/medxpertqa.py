r"""MedXpertQA Text: board questions of 17 specialties with ten options, made harder and filtered by models.

A row: {"id": "Text-0", "question": "Which patient ...?\nAnswer Choices: (A) ... (J) ...", "options": {"A": "...", ...,
"J": "..."}, "label": "E", "medical_task": "Basic Science", "body_system": "Skeletal", "question_type": "Reasoning"}
"""

from medeval import ChoiceSample, Form, Hub, Local, Option, Row, Task, metrics, prompts

REPO, REVISION = "TsinghuaC3I/MedXpertQA", "7e7c465a68eb2b866926bfa59c8c9d17a8daba65"
PARTS = ("medical_task", "body_system", "question_type")
REPEATED = "Answer Choices:"
"""What stands in every question before its options are listed, on one line, a second time."""

DEV = Hub(
    repo=REPO,
    path="Text/dev.jsonl",
    revision=REVISION,
    sha256="1030a180a00ea2762ce9ac2a4fa4d5db4543b7e4aa25b0fdd2ec44149e2242fa",
)


def to_sample(row: Row) -> ChoiceSample:
    """Read a row of the hub's files, or of those that the makers' own code prepares of them."""
    options, label = row["options"], row["label"]
    if not isinstance(options, dict):
        options = {each["letter"]: each["content"] for each in options}
    return ChoiceSample(
        id=row["id"],
        question=row["question"].partition(REPEATED)[0].strip(),
        options=tuple([Option(label=letter, text=text.strip()) for letter, text in options.items()]),
        target=(label,) if isinstance(label, str) else tuple(label),
        slices={part: row[part] for part in PARTS},
    )


TASK = Task(
    title="MedXpertQA Text",
    measures="Expert reasoning on questions of specialty boards, written anew with ten options to choose from.",
    capabilities=("reasoning", "knowledge", "diagnosis"),
    paper="arXiv:2501.18362",
    licence="MIT; not to be shown",
    obtain="The form 'prepared' is what the makers' notebook prepare_medxpertqa.ipynb writes: save it as "
    "medxpertqa/medxpertqa_text_input.jsonl. The other form is fetched.",
    version=1,
    chance=1 / 10,
    rows=2450,
    folder="medxpertqa",
    forms=(
        Form(
            name="hub",
            files=(
                Hub(
                    repo=REPO,
                    path="Text/test.jsonl",
                    revision=REVISION,
                    sha256="07ea977f7e326909b51c883b65f6ad7f399fc6db07408ef3630f4e3048ec71b2",
                ),
            ),
            to_sample=to_sample,
            exemplars=(DEV,),
        ),
        Form(
            name="prepared",
            files=(Local(path="medxpertqa_text_input.jsonl"),),
            to_sample=to_sample,
            exemplars=(DEV,),
        ),
    ),
    wordings=prompts.with_letters(prompts.question_options),
    metrics=(metrics.accuracy,),
    also=metrics.exam("ABCDEFGHIJ"),
    tables=metrics.exam_tables("ABCDEFGHIJ"),
    slices=PARTS,
    traps=(
        "The field `question` lists the options a second time: shown as it is beside them, all stand twice.",
        "The makers ask twice: for a chain of thought, and for a letter after it. Here both are asked for at once.",
        "The makers' reader takes the first letter from A to J that stands alone: 'I think' is read as I.",
        "Text has 2,450 of the 4,460 questions; the others cannot be answered without their images.",
        "Questions that models found easy were taken out, so that models of that time look worse than later ones.",
        "Always answering E, or always G, gives 10.73 %: no letter tells anything.",
        "The five solved examples tell no reasons.",
    ),
)
