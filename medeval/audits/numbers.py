"""The numbers of a result, held against the samples that they are of."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from medeval.audits.samples import Part, Tally
from medeval.metrics import Metric
from medeval.records import NOT_MEASURED, Estimate, Result, Sample, SliceEstimate, Status, Walk
from medeval.scoring.gathering import Gathered, gathered

MEANS = ("wilson", "student", "CR1 over ")
"""How the methods of intervals begin that only a mean has."""
COUNTED: Mapping[str, frozenset[Status]] = {
    "unread": frozenset({"unread"}), "truncated": frozenset({"truncated"}), "refused": frozenset({"refused"}),
    "too_long": frozenset({"too_long"}), "failed": NOT_MEASURED,
}  # fmt: skip
CLOSE = 1e-9
"""The last digits of an interval may differ between two machines."""


class Rests(NamedTuple):
    """A value and what it rests on, as published."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def wrong_numbers(result: Result, tally: Tally) -> Iterator[str]:
    """Tell every number that is not what the samples come to."""
    if not result.estimates:
        yield "has no estimates."
        return
    if result.headline != result.estimates[0].metric:
        yield f"headline is {result.headline!r}, and its first estimate {result.estimates[0].metric!r}."
    takes = len(tally.takes) // max(1, len(tally.samples))
    for each in result.estimates:
        for name, statuses in COUNTED.items():
            count = sum(tally.statuses[status] for status in statuses)
            if getattr(each, name) != count:
                yield f"{each.metric}: {name} is {getattr(each, name)}, and samples.jsonl has {count}."
        if each.takes != takes:
            yield f"{each.metric}: takes is {each.takes}, and samples.jsonl has {takes} of a sample."
        if each.n > len(tally.samples):
            yield f"{each.metric}: rests on {each.n} samples, and samples.jsonl has {len(tally.samples)}."
        yield from _not_finite(each)
        # Metrics of another harness have intervals of its own, and of them only shares are surely means.
        plain = ":" not in result.task or each.unit == "fraction"
        if plain and each.metric in tally.scores and each.method.startswith(MEANS):
            yield from _no_mean(each, tally)
    if result.setting.style == "letters" and not result.judge and not _same(result.letter_mass, tally.mass):
        yield f"letter_mass is {result.letter_mass}, and the replies come to {tally.mass}."


def _not_finite(each: Estimate) -> Iterator[str]:
    parts: tuple[Estimate | SliceEstimate, ...] = (each, *each.slices)
    for part in parts:
        value = part.estimate if isinstance(part, SliceEstimate) else part.value
        limits = [limit for limit in (part.low, part.high) if limit is not None]
        if not all(map(math.isfinite, [*limits, *([] if value is None else [value])])):
            yield f"{each.metric}: {value} ({part.low} to {part.high}) is no number."
        if limits and (len(limits) == 1 or limits[0] > limits[1]):
            yield f"{each.metric}: {part.low} to {part.high} is no interval."


def _no_mean(each: Estimate, tally: Tally) -> Iterator[str]:
    """Make a mean and its interval again, of all samples and of every part of them."""
    means = {
        sample: math.fsum(marks) / len(marks) for sample, marks in tally.scores[each.metric].items() if marks
    }  # fmt: skip
    told = Rests(each.value, each.low, each.high, each.n)
    yield from _apart(each, each.metric, told, means, tally.samples)
    for part in each.slices:
        within = {
            sample: mean for sample, mean in means.items()
            if tally.samples[sample].slices.get(part.slice) == part.value
        }  # fmt: skip
        told = Rests(part.estimate, part.low, part.high, part.n)
        yield from _apart(each, f"{each.metric} over {part.slice} {part.value}", told, within, tally.samples)


def _apart(
    each: Estimate, name: str, told: Rests, means: Mapping[str, float], parts: Mapping[str, Part]
) -> Iterator[str]:
    if told.n != len(means):
        yield f"{name}: rests on {told.n} samples, and {len(means)} have a mark in samples.jsonl."
    if not means:
        return
    pairs = [(mean, Sample(id=sample, cluster=parts[sample].cluster)) for sample, mean in means.items()]
    # Whether a fraction may be below nothing is known to its metric alone: either will do.
    made = [_rests(gathered([_metric(each, signed=signed)], pairs, seed=0)[0], told.n) for signed in (False, True)]
    if not any(all(map(_same, told, one)) for one in made):
        yield f"{name} is {_shown(told)}, and the marks in samples.jsonl come to {_shown(made[0])}."


def _metric(each: Estimate, *, signed: bool) -> Metric:
    return Metric(
        name=each.metric, about="", version=each.version, mark=_unmarked, unit=each.unit,
        better=each.better, signed=signed,
    )  # fmt: skip


def _unmarked(sample: Sample, walk: Walk) -> None:
    """The marks are there already."""


def _rests(one: Gathered, n: int) -> Rests:
    low, high, method = one.interval
    return Rests(one.value, None, None, n) if method.startswith("none") else Rests(one.value, low, high, n)


def _same(told: float | None, made: float | None) -> bool:
    if told is None or made is None:
        return told is made
    return math.isclose(told, made, rel_tol=CLOSE, abs_tol=CLOSE)


def _shown(one: Rests) -> str:
    limits = "" if one.low is None or one.high is None else f" ({one.low:.6g} to {one.high:.6g})"
    return f"{one.value}{limits}"
