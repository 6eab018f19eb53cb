"""How far raters agree beyond chance: Cohen's kappa of two, Fleiss' kappa of many, Krippendorff's alpha with gaps."""

import math
from collections.abc import Hashable, Iterable, Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

from medeval.stats.bootstrap import DRAWS, Floats, Gather, bootstrapped

Measure = Literal["nominal", "ordinal", "interval", "ratio"]
Weights = Literal["none", "linear", "quadratic"]


class Agreement(NamedTuple):
    """Agreement beyond chance and its limits; NaN where it has no value, and `method` says why."""

    value: float
    low: float
    high: float
    method: str
    raw: float
    """Share of pairs of ratings that are the same: what chance gives is in it."""
    n: int
    """Units that were rated at least twice."""


def cohen(
    first: Sequence[Hashable], second: Sequence[Hashable], weights: Weights = "none", level: float = 0.95
) -> Agreement:
    """Cohen's kappa of two raters of the same items, with its large-sample interval.

    Fleiss, Cohen and Everitt, Psychological Bulletin 1969. Weighted kappa takes grades as the numbers they are, so a
    grade that nobody gave still keeps its neighbours apart.
    """
    n = len(first)
    kinds = _kinds([*first, *second], ordered=weights != "none")
    places = {kind: place for place, kind in enumerate(kinds)}
    table = np.zeros((len(kinds), len(kinds)))
    for one, other in zip(first, second, strict=True):
        table[places[one], places[other]] += 1
    if not n:
        return _none("none: no item", math.nan, 0)
    far = _apart(kinds, {"none": "nominal", "linear": "linear", "quadratic": "interval"}[weights])
    shares, rows, columns = table / n, table.sum(axis=1) / n, table.sum(axis=0) / n
    raw, chance = float(np.trace(table)) / n, float(rows @ far @ columns)
    if chance == 0:
        return _none("none: everybody always says the same", raw, n)
    ratio = float((far * shares).sum()) / chance
    pull = (far - ratio * ((far @ columns)[:, None] + rows @ far)) / chance
    variance = float((shares * pull**2).sum()) - ratio**2
    if variance < 1e-12:
        # As where two raters never differ, or one of them says only one thing.
        return Agreement(1 - ratio, 1 - ratio, 1 - ratio, "none: the large-sample error is 0", raw, n)
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance / n)
    return Agreement(1 - ratio, max(-1.0, 1 - ratio - half), min(1.0, 1 - ratio + half), "large sample", raw, n)


def fleiss(counts: Sequence[Sequence[int]], seed: int = 0, draws: int = DRAWS, level: float = 0.95) -> Agreement:
    """Fleiss' kappa of a table: how many raters put each subject (row) into each category (column).

    J. L. Fleiss, Psychological Bulletin 1971.
    """
    table = np.asarray(counts, dtype=np.float64)
    raters = {int(total) for total in table.sum(axis=1)}
    if len(raters) != 1 or min(raters) < 2:
        raise ValueError(
            f"every subject needs the same number of raters, 2 or more; found {sorted(raters)}; use krippendorff"
        )
    return _drawn(table, _by_table, seed, draws, level)


