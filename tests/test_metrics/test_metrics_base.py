"""What every metric does: it is named by its function, and an interval fits its marks."""

import pytest

from medeval.metrics import accuracy, macro_f1
from medeval.metrics.base import mean, mean_interval, mean_over, metric
from medeval.records import Answer, ChoiceSample, Option, Walk
from medeval.stats import student, wilson


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


def test_the_mean_of_many_equal_marks_is_that_mark() -> None:
    assert sum([0.1] * 10) / 10 != 0.1  # plain addition drifts
    assert mean([0.1] * 10) == 0.1


@pytest.mark.parametrize("marks", [[1.0, 0.0, 1.0], [0.0], [1.0, 1.0], [True, False]])
def test_marks_of_right_and_wrong_have_a_wilson_interval(marks: list[float]) -> None:
    assert mean_interval(marks, 0) == wilson(sum(marks), len(marks))


@pytest.mark.parametrize("marks", [[1.0, 0.5, 0.0], [0.25, 0.75], [1.0, 2.0]])
def test_graded_marks_have_a_student_interval(marks: list[float]) -> None:
    assert mean_interval(marks, 0) == student(marks)
    assert mean_interval(marks, 0).method == "student"


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
