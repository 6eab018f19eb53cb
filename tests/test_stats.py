"""Intervals, held against published values, against scipy, and against the binomial distribution itself."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats import Interval, bca_of_table, clustered, mean_of_means, resampled, student, wilson

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RARE_CLASS = np.array([[98, 2], [4, 16]])
"""Targets by picks, 120 pairs: few enough of the second class that the statistic is skewed."""


def f1_of_classes(targets: Ints, picks: Ints, axis: int = -1) -> Floats:
    """Macro-F1 out of the pairs themselves, in the form that scipy's bootstrap wants."""
    classes = []
    for name in range(2):
        asked, said = targets == name, picks == name
        total = np.maximum(asked.sum(axis=axis) + said.sum(axis=axis), 1)
        classes.append(2 * (asked & said).sum(axis=axis) / total)
    scores: Floats = np.mean(classes, axis=0)
    return scores


def f1_of_tables(tables: Floats) -> Floats:
    """Compute the same out of tables (…, target, pick)."""
    either = tables.sum(axis=-1) + tables.sum(axis=-2)
    scores: Floats = (2 * np.diagonal(tables, axis1=-2, axis2=-1) / np.maximum(either, 1)).mean(axis=-1)
    return scores


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


def test_bca_agrees_with_scipy() -> None:
    targets, picks = np.repeat(np.indices((2, 2)).reshape(2, -1), RARE_CLASS.ravel(), axis=1)

    def reference(method: str) -> Any:
        return scipy.stats.bootstrap(
            (targets, picks), f1_of_classes, paired=True, vectorized=True, n_resamples=50_000, batch=5_000,
            method=method, rng=np.random.default_rng(0),
        ).confidence_interval  # fmt: skip

    # A bound of 2,000 draws has a Monte Carlo error near 0.005, and the mean of 40 of them near 0.001.
    ours = np.mean([bca_of_table(RARE_CLASS, f1_of_tables, seed)[:2] for seed in range(40)], axis=0)
    assert ours == pytest.approx(np.array(reference("BCa")), rel=0, abs=0.003)
    # A plain percentile bootstrap, or BCa without its bias or skew, is off by more than the tolerance.
    assert np.abs(ours - np.array(reference("percentile"))).max() > 0.01


def test_bca_is_the_same_twice_for_a_seed_and_other_draws_for_another() -> None:
    first = bca_of_table(RARE_CLASS, f1_of_tables, 7)
    assert bca_of_table(RARE_CLASS, f1_of_tables, 7) == first
    assert bca_of_table(RARE_CLASS, f1_of_tables, 8) != first
    assert first.method == "BCa bootstrap"


def test_bca_of_a_table_with_one_full_cell_is_the_only_value_it_can_be() -> None:
    table = np.array([[20, 0, 0], [0, 0, 0], [0, 0, 0]])
    assert bca_of_table(table, f1_of_tables, 0)[:2] == (1 / 3, 1 / 3)


def test_bca_of_one_sample_names_the_plainer_method() -> None:
    assert bca_of_table(np.array([[1, 0], [0, 0]]), f1_of_tables, 0) == Interval(
        0.5, 0.5, "bootstrap: every draw gives the same"
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), min_size=9, max_size=9).filter(any), st.integers(0, 2**32 - 1))
def test_bca_holds_the_value_between_zero_and_one_for_any_table(counts: list[int], seed: int) -> None:
    table = np.array(counts).reshape(3, 3)
    low, high, _ = bca_of_table(table, f1_of_tables, seed)
    (value,) = f1_of_tables(table[None].astype(np.float64))
    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1


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


# --- any statistic, drawn again and again ---


@pytest.mark.parametrize(("hits", "n"), [(12, 40), (97, 100), (20, 40)])
def test_draws_of_a_share_are_binomial(hits: int, n: int) -> None:
    marks = [1.0] * hits + [0.0] * (n - hits)
    found = resampled(n, lambda places: sum(marks[place] for place in places) / n, 7, 4000)
    exact = [float(scipy.stats.binom.ppf(q, n, hits / n)) / n for q in (0.025, 0.975)]
    assert found[:2] == pytest.approx(exact, abs=1.01 / n)
    assert found.method == "percentile bootstrap, 4000 draws"


def test_the_same_seed_draws_the_same() -> None:
    values = [0.1, 0.5, 0.2, 0.9, 0.4]
    one, same, other = [
        resampled(5, lambda places: sorted(values[place] for place in places)[2], seed, 50) for seed in (1, 1, 2)
    ]
    assert one == same != other


def test_draws_without_a_value_are_left_out_and_counted() -> None:
    found = resampled(3, lambda places: float(len({*places})) if len({*places}) > 1 else math.nan, 0, 300)
    assert (found.low, found.high) == (2.0, 3.0)
    number = int(found.method.split()[2])
    # All three alike: 3 of 27 ways.
    assert number == pytest.approx(300 * 24 / 27, abs=25)


def test_where_nothing_can_be_drawn_the_value_stands_alone_and_says_so() -> None:
    assert resampled(1, lambda places: float(len(places)), 0, 50) == Interval(1.0, 1.0, "none: n < 2")
    found = resampled(2, lambda places: 1.0 if places == [0, 1] else math.nan, 5, 0)
    assert found == Interval(1.0, 1.0, "none: no draw has a value")
