"""Whether a published number and ours agree: numbers in, a word and its reason out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from medeval.records import Estimate, Record

Same = Literal["outputs", "model"]
"""What both numbers rest on: the very same answers, or the same model asked twice."""
Unit = Literal["per cent", "plain"]
"""How a number was printed: a fraction per cent, or as it is, like a calibration error."""
Word = Literal["exact", "within", "drift", "not comparable", "absent", "not run", "waiting"]

SCALE: dict[Unit, int] = {"per cent": 100, "plain": 1}
COMPARED: frozenset[Word] = frozenset({"exact", "within", "drift"})
NOISE = Decimal("1e-9")
"""What a float may be off by: far below any printed decimal, far above the error of a sum."""


class Verdict(Record, frozen=True, kw_only=True):
    """A word, why it is that word, and how far ours is from what was published, in the unit of the latter."""

    word: Word
    why: str = ""
    difference: float | None = None


def verdict(  # noqa: PLR0913  a published number is a value, its unit, and what it rests on
    published: str,
    ours: Estimate,
    same: Same,
    *,
    n: int,
    count: int | None = None,
    unit: Unit = "per cent",
    tolerance: str = "",
) -> Verdict:
    """Hold a published number, as it was printed, against ours."""
    if ours.n != n:
        failed = f", {ours.failed:,} more could not be measured" if ours.failed else ""
        return Verdict(word="not comparable", why=f"ours rests on {ours.n:,} samples{failed}; published on {n:,}")
    if ours.value is None:
        return Verdict(word="not comparable", why="ours has no value")
    value, said, half = _scaled(ours.value, unit), Decimal(published), rounding(published)
    difference, digits = float(value - said), shown_digits(published, unit)
    if same == "outputs":
        hits = ours.value * ours.n
        if abs(value - said) <= half if count is None else abs(hits - count) < 1e-6 * n:
            word: Word = "exact"
            why = ""
        elif count is None and abs(value - said) <= Decimal(tolerance or 0):
            word, why = "within", f"within the {tolerance} that its reference allows"
        else:
            word = "drift"
            why = _apart(published, f"{value:.{digits}f}", None if count is None else (hits, count, n))
        return Verdict(word=word, why=why, difference=difference)
    if ours.low is None or ours.high is None:
        return Verdict(word="not comparable", why="ours has no interval", difference=difference)
    low, high = _scaled(ours.low, unit), _scaled(ours.high, unit)
    if low - half <= said <= high + half:
        return Verdict(word="within", why="the published number lies in our interval", difference=difference)
    why = f"published {published} lies outside our interval, {low:.{digits}f} to {high:.{digits}f}"
    return Verdict(word="drift", why=why, difference=difference)


def rounding(published: str) -> Decimal:
    """How far a number may be from what was printed: half a unit of the last printed decimal."""
    return Decimal(1).scaleb(-len(published.partition(".")[2])) / 2 + NOISE


def shown_digits(published: str, unit: Unit) -> int:
    """As many decimals as were printed, and at least those of a hundredth of a point."""
    return max(2 if unit == "per cent" else 4, len(published.partition(".")[2]))


def exit_code(words: Iterable[Word]) -> int:
    """1 if one drifted, else 4 if one could not be compared with what is there, else 5 if nothing was compared."""
    found = {*words}
    if "drift" in found:
        return 1
    if "not comparable" in found:
        return 4
    return 0 if found & COMPARED else 5


def gravity(word: Word) -> int:
    """What is shown first: what was compared, then what could not be, then what was not there."""
    return 0 if word in COMPARED else 1 if word == "not comparable" else 2


def _scaled(value: float, unit: Unit) -> Decimal:
    return Decimal(repr(value)) * SCALE[unit]


def _apart(published: str, value: str, counted: tuple[float, int, int] | None) -> str:
    if counted is None:
        return f"the same answers give {value}, published is {published}"
    hits, count, n = counted
    return f"the same answers give {hits:,.0f} of {n:,} ({value}), published is {count:,} ({published})"
