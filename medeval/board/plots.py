"""Pictures: where dots, intervals and labels of hand-written SVG stand."""

from collections.abc import Sequence

from medeval.board import figures
from medeval.board.assembled import Part
from medeval.board.columns import Column
from medeval.board.tables import Row, Table
from medeval.records import Estimate, Record

ROW, PANEL, GAP, ROOM, TOP = 20, 150, 22, 190, 34
"""Heights and widths of a picture, in its own units."""
MOST_ROWS, MOST_PANELS = 16, 5
LONGEST = 26


class Dot(Record, frozen=True, kw_only=True):
    """An estimate on an axis."""

    x: float
    low: float
    high: float
    y: float
    tier: int
    says: str


class Panel(Record, frozen=True, kw_only=True):
    """One column's axis, and what stands on it."""

    title: str
    x: float
    ticks: tuple[tuple[float, str], ...]
    chance: float | None
    floor: float | None
    """Where the best of the rules stands that know nothing of medicine."""
    dots: tuple[Dot, ...]


class Forest(Record, frozen=True, kw_only=True):
    """Small multiples: names once at the left, then an axis a column, all in one order."""

    width: float
    height: float
    names: tuple[tuple[str, float, str, int], ...]
    """What is written, how high, the shape before it, the tier."""
    panels: tuple[Panel, ...]
    bottom: float
    left: int
    """Rows that found no room."""


class Line(Record, frozen=True, kw_only=True):
    """A row of a forest of one column."""

    name: str
    shape: str
    tier: int
    estimate: Estimate


def forest(part: Part, table: Table) -> Forest | None:
    """The first columns of a group side by side."""
    rows = [row for row in table.rows if row.tier][:MOST_ROWS]
    shown = part.shown[:MOST_PANELS]
    if len(rows) < 2 or not shown:
        return None
    panels = []
    for number, column in enumerate(shown):
        left = ROOM + number * (PANEL + GAP)
        axis, dots = column.axis, []
        for place, row in enumerate(rows):
            if row.slug in column.cells:
                line = Line(name=row.name, shape=row.shape, tier=row.tier, estimate=column.estimate(row.slug))
                dots.append(_dot(axis, line, left, place))
        chance, floor = column.chance, best_rule(column)
        panels.append(Panel(
            floor=None if floor is None else round(left + axis.at(floor, PANEL), 1),
            title=column.title.partition(" (")[0], x=left,
            ticks=tuple([(left + PANEL * at / 100, label) for at, label in figures.ticks(axis, column.unit)]),
            chance=None if chance is None else left + axis.at(chance, PANEL), dots=tuple(dots),
        ))  # fmt: skip
    bottom = TOP + ROW * len(rows)
    return Forest(
        width=ROOM + len(shown) * (PANEL + GAP), height=bottom + 22, bottom=bottom, panels=tuple(panels),
        names=_labels(rows),
        left=sum(1 for row in table.rows if row.tier) - len(rows),
    )  # fmt: skip


def best_rule(column: Column) -> float | None:
    """What the best baseline of a column is worth."""
    rules = [column.estimate(slug).value for slug, cell in column.cells.items() if cell.is_floor]
    known = [value for value in rules if value is not None]
    return (max(known) if column.better == "higher" else min(known)) if known else None


def single(
    title: str, lines: Sequence[Line], chance: float | None, unit_of: Estimate, width: int = 420
) -> Forest | None:
    """One axis with many rows."""
    known = [line for line in lines if line.estimate.value is not None]
    if not known:
        return None
    axis = figures.scale([line.estimate for line in known], chance)
    dots = [_dot(axis, line, ROOM, place, width) for place, line in enumerate(known)]
    bottom = TOP + ROW * len(known)
    return Forest(
        width=ROOM + width + GAP, height=bottom + 22, bottom=bottom, left=0,
        names=_labels(known),
        panels=(Panel(
            floor=None,
            title=title, x=ROOM, dots=tuple(dots),
            ticks=tuple([(ROOM + width * at / 100, label) for at, label in figures.ticks(axis, unit_of.unit)]),
            chance=None if chance is None else ROOM + axis.at(chance, width),
        ),),
    )  # fmt: skip


def _labels(rows: Sequence[Row | Line]) -> tuple[tuple[str, float, str, int], ...]:
    """The names at the left, each at the height of its row."""
    return tuple([(_cut(row.name), _middle(place), row.shape, row.tier) for place, row in enumerate(rows)])


def _middle(place: int) -> float:
    return TOP + ROW * place + ROW / 2


def _dot(axis: figures.Scale, line: Line, left: float, place: int, width: float = PANEL) -> Dot:
    estimate = line.estimate
    value = estimate.value if estimate.value is not None else axis.low
    low, high = (value if limit is None else limit for limit in (estimate.low, estimate.high))
    return Dot(
        x=round(left + axis.at(value, width), 1), low=round(left + axis.at(low, width), 1),
        high=round(left + axis.at(high, width), 1), y=_middle(place), tier=line.tier,
        says=f"{line.name}: {figures.number(estimate.value, estimate.unit)} "
        f"({figures.interval(estimate.low, estimate.high, estimate.unit)})",
    )  # fmt: skip


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
