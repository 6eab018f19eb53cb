"""Comparisons, held against golden values, scipy, statsmodels, sacreBLEU, and likelihoods maximised by number."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats.paired import (
    Difference,
    bootstrapped_difference,
    mcnemar,
    paired_t,
    randomised,
    sign_flip,
    tango,
)
from tests.test_stats.gathers import f1, mean

Floats = npt.NDArray[np.float64]

NEW = [float(each) for each in "1101011011"]
BASE = [float(each) for each in "1001010011"]
Z95 = 1.959963984540054


def graded(n: int, seed: int, gain: float = 0.0) -> tuple[Floats, Floats]:
    dice = np.random.default_rng(seed)
    hard = dice.beta(2, 2, n)
    return np.clip(hard + dice.normal(0, 0.2, n), 0, 1), np.clip(hard + gain + dice.normal(0, 0.2, n), 0, 1)


def picks(n: int, seed: int) -> tuple[Floats, Floats]:
    """(target, pick) of two systems on the same n samples."""
    dice = np.random.default_rng(seed)
    target = dice.random(n) < 0.3
    one, other = [np.where(dice.random(n) < right, target, ~target) for right in (0.75, 0.82)]
    return np.column_stack([target, one]).astype(np.float64), np.column_stack([target, other]).astype(np.float64)


# --- McNemar ---


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid_p"),
    [
        (25, 12, 0.047031, 0.033552), (5, 15, 0.041389, 0.026604),
        (0, 6, 0.03125, 0.015625), (1, 7, 0.070312, 0.039062),
    ],
)  # fmt: skip
def test_mcnemar_gives_the_golden_values(b: int, c: int, exact: float, mid_p: float) -> None:
    found = mcnemar(b, c)
    assert found.exact == pytest.approx(exact, abs=1e-6)
    assert found.mid_p == pytest.approx(mid_p, abs=1e-6)


def test_mcnemar_of_the_approval_ratings_is_that_of_agresti() -> None:
    assert mcnemar(86, 150).exact == pytest.approx(3.7159e-5, abs=1e-9)


@pytest.mark.parametrize(("b", "c"), [(0, 6), (25, 12), (86, 150), (3, 3), (700, 640), (1, 0)])
def test_the_exact_p_value_is_that_of_statsmodels(b: int, c: int) -> None:
    tables: Any = pytest.importorskip("statsmodels.stats.contingency_tables")
    assert mcnemar(b, c).exact == pytest.approx(tables.mcnemar([[9, b], [c, 9]], exact=True).pvalue, rel=1e-9)


@pytest.mark.parametrize(("b", "c"), [(0, 6), (25, 12), (7, 8), (150, 86), (700, 640)])
def test_mid_p_values_count_what_is_as_extreme_half(b: int, c: int) -> None:
    ways = [Fraction(math.comb(b + c, heads), 2 ** (b + c)) for heads in range(b + c + 1)]
    beyond = sum(each for heads, each in enumerate(ways) if abs(2 * heads - b - c) > abs(b - c))
    as_far = sum(each for heads, each in enumerate(ways) if abs(2 * heads - b - c) == abs(b - c))
    assert mcnemar(b, c).mid_p == pytest.approx(float(beyond + as_far / 2), rel=1e-9)
    assert mcnemar(b, c).worse == pytest.approx(float(sum(ways[c + 1 :]) + ways[c] / 2), rel=1e-9)


def test_where_no_sample_differs_nothing_speaks_for_either() -> None:
    assert mcnemar(0, 0) == (1.0, 1.0, 0.5)
    assert mcnemar(8, 8) == pytest.approx((1.0, 1.0, 0.5), abs=1e-15)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_same_from_either_side(b: int, c: int) -> None:
    assert mcnemar(b, c)[:2] == mcnemar(c, b)[:2]
    assert mcnemar(b, c).worse + mcnemar(c, b).worse == pytest.approx(1, abs=1e-9)


# --- Tango ---


@pytest.mark.parametrize(
    ("b", "c", "n", "low", "high"),
    [
        (40, 20, 160, 0.03086, 0.21806), (1, 7, 21, -0.51723, -0.02600), (0, 1, 44, -0.11808, 0.05939),
        (0, 0, 100, -0.03699, 0.03699), (59, 121, 1273, -0.06963, -0.02837),
    ],
)  # fmt: skip
def test_tango_gives_the_golden_limits(b: int, c: int, n: int, low: float, high: float) -> None:
    assert tango(b, c, n)[:2] == pytest.approx((low, high), abs=5.1e-6)


@pytest.mark.parametrize(
    ("b", "c", "n", "low", "high"),
    [(20, 25, 1273, -1.29, 0.49), (12, 40, 1273, -3.19, -1.30), (0, 0, 1273, -0.21, 0.21)],
)
def test_tango_of_a_gate_gives_the_golden_points(b: int, c: int, n: int, low: float, high: float) -> None:
    found = tango(b, c, n, level=0.90)
    assert (100 * found.low, 100 * found.high) == pytest.approx((low, high), abs=0.0051)


def score(b: int, c: int, n: int, difference: float) -> float:
    """How many standard errors the data are from a difference, the rest of the likelihood maximised by number."""

    def unlikely(share: float) -> float:
        return -float(
            scipy.special.xlogy([b, c, n - b - c], [share + difference, share, 1 - 2 * share - difference]).sum()
        )

    bounds = (max(0.0, -difference), (1 - difference) / 2)
    share = scipy.optimize.minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-13}).x
    return (b - c - n * difference) / math.sqrt(n * (2 * share + difference - difference**2))


@pytest.mark.parametrize(("b", "c", "n"), [(40, 20, 160), (7, 1, 21), (20, 20, 50), (150, 3, 160), (500, 510, 4183)])
def test_both_limits_of_tango_are_as_far_from_the_data_as_the_level_says(b: int, c: int, n: int) -> None:
    low, high, method = tango(b, c, n)
    assert (score(b, c, n, low), score(b, c, n, high)) == pytest.approx((Z95, -Z95), abs=1e-4)
    assert method == "Tango"


def test_tango_has_a_width_where_all_samples_say_the_same() -> None:
    # Without a difference the limits are ± z² / (n + z²), and with nothing but differences that is what is left to 1.
    room = Z95**2 / (100 + Z95**2)
    assert tango(0, 0, 100)[:2] == pytest.approx((-room, room), abs=1e-12)
    low, high, _ = tango(100, 0, 100)
    assert (low, high) == pytest.approx((1 - 2 * room, 1.0), abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_tango_is_its_own_mirror_image_and_holds_the_difference(counts: tuple[int, int, int]) -> None:
    b, either, n = counts
    c = min(either, n - b)
    low, high, _ = tango(b, c, n)
    assert tango(c, b, n)[:2] == (-high, -low)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert low < high


# --- Student's t, with and without clusters ---


def test_the_golden_pair_of_systems() -> None:
    found = paired_t(BASE, NEW)
    assert found.value == pytest.approx(0.2, abs=1e-12)
    assert (found.high - found.low) / 2 == pytest.approx(0.133333 * scipy.stats.t.ppf(0.975, 9), abs=1e-5)
    assert sign_flip([new - base for base, new in zip(BASE, NEW, strict=True)], seed=0) == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("level", [0.90, 0.95])
def test_paired_t_is_that_of_scipy(level: float) -> None:
    base, new = graded(57, 1, 0.05)
    theirs = scipy.stats.ttest_rel(new, base)
    limits = theirs.confidence_interval(level)
    found = paired_t(base.tolist(), new.tolist(), level=level)
    assert found[1:3] == pytest.approx((limits.low, limits.high), rel=1e-9)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert found.method == "paired Student's t"


def test_clustered_t_is_the_regression_of_statsmodels() -> None:
    api: Any = pytest.importorskip("statsmodels.api")
    base, new = graded(60, 2, 0.04)
    groups = np.random.default_rng(3).integers(11, size=60)
    theirs = api.OLS(new - base, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    found = paired_t(base.tolist(), new.tolist(), clusters=[f"case {group}" for group in groups])
    assert found[1:3] == pytest.approx(tuple(theirs.conf_int()[0]), rel=1e-9)
    assert found.p == pytest.approx(theirs.pvalues[0], rel=1e-9)
    assert found.method == "CR1 over 11 clusters"


def test_doubling_every_sample_within_its_cluster_changes_no_limit() -> None:
    base, new = [each.tolist() for each in graded(40, 4, 0.1)]
    cases = [str(place % 8) for place in range(40)]
    once = paired_t(base, new, clusters=cases)
    assert paired_t(base * 2, new * 2, clusters=cases * 2)[1:3] == pytest.approx(once[1:3], rel=1e-12)
    assert paired_t(base * 2, new * 2)[1:3] != pytest.approx(paired_t(base, new)[1:3], rel=1e-3)


def test_a_hundred_times_the_marks_are_a_hundred_times_the_limits() -> None:
    base, new = graded(40, 5, 0.1)
    found = paired_t(base.tolist(), new.tolist())
    assert paired_t((100 * base).tolist(), (100 * new).tolist())[:3] == pytest.approx(
        [100 * each for each in found[:3]]
    )


def test_nothing_to_tell_apart_is_said() -> None:
    assert paired_t([0.5, 0.1], [0.5, 0.1]) == (0.0, 0.0, 0.0, "none: no difference in any sample", 1.0)
    assert paired_t([0.5], [0.75]) == (0.25, 0.25, 0.25, "none: n < 2", 1.0)
    assert paired_t([0.5, 0.1], [0.75, 0.1], clusters=["a", "a"]) == (0.125, 0.125, 0.125, "none: one cluster", 1.0)
    assert paired_t([0.0, 1.0] * 2, [1.0, 0.0] * 2, clusters=["a", "a", "b", "b"]).p == 1.0


def test_differences_that_are_all_the_same_have_the_p_value_of_their_signs_and_no_interval() -> None:
    said = "none: every difference is the same"
    assert paired_t([0.0, 0.25], [0.5, 0.75]) == (0.5, 0.5, 0.5, said, 0.5)
    # Rounding is no spread.
    found = paired_t([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])
    assert (found.method, found.p) == (said, 0.25)
    assert found.p == pytest.approx(sign_flip([1.0] * 3, 0))


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_what_is_no_number_is_refused(odd: float) -> None:
    with pytest.raises(ValueError, match="A difference is no number"):
        paired_t([1.0, odd, 0.0], [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="A difference is no number"):
        sign_flip([odd, 1.0], 0)


# --- signs ---


def on_samples(differences: list[float]) -> float:
    """The exact p-value of scipy: every sign of every difference."""
    return float(
        scipy.stats.permutation_test(
            (np.array(differences),), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True,
        ).pvalue
    )  # fmt: skip


@pytest.mark.parametrize(
    "differences",
    [
        [0.31, -0.12, 0.4, 0.22, -0.05, 0.17, 0.3], [0.5, 0.5, -0.25, 0.25, 0.5, 0.0, -0.5, 0.75, 0.25],
        [1.0, 1.0, 0.0, -1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0], [0.1, 0.2, -0.3, 0.1, 0.1, 0.2], [-2.0, 3.5],
    ],
)  # fmt: skip
def test_all_signs_give_the_p_value_of_scipy(differences: list[float]) -> None:
    assert sign_flip(differences, seed=0) == pytest.approx(on_samples(differences), rel=1e-9)


def test_signs_of_right_and_wrong_are_the_exact_mcnemar() -> None:
    assert sign_flip([1.0] * 25 + [-1.0] * 12 + [0.0] * 500, seed=0) == pytest.approx(mcnemar(25, 12).exact, rel=1e-9)


def test_whole_clusters_turn_together() -> None:
    differences = [0.3, -0.1, 0.2, 0.25, -0.4, 0.1, 0.15, 0.5]
    found = sign_flip(differences, seed=0, clusters=list("aabbccde"))
    assert found == pytest.approx(on_samples([0.2, 0.45, -0.3, 0.15, 0.5]), rel=1e-9)


def test_drawn_signs_come_near_to_all_of_them() -> None:
    differences = np.random.default_rng(9).normal(0.3, 0.6, 14).tolist()
    exact = on_samples(differences)
    assert 0.03 < exact < 0.3
    # 5,000 draws err by .005 at most, and no seed by four times that.
    assert sign_flip(differences, seed=1, draws=5_000) == pytest.approx(exact, abs=0.02)
    assert sign_flip(differences, seed=1, draws=5_000) != sign_flip(differences, seed=2, draws=5_000)


def test_signs_drawn_in_one_batch_or_several_are_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = np.random.default_rng(9).normal(0.3, 0.6, 14).tolist()
    monkeypatch.setattr("medeval.stats.paired.CELLS", 14 * 700)
    assert sign_flip(differences, seed=1, draws=5_000) == pytest.approx(on_samples(differences), abs=0.02)


def test_no_difference_has_no_sign() -> None:
    assert sign_flip([0.0, 0.0], seed=0) == 1.0
    assert sign_flip([0.25, -0.25, 0.5, -0.5], seed=0) == pytest.approx(1.0, abs=1e-12)


# --- what marks come to ---


def bleu(marks: Floats, weights: Floats) -> Floats:
    """BLEU out of lengths, hits and n-grams, for texts long enough to have hits of every order."""
    sums = weights @ marks
    said, wanted, hits, grams = sums[..., 0], sums[..., 1], sums[..., 2:6], sums[..., 6:10]
    values: Floats = np.exp(np.log(hits / grams).mean(axis=-1) + np.minimum(0, 1 - wanted / said))
    return 100 * values


def texts() -> tuple[list[str], list[str], list[str]]:
    """References, and what two systems made of them: each gets some words wrong."""
    dice = np.random.default_rng(8)
    words = [f"w{number}" for number in range(60)]
    references = [[str(word) for word in dice.choice(words, dice.integers(8, 20))] for _ in range(120)]

    def garbled(share: float) -> list[str]:
        return [
            " ".join([str(dice.choice(words)) if dice.random() < share else word for word in line])
            for line in references
        ]

    return [" ".join(line) for line in references], garbled(0.30), garbled(0.26)


def test_randomised_bleu_agrees_with_sacrebleu() -> None:
    metrics: Any = pytest.importorskip("sacrebleu.metrics")
    significance: Any = pytest.importorskip("sacrebleu.significance")
    references, base, new = texts()
    theirs = significance.PairedTest(
        [("base", base), ("new", new)], {"BLEU": metrics.BLEU()}, [references], n_samples=4_000
    )()[1]["BLEU"]
    marks = [np.array(metrics.BLEU()._extract_corpus_statistics(each, [references]), float) for each in (base, new)]
    found = randomised(marks[0], marks[1], bleu, seed=0)
    assert bleu(marks[1], np.ones((1, 120)))[0] == pytest.approx(theirs[1].score, abs=1e-9)
    assert 0.02 < theirs[1].p_value < 0.5
    assert found == pytest.approx(theirs[1].p_value, abs=0.02)


def test_a_randomised_mean_is_a_matter_of_signs() -> None:
    base, new = graded(14, 9, 0.2)
    exact = on_samples((new - base).tolist())
    assert 0.02 < exact < 0.3
    assert randomised(base, new, mean, seed=0) == pytest.approx(exact, abs=0.015)


def test_randomised_clusters_are_swapped_whole() -> None:
    base, new = graded(36, 30, 0.06)
    cases = [str(place // 3) for place in range(36)]
    exact = on_samples((new - base).reshape(12, 3).sum(axis=1).tolist())
    assert 0.02 < exact < 0.3
    assert randomised(base, new, mean, seed=0, clusters=cases) == pytest.approx(exact, abs=0.015)
    assert bootstrapped_difference(base, new, mean, seed=0, clusters=cases).p == pytest.approx(exact, abs=0.015)
    assert abs(randomised(base, new, mean, seed=0) - exact) > 0.03


def test_a_bootstrapped_difference_of_f1_is_that_of_scipy() -> None:
    base, new = picks(150, 11)

    def gained(places: npt.NDArray[np.int64], axis: int = -1) -> Floats:
        target = base[places, 0] > 0
        scores = []
        for marks in (base, new):
            said = marks[places, 1] > 0
            scores.append([
                2 * (asked & told).sum(axis=axis) / (asked.sum(axis=axis) + told.sum(axis=axis))
                for asked, told in ((target, said), (~target, ~said))
            ])  # fmt: skip
        values: Floats = np.mean(scores[1], axis=0) - np.mean(scores[0], axis=0)
        return values

    theirs = scipy.stats.bootstrap(
        (np.arange(150),), gained, n_resamples=20_000, batch=5_000, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    found = bootstrapped_difference(base, new, f1, seed=0, draws=20_000)
    assert found.value == pytest.approx(float(gained(np.arange(150))), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.006)
    assert found.method.startswith("BCa bootstrap")


def test_a_bootstrapped_mean_is_near_to_students_t() -> None:
    base, new = graded(200, 12, 0.03)
    exact = paired_t(base.tolist(), new.tolist())
    found = bootstrapped_difference(base, new, mean, seed=0)
    assert found[:3] == pytest.approx(exact[:3], abs=0.003)
    assert found.p == pytest.approx(exact.p, abs=0.02)
    narrow = bootstrapped_difference(base, new, mean, seed=0, level=0.5, accelerated=False)
    assert narrow.method.startswith("percentile bootstrap")
    # .6745 of 1.96 standard errors.
    assert narrow.high - narrow.low == pytest.approx((exact.high - exact.low) * 0.344, rel=0.05)


def test_systems_that_reply_the_same_do_not_differ() -> None:
    base, _ = picks(50, 13)
    value, low, high, method, p = bootstrapped_difference(base, base, f1, seed=0, draws=200)
    assert (value, low, high, p) == (0.0, 0.0, 0.0, 1.0)
    assert "every draw gives the same" in method


def test_a_difference_without_a_value_speaks_for_chance() -> None:
    base, new = graded(20, 14)
    assert randomised(base, new, lambda marks, weights: mean(marks, weights) * math.nan, seed=0, draws=99) == 1.0


def test_marks_of_other_people_are_compared_as_they_are() -> None:
    base, new = graded(14, 9, 0.12)
    ours, theirs = [np.empty(14, dtype=object) for _ in range(2)]
    ours[:], theirs[:] = [(each,) for each in base], [{"mark": each} for each in new]

    def opened(marks: Any, weights: Floats) -> Floats:
        each = [mark[0] if isinstance(mark, tuple) else mark["mark"] for mark in marks]
        return mean(np.array(each), weights)

    found = bootstrapped_difference(ours, theirs, opened, seed=0, draws=4_000)
    assert found.value == pytest.approx(float((new - base).mean()), abs=1e-12)
    assert found.p == pytest.approx(on_samples((new - base).tolist()), abs=0.025)


# --- seeds, order, sides ---

CASES = [str(place % 13) for place in range(90)]
WAYS: dict[str, Callable[[Floats, Floats, list[str], int], Difference]] = {
    "t": lambda base, new, cases, seed: paired_t(base[:, 1].tolist(), new[:, 1].tolist()),
    "clustered t": lambda base, new, cases, seed: paired_t(base[:, 1].tolist(), new[:, 1].tolist(), clusters=cases),
    "bootstrap": lambda base, new, cases, seed: bootstrapped_difference(base, new, f1, seed, draws=500),
    "clustered bootstrap": lambda base, new, cases, seed: bootstrapped_difference(
        base, new, f1, seed, draws=500, clusters=cases
    ),
    "bootstrapped grades": lambda base, new, cases, seed: bootstrapped_difference(
        base[:, 1] + base[:, 0] / 3, new[:, 1] + new[:, 0] / 3, mean, seed, draws=500
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_order_of_the_samples_changes_no_bit(way: str) -> None:
    base, new = picks(90, 15)
    order = np.random.default_rng(16).permutation(90)
    cases = [CASES[place] for place in order]
    compare = WAYS[way]
    assert compare(base[order], new[order], cases, 5) == compare(base, new, CASES, 5)


@pytest.mark.parametrize("way", WAYS)
def test_the_other_way_round_is_the_mirror_image(way: str) -> None:
    base, new = picks(90, 15)
    compare = WAYS[way]
    value, low, high, method, p = compare(base, new, CASES, 5)
    assert value != 0
    assert compare(new, base, CASES, 5) == (-value, -high, -low, method, p)


def test_signs_ask_neither_for_the_order_nor_for_the_side() -> None:
    base, new = graded(40, 17, 0.05)
    differences = (new - base).tolist()
    found = sign_flip(differences, seed=3)
    assert found == sign_flip(differences[::-1], seed=3) == sign_flip([-each for each in differences], seed=3)
    assert found != sign_flip(differences, seed=4)


def test_swaps_ask_neither_for_the_order_nor_for_the_side() -> None:
    base, new = picks(60, 19)
    found = randomised(base, new, f1, seed=3)
    assert found == randomised(base[::-1], new[::-1], f1, seed=3) == randomised(new, base, f1, seed=3)
    assert found != randomised(base, new, f1, seed=4)


def test_students_t_does_not_ask_for_the_order() -> None:
    base, new = graded(400, 20, 0.01)
    found = paired_t(base.tolist(), new.tolist())
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(400)
        assert paired_t(base[order].tolist(), new[order].tolist()) == found


@pytest.mark.parametrize("clusters", [None, CASES])
def test_a_seed_gives_the_same_twice_and_for_any_number_of_workers(
    clusters: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, new = picks(90, 18)
    # Small batches, so that there are many.
    for module in ("paired", "bootstrap"):
        monkeypatch.setattr(f"medeval.stats.{module}.CELLS", 90 * 40)

    def play(seed: int, workers: int) -> Difference:
        return bootstrapped_difference(base, new, f1, seed, clusters=clusters, draws=1_000, workers=workers)

    found = play(1, 1)
    assert found == play(1, 1) == play(1, 8)
    other = play(2, 1)
    assert found.value == other.value
    # Few clusters are left out in turn, and nothing is drawn for their interval.
    assert (found.low != other.low) == (clusters is None)
    assert found.p != other.p
