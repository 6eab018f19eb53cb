"""The date, or the weeks and days of a pregnancy, that a reply states as its answer."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple, TypeVar

from medeval.metrics.structured import statements

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<iso>(?P<y1>\d{4})(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2}))"
    r"|(?P<short>(?P<a>\d{1,2})(?P<s2>[-/.])(?P<b>\d{1,2})(?P=s2)(?P<y2>\d{4}))"
    rf"|(?P<named>(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -](?P<w2>{_MONTH}),?[ -](?P<y3>\d{{4}}))"
    r"|(?P<zh>(?P<y4>\d{4})\s?年\s?(?P<m4>\d{1,2})\s?月\s?(?P<d4>\d{1,2})\s?[日号]))(?![\d/])"
    rf"|\b(?P<us>(?P<w1>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y5>\d{{4}}))(?!\d)",
    re.IGNORECASE,
)
_GESTATION = re.compile(
    r"(?<![\d.])(?P<weeks>\d{1,2})[\"']?\s{0,3}-?(?:completed |full )?(?:weeks?|wks?|w|个?孕?周)(?![a-z])[\"']?"
    r"(?:\s{0,3}(?:,|;|\+|and|&|零|又|，|、)?\s{0,3}[\"']?(?P<days>\d{1,3})[\"']?\s{0,3}-?(?:days?|d|天|日)(?![a-z])[\"']?)?"
    r"|(?<![\d.+])(?P<w>\d{1,2})\s?\^?\+\s?(?P<d>\d)(?![\d.])(?:\s?(?:weeks?|wks?|周))?"
    r"|(?<![\d.])(?P<whole>\d{1,2}) (?P<part>\d)/7(?!\d)(?:\s?(?:weeks?|wks?|周))?"
    r"|\bweeks?\W{1,4}(?P<lw>\d{1,2})\W{1,6}days?\W{1,4}(?P<ld>\d{1,3})(?!\d)"
    r"|孕\s?(?P<zw>\d{1,2})\s?\+\s?(?P<zd>\d)(?!\d)",
    re.IGNORECASE,
)
_DAYS = re.compile(r"(?<![\d.,+])([0-6]) ?days?\b(?! (?:ago|old|before|after|earlier|later))", re.IGNORECASE)
_RAISED = str.maketrans("⁺⁰¹²³⁴⁵⁶", "+0123456")
# A date counted from another one stands behind one of these; what comes first is the answer otherwise.
_COUNTED = re.compile(r"(?:[=≈→]|\bis)\s{0,3}(?:[a-z]{3,9},\s)?\Z", re.IGNORECASE)
_GOES_ON = re.compile(r"\s{0,3}(?:[-+=→]|plus\b|minus\b)", re.IGNORECASE)
_PAIR = re.compile(r"[(\[]?\s{0,2}[\"']?(\d{1,2})[\"']?\s{0,2},\s{0,2}[\"']?(\d{1,3})[\"']?\s{0,2}[)\]]?(?:\D|\Z)")
_NOTHING = re.compile(
    r"\W{0,4}(?:not |cannot|can't|none\b|n/a\b|unknown|unable|undetermin|无法|不能|未知|不确定)", re.IGNORECASE
)

T = TypeVar("T")


class Dated(NamedTuple):
    """A date and the rule that found it."""

    value: date
    rule: str


class Gestation(NamedTuple):
    """Whole weeks and the days over, fewer than seven, and the rule that found them."""

    weeks: int
    days: int
    rule: str


def read_date(text: str, *, day_first: bool = False) -> Dated | None:
    """The last date that is stated as the answer; else the last of all.

    `day_first`: 03/04/2021 is in April. A date that no calendar has is none, and one before it does not count instead.
    """

    def dates(said: str) -> Iterator[date | None]:
        return (_dated(match, day_first=day_first) for match in _answer_first(said))

    found = _stated(statements.plain(text), dates)
    return Dated(*found) if found else None


def read_gestation(text: str) -> Gestation | None:
    """The last weeks and days that are stated as the answer; else the last of all. Weeks alone have no days over."""
    found = _stated(statements.plain(text).translate(_RAISED), _gestations)
    return Gestation(*found[0], found[1]) if found else None


def _stated(text: str, values: Callable[[str], Iterator[T | None]]) -> tuple[T, str] | None:
    """The first value of the last statement that has any, or the last of the text."""
    for said, rule in statements.explicit(text):
        if _NOTHING.match(said):
            return None
        for value in values(said):
            return (value, rule) if value is not None else None
    last: T | None = None
    for value in values(text):
        last = value
    return (last, "said") if last is not None else None


def _answer_first(said: str) -> list[re.Match[str]]:
    """The dates of a text in their order, but one that is counted from the first before all others."""
    found = list(_DATE.finditer(said))
    if len(found) > 1 and (_GOES_ON.match(said, found[0].end()) or said[: found[0].start()].strip()):
        counted = [each for each in found[1:] if _COUNTED.search(said, max(0, each.start() - 20), each.start())]
        return [*counted[-1:], *found] if counted and len(said) <= statements.LONGEST else found
    return found


def _dated(match: re.Match[str], *, day_first: bool) -> date | None:
    part = match.groupdict()
    if part["iso"]:
        year, month, day = int(part["y1"]), int(part["m1"]), int(part["d1"])
    elif part["short"]:
        first, second, year = int(part["a"]), int(part["b"]), int(part["y2"])
        month, day = (second, first) if day_first else (first, second)
    elif part["zh"]:
        year, month, day = int(part["y4"]), int(part["m4"]), int(part["d4"])
    else:
        year, day = int(part["y3"] or part["y5"]), int(part["d2"] or part["d3"])
        month = _month(part["w1"] or part["w2"])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    """The number of a month by its name or the beginning of it; 0 of another word."""
    word = word.lower().rstrip(".").removesuffix("t" if word.lower().startswith("sept") and len(word) <= 5 else "")
    return next((place for place, name in enumerate(MONTHS, 1) if name.startswith(word)), 0)


def _gestations(said: str) -> Iterator[tuple[int, int] | None]:
    found = False
    for match in _GESTATION.finditer(said):
        found = True
        part = match.groupdict()
        weeks = int(part["weeks"] or part["w"] or part["whole"] or part["lw"] or part["zw"])
        days = int(part["days"] or part["d"] or part["part"] or part["ld"] or part["zd"] or 0)
        yield (weeks, days) if days < 7 else None
    # A bare pair is one only where it is all that is said.
    if not found and len(said) < 40 and (pair := _PAIR.match(said)):
        weeks, days = int(pair[1]), int(pair[2])
        yield (weeks, days) if days < 7 else None
    elif not found:
        yield from [(0, int(match[1])) for match in _DAYS.finditer(said)]
