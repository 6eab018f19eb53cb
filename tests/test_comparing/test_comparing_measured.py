"""Differences of means, of parts and of what marks come to, held against printed values and other implementations."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval import metrics
from medeval.comparing.measured import Measured, of_gathered, of_means, of_parts
from medeval.metrics.base import Metric
from medeval.stats import paired
from tests.test_comparing.made import counted

Floats = npt.NDArray[np.float64]
LEVELS = (0.90, 0.95)
QUICK = settings(deadline=None, max_examples=25)
GRADES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 4)), min_size=2, max_size=30
)  # fmt: skip


def of_counts(b: int, c: int, n: int) -> Measured:
    base, new = counted(b, c, n)
    return of_means(np.array(base), np.array(new), (), LEVELS)


def drawn(n: int, seed: int, gap: float = 0.0) -> tuple[Floats, Floats]:
    """Grades of two systems, in eighths."""
    dice = np.random.default_rng(seed)
    base, new = dice.integers(0, 9, size=(2, n)) / 8
    return base, np.clip(new + gap, 0, 1)


def mirrored(found: Measured) -> tuple[object, ...]:
    """What the other way round must give."""
    return (
        found.new, found.base, -found.value, tuple([(-high, -low, said) for low, high, said in found.limits]), found.p,
        found.n, found.n_eff, found.down, found.up, found.changed, found.exact, found.graded,
    )  # fmt: skip


def told(found: Measured) -> tuple[object, ...]:
    return (
        found.base, found.new, found.value, tuple([tuple(each) for each in found.limits]), found.p, found.n,
        found.n_eff, found.up, found.down, found.changed, found.exact, found.graded,
    )  # fmt: skip


def held(found: Measured) -> None:
    """Limits hold the difference, and those of 90 % lie within those of 95 %."""
    narrow, wide = found.limits
    assert wide.low <= narrow.low <= found.value <= narrow.high <= wide.high
    assert 0 <= found.lower <= 1
    assert 0 <= found.p <= 1


# --- right and wrong ---


@pytest.mark.parametrize(
    ("b", "c", "n", "value", "low", "high"),
    [
        (40, 20, 160, 0.125, 0.03086, 0.21806), (1, 7, 21, -0.28571, -0.51723, -0.02600),
        (0, 1, 44, -0.02273, -0.11808, 0.05939), (0, 0, 100, 0.0, -0.03699, 0.03699),
        (59, 121, 1273, -0.04870, -0.06963, -0.02837),
    ],
)  # fmt: skip
def test_limits_of_95_per_cent_are_those_of_tango(  # noqa: PLR0917
    b: int, c: int, n: int, value: float, low: float, high: float
) -> None:
    found = of_counts(b, c, n)
    assert (found.value, *found.limits[1][:2]) == pytest.approx((value, low, high), abs=6e-6)
    assert (found.up, found.down, found.n, found.n_eff, found.graded) == (b, c, n, n, False)
    assert found.limits[1].method == "Tango"
    assert found.new - found.base == pytest.approx(found.value, abs=1e-12)


@pytest.mark.parametrize(
    ("b", "c", "n", "points"),
    [
        (20, 25, 1273, (-0.39, -1.29, 0.49)), (12, 40, 1273, (-2.20, -3.19, -1.30)), (0, 0, 1273, (0, -0.21, 0.21)),
        (30, 60, 4183, (-0.72, -1.10, -0.35)),
    ],
)  # fmt: skip
def test_limits_of_90_per_cent_are_those_of_a_gate(b: int, c: int, n: int, points: tuple[float, float, float]) -> None:
    found = of_counts(b, c, n)
    # Printed to a hundredth of a point.
    assert [100 * each for each in (found.value, *found.limits[0][:2])] == pytest.approx(points, abs=0.0051)


def test_few_questions_leave_any_sane_margin_open() -> None:
    found = of_counts(3, 4, 135)
    assert [100 * each for each in (found.value, *found.limits[0][:2])] == pytest.approx((-0.74, -4.5, 2.9), abs=0.051)


@pytest.mark.parametrize(
    ("b", "c", "exact", "mid_p"),
    [
        (25, 12, 0.047031, 0.033552), (5, 15, 0.041389, 0.026604), (0, 6, 0.03125, 0.015625),
        (1, 7, 0.070312, 0.039062),
    ],
)  # fmt: skip
def test_chances_are_mcnemars_mid_p_and_his_exact_one(b: int, c: int, exact: float, mid_p: float) -> None:
    found = of_counts(b, c, 300)
    assert (found.exact, found.p) == pytest.approx((exact, mid_p), abs=6e-7)


def test_the_exact_chance_of_many_flips_is_the_one_that_r_prints() -> None:
    assert of_counts(86, 150, 794).exact == pytest.approx(3.7159e-5, abs=5e-10)


@pytest.mark.parametrize(("b", "c", "n", "lower"), [(12, 40, 1273, 4e-5), (30, 60, 4183, 8e-4)])
def test_the_chance_of_being_that_much_worse_is_one_sided(b: int, c: int, n: int, lower: float) -> None:
    found = of_counts(b, c, n)
    assert found.lower == pytest.approx(lower, rel=0.13)
    tail = scipy.stats.binom(b + c, 0.5)
    assert found.lower == pytest.approx(tail.sf(c - 1) - tail.pmf(c) / 2, rel=1e-9)
    assert of_counts(c, b, n).lower == pytest.approx(1 - found.lower, rel=1e-9)


@QUICK
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_right_and_wrong_the_other_way_round_are_the_mirror_image(counts: tuple[int, int, int]) -> None:
    b, either, n = counts
    c = min(either, n - b)
    found = of_counts(b, c, n)
    held(found)
    assert told(of_counts(c, b, n)) == mirrored(found) or b == c
    narrow, wide = found.limits
    assert wide.low < wide.high
    assert wide.low >= -1
    assert wide.high <= 1
    assert narrow.high - narrow.low < wide.high - wide.low or n == 1


# --- grades ---


def test_grades_are_compared_as_scipy_does() -> None:
    base, new = drawn(60, 1, 0.1)
    theirs = scipy.stats.ttest_rel(new, base)
    found = of_means(base, new, (), LEVELS)
    for level, limits in zip(LEVELS, found.limits, strict=True):
        assert limits[:2] == pytest.approx(tuple(theirs.confidence_interval(level)), rel=1e-9)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert found.lower == pytest.approx(scipy.stats.ttest_rel(new, base, alternative="less").pvalue, rel=1e-9)
    assert (found.graded, found.exact, found.n_eff) == (True, None, 60.0)
    assert found.variance == pytest.approx(float(np.var(new - base, ddof=1)))
    assert (found.up, found.down) == (int((new > base).sum()), int((new < base).sum()))


@QUICK
@given(GRADES, st.booleans())
def test_grades_the_other_way_round_are_the_mirror_image(rows: list[tuple[int, int, int]], in_clusters: bool) -> None:
    one, two, owners = [np.array(column) for column in zip(*rows, strict=True)]
    clusters = [str(each) for each in owners] if in_clusters else ()
    found = of_means(one / 8, two / 8, clusters, LEVELS)
    held(found)
    assert told(of_means(two / 8, one / 8, clusters, LEVELS)) == mirrored(found)
    if found.value:
        assert of_means(two / 8, one / 8, clusters, LEVELS).lower == pytest.approx(1 - found.lower)


@QUICK
@given(GRADES, st.randoms(use_true_random=False))
def test_the_order_of_samples_changes_no_bit(rows: list[tuple[int, int, int]], dice: Any) -> None:
    def found(some: Sequence[tuple[int, int, int]]) -> object:
        one, two, owners = [np.array(column) for column in zip(*some, strict=True)]
        each = of_means(one / 8, two / 8, [str(owner) for owner in owners], LEVELS)
        return each.value, each.limits, each.p, each.up, each.down

    assert found(dice.sample(rows, len(rows))) == found(rows)


def test_a_hundred_times_the_grades_are_a_hundred_times_the_limits() -> None:
    base, new = drawn(50, 2, 0.05)
    once, often = of_means(base, new, (), LEVELS), of_means(100 * base, 100 * new, (), LEVELS)
    assert often.p == pytest.approx(once.p)
    for one, two in zip(once.limits, often.limits, strict=True):
        assert two[:2] == pytest.approx([100 * each for each in one[:2]])


def test_the_spread_of_differences_that_are_large_beside_it_is_kept() -> None:
    """As of perplexities, whose differences may be a thousand with a spread of a hundredth."""
    base, new = drawn(50, 12)
    found = of_means(1e6 * np.ones(50), 1e6 + 1e3 + (new - base) / 100, (), LEVELS)
    assert found.variance == pytest.approx(float(np.var(new - base, ddof=1)) / 1e4, rel=1e-3)


# --- clusters ---


def test_clusters_are_compared_by_the_regression_of_statsmodels() -> None:
    api: Any = pytest.importorskip("statsmodels.api")
    base, new = [np.round(each) for each in drawn(90, 3, 0.1)]
    groups = np.random.default_rng(3).integers(12, size=90)
    theirs = api.OLS(new - base, np.ones(90)).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    found = of_means(base, new, [f"case {group}" for group in groups], LEVELS)
    assert not found.graded, "right and wrong"
    assert found.limits[1].method == "CR1 over 12 clusters"
    for level, limits in zip(LEVELS, found.limits, strict=True):
        assert limits[:2] == pytest.approx(tuple(theirs.conf_int(1 - level)[0]), rel=1e-9)
    assert found.p == pytest.approx(theirs.pvalues[0], rel=1e-9)
    # As many independent samples would have the same standard error.
    assert found.n_eff == pytest.approx(90 * (np.var(new - base, ddof=1) / 90) / theirs.bse[0] ** 2, rel=1e-9)


def in_cases(cases: int, size: int, seed: int) -> tuple[Floats, Floats, list[str]]:
    """Two systems on cases of several questions each, on which they fare alike within a case."""
    dice = np.random.default_rng(seed)
    lean = dice.random((2, cases)).repeat(size, axis=1)
    base, new = (dice.random((2, cases * size)) < lean**0.3 * 0.5 + (lean > 0.5) * 0.4).astype(float)
    return base, new, [str(case) for case in range(cases) for _ in range(size)]


def test_questions_about_one_case_are_worth_less_than_as_many_cases() -> None:
    base, new, cases = in_cases(40, 10, 4)
    naive, found = of_means(base, new, (), LEVELS), of_means(base, new, cases, LEVELS)
    assert found.value == pytest.approx(naive.value)
    for one, two in zip(naive.limits, found.limits, strict=True):
        assert two.high - two.low > 1.3 * (one.high - one.low)
    assert found.n_eff < 0.6 * naive.n_eff
    assert found.p != pytest.approx(naive.p)


@pytest.mark.parametrize("times", [2, 3])
def test_every_sample_several_times_within_its_cluster_changes_no_limit(times: int) -> None:
    base, new, cases = in_cases(15, 4, 5)
    once = of_means(base, new, cases, LEVELS)
    often = of_means(np.tile(base, times), np.tile(new, times), cases * times, LEVELS)
    for one, two in zip(once.limits, often.limits, strict=True):
        assert two[:2] == pytest.approx(one[:2], rel=1e-9)
    assert often.p == pytest.approx(once.p, rel=1e-9)
    naive = [of_means(np.tile(base, count), np.tile(new, count), (), LEVELS).limits[1] for count in (1, times)]
    assert naive[1].high - naive[1].low < 0.8 * (naive[0].high - naive[0].low)


def test_five_per_cent_of_equal_systems_in_clusters_are_called_different() -> None:
    dice = np.random.default_rng(6)
    cases = [str(place // 10) for place in range(200)]
    found = naive = 0
    for _ in range(150):
        lean = dice.random((2, 20)).repeat(10, axis=1)
        base, new = (dice.random((2, 200)) < lean).astype(float)
        found += of_means(base, new, cases, (0.95,)).p < 0.05
        naive += of_means(base, new, (), (0.95,)).p < 0.05
    # 150 times .05 are 7.5; three standard errors are 8.
    assert found <= 15
    assert naive > 35


def test_one_cluster_tells_nothing() -> None:
    base, new = drawn(8, 7)
    found = of_means(base, new, ["a"] * 8, LEVELS)
    assert (found.p, found.limits[0].method, found.n_eff) == (1.0, "none: one cluster", 1.0)


# --- nothing differs ---


@pytest.mark.parametrize("clusters", [(), [str(place % 12) for place in range(48)]])
@pytest.mark.parametrize("marks", [[0.0, 1.0] * 24, [0.25, 0.5, 1.0] * 16])
def test_where_no_sample_differs_there_still_is_an_interval(marks: list[float], clusters: Sequence[str]) -> None:
    same = np.array(marks)
    found = of_means(same, same, clusters, LEVELS)
    assert (found.value, found.p, found.up, found.down, found.flips) == (0.0, 1.0, 0, 0, 0.0)
    units = 12 if clusters else 48
    for level, limits in zip(LEVELS, found.limits, strict=True):
        assert limits[:2] == pytest.approx(paired.tango(0, 0, units, level)[:2])
        assert limits.low < 0 < limits.high


def test_grades_of_a_scale_of_their_own_that_do_not_differ_have_no_width() -> None:
    same = np.array([3.0, 4.0, 5.0])
    found = of_means(same, same, (), LEVELS)
    assert found.limits[1] == (0.0, 0.0, "none: no difference in any sample")
    assert found.p == 1.0


def test_samples_that_make_up_for_each_other_within_their_clusters_are_not_said_to_be_the_same() -> None:
    found = of_means(np.array([0.0, 1.0] * 2), np.array([1.0, 0.0] * 2), list("aabb"), LEVELS)
    assert (found.value, found.p, found.flips) == (0.0, 1.0, 1.0)
    for limits in found.limits:
        assert "no sample differs" not in limits.method
        assert limits.low <= 0 <= limits.high


# --- parts ---

PARTS = [("x", "a")] * 40 + [("x", "b")] * 20 + [("y", "c")] * 60
WEIGHTS = {("x", "a"): 1 / 4, ("x", "b"): 1 / 4, ("y", "c"): 1 / 2}


def by_parts(base: Floats, new: Floats, clusters: Sequence[str] = ()) -> Measured:
    return of_parts(base, new, PARTS, clusters, LEVELS)


def test_a_mean_of_types_is_put_together_of_its_parts() -> None:
    base, new = [np.round(each) for each in drawn(120, 8, 0.15)]
    found = by_parts(base, new)
    held(found)
    places = {part: [place for place, each in enumerate(PARTS) if each == part] for part in WEIGHTS}
    for which, value in (("base", found.base), ("new", found.new)):
        marks = {"base": base, "new": new}[which]
        assert value == pytest.approx(sum(WEIGHTS[part] * marks[at].mean() for part, at in places.items()))
    assert found.value == pytest.approx(found.new - found.base)
    assert found.value != pytest.approx((new - base).mean())
    for level, limits in zip(LEVELS, found.limits, strict=True):
        each = {part: of_means(base[at], new[at], (), (level,)) for part, at in places.items()}
        below = sum((WEIGHTS[part] * (one.value - one.limits[0].low)) ** 2 for part, one in each.items())
        assert limits.low == pytest.approx(found.value - math.sqrt(below))
    assert (found.up, found.down) == (int((new > base).sum()), int((new < base).sum()))


def test_parts_the_other_way_round_are_the_mirror_image() -> None:
    base, new = [np.round(each) for each in drawn(120, 9, 0.1)]
    found = by_parts(base, new)
    assert found.value
    assert told(by_parts(new, base)) == mirrored(found)


def test_parts_that_do_not_differ_have_an_interval() -> None:
    same = np.round(drawn(120, 10)[0])
    found = by_parts(same, same)
    assert (found.value, found.p) == (0.0, 1.0)
    assert found.limits[1].low < found.limits[0].low < 0 < found.limits[0].high < found.limits[1].high


def test_parts_of_clusters_are_worth_no_more_than_their_clusters() -> None:
    base, new = [np.round(each) for each in drawn(120, 11)]
    once = by_parts(base, new, [str(place // 4) for place in range(120)])
    often = of_parts(
        np.tile(base, 2), np.tile(new, 2), PARTS * 2, [str(place // 4) for place in range(120)] * 2, LEVELS
    )  # fmt: skip
    assert often.limits[1][:2] == pytest.approx(once.limits[1][:2], rel=1e-9)
    assert often.n_eff == pytest.approx(once.n_eff, rel=0.05)
    assert once.n_eff <= 120


def test_the_chance_of_parts_goes_with_their_interval() -> None:
    agreed = 0
    for seed in range(40):
        base, new = [np.round(each) for each in drawn(120, 100 + seed, 0.1)]
        found = by_parts(base, new)
        low, high, _ = found.limits[1]
        agreed += (found.p < 0.05) == (low > 0 or high < 0)
    assert agreed >= 38


# --- what marks come to ---


def f1() -> Metric:
    return metrics.macro_f1("yes", "no", "maybe")


def picks(n: int, seed: int, share: float) -> list[tuple[float, float]]:
    """Places of right and picked labels; -1 is an unread answer."""
    target = np.random.default_rng(0).choice([0, 0, 0, 1, 1, 2], n)
    dice = np.random.default_rng(seed)
    said = np.where(dice.random(n) < share, target, dice.integers(-1, 3, n))
    return [(float(one), float(two)) for one, two in zip(target, said, strict=True)]


def gathered(base: Sequence[object], new: Sequence[object], clusters: Sequence[str] = ()) -> Measured:
    return of_gathered(f1(), base, new, clusters, LEVELS, seed=7, draws=300)


def test_macro_f1_of_both_is_that_of_sklearn() -> None:
    theirs: Any = pytest.importorskip("sklearn.metrics")
    base, new = picks(90, 1, 0.5), picks(90, 2, 0.7)
    found = gathered(base, new)
    held(found)
    for marks, value in ((base, found.base), (new, found.new)):
        target, said = zip(*marks, strict=True)
        assert value == pytest.approx(theirs.f1_score(target, said, labels=[0, 1, 2], average="macro"))
    assert found.value == pytest.approx(found.new - found.base)
    assert found.changed == sum(one != two for one, two in zip(base, new, strict=True))
    assert (found.up, found.down) == (0, 0), "a pick is neither above nor below another"


@pytest.mark.parametrize("clusters", [(), [str(place // 2) for place in range(90)]])
def test_macro_f1_the_other_way_round_is_the_mirror_image(clusters: Sequence[str]) -> None:
    base, new = picks(90, 1, 0.5), picks(90, 2, 0.7)
    found = gathered(base, new, clusters)
    assert found.value
    assert told(gathered(new, base, clusters)) == mirrored(found)
    assert found.n_eff == (45.0 if clusters else 90.0)


def test_replies_that_are_the_same_are_no_difference_in_macro_f1_and_leave_a_width() -> None:
    base = picks(90, 1, 0.5)
    found = gathered(base, base)
    assert (found.value, found.p, found.flips) == (0.0, 1.0, 0.0)
    for limits in found.limits:
        assert limits.low < 0 < limits.high


def test_a_clear_gain_in_macro_f1_is_found_and_none_is_not() -> None:
    assert gathered(picks(90, 1, 0.1), picks(90, 2, 0.9)).p < 0.01
    assert gathered(picks(90, 1, 0.5), picks(90, 4, 0.5)).p > 0.05


# --- several takes of what is no mean ---


def of_takes(takes: Sequence[Sequence[object]], new: Sequence[object], clusters: Sequence[str] = ()) -> Measured:
    base, again = [*zip(*takes, strict=True)], [*zip(*[new] * len(takes), strict=True)]
    return of_gathered(f1(), base, again, clusters, LEVELS, seed=7, draws=300, takes=len(takes))


def test_macro_f1_against_three_takes_is_against_the_mean_of_theirs_and_not_of_all_answers_together() -> None:
    theirs: Any = pytest.importorskip("sklearn.metrics")
    takes, new = [picks(90, seed, 0.5) for seed in (1, 2, 3)], picks(90, 4, 0.7)
    values = [
        theirs.f1_score(*zip(*marks, strict=True), labels=[0, 1, 2], average="macro") for marks in (*takes, new)
    ]  # fmt: skip
    found = of_takes(takes, new)
    held(found)
    assert (found.base, found.new) == pytest.approx((np.mean(values[:3]), values[3]))
    together = [mark for marks in takes for mark in marks]
    pooled = theirs.f1_score(*zip(*together, strict=True), labels=[0, 1, 2], average="macro")
    assert abs(pooled - found.base) > 1e-3
    assert (found.n, found.n_eff) == (90, 90.0)
    assert found.changed == sum(len({*marks}) > 1 for marks in zip(*takes, new, strict=True))


@pytest.mark.parametrize("clusters", [(), [f"case {place // 3}" for place in range(90)]])
def test_three_equal_takes_are_as_good_as_one(clusters: Sequence[str]) -> None:
    base, new = picks(90, 1, 0.5), picks(90, 2, 0.7)
    one, three = gathered(base, new, clusters), of_takes([base] * 3, new, clusters)
    assert (three.base, three.new, three.value) == pytest.approx((one.base, one.new, one.value))
    assert [each[:2] for each in three.limits] == [pytest.approx(each[:2]) for each in one.limits]
    assert (three.p, three.n, three.n_eff, three.changed) == (one.p, one.n, one.n_eff, one.changed)


def test_the_order_of_takes_changes_nothing_that_is_told() -> None:
    takes, new = [picks(60, seed, 0.5) for seed in (1, 2, 3)], picks(60, 4, 0.6)
    one, other = of_takes(takes, new), of_takes(takes[::-1], new)
    assert (one.base, one.value) == pytest.approx((other.base, other.value))
    assert one.limits[1][:2] == pytest.approx(other.limits[1][:2], abs=0.03)


def test_a_mean_of_takes_is_surer_than_one_take() -> None:
    widths = {}
    for count in (1, 3):
        found = [
            of_takes([picks(120, seed + 10 * take, 0.3) for take in range(count)], picks(120, seed + 5, 0.3)).limits[1]
            if count > 1 else gathered(picks(120, seed, 0.3), picks(120, seed + 5, 0.3)).limits[1]
            for seed in range(100, 108)
        ]  # fmt: skip
        widths[count] = np.mean([each.high - each.low for each in found])
    assert widths[3] < 0.95 * widths[1]
