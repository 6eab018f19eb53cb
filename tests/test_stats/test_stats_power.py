"""Detectable differences, held against printed tables, a simulation and statsmodels."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from medeval.stats.power import detectable, detectable_graded, half_width, repeats_wanted, wanted, wanted_graded

DISCORDANCES = (0.03, 0.05, 0.10, 0.20)
# In points, at a power of .80: two-sided at .05, one-sided at .01. The table was made of the first hundredth of a point
# that suffices, and printed to a tenth.
TABLE = {
    135: ((None, None, 7.6, 10.7), None),
    500: ((2.2, 2.8, 4.0, 5.6), (2.5, 3.2, 4.5, 6.3)),
    1273: ((1.4, 1.8, 2.5, 3.5), (1.5, 2.0, 2.8, 4.0)),
    4183: ((0.8, 1.0, 1.4, 1.9), (0.9, 1.1, 1.6, 2.2)),
}


@pytest.mark.parametrize("n", TABLE)
def test_the_printed_table_comes_out_to_its_last_digit(n: int) -> None:
    def points(*, alpha: float, one_sided: bool) -> tuple[float | None, ...]:
        found = [detectable(n, each, alpha=alpha, one_sided=one_sided) for each in DISCORDANCES]
        return tuple([each and math.floor(math.ceil(10_000 * each) / 10 + 0.5) / 10 for each in found])

    two_sided, one_sided = TABLE[n]
    assert points(alpha=0.05, one_sided=False) == two_sided
    if one_sided:
        assert points(alpha=0.01, one_sided=True) == one_sided


@pytest.mark.parametrize("n", [135, 500, 1273, 4183])
@pytest.mark.parametrize("power", [0.3, 0.8, 0.95])
def test_a_detectable_difference_wants_as_many_samples_as_there_are(n: int, power: float) -> None:
    found = detectable(n, 0.2, power=power, one_sided=True)
    assert found is not None
    assert wanted(found, 0.2, power=power, one_sided=True) == n
    assert wanted(-found, 0.2, power=power, one_sided=True) == n
    assert wanted(found * 1.01, 0.2, power=power, one_sided=True) in range(int(n * 0.97), n)


def test_mcnemar_finds_the_detectable_difference_as_often_as_the_power_says() -> None:
    n, discordance, dice = 500, 0.10, np.random.default_rng(0)
    difference = detectable(n, discordance)
    assert difference is not None
    shares = [(discordance + difference) / 2, (discordance - difference) / 2, 1 - discordance]
    b, c, _ = dice.multinomial(n, shares, size=20_000).T
    fewer, both = np.minimum(b, c), b + c
    mid_p = 2 * scipy.stats.binom.cdf(fewer, both, 0.5) - scipy.stats.binom.pmf(fewer, both, 0.5)
    assert np.mean(mid_p < 0.05) == pytest.approx(0.8, abs=0.03)


def test_more_than_the_discordance_cannot_differ_and_nothing_is_no_difference() -> None:
    assert wanted(0.06, 0.05) is None
    assert wanted(0.0, 0.05) is None
    assert detectable(500, 0.0) is None
    assert detectable(1, 1.0) is None


def test_three_points_at_a_variance_of_a_ninth_want_969_samples() -> None:
    assert wanted_graded(0.03, 1 / 9) == 969
    assert detectable_graded(969, 1 / 9) == pytest.approx(0.03, abs=1e-6)


def test_graded_numbers_agree_with_the_normal_test_of_statsmodels() -> None:
    theirs: Any = pytest.importorskip("statsmodels.stats.power")
    n, spread = 300, 0.4
    for alternative, one_sided in [("two-sided", False), ("larger", True)]:
        effect = detectable_graded(n, 0.1, noise=0.06, alpha=0.01, power=0.9, one_sided=one_sided) / spread
        # Two-sided, theirs adds the chance to find it the wrong way round, which is nothing here.
        assert theirs.normal_power(effect, n, 0.01, alternative=alternative) == pytest.approx(0.9, abs=1e-9)


def test_takes_shrink_what_chance_in_the_replies_adds_and_nothing_else() -> None:
    # (1.959964 + 0.841621)² = 7.848879; 400 samples leave 400 · .05² / 7.848879 = .127407 to both variances together.
    assert repeats_wanted(0.05, 400, 0.10, 0.08) == math.ceil(0.08 / 0.027407) == 3
    assert wanted_graded(0.05, 0.10, noise=0.08 / 3) <= 400 < wanted_graded(0.05, 0.10, noise=0.08 / 2)
    assert repeats_wanted(0.05, 400, 0.128, 0.001) is None
    assert repeats_wanted(0.05, 400, 0.10, 0.0) == 1


def test_half_the_width_of_an_interval_is_that_of_scipy() -> None:
    limits = scipy.stats.binomtest(350, 500).proportion_ci(method="wilson")
    assert half_width(0.7, 500) == pytest.approx((limits.high - limits.low) / 2, abs=1e-12)
