"""Thousands of made-up data sets: tests rarely find what is not there, and intervals hold what is."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from medeval.stats import clustered
from medeval.stats.bootstrap import bootstrapped
from medeval.stats.paired import bootstrapped_difference, mcnemar, paired_t, randomised, sign_flip, tango
from tests.test_stats.gathers import f1, mean

Floats = npt.NDArray[np.float64]
Lists = Sequence[list[float]]

SETS = 4_000


def in_clusters(clusters: int, size: int, correlation: float, seed: int) -> tuple[Lists, list[str]]:
    """Sets of marks around 0 with a variance of 1, and the cluster of each mark."""
    dice = np.random.default_rng(seed)
    shared = np.repeat(dice.normal(0, correlation**0.5, (SETS, clusters)), size, axis=1)
    marks = shared + dice.normal(0, (1 - correlation) ** 0.5, (SETS, clusters * size))
    return marks.tolist(), [str(place // size) for place in range(clusters * size)]


def pairs_of_equals(sets: int, n: int, seed: int) -> tuple[Lists, Lists]:
    """Skewed grades of two systems that are equally good at samples of different hardness."""
    dice = np.random.default_rng(seed)
    hard = dice.normal(0, 1, (sets, n))
    return np.exp(hard + dice.normal(0, 1, (sets, n))).tolist(), np.exp(hard + dice.normal(0, 1, (sets, n))).tolist()


# --- what is not there ---


@pytest.mark.parametrize(("n", "discordance"), [(135, 0.2), (1273, 0.1), (500, 0.03), (30, 0.5)])
def test_equal_shares_of_right_answers_seldom_differ(n: int, discordance: float) -> None:
    shares = [discordance / 2, discordance / 2, 1 - discordance]
    counts = np.random.default_rng(n).multinomial(n, shares, size=SETS)[:, :2].tolist()
    tests = [mcnemar(b, c) for b, c in counts]
    intervals = [tango(b, c, n) for b, c in counts]
    assert 0.02 <= np.mean([test.mid_p < 0.05 for test in tests]) <= 0.06
    assert 0.02 <= np.mean([test.worse < 0.05 for test in tests]) <= 0.06
    assert 0.02 <= np.mean([not low <= 0 <= high for low, high, _ in intervals]) <= 0.06


def test_equal_grades_seldom_differ_by_students_t() -> None:
    found = [paired_t(base, new).p < 0.05 for base, new in zip(*pairs_of_equals(SETS, 60, 1), strict=True)]
    assert 0.02 <= np.mean(found) <= 0.06


@pytest.mark.parametrize(("clusters", "size"), [(50, 10), (10, 20)])
def test_equal_grades_in_clusters_seldom_differ(clusters: int, size: int) -> None:
    sets, cases = in_clusters(clusters, size, 0.2, 2)
    nothing = [0.0] * len(cases)
    assert 0.04 <= np.mean([paired_t(nothing, each, clusters=cases).p < 0.05 for each in sets]) <= 0.06
    # As if they were independent, a fifth or more would.
    assert np.mean([paired_t(nothing, each).p < 0.05 for each in sets[:500]]) > 0.2


def test_equal_grades_seldom_differ_by_their_signs() -> None:
    sets = zip(*pairs_of_equals(SETS, 30, 3), strict=True)
    found = [
        sign_flip([after - before for before, after in zip(base, new, strict=True)], seed, draws=400) < 0.05
        for seed, (base, new) in enumerate(sets)
    ]
    assert 0.04 <= np.mean(found) <= 0.06


def test_equal_clusters_seldom_differ_by_their_signs() -> None:
    sets, cases = in_clusters(9, 4, 0.5, 4)
    # 2⁹ signs: every one is gone through.
    assert 0.04 <= np.mean([sign_flip(each, 0, draws=512, clusters=cases) < 0.05 for each in sets]) <= 0.06


@pytest.mark.parametrize("clusters", [None, [str(place // 4) for place in range(80)]])
def test_equal_f1_seldom_differs_by_randomisation(clusters: list[str] | None) -> None:
    dice, found = np.random.default_rng(5), []
    for seed in range(SETS // 2):
        target = dice.random(80) < 0.3
        base, new = [np.column_stack([target, target ^ (dice.random(80) < 0.25)]).astype(float) for _ in range(2)]
        found.append(randomised(base, new, f1, seed, draws=200, clusters=clusters) < 0.05)
    assert 0.03 <= np.mean(found) <= 0.06


# --- what is there ---


@pytest.mark.parametrize(("clusters", "size"), [(50, 10), (10, 20)])
def test_intervals_of_clusters_hold_the_truth(clusters: int, size: int) -> None:
    sets, cases = in_clusters(clusters, size, 0.2, 6)
    intervals = [clustered(each, cases)[0] for each in sets]
    assert 0.93 <= np.mean([low <= 0 <= high for low, high, _ in intervals]) <= 0.97


def held(
    make: Callable[[np.random.Generator], Floats], gather: Callable[[Floats, Floats], Floats], truth: float
) -> float:
    """How often the bootstrap's interval of a drawn set holds the truth, of 1,000."""
    dice = np.random.default_rng(7)
    intervals = [bootstrapped(make(dice), gather, seed, draws=1_000).intervals[0] for seed in range(1_000)]
    return float(np.mean([low <= truth <= high for low, high, _ in intervals]))


def test_bootstrapped_intervals_of_a_skewed_mean_hold_the_truth() -> None:
    assert 0.90 <= held(lambda dice: dice.exponential(size=50), mean, 1.0) <= 0.97


def test_bootstrapped_intervals_of_f1_hold_the_truth() -> None:
    # Targets 30 to 70, 80 % right in both: the F1 are 2·.24/(.3 + .38) and 2·.56/(.7 + .62).
    truth = (2 * 0.24 / (0.3 + 0.38) + 2 * 0.56 / (0.7 + 0.62)) / 2

    def make(dice: np.random.Generator) -> Floats:
        target = dice.random(150) < 0.3
        return np.column_stack([target, target ^ (dice.random(150) < 0.2)]).astype(np.float64)

    assert 0.90 <= held(make, f1, truth) <= 0.97


def test_bootstrapped_intervals_of_a_difference_hold_the_truth() -> None:
    dice, held_it = np.random.default_rng(8), []
    for seed in range(1_000):
        base = dice.exponential(size=60)
        new = base + dice.exponential(0.5, 60)
        found = bootstrapped_difference(base, new, mean, seed, draws=500)
        held_it.append(found.low <= 0.5 <= found.high)
    assert 0.90 <= np.mean(held_it) <= 0.97


@pytest.mark.parametrize(("clusters", "least"), [(8, 0.87), (12, 0.9), (20, 0.9), (45, 0.9)])
def test_intervals_of_clusters_that_are_no_means_cover_what_they_should(clusters: int, least: float) -> None:
    dice = np.random.default_rng(clusters)
    names = [str(number // 10) for number in range(10 * clusters)]

    def spread(marks: Floats, weights: Floats) -> Floats:
        mean = weights @ marks / weights.sum(axis=-1)
        found: Floats = np.sqrt(weights @ marks**2 / weights.sum(axis=-1) - mean**2)
        return found

    covered = 0
    for seed in range(400):
        levels = np.repeat(dice.normal(size=clusters), 10) * 0.5
        marks = levels + dice.normal(size=10 * clusters) * 0.75**0.5
        low, high, _ = bootstrapped(marks, spread, seed, clusters=names, draws=400).intervals[0]
        covered += low <= 1.0 <= high
    # A standard deviation is skewed, and eight clusters know little of it.
    assert covered / 400 >= least
