"""Rank intervals, held against the paired t test, statsmodels' clusters, and boards whose truth is known."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats

from medeval.stats.ranks import rank_intervals, spans, upper_ranks

Floats = npt.NDArray[np.float64]


def board(seed: int, means: list[float], n: int = 200, noise: float = 1.0) -> Floats:
    """Marks that share what is hard about an item, each model with noise of its own."""
    dice = np.random.default_rng(seed)
    marks: Floats = dice.normal(size=(n, 1)) + np.array(means) + noise * dice.normal(size=(n, len(means)))
    return marks


def right_or_wrong(seed: int, shares: list[float], n: int) -> Floats:
    return (np.random.default_rng(seed).random((n, len(shares))) < shares).astype(np.float64)


# --- ranks by limits that do not meet ---

LIMITS = [(1242.0, 1258.0), (1228.0, 1252.0), (1229.0, 1241.0), (1190.0, 1210.0), (1175.0, 1205.0)]
"""1250 ± 8, 1240 ± 12, 1235 ± 6, 1200 ± 10, 1190 ± 15."""


def test_the_arenas_rule_counts_lower_limits_above() -> None:
    assert upper_ranks(LIMITS) == [1, 1, 2, 4, 4]


def test_limits_from_both_sides_give_spans_of_ranks() -> None:
    assert spans(LIMITS) == [(1, 2), (1, 3), (2, 3), (4, 5), (4, 5)]


# --- ranks by paired differences ---


def test_models_that_are_identical_may_have_any_rank() -> None:
    marks = np.repeat(right_or_wrong(0, [0.6], 50), 4, axis=1)
    found = rank_intervals([marks, marks[::-1] * 0.1], 1)
    assert found.ranks == ((1, 4),) * 4
    assert found.top == (0, 1, 2, 3)


def test_twins_are_never_told_apart_and_share_their_rank() -> None:
    marks = board(4, [0.0, 3.0, 0.0, 3.0])
    marks[:, 2:] = marks[:, :2]
    assert rank_intervals([marks], 1).ranks == ((3, 4), (1, 2), (3, 4), (1, 2))


def test_a_difference_that_is_always_the_same_is_beyond_doubt() -> None:
    marks = board(2, [0.0, 0.0], 30)
    marks[:, 1] = marks[:, 0] + 0.1
    found = rank_intervals([marks], 1)
    assert found.ranks == ((2, 2), (1, 1))
    assert found.top == (1,)


def test_models_always_apart_by_the_same_do_not_blur_the_others() -> None:
    marks = board(21, list(range(20)), 300)
    twins = marks + 0.1 * np.linspace(1, 2, 20)
    found = rank_intervals([np.hstack([marks, twins])], 1)
    assert found.critical < 4.5
    assert found.ranks[:20] == tuple((place, place) for place in range(40, 0, -2))
    assert found.ranks[20:] == tuple((place, place) for place in range(39, 0, -2))


def test_models_that_always_get_the_same_mark_do_not_blur_the_others() -> None:
    marks = np.hstack([board(22, [9.0, 6.0, 3.0], 300), np.full((300, 2), [0.1, 0.7])])
    # Means of 0.1 are a little off, alike for every item: a spread of rounding that no draw may count in.
    found = rank_intervals([marks], 1)
    assert found.critical < 4.5
    assert found.ranks == ((1, 1), (2, 2), (3, 3), (5, 5), (4, 4))


def test_what_rounding_leaves_of_a_difference_is_none() -> None:
    marks = board(2, [0.0, 0.0], 30)
    marks[:, 1] = marks[:, 0]
    gaps = np.array([0.0, 0.1])
    assert rank_intervals([marks + gaps, marks + 2 * gaps, marks - 3 * gaps], 1).ranks == ((1, 2), (1, 2))


def test_few_items_are_told_apart_by_an_error_of_n_less_one() -> None:
    marks, verdicts = board(3, [0.0, 0.0], 8), []
    for shift in np.linspace(0, 4, 200):
        moved = marks + np.array([0.0, shift])
        found = rank_intervals([moved], 5)
        truth = scipy.stats.ttest_rel(moved[:, 1], moved[:, 0])
        verdicts.append((found.ranks != ((1, 2), (1, 2)), abs(truth.statistic) > found.critical))
    assert {ours for ours, _ in verdicts} == {True, False}
    assert all(ours == theirs for ours, theirs in verdicts)


def test_values_are_plain_means_over_tasks_whatever_their_size() -> None:
    found = rank_intervals([right_or_wrong(1, [0.2, 0.9], 400), np.array([[1.0, 0.0], [1.0, 0.0]])], 1)
    first, second = right_or_wrong(1, [0.2, 0.9], 400).mean(axis=0)
    assert found.values == pytest.approx(((first + 1) / 2, second / 2))


@pytest.mark.parametrize("seed", range(3))
def test_two_models_are_told_apart_as_by_the_paired_t_test(seed: int) -> None:
    marks = board(seed, [0.0, 0.0], 500)
    for shift in np.linspace(-0.3, 0.3, 25):
        moved = marks + np.array([0.0, shift])
        found = rank_intervals([moved], 5)
        truth = scipy.stats.ttest_rel(moved[:, 1], moved[:, 0])
        assert (found.ranks != ((1, 2), (1, 2))) == (abs(truth.statistic) > found.critical)
        if abs(truth.statistic) > found.critical:
            assert found.ranks == (((2, 2), (1, 1)) if truth.statistic > 0 else ((1, 1), (2, 2)))
        # The 95 % quantile of 2,000 draws has a Monte Carlo error near 0.04.
        assert found.critical == pytest.approx(1.965, abs=0.2)


def test_two_models_in_clusters_are_told_apart_as_by_cluster_robust_errors() -> None:
    models: Any = pytest.importorskip("statsmodels.api")
    dice = np.random.default_rng(9)
    owners = np.sort(dice.integers(0, 60, 240))
    marks = board(9, [0.0, 0.0], 240, 0.3)
    marks[:, 1] += dice.normal(size=60)[owners]
    names, verdicts = [f"case {owner}" for owner in owners], set()
    for shift in np.linspace(-0.6, 0.6, 25):
        moved = marks + np.array([0.0, shift])
        fit = models.OLS(moved[:, 1] - moved[:, 0], np.ones(240)).fit(cov_type="cluster", cov_kwds={"groups": owners})
        found = rank_intervals([moved], 5, clusters=[names])
        assert (found.ranks != ((1, 2), (1, 2))) == (abs(fit.tvalues[0]) > found.critical)
        verdicts.add((found.ranks, rank_intervals([moved], 5).ranks))
    # Some that are apart as single items are not as clusters.
    assert any(clustered != plain for clustered, plain in verdicts)


def test_the_critical_value_of_many_is_that_of_the_studentised_range() -> None:
    # For independent columns the largest of all pairs is a range: the critical value is Tukey's over the root of 2.
    marks = np.random.default_rng(6).normal(size=(2_000, 6))
    truth = scipy.stats.studentized_range.ppf(0.95, 6, np.inf) / 2**0.5
    found = np.mean([rank_intervals([marks], seed).critical for seed in range(10)])
    assert found == pytest.approx(truth, abs=0.05)


@pytest.mark.parametrize("names", [None, [f"case {place // 3}" for place in range(60)]])
def test_the_order_of_items_changes_nothing_at_all(names: list[str] | None) -> None:
    dice = np.random.default_rng(11)
    tasks = [right_or_wrong(7, [0.5, 0.6, 0.7, 0.8, 0.9], 60), board(7, [0.1, 0.1, 0.2, 0.3, 0.5], 60)]
    once = rank_intervals(tasks, 3, clusters=[names, names])
    for _ in range(5):
        orders = [dice.permutation(60) for _ in tasks]
        mixed = [names and [names[place] for place in order] for order in orders]
        assert (
            rank_intervals([marks[order] for marks, order in zip(tasks, orders, strict=True)], 3, clusters=mixed)
            == once
        )


def test_the_order_of_models_only_moves_their_ranks() -> None:
    dice = np.random.default_rng(12)
    tasks = [right_or_wrong(8, [0.5, 0.6, 0.7, 0.8, 0.9], 80), board(8, [0.1, 0.1, 0.2, 0.3, 0.5], 80)]
    once = rank_intervals(tasks, 3)
    for _ in range(5):
        order = dice.permutation(5)
        found = rank_intervals([marks[:, order] for marks in tasks], 3)
        assert found.ranks == tuple(once.ranks[place] for place in order)
        assert found.critical == pytest.approx(once.critical, rel=1e-6)


@pytest.mark.parametrize("constant", [0.3, -7.0, 1e3])
def test_a_constant_changes_no_rank(constant: float) -> None:
    tasks = [right_or_wrong(8, [0.5, 0.6, 0.7, 0.8, 0.9], 80), board(8, [0.1, 0.1, 0.2, 0.3, 0.5], 80)]
    once, found = rank_intervals(tasks, 3), rank_intervals([marks + constant for marks in tasks], 3)
    assert found.ranks == once.ranks
    assert found.critical == pytest.approx(once.critical, rel=1e-5)


def test_any_number_of_workers_finds_the_same() -> None:
    tasks = [right_or_wrong(1, [0.5, 0.6, 0.7], 5_000), right_or_wrong(2, [0.5, 0.6, 0.7], 900)]
    assert rank_intervals(tasks, 3) == rank_intervals(tasks, 3, workers=4) != rank_intervals(tasks, 4)


def test_more_noise_never_narrows_a_rank() -> None:
    dice = np.random.default_rng(3)
    noise, means = dice.normal(size=(150, 6)), np.linspace(0, 1, 6)
    before: tuple[tuple[int, int], ...] = ()
    for width in (0.1, 0.5, 1.0, 2.0, 4.0, 8.0):
        found = rank_intervals([means + width * (noise - noise.mean(axis=0))], 2).ranks
        assert all(new[0] <= old[0] and new[1] >= old[1] for new, old in zip(found, before, strict=bool(before)))
        before = found
    assert before == ((1, 6),) * 6


def test_models_far_apart_have_one_rank_each_and_more_items_tell_more() -> None:
    means = [0.0, 0.3, 0.6, 0.9]
    widths = [
        sum(high - low for low, high in rank_intervals([board(5, means, n)], 2).ranks) for n in (20, 80, 320, 1280)
    ]  # fmt: skip
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[-1] == 0


def test_boards_without_a_difference_rarely_show_one() -> None:
    seen = 0
    for seed in range(300):
        dice = np.random.default_rng((17, seed))
        hard = dice.beta(2, 1, size=(100, 1))
        found = rank_intervals([(dice.random((100, 8)) < hard).astype(np.float64)], seed)
        seen += found.ranks != ((1, 8),) * 8
    # At 5 % the chance of more than 24 of 300 is near 1 %; of fewer than 3, near 1 in 1,000.
    assert 3 <= seen <= 24


@pytest.mark.parametrize("stepdown", [False, True])
def test_the_ranks_of_all_models_hold_the_truth_as_often_as_they_say(stepdown: bool) -> None:
    held = 0
    for seed in range(200):
        # Four in two ties: a truth of (1, 2), (1, 2), (3, 4), (3, 4), of which none may be cut short.
        ranks = rank_intervals([board(1_000 + seed, [0.6, 0.6, 0.0, 0.0], 60)], seed, stepdown=stepdown).ranks
        held += all(
            low <= a and high >= b for (low, high), (a, b) in zip(ranks, [(1, 2)] * 2 + [(3, 4)] * 2, strict=True)
        )
    assert held / 200 >= 0.91


def test_step_down_is_sharper_and_never_wider() -> None:
    sharper = 0
    for seed in range(20):
        marks = board(seed, [0.0, 0.1, 0.2, 2.0, 2.25, 4.0], 200)
        plain, stepped = rank_intervals([marks], 1), rank_intervals([marks], 1, stepdown=True)
        assert stepped.critical < plain.critical
        assert all(
            new[0] >= old[0] and new[1] <= old[1] for new, old in zip(stepped.ranks, plain.ranks, strict=True)
        )  # fmt: skip
        sharper += stepped.ranks != plain.ranks
    assert sharper > 0


def test_tasks_are_drawn_apart_from_each_other() -> None:
    # The same items twice as two tasks have half the variance; as one task in clusters of twins, all of it.
    marks = board(1, [0.0, 0.0], 300)
    marks += np.array([0.0, 0.14]) - marks.mean(axis=0)
    names = [f"{place}" for place in range(300)] * 2
    assert rank_intervals([np.vstack([marks, marks])], 2, clusters=[names]).ranks == rank_intervals([marks], 2).ranks
    assert rank_intervals([marks], 2).ranks == ((1, 2), (1, 2))
    assert rank_intervals([marks, marks], 2).ranks == ((2, 2), (1, 1))


def test_one_model_alone_is_first() -> None:
    assert rank_intervals([board(0, [0.0])], 1).ranks == ((1, 1),)


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ([], "ranks need a task"),
        ([np.zeros((3, 2)), np.zeros((3, 4))], "task 1 has marks of 4 models, and task 0 of 2"),
        ([np.array([[1.0, np.nan], [0.0, 1.0]])], "task 0 lacks marks"),
        ([np.array([[1.0, 0.0]])], "one has no spread"),
    ],
)
def test_what_cannot_be_ranked_is_refused_in_a_sentence(tasks: list[Floats], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rank_intervals(tasks, 1)
