"""The smallest difference that samples show where every flip goes the same way."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.stats.power import detectable, least, quantile, wanted

NS = st.integers(1, 20_000)


@pytest.mark.parametrize(("alpha", "one_sided"), [(0.05, False), (0.01, True), (0.001, True), (0.05 / 40, False)])
@pytest.mark.parametrize("n", [4, 5, 6, 7, 8, 10, 14, 30, 135, 500, 1273, 4183, 11_200])
def test_as_many_samples_show_it_as_there_are(n: int, alpha: float, one_sided: bool) -> None:
    found = least(n, alpha=alpha, one_sided=one_sided)
    level = scipy.stats.norm.ppf(1 - (alpha if one_sided else alpha / 2))
    if n <= level**2:
        assert found == 1.0, "no difference at all is shown by so few"
        return
    # Connor's formula, with all that is discordant on one side.
    strength = scipy.stats.norm.ppf(0.8)
    needed = (level * math.sqrt(found) + strength * math.sqrt(found - found**2)) ** 2 / found**2
    assert needed == pytest.approx(n, rel=1e-6)
    assert wanted(found * 1.000001, found * 1.000001, alpha=alpha, one_sided=one_sided) in (n, n - 1)


@settings(deadline=None, max_examples=60)
@given(NS, st.sampled_from([0.05, 0.01, 0.001]), st.booleans())
def test_more_samples_show_less_and_it_is_always_a_share(n: int, alpha: float, one_sided: bool) -> None:
    found, more = [least(each, alpha=alpha, one_sided=one_sided) for each in (n, n + 1)]
    assert 0 < more <= found <= 1
    assert more < found or found == 1


@pytest.mark.parametrize("n", [30, 500, 4183])
def test_flips_both_ways_hide_more(n: int) -> None:
    found = least(n)
    assert detectable(n, found * 1.0001) == pytest.approx(found, rel=1e-3)
    assert detectable(n, found * 0.99) is None
    seen = [detectable(n, share) for share in (1.01 * found, 2 * found, 4 * found)]
    assert seen == sorted(seen, key=lambda each: each or 0.0)
    assert all(each is not None and each > found for each in seen)


def test_it_takes_some_ten_flips_whatever_n_is() -> None:
    assert [round(n * least(n), 1) for n in (500, 5_000, 50_000)] == pytest.approx([7.8] * 3, abs=0.1)
    assert least(1e6) * 1e6 == pytest.approx((1.959964 + 0.841621) ** 2, rel=1e-4)


def test_mcnemar_finds_it_as_often_as_the_power_says() -> None:
    """With all flips one way the mid-p of k flips is half to the power of k: six are enough at 0.05."""
    n = 2_000
    flips = np.random.default_rng(0).binomial(n, least(n), size=40_000)
    assert np.mean(0.5**flips < 0.05) == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95, 0.975, 0.999])
def test_the_quantile_is_that_of_scipy(share: float) -> None:
    assert quantile(share) == pytest.approx(float(scipy.stats.norm.ppf(share)), abs=1e-9)


@pytest.mark.parametrize("odd", [0.0, 1.0, -1.0])
def test_a_share_of_nothing_or_all_has_no_quantile(odd: float) -> None:
    with pytest.raises(ValueError, match="must be in the range"):
        quantile(odd)


def test_graded_and_paired_formulas_meet_where_all_flips_go_one_way() -> None:
    api: Any = pytest.importorskip("statsmodels.stats.power")
    n = 4_000
    found = least(n)
    # A share of flips has a spread of its own; of few flips that is nearly the root of the share.
    effect = found / math.sqrt(found - found**2)
    assert api.normal_power(effect, n, 0.05) == pytest.approx(0.8, abs=0.01)
