"""Who is surely ahead of whom: column by column, and over a group of columns without a sum of them.

All statements of a group hold together in 95 of 100 such boards: within a column by the largest of all differences,
over the columns by sharing what may go wrong among them. In a group one is ahead of another where it is surely better
in some column and surely worse in none; no weights, no composite score.
"""

from collections.abc import Mapping, Sequence
from math import fsum
from statistics import median

import numpy as np
import numpy.typing as npt

from medeval.board.columns import Column
from medeval.board.marks import Floats
from medeval.journal import fingerprint
from medeval.records import Record
from medeval.stats import power
from medeval.stats.ranks import rank_intervals

LEVEL = 0.95
Signs = npt.NDArray[np.int8]


class Ranked(Record, frozen=True, kw_only=True):
    """A column's ranks."""

    ranks: Mapping[str, tuple[int, int]]
    """The best and the worst rank of each entry."""
    apart: Signs
    """By the places of the column's ranked entries: 1 where the first is surely ahead."""
    sees: float | None
    """The smallest difference that shows with 80 % power, as pairs of entries differ here."""


class Standing(Record, frozen=True, kw_only=True):
    """An entry in a group."""

    slug: str
    low: int
    high: int
    tier: int
    """Nobody is told apart from another one of the same tier."""
    columns: int
    """In how many columns it is ranked."""


class Standings(Record, frozen=True, kw_only=True):
    """The order of a group."""

    rows: tuple[Standing, ...]
    top: tuple[str, ...]
    """Those whom nobody is surely ahead of."""


def ranked(column: Column, clusters: Sequence[str], columns: int) -> Ranked:
    """Rank the entries of a column; `columns` is how many statements like this the group makes."""
    slugs = column.ranked
    if len(slugs) < 2:
        alone = dict.fromkeys(slugs, (1, 1))
        return Ranked(ranks=alone, apart=np.zeros((len(slugs), len(slugs)), dtype=np.int8), sees=None)
    marks = column.marks(slugs)
    better = marks if column.better == "higher" else -marks
    seed = int(fingerprint(f"ranks\n{column.protocol}\n{column.metric}\n{column.judge}".encode())[:12], 16)
    if clusters and len({*clusters}) < 2:
        return Ranked(
            ranks=dict.fromkeys(slugs, (1, len(slugs))), apart=np.zeros((len(slugs),) * 2, dtype=np.int8), sees=None
        )
    found = rank_intervals([better], seed, clusters=[clusters or None], level=1 - (1 - LEVEL) / columns, workers=2)
    return Ranked(
        ranks=dict(zip(slugs, found.ranks, strict=True)), apart=np.array(found.apart, dtype=np.int8),
        sees=_sees(marks, found.values, clusters),
    )  # fmt: skip


def standings(columns: Sequence[tuple[Column, Ranked]]) -> Standings:
    """Order a group by where each column's ranks leave an entry on average, and part those who are told apart."""
    slugs = sorted({slug for column, _ in columns for slug in column.ranked})
    place = {slug: number for number, slug in enumerate(slugs)}
    better, worse = np.zeros((2, len(slugs), len(slugs)), dtype=bool)
    middles: dict[str, list[float]] = {slug: [] for slug in slugs}
    for column, by in columns:
        at = np.array([place[slug] for slug in column.ranked], dtype=np.int64)
        better[np.ix_(at, at)] |= by.apart > 0
        worse[np.ix_(at, at)] |= by.apart < 0
        for slug, (low, high) in by.ranks.items():
            # Columns have more entries or fewer: the middle is a share of the way down.
            middles[slug].append(((low + high) / 2 - 1) / max(1, len(by.ranks) - 1))
    ahead = better & ~worse
    lows, highs = 1 + ahead.sum(axis=0), len(slugs) - ahead.sum(axis=1)
    order = _ordered(
        sorted(slugs, key=lambda slug: (
            fsum(middles[slug]) / len(middles[slug]), int(lows[place[slug]] + highs[place[slug]]), slug
        )), place, ahead,
    )  # fmt: skip
    rows, tier, members = [], 0, list[int]()
    for slug in order:
        here = place[slug]
        if any(ahead[there, here] or ahead[here, there] for there in members):
            tier, members = tier + 1, []
        members.append(here)
        rows.append(Standing(
            slug=slug, low=int(lows[here]), high=int(highs[here]), tier=tier, columns=len(middles[slug])
        ))  # fmt: skip
    return Standings(rows=tuple(rows), top=tuple([row.slug for row in rows if row.low == 1]))


def _ordered(slugs: list[str], place: Mapping[str, int], ahead: npt.NDArray[np.bool_]) -> list[str]:
    """Whoever is surely ahead stands before, whatever the average says; in a circle the average decides."""
    left, beaten, order = [*slugs], ahead.sum(axis=0), list[str]()
    while left:
        first = next((slug for slug in left if not beaten[place[slug]]), left[0])
        left.remove(first)
        order.append(first)
        beaten = beaten - ahead[place[first]]
    return order


def _sees(marks: Floats, values: Sequence[float], clusters: Sequence[str]) -> float | None:
    """The smallest difference that neighbours in the column's order could show."""
    order = np.argsort(values, kind="stable")
    gaps = marks[:, order[1:]] - marks[:, order[:-1]]
    if clusters:
        # What samples of one cluster have in common makes them worth less than they are many.
        owners = np.unique(np.asarray(clusters), return_inverse=True)[1]
        sums = np.zeros((int(owners.max()) + 1, gaps.shape[1]))
        np.add.at(sums, owners, gaps - gaps.mean(axis=0))
        return power.detectable_graded(len(marks), median((sums**2).sum(axis=0).tolist()) / len(marks)) or None
    if np.isin(marks, (0.0, 1.0)).all():
        return power.detectable(len(marks), median((gaps != 0).mean(axis=0).tolist()))
    return power.detectable_graded(len(marks), median(gaps.var(axis=0, ddof=1).tolist())) or None
