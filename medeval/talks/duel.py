"""Duels: two answers to the same thing, brought before a judge in both orders, criterion by criterion.

All that a judge is asked about a pair on one sample leaves at once. Answers that are the same are a tie unasked, and
an empty one loses unasked. Where the two orders disagree it is a tie; where an order has no verdict nobody knows.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from msgspec.structs import replace

from medeval.gradings import Grading, Judge, Per
from medeval.prompts.asking import SPEAKERS, glue
from medeval.records import (
    NOT_MEASURED,
    CaseSample,
    Criterion,
    DialogueSample,
    Language,
    OpenSample,
    Record,
    Reply,
    Request,
    Sample,
    Verdict,
    Walk,
)
from medeval.records import Answer as Ended
from medeval.talks.base import Talk
from medeval.talks.exhibits import Exhibit, exhibits
from medeval.talks.grade import EMPTY, put, read

Outcome = Literal["first", "second", "tie", ""]
"""Who won; empty: nobody knows."""
SAID = ("1", "tie", "2")
SPOKEN = {
    "1": "1", "answer 1": "1", "回答1": "1", "2": "2", "answer 2": "2", "回答2": "2", "tie": "tie", "平局": "tie",
}  # fmt: skip
"""The ways in which a verdict may be stated."""
OVERALL = Criterion(
    name="overall",
    text="Which answer would you rather have a patient get?",
    chinese="你更希望患者得到哪个回答？",
)
SAME, DISAGREE = "same answer", "the orders disagree"
_MEANT: tuple[dict[str, Outcome], dict[str, Outcome]] = (
    {"1": "first", "2": "second", "tie": "tie"},
    {"1": "second", "2": "first", "tie": "tie"},
)


class Bout(NamedTuple):
    """Two answers to one thing, to be compared by one criterion, as a judge is shown them."""

    criterion: Criterion
    exhibit: Exhibit
    """What both are seen with."""
    first: str
    second: str
    settled: Outcome | None = None
    """What it comes to without asking; none: a judge is asked."""
    why: str = ""


class Round(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What a judge said of two answers by one criterion in both orders, and what that comes to."""

    criterion: str
    turn: int = 0
    straight: str = ""
    """`1`, `2` or `tie`, where the first entry's answer was shown first; empty: there is no verdict."""
    swapped: str = ""
    """The same where it was shown second, as it was said: `1` is the second entry's."""
    outcome: Outcome = ""
    asked: bool = True
    why: str = ""
    """Why there is no outcome, or one unasked, or a tie that nobody spoke of."""
    missing: tuple[str, ...] = ()
    """Why there is no verdict in an order; none stands for one that is there."""


def grading_of(parts: Sequence[Grading], criteria: Sequence[Criterion], per: Per) -> Grading:
    """What a duel is judged by: the criteria of some gradings, compared and not graded."""
    return Grading(
        name="@".join(["pair", *[f"{part.name}.v{part.version}" for part in parts]]), version=1,
        about="Two answers compared.", prose="pair", criteria=tuple(criteria), grades=SAID, per=per,
    )  # fmt: skip


def bouts(grading: Grading, sample: Sample, first: Walk, second: Walk | None) -> Iterator[Bout]:
    """All on which two walks are compared; without a second one, with the answers of the benchmark's makers."""
    # Of a consultation everything counts: what was asked, what came out, and how it ended.
    per = "dialogue" if isinstance(sample, CaseSample) else grading.per
    shown = list(exhibits(per, sample, first))
    others = _of_makers(sample, shown) if second is None else list(exhibits(per, sample, second))
    unknown = [walk.answer.status for walk in (first, second) if walk and walk.answer.status in NOT_MEASURED]
    lacking = f"no answer: {unknown[0]}" if unknown else ""
    for one, other in zip(shown, others, strict=True):
        why = lacking or ("" if second or other.answer.strip() else "no reference answer")
        for criterion in grading.criteria:
            yield _bout(criterion, sample, one, other, why)


