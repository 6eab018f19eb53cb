"""Criteria of open questions: a line each in a cell, or a row each on a sheet of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from medeval.exams.cells import text_of
from medeval.exams.declared import Rubric
from medeval.records import Criterion
from medeval.sources import Sheet, read_sheet

_N = r"(?:扣|得)?[-+−－]?\d{1,3}(?:\.\d{1,3})?"
_UNIT = r"(?:分|points?|pts?)"
# `3: …`, `3分 …`, `(-2 points) …`; a number in brackets alone is one of a list, and 1:1000 is a dilution.
_BEFORE = re.compile(
    rf"(?:[(（\[]\s{{0,2}}(?P<a>{_N})\s{{0,2}}(?:{_UNIT}\s{{0,2}}[)）\]]\s{{0,2}}[:：|]?|[)）\]]\s{{0,2}}[:：|])"
    rf"|(?P<b>{_N})\s{{0,2}}{_UNIT}(?:\s{{0,2}}[:：|]|\s)|(?P<c>{_N})\s{{0,2}}[:：|](?!\d))\s{{0,3}}(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = re.compile(
    rf"(?P<text>.*\S)\s{{0,3}}[(（\[]\s{{0,2}}(?P<points>{_N})\s{{0,2}}{_UNIT}\s{{0,2}}[)）\]][.。;；]?", re.IGNORECASE
)
_LAST = re.compile(rf"(?P<text>.*\S)[\s，,；;。]\s{{0,3}}(?P<points>{_N})\s{{0,2}}{_UNIT}[.。]?", re.IGNORECASE)
_SAYS = re.compile(r"\d\s{0,2}(?:分(?![钟之贝辨])|points?\b|pts?\b)", re.IGNORECASE)
"""Points somewhere in a text; 分 is in minutes, parts and decibels too."""
_BULLET = re.compile(r"[-*•·–]\s{1,3}|(?:\d{1,2}[.)、）]|[(（]\d{1,2}[)）]|[①-⑳])(?!\d)\s{0,3}")
_NUMBER = re.compile(_N)


class Held(NamedTuple):
    """The criteria of every question by its id, the places of these ids, and what is wrong with the sheet."""

    criteria: Mapping[str, tuple[Criterion, ...]]
    places: Mapping[str, str]
    faults: tuple[str, ...]
    whole: bool
    """Whether there are columns to read at all."""


def in_cell(said: str) -> tuple[Criterion, ...]:
    """The criteria of a cell, one a line; `3: …` and `…（3分）` say what one is worth."""
    return tuple([_criterion(line) for line in map(str.strip, said.split("\n")) if line])


def untold(found: Iterable[Criterion]) -> Iterator[str]:
    """Criteria whose texts still speak of points: those may be more than was read."""
    for each in found:
        if _SAYS.search(each.text):
            yield f"{each.text!r:.60} speaks of points that cannot be told from it. Write `3: …`, or `-2: …`"


def _criterion(line: str) -> Criterion:
    bare = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
    for text in (line, bare):
        if match := _BEFORE.fullmatch(text):
            return Criterion(text=match["text"], points=value(match["a"] or match["b"] or match["c"]) or 0.0)
    match = _AFTER.fullmatch(bare) or _LAST.fullmatch(bare)
    return Criterion(text=match["text"], points=value(match["points"]) or 0.0) if match else Criterion(text=bare)


def value(said: str) -> float | None:
    """The points that a text says; none if it says no number."""
    text = re.sub(rf"\s{{0,3}}{_UNIT}$", "", said.strip(), flags=re.IGNORECASE)
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text.lstrip("扣得").replace("−", "-").replace("－", "-"))
    return -abs(number) if text.startswith("扣") else number


def on_sheet(rubric: Rubric, path: Path) -> Held:
    """Read the criteria that stand on a sheet of their own."""
    sheet = read_sheet(path, rubric.sheet, rubric.header)
    wanted = [rubric.question, rubric.criterion, *filter(None, [rubric.points])]
    has = ", ".join(sheet.columns)
    missing = [
        f"{path.name}: there is no column {name!r}. It has: {has}." for name in wanted if name not in sheet.columns
    ]
    return Held({}, {}, tuple(missing), whole=False) if missing else _gathered(rubric, sheet, path)


def _gathered(rubric: Rubric, sheet: Sheet, path: Path) -> Held:
    found: dict[str, tuple[Criterion, ...]] = {}
    places: dict[str, str] = {}
    faults = []
    for number, cells in sheet.lines:
        question, text = text_of(cells[rubric.question]), text_of(cells[rubric.criterion])
        points = value(text_of(cells[rubric.points]) or "1") if rubric.points else 1.0
        wrong = (
            (rubric.question, not question, "names no question"),
            (rubric.criterion, not text, "has no criterion"),
            (rubric.points, points is None, f"{cells.get(rubric.points)!r} is no number of points"),
        )
        faults += [f"{path.name}, {sheet.place(number, name)}: {what}." for name, is_wrong, what in wrong if is_wrong]
        if question and text and points is not None:
            found[question] = (*found.get(question, ()), Criterion(text=text, points=points))
            places.setdefault(question, f"{path.name}, {sheet.place(number, rubric.question)}")
    return Held(found, places, tuple(faults), whole=True)
