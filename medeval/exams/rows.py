"""The rows of an exam's sheet: what every question has, and a list of what is wrong, each with its row and column."""

import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from medeval.exams.cells import is_text, text_of
from medeval.exams.declared import Exam
from medeval.records import Language
from medeval.sources import Cell, read_sheet

Cells = Mapping[str, Cell]
READ = ("question", "options", "answer", "references", "criteria")
"""What a model or a judge is shown, or held against."""
MADE_A_DATE = "holds a date. If Excel made it of something like 1-2 or 1:10, format the cell as text and type it again"
LANGUAGES: Mapping[str, Language] = {
    **dict.fromkeys(("en", "eng", "english", "英文", "英语"), "en"),
    **dict.fromkeys(("zh", "zh-cn", "cn", "chinese", "中文", "汉语", "汉文"), "zh"),
}  # fmt: skip


class Rows:
    """A sheet as an exam declares it; faults are gathered while it is read."""

    def __init__(self, exam: Exam, path: Path) -> None:
        self.exam = exam
        self.name = path.name
        self.sheet = read_sheet(path, exam.sheet, exam.header)
        self._faults: list[tuple[int, str]] = []
        self._amiss: set[tuple[int, str]] = set()
        self.lines: tuple[tuple[int, Cells], ...] = ()
        if missing := [each for each in exam.columns() if each[1] not in self.sheet.columns]:
            for word, name in missing:
                self.fault(0, "", f"there is no column for {word} = {name!r}. {self._instead(name)}")
            return
        self.lines = tuple(self._filled())
        if not self.lines:
            self.fault(0, "", "there is no row below its header.")
        self._look_at_cells()

    def fault(self, number: int, column: str, what: str) -> None:
        """Keep what is wrong with a cell, or with the sheet where no row is named."""
        if (number, column) in self._amiss:
            return  # what cannot be read is also missing, no number, and the same as others
        where = f"{self.name}, {self.sheet.place(number, column)}: {what}." if number else f"{self.name}: {what}"
        self._faults.append((number, where))

    @property
    def faults(self) -> list[str]:
        """What is wrong, in the order of the rows."""
        return [said for _, said in sorted(self._faults, key=lambda fault: fault[0])]

    def text(self, cells: Cells, column: str) -> str:
        """A cell of a column as a text; nothing where there is no such column."""
        return text_of(cells[column]) if column else ""

    def name_of(self, number: int, cells: Cells) -> str:
        """What a question is called."""
        width = max(4, len(str(self.lines[-1][0])))
        return self._needed(number, cells, self.exam.id, "id") if self.exam.id else f"{number:0{width}d}"

    def question(self, number: int, cells: Cells) -> str:
        """What is asked."""
        return self._needed(number, cells, self.exam.question, "question")

    def language(self, number: int, cells: Cells) -> Language:
        """The language of a question."""
        said = self.exam.language
        if said not in ("en", "zh"):
            said = self.text(cells, said).casefold()
        if said not in LANGUAGES:
            self.fault(number, self.exam.language, f"{said!r} is no language that is known here: en or zh")
        return LANGUAGES.get(said, "en")

    def cluster(self, cells: Cells) -> str:
        """Questions about one case are not independent; a case is told by its text where nothing else tells it."""
        if self.exam.cluster:
            return self.text(cells, self.exam.cluster)
        context = self.text(cells, self.exam.context)
        return hashlib.sha256(context.encode("utf-8", "surrogatepass")).hexdigest()[:12] if context else ""

    def slices(self, cells: Cells) -> dict[str, str]:
        """The parts that a question belongs to."""
        return {name: text for name in self.exam.slices if (text := self.text(cells, name))}

    def doubled(self) -> None:
        """Find ids that stand twice, with the rows they stand in."""
        rows = defaultdict(list)
        for number, cells in self.lines if self.exam.id else ():
            rows[self.text(cells, self.exam.id)].append(number)
        for name, numbers in rows.items():
            if name and len(numbers) > 1:
                also = ", ".join(map(str, [numbers[0], *numbers[2:]]))
                self.fault(numbers[1], self.exam.id, f"the id {name!r} stands in row {also} too")

    def _look_at_cells(self) -> None:
        """Tell what is wrong with cells that are read, whatever they are read as."""
        named = {name: word for word, name in self.exam.columns()}
        for (number, name), what in self.sheet.flaws.items():
            if name in named and number > self.exam.header:
                self.fault(number, name, what)
                self._amiss.add((number, name))
        for number, name in self.sheet.dates:
            if number > self.exam.header and named.get(name) in READ:
                self.fault(number, name, MADE_A_DATE)
                self._amiss.add((number, name))
        for number, cells in self.lines:
            for name, word in named.items():
                if word != "options" and not is_text(cells[name]):
                    self.fault(number, name, "holds fields with names of their own, and no text")

    def _needed(self, number: int, cells: Cells, column: str, what: str) -> str:
        said = self.text(cells, column)
        if not said:
            self.fault(number, column, f"the {what} is missing")
        return said

    def _filled(self) -> Iterator[tuple[int, Cells]]:
        """The rows, with cells that are left empty under what they share filled in."""
        above: dict[str, Cell] = {}
        for line in self.sheet.lines:
            above |= {name: line.cells[name] for name in self.exam.fill if line.cells[name]}
            yield line.number, {**line.cells, **{name: above.get(name, "") for name in self.exam.fill}}

    def _instead(self, name: str) -> str:
        by = {each.casefold(): each for each in self.sheet.columns}
        close = difflib.get_close_matches(name.casefold(), by, n=1, cutoff=0.75)
        guess = f"Did you mean {by[close[0]]!r}? " if close else ""
        return f"{guess}It has: {', '.join(map(repr, self.sheet.columns))}."
