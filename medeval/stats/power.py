"""How small a difference some samples can show, and how many samples a difference takes.

`one_sided` asks only whether the new system is worse, as a gate does. `discordance` is the share of samples that one
system has right and the other wrong.
"""

import math
from statistics import NormalDist

from medeval.stats.intervals import wilson

FLIPS = 0.032
"""The share of answers that flip between identical runs, where nobody measured it here: as sgl-project did, sglang-jax
#1333, in 61 runs of 200 questions."""


def detectable(
    n: float, discordance: float, *, alpha: float = 0.05, power: float = 0.8, one_sided: bool = False
) -> float | None:
    """The smallest difference of two shares of right answers that n samples show; None: they can show none.

    Connor's formula, Biometrics 1987, solved for the difference, which cannot exceed the discordance.
    """
    level, strength = _quantiles(alpha, power, one_sided=one_sided)
    rest = n + strength**2 - level**2
    if rest < 0:
        return None
    found = math.sqrt(discordance) * (level * math.sqrt(n) + strength * math.sqrt(rest)) / (n + strength**2)
    return found if 0 < found <= discordance else None


def least(n: float, *, alpha: float = 0.05, power: float = 0.8, one_sided: bool = False) -> float:
    """The smallest difference that n samples show where nothing else changes: every flip goes the same way.

    Connor's formula with a discordance as large as the difference; some ten flips, whatever n is.
    """
    level, strength = _quantiles(alpha, power, one_sided=one_sided)
    if n <= level**2:
        return 1.0
    rest = (math.sqrt(n * (n + strength**2 - level**2)) - level * strength) / (n + strength**2)
    return 1 - rest**2


def wanted(
    difference: float, discordance: float, *, alpha: float = 0.05, power: float = 0.8, one_sided: bool = False
) -> int | None:
    """How many samples show a difference of two shares of right answers; None: there cannot be such a one."""
    if not 0 < abs(difference) <= discordance:
        return None
    level, strength = _quantiles(alpha, power, one_sided=one_sided)
    spread = level * math.sqrt(discordance) + strength * math.sqrt(discordance - difference**2)
    return _whole((spread / difference) ** 2)


def detectable_graded(  # noqa: PLR0913  what a plan of graded samples is made of
    n: float,
    variance: float,
    *,
    noise: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    one_sided: bool = False,
) -> float:
    """The smallest difference of two means that n graded samples show; see `wanted_graded`."""
    return sum(_quantiles(alpha, power, one_sided=one_sided)) * math.sqrt((variance + noise) / n)


def wanted_graded(  # noqa: PLR0913
    difference: float,
    variance: float,
    *,
    noise: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    one_sided: bool = False,
) -> int:
    """How many graded samples show a difference of two means.

    `variance` is that of the difference from sample to sample; `noise` is what chance in the replies adds to it: for
    each system the variance of one take over the number of takes, both together. Miller, arXiv:2411.00640.
    """
    return _whole((variance + noise) * (sum(_quantiles(alpha, power, one_sided=one_sided)) / difference) ** 2)


def repeats_wanted(  # noqa: PLR0913
    difference: float,
    n: float,
    variance: float,
    noise: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    one_sided: bool = False,
) -> int | None:
    """How many takes of each of n samples show a difference; None: no number does, it takes more samples.

    `noise` is the variance of one take, of both systems together.
    """
    room = n * (difference / sum(_quantiles(alpha, power, one_sided=one_sided))) ** 2 - variance
    return _whole(noise / room) if room > 0 else None


def half_width(share: float, n: int) -> float:
    """Half the width of the interval that a share of right answers among n samples would have."""
    low, high, _ = wilson(share * n, n)
    return (high - low) / 2


def quantile(share: float) -> float:
    """The normal quantile."""
    return NormalDist().inv_cdf(share)


def _quantiles(alpha: float, power: float, *, one_sided: bool) -> tuple[float, float]:
    """The normal quantiles of the level and of the power."""
    normal = NormalDist()
    return normal.inv_cdf(1 - (alpha if one_sided else alpha / 2)), normal.inv_cdf(power)


def _whole(samples: float) -> int:
    # What is a whole number but for rounding is that number.
    return max(1, math.ceil(samples * (1 - 1e-12)))
