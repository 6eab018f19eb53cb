"""Verdicts: grades, points and stances come to numbers counted by hand, and what is missing is no grade."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medeval.gradings import FIVE, MET, SURVEY, Grading
from medeval.metrics.base import Metric
from medeval.metrics.verdicts import (
    COVERAGE,
    STANCES,
    graded,
    graded_beside,
    rubric,
    rubric_beside,
    statements,
    statements_beside,
)
from medeval.records import Answer, Criterion, Message, OpenSample, RubricSample, Sample, Verdict, Walk
from medeval.scoring.gathering import Gathered, Known, gathered

TWO = Grading(
    name="two", version=3, about="", prose="grade",
    criteria=(Criterion(name="safe", text="Safe."), Criterion(name="kind", text="Kind.")),
)  # fmt: skip
HARM = Grading(
    name="harm", version=1, about="", prose="harm", grades=FIVE[::-1], criteria=(Criterion(name="harm", text="Harm."),)
)
ASKED = (Message(role="user", content="?"),)
OPEN = OpenSample(id="0", messages=ASKED, references=("x",))


def said(**grades: str) -> Walk:
    """Verdicts by criterion; several on one criterion, as of several turns, are written in one text."""
    return Walk(
        exchanges=(),
        answer=Answer(verdicts=tuple([
            Verdict(judge="j", criterion=name, turn=turn, grade=grade.strip())
            for name, those in grades.items() for turn, grade in enumerate(those.split(","))
        ])),
    )  # fmt: skip


def placed(*grades: str) -> Walk:
    """Verdicts on a sample's own criteria, which are named by their places."""
    return said(**{str(place): grade for place, grade in enumerate(grades)})


def with_points(*points: float, tags: Sequence[tuple[str, ...]] = ()) -> RubricSample:
    own = tuple([
        Criterion(text=f"c{place}", points=each, tags=tags[place] if tags else ())
        for place, each in enumerate(points)
    ])  # fmt: skip
    return RubricSample(id="0", messages=ASKED, criteria=own)


def together(metric: Metric, walks: Sequence[Walk], samples: Sequence[Sample] = ()) -> Gathered:
    """What marks come to; as many of the same sample as there are walks, if none are named."""
    samples = samples or [OPEN] * len(walks)
    known = Known.of([metric.mark(sample, walk) for sample, walk in zip(samples, walks, strict=True)])
    return gathered([metric], [(mark, samples[number]) for mark, number in zip(*known, strict=True)], 0)[0]


def named(metrics: Sequence[Metric]) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


# --- the same criteria for every answer ---------------------------------------------------


def test_the_mean_grade_is_the_mean_of_the_criteria_s_means() -> None:
    walks = [said(safe="5", kind="3"), said(safe="2", kind="4"), said(safe="2", kind="5")]
    found = named(graded(TWO))
    assert [*found] == ["grade", "grade_safe", "grade_kind"]
    assert {name: together(metric, walks).value for name, metric in found.items()} == pytest.approx(
        {"grade": 3.5, "grade_safe": 3.0, "grade_kind": 4.0}
    )
    assert {(each.unit, each.better, each.version) for each in found.values()} == {("plain", "higher", 3)}


def test_a_missing_grade_is_left_out_and_is_neither_a_worst_nor_a_middle_one() -> None:
    walks = [said(safe="5", kind=""), said(safe="1", kind="2"), said(safe="", kind="")]
    whole, safe, kind = graded(TWO)
    assert whole.mark(OPEN, walks[2]) is None
    values = [together(metric, walks).value for metric in (safe, kind, whole)]
    assert values == [3.0, 2.0, 2.5]


def test_the_bounds_take_a_missing_grade_for_the_worst_and_the_best() -> None:
    walks = [said(safe="5", kind=""), said(safe="1", kind="2")]
    found = named(graded_beside(TWO))
    assert together(found["grade_at_worst"], walks).value == pytest.approx((3 + (1 + 2) / 2) / 2)
    assert together(found["grade_at_best"], walks).value == pytest.approx((3 + (5 + 2) / 2) / 2)


def test_where_less_is_better_the_worst_is_the_most() -> None:
    (grade,), beside = graded(HARM, better="lower"), named(graded_beside(HARM, better="lower"))
    walks = [said(harm="2"), said(harm="")]
    assert (grade.better, grade.unit, together(grade, walks).value) == ("lower", "plain", 2.0)
    assert together(beside["grade_at_worst"], walks).value == 3.5
    assert together(beside["grade_at_best"], walks).value == 1.5
    assert {beside[f"grade_at_{fill}"].better for fill in ("worst", "best")} == {"lower"}


