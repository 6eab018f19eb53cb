"""The difference between two systems on the same samples, by the kind of their marks. It is always new minus base."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from medeval.comparing.samples import Floats
from medeval.metrics import Metric
from medeval.scoring.gathering import as_array, part_weights
from medeval.stats import Interval, mean_of_means, paired

DRAWS = 2_000
"""Of a bootstrap, and of an approximate randomisation."""


class Measured(NamedTuple):
    """Both values, what lies between them, and how sure that is."""

    base: float
    new: float
    value: float
    limits: tuple[Interval, ...]
    """One for each level that was asked for."""
    p: float
    """Two-sided: how often chance makes as much of a difference."""
    lower: float
    """One-sided: how often chance makes new as much lower."""
    n: int
    n_eff: float
    up: int
    """Samples on which new is above base, and below it; none are counted where marks are no numbers."""
    down: int
    changed: int
    """Samples whose marks differ."""
    exact: float | None = None
    """McNemar's exact p, where marks are right or wrong."""
    graded: bool = True
    variance: float = 0.0
    """Of the differences of samples."""

    @property
    def flips(self) -> float:
        """The share of samples whose marks differ."""
        return self.changed / self.n if self.n else 0.0


def of_means(base: Floats, new: Floats, clusters: Sequence[str], levels: Sequence[float]) -> Measured:
    """Compare means: by McNemar and Tango where every mark is right or wrong, else by Student, or CR1 over clusters."""
    # A gate file may hold ten thousand of these: each is looked at as few times as will do.
    rest, n = new - base, len(base)
    up, down = int(np.count_nonzero(rest > 0)), int(np.count_nonzero(rest < 0))
    binary = _is_binary(base) and _is_binary(new)
    first, second = float(base.sum()) / n, float(new.sum()) / n
    around = rest - rest.sum() / n
    variance = float(around @ around) / max(1, n - 1)
    if binary and not clusters:
        chances = paired.mcnemar(up, down)
        return Measured(
            first, second, (up - down) / n, tuple([paired.tango(up, down, n, level) for level in levels]),
            chances.mid_p, chances.worse, n, float(n), up, down, up + down, chances.exact, graded=False,
            variance=variance,
        )  # fmt: skip
    found = [paired.paired_t(base, new, clusters or None, level) for level in levels]
    units = len({*clusters}) if clusters else n
    value, p = found[0].value, found[0].p
    limits = [_limits(each, units, base, new, level) for each, level in zip(found, levels, strict=True)]
    return Measured(
        first, second, value, tuple(limits), p, _lower(value, p), n,
        _worth(rest, clusters), up, down, up + down, graded=not binary, variance=variance,
    )  # fmt: skip


def of_gathered(  # noqa: PLR0913, PLR0917
    metric: Metric, base: Sequence[object], new: Sequence[object], clusters: Sequence[str], levels: Sequence[float],
    seed: int, draws: int = DRAWS, takes: int = 1,
) -> Measured:  # fmt: skip
    """Compare what marks come to that is no mean: both on the same draws of samples, and approximate randomisation.

    With several `takes` a sample has a mark of each, and a value is the mean of what every take comes to.
    """
    before, after = [_rows(marks, takes, opaque=bool(metric.draws)) for marks in (base, new)]
    part = metric.part

    def alone(marks: Floats, weights: Floats) -> Floats:
        values: Floats = metric.gather(marks, weights)
        return values if part is None or values.ndim < weights.ndim else values[..., part]

    def gather(marks: Floats, weights: Floats) -> Floats:
        if takes == 1:
            return alone(marks, weights)
        values: Floats = np.mean([alone(marks[:, take], weights) for take in range(takes)], axis=0)
        return values

    found = [
        paired.bootstrapped_difference(
            before, after, gather, seed, clusters=clusters or None, draws=metric.draws or draws, level=level,
            accelerated=not metric.draws,
        )
        for level in levels
    ]  # fmt: skip
    every = np.ones((1, len(before)))
    first, second = [float(gather(marks, every)[0]) for marks in (before, after)]
    changed = sum(one != two for one, two in zip(base, new, strict=True))
    # Sums of the same marks in another order differ by less, and by nothing that is a difference.
    (value, *_), p = [round(each, 12) for each in found[0][:3]], found[0].p
    limits = [Interval(round(each.low, 12), round(each.high, 12), each.method) for each in found]
    units = len({*clusters}) if clusters else len(base)
    if not changed and metric.unit == "fraction":
        # Draws of the same marks are all the same; what could have differed is bounded all the same.
        limits = [paired.tango(0, 0, units, level) for level in levels]
        limits = [each._replace(method=f"Tango over {units}: no sample differs") for each in limits]
    return Measured(
        first, second, value, tuple(limits), p,
        _lower(value, p), len(base), float(units), 0, 0, changed,
    )  # fmt: skip


