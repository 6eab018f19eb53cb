"""What a metric is: it marks one sample and gathers many; marks are kept, so intervals and paired tests come free."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from medeval.errors import TaskError
from medeval.records import Better, Record, Sample, Style, Unit, Walk
from medeval.stats import Interval

Mark = float | tuple[Any, ...] | None
"""What one sample is worth, or what the worth of many is computed from: a number or some, in a metric of other people's
anything. None: this sample has no part in the metric.
"""
Gather = Callable[[Any, Any], Any]
"""(marks (m, …), weights (…, m)) → values (…), or (…, v): what marks come to, each as often as its weight.

Drawn samples, left-out ones and swapped ones are weights; so a metric that gathers like this needs no code of its own
for its interval or for a paired test.
"""
S = TypeVar("S", bound=Sample)


def mean(marks: Any, weights: Any) -> Any:
    """The mean, of each column where marks have several."""
    return weights @ marks / weights.sum(axis=-1, keepdims=marks.ndim > 1)


class Metric(Record, frozen=True, kw_only=True):
    """A named way to mark walks; `version` rises when marks change."""

    name: str
    about: str
    version: int
    mark: Callable[[Any, Walk], Mark]
    """For samples of one kind, which the function names. Metrics that share the function share its marks."""
    gather: Gather = mean
    part: int | None = None
    """Which of several it is, where marks hold several means, or `gather` gives several values."""
    interval: Callable[[Sequence[Any], int], Interval] | None = None
    """Of marks and a seed, where neither that of a mean nor a bootstrap will do."""
    draws: int = 0
    """Draws of a percentile bootstrap, where gathering is too slow for a BCa one; 0: it is not."""
    over: tuple[str, ...] = ()
    """Slices to take plain means over, the widest first: every class counts the same in its type, and every type."""
    unit: Unit = "fraction"
    better: Better = "higher"
    """Empty: it tells something, and neither way is better."""
    styles: tuple[Style, ...] = ()
    """Styles of asking that give what it marks; empty: every one."""
    reflected: bool = False
    """Whether it measures a distance, which is larger in a draw of samples than it is."""
    signed: bool = False
    """Whether a fraction may be below nothing."""
    defined: bool = True
    """Whether it has a value wherever there are marks; else samples may have none, such as those that are all right."""
    voted: bool = True
    """Whether the majority of several answers to one sample can be marked in their place."""
    settle: Callable[[Sequence[Any]], Sequence[Mark]] | None = None
    """Makes marks of what `mark` took of each sample, all at once: for what is computed in batches on a device."""
    kept: bool = True
    """Whether marks that are no numbers by themselves stand in samples.jsonl, for paired tests; not what is large."""
    by: str = ""
    """What computes it, if that could change a number: an encoder, a module of other people's."""


class Tabling(Record, frozen=True, kw_only=True):
    """What marks come to that is no single number: rows under columns."""

    name: str
    about: str
    mark: Callable[[Any, Walk], Mark]
    columns: tuple[str, ...]
    rows: Callable[[Any], tuple[tuple[str | float | None, ...], ...]]
    styles: tuple[Style, ...] = ()


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


def of_list(function: Callable[[list[Any]], float]) -> Gather:
    """Gather by a function that knows no weights, such as one of other people's: marks are repeated instead."""

    def gather(marks: Any, weights: Any) -> Any:
        import numpy as np

        listed = [_repeated(function, marks.tolist(), row) for row in np.reshape(weights, (-1, weights.shape[-1]))]
        return np.reshape(listed, weights.shape[:-1])

    return gather


def _repeated(function: Callable[[list[Any]], float], marks: list[Any], times: Any) -> float:
    try:
        return function([mark for mark, count in zip(marks, times, strict=True) for _ in range(int(count))])
    except TaskError:
        if (times == 1).all():
            raise
        return math.nan  # a draw may hold less than the whole needs
