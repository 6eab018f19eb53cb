"""Every margin of a gate file held against a night: measured, adjusted together, and decided one by one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from medeval.baselines import Pin, averaged, each_take
from medeval.comparing.contract import terms
from medeval.comparing.differences import Pair, measure_takes
from medeval.comparing.measured import Measured
from medeval.comparing.sides import Side
from medeval.gates.files import Gates, Opened
from medeval.gates.planned import Planned
from medeval.gates.sights import would_decide
from medeval.gates.verdicts import Line, decide
from medeval.stats import many

NAMED = 50
"""Samples that a line names."""


class Night:
    """The cells of a night, each beside what is pinned of it."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._by: dict[tuple[str, str], list[Side]] = {}
        for side in sides:
            self._by.setdefault(side.task, []).append(side)
        self._pinned: dict[str, Side] = {}
        self._unfit: dict[str, str] = {}

    def side(self, pin: Pin) -> tuple[Side | None, str]:
        """The cell of its name; or the one cell of its task, asked in whatever way."""
        there = self._by.get((pin.result.task, pin.result.judge), [])
        same = [side for side in there if side.cell == pin.cell] or (there if len(there) == 1 else [])
        return (same[0], "") if same else (None, f"the night has {'several cells' if there else 'no result'} of it")

    def pinned(self, pin: Pin, side: Side) -> Side:
        """What is pinned, as a side: unpacked once for all numbers of a cell."""
        if pin.cell not in self._pinned:
            self._pinned[pin.cell] = averaged(pin, side.samples)
        return self._pinned[pin.cell]

    def unfit(self, pin: Pin, side: Side, gates: Gates) -> str:
        """Why the night's cell cannot be held against what is pinned."""
        if pin.cell not in self._unfit:
            self._unfit[pin.cell] = unfit(pin, self.pinned(pin, side), side, gates)
        return self._unfit[pin.cell]


class Found(NamedTuple):
    """What a margin is decided by, or why it cannot be."""

    planned: Planned
    measured: Measured | None
    side: Side | None
    why: str = ""


def lines(plans: Sequence[Planned], night: Night, opened: Opened) -> list[Line]:
    """Decide every margin."""
    found = [hold(each, night, opened.gates) for each in plans]
    told = [each for each in found if each.measured is not None]
    adjusted = iter(many.holm([worse(each) for each in told]))
    return [
        _line(each, night, opened, next(adjusted)) if each.measured is not None else _refused(each, opened)
        for each in found
    ]


def hold(plan: Planned, night: Night, gates: Gates) -> Found:
    """Find the night's cell, see that it may be compared, and measure it."""
    side, why = night.side(plan.pin)
    if side is None:
        return Found(plan, None, None, why)
    if why := night.unfit(plan.pin, side, gates):
        return Found(plan, None, side, why)
    measured = measured_as(plan, night.pinned(plan.pin, side), side, gates.confidence)
    return Found(plan, measured, side, "" if measured else f"its {plan.estimate.metric} has no marks to compare")


def unfit(pin: Pin, base: Side, side: Side, gates: Gates) -> str:
    """Why a night's cell cannot be held against what is pinned."""
    held = terms(base, side, gates.treatments)
    if held.refused:
        return "; ".join(map(str, held.refused))
    if side.result.first.failed:
        return f"partial: {side.result.first.failed} samples were not measured"
    return "" if side.samples.key == pin.key else "its samples are others than those that are pinned"


def measured_as(plan: Planned, base: Side, side: Side, confidence: float) -> Measured | None:
    """Measure a number of the night against the mean of the pinned takes."""
    every, metric = range(len(side.samples.ids)), plan.estimate.metric
    takes = each_take(plan.pin, metric, side.samples)
    return measure_takes(Pair(base, side, (every, every), plan.task), takes, metric, (confidence,), plan.draws)


def worse(found: Found) -> float:
    """The one-sided chance of so much of a loss."""
    assert found.measured is not None  # noqa: S101  whoever asks has seen to it
    lower = found.measured.lower
    return lower if found.planned.estimate.better == "higher" else 1 - lower


def oriented(value: float, low: float, high: float, better: str) -> tuple[float, float, float]:
    """A difference and its limits, so that more is better."""
    return (value, low, high) if better == "higher" else (-value, -high, -low)


def _line(found: Found, night: Night, opened: Opened, adjusted: float) -> Line:
    plan, measured, side = found.planned, found.measured, found.side
    assert measured is not None  # noqa: S101
    assert side is not None  # noqa: S101
    gate, estimate, limits = plan.gate, plan.estimate, measured.limits[0]
    gain, low, high = oriented(measured.value, limits.low, limits.high, estimate.better)
    word, why = decide(
        gain, low, high, adjusted, margin=gate.margin, min_effect=gate.min_effect, alpha=opened.gates.family_alpha
    )
    if limits.method.startswith("none") and (measured.value or measured.changed):
        # An interval without width is none: nobody knows how far off the difference may be.
        word, why = "INCONCLUSIVE", f"there is no interval ({limits.method})"
    elif word == "INCONCLUSIVE":
        chance = plan.sight.measured and plan.sight.flips > 0
        why = f"{why}; {would_decide(gain, low, gate.margin, plan.pin.n, chance=chance)}"
    up, down = (measured.up, measured.down) if estimate.better == "higher" else (measured.down, measured.up)
    passed = word in ("IMPROVED", "NON_INFERIOR")
    lost = () if passed else tuple(_lost(plan, night.pinned(plan.pin, side), side))
    return Line(
        kind="margin", task=plan.pin.result.task, cell=plan.pin.cell, metric=estimate.metric, word=word, why=why,
        better=estimate.better, unit=estimate.unit, base=measured.base, new=measured.new, gain=gain, low=low, high=high,
        method=limits.method, margin=gate.margin, min_effect=gate.min_effect, p=worse(found), p_adjusted=adjusted,
        n=min(measured.n, plan.pin.n), n_eff=min(measured.n_eff, plan.pin.n), up=up, down=down, flips=measured.flips,
        seen=plan.sight.seen, lost=lost[:NAMED], lost_count=len(lost), at=opened.line("gate", plan.place),
    )  # fmt: skip


def _refused(found: Found, opened: Opened) -> Line:
    plan = found.planned
    return Line(
        kind="margin", task=plan.pin.result.task, cell=plan.pin.cell, metric=plan.estimate.metric,
        word="NOT_COMPARABLE", why=found.why, better=plan.estimate.better, unit=plan.estimate.unit,
        margin=plan.gate.margin, n=plan.pin.n, at=opened.line("gate", plan.place),
    )  # fmt: skip


def _lost(plan: Planned, base: Side, side: Side) -> Iterator[str]:
    """The samples that were worse than in the mean of the pinned takes, the worst first."""
    metric, better = plan.estimate.metric, plan.estimate.better
    if metric not in base.samples.marks or metric not in side.samples.marks:
        # Marks that are no numbers are those of answers, which the task's own number marks as right or wrong.
        metric, better = plan.pin.result.headline, plan.pin.result.first.better
    one, two = base.samples.marks.get(metric), side.samples.marks.get(metric)
    if one is None or two is None:
        return
    loss = np.nan_to_num(one - two if better == "higher" else two - one)
    for place in np.argsort(-loss, kind="stable"):
        if loss[place] <= 0:
            return
        yield side.samples.ids[place]
