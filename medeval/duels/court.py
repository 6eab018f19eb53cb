"""A judge's court: every pair on every sample is one talk, which the runner plays as any other."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from msgspec.structs import replace

from medeval.duels.entrants import REFERENCE, Entrant
from medeval.duels.results import Compared, Missing
from medeval.gradings import Judge
from medeval.records import Reply, Response, Sample
from medeval.scoring.judged import EXCERPT
from medeval.sitting import Take
from medeval.talks.base import Talk
from medeval.talks.duel import Bout, Round, bouts, dueled, rounds_of


class Pair(NamedTuple):
    """Two entries, in the order of their names; none for the second: the answers of the benchmark's makers."""

    first: Entrant
    second: Entrant | None

    @property
    def names(self) -> tuple[str, str]:
        """What both are called."""
        return self.first.name, self.second.name if self.second else REFERENCE


def pairs_of(entries: Sequence[Entrant], *, reference: bool) -> tuple[Pair, ...]:
    """Everybody against everybody, or everybody against the reference answers."""
    ordered = sorted(entries, key=lambda each: each.name)
    return tuple(
        [Pair(each, None) for each in ordered] if reference else [Pair(*two) for two in combinations(ordered, 2)]
    )


class Court:
    """What the runner plays for one judge: it has what a sitting has for it, and no model of its own."""

    def __init__(self, name: str, judge: Judge, samples: Sequence[Sample], pairs: Sequence[Pair]) -> None:
        self.name = name
        self.judge = judge
        self._cases = [(pair, sample) for pair in pairs for sample in samples]
        # The same name for the same pair, whoever else is there: so what was said of it is found again.
        self.takes = [
            Take(number, 0, 0, replace(sample, id=f"{' vs '.join(pair.names)}: {sample.id}"))
            for number, (pair, sample) in enumerate(self._cases)
        ]

    def talk(self, take: Take) -> Talk:
        """Begin the talk about one pair on one sample."""
        return dueled(self.judge, take.sample.language, self._bouts(take.number))

    def compared(self, number: int, replies: Sequence[Reply]) -> tuple[Compared, tuple[Missing, ...]]:
        """Decide one pair on one sample by what the judge said, and tell what it did not say."""
        pair, sample = self._cases[number]
        first, second = pair.names
        rounds = rounds_of(self.judge, self._bouts(number), replies)
        line = Compared(
            sample=sample.id, cluster=sample.cluster or sample.id, first=first, second=second, rounds=rounds
        )
        return line, tuple(_missing(line, replies))

    def _bouts(self, number: int) -> list[Bout]:
        pair, sample = self._cases[number]
        second = pair.second.walks[sample.id] if pair.second else None
        return [*bouts(self.judge.grading, sample, pair.first.walks[sample.id], second)]


def _missing(line: Compared, replies: Sequence[Reply]) -> Iterator[Missing]:
    heard = iter(replies)
    for each in line.rounds:
        said = [next(heard), next(heard)] if each.asked else []
        if said and each.missing:
            for order, why, reply in zip(("straight", "swapped"), each.missing, said, strict=True):
                if why:
                    yield _absence(line, each, order, why, reply.text if isinstance(reply, Response) else "")
        elif not each.outcome:
            yield _absence(line, each, "", each.why, "")


def _absence(line: Compared, round_: Round, order: str, why: str, said: str) -> Missing:
    return Missing(
        sample=line.sample, first=line.first, second=line.second, turn=round_.turn, criterion=round_.criterion,
        order=order, why=why, said=said[:EXCERPT],
    )  # fmt: skip
