"""An exam of one's own as a task: its declaration and its sheet, read and checked together."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from medeval import metrics
from medeval.errors import DataError, TaskError
from medeval.exams.declared import Exam, declared
from medeval.exams.questions import Question, Sought
from medeval.exams.wordings import unshown, wordings_of
from medeval.gradings import MET, SURVEY, Grading
from medeval.metrics import Metric
from medeval.prompts import Wording
from medeval.records import ChoiceSample, Decoding, Kind, Language, Manner, OpenSample, Row
from medeval.sources import Form, Local, Rows, Supply
from medeval.task import Judged, Task, in_texts, judged_by

LICENCE = "own"
FAULTS_SHOWN = 200
"""All at once; a sheet with more has one fault in every row."""
SHOTS = 5
"""Solved examples that a base model is shown where it writes, if there are so many."""
LENGTH = Decoding(max_tokens=1024)
RUBRIC = Grading(
    name="rubric",
    version=1,
    about="Whether an answer meets each criterion that its owner wrote for it.",
    prose="criterion",
    grades=MET,
    empty="no",
)


def opened(file: Path) -> tuple[str, Task]:
    """The name of an exam, and the task that it is; all that is wrong with it is told at once."""
    exam = declared(file)
    name, faults = _name(exam, file), list[str]()
    known: dict[Path, Sought] = {}
    for path in [file.parent / sheet for sheet in (exam.file, exam.examples) if sheet]:
        try:
            # Examples are read as the exam is: which number is the first, and whether several may be right.
            known[path] = Sought(exam, path, file.parent, like=next(iter(known.values()), None))
        except DataError as error:
            faults += error.faults
        else:
            faults += known[path].faults
    first = known.get(file.parent / exam.file)
    questions = first.questions if first else ()
    try:
        wordings = wordings_of(exam, several=_several(questions))
    except TaskError as error:
        faults += [f"{file}: {fault}" for fault in error.faults]
    else:
        if exam.prompt and not faults:
            faults += [f"{file}: {fault}" for fault in unshown(wordings, questions)]
    if len(faults) > FAULTS_SHOWN:
        faults[FAULTS_SHOWN:] = [f"{file}: {len(faults) - FAULTS_SHOWN} faults more."]
    if faults:
        raise DataError(*faults)
    return name, _task(exam, file, known, wordings)


def asked(file: Path, count: int) -> tuple[str, ...]:
    """The first questions of an exam, as a chat model is asked them."""
    name, task = opened(file)
    samples, _ = task.load(name, Supply.only(file.parent))
    wording = task.wording("reasoned", chat=True) or task.wordings["written"]
    return tuple([wording(sample) for sample in samples[:count]])


def _name(exam: Exam, file: Path) -> str:
    name = exam.name or re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")
    if not name:
        raise TaskError(f"{file}: no name can be made of {file.stem!r}. Add a line such as name = 'pharmacy_2026'.")
    return name


def _several(questions: tuple[Question, ...]) -> bool:
    return any(isinstance(each, ChoiceSample) and each.several for each in questions)


def _task(exam: Exam, file: Path, known: Mapping[Path, Sought], wordings: dict[str, Wording]) -> Task:
    questions = known[file.parent / exam.file].questions
    shots = min(SHOTS, len(known[file.parent / exam.examples].questions)) if exam.examples else 0
    choice = exam.kind == "choice"
    several = _several(questions)
    return Task(
        title=exam.title or file.stem,
        measures=exam.measures or "What its owner set it for.",
        kind="choice" if choice else "open",
        paper="none",
        licence=LICENCE,
        language=_language(questions),
        version=1,
        chance=_chance(questions),
        rows=len(questions),
        folder="",
        forms=(_form(exam, file.parent, known),),
        wordings=wordings,
        manners=_manners(exam, shots, several=several),
        metrics=_metrics(exam, questions, several=several),
        also=_beside(exam, questions),
        tables=metrics.exam_tables(_labels(questions)) if choice else (),
        judged=_judged(exam),
        slices=exam.slices,
        cluster="a case" if any(each.cluster for each in questions) else "",
        traps=("An exam of its owner's: nobody else can repeat its numbers.",),
    )  # fmt: skip


def _form(exam: Exam, folder: Path, known: Mapping[Path, Sought]) -> Form:
    return Form(
        name="own",
        files=(Local(path=exam.file),),
        read=partial(_rows, exam, folder, known),
        to_sample=_sample,
        exemplars=(Local(path=exam.examples),) if exam.examples else (),
    )


def _rows(exam: Exam, folder: Path, known: Mapping[Path, Sought], path: Path) -> Rows:
    """The questions of a sheet, each in a row of its own; those of the exam were read when it was opened."""
    sought = known.get(path) or Sought(exam, path, folder, like=known[folder / exam.file])
    if sought.faults:
        raise DataError(*sought.faults[:FAULTS_SHOWN])
    return [{"_id": each.id, "question": each} for each in sought.questions]


def _sample(row: Row) -> Question:
    found: Question = row["question"]
    return found


def _language(questions: tuple[Question, ...]) -> Language:
    """The language of most of them."""
    zh = sum(each.language == "zh" for each in questions)
    return "zh" if 2 * zh > len(questions) else "en"


def _chance(questions: tuple[Question, ...]) -> float:
    """The expected accuracy of a guess: of a set of letters where several may be right."""
    guesses = [
        1 / (2 ** len(each.options) - 1 if each.several else len(each.options))
        for each in questions
        if isinstance(each, ChoiceSample)
    ]
    return sum(guesses) / len(guesses) if guesses else 0.0


def _labels(questions: tuple[Question, ...]) -> tuple[str, ...]:
    return tuple(sorted({label for each in questions if isinstance(each, ChoiceSample) for label in each.labels}))


def _manners(exam: Exam, shots: int, *, several: bool) -> dict[Kind, Manner]:
    if exam.kind != "choice":
        return dict(in_texts(LENGTH, shots=0))
    # Of several right letters no single probability tells.
    written = Manner(style="written", shots=shots, decoding=Decoding(max_tokens=32, stop=("\n",)))
    return {"base": written} if several else {}


def _metrics(exam: Exam, questions: tuple[Question, ...], *, several: bool) -> tuple[Metric, ...]:
    if exam.kind == "choice":
        return (metrics.accuracy, *([metrics.partial_credit] if several else []))
    if all(each.references for each in questions if isinstance(each, OpenSample)):
        return metrics.ROUGE
    return tuple([metric for metric in metrics.TEXT if metric.name == "length"])


def _beside(exam: Exam, questions: tuple[Question, ...]) -> tuple[Metric, ...]:
    if exam.kind == "choice":
        return metrics.exam(_labels(questions))
    if all(each.references for each in questions if isinstance(each, OpenSample)):
        return metrics.texts()
    return tuple([metric for metric in metrics.texts() if metric.name in ("truncation_rate", "tokens_written")])


def _judged(exam: Exam) -> tuple[Judged, ...]:
    if exam.kind == "rubric":
        return (Judged(grading=RUBRIC, metrics=metrics.rubric(), also=metrics.rubric_beside()),)
    return judged_by(SURVEY) if exam.kind == "open" else ()
