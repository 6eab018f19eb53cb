"""The bootstrap, held against scipy, statsmodels, plain loops, and the binomial distribution itself."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats import Interval, clustered
from medeval.stats.bootstrap import bootstrapped
from tests.test_stats.gathers import f1, mean

Floats = npt.NDArray[np.float64]

RARE_CLASS = np.repeat(np.indices((2, 2)).reshape(2, -1).T, (98, 2, 4, 16), axis=0).astype(np.float64)
"""Targets and picks, 120 pairs: few enough of the second class that the statistic is skewed."""
DICE = np.random.default_rng(5)
SKEWED = DICE.gamma(2, size=60)
NAMES = [f"c{number % 14}" for number in range(60)]


def spread(marks: Floats, weights: Floats) -> Floats:
    found: Floats = mean(marks**2, weights) - mean(marks, weights) ** 2
    return found


def both(marks: Floats, weights: Floats) -> Floats:
    return np.stack([mean(marks, weights), spread(marks, weights)], axis=-1)


def f1_of_pairs(targets: Floats, picks: Floats, axis: int = -1) -> Floats:
    """Macro-F1 out of the pairs themselves, in the form that scipy's bootstrap wants."""
    classes = []
    for name in range(2):
        asked, said = targets == name, picks == name
        classes.append(2 * (asked & said).sum(axis=axis) / np.maximum(asked.sum(axis=axis) + said.sum(axis=axis), 1))
    scores: Floats = np.mean(classes, axis=0)
    return scores


def limits(interval: Interval) -> tuple[float, float]:
    return interval[:2]


def one(marks: Any, gather: Callable[..., Any], seed: int = 0, **how: Any) -> Interval:
    """The interval of a single statistic."""
    (interval,) = bootstrapped(np.asarray(marks), gather, seed, **how).intervals
    return interval


# --- against others ---------------------------------------------------------------------------


def test_bca_of_pairs_agrees_with_scipy() -> None:
    targets, picks = RARE_CLASS.T

    def reference(method: str) -> Any:
        return scipy.stats.bootstrap(
            (targets, picks), f1_of_pairs, paired=True, vectorized=True, n_resamples=50_000, batch=5_000,
            method=method, rng=np.random.default_rng(0),
        ).confidence_interval  # fmt: skip

    # A bound of 2,000 draws has a Monte Carlo error near 0.005, and the mean of 40 of them near 0.001.
    ours = np.mean([limits(one(RARE_CLASS, f1, seed)) for seed in range(40)], axis=0)
    assert ours == pytest.approx(np.array(reference("BCa")), rel=0, abs=0.003)
    # A plain percentile bootstrap, or BCa without its bias or skew, is off by more than the tolerance.
    assert np.abs(ours - np.array(reference("percentile"))).max() > 0.01


def test_bca_of_numbers_of_which_no_two_are_alike_agrees_with_scipy() -> None:
    def reference(method: str) -> Any:
        return scipy.stats.bootstrap(
            (SKEWED,), np.var, vectorized=True, n_resamples=50_000, batch=5_000, method=method,
            rng=np.random.default_rng(1),
        ).confidence_interval  # fmt: skip

    ours = np.mean([limits(one(SKEWED, spread, seed)) for seed in range(20)], axis=0)
    assert ours == pytest.approx(np.array(reference("BCa")), rel=0.04)
    plain = np.mean([limits(one(SKEWED, spread, seed, accelerated=False)) for seed in range(20)], axis=0)
    assert plain == pytest.approx(np.array(reference("percentile")), rel=0.04)
    assert abs(ours[1] / plain[1] - 1) > 0.15


