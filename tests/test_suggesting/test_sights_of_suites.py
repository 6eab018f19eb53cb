"""What some questions show: less with fewer, and as the formulas have it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medeval import stats
from medeval.suggesting.sights import DISAGREE, SPREAD, needed, sees


@given(st.integers(0, 20_000), st.integers(0, 20_000), st.booleans())
def test_more_questions_never_show_less(one: int, other: int, graded: bool) -> None:
    few, many = sorted((one, other))
    assert sees(many, graded=graded) <= sees(few, graded=graded) + 1e-12


@given(st.floats(0.001, 0.9), st.integers(1, 20_000), st.booleans())
def test_what_is_needed_is_the_fewest_that_show_it(difference: float, most: int, graded: bool) -> None:
    n = needed(difference, most, graded=graded)
    assert 1 <= n <= most
    assert n == most or sees(n, graded=graded) <= difference
    assert n == 1 or sees(n - 1, graded=graded) > difference


def test_questions_that_are_right_or_wrong_are_counted_as_connor_does() -> None:
    for points in (0.02, 0.05, 0.1):
        assert needed(points, 10**6, graded=False) == pytest.approx(stats.power.wanted(points, DISAGREE), abs=1)


def test_grades_are_counted_as_a_paired_t_test_is_planned() -> None:
    # Both quantiles together, 1.95996 + 0.84162, times the spread, over the root of n.
    assert sees(100, graded=True) == pytest.approx((1.959964 + 0.841621) * SPREAD / 10, rel=1e-5)
    assert needed(0.05, 10**6, graded=True) == math.ceil(((1.959964 + 0.841621) * SPREAD / 0.05) ** 2)


def test_a_handful_of_questions_shows_a_landslide_or_nothing() -> None:
    assert sees(0, graded=False) == sees(1, graded=False) == 1.0
    assert sees(12, graded=False) > DISAGREE
