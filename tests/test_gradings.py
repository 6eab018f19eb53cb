"""Gradings: criteria with names, grades from worst to best, and what they are worth."""

import pytest

from medeval.gradings import FIVE, MET, NAMED, Grading


def test_marks_from_one_to_five_are_worth_what_they_say() -> None:
    assert Grading(name="g", version=1, about="", prose="grade").worths == (1.0, 2.0, 3.0, 4.0, 5.0)


def test_where_less_is_better_the_worst_grade_still_stands_first() -> None:
    harm = Grading(name="g", version=1, about="", prose="grade", grades=FIVE[::-1])
    assert harm.worths == (5.0, 4.0, 3.0, 2.0, 1.0)
    assert harm.of_nothing == "5"


def test_words_are_worth_their_place_from_nothing_to_all() -> None:
    assert Grading(name="g", version=1, about="", prose="grade", grades=MET).worths == (0, 1)
    assert Grading(name="g", version=1, about="", prose="grade", grades=("a", "b", "c")).worths == (0, 0.5, 1)


def test_an_empty_answer_gets_the_worst_grade_unless_another_is_named() -> None:
    assert Grading(name="g", version=1, about="", prose="grade").of_nothing == "1"
    assert Grading(name="g", version=1, about="", prose="grade", empty="3").of_nothing == "3"


@pytest.mark.parametrize("grading", NAMED.values(), ids=NAMED)
def test_what_any_answer_can_be_graded_by_has_criteria_with_names_and_texts(grading: Grading) -> None:
    names = [criterion.name for criterion in grading.criteria]
    assert len({*names}) == len(names) >= 4
    assert all(criterion.text.endswith(".") for criterion in grading.criteria)


def test_the_survey_s_seven_words_are_there() -> None:
    assert [criterion.name for criterion in NAMED["survey"].criteria] == [
        "professional", "safe", "helpful", "fluent", "patient_friendly", "doctor_like", "proactive",
    ]  # fmt: skip