def krippendorff(
    ratings: Sequence[Sequence[Hashable]],
    measure: Measure = "nominal",
    seed: int = 0,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha of ratings, a row a rater and a column a unit; None or NaN where a rater gave none.

    K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011. A unit with fewer than two ratings has no part.
    """
    units = [[rating for rating in unit if not _missing(rating)] for unit in zip(*ratings, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    if not units:
        return _none("none: no unit has two ratings", math.nan, 0)
    kinds = _kinds([rating for unit in units for rating in unit], ordered=measure != "nominal")
    places = {kind: place for place, kind in enumerate(kinds)}
    table = np.zeros((len(units), len(kinds)))
    for row, unit in zip(table, units, strict=True):
        for rating in unit:
            row[places[rating]] += 1
    gather = _by_rank if measure == "ordinal" else _by_distance(_apart(kinds, measure))
    return _drawn(table, gather, seed, draws, level)


def _drawn(table: Floats, gather: Gather, seed: int, draws: int, level: float) -> Agreement:
    """Draw units, a row of counts each, and put the limits around the agreement."""
    raters = table.sum(axis=1)
    same = (table * (table - 1)).sum(axis=1) / (raters - 1)
    raw, n = math.fsum(same) / math.fsum(raters), len(table)
    if np.count_nonzero(table.any(axis=0)) == 1:
        return _none("none: everybody always says the same", raw, n)
    found = bootstrapped(table, gather, seed, draws=draws, level=level)
    return Agreement(float(found.values[0]), *found.intervals[0], raw, n)


def _by_table(table: Floats, weights: Floats) -> Floats:
    raters = table[0].sum()
    differ = 1 - (table * (table - 1)).sum(axis=1) / (raters * (raters - 1))
    subjects = weights.sum(axis=-1)
    shares = weights @ table / (raters * subjects)[..., None]
    return _beyond(weights @ differ / subjects, 1 - (shares**2).sum(axis=-1))


def _by_distance(far: Floats) -> Gather:
    def gather(table: Floats, weights: Floats) -> Floats:
        differ = ((table @ far) * table).sum(axis=1) / (table.sum(axis=1) - 1)
        held = weights @ table
        return _beyond(weights @ differ * (held.sum(axis=-1) - 1), ((held @ far) * held).sum(axis=-1))

    return gather


def _by_rank(table: Floats, weights: Floats) -> Floats:
    """Gather ordered ratings: they are as far apart as their mean ranks, which differ from draw to draw."""
    raters, held = table.sum(axis=1), weights @ table
    n = held.sum(axis=-1)
    ranks = held.cumsum(axis=-1) - held / 2 - n[..., None] / 2
    squares = (ranks**2 * (weights @ (table * (raters / (raters - 1))[:, None]))).sum(axis=-1)
    crossed = ((ranks @ table.T) ** 2 * weights / (raters - 1)).sum(axis=-1)
    return _beyond((squares - crossed) * (n - 1), n * (ranks**2 * held).sum(axis=-1))


def _beyond(seen: Floats, chance: Floats) -> Floats:
    """Disagreement that was not seen, of that by chance; NaN where chance gives none."""
    ratio: Floats = np.divide(seen, chance, out=np.full(np.shape(chance), np.nan), where=chance > 0)
    return 1 - ratio


def _apart(kinds: Sequence[Hashable], measure: str) -> Floats:
    """How far apart each two kinds are."""
    if measure == "nominal":
        return 1 - np.eye(len(kinds))
    values = np.array(kinds, dtype=np.float64)
    gaps = np.abs(values[:, None] - values)
    if measure == "linear":
        return gaps
    if measure == "ratio":
        if values.min() < 0:
            raise ValueError("the ratio measure needs ratings of 0 or more; use the interval measure")
        sums = values[:, None] + values
        gaps = np.divide(gaps, sums, out=np.zeros_like(gaps), where=sums > 0)
    squares: Floats = gaps**2
    return squares


def _kinds(labels: Iterable[Hashable], *, ordered: bool) -> list[Hashable]:
    """Different labels, in an order that does not hang on that of the items."""
    kinds = set(labels)
    if not ordered:
        return sorted(kinds, key=repr)
    words = [kind for kind in kinds if not isinstance(kind, int | float | np.number)]
    if words:
        raise ValueError(f"ordered labels must be numbers; found {min(words, key=repr)!r}")
    return sorted(kinds)  # type: ignore[type-var]


def _missing(rating: Hashable) -> bool:
    return rating is None or (isinstance(rating, float | np.floating) and math.isnan(rating))


def _none(why: str, raw: float, n: int) -> Agreement:
    return Agreement(math.nan, math.nan, math.nan, why, raw, n)
