"""What a metric is: it marks one sample and gathers many; marks are kept, so intervals come free."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from medeval.records import Record, Sample, Unit, Walk
from medeval.stats import Interval, student, wilson

Mark = float | tuple[Any, ...] | None
"""What one sample is worth, or what the worth of many is computed from, such as (target, picked).

None: this sample has no part in the metric.
"""
S = TypeVar("S", bound=Sample)


def mean(marks: Sequence[Any]) -> float:
    """Gather graded marks."""
    return math.fsum(marks) / len(marks)


def mean_interval(marks: Sequence[Any], seed: int) -> Interval:
    """Wilson where every mark is right or wrong, Student otherwise."""
    if all(mark in (0.0, 1.0) for mark in marks):
        return wilson(math.fsum(marks), len(marks))
    return student(list(marks))


class Metric(Record, frozen=True, kw_only=True):
    """A named way to mark walks; `version` rises when marks change."""

    name: str
    about: str
    version: int
    mark: Callable[[Any, Walk], Mark]
    """A metric is for samples of one kind, which its function names."""
    gather: Callable[[Sequence[Any]], float] = mean
    interval: Callable[[Sequence[Any], int], Interval] = mean_interval
    over: tuple[str, ...] = ()
    """Slices to take plain means over, the widest first: every class counts the same in its type, and every type."""
    unit: Unit = "fraction"
    voted: bool = True
    """Whether the majority of several answers to one sample can be marked in their place."""


def mean_over(metric: Metric, name: str, *over: str) -> Metric:
    """The plain mean of a metric over the parts that slices make, the widest slice first."""
    about = f"{metric.name}, as the plain mean over {' of that over '.join(over)}."
    return replace(metric, name=name, about=about, over=over)


def metric(*, version: int = 1) -> Callable[[Callable[[S, Walk], float]], Metric]:
    """Make a metric of a function that marks; its name and first line of documentation are the metric's."""

    def declare(mark: Callable[[S, Walk], float]) -> Metric:
        return Metric(
            name=mark.__name__, about=(mark.__doc__ or "").strip().split("\n", 1)[0], version=version, mark=mark
        )

    return declare
