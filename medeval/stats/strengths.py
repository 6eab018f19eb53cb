"""Bradley-Terry strengths: what players are worth by who beat whom."""

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, stdtrit, xlogy

from medeval.stats.bootstrap import Floats
from medeval.stats.intervals import Interval

POINTS = 400 / math.log(10)
"""Points of a rating in one unit of strength: 400 are odds of ten to one, as in Elo's scale."""


class Outcome(NamedTuple):
    """What comparisons of two came to: 1, the first won; 0, it lost; 0.5, a tie; `times`, how many came out so."""

    first: str
    second: str
    result: float
    times: float = 1.0


class Strength(NamedTuple):
    """A player's strength over the anchor's, its robust and its model-based error, and its rating with limits."""

    name: str
    theta: float
    error: float
    model_error: float
    rating: float
    interval: Interval


class BradleyTerry(NamedTuple):
    """Strengths in the order of names; `wins` (of row over column) and `covariance` (robust) are in the same order."""

    anchor: str
    strengths: tuple[Strength, ...]
    covariance: Floats
    wins: Floats
    deviance: float
    freedom: int
    ridge: float
    n: float


class Rows(NamedTuple):
    """Outcomes with players as places among the sorted names."""

    names: list[str]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    results: Floats
    times: Floats


def bradley_terry(
    outcomes: Sequence[Outcome],
    anchor: str,
    *,
    clusters: Sequence[Hashable] | None = None,
    ridge: float = 0.0,
    level: float = 0.95,
) -> BradleyTerry:
    """Strengths that explain the outcomes best, over that of the anchor: odds of a win are exp(theta - theta').

    A tie is half a win each. Errors are of the sandwich (White, Econometrica 1982) over comparisons or, where given,
    clusters, with a Student's t. A ridge, which is a normal prior of variance 1 / ridge, draws strengths to their
    mean; without one there may be no maximum (Ford, American Mathematical Monthly 1957), and that is refused.
    """
    rows = rows_of(outcomes)
    if anchor not in rows.names:
        raise ValueError(f"the anchor {anchor!r} is in no comparison; players are {', '.join(rows.names)}")
    wins = wins_of(rows)
    if not ridge:
        demand_a_maximum(rows.names, wins)
    theta = fitted(wins, ridge)
    inverse = np.linalg.inv(curvature(wins, theta, ridge))
    meat, count = _meat(rows, theta, clusters)
    over = np.eye(len(theta))
    over[:, rows.names.index(anchor)] -= 1
    robust, model = over @ inverse @ meat @ inverse @ over.T, over @ inverse @ over.T
    theta = over @ theta
    errors, model_errors = [np.sqrt(np.diagonal(each).clip(0)) for each in (robust, model)]
    said = f"sandwich over {count:g} {'comparisons' if clusters is None else 'clusters'}"
    said += f", ridge {ridge:g}" if ridge else ""
    reach = POINTS * float(stdtrit(count - 1, (1 + level) / 2)) * errors
    strengths = [
        Strength(name, strength, error, plain, 1000 + POINTS * strength,
                 Interval(1000 + POINTS * strength - half, 1000 + POINTS * strength + half, said))
        for name, strength, error, plain, half
        in zip(rows.names, *[each.tolist() for each in (theta, errors, model_errors, reach)], strict=True)
    ]  # fmt: skip
    deviance, pairs = _deviance(wins, theta)
    freedom = pairs - len(theta) + 1
    return BradleyTerry(anchor, tuple(strengths), robust, wins, deviance, freedom, ridge, float(rows.times.sum()))


