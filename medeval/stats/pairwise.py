"""Two answers side by side: win rates, and how few outcomes hold the leader up."""

import math
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, stdtrit

from medeval.stats.bootstrap import Floats
from medeval.stats.intervals import Interval, wilson
from medeval.stats.strengths import (
    BradleyTerry,
    Outcome,
    Rows,
    Strength,
    bradley_terry,
    curvature,
    demand_a_maximum,
    fitted,
    places_of,
    rows_of,
    wins_of,
)

__all__ = [
    "BradleyTerry", "Flips", "Outcome", "Strength", "WinRate",
    "bradley_terry", "fewest_flips", "win_rate", "win_rate_of",
]  # fmt: skip

FAINT = 1e-6
"""A ridge that leaves strengths as they are, and gives a maximum where none would be."""


class WinRate(NamedTuple):
    """How often the first wins, a tie being half a win."""

    value: float
    interval: Interval
    error: float
    net: float
    """Wins minus losses, as a share."""
    p: float
    """Of the sign test: the chance of so uneven a score, or a more uneven one, if wins and losses were as likely."""
    n: int


class Flips(NamedTuple):
    """So many outcomes, turned, put the rival ahead of the leader; it is an upper bound, found greedily."""

    leader: str
    rival: str
    turned: int
    n: int


def win_rate(wins: int, ties: int, losses: int, level: float = 0.95) -> WinRate:
    """The win rate of so many wins, ties and losses on prompts of their own."""
    return win_rate_of([1.0] * wins + [0.5] * ties + [0.0] * losses, level=level)


def win_rate_of(
    values: Sequence[float], clusters: Sequence[Hashable] | None = None, level: float = 0.95
) -> WinRate:  # fmt: skip
    """The win rate of values 1, 0.5 and 0; judgments of one prompt are a cluster, and count once in the sign test."""
    n, mean = len(values), math.fsum(values) / len(values) if len(values) else math.nan
    if not n:
        return WinRate(mean, Interval(mean, mean, "none: no comparison"), mean, mean, mean, 0)
    marks, owners = np.asarray(values, dtype=np.float64), places_of(range(n) if clusters is None else clusters)
    count = int(owners.max()) + 1
    score = np.bincount(owners, marks - 0.5)
    p = _sign_test(int((score > 0).sum()), int((score < 0).sum()))
    if count < 2:
        said = "none: n < 2" if clusters is None else "none: one cluster"
        return WinRate(mean, Interval(mean, mean, said), math.nan, 2 * mean - 1, p, n)
    sums = np.bincount(owners, marks - mean)
    error = math.sqrt(math.fsum(sums**2) * count / (count - 1)) / n
    plain = clusters is None and np.isin(marks, (0, 1)).all()
    # Where values are of one kind only, such as ties, Wilson's is too wide rather than of no width.
    flat = plain or error < 1e-12
    interval = wilson(mean * count, count, level) if flat else _student(mean, error, count, level)
    if clusters is not None:
        interval = interval._replace(method=f"{interval.method} over {count} clusters")
    return WinRate(mean, interval, error, 2 * mean - 1, p, n)


def fewest_flips(outcomes: Sequence[Outcome], ridge: float = 0.0) -> Flips:
    """How few outcomes, turned to the other's win, put another player ahead of the leader.

    Those that weigh most for the leader are turned first, by their pull on the difference to each rival, until a new
    fit puts the rival ahead; there may be a smaller number, so it is an upper bound.
    """
    rows = _gathered(rows_of(outcomes))
    wins = wins_of(rows)
    if not ridge:
        demand_a_maximum(rows.names, wins)
        ridge = FAINT
    theta = fitted(wins, ridge)
    inverse = np.linalg.inv(curvature(wins, theta, ridge))
    leader, *rivals = [int(place) for place in np.argsort(-theta, kind="stable")]
    n = int(rows.times.sum())
    best, winner = n + 1, leader
    for rival in rivals:
        pull = inverse[leader] - inverse[rival]
        turned = _turned(rows, pull)

        def ahead(count: int, rival: int = rival, turned: Rows = turned) -> bool:
            found = fitted(wins + _moved(turned, count), ridge)
            return bool(found[rival] > found[leader] + 1e-9)

        if ahead(best - 1):
            best, winner = _first(ahead, best - 1), rival
    return Flips(rows.names[leader], rows.names[winner], best, n)


def _sign_test(wins: int, losses: int) -> float:
    return min(1.0, 2 * float(bdtr(min(wins, losses), wins + losses, 0.5))) if wins + losses else 1.0


def _student(mean: float, error: float, count: int, level: float) -> Interval:
    half = float(stdtrit(count - 1, (1 + level) / 2)) * error
    return Interval(max(0.0, mean - half), min(1.0, mean + half), "student")


def _gathered(rows: Rows) -> Rows:
    """Equal outcomes together, in an order of their own."""
    turned = rows.first > rows.second
    kinds, owners = np.unique(
        np.column_stack([
            np.where(turned, rows.second, rows.first), np.where(turned, rows.first, rows.second),
            np.where(turned, 1 - rows.results, rows.results),
        ]), axis=0, return_inverse=True,
    )  # fmt: skip
    first, second = kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64)
    times = np.bincount(owners.ravel(), rows.times).astype(np.float64)
    return Rows(rows.names, first, second, kinds[:, 2], times)


def _turned(rows: Rows, pull: Floats) -> Rows:
    """By how much each result moves where it is turned against the pull, the weightiest first."""
    slope = pull[rows.first] - pull[rows.second]
    moves = np.where(slope > 0, 0.0, 1.0) - rows.results
    order = np.argsort(slope * moves, kind="stable")
    order = order[(slope * moves)[order] < 0]
    return Rows(rows.names, rows.first[order], rows.second[order], moves[order], rows.times[order])


def _moved(turned: Rows, count: int) -> Floats:
    """Changes of the table of wins where the first so many outcomes are turned."""
    before = np.cumsum(turned.times) - turned.times
    times = np.clip(count - before, 0, turned.times) * turned.results
    change = np.zeros((len(turned.names), len(turned.names)))
    np.add.at(change, (turned.first, turned.second), times)
    return change - change.T


def _first(ahead: Callable[[int], bool], known: int) -> int:
    """The smallest count that is ahead, by halving, where a known one is."""
    low, high = 0, known
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if ahead(middle) else (middle, high)
    return high
