"""The bootstrap of whatever marks come to.

A statistic is a function of how often each mark counts: `gather(marks, weights)` takes marks (m, …) and weights (…, m)
and gives values (…), or (…, v) for v statistics at once. Drawing samples with replacement, leaving one out, and
comparing two systems on the same draws are then all a matter of weights, and one product of matrices serves a
thousand draws.
"""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from medeval.stats.intervals import Interval

Floats = npt.NDArray[np.float64]
Gather = Callable[[Floats, Floats], Floats]

DRAWS = 2_000
CELLS = 250_000
"""Weights held at once: 2 MB, which a processor keeps near by."""
LEFT_OUT = 200
"""Parts that are left out in turn, where there are more units than twice as many; the error in BCa's acceleration is
then near 0.65 / 200 for marks without long tails."""
ROUNDING = 1e-12
"""What sums in another order may differ by."""
FEW_CLUSTERS = 40
"""Below it draws of clusters cover too little, and a jackknife with Student's t is used; Cameron and Miller, 2015."""


class Bootstrapped(NamedTuple):
    """Values, their intervals, and the independent samples each is worth, one for each statistic that was gathered."""

    values: Floats
    intervals: tuple[Interval, ...]
    worths: tuple[float, ...]


class _Units(NamedTuple):
    """Distinct marks in an order of their own, how often each stands, and the cluster of each."""

    marks: Floats
    counts: Floats
    owners: npt.NDArray[np.int64] | None
    clusters: int


def bootstrapped(  # noqa: PLR0913  a bootstrap has this many sides
    marks: Floats,
    gather: Gather,
    seed: int,
    *,
    clusters: Sequence[str] | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    accelerated: bool = True,
    reflected: Collection[int] = (),
    workers: int = 1,
) -> Bootstrapped:
    """Values of the marks with BCa intervals (Efron, JASA 1987), percentile ones where BCa is degenerate.

    Statistics in `reflected` are larger in a draw than they are, as all that measures a distance is: BCa would go the
    wrong way, so what draws add is taken off.

    Equal marks are drawn together, so the cost does not grow with n where there are few kinds of them. The order of
    marks that are numbers changes nothing, and neither does the number of workers: every batch of draws has a seed of
    its own.
    """
    units = _units(marks, clusters)
    values = _as_rows(gather(units.marks, units.counts[None]))[0]
    if math.fsum(units.counts) < 2 or units.clusters == 1:
        said = "none: one cluster" if units.clusters == 1 else "none: n < 2"
        alone = [Interval(float(value), float(value), said) for value in values]
        return Bootstrapped(values, tuple(alone), (1.0,) * len(values))
    if units.owners is None and not accelerated:
        without, shares = np.empty((0, len(values))), np.empty(0)
    else:
        without, shares = _without(units, gather)
    n = math.fsum(units.counts)
    worths = (n,) * len(values) if units.owners is None else _worths(units, gather, without, n)
    if 0 < units.clusters < FEW_CLUSTERS:
        return Bootstrapped(values, tuple(_jackknifed(values, without, units.clusters, level)), worths)
    drawn = _drawn(units, gather, seed, draws, workers)
    intervals = []
    for place, value in enumerate(values):
        if place in reflected:
            intervals.append(_reflected(float(value), drawn[:, place], level))
        else:
            left_out = (without[:, place], shares) if accelerated else None
            intervals.append(_interval(float(value), drawn[:, place], left_out, level))
    return Bootstrapped(values, tuple(intervals), worths)


def _units(marks: Floats, clusters: Sequence[str] | None) -> _Units:
    """Put marks into an order that does not hang on that of the samples, equal ones together."""
    if clusters is None:
        if marks.dtype == object:
            return _Units(marks, np.ones(len(marks)), None, 0)
        kinds, counts = np.unique(marks, axis=0, return_counts=True)
        return _Units(kinds, counts.astype(np.float64), None, 0)
    names, owners = np.unique(np.asarray(clusters), return_inverse=True)
    if marks.dtype == object:
        return _Units(marks, np.ones(len(marks)), owners, len(names))
    columns = marks.reshape(len(marks), -1)
    rows, first, counts = np.unique(
        np.column_stack([owners, columns]), axis=0, return_index=True, return_counts=True
    )  # fmt: skip
    return _Units(marks[first], counts.astype(np.float64), rows[:, 0].astype(np.int64), len(names))


