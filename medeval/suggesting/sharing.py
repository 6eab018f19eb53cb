"""How time is shared out among tasks: in a fixed order of steps, of which as many are taken as the time allows.

Since the order does not depend on the time, more time takes the same steps and then others: nothing gets fewer
questions for it.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from medeval.records import Record
from medeval.suggesting.units import Unit

LEAST = 100
"""Questions with which a unit begins, if it has so many: fewer show next to nothing."""


class Asked(Record, frozen=True, kw_only=True):
    """A unit, what a question of each of its members takes, and how many of them are worth asking."""

    unit: Unit
    each: tuple[float, ...]
    """Seconds."""
    goal: int
    """Questions of a member with which it sees a useful difference, or all."""
    most: int

    @property
    def least(self) -> int:
        """Questions of a member with which the unit begins."""
        return min(self.goal, math.ceil(LEAST / len(self.unit.members)))

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
        reached = _as_far(one, low, high, seconds - spent)
        if reached < max(low, one.least):
            break
        spent += one.seconds(reached) - one.seconds(low)
        limits[one.unit.name] = reached
        if reached < high:
            break
    return limits


def short(asked: Sequence[Asked], limits: Mapping[str, int]) -> Sequence[Asked]:
    """The units up to the first that the time keeps from its goal; none, if what was begun has reached its own."""
    for place, one in enumerate(asked):
        if limits.get(one.unit.name, 0) < one.goal:
            return asked[: place + 1] if not limits or one.unit.name in limits else ()
    return ()


def _as_far(one: Asked, low: int, high: int, seconds: float) -> int:
    """How far a step goes in the time that is left."""
    return low + bisect_right(range(low + 1, high + 1), seconds, key=lambda to: one.seconds(to) - one.seconds(low))


def _steps(asked: Sequence[Asked]) -> Iterator[tuple[Asked, int, int]]:
    """First each to its goal; then twice as many, over and over, and whoever has had the least time is next."""
    yield from ((one, 0, one.goal) for one in asked)
    further = []
    for place, one in enumerate(asked):
        low = one.goal
        while low < one.most:
            high = min(2 * low, one.most)
            further.append((one.seconds(high), place, low, high))
            low = high
    yield from ((asked[place], low, high) for _, place, low, high in sorted(further))