def test_the_acceleration_out_of_five_hundred_parts_is_near_that_of_every_sample_left_out() -> None:
    many = np.random.default_rng(8).lognormal(0, 1, 1_600)
    truth = scipy.stats.bootstrap(
        (many,), np.var, vectorized=True, n_resamples=6_000, batch=1_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    ours = np.mean([limits(one(many, spread, seed)) for seed in range(3)], axis=0)
    assert ours == pytest.approx(np.array(truth), rel=0.08)


@pytest.mark.parametrize(("hits", "n"), [(12, 40), (97, 100), (20, 40)])
def test_draws_of_a_share_are_binomial(hits: int, n: int) -> None:
    found = one([1.0] * hits + [0.0] * (n - hits), mean, 7, draws=4_000, accelerated=False)
    exact = [float(scipy.stats.binom.ppf(q, n, hits / n)) / n for q in (0.025, 0.975)]
    assert limits(found) == pytest.approx(exact, abs=1.01 / n)
    assert found.method == "percentile bootstrap, 4000 draws"


# --- clusters ---------------------------------------------------------------------------------


def test_clusters_are_drawn_whole_as_a_plain_loop_draws_them() -> None:
    levels = np.random.default_rng(3).normal(size=45)
    marks = np.tile(levels, 4) + np.tile(SKEWED, 3) / 10
    names = [str(number % 45) for number in range(180)]
    members: dict[str, list[float]] = {}
    for mark, name in zip(marks, names, strict=True):
        members.setdefault(name, []).append(float(mark))
    dice, groups = np.random.default_rng(4), list(members.values())
    drawn = [
        np.mean(np.concatenate([groups[place] for place in dice.integers(len(groups), size=len(groups))]))
        for _ in range(20_000)
    ]
    ours = np.mean(
        [limits(one(marks, mean, seed, clusters=names, accelerated=False)) for seed in range(10)], axis=0
    )  # fmt: skip
    assert ours == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=0.02)
    # Samples drawn one by one are surer than they may be.
    alone = one(marks, mean, 0, accelerated=False)
    assert alone.high - alone.low < 0.6 * (ours[1] - ours[0])


@pytest.mark.parametrize("clusters", [40, 60])
def test_samples_that_are_clusters_of_their_own_are_drawn_as_if_there_were_none(clusters: int) -> None:
    marks = SKEWED[:clusters]
    names = [str(number) for number in range(clusters)]
    alone, apart = [
        np.mean([limits(one(marks, spread, seed, clusters=each)) for seed in range(20)], axis=0)
        for each in (None, names)
    ]
    assert apart == pytest.approx(alone, rel=0.08)


@pytest.mark.parametrize("clusters", [2, 5, 9])
def test_few_clusters_of_one_size_have_the_jackknife_that_is_cr1_and_students_t(clusters: int) -> None:
    marks = SKEWED[: 6 * clusters]
    owners = np.arange(len(marks)) % clusters
    fit = sm.OLS(marks, np.ones(len(marks))).fit(
        cov_type="cluster", cov_kwds={"groups": owners, "use_correction": False}, use_t=True
    )
    # For clusters of one size the jackknife of a mean is CR1: CR0 times C / (C - 1).
    error = float(fit.bse[0]) * math.sqrt(clusters / (clusters - 1))
    half = float(scipy.stats.t.ppf(0.975, clusters - 1)) * error
    found = one(marks, mean, 0, clusters=[str(owner) for owner in owners])
    assert limits(found) == pytest.approx((marks.mean() - half, marks.mean() + half), rel=1e-9)
    assert found.method == f"jackknife over {clusters} clusters, Student's t"


def test_few_clusters_of_many_sizes_have_the_jackknife_of_a_plain_loop() -> None:
    marks, names = SKEWED[:12], list("aaabbbccccdd")
    without = np.array(
        [np.var([mark for mark, own in zip(marks, names, strict=True) if own != name]) for name in "abcd"]
    )
    error = math.sqrt(3 / 4 * float(((without - without.mean()) ** 2).sum()))
    half = 3.182446305284263 * error  # Student's t, three degrees of freedom
    found = one(marks, spread, 0, clusters=names)
    assert limits(found) == pytest.approx((np.var(marks) - half, np.var(marks) + half), rel=1e-9)


def test_forty_clusters_are_drawn_and_fewer_are_not() -> None:
    methods = [
        one(SKEWED, mean, 0, clusters=[str(number % clusters) for number in range(60)]).method for clusters in (39, 40)
    ]
    assert methods == ["jackknife over 39 clusters, Student's t", "BCa bootstrap"]


