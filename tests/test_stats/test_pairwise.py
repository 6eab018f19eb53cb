"""Win rates, held against scipy and statsmodels; flips that change the leader, held against trying them all."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from medeval.stats.pairwise import Outcome, bradley_terry, fewest_flips, win_rate, win_rate_of


def leader(outcomes: list[Outcome]) -> str:
    found = bradley_terry(outcomes, outcomes[0].first, ridge=1e-6).strengths
    return max(found, key=lambda each: each.theta).name


def flipped(outcomes: list[Outcome], places: tuple[int, ...]) -> list[Outcome]:
    return [each._replace(result=1 - each.result) if i in places else each for i, each in enumerate(outcomes)]


def tried(outcomes: list[Outcome]) -> int:
    """Turn every choice of one, of two, … until another leads."""
    first = leader(outcomes)
    return next(
        size for size in range(1, len(outcomes) + 1)
        if any(leader(flipped(outcomes, each)) != first for each in itertools.combinations(range(len(outcomes)), size))
    )  # fmt: skip


# --- win rates ---


def test_wins_ties_and_losses_have_their_golden_values() -> None:
    found = win_rate(60, 25, 15)
    assert (found.value, found.net, found.n) == pytest.approx((0.725, 0.45, 100))
    assert found.error == pytest.approx(0.03718, abs=5e-6)
    assert found.p == pytest.approx(1.588e-7, rel=5e-4)


def test_the_interval_of_a_win_rate_with_ties_is_that_of_a_mean() -> None:
    values = [1.0] * 60 + [0.5] * 25 + [0.0] * 15
    truth = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert win_rate(60, 25, 15, level=0.9).interval[:2] == pytest.approx((truth.low, truth.high))


@pytest.mark.parametrize(("wins", "losses"), [(9, 1), (12, 0), (0, 5), (30, 33)])
def test_without_ties_it_is_wilsons(wins: int, losses: int) -> None:
    truth = scipy.stats.binomtest(wins, wins + losses).proportion_ci(method="wilson")
    found = win_rate(wins, 0, losses)
    assert found.interval[:2] == pytest.approx((truth.low, truth.high), abs=1e-12)
    assert found.p == pytest.approx(scipy.stats.binomtest(wins, wins + losses).pvalue)


def test_nothing_but_ties_is_even_and_not_certain() -> None:
    found = win_rate(0, 20, 0)
    assert (found.value, found.p) == (0.5, 1.0)
    assert found.interval.low < 0.35


def test_clusters_have_the_errors_of_statsmodels() -> None:
    models: Any = pytest.importorskip("statsmodels.api")
    dice = np.random.default_rng(0)
    owners = np.repeat(np.arange(30), 4)
    values = dice.choice([0.0, 0.5, 1.0], 120) * 0.5 + np.repeat(dice.choice([0.0, 0.5], 30), 4)
    fit = models.OLS(values, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": owners})
    found = win_rate_of(values.tolist(), [f"prompt {owner}" for owner in owners])
    assert (found.value, found.error) == pytest.approx((fit.params[0], fit.bse[0]))
    half = scipy.stats.t.ppf(0.975, 29) * fit.bse[0]
    assert found.interval[:2] == pytest.approx((fit.params[0] - half, fit.params[0] + half))
    assert found.interval.method == "student over 30 clusters"


def test_judgments_of_one_prompt_count_once_in_the_sign_test() -> None:
    values = [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.5, 1.0, 1.0]
    prompts = ["a", "a", "a", "b", "b", "c", "d", "e", "f", "f"]
    # Won: a, c and f; lost: d; even: b and e.
    assert win_rate_of(values, prompts).p == pytest.approx(scipy.stats.binomtest(3, 4).pvalue)


def test_the_other_sides_win_rate_is_the_mirror() -> None:
    one, other = win_rate(11, 6, 4), win_rate(4, 6, 11)
    assert (one.value + other.value, one.net, one.p) == pytest.approx((1, -other.net, other.p))
    assert one.interval.low == pytest.approx(1 - other.interval.high)


def test_one_comparison_or_one_prompt_has_no_interval_and_says_so() -> None:
    assert win_rate(1, 0, 0).interval == (1.0, 1.0, "none: n < 2")
    found = win_rate_of([1.0, 0.0], ["a", "a"])
    assert found.interval == (0.5, 0.5, "none: one cluster")
    assert math.isnan(found.error)


def test_no_comparison_has_no_win_rate() -> None:
    found = win_rate(0, 0, 0)
    assert math.isnan(found.value)
    assert found.interval.method == "none: no comparison"


# --- flips that change the leader ---


@pytest.mark.parametrize(("wins", "losses", "turned"), [(6, 4, 2), (7, 4, 2), (5, 4, 1), (9, 0, 5), (1, 0, 1)])
def test_between_two_it_is_as_many_as_make_a_majority(wins: int, losses: int, turned: int) -> None:
    outcomes = [Outcome("a", "b", result, times) for result, times in ((1.0, wins), (0.0, losses)) if times]
    found = fewest_flips(outcomes, ridge=1e-6)
    assert (found.leader, found.rival, found.turned, found.n) == ("a", "b", turned, wins + losses)


def test_it_is_never_fewer_than_trying_all_finds_and_mostly_as_many() -> None:
    counts = []
    for seed in range(12):
        dice = np.random.default_rng(seed)
        outcomes = [
            Outcome(first, second, float(dice.random() < chance))
            for first, second, chance in (("a", "b", 0.6), ("a", "c", 0.7), ("b", "c", 0.6))
            for _ in range(4)
        ]
        strengths = sorted(each.theta for each in bradley_terry(outcomes, "a", ridge=1e-6).strengths)
        if strengths[-1] - strengths[-2] > 1e-6:
            counts.append((fewest_flips(outcomes, ridge=1e-6).turned, tried(outcomes)))
    assert len(counts) >= 10
    assert all(found >= least for found, least in counts)
    assert sum(found == least for found, least in counts) >= 10


def test_the_flips_it_names_do_change_the_leader_where_votes_are_many() -> None:
    dice = np.random.default_rng(1)
    theta = {"a": 0.6, "b": 0.5, "c": 0.0, "d": -0.5}
    pairs = list(itertools.combinations(theta, 2))
    outcomes = []
    for place in range(3_000):
        first, second = pairs[place % len(pairs)]
        outcomes.append(Outcome(first, second, float(dice.random() < 1 / (1 + math.exp(theta[second] - theta[first])))))
    found = fewest_flips(outcomes)
    assert (found.leader, found.rival) == ("a", "b")
    # Turning wins of a over b alone, as many, comes as far: they weigh most of all.
    won = [place for place, each in enumerate(outcomes) if (each.first, each.second, each.result) == ("a", "b", 1.0)]
    assert leader(flipped(outcomes, tuple(won[: found.turned]))) == "b"
    assert leader(flipped(outcomes, tuple(won[: found.turned - 1]))) == "a"


def test_the_order_of_outcomes_changes_no_number_of_flips() -> None:
    outcomes = [Outcome("a", "b", 1.0, 8), Outcome("b", "a", 1.0, 5), Outcome("b", "c", 1.0, 9),
                Outcome("b", "c", 0.5, 2), Outcome("c", "a", 1.0, 3), Outcome("a", "c", 1.0, 7)]  # fmt: skip
    swapped = [Outcome(each.second, each.first, 1 - each.result, each.times) for each in reversed(outcomes)]
    assert fewest_flips(outcomes) == fewest_flips(swapped)


def test_a_leader_who_never_lost_needs_a_ridge_here_too() -> None:
    outcomes = [Outcome("a", "b", 1.0, 3), Outcome("a", "c", 1.0, 3), Outcome("b", "c", 0.5, 2)]
    with pytest.raises(ValueError, match=r"^a never lost"):
        fewest_flips(outcomes)
    assert fewest_flips(outcomes, ridge=0.01).leader == "a"
