"""HEAD-QA (English): exams for specialised posts in Spain's health service, six professions, one right option.

A question in {"exams": {"Cuaderno_2016_1_B": {"name": "Cuaderno_2016_1_B", "data": [...], "category": "biology",
"year": "2016"}}}: {"qid": "1", "qtext": "Form extracellular fibers ...:", "ra": "2", "answers": [{"aid": 1,
"atext": "Fibronectin"}, ...], "image": ""}
"""

from collections.abc import Iterator, Sequence

from medeval import ChoiceSample, Form, Local, Metric, Row, Task, Url, Walk, lettered, metrics, prompts

# The hub's own conversion: its branch can be named, and no commit of it is known here.
CONVERTED = "https://huggingface.co/datasets/dvilares/head_qa/resolve/refs%2Fconvert%2Fparquet/en"
RIGHT, WRONG = 3, -1
"""What the exam gives and takes; an answer left out is worth nothing."""


def of_exams(rows: Sequence[Row]) -> Iterator[Row]:
    """Take the questions without an image out of the makers' file, exam by exam."""
    (exams,) = [row for row in rows if row["_id"] == "exams"]
    for name, exam in exams.items():
        if name != "_id":
            yield from texts(
                {**row, **{part: exam[part] for part in ("name", "category", "year")}} for row in exam["data"]
            )


def texts(rows: Iterator[Row] | Sequence[Row]) -> Iterator[Row]:
    """Leave out questions with an image: its path in the makers' file, its bytes in the hub's."""
    for row in rows:
        image = row["image"]
        if not (any(image.values()) if isinstance(image, dict) else image):
            yield row


def to_sample(row: Row) -> ChoiceSample:
    """Read a question, of which `ra` is the number of the right answer, counted from 1."""
    answers = {int(answer["aid"]): answer["atext"].strip() for answer in row["answers"]}
    options = lettered(answers.values())
    return ChoiceSample(
        id=f"{row['name'].strip()}-{int(row['qid'])}",
        question=row["qtext"].strip(),
        options=options,
        target=(options[list(answers).index(int(row["ra"]))].label,),
        slices={part: row[part].strip() for part in ("category", "year")},
    )


def points(sample: ChoiceSample, walk: Walk) -> float:
    """Count as the exam does, as a share of what could be won."""
    picked = walk.answer.picked
    won = RIGHT if picked == sample.target else WRONG if picked else 0
    return won / RIGHT


POINTS = Metric(
    name="exam_points",
    about="Points of the exam, as a share of all: 3 for a right answer, -1 for a wrong one, 0 for none.",
    version=1,
    mark=points,
    signed=True,
)

TASK = Task(
    title="HEAD-QA (English, without images)",
    measures="Knowledge of six health professions, as Spain's exams for specialised posts ask for it.",
    capabilities=("knowledge", "reasoning"),
    paper="arXiv:1906.04701",
    licence="MIT",
    obtain="From head-qa-es-en-pdfs.zip among the files of hub:dvilares/head_qa, save the folder HEAD_EN as "
    "headqa/HEAD_EN. The other form is fetched.",
    version=1,
    chance=1 / 4,
    rows=2675,
    folder="headqa",
    forms=(
        Form(
            name="original",
            files=(Local(path="HEAD_EN/test_HEAD_EN.json"),),
            to_sample=to_sample,
            join=of_exams,
            exemplars=(Local(path="HEAD_EN/dev_HEAD_EN.json"),),
            join_exemplars=of_exams,
            drawn=True,
        ),
        Form(
            name="hub",
            files=(Url(url=f"{CONVERTED}/test/0000.parquet", name="en/test.parquet"),),
            to_sample=to_sample,
            join=texts,
            exemplars=(Url(url=f"{CONVERTED}/validation/0000.parquet", name="en/validation.parquet"),),
            join_exemplars=texts,
            drawn=True,
        ),
    ),
    wordings=prompts.with_letters(prompts.question_options),
    metrics=(metrics.accuracy, POINTS),
    also=metrics.exam("ABCD"),
    tables=metrics.exam_tables("ABCD"),
    slices=("category", "year"),
    traps=(
        "67 of the 2,742 test questions are linked to an image: left out here as in HELM, asked blindly by lm-eval.",
        "lm-eval shows no options and scores the text of each; --style options is near to that, on these questions.",
        "The exam takes a point for a wrong answer: a guess is worth nothing there, and to leave out is no mistake.",
        "Exams of 2013 and 2014, the training split, have five options: solved examples are of 2015, which have four.",
        "The English was made by a machine in 2019: 'Temporary' stands for the temporal lobe, 'lazy' for the vagus.",
        "Some keys of the medicine exam of 2017 are wrong: necrosis of an infarct is keyed as caseous (question 38).",
        "`ra` counts from 1; numbers of annulled questions are missing; nursing is called 'nursery'.",
        "The ministry wants to be named as the source, with the date of its last update: January 14th, 2019.",
        "HEAD-QA v2 is another, larger set.",
    ),
)
