"""Metrics of texts over the turns of a dialogue: every answer is held against its own reference."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from medeval.errors import TaskError
from medeval.metrics.base import Mark, Metric, mean
from medeval.records import Answer, DialogueSample, Exchange, Message, OpenSample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

Marker = Callable[[OpenSample, Walk], Mark]


def over_turns(metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    """Metrics of texts as metrics of dialogues, every turn counting the same; only means can be taken so."""
    if others := [metric.name for metric in metrics if metric.gather is not mean]:
        raise TaskError(f"Metric {others[0]!r} is no mean of texts, so it has none over turns.")
    return tuple([
        replace(metric, mark=_summed(metric.mark), gather=_over_all, part=metric.part or 0, defined=False)
        for metric in metrics
    ])  # fmt: skip


def as_open(sample: DialogueSample, number: int) -> OpenSample:
    """One turn of a dialogue, as a question that is answered in a text."""
    turn = sample.turns[number]
    references = (turn.reference,) if turn.reference.strip() else ()
    return OpenSample(
        id=sample.id, language=sample.language, messages=(Message(role="user", content=turn.asked),),
        references=references, source=sample.context,
    )  # fmt: skip


@lru_cache
def _summed(mark: Marker) -> Callable[[DialogueSample, Walk], Mark]:
    """Mark every turn: the sum of each of its marks, and the number of turns that have one."""

    def turns(sample: DialogueSample, walk: Walk) -> Mark:
        said: list[tuple[Exchange, ...]] = [(each,) for each in walk.of("model")]
        # What was never asked, because an earlier turn failed for good, was not answered.
        said += [()] * (len(sample.turns) - len(said))
        marks = [
            mark(as_open(sample, number), Walk(exchanges=exchanges, answer=Answer()))
            for number, exchanges in enumerate(said)
        ]
        known = [each if isinstance(each, tuple) else (each,) for each in marks if each is not None]
        return (*map(sum, zip(*known, strict=True)), float(len(known))) if known else None

    return turns


def _over_all(marks: "Floats", weights: "Floats") -> "Floats":
    import numpy as np

    sums = weights @ marks
    found: Floats = np.divide(
        sums[..., :-1], sums[..., -1:], out=np.full_like(sums[..., :-1], np.nan), where=sums[..., -1:] > 0
    )
    return found
