"""What a gate can see: one that cannot see what it asks for is refused, with what it would take."""

import math
from typing import NamedTuple

from medeval.baselines import Pin
from medeval.comparing.differences import Pair, measure
from medeval.comparing.telling import number
from medeval.gates.files import Margin
from medeval.records import Estimate
from medeval.stats import power

ASSUMED = 0.032
"""The share of answers that flip between identical runs, where a baseline of one take cannot tell: as measured by
sgl-project, sglang-jax #1333, on 61 runs."""
ALIKE = 0.9
"""How alike the graded marks of two takes are taken to be, where there is one."""
BLIND = 2.0
"""A gate may miss what is smaller than so many margins, and no more."""
POWER = 0.8


class Sight(NamedTuple):
    """What a gate sees, and by what that is known."""

    seen: float
    flips: float
    """Or the variance of the difference, where marks are graded."""
    graded: bool
    worth: float
    """Independent samples."""
    measured: bool


def sight(pin: Pin, estimate: Estimate, alpha: float, pair: Pair | None = None) -> Sight:
    """The smallest loss that a gate finds four times in five.

    `pair`: two takes of the baseline, for a number that is no mean of marks.
    """
    pinned = pin.number(estimate.metric)
    worth = pin.n * min(1.0, estimate.n_eff / estimate.n) if estimate.n and estimate.n_eff else float(pin.n)
    how = {"alpha": alpha, "power": POWER}
    several = pin.takes > 1
    if pinned is not None and pinned.marks.form == "bits":
        flips = pinned.flips if several else ASSUMED
        seen = power.detectable(worth, flips, one_sided=True, **how) or power.least(worth, one_sided=True, **how)
        return Sight(seen, flips, False, worth, several)
    if pinned is not None and pinned.marks.takes and several:
        variance = pinned.variance
    else:
        variance = _variance(estimate, worth, pair)
    return Sight(
        power.detectable_graded(worth, variance, one_sided=True, **how) if variance else 0.0, variance, True, worth,
        several,
    )  # fmt: skip


def blind(pin: Pin, estimate: Estimate, gate: Margin, found: Sight, alpha: float) -> str:
    """Why a gate is refused; empty if it can see what it asks for."""
    if found.seen <= BLIND * gate.margin:
        return ""
    # Twice the margin is the least that it must see, and what it takes is told for that.
    target = BLIND * gate.margin
    how = {"alpha": alpha, "power": POWER}
    if found.graded:
        wanted = power.wanted_graded(target, found.flips, one_sided=True, **how)
    else:
        wanted = power.wanted(target, max(found.flips, target), one_sided=True, **how) or 0
    needed = math.ceil(wanted * pin.n / found.worth)
    unit = estimate.unit
    by = "of its takes" if found.measured else "assumed, for it has one take"
    share = f"at {100 * found.flips:.1f} % flips ({by})" if not found.graded else f"by the spread {by}"
    repeats = math.ceil(needed / pin.n)
    return (
        f"gate of {pin.cell} {estimate.metric}: cannot see what it asks for. With n {pin.n:,}, {share}, and this many "
        f"gates it finds a loss of {number(found.seen, unit)} four times in five; a margin of "
        f"{number(gate.margin, unit)} asks for {number(target, unit)}. Take n≈{needed:,}, or --repeats {repeats} where "
        f"what flips is chance, or a margin of {number(_up(found.seen / BLIND), unit)}."
    )


def wanted(found: Sight, pin: Pin, margin: float, confidence: float) -> str:
    """What it would take to decide a margin, where a night could not."""
    how = {"alpha": (1 - confidence) / 2, "power": POWER}
    if found.graded:
        n = power.wanted_graded(margin, found.flips, one_sided=True, **how) if found.flips else 0
    else:
        n = power.wanted(margin, max(found.flips, margin), one_sided=True, **how) or 0
    needed = math.ceil(n * pin.n / found.worth)
    takes = math.ceil(needed / pin.n)
    return f"n≈{needed:,}" + (f" or {takes} takes" if takes > 1 else "")


def _variance(estimate: Estimate, worth: float, pair: Pair | None) -> float:
    """The variance of a difference, per sample, from two takes; or from the interval, if there is one take."""
    if pair is not None:
        found = measure(pair, estimate.metric)
        if found is not None and found.limits[-1].high > found.limits[-1].low:
            error = (found.limits[-1].high - found.limits[-1].low) / 2 / power.quantile(0.975)
            return error**2 * worth
    if estimate.low is None or estimate.high is None:
        return 0.0
    error = (estimate.high - estimate.low) / 2 / power.quantile(0.975)
    return 2 * (1 - ALIKE) * error**2 * worth


def _up(margin: float) -> float:
    """A margin that can be written down, rounded up."""
    return math.ceil(1000 * margin - 1e-9) / 1000


def shares(count: int, alpha: float) -> float:
    """The level that a lone loss among so many gates is held to, by Holm's first step."""
    return alpha / max(1, count)
