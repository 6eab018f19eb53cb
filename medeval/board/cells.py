"""The page of a cell: its numbers, and the cases that they are made of."""

from math import isnan
from typing import NamedTuple

from msgspec.structs import replace

from medeval import reports
from medeval.board import cases, figures
from medeval.board.cases import Case, Places
from medeval.board.marks import Floats
from medeval.board.shelf import Cell
from medeval.board.tables import flagged
from medeval.board.words import Words
from medeval.errors import MedevalError
from medeval.records import Estimate, Record, Result


class Figure(Record, frozen=True, kw_only=True):
    """A metric's line."""

    metric: str
    value: str
    interval: str
    method: str
    n: str
    better: str


class Slice(Record, frozen=True, kw_only=True):
    """The headline over a part of the samples."""

    slice: str
    value: str
    n: int
    estimate: str
    interval: str
    spot: str
    compared: bool


class Page(Record, frozen=True, kw_only=True):
    """A cell."""

    entry: str
    entry_href: str
    task: str
    task_href: str
    how: str
    value: str
    interval: str
    metric: str
    rank: str
    of: int
    counts: tuple[tuple[str, int], ...]
    """How samples went, by kind."""
    flags: tuple[str, ...]
    figures: tuple[Figure, ...]
    slices: tuple[Slice, ...]
    cases: tuple[Case, ...]
    filters: tuple[tuple[str, int], ...]
    fault: str
    all: int
    withheld: bool
    signature: str
    judge: str
    place: str


class Laid(NamedTuple):
    """What the page of a cell shows, in whatever language."""

    cases: tuple[Case, ...]
    filters: tuple[tuple[str, int], ...]
    result: Result
    fault: str = ""
    """Why there are no cases."""


class Job(Record, frozen=True, kw_only=True):
    """What is needed to make the page of a cell; it goes to another process."""

    cell: Cell
    key: str
    title: str
    how: str
    rank: str
    of: int
    others: Floats | None
    """The share of all entries that have each sample right."""
    draw: Places
    """In what order samples are drawn to be shown."""
    open: bool
    room: int
    entry: str


def page(job: Job, words: Words, laid: Laid) -> Page:
    """Lay out a cell."""
    cell, whole = job.cell, laid.result
    first = whole.first
    parts = [replace(first, value=each.estimate, low=each.low, high=each.high) for each in first.slices]
    spots = figures.scale([first, *parts], None)
    counts = (
        ("n", first.n), ("unread", first.unread), ("truncated", first.truncated), ("refused", first.refused),
        ("too_long", first.too_long), ("failed", first.failed),
    )  # fmt: skip
    return Page(
        entry=job.entry, entry_href=f"../../entry/{cell.place.entry}.html", task=job.title,
        task_href=f"../../task/{job.key}.html", how=job.how,
        value=figures.number(first.value, first.unit), interval=figures.interval(first.low, first.high, first.unit),
        metric=first.metric, rank=job.rank, of=job.of,
        counts=tuple([(words.said(f"count_{name}"), count) for name, count in counts if count or name == "n"]),
        flags=flagged(cell, first, words),
        figures=tuple([_figure(each, words) for each in whole.estimates]),
        slices=tuple([
            Slice(
                slice=each.slice, value=each.value, n=each.n, estimate=figures.number(each.estimate, first.unit),
                interval=figures.interval(each.low, each.high, first.unit), compared=each.compared,
                spot=spots.spot(each.estimate, each.low, each.high, first.value),
            )
            for each in first.slices
        ]),
        cases=laid.cases, filters=laid.filters, fault=laid.fault, all=len(job.draw), withheld=not job.open,
        signature=whole.signature, judge=whole.judge, place=cell.place.said,
    )  # fmt: skip


def laid_out(job: Job) -> Laid:
    """Read what the page shows; a line that cannot be read costs its cell the cases, and nobody else anything."""
    cell = job.cell
    whole = reports.read(cell.place.path / reports.RESULT, Result)
    whole = whole if whole is not None else cell.result
    if cell.marks is None or not job.open or not job.room:
        return Laid((), (), whole)
    metric = whole.headline
    found = cases.kinds(cell.marks, metric, whole.first.better, job.others)
    picked = cases.chosen(found, job.draw, job.room)
    # What judges were asked stands in their folder, what the model was asked in the cell's own.
    home = cell.place.home
    # As the column counts it: the mean over takes, and of a judge's cell the judge's.
    worth = [None if isnan(each) else each for each in cell.marks.values[metric].tolist()]
    try:
        lines = list(cases.read(home, picked, len(cell.marks.statuses)))
        judges = cases.heard(home, frozenset(line.sample for _, line, _ in lines))
    except MedevalError as error:
        return Laid((), (), whole, str(error))
    there = tuple([
        cases.made(
            place, line, found, metric, takes=takes, judges=judges.get(line.sample, ()), value=worth[place],
        )
        for place, line, takes in lines
    ])  # fmt: skip
    shown = [(kind, sum(kind in case.kinds for case in there)) for kind in cases.KINDS]
    return Laid(there, tuple([(kind, count) for kind, count in shown if count]), whole)


def _figure(each: Estimate, words: Words) -> Figure:
    return Figure(
        metric=each.metric, value=figures.number(each.value, each.unit),
        interval=figures.interval(each.low, each.high, each.unit), method=each.method, n=f"{each.n:,}",
        better=words.said(f"head_{each.better}") if each.better else "",
    )  # fmt: skip
