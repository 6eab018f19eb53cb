"""Two systems on the same samples. A difference is always new minus base."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import bdtr, gammaln, stdtr, stdtrit

from medeval.stats.bootstrap import CELLS, Floats, Gather, bootstrapped
from medeval.stats.intervals import Interval

DRAWS = 10_000
ROUNDING = 1e-12
"""Sums of the same numbers in another order differ by less, as a share of their size; such are ties."""


class McNemar(NamedTuple):
    """P-values of right and wrong answers: two-sided mid-p and exact, and one-sided mid-p for "new is worse"."""

    mid_p: float
    exact: float
    worse: float


class Difference(NamedTuple):
    """New minus base, its interval, and the p-value of there being no difference."""

    value: float
    low: float
    high: float
    method: str
    p: float


def mcnemar(b: int, c: int) -> McNemar:
    """Test b samples that only the new system has right against c that only the base has right.

    The mid-p: Fagerland, Lydersen and Laake, BMC Medical Research Methodology 2013.
    """
    # Where b + c = 0 the one outcome there is counts half: worse is 1/2, and the others are 1.
    fewer = min(b, c)
    return McNemar(
        mid_p=min(1.0, _at_most(fewer, b + c) + _at_most(fewer - 1, b + c)),
        exact=min(1.0, 2 * _at_most(fewer, b + c)),
        worse=(_at_most(b, b + c) + _at_most(b - 1, b + c)) / 2,
    )


def _at_most(heads: int, tosses: int) -> float:
    return 0.0 if heads < 0 else float(bdtr(heads, tosses, 0.5))


def tango(b: int, c: int, n: int, level: float = 0.95) -> Interval:
    """Score interval of the difference (b - c) / n; it has a width even where no sample tells the systems apart.

    T. Tango, Statistics in Medicine 1998.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    return Interval(-_upper(c, b, n, z), _upper(b, c, n, z), "Tango")


def _upper(b: int, c: int, n: int, z: float) -> float:
    """The difference above the one found that is z standard errors away from it."""
    if b == n:
        return 1.0

    def ahead(difference: float) -> float:
        """Positive as long as the difference is nearer than that."""
        spread = difference * (1 - difference)
        linear = (2 * n - b + c) * difference - b - c
        # The likeliest share of c, were this the difference: the root of 2n·q² + linear·q - c·spread.
        share = (math.sqrt(max(0.0, linear**2 + 8 * n * c * spread)) - linear) / (4 * n)
        return b - c - n * difference + z * math.sqrt(max(0.0, n * (2 * share + spread)))

    # At the difference itself both terms can be 0, which is no limit; the limit is never as near as this to it.
    return float(brentq(ahead, (b - c) / n + 1e-12, 1.0, xtol=1e-15, rtol=1e-15))


def paired_t(
    base: Sequence[float] | Floats,
    new: Sequence[float] | Floats,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
) -> Difference:
    """Compare means by Student's t; over C clusters by CR1 with C - 1 degrees of freedom (Miller, arXiv:2411.00640)."""
    differences = np.asarray(new, dtype=np.float64) - np.asarray(base, dtype=np.float64)
    _check(differences)
    # Equal differences are summed together, and all sums are exact: the order of the samples changes nothing.
    kinds, times = np.unique(differences, return_counts=True)
    n, value = len(differences), math.fsum((kinds * times).tolist()) / len(differences)
    if not kinds.any():
        return Difference(0.0, 0.0, 0.0, "none: no difference in any sample", 1.0)
    if clusters is None:
        count, squares = n, math.fsum((times * (kinds - value) ** 2).tolist())
    else:
        sums = _sums((differences - value).tolist(), clusters)
        count, squares = len(sums), math.fsum([each * each for each in sums])
    if count < 2:
        return Difference(value, value, value, "none: n < 2" if clusters is None else "none: one cluster", 1.0)
    error = math.sqrt(squares * count / (count - 1)) / n
    half = float(stdtrit(count - 1, (1 + level) / 2)) * error
    if error <= ROUNDING * abs(value):
        # Signs are all there is to go by, and they allow no interval.
        p = min(1.0, 2 * 0.5**count) if value else 1.0
        return Difference(value, value, value, "none: every difference is the same", p)
    away = abs(value) / error
    method = "paired Student's t" if clusters is None else f"CR1 over {count} clusters"
    return Difference(value, value - half, value + half, method, float(2 * stdtr(count - 1, -away)))


def _check(differences: Sequence[float] | Floats) -> None:
    if not np.isfinite(differences).all():
        raise ValueError("A difference is no number: compare samples that both systems have a mark for.")


def _sums(values: Sequence[float], clusters: Sequence[str]) -> list[float]:
    """The sum of each cluster, exact, so that the order of its samples changes nothing."""
    members: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        members.setdefault(cluster, []).append(value)
    return [math.fsum(each) for each in members.values()]


