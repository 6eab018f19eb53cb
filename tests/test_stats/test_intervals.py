"""Intervals, held against published values, against scipy, and against the binomial distribution itself."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats import Interval, clopper_pearson, clustered, mean_of_means, student, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_values_published_by_newcombe_in_1998(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson(hits, n)
    assert interval.low == pytest.approx(low, abs=1e-4)
    assert interval.high == pytest.approx(high, abs=1e-4)
    assert interval.method == "wilson"


@pytest.mark.parametrize("n", [1, 2, 3, 7, 30, 135, 500])
def test_wilson_agrees_with_scipy_at_every_count(n: int) -> None:
    for hits in range(n + 1):
        truth = scipy.stats.binomtest(hits, n).proportion_ci(method="wilson")
        assert wilson(hits, n)[:2] == pytest.approx((truth.low, truth.high), rel=0, abs=1e-12)


@pytest.mark.parametrize("n", [1, 7, 29, 1273, 4183])
def test_wilson_ends_exactly_at_zero_and_at_one(n: int) -> None:
    assert wilson(0, n).low == 0.0
    assert wilson(n, n).high == 1.0


@settings(deadline=None)
@given(st.integers(1, 10**9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_between_zero_and_one(counts: tuple[int, int]) -> None:
    hits, n = counts
    interval = wilson(hits, n)
    assert 0 <= interval.low <= hits / n <= interval.high <= 1


@pytest.mark.parametrize("n", [30, 135, 500, 1273])
@pytest.mark.parametrize("truth", [0.5, 0.9, 0.97])
def test_wilson_covers_the_truth_as_often_as_it_says(n: int, truth: float) -> None:
    chances = scipy.stats.binom.pmf(np.arange(n + 1), n, truth)
    intervals = [wilson(hits, n) for hits in range(n + 1)]
    covered = sum(chance for chance, each in zip(chances, intervals, strict=True) if each.low <= truth <= each.high)
    assert 0.93 <= covered <= 0.98


@pytest.mark.parametrize("values", [[0.0, 0.5], [0.25, 0.5, 0.5, 1.0], [3.0, -1.5, 2.25, 0.0, 1e6], [0.1] * 9 + [0.2]])
def test_student_agrees_with_scipy(values: list[float]) -> None:
    truth = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert student(values)[:2] == pytest.approx((truth.low, truth.high), rel=1e-9)


def test_student_says_that_one_value_has_no_spread() -> None:
    assert student([0.3]) == Interval(0.3, 0.3, "none: n < 2")


# --- the exact interval of a share ---


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_gives_the_published_values(hits: int, n: int, low: float, high: float) -> None:
    interval = clopper_pearson(hits, n)
    assert interval.low == pytest.approx(low, abs=6e-5)
    assert interval.high == pytest.approx(high, abs=6e-5)


@pytest.mark.parametrize("n", [1, 2, 7, 30, 135])
def test_clopper_pearson_agrees_with_scipy_at_every_count(n: int) -> None:
    for hits in range(n + 1):
        truth = scipy.stats.binomtest(hits, n).proportion_ci(method="exact")
        assert clopper_pearson(hits, n)[:2] == pytest.approx((truth.low, truth.high), rel=0, abs=1e-12)
        upper = scipy.stats.binomtest(hits, n, alternative="less").proportion_ci(method="exact").high
        assert clopper_pearson(hits, n, upper_only=True)[:2] == pytest.approx((0.0, upper), rel=0, abs=1e-12)


@pytest.mark.parametrize("n", [100, 500, 1273])
def test_that_nothing_failed_of_n_bounds_the_share_near_three_in_n(n: int) -> None:
    assert clopper_pearson(0, n, upper_only=True).high == pytest.approx(3 / n, rel=0.02)


# --- clusters and means of means ---

GOLDEN = ([1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1], ["a"] * 3 + ["b"] * 3 + ["c"] * 4 + ["d"] * 2)


def test_clusters_give_the_golden_interval() -> None:
    # CR1 .234334 and t on 3 degrees of freedom 3.18245, as statsmodels' cluster-robust OLS gives them.
    values, clusters = GOLDEN
    interval, worth = clustered([float(value) for value in values], clusters)
    assert interval.low == pytest.approx(7 / 12 - 3.18245 * 0.234334, abs=1e-5)
    assert interval.high == pytest.approx(7 / 12 + 3.18245 * 0.234334, abs=1e-5)
    assert interval.method == "CR1 over 4 clusters"
    assert worth < 12


def test_doubling_every_sample_within_its_cluster_changes_no_interval() -> None:
    values, clusters = [float(value) for value in GOLDEN[0]], GOLDEN[1]
    once, worth = clustered(values, clusters)
    twice, same_worth = clustered(values * 2, clusters * 2)
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))
    assert same_worth == pytest.approx(worth)


def test_one_cluster_has_no_interval_and_says_so() -> None:
    assert clustered([1.0, 0.0], ["a", "a"])[0].method == "none: one cluster"


def test_a_mean_of_means_combines_the_limits_of_its_parts() -> None:
    value, interval = mean_of_means([(0.5, 0.4, 0.7), (0.9, 0.8, 0.95)], [1, 1])
    assert value == pytest.approx(0.7)
    assert interval.low == pytest.approx(0.7 - 0.5 * (0.1**2 + 0.1**2) ** 0.5)
    assert interval.high == pytest.approx(0.7 + 0.5 * (0.2**2 + 0.05**2) ** 0.5)


def test_a_mean_of_perfect_parts_has_room_below() -> None:
    low, high, _ = wilson(26, 26)
    value, interval = mean_of_means([(1.0, low, high)] * 3, [1, 1, 1])
    assert value == interval.high == 1.0
    assert interval.low < 1.0
