"""Many marks to one value, with its interval."""

import math
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from medeval.metrics.base import Metric
from medeval.records import Sample
from medeval.stats import Interval, clustered, mean_of_means

Pairs = Sequence[tuple[Any, Sample]]
"""Marks, and the samples they are of."""


def gathered(metric: Metric, pairs: Pairs, seed: int) -> tuple[float, Interval, float]:
    """The value of some marks, its interval, and the number of samples that they are worth."""
    if not metric.over:
        interval, worth = interval_of(metric, pairs, seed)
        return metric.gather([mark for mark, _ in pairs]), interval, worth
    parts: dict[tuple[str, ...], list[tuple[Any, Sample]]] = {}
    for mark, sample in pairs:
        parts.setdefault(tuple([sample.slices.get(name, "") for name in metric.over]), []).append((mark, sample))
    sized = [(key, gathered(replace(metric, over=()), members, seed)) for key, members in sorted(parts.items())]
    # A part weighs as much as its brothers, and they together as much as their parent: 1 / types / classes of the type.
    weights = [
        1 / math.prod(len({k[: depth + 1] for k in parts if k[:depth] == key[:depth]}) for depth in range(len(key)))
        for key, _ in sized
    ]
    value, interval = mean_of_means([(each, limits.low, limits.high) for _, (each, limits, _) in sized], weights)
    return value, interval, math.fsum(worth for _, (_, _, worth) in sized)


def interval_of(metric: Metric, pairs: Pairs, seed: int) -> tuple[Interval, float]:
    """The metric's own interval, or that of clusters where samples share one; and what n is worth."""
    marks = [mark for mark, _ in pairs]
    if any(sample.cluster for _, sample in pairs) and not isinstance(marks[0], tuple):
        return clustered(marks, [sample.cluster or sample.id for _, sample in pairs])
    return metric.interval(marks, seed), float(len(marks))
