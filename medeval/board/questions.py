"""The questions of a column: each text once, and who had it right."""

from collections.abc import Iterator, Sequence

import numpy as np

from medeval.board import cases, tables
from medeval.board.assembled import Board
from medeval.board.cases import Case
from medeval.board.columns import Column
from medeval.board.marks import Floats
from medeval.board.pairs import PAGE
from medeval.records import Record

NAMED = 30
"""Entries that are named beside a question; of more, only how many they are."""


class Question(Record, frozen=True, kw_only=True):
    """A question, and what entries made of it."""

    case: Case
    place: int
    right: tuple[tuple[str, str], ...]
    """Names, and where their cells are."""
    wrong: tuple[tuple[str, str], ...]
    number: int
    of: int


class Sheet(Record, frozen=True, kw_only=True):
    """Some questions, as many as one page holds."""

    number: int
    pages: int
    all: int
    questions: tuple[Question, ...]


def sheets(board: Board, column: Column) -> Iterator[Sheet]:
    """Deal the questions out to pages."""
    slugs = column.shared
    if not slugs:
        return
    cell = column.cells[slugs[0]]
    marks, count = column.marks(slugs), len(board.names[column.key].ids)
    binary = column.is_binary
    pages = -(-count // PAGE)
    for number in range(pages):
        places = list(range(number * PAGE, min(count, (number + 1) * PAGE)))
        home = cell.place.path.parents[1] if cell.result.judge else cell.place.path
        made = [
            _question(board, column, slugs, marks[place] if binary else marks[place] * np.nan, each)
            for place, line, takes in cases.read(home, places)
            for each in [cases.made(place, line, {}, column.metric, takes=takes, judges=())]
        ]  # fmt: skip
        yield Sheet(number=number + 1, pages=pages, all=count, questions=tuple(made))


def _question(board: Board, column: Column, slugs: Sequence[str], marks: Floats, case: Case) -> Question:
    links = [(board.entries[slug].name, f"../{tables.cell_page(column.cells[slug])}") for slug in slugs]
    named = len(slugs) <= NAMED
    return Question(
        case=case, place=int(case.anchor[1:]), number=int((marks == 1).sum()), of=int(np.isfinite(marks).sum()),
        right=tuple([link for link, mark in zip(links, marks, strict=True) if mark == 1]) if named else (),
        wrong=tuple([link for link, mark in zip(links, marks, strict=True) if mark == 0]) if named else (),
    )  # fmt: skip