def dueled(judge: Judge, language: Language, compared: Sequence[Bout]) -> Talk:
    """Ask a judge for all that is not settled unasked; there may be nothing to ask."""
    yield tuple([
        _request(judge, language, bout, swapped=swapped)
        for bout in compared if bout.settled is None
        for swapped in (False, True)
    ])  # fmt: skip
    return Ended()


def rounds_of(judge: Judge, compared: Sequence[Bout], replies: Sequence[Reply]) -> tuple[Round, ...]:
    """Read the verdicts of both orders, and decide."""
    heard, found = iter(replies), []
    for bout in compared:
        round_ = Round(criterion=bout.criterion.name, turn=bout.exhibit.turn, why=bout.why)
        if bout.settled is not None:
            found.append(replace(round_, outcome=bout.settled, asked=False))
        else:
            found.append(_decided(round_, _verdict(judge, next(heard)), _verdict(judge, next(heard))))
    return tuple(found)


def meant(round_: Round) -> tuple[Outcome, Outcome]:
    """Whom the judge meant in each order, wherever the answer stood."""
    straight, swapped = _MEANT
    return straight.get(round_.straight, ""), swapped.get(round_.swapped, "")


def _decided(round_: Round, straight: Verdict, swapped: Verdict) -> Round:
    said = replace(round_, straight=straight.grade, swapped=swapped.grade)
    missing = tuple(["" if each.grade else each.why for each in (straight, swapped)])
    if any(missing):
        return replace(said, missing=missing, why=next(filter(None, missing)))
    one, other = meant(said)
    return replace(said, outcome=one) if one == other else replace(said, outcome="tie", why=DISAGREE)


def _verdict(judge: Judge, reply: Reply) -> Verdict:
    said = Verdict(judge=judge.name, criterion="")
    if judge.choosing:
        return read(judge, said, reply)
    spoken = read(replace(judge, grading=replace(judge.grading, grades=tuple(SPOKEN))), said, reply)
    return replace(spoken, grade=SPOKEN.get(spoken.grade, ""))


def _of_makers(sample: Sample, shown: Sequence[Exhibit]) -> list[Exhibit]:
    """The same exhibits with a good answer in place of the model's; of several the first."""
    if isinstance(sample, OpenSample):
        return [each._replace(answer=next(iter(sample.references), ""), gold="") for each in shown]
    return [each._replace(answer=each.gold, gold="") for each in shown]


def _bout(criterion: Criterion, sample: Sample, one: Exhibit, other: Exhibit, lacking: str) -> Bout:
    # What the makers say is shown as a good answer only where it is not itself one of the two.
    exhibit = one._replace(answer="", gold=one.gold if one.gold == other.gold else "")
    first, second = one.answer, other.answer
    if one.history != other.history:
        exhibit = exhibit._replace(history="")
        first, second = _after(sample, one), _after(sample, other)
    bout = Bout(criterion, exhibit, first, second)
    there = bool(one.answer.strip()), bool(other.answer.strip())
    if lacking:
        return bout._replace(settled="", why=lacking)
    if first.strip() == second.strip() or not any(there):
        return bout._replace(settled="tie", why=SAME)
    if not all(there):
        return bout._replace(settled="first" if there[0] else "second", why=EMPTY)
    return bout


def _after(sample: Sample, exhibit: Exhibit) -> str:
    """An answer with what was said before it, where that is not the same for both."""
    asks, answers = SPEAKERS[sample.language]
    asked = f"{asks}{glue(asks)}{exhibit.question}" if isinstance(sample, DialogueSample) else ""
    return "\n".join(filter(None, [exhibit.history, asked, f"{answers}{glue(answers)}{exhibit.answer}"]))


def _request(judge: Judge, language: Language, bout: Bout, *, swapped: bool) -> Request:
    first, second = (bout.second, bout.first) if swapped else (bout.first, bout.second)
    exhibit = bout.exhibit
    return put(
        judge, language, bout.criterion, case=exhibit.case, history=exhibit.history, question=exhibit.question,
        gold=exhibit.gold, first=first, second=second,
    )  # fmt: skip
