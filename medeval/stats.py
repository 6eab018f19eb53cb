"""Numbers in, numbers out: intervals. Formulas and golden values: see the tests."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # numpy takes 0.1 s to import, and `medeval tasks` needs none of it
    import numpy as np
    import numpy.typing as npt

Z95 = NormalDist().inv_cdf(0.975)
DRAWS = 2_000


class Interval(NamedTuple):
    """A 95 % interval and the method that made it."""

    low: float
    high: float
    method: str


def wilson(hits: float, n: int) -> Interval:
    """Interval of a share of right answers; stays honest near 0 and 1 and at small n.

    E. B. Wilson, JASA 1927; chosen after Newcombe, Statistics in Medicine 1998.
    """
    share = hits / n
    denominator = 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / denominator
    half = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / denominator
    # At 0 and n hits the bound is exactly 0 or 1; rounding must not push it outside.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Interval(low, high, "wilson")


def student(values: "list[float]") -> Interval:
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


def resampled(n: int, statistic: "Callable[[list[int]], float]", seed: int, draws: int) -> Interval:
    """Percentile bootstrap of a statistic of n samples, given the places that were drawn; for what is no mean.

    Draws that have no value, such as a correlation of equals, are left out, and the number of the others is told.
    """
    import numpy as np

    if n < 2:
        value = statistic([*range(n)])
        return Interval(value, value, "none: n < 2")
    dice = np.random.default_rng(seed)
    values = [statistic(dice.integers(n, size=n).tolist()) for _ in range(draws)]
    known = [value for value in values if math.isfinite(value)]
    if not known:
        value = statistic([*range(n)])
        return Interval(value, value, "none: no draw has a value")
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(float(low), float(high), f"percentile bootstrap, {len(known)} draws")


def bca_of_table(
    table: "npt.NDArray[np.int64]",
    statistic: "Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]",
    seed: int,
) -> Interval:
    """BCa bootstrap of a statistic that depends on the samples only through a table of counts.

    Drawing n samples with replacement is one multinomial draw of the table, and leaving one sample
    out is the same for every sample of a table cell: so the cost does not grow with n.
    Efron, JASA 1987. `statistic` maps tables (…, rows, columns) to values (…).
    """
    import numpy as np

    n = int(table.sum())
    flat = table.reshape(-1).astype(np.float64)
    draws = np.random.default_rng(seed).multinomial(n, flat / n, size=DRAWS)
    boot = np.sort(statistic(draws.reshape(-1, *table.shape).astype(np.float64)))
    value = float(statistic(table[None].astype(np.float64))[0])
    normal = NormalDist()
    below = float(np.mean(boot < value) + 0.5 * np.mean(boot == value))
    bounds = (0.025, 0.975)
    method = "percentile bootstrap"
    if boot[0] == boot[-1]:
        method = "bootstrap: every draw gives the same"
    elif 0 < below < 1 and n > 1:
        filled = np.flatnonzero(flat)
        less = np.repeat(flat[None], len(filled), axis=0)
        less[np.arange(len(filled)), filled] -= 1
        without = statistic(less.reshape(-1, *table.shape))
        weights = flat[filled]
        influence = np.average(without, weights=weights) - without
        spread = float(np.sum(weights * influence**2)) ** 1.5
        skew = float(np.sum(weights * influence**3)) / (6 * spread) if spread > 0 else 0.0
        bias = normal.inv_cdf(below)
        lower, upper = [normal.cdf(bias + (bias + z) / (1 - skew * (bias + z))) for z in (-Z95, Z95)]
        bounds = (lower, upper)
        method = "BCa bootstrap"
    low, high = np.quantile(boot, bounds)
    return Interval(float(low), float(high), method)
