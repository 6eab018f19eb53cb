"""Metrics of consultations, on cases small enough to count by hand."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from medeval import stats
from medeval.metrics.base import Mark, Metric
from medeval.metrics.choice import accuracy
from medeval.metrics.consulted import CONSULTED, CONSULTED_TABLES, proactivity
from medeval.records import Answer, CaseSample, Exchange, Failure, FailureKind, Reply, Request, Response, Walk
from medeval.scoring.gathering import Gathered, as_array, gathered
from tests.consultations import BRIEF, CASE, CASE_ZH, Script, doctor, led

NAMED = {metric.name: metric for metric in CONSULTED}
(BY_TURN,) = CONSULTED_TABLES
ASKS = "Did you drink?"
RIGHT, WRONG = "Answer: A", "Answer: B"


def mark(name: str, walk: Walk, sample: CaseSample = CASE) -> Mark:
    metric = NAMED[name]
    found = metric.mark(sample, walk)
    return found[metric.part] if isinstance(found, tuple) and metric.part is not None else found


def come_to(name: str, *walks: Walk) -> Gathered:
    metric: Metric = NAMED[name]
    marked = [(metric.mark(CASE, walk), replace(CASE, id=f"{number}")) for number, walk in enumerate(walks)]
    (found,) = gathered([metric], [(each, sample) for each, sample in marked if each is not None], 0)
    return found


def probed(*probes: str | Reply, last: str | Reply = RIGHT, none: str | Reply = WRONG, full: str = RIGHT) -> Script:
    """A doctor who asks until these are probed, then says the last."""
    left, moves = list(probes), doctor(*[ASKS] * len(probes), last, none=none, full=full)
    return lambda request: left.pop(0) if request.role == "model:probe" else moves(request)


# --- three conditions ---------------------------------------------------------------------


def four() -> list[Walk]:
    """Four cases: asking, nothing, all are right 3, 1 and 4 times."""
    conditions = [(RIGHT, RIGHT, RIGHT), (RIGHT, WRONG, RIGHT), (RIGHT, WRONG, RIGHT), (WRONG, WRONG, RIGHT)]
    return [led(doctor(ASKS, asked, none=none, full=full)) for asked, none, full in conditions]


def test_the_index_is_what_asking_gained_of_what_there_was_to_gain() -> None:
    walks = four()
    assert [accuracy.mark(CASE, walk) for walk in walks] == [1.0, 1.0, 1.0, 0.0]
    assert come_to("accuracy_none", *walks).value == 1 / 4
    assert come_to("accuracy_full", *walks).value == 1.0
    found = come_to("proactivity_index", *walks)
    assert found.value == pytest.approx((3 / 4 - 1 / 4) / (1 - 1 / 4))
    assert found.interval.low <= found.value <= found.interval.high


def test_the_index_has_no_value_where_all_facts_are_worth_no_more_than_none() -> None:
    walk = led(doctor(ASKS, WRONG, none=RIGHT, full=RIGHT))
    assert math.isnan(proactivity(np.array([NAMED["proactivity_index"].mark(CASE, walk)]), np.ones(1)))
    assert not NAMED["proactivity_index"].defined


@pytest.mark.parametrize(
    ("rates", "index"),
    [((0.6, 0.5, 0.7), 0.5), ((0.5, 0.5, 0.7), 0.0), ((0.4, 0.5, 0.7), -0.5), ((0.8, 0.5, 0.7), 1.5)],
)
def test_asking_may_be_worth_less_than_nothing_and_more_than_all(
    rates: tuple[float, float, float], index: float
) -> None:
    marks = np.array([[float(place < 10 * rate) for rate in rates] for place in range(10)])
    assert proactivity(marks, np.ones(10)) == pytest.approx(index)
    assert NAMED["proactivity_index"].signed


def test_draws_without_a_value_are_left_out_of_its_interval_and_told() -> None:
    marks = np.array([[1.0, 1.0, 1.0]] * 3 + [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    found = stats.bootstrap.bootstrapped(marks, proactivity, 0)
    assert float(found.values[0]) == 0.5
    low, high, method = found.intervals[0]
    assert 0.0 <= low <= 0.5 <= high <= 1.0
    assert "of 2000 draws" in method


@pytest.mark.parametrize("name", ["accuracy_full", "accuracy_none"])
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Response(text=RIGHT), 1.0),
        (Response(text=WRONG), 0.0),
        (Response(text="I cannot say."), 0.0),
        (Response(text=""), 0.0),
        (Response(text="It may be A.\nABSTAIN"), 0.0),
        (Failure(failure="too_long", reason=""), 0.0),
        (Failure(failure="engine_error", reason=""), None),
        (Failure(failure="nonfinite", reason=""), None),
    ],
)
def test_what_is_concluded_beside_the_conversation_is_read_as_the_answer_is(
    name: str, reply: Reply, expected: float | None
) -> None:
    walk = led(doctor(RIGHT, **{name.removeprefix("accuracy_"): reply}))
    assert mark(name, walk) == expected
    assert (mark("proactivity_index", walk) is None) == (expected is None)


def test_a_walk_of_the_answer_alone_has_no_other_condition() -> None:
    told = Walk(
        exchanges=(Exchange(request=Request(decoding=BRIEF), asked="", reply=Response(text=RIGHT)),),
        answer=Answer(picked=("A",)),
    )  # fmt: skip
    assert [mark(name, told) for name in ("accuracy_full", "accuracy_none", "proactivity_index")] == [None] * 3
    assert mark("first_right_turn", told) == 0.0


def test_a_chinese_conclusion_is_read_as_well() -> None:
    walk = led(doctor("答案：A", full="答案：A", none="无法判断"), sample=CASE_ZH)
    assert [mark(name, walk, CASE_ZH) for name in ("accuracy_full", "accuracy_none")] == [1.0, 0.0]


# --- the course ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moves", "budget", "turns", "abstained", "timed_out"),
    [
        ((RIGHT,), 3, 0.0, 0.0, 0.0),
        ((ASKS, "TEST: uric acid", RIGHT), 3, 2.0, 0.0, 0.0),
        ((ASKS, ASKS, RIGHT), 2, 2.0, 0.0, 1.0),
        ((ASKS, RIGHT), 1, 1.0, 0.0, 1.0),
        ((ASKS, "ABSTAIN"), 3, 1.0, 1.0, 0.0),
        ((ASKS, "ABSTAIN"), 1, 1.0, 1.0, 1.0),
        ((ASKS, ""), 3, 1.0, 0.0, 0.0),
        ((ASKS, Failure(failure="too_long", reason="")), 3, 1.0, 0.0, 0.0),
    ],
)
def test_the_course_of_a_consultation_is_counted(
    moves: tuple[str, ...], budget: int, turns: float, abstained: float, timed_out: float
) -> None:
    walk = led(doctor(*moves), budget=budget)
    assert [mark(name, walk) for name in ("turns", "abstained", "timed_out")] == [turns, abstained, timed_out]


@pytest.mark.parametrize(
    ("walk", "first"),
    [
        (led(probed(WRONG, RIGHT, RIGHT, last=RIGHT), budget=9), 2.0),
        (led(probed(RIGHT, WRONG, last=WRONG), budget=9), 1.0),
        (led(probed(WRONG, none=RIGHT, last=WRONG), budget=9), 0.0),
        (led(probed(WRONG, WRONG, last=WRONG), budget=9), None),
        # What was probed last and what was answered then are of one turn.
        (led(probed(WRONG, WRONG, last=RIGHT), budget=9), 2.0),
        (led(doctor(ASKS, ASKS, RIGHT), budget=2), 2.0),
        (led(doctor(RIGHT)), 0.0),
    ],
)
def test_the_first_turn_with_the_right_answer_is_that_of_the_first_right_probe(walk: Walk, first: float | None) -> None:
    assert mark("first_right_turn", walk) == first


@pytest.mark.parametrize(("kind", "first"), [("engine_error", None), ("too_long", 2.0)])
def test_a_probe_that_nobody_knows_leaves_the_first_turn_open(kind: FailureKind, first: float | None) -> None:
    walk = led(probed(Failure(failure=kind, reason=""), RIGHT), budget=9)
    assert mark("first_right_turn", walk) == first
    assert mark("first_right_turn", led(probed(RIGHT, Failure(failure=kind, reason="")), budget=9)) == 1.0


# --- turn by turn -------------------------------------------------------------------------


def table(*walks: Walk) -> tuple[tuple[str | float | None, ...], ...]:
    return BY_TURN.rows(as_array([BY_TURN.mark(CASE, walk) for walk in walks]))


def test_the_curve_goes_from_the_opening_alone_to_the_answers() -> None:
    walks = [
        led(probed(WRONG, RIGHT, last=RIGHT), budget=9),  # nothing, 1, 2, answer: 0 0 1 1
        led(doctor(RIGHT, none=WRONG)),  # nothing, answer: 0 1
        led(doctor(ASKS, WRONG, none=RIGHT), budget=1),  # nothing, answer as the questions are used up: 1 0
    ]
    assert BY_TURN.columns == ("turn", "n", "open", "accuracy")
    assert table(*walks) == (
        (0.0, 3.0, 3.0, 1 / 3),
        (1.0, 3.0, 1.0, 1 / 3),
        (2.0, 3.0, 1.0, 2 / 3),
        (3.0, 3.0, 0.0, 2 / 3),
    )
    marks = [(accuracy.mark(CASE, walk), mark("accuracy_none", walk)) for walk in walks]
    last, first = [sum(filter(None, each)) / 3 for each in zip(*marks, strict=True)]
    assert (first, last) == (1 / 3, 2 / 3)


def test_what_nobody_knows_of_a_turn_is_left_out_of_that_turn() -> None:
    broken = Failure(failure="engine_error", reason="")
    walks = [led(probed(broken, last=RIGHT), budget=9), led(probed(WRONG, last=RIGHT), budget=9)]
    assert table(*walks) == ((0.0, 2.0, 2.0, 0.0), (1.0, 1.0, 2.0, 0.0), (2.0, 2.0, 0.0, 1.0))
    assert table(walks[0])[1] == (1.0, 0.0, 1.0, None)
