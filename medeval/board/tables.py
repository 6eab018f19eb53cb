"""The board's table: finished cells, so that templates have nothing to compute."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from medeval.board import figures
from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.shelf import Cell, Entry
from medeval.board.words import Words
from medeval.entries import night_of
from medeval.records import Estimate, Record

SHAPES = "●◆▲■★⬟"
MARKED_UNREAD = 0.01
SHARED = ("sample data", "private")
"""Flags that all numbers of a column have, or none: they stand in its head."""


class Head(Record, frozen=True, kw_only=True):
    """A column's head."""

    key: str
    title: str
    how: str
    about: str
    """Its number of samples, and what they can show."""
    better: str
    href: str
    flags: tuple[str, ...]


class Box(Record, frozen=True, kw_only=True):
    """A number of an entry, or none."""

    text: str = ""
    around: str = ""
    sort: str = ""
    spot: str = ""
    is_top: bool = False
    rank: str = ""
    href: str = ""
    flags: tuple[str, ...] = ()
    conditions: str = ""


class Row(Record, frozen=True, kw_only=True):
    """An entry."""

    slug: str
    name: str
    href: str
    about: tuple[str, ...]
    parent: str
    tags: tuple[str, ...]
    tier: int
    """From 1; 0: it has no rank."""
    shape: str
    rank: str
    place: str
    """For sorting."""
    bar: str
    starts: bool
    """Whether another tier begins here."""
    boxes: tuple[Box, ...]
    note: str = ""


class Table(Record, frozen=True, kw_only=True):
    """Heads, rows with ranks, then what a rule makes of it."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    floors: tuple[Row, ...]
    chances: tuple[str, ...]
    """What a guess is worth, by column; empty where there is no such thing."""
    tags: tuple[str, ...]


def head(column: Column, board: Board, words: Words, root: str) -> Head:
    """Tell what a column is of."""
    sees = board.ranks[column.key].sees
    about = words.said("head_n", n=f"{column.n:,}")
    if sees is not None:
        key = "head_sees" if column.unit == "fraction" else "head_sees_plain"
        about += " · " + words.said(key, points=figures.number(sees, column.unit))
    title, _, which = column.title.removesuffix(")").partition(" (")
    how = " · ".join(filter(None, [column.metric, which, column.told]))
    flags = [*shared(column, words)]
    made = next(iter(column.cells.values())).result.task_version
    if column.known is not None and made != column.known.version:
        flags.append(words.said("flag_stale", made=made, now=column.known.version))
    if column.judge and column.judge not in board.admitted:
        flags.append(words.said("flag_not_admitted"))
    return Head(
        key=column.key, title=title, how=how, about=about,
        better=column.better, href=f"{root}task/{column.key}.html", flags=tuple(flags),
    )  # fmt: skip


def box(column: Column, slug: str, board: Board, words: Words, root: str) -> Box:
    """Finish a cell."""
    if slug not in column.cells:
        return Box()
    cell, estimate, ranked = column.cells[slug], column.estimate(slug), board.ranks[column.key].ranks.get(slug)
    return Box(
        text=figures.number(estimate.value, estimate.unit), around=figures.around(estimate),
        sort="" if estimate.value is None else f"{estimate.value:.6g}",
        spot=column.axis.spot(estimate.value, estimate.low, estimate.high, column.chance),
        is_top=ranked is not None and ranked[0] == 1 and len(column.ranked) > 1,
        rank=figures.ranks(*ranked) if ranked else "", href=f"{root}{cell_page(cell)}",
        flags=flagged(cell, estimate, words, column), conditions=cell.result.conditions,
    )  # fmt: skip


def shared(column: Column, words: Words) -> tuple[str, ...]:
    """What all numbers of a column have in common, of that which flags say."""
    return tuple(
        [words.flag(flag) for flag, holds in zip(SHARED, (column.is_sample, column.is_own), strict=True) if holds]
    )


def flagged(cell: Cell, estimate: Estimate, words: Words, column: Column | None = None) -> tuple[str, ...]:
    """What a reader of the number must know; what a whole column shares stands in its head."""
    own = [words.flag(flag) for flag in cell.result.flags if column is None or flag not in SHARED]
    if estimate.unread > MARKED_UNREAD * max(1, estimate.n * estimate.takes):
        own.append(words.said("flag_unread", count=estimate.unread))
    setting = cell.result.setting
    if setting.system or setting.prefill:
        own.append(words.said("flag_prompt"))
    if cell.doubt:
        own.append(words.said(f"doubt_{cell.doubt.replace(' ', '_')}"))
    return tuple(own)


def cell_page(cell: Cell) -> str:
    """Where the page of a cell is."""
    name = cell.place.cell.replace("/judged/", "-by-").replace("@", "-").replace(",", "-").replace("+", "-and-")
    return f"cell/{cell.place.entry}/{name if name != '.' else 'cell'}.html"


def table(board: Board, columns: Sequence[Column], words: Words, root: str, order: Mapping[str, Row]) -> Table:
    """Set entries under columns: those with a rank in its order, then those without, then the rules."""
    there = [
        entry for slug, entry in board.entries.items()
        if slug not in board.old and any(slug in column.cells for column in columns)
    ]  # fmt: skip

    def row(entry: Entry) -> Row:
        made = order.get(entry.slug) or plain(entry, words, root)
        return replace(made, boxes=tuple([box(column, entry.slug, board, words, root) for column in columns]))

    places = {slug: place for place, slug in enumerate(order)}
    rows = sorted(
        [entry for entry in there if not entry.is_floor],
        key=lambda entry: (places.get(entry.slug, len(places)), entry.slug),
    )
    chances = [column.chance for column in columns]
    return Table(
        heads=tuple([head(column, board, words, root) for column in columns]), rows=tuple(map(row, rows)),
        floors=tuple([row(entry) for entry in there if entry.is_floor]),
        chances=tuple(["" if each is None else figures.number(each) for each in chances]) if any(chances) else (),
        tags=tuple(sorted({tag for entry in rows for tag in entry.card.tags})),
    )  # fmt: skip


def plain(entry: Entry, words: Words, root: str) -> Row:
    """An entry without a rank."""
    night = night_of(entry.name)
    about = [*entry.card.tags, *([words.said("stage_" + entry.card.stage)] if entry.card.stage else [])]
    return Row(
        slug=entry.slug, name=entry.name, href=f"{root}entry/{entry.slug}.html", about=tuple(about),
        parent=entry.card.parent, tags=entry.card.tags, tier=0, shape="", rank="", place="", bar="", starts=False,
        boxes=(), note=words.said("night_of", date=night[1].isoformat()) if night else "",
    )  # fmt: skip
