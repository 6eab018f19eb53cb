"""Metrics of consultations: what asking is worth between knowing nothing and knowing all, and when it was enough.

One walk holds all three conditions on the same case: the consultation itself, `model:full` with all facts at once, and
`model:none` with the opening alone, which is also the first of the probes that follow the conclusion turn by turn.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from medeval.metrics.base import Mark, Metric, Tabling
from medeval.metrics.choice import accuracy
from medeval.readers import HOUSE, read_move
from medeval.records import NOT_MEASURED, CaseSample, Exchange, Response, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

FULL, NONE, PROBE, PATIENT = "model:full", "model:none", "model:probe", "patient"


def _right(sample: CaseSample, exchange: Exchange) -> float | None:
    """Whether a conclusion beside the conversation is right; none where nobody knows what it would have been."""
    reply = exchange.reply
    if not isinstance(reply, Response):
        return None if reply.failure in NOT_MEASURED else 0.0
    if read_move(reply.text, sample.language).kind == "abstain":
        return 0.0
    return accuracy.mark(sample, Walk(exchanges=(exchange,), answer=HOUSE.read(reply, sample)))  # type: ignore[return-value]


@lru_cache
def _of_role(role: str) -> Callable[[CaseSample, Walk], Mark]:
    def right(sample: CaseSample, walk: Walk) -> Mark:
        return next((_right(sample, each) for each in walk.of(role)), None)

    return right


def conditions(sample: CaseSample, walk: Walk) -> Mark:
    """Whether the answer is right after asking, from the opening alone, and from all facts."""
    asked, none, full = accuracy.mark(sample, walk), _of_role(NONE)(sample, walk), _of_role(FULL)(sample, walk)
    return None if none is None or full is None else (asked, none, full)


def proactivity(marks: "Floats", weights: "Floats") -> "Floats":
    """What asking gained, of what there was to gain."""
    import numpy as np

    asked, none, full = np.moveaxis(weights @ marks, -1, 0)
    gained: Floats = np.divide(asked - none, full - none, out=np.full_like(asked, np.nan), where=full != none)
    return gained


def course(sample: CaseSample, walk: Walk) -> Mark:
    """The questions that were asked, and whether there was no answer, and none left to ask."""
    asked = len(walk.of(PATIENT))
    # A conclusion that was asked for has no probe beside it: it is the same request.
    return float(asked), float(walk.answer.rule == "abstained"), float(asked > len(walk.of(PROBE)))


def held(sample: CaseSample, walk: Walk) -> list[float | None]:
    """Whether what was held after each question was right: from the opening alone, by probes, and at last."""
    last = accuracy.mark(sample, walk)
    assert isinstance(last, float)  # noqa: S101  that metric marks everything
    return [*[_right(sample, each) for role in (NONE, PROBE) for each in walk.of(role)], last]


def first_right(sample: CaseSample, walk: Walk) -> Mark:
    """The question after which the right answer was held first; none where it never was, or nobody knows."""
    turns = held(sample, walk)
    if 1.0 not in turns or None in turns[: turns.index(1.0)]:
        return None
    # An answer of one's own accord is given in the turn of the last probe.
    return float(min(turns.index(1.0), len(walk.of(PATIENT))))


def turn_by_turn(sample: CaseSample, walk: Walk) -> Mark:
    """All that was held, the answer itself at the end."""
    return tuple([math.nan if each is None else each for each in held(sample, walk)])


def _by_turn(marks: Sequence[Sequence[float]]) -> tuple[tuple[str | float | None, ...], ...]:
    rows: list[tuple[float | None, ...]] = []
    for turn in range(max(map(len, marks))):
        there = [float(each[min(turn, len(each) - 1)]) for each in marks]
        known = [mark for mark in there if not math.isnan(mark)]
        open_still = sum(len(each) - 1 > turn for each in marks)
        right = math.fsum(known) / len(known) if known else None
        rows.append((float(turn), float(len(known)), float(open_still), right))
    return tuple(rows)


CONSULTED: tuple[Metric, ...] = (
    Metric(
        name="accuracy_full", version=1, mark=_of_role(FULL), voted=False,
        about="Accuracy of the same model on the same cases with all facts at once.",
    ),
    Metric(
        name="accuracy_none", version=1, mark=_of_role(NONE), voted=False,
        about="Accuracy of the same model on the same cases from the opening alone, without a question.",
    ),
    Metric(
        name="proactivity_index", version=1, mark=conditions, gather=proactivity, signed=True, defined=False,
        voted=False,
        about="(accuracy - accuracy_none) / (accuracy_full - accuracy_none): what asking gained of what there was.",
    ),
    Metric(
        name="turns", version=1, mark=course, part=0, unit="plain", better="", voted=False,
        about="Mean number of questions and tests that were asked for.",
    ),
    Metric(
        name="abstained", version=1, mark=course, part=1, better="lower", voted=False,
        about="Share of consultations that ended without an answer by the doctor's own choice; they count as wrong.",
    ),
    Metric(
        name="timed_out", version=1, mark=course, part=2, better="lower", voted=False,
        about="Share of consultations in which all questions were used up, so that the doctor had to conclude.",
    ),
    Metric(
        name="first_right_turn", version=1, mark=first_right, unit="plain", better="lower", voted=False,
        about="Questions after which the right answer was first held, where it ever was; by probes.",
    ),
)  # fmt: skip
CONSULTED_TABLES: tuple[Tabling, ...] = (
    Tabling(
        name="accuracy_by_turn", mark=turn_by_turn, columns=("turn", "n", "open", "accuracy"), rows=_by_turn,
        styles=("written", "reasoned"),
        about="Accuracy if every consultation had stopped after so many questions; open: those that go on.",
    ),
)  # fmt: skip
