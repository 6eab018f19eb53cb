"""What a gate can see: one that cannot see what it asks for is refused, with what it would take."""

import math
from typing import NamedTuple

from medeval.baselines import Pin
from medeval.comparing.differences import Pair, measure
from medeval.comparing.measured import DRAWS
from medeval.comparing.telling import number
from medeval.gates.files import Margin
from medeval.records import Estimate
from medeval.stats import power

ASSUMED = power.FLIPS
"""The share of answers that flip, where a baseline of one take cannot tell."""
ALIKE = 0.9
"""How alike the graded marks of two takes are taken to be, where there is one."""
BLIND = 2.0
"""A gate may miss what is smaller than so many margins, and no more."""
POWER = 0.8
HOPELESS = 50
"""Times as many samples, of which nobody needs to be told."""
MOST = 50_000
"""Draws for a number that is no mean of marks."""


class Sight(NamedTuple):
    """What a gate sees, and by what that is known."""

    seen: float
    flips: float
    """The share of marks that two takes differ in; or the variance of what they differ by, where marks are grades."""
    variance: float
    """Of what a night and the baseline differ by; 0 where shares of flips are all there is to go by."""
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
    several, asked = pin.takes > 1, pin.result.setting.repeats
    # Chance has half as much to say in one take as between two; a mean of takes has the less of it, the more there are.
    less = (1 / asked + 1 / pin.takes) / 2 if several else 1.0
    is_bits = pinned is not None and pinned.marks.form == "bits"
    # In one take a mark is right or wrong, and some ten flips are the least that shows; in a mean of takes less does.
    single = asked == 1 or not several or (pinned is not None and not pinned.flips)
    least = power.least(worth, one_sided=True, **how) if is_bits and single else 0.0
    if is_bits and not several:
        seen = power.detectable(worth, ASSUMED, one_sided=True, **how) or least
        return Sight(seen, ASSUMED, 0.0, worth, several)
    if pinned is not None and is_bits:
        flips, variance = pinned.flips, less * pinned.flips
    elif pinned is not None and pinned.marks.takes and several:
        flips = pinned.variance or _variance(estimate, worth, None)
        variance = less * flips
    else:
        flips = variance = _variance(estimate, worth, pair)
    seen = power.detectable_graded(worth, variance, one_sided=True, **how) if variance else 0.0
    return Sight(max(seen, least), flips, variance, worth, several)


def blind(pin: Pin, estimate: Estimate, gate: Margin, found: Sight, alpha: float) -> str:
    """Why a gate is refused; empty if it can see what it asks for."""
    name = f"gate of {pin.cell} {estimate.metric}"
    pinned = pin.number(estimate.metric)
    if pinned is not None and not pinned.marks.takes and rarest(MOST) >= alpha:
        return (
            f"{name}: is tested by {MOST:,} draws at most, which show nothing rarer than {rarest(MOST):.2g}, and among "
            f"so many gates it must be {alpha:.2g}. Take fewer gates."
        )
    if found.seen <= BLIND * gate.margin:
        return ""
    # Twice the margin is the least that it must see, and what it takes is told for that.
    target = BLIND * gate.margin
    how = {"alpha": alpha, "power": POWER}
    if found.variance:
        samples = power.wanted_graded(target, found.variance, one_sided=True, **how)
    else:
        samples = power.wanted(target, max(found.flips, target), one_sided=True, **how) or 0
    needed = math.ceil(samples * pin.n / found.worth)
    sign = " points" if estimate.unit == "fraction" else ""
    by = "of its takes" if found.measured else "assumed, for it has one take"
    is_bits = pinned is not None and pinned.marks.form == "bits"
    share = f"at {100 * found.flips:.1f} % flips ({by})" if is_bits else f"by the spread {by}"
    # With so many in every night and one run of as many pinned, chance is that of two single takes divided by them.
    repeats = math.ceil((found.flips / found.variance if found.variance else 1.0) * needed / pin.n)
    return (
        f"{name}: cannot see what it asks for. With n {pin.n:,}, {share}, and this many gates it finds a loss of "
        f"{number(found.seen, estimate.unit)}{sign} four times in five; a margin of "
        f"{number(gate.margin, estimate.unit)}{sign} asks for {number(target, estimate.unit)}. Take n≈{needed:,}, or "
        f"--repeats {repeats} for baseline and nights where what flips is chance, or "
        f"margin = {_up(found.seen / BLIND):g}."
    )


def would_decide(gain: float, low: float, margin: float, n: int, *, chance: bool) -> str:
    """What it would take to decide a margin where a night could not: its interval shrinks with the root of n.

    `chance`: takes of one model differ, so more of them would say more.
    """
    if gain <= -margin:
        return "the loss itself is beyond the margin, and with more samples it would be a sure one"
    needed = math.ceil(n * ((gain - low) / (gain + margin)) ** 2)
    if needed > HOPELESS * n:
        return "so near the margin that no more samples that one could have would decide it"
    takes = math.ceil(needed / n)
    more = f", or {takes} takes where what flips is chance," if takes > 1 and chance else ""
    return f"needs n≈{needed:,}{more} to decide"


def draws_for(alpha: float) -> int:
    """Draws that make a loss as rare as the level asks for visible, with some to spare."""
    return min(MOST, max(DRAWS, math.ceil(5 / alpha)))


def rarest(draws: int) -> float:
    """The smallest one-sided chance that so many draws can show."""
    return 0.5 / (draws + 1)


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