def _drawn(units: _Units, gather: Gather, seed: int, draws: int, workers: int) -> Floats:
    """The values of every draw; a batch is the same whoever makes it."""
    size = max(1, min(draws, CELLS // len(units.marks)))
    batches = [(first // size, min(size, draws - first)) for first in range(0, draws, size)]

    def play(batch: tuple[int, int]) -> Floats:
        number, count = batch
        return _as_rows(gather(units.marks, _weights(units, np.random.default_rng((seed, number)), count)))

    if workers == 1:
        return np.concatenate([play(batch) for batch in batches])
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(play, batches)))


def _weights(units: _Units, dice: np.random.Generator, draws: int) -> Floats:
    """How often each kind of mark comes, draw by draw."""
    if units.owners is not None:
        each = _counted(dice.integers(units.clusters, size=(draws, units.clusters)), units.clusters)
        return each[:, units.owners] * units.counts
    n = int(units.counts.sum())
    if n > 4 * len(units.counts):
        return dice.multinomial(n, units.counts / n, size=draws).astype(np.float64)
    places = dice.integers(n, size=(draws, n))
    if n > len(units.counts):
        places = np.repeat(np.arange(len(units.counts)), units.counts.astype(np.int64))[places]
    return _counted(places, len(units.counts))


def _counted(places: npt.NDArray[np.int64], size: int) -> Floats:
    """Count the places of every row."""
    places += size * np.arange(len(places))[:, None]
    return np.bincount(places.ravel(), minlength=size * len(places)).reshape(len(places), size).astype(np.float64)


def _without(units: _Units, gather: Gather) -> tuple[Floats, Floats]:
    """The values where one unit is left out, or one part of many; and how often each of them stands for another."""
    rows = len(units.counts)
    if units.owners is None and rows <= 2 * LEFT_OUT:
        return _left_out(units, gather, lambda part: units.counts - (np.arange(rows) == part), rows), units.counts
    owners = np.arange(rows) if units.owners is None else units.owners
    parts = int(owners.max()) + 1
    if parts > 2 * LEFT_OUT:
        # By lot: rows are in the order of their marks, and neighbours would share their influence.
        owners, parts = np.random.default_rng(0).permutation(parts)[owners] % LEFT_OUT, LEFT_OUT
    return _left_out(units, gather, lambda part: np.where(owners == part, 0.0, units.counts), parts), np.ones(parts)


def _left_out(units: _Units, gather: Gather, weights: Callable[[int], Floats], parts: int) -> Floats:
    size = max(1, CELLS // len(units.counts))
    batches = [range(first, min(parts, first + size)) for first in range(0, parts, size)]
    return np.concatenate([_as_rows(gather(units.marks, np.stack([weights(p) for p in batch]))) for batch in batches])


def _worths(units: _Units, gather: Gather, without: Floats, n: float) -> tuple[float, ...]:
    """How many independent samples clusters are worth: by the spread where samples, and where clusters are left out."""
    rows = len(units.counts)
    parts = rows if rows <= 2 * LEFT_OUT else LEFT_OUT
    lots = np.random.default_rng(0).permutation(rows) % parts
    # One of the equal marks in a row at a time; the others have as much influence as it.
    alone = _left_out(units, gather, lambda part: units.counts - (lots == part), parts)
    times = np.bincount(lots, units.counts) / np.bincount(lots)
    single = (times[:, None] * (alone - np.average(alone, axis=0, weights=times)) ** 2).sum(axis=0) * (n - 1) / n
    count = len(without)
    together = ((without - without.mean(axis=0)) ** 2).sum(axis=0) * (count - 1) / count
    return tuple([
        min(n, n * one / all_of_them) if all_of_them > 0 else float(units.clusters)
        for one, all_of_them in zip(single.tolist(), together.tolist(), strict=True)
    ])  # fmt: skip


def _reflected(value: float, drawn: Floats, level: float) -> Interval:
    """Limits as far from the value as draws are, on the other side; they hold the value."""
    known = np.sort(drawn[np.isfinite(drawn)])
    if none := _none(value, known):
        return none
    low, high = 2 * value - np.quantile(known, ((1 + level) / 2, (1 - level) / 2))
    return Interval(min(float(low), value), max(float(high), value), "reflected bootstrap")


def _none(value: float, known: Floats) -> Interval | None:
    """No interval, where draws tell of no spread."""
    if not len(known):
        return Interval(value, value, "none: no draw has a value")
    if known[-1] - known[0] <= ROUNDING * max(1.0, abs(value)):
        return Interval(value, value, "none: every draw gives the same")
    return None


def _jackknifed(values: Floats, without: Floats, clusters: int, level: float) -> Iterator[Interval]:
    error = np.sqrt((clusters - 1) / clusters * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    half = float(stdtrit(clusters - 1, (1 + level) / 2)) * error
    for value, width in zip(values, half, strict=True):
        yield Interval(float(value - width), float(value + width), f"jackknife over {clusters} clusters, Student's t")


def _interval(value: float, drawn: Floats, without: tuple[Floats, Floats] | None, level: float) -> Interval:
    """The limits of one statistic; draws that have no value are left out, and the number of the others is told."""
    known = np.sort(drawn[np.isfinite(drawn)])
    if none := _none(value, known):
        return none
    said = "" if len(known) == len(drawn) else f", {len(known)} of {len(drawn)} draws"
    below = float(np.mean(known < value) + 0.5 * np.mean(known == value))
    said = f", {len(known)} draws" if without is None else said
    method, bounds = "percentile bootstrap", ((1 - level) / 2, (1 + level) / 2)
    if without is not None and 0 < below < 1 and np.isfinite(without[0]).all():
        method, bounds = "BCa bootstrap", _corrected(below, *without, bounds)
    low, high = np.quantile(known, bounds)
    # What cannot be below nothing is drawn above its value more often than not: its limits still hold the value.
    return Interval(min(float(low), value), max(float(high), value), method + said)


def _corrected(below: float, without: Floats, shares: Floats, bounds: tuple[float, float]) -> tuple[float, float]:
    """Correct the places of the limits for bias and skew."""
    normal = NormalDist()
    influence = np.average(without, weights=shares) - without
    spread = float(np.sum(shares * influence**2)) ** 1.5
    skew = float(np.sum(shares * influence**3)) / (6 * spread) if spread > 0 else 0.0
    bias = normal.inv_cdf(below)
    low, high = [
        normal.cdf(bias + (bias + z) / (1 - skew * (bias + z))) for z in map(normal.inv_cdf, bounds)
    ]  # fmt: skip
    return low, high


def _as_rows(values: Floats) -> Floats:
    """Values of one statistic or of several, a row a draw."""
    return values[:, None] if values.ndim == 1 else values
