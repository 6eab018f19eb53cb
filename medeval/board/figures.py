"""Numbers as pages show them: per cent with one decimal, limits, places on a scale."""

from collections.abc import Iterable

from medeval.records import Estimate, Record, Unit

DASH, MINUS, RANGE = "–", "\u2212", "\u2013"


class Scale(Record, frozen=True, kw_only=True):
    """From where to where an axis goes."""

    low: float
    high: float

    def at(self, value: float, width: float = 100) -> float:
        """Where a value stands, from 0 to the width."""
        share = (value - self.low) / (self.high - self.low)
        return round(width * min(1.0, max(0.0, share)), 1 if width > 1 else 4)

    def spot(self, value: float | None, low: float | None, high: float | None, chance: float | None) -> str:
        """The same as classes that the style sheet draws: a dot, its interval, and chance as a tick."""
        known = (("d", value), ("l", low), ("h", high), ("c", chance))
        return " ".join([f"{name}{round(self.at(each))}" for name, each in known if each is not None])


def scale(estimates: Iterable[Estimate], chance: float | None) -> Scale:
    """The axis that a column's intervals and chance lie on."""
    found = [
        limit for each in estimates for limit in (each.value, each.low, each.high) if limit is not None
    ]  # fmt: skip
    found += [] if chance is None else [chance]
    if not found:
        return Scale(low=0.0, high=1.0)
    low, high = min(found), max(found)
    room = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    return Scale(low=low - room, high=high + room)


def number(value: float | None, unit: Unit = "fraction") -> str:
    """A fraction per cent, and what has a scale of its own with three figures."""
    if value is None:
        return DASH
    if unit == "fraction":
        return f"{100 * value:.1f}".replace("-", MINUS)
    return (f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}").replace("-", MINUS)


def signed(value: float | None, unit: Unit = "fraction") -> str:
    """The same with its sign always told."""
    return f"+{number(value, unit)}" if value is not None and value > 0 else number(value, unit)


def around(estimate: Estimate) -> str:
    """Both limits, as short as they can be: an interval of shares is not as wide to either side."""
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return ""
    if estimate.unit == "fraction":
        return f"{100 * low:.0f}{RANGE}{100 * high:.0f}".replace("-", MINUS)
    return f"{number(low, estimate.unit)}{RANGE}{number(high, estimate.unit)}"


def interval(low: float | None, high: float | None, unit: Unit = "fraction") -> str:
    """Both limits."""
    return DASH if low is None or high is None else f"{number(low, unit)} {RANGE} {number(high, unit)}"


def ranks(low: int, high: int) -> str:
    """A range of ranks."""
    return f"{low}" if low == high else f"{low}{RANGE}{high}"


def ticks(axis: Scale, unit: Unit) -> tuple[tuple[float, str], ...]:
    """Round values along an axis, at most six."""
    width = axis.high - axis.low
    step = next(
        (size * 10.0**power for power in range(-6, 7) for size in (1, 2, 5) if width / (size * 10.0**power) <= 5), width
    )  # fmt: skip
    first = int(axis.low // step) + 1
    values = [step * place for place in range(first, first + 7) if step * place <= axis.high]
    worth = 100 if unit == "fraction" else 1
    return tuple([(axis.at(value), f"{round(worth * value, 7):g}".replace("-", MINUS)) for value in values])
