"""What is computed together: rows of tokens, long ones first, and those with one beginning beside each other.

No torch here: only which rows make a batch.
"""

from collections.abc import Sequence
from typing import NamedTuple

from medeval.engines.base import Ask
from medeval.engines.pretrained.cuts import Cut, common

BEGINNING = 48
"""Tokens by which rows are thought to share more: shorter beginnings are not worth a pass of their own."""


class Row(NamedTuple):
    """Tokens to read, and what is wanted of its last positions."""

    ids: tuple[int, ...]
    wanted: tuple[tuple[int, ...], ...]
    """For each of the last positions, the tokens whose log-probability is wanted."""
    key: str
    """Of the request."""
    place: int
    """Of the choice that the row stands for; rows of several choices begin at 0."""


class Group(NamedTuple):
    """Rows that begin with the same tokens, long ones first."""

    shared: tuple[int, ...]
    rows: list[Row]


def rows_of(ask: Ask, cut: Cut) -> list[Row]:
    """Make the rows of a request: one where every continuation is one token, else one a choice."""
    start = cut.start(ask.prompt.ids or ()) or ()
    if all(len(tail) == 1 for tail in cut.tails):
        return [Row(start, (tuple([tail[0] for tail in cut.tails]),), ask.key, 0)]
    return [
        Row(start + tail[:-1], tuple([(token,) for token in tail]), ask.key, place)
        for place, tail in enumerate(cut.tails)
    ]


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Put rows together that share a beginning that is worth computing once."""
    buckets: dict[tuple[int, ...], list[Row]] = {}
    alone: list[Row] = []
    for row in rows:
        buckets.setdefault(row.ids[:BEGINNING], []).append(row)
    groups = []
    for beginning, members in buckets.items():
        # The last positions that something is wanted of must stay outside of what is shared.
        length = min(len(row.ids) - len(row.wanted) for row in members)
        shared = common(min(members).ids, max(members).ids)[: max(0, length)]
        if len(members) < 2 or len(beginning) < BEGINNING or len(shared) < BEGINNING:
            alone += members
        else:
            groups.append(Group(shared, _long_first(members)))
    groups.sort(key=lambda group: -len(group.rows[0].ids))
    return [*groups, *([Group((), _long_first(alone))] if alone else [])]


def _long_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-len(row.ids), row.key, row.place))


class Budget:
    """How much is computed at once; halved whenever it was too much."""

    def __init__(self, tokens: int, numbers: int) -> None:
        self._tokens = tokens
        self._numbers = numbers

    def rows(self, longest: int, numbers: int) -> int:
        """How many rows of a length fit, each of which gives so many numbers."""
        return max(1, min(self._tokens // max(1, longest), self._numbers // max(1, numbers)))

    def halve(self) -> None:
        """Take less from now on."""
        self._tokens = max(1, self._tokens // 2)
        self._numbers = max(1, self._numbers // 2)
