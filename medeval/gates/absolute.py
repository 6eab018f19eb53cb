"""Limits that hold whatever the baseline is: how much may go unread, how much harm there may be."""

from collections.abc import Iterator, Sequence

from medeval.comparing.sides import Side
from medeval.comparing.telling import number
from medeval.errors import RequestError, raise_all
from medeval.gates.files import EVERY, RATES, Bound, Opened
from medeval.gates.verdicts import Line
from medeval.records import Estimate, Unit
from medeval.stats import clopper_pearson

COUNTED = {
    "unread_rate": "unread", "truncated_rate": "truncated", "refused_rate": "refused", "too_long_rate": "too_long",
    "error_rate": "failed",
}  # fmt: skip


def lines(opened: Opened, night: Sequence[Side]) -> list[Line]:
    """Hold every limit to the cells it is for; one that none has is a fault of the file."""
    made: list[Line] = []
    faults = []
    for place, bound in enumerate(opened.gates.absolute):
        cells = [side for side in night if bound.task in (EVERY, side.result.task, side.cell)]
        found = [line for side in cells if (line := _line(bound, side, opened.line("absolute", place))) is not None]
        if not found and cells:
            faults.append(f"absolute {bound.metric} of {bound.task}: no cell of the night has such a number.")
        elif not cells and bound.task != EVERY:
            made.append(_missing(bound, opened.line("absolute", place)))
        faults += [why for side in cells if (why := _blind(bound, side))]
        made += found
    raise_all([RequestError(f"{opened.path}: {fault}") for fault in faults])
    return made


def _line(bound: Bound, side: Side, at: int) -> Line | None:
    found = _held(bound, side)
    if found is None:
        return _unmeasured(bound, side, at) if side.estimate(bound.metric) or bound.metric in RATES else None
    value, held, unit = found
    limit = bound.max if bound.max is not None else bound.min
    over = bound.max is not None and held > bound.max
    under = bound.min is not None and held < bound.min
    where, most = ("max", "at most") if bound.max is not None else ("min", "at least")
    sign = " %" if unit == "fraction" else ""
    said = f"{number(value, unit)}{sign}"
    said += f", {most} {number(held, unit)}{sign} by its 95 % limit" if bound.bound else ""
    return Line(
        kind="absolute", task=side.result.task, cell=side.cell, metric=bound.metric,
        word="REGRESSED" if over or under else "NON_INFERIOR", unit=unit, new=value, n=side.result.first.n,
        why=f"{said}; {where} is {number(limit, unit)}{sign}", better="lower" if bound.max is not None else "higher",
        at=at,
    )  # fmt: skip


def _unmeasured(bound: Bound, side: Side, at: int) -> Line:
    return Line(
        kind="absolute", task=side.result.task, cell=side.cell, metric=bound.metric, word="NOT_COMPARABLE", at=at,
        why="nothing of it was measured",
    )  # fmt: skip


def _missing(bound: Bound, at: int) -> Line:
    return Line(
        kind="absolute", task=bound.task, metric=bound.metric, word="NOT_COMPARABLE", at=at,
        why="the night has no result of it",
    )  # fmt: skip


def _held(bound: Bound, side: Side) -> tuple[float, float, Unit] | None:
    """The value, what is held to the limit, and the unit."""
    if bound.metric in RATES:
        hits, n = _counted(bound.metric, side)
        return (hits / n, _limit(bound, hits, n) if bound.bound else hits / n, "fraction") if n else None
    estimate = side.estimate(bound.metric)
    if estimate is None or estimate.value is None:
        return None
    held = _by_estimate(bound, estimate) if bound.bound else estimate.value
    return None if held is None else (estimate.value, held, estimate.unit)


def _counted(metric: str, side: Side) -> tuple[int, int]:
    """How often it went that way, of all that was asked."""
    first = side.result.first
    return getattr(first, COUNTED[metric]), first.n * first.takes + first.failed


def _by_estimate(bound: Bound, estimate: Estimate) -> float | None:
    """The limit of a number: exact for a share, else the end of its interval, which is a little further out."""
    if estimate.method == "wilson" and estimate.value is not None:
        return _limit(bound, round(estimate.value * estimate.n), estimate.n)
    return estimate.high if bound.max is not None else estimate.low


def _limit(bound: Bound, hits: int, n: int) -> float:
    if bound.max is not None:
        return clopper_pearson(hits, n, upper_only=True).high
    return 1 - clopper_pearson(n - hits, n, upper_only=True).high


def _blind(bound: Bound, side: Side) -> str:
    """Why a limit can never be held: with too few samples not even none of them would do."""
    if not bound.bound or (bound.metric not in RATES and not _is_share(bound, side)):
        return ""
    n = _counted("error_rate", side)[1] if bound.metric in RATES else side.result.first.n
    left = clopper_pearson(0, n, upper_only=True).high if n else 1.0
    room = bound.max if bound.max is not None else 1 - (bound.min or 0.0)
    if left <= room:
        return ""
    best = "Not one" if bound.max is not None else "Every one"
    reach = left if bound.max is not None else 1 - left
    takes = f"{round(3 / room):,}" if room > 0 else "more than there are"
    return (
        f"absolute {bound.metric} of {side.cell}: cannot see what it asks for. {best} of {n:,} still leaves "
        f"{number(reach, 'fraction')} % possible; such a limit takes n≈{takes}."
    )


def _is_share(bound: Bound, side: Side) -> bool:
    estimate = side.estimate(bound.metric)
    return estimate is not None and estimate.method == "wilson"


def required(opened: Opened, night: Sequence[Side]) -> Iterator[Line]:
    """Tasks that a night must have, and has not."""
    for task in opened.gates.required:
        there = [side for side in night if task in (side.result.task, side.cell)]
        gone = max([side.result.first.failed for side in there], default=0)
        if not there or gone:
            why = f"partial: {gone} samples were not measured" if there else "the night has no result of it"
            yield Line(kind="required", task=task, word="NOT_COMPARABLE", why=f"required, and {why}")