def places_of(labels: Iterable[Hashable]) -> npt.NDArray[np.int64]:
    """Numbers for labels, in the order in which they come."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(label, len(known)) for label in labels])


def rows_of(outcomes: Sequence[Outcome]) -> Rows:
    """Outcomes as columns of numbers; what is none is refused."""
    for first, second, result, times in outcomes:
        if first == second or not 0 <= result <= 1 or not times > 0:
            raise ValueError(
                f"an outcome needs two players, a result from 0 to 1 and a positive number of times; "
                f"found {first!r} and {second!r} with {result} x {times}"
            )
    names = sorted({name for first, second, _, _ in outcomes for name in (first, second)})
    places = {name: place for place, name in enumerate(names)}
    return Rows(
        names,
        np.array([places[outcome.first] for outcome in outcomes], dtype=np.int64),
        np.array([places[outcome.second] for outcome in outcomes], dtype=np.int64),
        np.array([outcome.result for outcome in outcomes], dtype=np.float64),
        np.array([outcome.times for outcome in outcomes], dtype=np.float64),
    )


def wins_of(rows: Rows) -> Floats:
    """How often the player of a row beat that of a column."""
    wins = np.zeros((len(rows.names), len(rows.names)))
    np.add.at(wins, (rows.first, rows.second), rows.times * rows.results)
    np.add.at(wins, (rows.second, rows.first), rows.times * (1 - rows.results))
    return wins


def demand_a_maximum(names: Sequence[str], wins: Floats) -> None:
    """See that there is no group of players that beats the others without ever losing to them."""
    if (groups := connected_components(wins > 0, connection="weak"))[0] > 1:
        apart = [name for name, group in zip(names, groups[1], strict=True) if group != groups[1][0]]
        raise ValueError(f"{', '.join(apart)} and the others were never compared: compare them, or give a ridge")
    count, groups = connected_components(wins > 0, connection="strong")
    for group in range(count if count > 1 else 0):
        inside = groups == group
        if not wins[~inside][:, inside].any():
            never = [name for name, there in zip(names, inside, strict=True) if there]
            raise ValueError(
                f"{', '.join(never)} never lost to the others, so their strength has no upper limit: "
                "compare more, or give a ridge"
            )


def _chances(theta: Floats) -> Floats:
    chances: Floats = expit(theta[:, None] - theta)
    return chances


def curvature(wins: Floats, theta: Floats, ridge: float) -> Floats:
    """Minus the second derivatives; what is added in the direction of all players at once cancels in differences."""
    chances = _chances(theta)
    weights = (wins + wins.T) * chances * (1 - chances)
    return np.diag(weights.sum(axis=1) + ridge) - weights + 1 / len(theta)


def fitted(wins: Floats, ridge: float) -> Floats:
    """Newton's method; a step of range r is cut to log(1 + r), which cannot overshoot (Sun and Tran-Dinh 2019)."""
    theta = np.zeros(len(wins))
    for _ in range(1_000):
        slope = (wins - (wins + wins.T) * _chances(theta)).sum(axis=1) - ridge * theta
        step = np.linalg.solve(curvature(wins, theta, ridge), slope)
        reach = float(np.ptp(step))
        # Where only a faint ridge holds a strength, steps of rounding are large, and slopes are not.
        if reach < 1e-10 or np.abs(slope).max() < 1e-13 * wins.sum():
            return theta
        theta += step * (math.log1p(reach) / reach)
        theta -= theta.mean()
    raise ValueError("the strengths were not found in 1,000 steps: give a ridge, or a larger one")


def _meat(rows: Rows, theta: Floats, clusters: Sequence[Hashable] | None) -> tuple[Floats, float]:
    """Squares of the slopes of comparisons, or of whole clusters, and how many there are (CR1)."""
    off = rows.results - expit(theta[rows.first] - theta[rows.second])
    if clusters is None:
        count, shares = float(rows.times.sum()), np.zeros((len(theta), len(theta)))
        np.add.at(shares, (rows.first, rows.second), rows.times * off**2)
        shares += shares.T
        meat = np.diag(shares.sum(axis=1)) - shares
    else:
        owners = places_of(clusters)
        count = float(owners.max() + 1)
        slopes = np.zeros((int(count), len(theta)))
        np.add.at(slopes, (owners, rows.first), rows.times * off)
        np.subtract.at(slopes, (owners, rows.second), rows.times * off)
        meat = slopes.T @ slopes
    return meat * (count / (count - 1) if count > 1 else math.nan), count


def _deviance(wins: Floats, theta: Floats) -> tuple[float, int]:
    """Of the pairs, each a binomial of its own; and how many were compared."""
    above = np.triu(wins + wins.T) > 0
    won, games, chances = wins[above], (wins + wins.T)[above], _chances(theta)[above]
    each = xlogy(won, won / (games * chances)) + xlogy(games - won, (games - won) / (games * (1 - chances)))
    return 2 * math.fsum(each), int(above.sum())
