"""Adjusted p-values, held against published ones, scipy, and closed tests."""

import math
from itertools import combinations
from typing import Any

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats.many import benjamini_hochberg, holm

# Benjamini and Hochberg, JRSS B 1995, section 4.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_the_example_of_benjamini_and_hochberg_finds_four_and_holm_three() -> None:
    adjusted = benjamini_hochberg(THROMBOLYSIS)
    assert sum(p <= 0.05 for p in adjusted) == 4
    assert adjusted[3] == pytest.approx(0.035625, abs=1e-12)
    assert sum(p <= 0.05 for p in holm(THROMBOLYSIS)) == 3


def test_holm_gives_the_golden_values() -> None:
    assert holm([0.001, 0.012, 0.03, 0.2]) == pytest.approx([0.004, 0.036, 0.06, 0.2], abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_bonferroni_of_every_family_that_a_value_could_belong_to(p_values: list[float]) -> None:
    # The closed test: a difference is found where every set that holds it finds one.
    sizes = range(1, len(p_values) + 1)
    families = [each for size in sizes for each in combinations(range(len(p_values)), size)]
    closed = [
        min(1.0, max(len(family) * min(p_values[each] for each in family) for family in families if place in family))
        for place in range(len(p_values))
    ]
    assert holm(p_values) == pytest.approx(closed, rel=1e-9, abs=1e-300)


@settings(deadline=None)
@given(PROBABILITIES)
def test_benjamini_and_hochberg_agree_with_scipy(p_values: list[float]) -> None:
    theirs = scipy.stats.false_discovery_control(p_values)
    assert benjamini_hochberg(p_values) == pytest.approx(theirs, rel=1e-9, abs=1e-300)


def test_every_value_stays_in_its_place() -> None:
    assert holm([0.2, 0.001, 0.03, 0.012]) == pytest.approx([0.2, 0.004, 0.06, 0.036])
    assert benjamini_hochberg([0.5, 0.01]) == pytest.approx([0.5, 0.02])


def test_one_value_stays_what_it_is_and_none_are_none() -> None:
    assert holm([0.04]) == benjamini_hochberg([0.04]) == [0.04]
    assert holm([]) == benjamini_hochberg([]) == []


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("wrong", [math.nan, -0.01, 1.5])
def test_what_is_no_p_value_is_named_with_its_place(adjust: Any, wrong: float) -> None:
    with pytest.raises(ValueError, match=f"number 2 of 3 is {wrong}"):
        adjust([0.1, wrong, 0.2])