def test_every_turn_of_a_dialogue_counts() -> None:
    walks = [said(safe="5,4,3", kind="1,1,1"), said(safe="1", kind="5")]
    whole, safe, kind = graded(TWO)
    assert [together(metric, walks).value for metric in (safe, kind)] == [(5 + 4 + 3 + 1) / 4, (1 + 1 + 1 + 5) / 4]
    assert together(whole, walks).value == pytest.approx((13 / 4 + 8 / 4) / 2)


def test_words_are_worth_their_place_and_their_mean_is_a_fraction() -> None:
    criteria = (Criterion(name="done", text="Done."),)
    (grade,) = graded(Grading(name="g", version=1, about="", prose="grade", grades=MET, criteria=criteria))
    assert grade.unit == "fraction"
    assert together(grade, [said(done="yes"), said(done="no"), said(done="yes")]).value == pytest.approx(2 / 3)


def test_a_criterion_that_nobody_graded_leaves_the_mean_without_a_value() -> None:
    whole, safe, kind = graded(TWO)
    walks = [said(safe="5", kind=""), said(safe="3", kind="")]
    assert together(safe, walks).value == 4.0
    assert math.isnan(together(kind, walks).value)
    assert math.isnan(together(whole, walks).value)
    assert not whole.defined


def test_expected_grades_are_weighed_with_their_probabilities() -> None:
    (expected,) = [metric for metric in graded_beside(TWO) if metric.name == "expected_grade"]

    def weighed(*expectations: float | None) -> Walk:
        names = zip(("safe", "kind"), expectations, strict=True)
        verdicts = [Verdict(judge="j", criterion=name, grade="4", expected=each) for name, each in names]
        return Walk(exchanges=(), answer=Answer(verdicts=tuple(verdicts)))

    assert together(expected, [weighed(4.5, 3.0), weighed(3.5, None)]).value == pytest.approx((4.0 + 3.0) / 2)
    assert expected.mark(OPEN, weighed(None, None)) is None, "a judge that states its grade has no probabilities"


def test_coverage_is_of_verdicts_and_not_of_answers() -> None:
    walks = [said(safe="5", kind=""), said(safe="1,2,3", kind="4,,5"), said()]
    assert COVERAGE.mark(OPEN, walks[2]) is None
    assert together(COVERAGE, walks[:2]).value == pytest.approx((1 + 5) / (2 + 6))


def test_the_survey_s_seven_words_have_a_mean_each() -> None:
    names = [metric.name for metric in graded(SURVEY)]
    assert names == ["grade", *[f"grade_{criterion.name}" for criterion in SURVEY.criteria]]


# --- criteria of each sample's own --------------------------------------------------------


def test_points_met_are_over_the_points_that_can_be_had() -> None:
    (score,) = rubric()
    # The right dose with and without the unsafe advice, and the unsafe advice alone.
    sample = with_points(10, -5)
    marks = [score.mark(sample, placed(*grades)) for grades in (("yes", "yes"), ("yes", "no"), ("no", "yes"))]
    assert marks == [0.5, 1.0, -0.5]


def test_one_answer_may_be_worth_less_than_nothing_and_the_mean_may_not() -> None:
    (score,) = rubric()
    sample = with_points(10, -5)
    good, bad = placed("yes", "no"), placed("no", "yes")
    assert together(score, [good, good, bad], [sample] * 3).value == pytest.approx((1.0 + 1.0 - 0.5) / 3)
    found = together(score, [bad, bad, placed("no", "no")], [sample] * 3)
    assert (found.value, found.interval.low, found.interval.high) == (0.0, 0.0, 0.0)


def test_an_axis_has_no_part_in_samples_without_a_point_to_be_had_on_it() -> None:
    score, accuracy, context = rubric("axis:accuracy", "axis:context_awareness")
    assert [each.name for each in (score, accuracy, context)] == [
        "rubric_score", "rubric_accuracy", "rubric_context_awareness",
    ]  # fmt: skip
    tags = [("axis:accuracy", "level:example"), ("axis:accuracy",), ("axis:context_awareness",), ()]
    sample = with_points(4, -2, -3, 6, tags=tags)
    walk = placed("yes", "yes", "yes", "no")
    assert score.mark(sample, walk) == (4 - 2 - 3) / 10
    assert accuracy.mark(sample, walk) == (4 - 2) / 4
    assert context.mark(sample, walk) is None
    assert score.mark(with_points(-1, -2), placed("no", "no")) is None


