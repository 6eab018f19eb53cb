"""Metrics of one number, one date, or the weeks and days of a pregnancy."""

from collections.abc import Callable
from datetime import date
from typing import Literal, NamedTuple

from medeval.errors import DataError
from medeval.metrics.base import Metric
from medeval.metrics.structured import arithmetic, dates
from medeval.metrics.structured.numbers import read_number
from medeval.records import OpenSample, Walk


class Wanted(NamedTuple):
    """What would be right, in the words of the benchmark; limits for decimals only."""

    kind: Literal["decimal", "integer", "date", "gestation"]
    gold: str
    low: str = ""
    high: str = ""


def first_reference(sample: OpenSample) -> float:
    """The number that the first reference is."""
    return number(sample.references[0], sample)


def number(text: str, sample: OpenSample) -> float:
    """A number of the benchmark's; a text that is none is a fault of the data."""
    text = text.strip()
    found = arithmetic.value_at(text)
    if found is None or found[1] != len(text):
        raise DataError(f"sample {sample.id}: {text!r} is to be a number; look at how the task reads its rows")
    return found[0]


def close_to(
    gold: Callable[[OpenSample], float] = first_reference, *, relative: float = 0.0, absolute: float = 0.0
) -> Metric:
    """A number that is no further off than a share of the gold one, or than so much; without either, the very same."""

    def mark(sample: OpenSample, walk: Walk) -> float:
        read, right = read_number(walk.text), gold(sample)
        # 0.63 is 5 % off 0.6, but in floating point a little more than that.
        slack = 1e-9 * abs(right)
        return float(read is not None and abs(read.value - right) <= max(relative * abs(right), absolute) + slack)

    if not relative and not absolute:
        about = "Share of answers that are the right number; unread is wrong."
        return Metric(name="same_number", version=1, mark=mark, about=about)
    near = f"{relative:.4g} of the right number, or by {absolute:.4g} if that is more"
    about = f"Share of answers that are off by no more than {near}; unread is wrong."
    return Metric(name="close", version=1, mark=mark, about=about)


def within(wanted: Callable[[OpenSample], Wanted]) -> Metric:
    """Right by the kind of what is wanted.

    A decimal lies between its limits, an integer is the same once rounded, a date or a number of weeks and days is the
    same: the rules of MedCalc-Bench (Khandekar and others, 2024).
    """

    def mark(sample: OpenSample, walk: Walk) -> float:
        return float(_right(wanted(sample), sample, walk.text))

    return Metric(
        name="within", version=1, mark=mark,
        about="Share of right answers: a decimal within its limits, an integer, a date or weeks and days the same.",
    )  # fmt: skip


def _right(wanted: Wanted, sample: OpenSample, text: str) -> bool:
    if wanted.kind == "date":
        day, said = _date(wanted.gold, sample), dates.read_date(text)
        return said is not None and said.value == day
    if wanted.kind == "gestation":
        age, right = dates.read_gestation(text), dates.read_gestation(wanted.gold)
        if right is None:
            raise DataError(f"sample {sample.id}: {wanted.gold!r} is to be weeks and days")
        return age is not None and age[:2] == right[:2]
    read = read_number(text)
    if read is None:
        return False
    if wanted.kind == "integer":
        # A half is rounded to the even number, as the makers' own scorer does.
        return round(read.value) == round(number(wanted.gold, sample))
    # Of a negative gold, 95 % is the upper limit.
    low, high = sorted([number(wanted.low, sample), number(wanted.high, sample)])
    return low <= read.value <= high


def _date(text: str, sample: OpenSample) -> date:
    found = dates.read_date(text)
    if found is None:
        raise DataError(f"sample {sample.id}: {text!r} is to be a date")
    return found.value
