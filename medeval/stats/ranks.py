"""Ranks as intervals: who is above whom beyond doubt, all pairs at once.

A task is a table of marks (items, models). What a draw of its items moves each model by is linear in how often each
item comes: one product of a matrix of counts with the marks, less their means, serves many draws. With clusters it is
their sums that are drawn; an item, or a cluster, is a unit here.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medeval.stats.bootstrap import DRAWS, Floats

Codes = npt.NDArray[np.uint64]
CELLS = 1_000_000
"""Numbers held at once, 8 MB; batches of draws hang on it, so that another one gives other draws."""
NOTHING = 1e-12
"""A difference or a spread this far below that of the marks is rounding."""


class Ranks(NamedTuple):
    """Means over tasks, and the best and the worst rank that each model may have."""

    values: tuple[float, ...]
    ranks: tuple[tuple[int, int], ...]
    top: tuple[int, ...]
    """Places of the models that may be the best."""
    critical: float
    """How many standard errors set two models apart."""
    draws: int
    method: str
    apart: tuple[tuple[int, ...], ...]
    """For every two models, by row and column: 1 where the first is surely above, -1 where it is surely below."""


class _Pairs(NamedTuple):
    """Every two models: how far apart, in errors; and the error that draws have, smaller by (n - 1) / n."""

    above: npt.NDArray[np.int64]
    below: npt.NDArray[np.int64]
    apart: Floats
    errors: Floats


def rank_intervals(  # noqa: PLR0913  a bootstrap has this many sides
    tasks: Sequence[Floats],
    seed: int,
    *,
    clusters: Sequence[Sequence[str] | None] | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
    stepdown: bool = False,
    workers: int = 1,
) -> Ranks:
    """Ranks by the plain mean over tasks, from simultaneous intervals of all paired differences.

    Mogstad, Romano, Shaikh and Wilhelm, Review of Economic Studies 2024. The order of items and of models changes
    nothing, and neither does the number of workers. With `stepdown`, pairs that are apart leave the question to the
    others (Romano and Wolf, Econometrica 2005): sharper, and no longer intervals of the differences.
    """
    _check(tasks)
    groups = clusters or [None] * len(tasks)
    parts = [_settled(marks, names) for marks, names in zip(tasks, groups, strict=True)]
    values = np.mean([marks.mean(axis=0) for marks, _ in parts], axis=0)
    units = [_units(marks, owners) / (len(marks) * len(parts)) for marks, owners in parts]
    scale = max(float(np.abs(marks).max()) for marks in tasks)
    pairs = _pairs(values, units, scale)
    moves = _moves(units, seed, draws, workers)
    critical = _critical(moves, pairs, level)
    surely = np.abs(pairs.apart) > critical
    while stepdown and surely.any():
        critical = _critical(moves, _left(pairs, ~surely), level)
        more = np.abs(pairs.apart) > critical
        if (more == surely).all():
            break
        surely = more
    ranks = _ranks(pairs, surely, len(values))
    top = tuple([place for place, (low, _) in enumerate(ranks) if low == 1])
    method = f"max-t bootstrap of {len(pairs.apart)} pairs{', step-down' if stepdown else ''}"
    return Ranks(tuple(values.tolist()), ranks, top, critical, draws, method, _matrix(pairs, surely, len(values)))


def upper_ranks(intervals: Sequence[tuple[float, float]]) -> list[int]:
    """LMArena's rank (UB): one more than how many lower limits are above one's upper limit; a label, not a test."""
    return [1 + sum(low > high for low, _ in intervals) for _, high in intervals]


def spans(intervals: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    """The same from both sides: the best and the worst rank by limits (low, high) that do not meet."""
    worst = [len(intervals) - sum(high < low for _, high in intervals) for low, _ in intervals]
    return list(zip(upper_ranks(intervals), worst, strict=True))


def _check(tasks: Sequence[Floats]) -> None:
    if not tasks:
        raise ValueError("ranks need a task")
    for place, marks in enumerate(tasks):
        if marks.shape[1] != tasks[0].shape[1]:
            raise ValueError(f"task {place} has marks of {marks.shape[1]} models, and task 0 of {tasks[0].shape[1]}")
        if not np.isfinite(marks).all():
            raise ValueError(f"task {place} lacks marks: every model needs one of every item; leave other items out")


def _settled(marks: Floats, names: Sequence[str] | None) -> tuple[Floats, npt.NDArray[np.int64] | None]:
    """Items in an order that hangs neither on theirs nor on that of the models, and the cluster of each.

    Each item gets a code of what all models made of it, and each model one of what it made of all items; sums of whole
    numbers are the same in any order. Only the ranks of marks count, so that a constant changes nothing.
    """
    _, places = np.unique(marks, return_inverse=True)
    cells = places.reshape(marks.shape).astype(np.uint64)
    models = np.zeros(marks.shape[1], dtype=np.uint64)
    for _ in range(3):
        items = _mixed(_mixed(cells + models).sum(axis=1))
        models = _mixed(_mixed(cells + items[:, None]).sum(axis=0))
    owners = None if names is None else np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)
    order = np.argsort(items, kind="stable")
    return np.ascontiguousarray(marks[order], dtype=np.float64), None if owners is None else owners[order]


def _mixed(codes: Codes) -> Codes:
    """Spread codes over all numbers of 64 bits (SplitMix64; Steele, Lea and Flood, OOPSLA 2014)."""
    codes = (codes + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return codes ^ (codes >> np.uint64(31))


def _units(marks: Floats, owners: npt.NDArray[np.int64] | None) -> Floats:
    """What each unit adds to the sum of marks less their mean."""
    rest: Floats = marks - marks.mean(axis=0)
    if owners is not None:
        sums = np.zeros((int(owners.max()) + 1, marks.shape[1]))
        np.add.at(sums, owners, rest)
        rest = sums
    if len(rest) < 2:
        raise ValueError("ranks need two items, or clusters, of every task: one has no spread")
    return rest


def _pairs(values: Floats, units: Sequence[Floats], scale: float) -> _Pairs:
    """Set every two models beside each other; those that always differ by the same are wholly apart, or not at all."""
    above, below = np.triu_indices(len(values), 1)
    gaps = values[above] - values[below]
    gaps[np.abs(gaps) <= NOTHING * scale] = 0.0
    known, drawn, spread = np.zeros((3, len(gaps)))
    for each in units:
        products = each.T @ each
        own = np.diagonal(products)
        squares = own[above] + own[below] - 2 * products[above, below]
        spread += own[above] + own[below]
        drawn += squares
        known += squares * len(each) / (len(each) - 1)
    fixed = drawn <= NOTHING * spread + (NOTHING * scale) ** 2
    errors = np.where(fixed, 0.0, np.sqrt(drawn.clip(0)))
    wholly = np.where(gaps == 0, 0.0, np.copysign(np.inf, gaps))
    apart = np.divide(gaps, np.sqrt(known.clip(0)), out=wholly, where=~fixed)
    return _Pairs(above, below, apart, errors)


def _left(pairs: _Pairs, kept: npt.NDArray[np.bool_]) -> _Pairs:
    return _Pairs(pairs.above[kept], pairs.below[kept], pairs.apart[kept], pairs.errors[kept])


def _moves(units: Sequence[Floats], seed: int, draws: int, workers: int) -> Floats:
    """How far every draw moves each model (draws, models); a batch is the same whoever makes it."""
    jobs = []
    for task, each in enumerate(units):
        size = max(1, min(draws, CELLS // len(each)))
        jobs += [(task, number, first, min(size, draws - first)) for number, first in enumerate(range(0, draws, size))]

    def play(job: tuple[int, int, int, int]) -> Floats:
        task, number, _, count = job
        n = len(units[task])
        places = np.random.default_rng((seed, task, number)).integers(n, size=(count, n))
        places += n * np.arange(count)[:, None]
        times = np.bincount(places.ravel(), minlength=n * count).reshape(count, n)
        # Draws need no more than the seven digits of single precision, at half the time.
        moved: Floats = (times.astype(np.float32) @ units[task].astype(np.float32)).astype(np.float64)
        return moved

    moves = np.zeros((draws, units[0].shape[1]))
    with ThreadPoolExecutor(workers) as pool:
        for (_, _, first, count), moved in zip(jobs, pool.map(play, jobs), strict=True):
            moves[first : first + count] += moved
    return moves


def _critical(moves: Floats, pairs: _Pairs, level: float) -> float:
    """What the largest of all differences stays below in as many draws as the level says."""
    free = pairs.errors > 0
    if not free.any():
        return 0.0
    models, draws = moves.shape[1], len(moves)
    sharp = np.zeros((models, models), dtype=np.float32)
    sharp[pairs.above[free], pairs.below[free]] = 1 / pairs.errors[free]
    # A model against all below it at once: rows of draws lie together, and nothing of all pairs is ever held.
    rows = np.ascontiguousarray(moves.T, dtype=np.float32)
    largest = np.zeros(draws, dtype=np.float32)
    for place in range(models - 1):
        apart = rows[place + 1 :] - rows[place]
        np.abs(apart, out=apart)
        apart *= sharp[place, place + 1 :, None]
        np.maximum(largest, apart.max(axis=0), out=largest)
    return float(np.quantile(largest, level, method="higher"))


def _ranks(pairs: _Pairs, surely: npt.NDArray[np.bool_], models: int) -> tuple[tuple[int, int], ...]:
    """Count those surely above and surely below each."""
    better = np.where(pairs.apart > 0, pairs.above, pairs.below)[surely]
    worse = np.where(pairs.apart > 0, pairs.below, pairs.above)[surely]
    beaten, beats = np.bincount(worse, minlength=models), np.bincount(better, minlength=models)
    return tuple([(1 + int(lost), models - int(won)) for lost, won in zip(beaten, beats, strict=True)])


def _matrix(pairs: _Pairs, surely: npt.NDArray[np.bool_], models: int) -> tuple[tuple[int, ...], ...]:
    """Who is surely above whom, both ways."""
    signs = np.where(surely, np.sign(pairs.apart), 0).astype(np.int8)
    apart = np.zeros((models, models), dtype=np.int8)
    apart[pairs.above, pairs.below] = signs
    apart[pairs.below, pairs.above] = -signs
    return tuple(map(tuple, apart.tolist()))
