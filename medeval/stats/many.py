"""Many p-values at once, adjusted so that each may be held against the level by itself."""

from collections.abc import Iterable, Sequence
from itertools import accumulate


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that a single false difference among all of them is as rare as the level says.

    S. Holm, Scandinavian Journal of Statistics 1979. Whether the tests depend on each other does not matter.
    """
    order, count = _ascending(p_values), len(p_values)
    steps = accumulate([(count - rank) * p_values[place] for rank, place in enumerate(order)], max)
    return _put_back(order, steps)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted so that no more than the level's share of the differences found is false, on average.

    Y. Benjamini and Y. Hochberg, JRSS B 1995; for tests that are independent or lean the same way.
    """
    order, count = _ascending(p_values)[::-1], len(p_values)
    steps = accumulate([p_values[place] * count / (count - rank) for rank, place in enumerate(order)], min)
    return _put_back(order, steps)


def _ascending(p_values: Sequence[float]) -> list[int]:
    """The places of the p-values, the smallest first."""
    for place, value in enumerate(p_values):
        if not 0 <= value <= 1:
            raise ValueError(f"A p-value lies between 0 and 1; number {place + 1} of {len(p_values)} is {value}.")
    return sorted(range(len(p_values)), key=p_values.__getitem__)


def _put_back(order: Sequence[int], steps: Iterable[float]) -> list[float]:
    adjusted = dict(zip(order, steps, strict=True))
    return [min(1.0, adjusted[place]) for place in range(len(order))]
