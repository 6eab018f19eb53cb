"""Times: in words, and read from a command."""

import math

from medeval.errors import RequestError

SCALES = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration(seconds: float) -> str:
    """A time in words."""
    minutes, hours, days = seconds / 60, seconds / 3600, seconds / 86_400
    if minutes < 1:
        return f"{seconds:.0f} s"
    if minutes < 100:
        return f"{minutes:.0f} min"
    if days < 2:
        return f"{hours:.1f} h"
    return f"{days:.1f} days" if days < 10 else f"{days:,.0f} days"


def enough(seconds: float) -> str:
    """A time as a command is given it, never shorter than it is."""
    minutes = math.ceil(seconds / 60)
    return f"{minutes}m" if minutes < 100 else f"{math.ceil(seconds / 360) / 10:g}h"


def seconds_of(text: str) -> float:
    """Read a time such as 2h, 30m or 90s."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    try:
        found = float(number) * SCALES[unit]
    except (KeyError, ValueError):
        found = 0.0
    if not 0 < found < float("inf"):
        raise RequestError(f"--time {text}: a number with its unit, such as 30m, 2h or 1d.")
    return found
