"""Agreement of raters, held against textbooks, scikit-learn, statsmodels and evalica."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from medeval.stats.agreement import Measure, Weights, cohen, fleiss, krippendorff

TABLE = [[20, 5], [10, 15]]
GRADES = [1, 2, 3, 4, 5, 3, 2, 1, 4, 5], [1, 3, 3, 4, 4, 2, 2, 1, 5, 5]
SUBJECTS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Ten subjects, fourteen raters, five categories: the usual example of Fleiss' kappa."""
RATERS = [
    [float(rating) if rating != "*" else None for rating in line.split()]
    for line in (
        "1 2 3 3 2 1 4 1 2 * * *",
        "1 2 3 3 2 2 4 1 2 5 * 3",
        "* 3 3 3 2 3 4 2 2 5 1 *",
        "1 2 3 3 2 4 4 1 2 5 1 *",
    )
]
"""Krippendorff, 2011."""


def pairs_of(table: list[list[int]]) -> tuple[list[int], list[int]]:
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [i for i, _ in pairs], [j for _, j in pairs]


def graded(seed: int, n: int) -> tuple[list[int], list[int]]:
    dice = np.random.default_rng(seed)
    first = dice.integers(0, 5, n)
    return first.tolist(), np.clip(first + dice.integers(-2, 3, n), 0, 4).tolist()


# --- Cohen ---


def test_kappa_of_two_by_two_is_the_textbook_one() -> None:
    found = cohen(*pairs_of(TABLE))
    assert found.value == pytest.approx(0.4)
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(0.1270, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.151, 0.649), abs=5e-4)
    assert (found.raw, found.n, found.method) == (0.7, 50, "large sample")


@pytest.mark.parametrize(("weights", "value"), [("none", 0.50), ("linear", 0.75), ("quadratic", 0.90)])
def test_weighted_kappa_has_its_golden_values(weights: Weights, value: float) -> None:
    assert cohen(*GRADES, weights).value == pytest.approx(value)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("seed", range(4))
def test_kappa_and_its_limits_agree_with_scikit_learn_and_statsmodels(weights: Weights, seed: int) -> None:
    inter_rater: Any = pytest.importorskip("statsmodels.stats.inter_rater")
    first, second = graded(seed, 80)
    found = cohen(first, second, weights)
    theirs = cohen_kappa_score(first, second, weights=None if weights == "none" else weights)
    assert found.value == pytest.approx(theirs, abs=1e-12)
    table = np.zeros((5, 5))
    np.add.at(table, (first, second), 1)
    kind: dict[str, Any] = {
        "none": {},
        "linear": {"weights": np.arange(5), "wt": "linear"},
        "quadratic": {"wt": "quadratic"},
    }
    truth = inter_rater.cohens_kappa(table, **kind[weights])
    assert found[:3] == pytest.approx((truth.kappa, truth.kappa_low, truth.kappa_upp), abs=1e-9)


def test_a_grade_that_nobody_gave_keeps_its_neighbours_apart() -> None:
    first, second = [1, 1, 2, 5, 5, 2], [1, 2, 2, 5, 2, 1]
    theirs = cohen_kappa_score(first, second, labels=[1, 2, 3, 4, 5], weights="quadratic")
    assert cohen(first, second, "quadratic").value == pytest.approx(theirs)
    assert theirs != pytest.approx(cohen_kappa_score(first, second, weights="quadratic"))


def test_labels_may_be_any_words_and_their_names_change_nothing() -> None:
    words = {0: "ja", 1: "否"}
    first, second = pairs_of(TABLE)
    assert cohen([words[i] for i in first], [words[j] for j in second]) == cohen(first, second)


def test_grades_that_are_words_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="must be numbers; found 'good'"):
        cohen(["good", 1], [1, 1], "linear")


def test_raters_who_always_say_the_same_have_no_kappa() -> None:
    found = cohen(["A"] * 9, ["A"] * 9)
    assert [math.isnan(each) for each in found[:3]] == [True] * 3
    assert (found.method, found.raw, found.n) == ("none: everybody always says the same", 1.0, 9)


def test_one_rater_who_says_only_one_thing_earns_nothing_and_no_interval_is_claimed() -> None:
    found = cohen(["A"] * 9, ["A"] * 8 + ["B"])
    assert found.value == pytest.approx(0)
    assert found.method == "none: the large-sample error is 0"


def test_no_item_gives_no_kappa() -> None:
    found = cohen([], [])
    assert math.isnan(found.value)
    assert found.method == "none: no item"