def test_a_verdict_that_is_missing_leaves_the_sample_out_and_bounds_say_what_it_could_change() -> None:
    (score,), beside = rubric(), named(rubric_beside())
    assert [*beside] == ["judge_coverage", "rubric_score_at_worst", "rubric_score_at_best"]
    sample = with_points(6, 4, -5)
    for walk, worst, best in (
        (placed("yes", "", "no"), 0.6, 1.0),
        (placed("yes", "no", ""), 0.1, 0.6),
        (placed("", "", ""), -0.5, 1.0),
    ):
        assert score.mark(sample, walk) is None
        assert beside["rubric_score_at_worst"].mark(sample, walk) == worst
        assert beside["rubric_score_at_best"].mark(sample, walk) == best


def test_a_missing_verdict_on_another_axis_costs_an_axis_nothing() -> None:
    score, accuracy = rubric("axis:accuracy")
    sample = with_points(5, 5, tags=[("axis:accuracy",), ("axis:completeness",)])
    assert score.mark(sample, placed("yes", "")) is None
    assert accuracy.mark(sample, placed("yes", "")) == 1.0


def test_verdicts_are_found_by_their_criterion_whatever_their_order() -> None:
    (score,) = rubric()
    walk = said(**{"1": "yes", "0": "no"})
    assert score.mark(with_points(9, 1), walk) == 0.1


points = st.lists(st.integers(-10, 10), min_size=1, max_size=8).filter(lambda each: max(each) > 0)


@given(st.data())
def test_whatever_a_missing_verdict_would_be_the_score_lies_within_the_bounds(data: st.DataObject) -> None:
    worth = data.draw(points)
    sample = with_points(*worth)
    whole = [data.draw(st.sampled_from(MET)) for _ in worth]
    partial = [grade if data.draw(st.booleans()) else "" for grade in whole]
    (score,), beside = rubric(), named(rubric_beside())
    low, high = [beside[f"rubric_score_at_{fill}"].mark(sample, placed(*partial)) for fill in ("worst", "best")]
    mark = score.mark(sample, placed(*whole))
    # As the makers of HealthBench compute it.
    met = sum(each for each, grade in zip(worth, whole, strict=True) if grade == "yes")
    assert mark == pytest.approx(met / sum(each for each in worth if each > 0))
    assert isinstance(mark, float)
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert low - 1e-12 <= mark <= high + 1e-12


# --- statements that an answer should imply -----------------------------------------------

NEEDED, OTHER = ("must_have",), ("nice_to_have",)
THREE = with_points(1, 1, 1, tags=[NEEDED, NEEDED, OTHER])
BAD, OPEN_TO, GOOD = STANCES


def test_completeness_is_of_what_is_needed_and_contradictions_are_of_everything() -> None:
    complete, wrong = statements("must_have")
    walk = placed(GOOD, OPEN_TO, BAD)
    assert (complete.mark(THREE, walk), wrong.mark(THREE, walk)) == (0.5, 1.0)
    assert (wrong.better, wrong.unit, complete.unit) == ("lower", "plain", "fraction")
    walks = [walk, placed(GOOD, GOOD, GOOD), placed(BAD, BAD, BAD)]
    assert together(complete, walks, [THREE] * 3).value == 0.5
    assert together(wrong, walks, [THREE] * 3).value == pytest.approx(4 / 3)


def test_an_answer_without_anything_needed_has_no_completeness() -> None:
    complete, wrong = statements("must_have")
    sample = with_points(1, tags=[OTHER])
    assert (complete.mark(sample, placed(GOOD)), wrong.mark(sample, placed(GOOD))) == (None, 0.0)


def test_a_missing_stance_is_none_of_the_three_and_bounds_say_what_it_could_change() -> None:
    complete, wrong = statements("must_have")
    beside = named(statements_beside("must_have"))
    walk = placed(GOOD, "", "")
    assert (complete.mark(THREE, walk), wrong.mark(THREE, walk)) == (None, None)
    assert {name: metric.mark(THREE, walk) for name, metric in beside.items() if metric is not COVERAGE} == {
        "completeness_at_worst": 0.5, "completeness_at_best": 1.0,
        "hallucination_at_worst": 2.0, "hallucination_at_best": 0.0,
    }  # fmt: skip
    assert complete.mark(THREE, placed(GOOD, BAD, "")) == 0.5, "what is missing is not needed for it"
