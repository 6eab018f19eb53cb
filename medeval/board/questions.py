"""The questions of a column: each text once, and who had it right."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from medeval.board import cases, tables
from medeval.board.assembled import Board
from medeval.board.cases import Case
from medeval.board.columns import Column
from medeval.board.marks import Floats
from medeval.board.pairs import PAGE
from medeval.errors import MedevalError
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
    fault: str = ""
    """Why there are none."""


class Job(Record, frozen=True, kw_only=True):
    """What is needed to make a page of questions; it goes to another process."""

    key: str
    title: str
    how: str
    metric: str
    home: Path
    links: tuple[tuple[str, str], ...]
    """The entries that answered, and where their cells are."""
    marks: Floats
    """What each made of these questions (questions, entries)."""
    number: int
    pages: int
    all: int


def jobs(board: Board, column: Column) -> Iterator[Job]:
    """Deal the questions of a column out to pages."""
    slugs, count = column.shared, len(board.names[column.key].ids)
    if not slugs:
        return
    cell, marks = column.cells[slugs[0]], column.marks(slugs)
    for number in range(-(-count // PAGE)):
        yield Job(
            key=column.key, title=column.title, how=column.how, metric=column.metric,
            home=cell.place.home,
            links=tuple([(board.entries[slug].name, f"../{tables.cell_page(column.cells[slug])}") for slug in slugs]),
            # Of grades nobody can say who had it right.
            marks=marks[number * PAGE : (number + 1) * PAGE] * (1.0 if column.is_binary else np.nan),
            number=number + 1, pages=-(-count // PAGE), all=count,
        )  # fmt: skip


def sheet(job: Job) -> Sheet:
    """Read the questions of one page."""
    first = (job.number - 1) * PAGE
    try:
        made = [
            _question(job, cases.made(place, line, {}, job.metric, takes=takes, judges=()), job.marks[place - first])
            for place, line, takes in cases.read(job.home, range(first, first + len(job.marks)), job.all)
        ]
    except MedevalError as error:
        return Sheet(number=job.number, pages=job.pages, all=job.all, questions=(), fault=str(error))
    return Sheet(number=job.number, pages=job.pages, all=job.all, questions=tuple(made))


def _question(job: Job, case: Case, marks: Floats) -> Question:
    named = job.links if len(job.links) <= NAMED else ()
    return Question(
        case=case, place=int(case.anchor[1:]), number=int((marks == 1).sum()), of=int(np.isfinite(marks).sum()),
        right=tuple([link for link, mark in zip(named, marks, strict=False) if mark == 1]),
        wrong=tuple([link for link, mark in zip(named, marks, strict=False) if mark == 0]),
    )  # fmt: skip
