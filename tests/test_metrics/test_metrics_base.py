"""What every metric does: it is named by its function, its marks are gathered, and an interval fits them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medeval.errors import TaskError
from medeval.metrics import accuracy, macro_f1
from medeval.metrics.base import Metric, mean, mean_over, metric, of_list
from medeval.records import Answer, ChoiceSample, Option, Walk
from medeval.scoring.gathering import Gathered, gathered
from medeval.stats import clustered, student, wilson


@metric(version=3)
def brevity(sample: ChoiceSample, walk: Walk) -> float:
    """Share of short answers."""
    return 0.5


@metric()
def explained(sample: ChoiceSample, walk: Walk) -> float:
    """Share of answers that give a reason.

    A reason is a sentence after the letter.
    """
    return 1.0


def test_a_metric_takes_its_name_and_about_from_the_function_that_marks() -> None:
    assert (brevity.name, brevity.about, brevity.version) == ("brevity", "Share of short answers.", 3)
    assert explained.version == 1


def test_only_the_first_line_of_the_docstring_says_what_a_metric_is_about() -> None:
    assert explained.about == "Share of answers that give a reason."


def of_marks(marks: Sequence[object], made: Metric = brevity) -> Gathered:
    """What marks come to, one a sample."""
    options = (Option(label="A", text="a"), Option(label="B", text="b"))
    samples = [
        ChoiceSample(id=f"{number}", question="?", options=options, target=("A",)) for number in range(len(marks))
    ]
    (found,) = gathered([made], list(zip(marks, samples, strict=True)), 0)
    return found


def test_the_mean_of_many_equal_marks_is_that_mark() -> None:
    assert sum([0.1] * 10) / 10 != 0.1  # plain addition drifts
    assert of_marks([0.1] * 10).value == 0.1


@pytest.mark.parametrize("marks", [[1.0, 0.0, 1.0], [0.0], [1.0, 1.0], [True, False]])
def test_marks_of_right_and_wrong_have_a_wilson_interval(marks: list[float]) -> None:
    assert of_marks(marks).interval == wilson(sum(marks), len(marks))


@pytest.mark.parametrize("marks", [[0.4, 0.5, 0.6], [0.5, 0.52], [1.0, 2.0], [-1.0, 4.0]])
def test_graded_marks_have_a_student_interval(marks: list[float]) -> None:
    assert of_marks(marks).interval == student(marks)
    assert of_marks(marks).interval.method == "student"


@pytest.mark.parametrize(
    ("marks", "low", "high"),
    [
        # Of three, t is 4.3027, and the error of 1, 1/2 and 0 is 1 / sqrt(12); of two, 12.706 and 1/4.
        ([1.0, 0.5, 0.0], 0.0, 1.0),
        ([0.25, 0.75], 0.0, 1.0),
        # The mean 0.1 with the error 0.05: above 0.1 + 0.2151, below there is nothing.
        ([0.1, 0.1 - 0.05 * 3**0.5, 0.1 + 0.05 * 3**0.5], 0.0, 0.3151),
        ([0.9, 0.9 - 0.05 * 3**0.5, 0.9 + 0.05 * 3**0.5], 0.6849, 1.0),
    ],
)
def test_a_share_lies_between_nothing_and_all(marks: list[float], low: float, high: float) -> None:
    found = of_marks(marks)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-4)
    assert found.value == pytest.approx(sum(marks) / len(marks))
    for unbound in (replace(brevity, unit="plain"), replace(brevity, signed=True)):
        assert of_marks(marks, unbound).interval == student(marks)


def test_what_is_resampled_is_a_share_as_well() -> None:
    marks = [0.0] * 6 + [0.3] * 4

    def widened(values: Any, weights: Any) -> Any:
        return 6 * (mean(values, weights) - 0.12) + 0.12

    wide = of_marks(marks, replace(brevity, gather=widened, signed=True))
    share = of_marks(marks, replace(brevity, gather=widened))
    assert wide.interval.low < 0.0
    assert share.value == wide.value == pytest.approx(0.12)
    assert share.interval == wide.interval._replace(low=0.0, high=min(1.0, wide.interval.high))


def test_right_and_wrong_that_nobody_judges_are_numbers_like_others() -> None:
    told = replace(brevity, better="", unit="plain")
    assert of_marks([1.0, 0.0, 1.0, 1.0], told).interval == student([1.0, 0.0, 1.0, 1.0])
    # A mean of one token, of none and of one again would else lie between 0 and 1 for certain.
    assert of_marks([1.0, 0.0], told).interval.high > 1.0


@pytest.mark.parametrize("mark", [0.0, 1.0])
def test_clusters_that_are_all_right_or_all_wrong_count_as_a_sample_each(mark: float) -> None:
    one, two = of_clusters([mark] * 12, 4), of_clusters([mark] * 12, 6)
    for found, count in ((one, 4), (two, 6)):
        low, high, _ = wilson(mark * count, count)
        assert found.interval == (low, high, f"wilson over {count} clusters")
        assert (found.value, found.worth) == (mark, count)
        assert low < high


def test_clusters_that_differ_or_are_graded_go_by_their_spread() -> None:
    for marks in ([1.0] * 11 + [0.0], [0.5] * 11 + [0.25]):
        found = of_clusters(marks, 4)
        low, high, method = clustered(marks, [str(number % 4) for number in range(12)])[0]
        assert found.interval == (max(0.0, low), min(1.0, high), method)


def test_one_cluster_has_no_interval() -> None:
    assert of_clusters([1.0] * 12, 1).interval.method == "none: one cluster"


def of_clusters(marks: Sequence[float], clusters: int) -> Gathered:
    """What marks come to where samples come in so many clusters, in turn."""
    options = (Option(label="A", text="a"), Option(label="B", text="b"))
    samples = [
        ChoiceSample(id=f"{number}", question="?", options=options, target=("A",), cluster=str(number % clusters))
        for number in range(len(marks))
    ]
    (found,) = gathered([brevity], list(zip(marks, samples, strict=True)), 0)
    return found


# --- gathering by weights ---


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=1, max_size=20).filter(
        lambda m: any(w for _, w in m)
    )
)
def test_a_weighted_mean_is_that_of_marks_repeated_as_often_as_they_weigh(counted: list[tuple[int, int]]) -> None:
    marks, weights = np.array(counted, dtype=np.float64).T
    assert mean(marks, weights) == pytest.approx(np.average(marks, weights=weights))
    # Two rows of weights, and marks of two columns, each with a mean of its own.
    both = mean(np.column_stack([marks, -marks]), np.stack([weights, np.ones(len(marks))]))
    truth = [np.average(marks, weights=weights), marks.mean()]
    assert both == pytest.approx(np.array([[each, -each] for each in truth]))


def test_one_of_several_means_is_the_part_that_a_metric_names() -> None:
    marks = [(1.0, 0.45), (0.0, 0.55), (1.0, 0.5)]
    second = of_marks(marks, replace(brevity, part=1))
    assert (second.value, second.interval) == (0.5, student([0.45, 0.55, 0.5]))
    assert of_marks(marks, replace(brevity, part=0)).interval == wilson(2, 3)


def test_a_function_that_knows_no_weights_is_given_every_mark_as_often_as_it_counts() -> None:
    seen: list[list[float]] = []

    def widest(marks: list[float]) -> float:
        seen.append(marks)
        return max(marks) - min(marks)

    values = of_list(widest)(np.array([1.0, 4.0, 9.0]), np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]]))
    assert values.tolist() == [8.0, 3.0]
    assert seen == [[1.0, 4.0, 9.0], [1.0, 1.0, 4.0]]
    assert of_list(widest)(np.array([1.0, 4.0, 9.0]), np.ones(3)) == 8.0


def test_a_draw_that_holds_less_than_a_function_needs_has_no_value_and_the_whole_is_told() -> None:
    def needing_two(marks: list[float]) -> float:
        if len({*marks}) < 2:
            raise TaskError("it needs two kinds of marks")
        return 1.0

    gather = of_list(needing_two)
    values = gather(np.array([0.0, 1.0]), np.array([[1.0, 1.0], [2.0, 0.0]]))
    assert values[0] == 1.0
    assert math.isnan(values[1])
    with pytest.raises(TaskError, match="two kinds"):
        gather(np.array([1.0, 1.0]), np.ones((1, 2)))


# --- means over slices ---


def test_a_mean_over_slices_marks_as_its_metric_does_and_has_a_name_of_its_own() -> None:
    over = mean_over(brevity, "brevity_of_types", "type", "class")
    options = (Option(label="A", text="a"), Option(label="B", text="b"))
    sample = ChoiceSample(id="1", question="?", options=options, target=("A",))
    walk = Walk(exchanges=(), answer=Answer())
    assert over.mark(sample, walk) == brevity.mark(sample, walk) == 0.5
    assert (over.name, over.version, over.over) == ("brevity_of_types", 3, ("type", "class"))


def test_a_mean_over_slices_says_over_what_the_widest_first() -> None:
    assert mean_over(accuracy, "x", "exam_type").about == "accuracy, as the plain mean over exam_type."
    assert mean_over(accuracy, "x", "exam_type", "exam_class").about == (
        "accuracy, as the plain mean over exam_type of that over exam_class."
    )


def test_a_metric_has_no_slices_of_its_own_and_may_be_voted_on() -> None:
    for each in (accuracy, brevity, macro_f1("yes", "no")):
        assert (each.over, each.voted) == ((), True)
