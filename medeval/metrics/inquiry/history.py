"""A consultation as it went: what was asked, what was heard, and which facts of the case were new."""

from functools import lru_cache
from typing import NamedTuple

from medeval.casefile import confirmed, facts_in, told_by
from medeval.readers import read_move
from medeval.records import CaseSample, Exchange, Language, Response, Walk


class Step(NamedTuple):
    """A question or an order, and what came of it."""

    kind: str
    asked: str
    heard: str
    gained: frozenset[int]
    """Places of the facts that nobody had told before."""
    repeated: bool
    """Whether nothing was gained, and what it asks for had been told."""


class Consultation(NamedTuple):
    """All steps, and what was known before them."""

    steps: tuple[Step, ...]
    known: frozenset[int]
    """Places of the facts that the opening tells."""

    @property
    def gained(self) -> frozenset[int]:
        """Places of all facts that asking brought."""
        return frozenset[int]().union(*[step.gained for step in self.steps])


def consultation(sample: CaseSample, walk: Walk) -> Consultation:
    """Read a walk: the doctor's moves beside the patient's replies."""
    doctor, patient = map(_text, walk.of("model")), map(_text, walk.of("patient"))
    return _read(sample.opening, sample.facts, sample.language, tuple(zip(doctor, patient, strict=False)))


@lru_cache(maxsize=8)  # a sample is marked by several metrics in a row
def _read(
    opening: str, facts: tuple[str, ...], language: Language, said: tuple[tuple[str, str], ...]
) -> Consultation:  # fmt: skip
    known = frozenset(facts_in(opening, facts, language))
    told = known
    steps = []
    for text, heard in said:
        move = read_move(text, language)
        # A bare yes or no tells what was asked for.
        stated = "\n".join(filter(None, [heard, confirmed(move.text, heard, language)]))
        gained = frozenset(facts_in(stated, facts, language)) - told
        wanted = frozenset(told_by(move.text, facts, language))
        told |= gained
        repeated = not gained and bool(wanted) and wanted <= told
        steps.append(Step(move.kind, move.text, heard, gained, repeated))
    return Consultation(tuple(steps), known)


def _text(exchange: Exchange) -> str:
    return exchange.reply.text if isinstance(exchange.reply, Response) else ""
