"""The nights of an entry: labels of one name that end in dates."""

from datetime import date

from medeval.board import figures, tables
from medeval.board.assembled import Board
from medeval.board.shelf import Entry
from medeval.board.words import Words
from medeval.entries import night_of
from medeval.records import Record

WIDTH, HEIGHT = 240, 44


class Night(Record, frozen=True, kw_only=True):
    """One night's number."""

    date: str
    value: str
    interval: str
    href: str
    flags: tuple[str, ...]


class Line(Record, frozen=True, kw_only=True):
    """A column through the nights."""

    title: str
    how: str
    nights: tuple[Night, ...]
    path: str
    band: str
    """The intervals, as one shape."""
    dots: tuple[tuple[float, float, str], ...]


class Series(Record, frozen=True, kw_only=True):
    """All nights of one name."""

    name: str
    dates: tuple[str, ...]
    lines: tuple[Line, ...]


def page(board: Board, words: Words) -> tuple[Series, ...]:
    """Lay out every series with more than one night."""
    nights: dict[str, list[tuple[date, Entry]]] = {}
    for entry in board.entries.values():
        if night := night_of(entry.name):
            nights.setdefault(night[0], []).append((night[1], entry))
    return tuple([
        _series(board, name, sorted(found, key=lambda each: (each[0], each[1].slug)), words)
        for name, found in sorted(nights.items()) if len(found) > 1
    ])  # fmt: skip


def _series(board: Board, name: str, nights: list[tuple[date, Entry]], words: Words) -> Series:
    lines = []
    for column in board.columns.values():
        there = [(day, entry) for day, entry in nights if entry.slug in column.cells]
        if len(there) < 2:
            continue
        estimates = [column.estimate(entry.slug) for _, entry in there]
        axis = figures.scale(estimates, None)
        xs = [round(6 + place * (WIDTH - 12) / (len(there) - 1), 1) for place in range(len(there))]
        ys = [_y(axis, each.value) for each in estimates]
        lows = [_y(axis, each.value if each.low is None else each.low) for each in estimates]
        highs = [_y(axis, each.value if each.high is None else each.high) for each in estimates]
        around = [*zip(xs, highs, strict=True), *reversed([*zip(xs, lows, strict=True)])]
        lines.append(Line(
            title=column.title, how=f"{column.metric} {column.how}".strip(),
            path="M" + "L".join([f"{x} {y}" for x, y in zip(xs, ys, strict=True)]),
            band="M" + "L".join([f"{x} {y}" for x, y in around]) + "Z",
            dots=tuple([
                (x, y, f"{day.isoformat()}: {figures.number(each.value, each.unit)}")
                for x, y, (day, _), each in zip(xs, ys, there, estimates, strict=True)
            ]),
            nights=tuple([
                Night(
                    date=day.isoformat(), value=figures.number(each.value, each.unit),
                    interval=figures.interval(each.low, each.high, each.unit),
                    href=tables.cell_page(column.cells[entry.slug]),
                    flags=tables.flagged(column.cells[entry.slug], each, words, column),
                )
                for (day, entry), each in zip(there, estimates, strict=True)
            ]),
        ))  # fmt: skip
    return Series(name=name, dates=tuple([day.isoformat() for day, _ in nights]), lines=tuple(lines))


def _y(axis: figures.Scale, value: float | None) -> float:
    return round(4 + (HEIGHT - 8) * (1 - axis.at(axis.low if value is None else value, 1)), 1)