def of_parts(
    base: Floats, new: Floats, parts: Sequence[tuple[str, ...]], clusters: Sequence[str], levels: Sequence[float]
) -> Measured:
    """Compare plain means over the parts that slices make: every part by itself, and then their mean."""
    places: Mapping[tuple[str, ...], list[int]] = {part: [] for part in sorted({*parts})}
    for place, part in enumerate(parts):
        places[part].append(place)
    weights = [*part_weights(places).values()]
    rows = [[of_means(base[at], new[at], [clusters[i] for i in at] if clusters else (), [level]) for at in
             map(np.array, places.values())] for level in levels]  # fmt: skip
    found = [mean_of_means([(one.value, *one.limits[0][:2]) for one in row], weights) for row in rows]
    first, second = [math.fsum(map(math.prod, zip(weights, side, strict=True))) for side in (
        [one.base for one in rows[0]], [one.new for one in rows[0]])]  # fmt: skip
    value, (low, high, _) = found[0]
    error = (high - low) / 2 / NormalDist().inv_cdf((1 + levels[0]) / 2)
    p = 2 * NormalDist().cdf(-abs(value) / error) if error else 1.0
    up, down = sum(one.up for one in rows[0]), sum(one.down for one in rows[0])
    return Measured(
        first, second, value, tuple([limits for _, limits in found]), p, _lower(value, p), len(base),
        math.fsum(one.n_eff for one in rows[0]), up, down, up + down,
    )  # fmt: skip


def _rows(marks: Sequence[object], takes: int, *, opaque: bool) -> Floats:
    """Marks as numpy has them; of several takes (samples, takes, …)."""
    if takes == 1:
        return as_array(marks, opaque=opaque)  # type: ignore[no-any-return]
    flat = as_array([mark for every in marks for mark in every], opaque=opaque)  # type: ignore[attr-defined]
    made: Floats = flat.reshape(len(marks), takes, *flat.shape[1:])
    return made


def _is_binary(marks: Floats) -> bool:
    return bool(((marks == 0) | (marks == 1)).all())


def _lower(value: float, p: float) -> float:
    """The one-sided chance, from the two-sided one and the side."""
    return p / 2 if value < 0 else 1 - p / 2


def _limits(found: paired.Difference, units: int, base: Floats, new: Floats, level: float) -> Interval:
    """Student's limits; where no sample differs they have no width, but those of shares that could have differed do."""
    if not found.value and not found.method.startswith(("paired", "CR1")) and _is_share(base) and _is_share(new):
        low, high, _ = paired.tango(0, 0, units, level)
        return Interval(low, high, f"Tango over {units}: no {'sample' if (base == new).all() else 'cluster'} differs")
    return Interval(found.low, found.high, found.method)


def _is_share(marks: Floats) -> bool:
    return bool(((marks >= 0) & (marks <= 1)).all())


def _worth(rest: Floats, clusters: Sequence[str]) -> float:
    """How many independent samples the differences are worth."""
    n = len(rest)
    if not clusters:
        return float(n)
    around = rest - rest.mean()
    owners = np.unique(np.asarray(clusters), return_inverse=True)[1]
    sums = np.bincount(owners, around)
    count, alone, together = len(sums), float(around @ around) / max(1, n - 1) / n, float(sums @ sums) / n**2
    if count < 2 or not together:
        return float(count)
    return min(float(n), n * alone / (together * count / (count - 1)))
