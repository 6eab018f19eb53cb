"""What is published of duels."""

from collections.abc import Mapping
from typing import Literal

from medeval.gradings import Judge
from medeval.records import Identity, Record
from medeval.talks.duel import Round


class Entered(Record, frozen=True, kw_only=True):
    """Which answers of an entry were compared."""

    cell: str
    data: str
    journal: str


class Manifest(Record, frozen=True, kw_only=True):
    """What a folder of duels is about; entries may come to it, and all else never changes."""

    schema_version: Literal[1] = 1
    task: str
    task_version: int
    data: str
    judge: Judge
    identity: Identity
    entries: Mapping[str, Entered]


class Compared(Record, frozen=True, kw_only=True):
    """One line of samples.jsonl: two entries on one sample."""

    sample: str
    cluster: str
    first: str
    second: str
    rounds: tuple[Round, ...]


class Missing(Record, frozen=True, kw_only=True):
    """One line of ledger.jsonl: a verdict that was wanted and is not there."""

    sample: str
    first: str
    second: str
    turn: int
    criterion: str
    order: str
    """`straight` or `swapped`; empty: there was nothing to compare."""
    why: str
    said: str = ""
    """The beginning of what the judge said, if it said anything."""


class Share(Record, frozen=True, kw_only=True):
    """A share with its interval; none where nothing is known."""

    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int


class Pairing(Record, frozen=True, kw_only=True):
    """Two entries by one criterion, from the first one's side."""

    first: str
    second: str
    criterion: str
    wins: int
    ties: int
    losses: int
    missing: int
    """Comparisons without an outcome."""
    rate: Share
    """How often the first wins, a tie being half a win."""
    p: float | None
    """Of the sign test over samples."""


class Strength(Record, frozen=True, kw_only=True):
    """An entry's Bradley-Terry strength over the anchor's, in log-odds, and its rating; the anchor's is 1000."""

    name: str
    strength: float
    error: float | None
    rating: float
    low: float | None
    high: float | None
    method: str


class Ranking(Record, frozen=True, kw_only=True):
    """All entries by one criterion, the strongest first."""

    criterion: str
    strengths: tuple[Strength, ...]
    ridge: float
    """What draws strengths together; 0: nothing does."""
    leader: str
    rival: str
    flips: int | None
    """So many outcomes, turned, put the rival ahead of the leader; none: no number of them does."""
    n: int


class Tournament(Record, frozen=True, kw_only=True):
    """Everything that one judge's verdicts on some entries come to."""

    schema_version: Literal[1] = 1
    task: str
    task_version: int
    judge: str
    criteria: tuple[str, ...]
    data: str
    samples: int
    entries: tuple[str, ...]
    anchor: str
    comparisons: int
    """Of two answers, by a criterion each."""
    unasked: int
    """Of these, how many were settled without asking: the same answer, an empty one, or none at all."""
    coverage: float
    """Share of the comparisons that have an outcome."""
    order_consistency: Share
    """Share of the pairs of verdicts that mean the same in both orders."""
    first_position: Share
    """Share of the verdicts other than ties that are for the answer shown first; a fair judge's is a half."""
    pairs: tuple[Pairing, ...]
    rankings: tuple[Ranking, ...]
    notes: tuple[str, ...]
    replies: str
    """Fingerprint of what the judge said."""
    protocol: str
    conditions: str

    @property
    def signature(self) -> str:
        """What the numbers stand on: protocol ‖ conditions."""
        return f"{self.protocol} ‖ {self.conditions}"