def test_the_interval_of_kappa_covers_the_truth_as_often_as_it_says() -> None:
    # Two raters with shares .5 and .5 who agree on .8: kappa is .6.
    dice = np.random.default_rng(3)
    covered = 0
    for table in dice.multinomial(150, [0.4, 0.1, 0.1, 0.4], size=400):
        found = cohen(*pairs_of(table.reshape(2, 2).tolist()))
        covered += found.low <= 0.6 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


# --- Fleiss ---


def test_fleiss_kappa_of_the_usual_table() -> None:
    found = fleiss(SUBJECTS)
    assert found.value == pytest.approx(0.20993, abs=5e-6)
    assert found.raw == pytest.approx(0.378, abs=5e-4)
    assert found.low < found.value < found.high
    assert (found.n, found.method) == (10, "BCa bootstrap")


def test_fleiss_kappa_agrees_with_statsmodels() -> None:
    inter_rater: Any = pytest.importorskip("statsmodels.stats.inter_rater")
    dice = np.random.default_rng(5)
    table = np.stack([dice.multinomial(6, dice.dirichlet([0.5] * 4)) for _ in range(60)])
    assert fleiss(table.tolist()).value == pytest.approx(inter_rater.fleiss_kappa(table), abs=1e-12)


def test_the_order_of_subjects_changes_nothing() -> None:
    assert fleiss(SUBJECTS[::-1], seed=4) == fleiss(SUBJECTS, seed=4) != fleiss(SUBJECTS, seed=5)


def test_fleiss_needs_as_many_raters_everywhere() -> None:
    with pytest.raises(ValueError, match=r"same number of raters, 2 or more; found \[2, 3\]"):
        fleiss([[1, 1], [2, 1]])


def test_a_table_of_one_category_has_no_kappa() -> None:
    found = fleiss([[3, 0], [3, 0]])
    assert math.isnan(found.value)
    assert found.method == "none: everybody always says the same"


# --- Krippendorff ---


@pytest.mark.parametrize(
    ("measure", "value"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_alpha_of_krippendorffs_own_example(measure: Measure, value: float) -> None:
    found = krippendorff(RATERS, measure)
    assert found.value == pytest.approx(value, abs=5e-7)
    assert found.low < value < found.high
    # The last unit was rated once.
    assert found.n == 11


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_agrees_with_evalica_where_half_is_missing(measure: Measure) -> None:
    evalica: Any = pytest.importorskip("evalica")
    pandas: Any = pytest.importorskip("pandas")
    dice = np.random.default_rng(8)
    ratings = np.clip(dice.integers(1, 8, 60) + dice.integers(-2, 3, (5, 60)), 1, 9).astype(float)
    ratings[dice.random(ratings.shape) < 0.5] = np.nan
    theirs = evalica.alpha(pandas.DataFrame(ratings), distance=measure).alpha
    assert krippendorff(ratings.tolist(), measure).value == pytest.approx(theirs, abs=1e-9)


def test_alpha_of_words_is_that_of_numbers() -> None:
    words = [[rating if rating is None else f"grade {rating}" for rating in row] for row in RATERS]
    assert krippendorff(words).value == pytest.approx(0.743421, abs=5e-7)


def test_raw_agreement_of_alpha_is_the_share_of_equal_pairs() -> None:
    # Two raters, four units, one of them with a difference.
    assert krippendorff([[1, 2, 1, 2], [1, 2, 1, 1]]).raw == 0.75


def test_ratings_without_a_pair_or_without_a_difference_have_no_alpha() -> None:
    alone = krippendorff([[1.0, None], [math.nan, 2.0]])
    assert math.isnan(alone.value)
    assert (alone.method, alone.n) == ("none: no unit has two ratings", 0)
    same = krippendorff([[1, 1, 1], [1, 1, 1]], "interval")
    assert math.isnan(same.value)
    assert same.method == "none: everybody always says the same"


def test_a_ratio_of_negative_ratings_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        krippendorff([[-1, 2], [1, 2]], "ratio")


@pytest.mark.parametrize("measure", ["nominal", "ordinal", "interval"])
def test_the_interval_of_alpha_is_where_draws_of_whole_units_put_it(measure: Measure) -> None:
    evalica: Any = pytest.importorskip("evalica")
    pandas: Any = pytest.importorskip("pandas")
    dice = np.random.default_rng(2)
    ratings = np.clip(dice.integers(1, 6, 80) + dice.integers(-1, 2, (3, 80)), 1, 5)
    drawn = [
        evalica.alpha(pandas.DataFrame(ratings[:, dice.integers(0, 80, 80)]), distance=measure).alpha
        for _ in range(400)
    ]
    found = krippendorff(ratings.tolist(), measure)
    # BCa and plain quantiles of 400 draws differ a little; half the width is near .07.
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.025)
