"""How time is shared out among tasks: evenly, in a fixed order of steps, of which as many are taken as the time allows.

Since the order does not depend on the time, more time takes the same steps and then others: nothing gets fewer
questions for it.
"""

import math
from collections.abc import Sequence

from medeval.records import Record
from medeval.suggesting.units import Unit

LEAST = 100
"""Questions with which a unit begins, if it has so many: fewer show next to nothing."""


class Asked(Record, frozen=True, kw_only=True):
    """A unit, what a question of each of its members takes, and how many of them are worth asking."""

    unit: Unit
    each: tuple[float, ...]
    """Seconds."""
    most: int
    far: int = 0
    """How far it stands from what is asked for first."""

    @property
    def least(self) -> int:
        """Questions of a member with which the unit begins."""
        return min(self.most, math.ceil(LEAST / len(self.unit.members)))

    def seconds(self, limit: int) -> float:
        """What it takes where every member has so many questions at most."""
        return sum(
            min(limit, named.task.rows) * seconds for named, seconds in zip(self.unit.members, self.each, strict=True)
        )


def shared(asked: Sequence[Asked], seconds: float) -> dict[str, int]:
    """The most questions of a member, by unit; what has no place in the time is left out."""
    limits: dict[str, int] = {}
    spent = 0.0
    for one, low, high in _steps(asked):
        reached = high if low == 0 else _as_far(one, low, high, seconds - spent)
        further = one.seconds(reached) - one.seconds(low)
        if spent + further > seconds:
            break
        spent += further
        limits[one.unit.name] = reached
        if reached < high:
            break
    return limits


def _as_far(one: Asked, low: int, high: int, seconds: float) -> int:
    """How far a step goes in the time that is left."""
    while high > low and one.seconds(high) - one.seconds(low) > seconds:
        high -= 1
    return high


def _steps(asked: Sequence[Asked]) -> Sequence[tuple[Asked, int, int]]:
    """First the least, then twice as many, over and over; whoever has had the least time is next.

    Time for what stands further from the purpose counts more, so that what stands near it comes first.
    """
    steps = []
    for one in asked:
        low, high = 0, one.least
        while high > low:
            steps.append((one, low, high))
            low, high = high, min(2 * high, one.most)
    return sorted(steps, key=_when)


def _when(step: tuple[Asked, int, int]) -> tuple[float, bool, str, int]:
    one, _, high = step
    # To the minute: what differs by less is told apart by what papers report.
    minutes = math.ceil(one.seconds(high) * (1 + one.far) / 60)
    return minutes, not one.unit.reported, one.unit.name, high
