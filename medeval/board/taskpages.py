"""The page of a column: what it measures, who is where, what a guess is worth."""

from collections.abc import Sequence
from contextlib import suppress

from medeval import errata
from medeval.board import cases, figures, plots, tables
from medeval.board.assembled import Board
from medeval.board.cases import Case
from medeval.board.columns import Column
from medeval.board.tables import Head
from medeval.board.words import Words
from medeval.errors import MedevalError
from medeval.records import Record

WIDE = 8
"""Entries that the table of slices sets side by side."""
TALL, NAMED = 40, 3


class Line(Record, frozen=True, kw_only=True):
    """An entry."""

    name: str
    href: str
    cell: str
    rank: str
    place: str
    value: str
    sort: str
    interval: str
    counts: tuple[str, ...]
    flags: tuple[str, ...]
    conditions: str
    is_floor: bool


class Page(Record, frozen=True, kw_only=True):
    """A column's page."""

    head: Head
    lead: str
    facts: tuple[tuple[str, str], ...]
    traps: tuple[str, ...]
    lines: tuple[Line, ...]
    plot: plots.Forest | None
    slices: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Slice, its value, the number of each entry."""
    slice_names: tuple[str, ...]
    example: Case | None
    """One of its samples, as the first entry that answered it was asked."""
    withheld: bool
    questions: str
    """Where all its questions are, if they may be shown."""
    protocol: str
    faulty: errata.Errata | None
    """What is known to be faulty in what was asked."""


class Item(Record, frozen=True, kw_only=True):
    """A line of the list of tasks."""

    title: str
    href: str
    how: str
    language: str
    n: str
    chance: str
    licence: str
    entries: int
    best: str
    flags: tuple[str, ...]


def items(board: Board, words: Words) -> tuple[Item, ...]:
    """List all columns by the name of their task."""
    listed = []
    for column in sorted(board.columns.values(), key=lambda column: (column.is_sample, column.task, column.key)):
        top = _top(board, column)
        guess, head = column.chance, tables.head(column, board, words, "")
        listed.append(Item(
            title=head.title, href=f"task/{column.key}.html", how=head.how,
            language=column.known.language if column.known else "", n=f"{column.n:,}",
            chance=figures.number(guess) if guess else "", licence=column.known.licence if column.known else "",
            entries=len(column.cells), best=words("and_more", names=words.listed(top[:NAMED]), count=len(top) - NAMED)
            if len(top) > NAMED else words.listed(top),
            flags=tables.shared(column, words),
        ))  # fmt: skip
    return tuple(listed)


def page(board: Board, column: Column, words: Words, *, texts: bool, questions: str) -> Page:
    """Lay out a column's page."""
    slugs = sorted(column.cells, key=lambda slug: _order(board, column, slug))
    lines = [_line(board, column, slug, words) for slug in slugs]
    known, guess = column.known, column.chance
    facts = [
        ("fact_measures", known.measures if known else ""),
        ("fact_language", words.said(f"lang_{known.language}") if known else ""),
        ("fact_n", f"{column.n:,}"), ("fact_chance", figures.number(guess) if guess else ""),
        (
            "fact_sees" if column.unit == "fraction" else "fact_sees_plain",
            figures.number(sees, column.unit) if (sees := board.ranks[column.key].sees) else "",
        ),
        ("fact_licence", known.licence if known else words.said("unknown")),
        ("fact_paper", known.paper if known else ""), ("fact_version", str(known.version) if known else ""),
        ("fact_cluster", known.cluster if known else ""),
    ]  # fmt: skip
    shown = [slug for slug in slugs if slug not in board.old]
    return Page(
        head=tables.head(column, board, words, "../"), lead=_lead(board, column, words),
        facts=tuple([(words.said(key), value) for key, value in facts if value]), traps=known.traps if known else (),
        lines=tuple(lines),
        plot=plots.single(
            column.metric,
            [
                plots.Line(name=each.name, shape="", tier=0 if each.is_floor else 1, estimate=column.estimate(slug))
                for slug, each in zip(slugs, lines, strict=True)
            ][:TALL],
            guess, column.estimate(slugs[0]),
        ),
        slices=_slices(column, shown[:WIDE]), slice_names=tuple([board.entries[slug].name for slug in shown[:WIDE]]),
        example=_example(column) if texts else None, withheld=not texts, questions=questions,
        protocol=column.protocol, faulty=None if column.is_sample else errata.known().get(column.task),
    )  # fmt: skip


def _order(board: Board, column: Column, slug: str) -> tuple[bool, bool, float, str]:
    value = column.estimate(slug).value
    worth = 0.0 if value is None else value if column.better == "lower" else -value
    return column.cells[slug].is_floor, slug in board.old, worth, slug


def _top(board: Board, column: Column) -> list[str]:
    """The names of those that may be the best, where there are several to choose from."""
    ranks = board.ranks[column.key].ranks
    return [board.entries[slug].name for slug, (low, _) in ranks.items() if low == 1 and len(ranks) > 1]


def _lead(board: Board, column: Column, words: Words) -> str:
    ranks, top = board.ranks[column.key].ranks, _top(board, column)
    if len(ranks) < 2:
        return words("task_unranked")
    if len(top) == 1:
        return words("task_ahead", name=words.listed(top))
    if len(top) > 4:
        return words("task_many", count=len(top), all=len(ranks))
    return words("task_tied", names=words.listed(top))


def _line(board: Board, column: Column, slug: str, words: Words) -> Line:
    cell, estimate, rank = column.cells[slug], column.estimate(slug), board.ranks[column.key].ranks.get(slug)
    numbers = (estimate.n, estimate.unread, estimate.truncated, estimate.refused, estimate.failed)
    return Line(
        name=board.entries[slug].name, href=f"../entry/{slug}.html", cell=f"../{tables.cell_page(cell)}",
        rank=figures.ranks(*rank) if rank else "", place="" if rank is None else f"{sum(rank) / 2:g}",
        value=figures.number(estimate.value, estimate.unit),
        sort="" if estimate.value is None else f"{estimate.value:.6g}",
        interval=figures.interval(estimate.low, estimate.high, estimate.unit),
        counts=tuple([f"{count:,}" for count in numbers]), flags=tables.flagged(cell, estimate, words, column),
        conditions=cell.result.conditions, is_floor=cell.is_floor,
    )  # fmt: skip


def _example(column: Column) -> Case | None:
    for cell in column.cells.values():
        if cell.marks is not None:
            with suppress(MedevalError):
                # Where one entry's samples cannot be read, another one's are of the same.
                for place, line, takes in cases.read(cell.place.home, [0], len(cell.marks.statuses)):
                    return cases.made(place, line, {}, column.metric, takes=takes, judges=())
    return None


def _slices(column: Column, slugs: Sequence[str]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    by: dict[tuple[str, str], dict[str, str]] = {}
    for slug in slugs:
        for each in column.estimate(slug).slices:
            by.setdefault((each.slice, each.value), {})[slug] = figures.number(each.estimate, column.unit)
    return tuple([
        (name, value, tuple([said.get(slug, figures.DASH) for slug in slugs])) for (name, value), said in by.items()
    ])  # fmt: skip
