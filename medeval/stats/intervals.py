"""Intervals of shares and means. Formulas and golden values: see the tests."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

Z95 = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """A 95 % interval and the method that made it."""

    low: float
    high: float
    method: str


def wilson(hits: float, n: int, level: float = 0.95) -> Interval:
    """Interval of a share of right answers; stays honest near 0 and 1 and at small n.

    E. B. Wilson, JASA 1927; chosen after Newcombe, Statistics in Medicine 1998.
    """
    z = Z95 if level == 0.95 else NormalDist().inv_cdf((1 + level) / 2)
    share = hits / n
    denominator = 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / denominator
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / denominator
    # At 0 and n hits the bound is exactly 0 or 1; rounding must not push it outside.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Interval(low, high, "wilson")


def clopper_pearson(hits: int, n: int, *, upper_only: bool = False) -> Interval:
    """The exact interval of a share, never too narrow; `upper_only`: a bound of 95 % for a claim that nothing fails.

    C. J. Clopper and E. S. Pearson, Biometrika 1934. With no hit among n the one-sided bound is near 3 / n.
    """
    from scipy.special import betaincinv

    tail = 0.05 if upper_only else 0.025
    low = 0.0 if hits == 0 or upper_only else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return Interval(low, high, "Clopper-Pearson, one-sided" if upper_only else "Clopper-Pearson")


def student(values: Sequence[float]) -> Interval:
    """Interval of a mean of graded scores: mean ± t · s/√n."""
    from scipy.special import stdtrit

    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return Interval(mean, mean, "none: n < 2")
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(variance / n)
    return Interval(mean - half, mean + half, "student")


def clustered(values: Sequence[float], clusters: Sequence[str]) -> tuple[Interval, float]:
    """Interval of a mean whose samples come in clusters, and the number of independent samples it is worth.

    CR1 with Student's t on C - 1 degrees of freedom; Miller, arXiv:2411.00640.
    """
    from scipy.special import stdtrit

    n, mean = len(values), math.fsum(values) / len(values)
    sums: dict[str, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    count = len(sums)
    if count < 2:
        return Interval(mean, mean, "none: one cluster"), 1.0
    error = math.sqrt(math.fsum(total**2 for total in sums.values()) * count / (count - 1)) / n
    half = float(stdtrit(count - 1, 0.975)) * error
    naive = math.fsum((value - mean) ** 2 for value in values) / n**2
    worth = min(float(n), n * naive / error**2) if error > 0 else float(count)
    return Interval(mean - half, mean + half, f"CR1 over {count} clusters"), worth


def mean_of_means(parts: Sequence[tuple[float, float, float]], weights: Sequence[float]) -> tuple[float, Interval]:
    """Weighted mean of independent estimates (value, low, high), with their own limits combined.

    MOVER: Zou and Donner, Statistics in Medicine 2008. It stays honest where a part is at 0 or 1.
    """
    share = [weight / math.fsum(weights) for weight in weights]
    value = math.fsum(part[0] * each for part, each in zip(parts, share, strict=True))
    below = math.sqrt(math.fsum((each * (part[0] - part[1])) ** 2 for part, each in zip(parts, share, strict=True)))
    above = math.sqrt(math.fsum((each * (part[2] - part[0])) ** 2 for part, each in zip(parts, share, strict=True)))
    return value, Interval(value - below, value + above, "MOVER")