@pytest.mark.parametrize(("clusters", "within"), [(12, 0.0), (12, 1.0), (50, 1.0)])
def test_clusters_are_worth_what_their_likeness_leaves_of_their_samples(clusters: int, within: float) -> None:
    dice = np.random.default_rng(5)
    levels, size = dice.normal(size=clusters), 10
    marks = np.repeat(levels, size) + within * dice.normal(size=clusters * size)
    found = bootstrapped(marks, mean, 0, clusters=[str(place // size) for place in range(len(marks))])
    _, worth = clustered(marks.tolist(), [str(place // size) for place in range(len(marks))])
    assert found.worths[0] == pytest.approx(worth, rel=0.02 if clusters < 40 else 0.15)
    assert within or found.worths[0] == pytest.approx(clusters, rel=0.1)


def test_a_distance_is_reflected_and_its_limits_hold_it() -> None:
    def spread_of_columns(marks: Floats, weights: Floats) -> Floats:
        gap: Floats = np.ptp(weights @ marks / weights.sum(axis=-1, keepdims=True), axis=-1)
        return gap

    dice = np.random.default_rng(0)
    held = told = 0
    for seed in range(60):
        columns = dice.normal(size=(200, 4))
        found = bootstrapped(columns, spread_of_columns, seed, draws=400, reflected={0})
        low, high, method = found.intervals[0]
        assert method == "reflected bootstrap"
        assert low <= found.values[0] <= high
        held += low <= 0.0
        told += bootstrapped(columns, spread_of_columns, seed, draws=400).intervals[0].low <= 0.0
    # Nothing is between the columns: a draw adds to what chance has put there, and BCa never sees it.
    assert held > 40
    assert told == 0


def test_one_cluster_has_no_interval_and_says_so() -> None:
    assert one([0.0, 1.0, 1.0], mean, 0, clusters=["a"] * 3) == Interval(2 / 3, 2 / 3, "none: one cluster")


# --- what changes nothing ---------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(120)), st.booleans())
def test_the_order_of_samples_changes_no_bit(order: list[int], in_clusters: bool) -> None:
    names = [f"case {number // 4}" for number in range(120)] if in_clusters else None
    first = bootstrapped(RARE_CLASS, f1, 3, clusters=names, draws=300)
    moved = bootstrapped(RARE_CLASS[order], f1, 3, clusters=names and [names[place] for place in order], draws=300)
    assert (moved.values.tolist(), moved.intervals) == (first.values.tolist(), first.intervals)


def test_the_order_of_numbers_of_which_no_two_are_alike_changes_no_bit() -> None:
    many = np.random.default_rng(9).normal(size=1_500)
    first, moved = bootstrapped(many, both, 3, draws=400), bootstrapped(many[::-1].copy(), both, 3, draws=400)
    assert (moved.values.tolist(), moved.intervals) == (first.values.tolist(), first.intervals)


@pytest.mark.parametrize("clusters", [None, [str(number // 50) for number in range(1_500)]], ids=["alone", "clusters"])
def test_eight_workers_draw_the_same_bits_as_one(clusters: list[str] | None) -> None:
    many = np.random.default_rng(9).normal(size=1_500)
    alone, together = [bootstrapped(many, both, 3, clusters=clusters, workers=workers) for workers in (1, 8)]
    assert (together.values.tolist(), together.intervals) == (alone.values.tolist(), alone.intervals)


def test_a_seed_draws_the_same_twice_and_another_seed_draws_other_samples() -> None:
    first = one(RARE_CLASS, f1, 7)
    assert one(RARE_CLASS, f1, 7) == first
    assert one(RARE_CLASS, f1, 8) != first
    assert first.method == "BCa bootstrap"


@pytest.mark.parametrize("clusters", [None, NAMES, [str(number % 4) for number in range(60)]])
def test_several_statistics_at_once_are_each_what_it_is_alone(clusters: list[str] | None) -> None:
    together = bootstrapped(SKEWED, both, 2, clusters=clusters)
    apart = [bootstrapped(SKEWED, gather, 2, clusters=clusters) for gather in (mean, spread)]
    assert together.values.tolist() == [float(each.values[0]) for each in apart]
    assert list(together.intervals) == [each.intervals[0] for each in apart]


# --- where little can be drawn ------------------------------------------------------------------


@pytest.mark.parametrize("clusters", [None, ["a"]])
def test_one_sample_has_no_interval(clusters: list[str] | None) -> None:
    found = bootstrapped(np.array([0.25]), both, 0, clusters=clusters)
    assert found.values.tolist() == [0.25, 0.0]
    assert [limits(each) for each in found.intervals] == [(0.25, 0.25), (0.0, 0.0)]
    assert {each.method for each in found.intervals} <= {"none: n < 2", "none: one cluster"}


def test_samples_that_are_all_alike_give_the_only_value_there_can_be() -> None:
    pairs = np.zeros((20, 2))
    assert one(pairs, f1) == Interval(0.5, 0.5, "none: every draw gives the same")


def test_a_distance_that_no_draw_changes_has_no_interval_either() -> None:
    def distance(marks: Floats, weights: Floats) -> Floats:
        return np.full(len(weights), 0.25)

    found = one(SKEWED, distance, reflected=(0,))
    assert found == Interval(0.25, 0.25, "none: every draw gives the same")


def test_draws_that_differ_by_rounding_alone_are_the_same() -> None:
    def rounded(marks: Floats, weights: Floats) -> Floats:
        return 0.25 + 1e-16 * weights[..., 0]

    assert one(SKEWED, rounded).method == "none: every draw gives the same"


def test_draws_without_a_value_are_left_out_and_counted() -> None:
    def of_two_kinds(marks: Floats, weights: Floats) -> Floats:
        """How many of the three are drawn, where more than one of them is."""
        kinds = (weights > 0).sum(axis=-1).astype(np.float64)
        return np.where(kinds > 1, kinds, np.nan)

    found = one([1.0, 2.0, 3.0], of_two_kinds, 0, draws=300)
    assert limits(found) == (2.0, 3.0)
    number, _, draws, _ = found.method.partition(", ")[2].split()
    assert draws == "300"
    # All three alike: 3 of 27 ways.
    assert int(number) == pytest.approx(300 * 24 / 27, abs=25)
    plain = one([1.0, 2.0, 3.0], of_two_kinds, 0, draws=300, accelerated=False)
    assert plain.method == f"percentile bootstrap, {number} draws"


def test_where_no_draw_has_a_value_the_value_stands_alone_and_says_so() -> None:
    def only_of_all(marks: Floats, weights: Floats) -> Floats:
        return np.where((weights == 1).all(axis=-1), 1.0, np.nan)

    found = one(np.arange(40.0), only_of_all)
    assert found == Interval(1.0, 1.0, "none: no draw has a value")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=4, max_size=4).filter(any), st.integers(0, 2**32 - 1))
def test_bca_holds_the_value_between_zero_and_one_for_any_pairs(counts: list[int], seed: int) -> None:
    pairs = np.repeat(np.indices((2, 2)).reshape(2, -1).T, counts, axis=0).astype(np.float64)
    found = bootstrapped(pairs, f1, seed, draws=300)
    low, high, _ = found.intervals[0]
    assert 0 <= low <= found.values[0] + 1e-12
    assert found.values[0] - 1e-12 <= high <= 1


# --- marks that are no numbers ------------------------------------------------------------------


def test_marks_of_any_kind_are_drawn_like_numbers() -> None:
    words = np.empty(60, dtype=object)
    words[:] = [("word",) * (number % 7) for number in range(60)]

    def length(marks: Any, weights: Floats) -> Floats:
        return mean(np.array([float(len(mark)) for mark in marks]), weights)

    numbers = [float(number % 7) for number in range(60)]
    ours, truth = [
        np.mean([limits(one(marks, gather, seed)) for seed in range(20)], axis=0)
        for marks, gather in ((words, length), (numbers, mean))
    ]
    assert ours == pytest.approx(truth, abs=0.05)
    few = one(words, length, 5, clusters=[str(number % 3) for number in range(60)])
    assert few == one(numbers, mean, 5, clusters=[str(number % 3) for number in range(60)])
