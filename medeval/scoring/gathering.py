"""Many marks to values, each with its interval."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from msgspec.structs import replace

from medeval import stats
from medeval.metrics.base import Metric, mean
from medeval.records import Sample
from medeval.stats import Interval, clustered, mean_of_means, student, wilson

DRAWS, SLICE_DRAWS = 2_000, 1_000
"""Of a bootstrap: of a whole cell, and of a slice, whose interval is wide anyway."""
Marked = Sequence[tuple[Any, Sample]]
"""Marks, and the samples they are of; a sample that was asked several times may have several."""


class Known(NamedTuple):
    """Marks that there are, and the number of the sample that each is of."""

    marks: Sequence[Any]
    numbers: Sequence[int]

    @classmethod
    def of(cls, marks: Sequence[Any], numbers: Sequence[int] | None = None) -> Self:
        """Leave out where there is no mark; without numbers there is one for each sample."""
        whole = cls(marks, range(len(marks)) if numbers is None else numbers)
        if all(mark is not None for mark in marks):
            return whole
        return whole.at([place for place, mark in enumerate(marks) if mark is not None])

    def at(self, places: Sequence[int]) -> Self:
        """Take those at some places."""
        return type(self)([self.marks[place] for place in places], [self.numbers[place] for place in places])

    @property
    def samples(self) -> int:
        """How many samples there are marks of."""
        return len(self.numbers) if isinstance(self.numbers, range) else len({*self.numbers})


class Gathered(NamedTuple):
    """A value, its interval, and the number of independent samples that it is worth."""

    value: float
    interval: Interval
    worth: float


def gathered(
    metrics: Sequence[Metric], marked: Marked, seed: int, *, pooled: bool = False, draws: int = DRAWS
) -> list[Gathered]:
    """Gather marks by all metrics that share them; those that gather alike share the draws of the bootstrap too.

    `pooled`: a sample may have several marks, and is drawn with all of them.
    """
    clusters = _clusters(marked) if pooled or any(sample.cluster for _, sample in marked) else None
    alike: dict[Any, list[int]] = {}
    for place, metric in enumerate(metrics):
        alike.setdefault((metric.gather, metric.interval, metric.draws, metric.over), []).append(place)
    found: dict[int, Gathered] = {}
    for places in alike.values():
        found.update(
            zip(places, _gathered([metrics[place] for place in places], marked, seed, clusters, draws), strict=True)
        )
    return [found[place] for place in range(len(metrics))]


def as_array(marks: Sequence[Any], *, opaque: bool = False) -> Any:
    """Marks as numpy has them: numbers, rows of numbers, or objects that only their own metric knows."""
    import numpy as np

    if not opaque:
        try:
            return np.array(marks, dtype=np.float64)
        except ValueError:
            pass  # rows of different lengths
    objects = np.empty(len(marks), dtype=object)
    for place, mark in enumerate(marks):
        objects[place] = mark
    return objects


def _clusters(marked: Marked) -> list[str]:
    return [sample.cluster or sample.id for _, sample in marked]


def _gathered(
    metrics: Sequence[Metric], marked: Marked, seed: int, clusters: Sequence[str] | None, draws: int
) -> Iterator[Gathered]:
    one = metrics[0]
    if one.over:
        yield from [_over(metric, marked, seed, draws) for metric in metrics]
    elif one.gather is mean and not one.interval:
        for metric in metrics:
            values = [mark if metric.part is None else mark[metric.part] for mark, _ in marked]
            yield _within(metric, _mean(values, clusters, judged=metric.better != ""))
    else:
        yield from _resampled(metrics, [mark for mark, _ in marked], seed, clusters, draws)


def _within(metric: Metric, found: Gathered) -> Gathered:
    """A share lies between nothing and all, which neither Student nor a jackknife knows."""
    share = (metric.unit == "fraction" and not metric.signed) or metric.reflected
    if not share or not 0.0 <= found.value <= 1.0:
        return found
    low, high, method = found.interval
    return found._replace(interval=Interval(max(0.0, low), min(1.0, high), method))


def _mean(values: list[float], clusters: Sequence[str] | None, *, judged: bool) -> Gathered:
    """Wilson where every mark is right or wrong, Student otherwise; CR1 where samples come in clusters."""
    value = math.fsum(values) / len(values)
    right_or_wrong = judged and all(each in (0.0, 1.0) for each in values)
    if clusters:
        count = len({*clusters})
        if right_or_wrong and value in (0.0, 1.0) and count > 1:
            # All alike: there is no spread to go by, and a cluster is worth one sample at least.
            return Gathered(value, wilson(value * count, count)._replace(method=f"wilson over {count} clusters"), count)
        return Gathered(value, *clustered(values, clusters))
    if right_or_wrong:
        return Gathered(value, wilson(math.fsum(values), len(values)), float(len(values)))
    return Gathered(value, student(values), float(len(values)))


def _resampled(
    metrics: Sequence[Metric], marks: Sequence[Any], seed: int, clusters: Sequence[str] | None, draws: int
) -> Iterator[Gathered]:
    import numpy as np

    one = metrics[0]
    array = as_array(marks, opaque=bool(one.draws))
    if one.interval:
        values = np.atleast_1d(one.gather(array, np.ones(len(marks))))
        worth = float(len({*clusters}) if clusters else len(marks))
        yield from [Gathered(_part(metric, values), one.interval(marks, seed), worth) for metric in metrics]
        return
    found = stats.bootstrap.bootstrapped(
        array, one.gather, seed, clusters=clusters, draws=one.draws or draws, accelerated=not one.draws,
        reflected={metric.part or 0 for metric in metrics if metric.reflected},
    )  # fmt: skip
    for metric in metrics:
        part = metric.part or 0
        yield _within(metric, Gathered(_part(metric, found.values), found.intervals[part], found.worths[part]))


def _part(metric: Metric, values: Any) -> float:
    return float(values[metric.part or 0])


def _over(metric: Metric, marked: Marked, seed: int, draws: int) -> Gathered:
    """The plain mean over the parts that slices make."""
    parts: dict[tuple[str, ...], list[tuple[Any, Sample]]] = {}
    for mark, sample in marked:
        parts.setdefault(tuple([sample.slices.get(name, "") for name in metric.over]), []).append((mark, sample))
    plain = replace(metric, over=())
    clustered_too = any(sample.cluster for _, sample in marked)
    sized = {
        key: next(_gathered([plain], members, seed, _clusters(members) if clustered_too else None, draws))
        for key, members in sorted(parts.items())
    }
    limits = [(each.value, each.interval.low, each.interval.high) for each in sized.values()]
    value, interval = mean_of_means(limits, [*part_weights(sized).values()])
    return Gathered(value, interval, math.fsum(each.worth for each in sized.values()))


def part_weights(parts: Mapping[tuple[str, ...], object]) -> dict[tuple[str, ...], float]:
    """A part weighs as much as its brothers, and they as much as their parent: 1 / types / classes of the type."""
    return {
        key: 1
        / math.prod(len({k[: depth + 1] for k in parts if k[:depth] == key[:depth]}) for depth in range(len(key)))
        for key in parts
    }
