"""What a number took: accuracy beside tokens and seconds, and who is not beaten on both."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from medeval.board import figures, tables
from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.shelf import Cell, Entry
from medeval.records import Record
from medeval.reports import Attempt

WIDTH, HEIGHT, LEFT, BOTTOM = 460, 250, 46, 34
SHOWN, LABELS = 4, 8
"""Columns that have pictures, and entries of the stair that are named there."""
AXES = ("tokens", "seconds")


class Spot(Record, frozen=True, kw_only=True):
    """An entry on the plane."""

    x: float
    y: float
    name: str
    says: str
    front: bool
    label: str
    """Written beside the dot, where there is room for words."""


class Plane(Record, frozen=True, kw_only=True):
    """A column: its number upwards, what an answer took to the right."""

    title: str
    of: str
    """tokens or seconds."""
    spots: tuple[Spot, ...]
    front: str
    """The line of those that nothing beats on both, as a path."""
    xs: tuple[tuple[float, str], ...]
    ys: tuple[tuple[float, str], ...]


class Line(Record, frozen=True, kw_only=True):
    """A cell."""

    entry: str
    href: str
    title: str
    value: str
    tokens: str
    read: str
    seconds: str
    cost: str
    front: str


class Page(Record, frozen=True, kw_only=True):
    """Planes, and all that stands behind them."""

    planes: tuple[Plane, ...]
    lines: tuple[Line, ...]


class Spent(NamedTuple):
    """What an answer took of the model alone; none where nobody counted it."""

    tokens: float | None
    read: float | None
    seconds: float
    cost: float | None


def paces(entry: Entry) -> Mapping[str, float]:
    """Seconds for everything that was asked, by the start of a run: all cells of a run share its time."""
    runs: dict[str, list[Attempt]] = {}
    for cell in entry.cells:
        if cell.run is not None and not cell.result.judge and not cell.result.members:
            for each in cell.run.attempts:
                runs.setdefault(each.started, []).append(each)
    return {
        started: max(each.seconds for each in there) / max(1, sum(each.asked for each in there))
        for started, there in runs.items()
    }


def spent(cell: Cell, pace: Mapping[str, float]) -> Spent | None:
    """For every time that a sample was asked: tokens written and read, seconds, money where prices were named."""
    # Of texts made elsewhere nobody here knows what they took.
    if cell.run is None or not cell.run.attempts or cell.result.setting.elsewhere:
        return None
    first, attempts = cell.result.first, cell.run.attempts
    # With marks it is known how many samples there are; what failed is counted in takes.
    n = len(cell.marks.statuses) * first.takes if cell.marks else max(1, first.n * first.takes + first.failed)
    # Patients and judges have a count of their own within the whole.
    written = sum(each.written - sum(other.written for other in each.others.values()) for each in attempts)
    read = sum(each.read - sum(other.read for other in each.others.values()) for each in attempts)
    costs = [each.cost for each in attempts if each.cost is not None]
    counted = written > 0 or read > 0
    return Spent(
        written / n if counted else None, read / n if counted else None,
        sum(pace.get(each.started, 0.0) * each.asked for each in attempts) / n, sum(costs) / n if costs else None,
    )  # fmt: skip


def page(board: Board, homes: Sequence[Column]) -> Page:
    """Lay out what the numbers took."""
    planes: list[Plane] = []
    lines: list[Line] = []
    pace = {slug: paces(entry) for slug, entry in board.entries.items()}
    for column in homes:
        known = {
            slug: took for slug, cell in column.cells.items()
            if slug not in board.old and not cell.is_floor and column.estimate(slug).value is not None
            and (took := spent(cell, pace[slug]))
        }  # fmt: skip
        costs = {
            of: {
                slug: float(value) for slug, took in known.items()
                # What was not measured, or cut off, costs little, and may not count as cheap.
                if (value := getattr(took, of)) is not None and slug in column.ranked
            }
            for of in AXES
        }  # fmt: skip
        fronts = {of: _front(column, costs[of]) for of in AXES}
        if len(known) > 1 and len(planes) < 2 * SHOWN:
            planes += [
                _plane(board, column, of, costs[of], fronts[of]) for of in AXES if len({*costs[of].values()}) > 1
            ]
        for slug, took in sorted(known.items(), key=lambda item: -(column.estimate(item[0]).value or 0)):
            on = [of for of in AXES if slug in fronts[of] and len({*costs[of].values()}) > 1]
            lines.append(Line(
                entry=board.entries[slug].name, href=tables.cell_page(column.cells[slug]), title=column.named,
                value=figures.number(column.estimate(slug).value, column.unit), tokens=_counted(took.tokens),
                read=_counted(took.read), seconds=f"{took.seconds:.3g}",
                cost="" if took.cost is None else f"{took.cost:.3g}", front=" ".join(on),
            ))  # fmt: skip
    return Page(planes=tuple(planes), lines=tuple(lines))


def _counted(tokens: float | None) -> str:
    return figures.DASH if tokens is None else f"{tokens:,.1f}"


def _front(column: Column, took: dict[str, float]) -> tuple[str, ...]:
    """Those that no other beats on both, from the cheapest on."""
    sign = 1 if column.better == "higher" else -1
    best, found = float("-inf"), list[str]()
    for slug in sorted(took, key=lambda slug: (took[slug], -sign * (column.estimate(slug).value or 0), slug)):
        worth = sign * (column.estimate(slug).value or 0)
        if worth > best or (found and worth == best and took[slug] == took[found[-1]]):
            best = worth
            found.append(slug)
    return tuple(found)


def _plane(board: Board, column: Column, of: str, took: dict[str, float], front: tuple[str, ...]) -> Plane:
    across = figures.Scale(low=0, high=1.08 * max(took.values()) or 1)
    up, height = figures.scale([column.estimate(slug) for slug in took], None), HEIGHT - BOTTOM
    spots = {}
    for slug, cost in sorted(took.items()):
        value, name = column.estimate(slug).value or 0.0, board.entries[slug].name
        spots[slug] = Spot(
            x=round(LEFT + across.at(cost, WIDTH - LEFT), 1), y=round(height - up.at(value, height), 1), name=name,
            says=f"{name}: {figures.number(value, column.unit)}, {cost:,.3g}", front=slug in front,
            label=name if slug in front and len(front) <= LABELS else "",
        )  # fmt: skip
    return Plane(
        title=column.named, of=of, spots=tuple(spots.values()), front=_path([spots[slug] for slug in front]),
        xs=tuple([
            (round(LEFT + (WIDTH - LEFT) * at / 100, 1), label) for at, label in figures.ticks(across, "plain")
        ]),
        ys=tuple([(round(height * (1 - at / 100), 1), label) for at, label in figures.ticks(up, column.unit)]),
    )  # fmt: skip


def _path(spots: Sequence[Spot]) -> str:
    """A stair: what is dearer and better is reached only there."""
    if not spots:
        return ""
    steps = [f"M{spots[0].x} {spots[0].y}"]
    for spot in spots[1:]:
        steps += [f"H{spot.x}", f"V{spot.y}"]
    return "".join([*steps, f"H{WIDTH}"])
