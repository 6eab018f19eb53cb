"""The questions of a sheet: every row a sample, and every fault with its row and column."""

from pathlib import Path

from medeval.exams.choices import Key, choices, key_of, parted
from medeval.exams.declared import Exam
from medeval.exams.opens import held, opens
from medeval.exams.rows import Rows
from medeval.records import ChoiceSample, OpenSample

Question = ChoiceSample | OpenSample


class Sought:
    """A sheet as an exam declares it, looked through once; its solved examples are read `like` the exam itself."""

    def __init__(self, exam: Exam, path: Path, folder: Path, like: "Sought | None" = None) -> None:
        self.key: Key | None = None
        self.questions: tuple[Question, ...] = ()
        rows = Rows(exam, path)
        self.faults = rows.faults
        if not rows.lines:
            return
        if exam.kind == "choice":
            found = parted(rows)
            self.key = like.key if like and like.key else key_of(rows, found)
            self.questions = tuple(choices(rows, found, self.key))
            self.faults = []
        else:
            by = held(rows, path, folder)
            self.questions = tuple(opens(rows, by))
            self.faults = [*by.faults]
        rows.doubled()
        self.faults += rows.faults
