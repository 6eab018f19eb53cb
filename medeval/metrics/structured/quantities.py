"""Metrics of one number, one date, or the weeks and days of a pregnancy."""

import re
from collections.abc import Callable
from datetime import date
from typing import Literal, NamedTuple

from medeval.errors import DataError
from medeval.metrics.base import Metric
from medeval.metrics.structured import arithmetic, dates
from medeval.metrics.structured.numbers import read_number
from medeval.records import OpenSample, Walk

_OUT_OF = re.compile(r"(?<![\d./*+^×-])(?<![*+^×-]\s)(\d{1,3})\s?/\s?(\d{1,3})(?![\d/]|\.\d|\s?[-*+^×(]\s?\d)")


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
        return Metric(name="same_number", version=2, mark=mark, about=about)
    near = f"{relative:.4g} of the right number, or by {absolute:.4g} if that is more"
    about = f"Share of answers that are off by no more than {near}; unread is wrong."
    return Metric(name="close", version=2, mark=mark, about=about)


def within(wanted: Callable[[OpenSample], Wanted]) -> Metric:
    """Right by the kind of what is wanted.

    A decimal lies between its limits, an integer is the same once rounded, a date or a number of weeks and days is the
    same: the rules of MedCalc-Bench (Khandekar and others, 2024).
    """

    def mark(sample: OpenSample, walk: Walk) -> float:
        return float(_right(wanted(sample), sample, walk.text))

    return Metric(
        name="within", version=2, mark=mark,
        about="Share of right answers: a decimal within its limits, an integer, a date or weeks and days the same.",
    )  # fmt: skip


def value_read(wanted: Callable[[OpenSample], Wanted]) -> Metric:
    """Whether a value of the kind that is wanted could be read, right or wrong."""

    def mark(sample: OpenSample, walk: Walk) -> float:
        return float(read_value(wanted(sample), walk.text) is not None)

    return Metric(
        name="value_read", version=1, mark=mark,
        about="Share of replies that state a value of the kind that is wanted; the others are wrong.",
    )  # fmt: skip


def read_value(wanted: Wanted, text: str) -> float | date | tuple[int, int] | None:
    """What a reply states of the kind that is wanted; none where it states nothing of it."""
    if wanted.kind == "date":
        day = dates.read_date(text)
        return day.value if day else None
    if wanted.kind == "gestation":
        age = dates.read_gestation(text)
        return (age.weeks, age.days) if age else None
    read = read_number(_OUT_OF.sub(_points, text) if wanted.kind == "integer" else text)
    return read.value if read else None


def _points(match: re.Match[str]) -> str:
    """Points out of a total, such as 12/15, which are no fraction."""
    return match[1] if int(match[1]) <= int(match[2]) else match[0]


def _right(wanted: Wanted, sample: OpenSample, text: str) -> bool:
    said = read_value(wanted, text)
    if wanted.kind in {"date", "gestation"}:
        right = read_value(wanted, wanted.gold)
        if right is None:
            kind = "a date" if wanted.kind == "date" else "weeks and days"
            raise DataError(f"sample {sample.id}: {wanted.gold!r} is to be {kind}")
        return said == right
    if not isinstance(said, float):
        return False
    if wanted.kind == "integer":
        # A half is rounded to the even number, as the makers' own scorer does.
        return round(said) == round(number(wanted.gold, sample))
    # Of a negative gold, 95 % is the upper limit.
    low, high = sorted([number(wanted.low, sample), number(wanted.high, sample)])
    return low <= said <= high
