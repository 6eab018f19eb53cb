"""The worst variant and the spread of all, of marks made by hand and drawn by chance."""

from collections.abc import Sequence

import numpy as np
import pytest

from medeval.arrange import lettered
from medeval.metrics.robust import SPREAD, by_variant
from medeval.records import Answer, ChoiceSample, Walk
from medeval.scoring.gathering import Gathered, gathered
from medeval.stats import clustered

WORST, APART = SPREAD


def sample(number: int, cluster: str = "") -> ChoiceSample:
    return ChoiceSample(
        id=str(number), question=f"Question {number}?", options=lettered("ab"), target=("A",), cluster=cluster
    )


def told(*marks: Sequence[float], clusters: Sequence[str] = ()) -> tuple[Gathered, Gathered]:
    """What rows of marks come to: a row a sample, a column a variant."""
    samples = [sample(number, clusters[number] if clusters else "") for number in range(len(marks))]
    worst, apart = gathered(SPREAD, list(zip(map(tuple, marks), samples, strict=True)), 7)
    return worst, apart


def values(*marks: Sequence[float]) -> tuple[float, float]:
    worst, apart = told(*marks)
    return worst.value, apart.value


@pytest.mark.parametrize(
    ("marks", "worst", "apart"),
    [
        # Columns: 3/4, 1/4, 2/4.
        ([(1, 0, 1), (1, 0, 0), (1, 1, 1), (0, 0, 0)], 0.25, 0.5),
        # Each sample hangs on the words, and the mean does not.
        ([(1, 0), (0, 1)], 0.5, 0.0),
        ([(1, 1), (1, 1)], 1.0, 0.0),
        ([(0, 0, 0), (0, 0, 0)], 0.0, 0.0),
        ([(1, 0), (1, 0)], 0.0, 1.0),
        # Means of repeats within a variant: 7/12 and 5/12.
        ([(1 / 3, 1 / 3), (2 / 3, 1), (2 / 3, 0), (2 / 3, 1 / 3)], 5 / 12, 2 / 12),
    ],
)
def test_the_worst_column_and_its_distance_from_the_best(
    marks: list[tuple[float, ...]], worst: float, apart: float
) -> None:
    assert values(*marks) == pytest.approx((worst, apart))


def test_neither_the_order_of_variants_nor_that_of_samples_matters() -> None:
    marks = np.random.default_rng(3).integers(0, 2, (40, 5)).astype(float)
    means = marks.mean(axis=0)
    plain = values(*marks.tolist())
    assert plain == pytest.approx((means.min(), means.max() - means.min()))
    assert values(*marks[:, ::-1].tolist()) == pytest.approx(plain)
    assert values(*marks[::-1].tolist()) == pytest.approx(plain)


def test_samples_weigh_as_often_as_they_are_drawn() -> None:
    marks = np.array([(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
    weights = np.array([(1, 1, 1), (3, 0, 0), (2, 1, 0), (0, 2, 2)], dtype=float)
    found = SPREAD[0].gather(marks, weights)
    # Drawn out in full: three rows, the first thrice, the first twice and the second once, …
    assert found == pytest.approx(np.array([(2 / 3, 0), (0, 1), (1 / 3, 1 / 3), (0.5, 0.5)]))


def test_the_interval_of_the_worst_of_like_variants_is_that_of_a_mean() -> None:
    # Where all variants are marked alike there is nothing to choose among: 30 of 100, whose Wilson interval is known.
    worst, apart = told(*[(float(number < 30),) * 4 for number in range(100)])
    assert (worst.value, apart.value) == pytest.approx((0.3, 0.0))
    assert (worst.interval.low, worst.interval.high) == pytest.approx((0.219, 0.396), abs=0.02)
    assert (apart.interval.low, apart.interval.high) == (0.0, 0.0)


def test_a_variant_that_is_far_worse_than_the_rest_is_told_as_surely_as_its_own_mean() -> None:
    marks = [(float(number % 10 != 0), float(number % 4 == 0)) for number in range(200)]
    worst, apart = told(*marks)
    assert (worst.value, apart.value) == pytest.approx((0.25, 0.65))
    # Wilson of 50 of 200.
    assert (worst.interval.low, worst.interval.high) == pytest.approx((0.195, 0.314), abs=0.015)
    assert 0.5 < apart.interval.low < 0.65 < apart.interval.high < 0.8


def test_what_draws_add_to_the_spread_is_taken_off_again() -> None:
    # Four variants that are no different: each is right of a half, for other samples each time.
    dice = np.random.default_rng(12)
    marks = np.stack([dice.permutation([0.0, 1.0] * 60) for _ in range(4)], axis=1)
    marks[0] = 1.0 - marks[0]
    worst, apart = told(*marks.tolist())
    assert apart.value < 0.02
    # A percentile or BCa interval would lie wholly above nothing: draws of equal variants are never equal.
    drawn = [np.ptp(marks[dice.integers(120, size=120)].mean(axis=0)) for _ in range(500)]
    assert np.quantile(drawn, 0.025) > apart.value
    assert apart.interval.low == 0.0
    assert worst.interval.low <= worst.value <= worst.interval.high
    assert {worst.interval.method, apart.interval.method} == {"reflected bootstrap"}


def test_samples_of_one_passage_are_drawn_together() -> None:
    marks = [(float(number < 20), float(number < 10)) for number in range(40)]
    alone, _ = told(*marks)
    clusters = [str(number // 10) for number in range(40)]
    together, _ = told(*marks, clusters=clusters)
    assert together.value == alone.value == 0.25
    # The second variant is the worst, and four passages of ten that are all alike are worth as much as its mean's.
    _, worth = clustered([mark for _, mark in marks], clusters)
    assert together.worth == pytest.approx(worth, rel=0.05)
    assert alone.worth == 40
    assert together.interval.high - together.interval.low > alone.interval.high - alone.interval.low


def test_no_single_walk_is_marked() -> None:
    assert by_variant(sample(0), Walk(exchanges=(), answer=Answer(picked=("A",)))) is None


def test_a_low_worst_is_bad_and_a_low_spread_is_good() -> None:
    assert [(metric.name, metric.better, metric.voted) for metric in SPREAD] == [
        ("worst_variant", "higher", False), ("variant_spread", "lower", False),
    ]  # fmt: skip
    assert (WORST.mark, WORST.gather) == (APART.mark, APART.gather)