def sign_flip(
    differences: Sequence[float], seed: int, draws: int = DRAWS, clusters: Sequence[str] | None = None
) -> float:
    """Two-sided p-value of a mean difference: how often chance signs bring about as much; whole clusters turn together.

    All signs are gone through where equal sizes leave no more than `draws` outcomes, else that many are drawn.
    """
    _check(differences)
    units = differences if clusters is None else _sums(differences, clusters)
    # What is 0 has no sign; the order is that of the sizes, so that of the samples changes nothing.
    sizes = np.sort(np.abs([unit for unit in units if unit]))
    bar = abs(math.fsum(units)) - ROUNDING * sizes.sum()
    kinds, times = np.unique(sizes, return_counts=True)
    if math.prod(int(each) + 1 for each in times) <= draws:
        sums, chances = _outcomes(kinds, times)
        return min(1.0, float(chances[np.abs(sums) >= bar].sum()))

    def extreme(dice: np.random.Generator, count: int) -> int:
        bits = np.frombuffer(dice.bytes(count * (len(sizes) // 8 + 1)), dtype=np.uint8).reshape(count, -1)
        ups = np.unpackbits(bits, axis=1, count=len(sizes)).astype(np.float64) @ sizes
        return int(np.sum(np.abs(2 * ups - sizes.sum()) >= bar))

    return _by_chance(extreme, len(sizes), seed, draws)


def _outcomes(kinds: Floats, times: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Every sum that signs can bring about, and its chance; of equal sizes only the number of pluses matters."""
    sums, chances = np.zeros(1), np.ones(1)
    for size, count in zip(kinds, times, strict=True):
        pluses = np.arange(count + 1.0)
        ways = gammaln(count + 1) - gammaln(pluses + 1) - gammaln(count - pluses + 1)
        sums = np.add.outer(sums, size * (2 * pluses - count)).ravel()
        chances = np.multiply.outer(chances, np.exp(ways - count * math.log(2))).ravel()
    return sums, chances


def bootstrapped_difference(  # noqa: PLR0913  a bootstrap has this many sides
    base: Floats,
    new: Floats,
    gather: Gather,
    seed: int,
    *,
    clusters: Sequence[str] | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    accelerated: bool = True,
    workers: int = 1,
) -> Difference:
    """Compare what marks come to, one value a system, on the same draws of samples; the p-value is of `randomised`."""
    if _turned(base, new):
        # Draws hang on the order of the pairs of marks; so the two ways to compare are each other's mirror image.
        value, low, high, method, p = bootstrapped_difference(
            new, base, gather, seed,
            clusters=clusters, draws=draws, level=level, accelerated=accelerated, workers=workers,
        )  # fmt: skip
        return Difference(-value, -high, -low, method, p)

    def gained(pairs: Floats, weights: Floats) -> Floats:
        return gather(pairs[:, 1], weights) - gather(pairs[:, 0], weights)

    found = bootstrapped(
        np.stack([base, new], axis=1), gained, seed,
        clusters=clusters, draws=draws, level=level, accelerated=accelerated, workers=workers,
    )  # fmt: skip
    p = randomised(base, new, gather, seed, draws=draws, clusters=clusters, workers=workers)
    return Difference(float(found.values[0]), *found.intervals[0], p)


def _turned(base: Floats, new: Floats) -> bool:
    """Whether the pairs of marks, put in order, come later than with the systems exchanged."""
    if base.dtype == object:
        return False
    before, after = base.tolist(), new.tolist()
    return sorted(zip(before, after, strict=True)) > sorted(zip(after, before, strict=True))


def randomised(  # noqa: PLR0913
    base: Floats,
    new: Floats,
    gather: Gather,
    seed: int,
    *,
    draws: int = DRAWS,
    clusters: Sequence[str] | None = None,
    workers: int = 1,
) -> float:
    """Approximate randomisation: how often as much comes about where chance says which system made which reply.

    A swap moves the weight of a row of marks from one system to the other; whole clusters are swapped together. As with
    signs, 1 is added to both counts, for what was observed. E. W. Noreen, Computer-Intensive Methods, 1989.
    """
    first, second = [float(gather(marks, np.ones((1, len(marks))))[0]) for marks in (base, new)]
    bar = abs(second - first) - ROUNDING * (abs(first) + abs(second))
    if clusters is None:
        pairs, times = _kinds(base, new)
    else:
        pairs, times = np.stack([base, new], axis=1), np.ones(len(base))
        names, owners = np.unique(np.asarray(clusters), return_inverse=True)
    rows = np.concatenate([pairs[:, 0], pairs[:, 1]])

    def extreme(dice: np.random.Generator, count: int) -> int:
        if clusters is None:
            moved = dice.binomial(times.astype(np.int64), 0.5, size=(count, len(times))).astype(np.float64)
        else:
            moved = dice.integers(2, size=(count, len(names)))[:, owners].astype(np.float64)
        one, other = np.hstack([times - moved, moved]), np.hstack([moved, times - moved])
        # A draw without a value speaks for chance.
        return int(np.sum(~(np.abs(gather(rows, one) - gather(rows, other)) < bar)))

    return _by_chance(extreme, len(rows), seed, draws, workers)


def _kinds(base: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Kinds of pairs of marks, the smaller first, and how often each stands: chance does not ask which is whose."""
    pairs = np.stack([base, new], axis=1)
    if pairs.dtype == object:
        return pairs, np.ones(len(pairs))
    columns = pairs.reshape(len(pairs), 2, -1)
    place = (columns[:, 0] != columns[:, 1]).argmax(axis=1)
    every = np.arange(len(pairs))
    later = columns[every, 0, place] > columns[every, 1, place]
    kinds, times = np.unique(np.where(later[:, None, None], columns[:, ::-1], columns), axis=0, return_counts=True)
    return kinds.reshape(-1, *pairs.shape[1:]), times.astype(np.float64)


def _by_chance(
    extreme: Callable[[np.random.Generator, int], int], width: int, seed: int, draws: int, workers: int = 1
) -> float:
    """The p-value of draws of some width; `extreme` makes some and counts, and every batch has a seed of its own."""
    size = max(1, min(draws, CELLS // width))
    batches = [(first // size, min(size, draws - first)) for first in range(0, draws, size)]

    def play(batch: tuple[int, int]) -> int:
        number, count = batch
        return extreme(np.random.default_rng((seed, number)), count)

    if workers == 1:
        return (sum(map(play, batches)) + 1) / (draws + 1)
    with ThreadPoolExecutor(workers) as pool:
        return (sum(pool.map(play, batches)) + 1) / (draws + 1)
