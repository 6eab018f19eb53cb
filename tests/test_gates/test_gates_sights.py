"""What a gate can see: the vacuous ones are refused, and what they are told to take would do."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from medeval.baselines import Baseline
from medeval.catalog import Catalog
from medeval.errors import RequestError
from medeval.gates import sights
from medeval.gates.planned import planned
from medeval.gates.sights import ASSUMED, Sight, sight
from medeval.records import Setting
from medeval.stats import power
from tests.nights import GATE, NOTHING, gates, marked, night, of_counts, pinned

ALPHA = 0.01


def sighted(baseline: Baseline, alpha: float = ALPHA) -> Sight:
    pin = baseline.cells[0]
    return sight(pin, pin.result.first, alpha)


def of_one(root: Path, n: int, **parts: object) -> Baseline:
    night(root, "base", marked(n * 3 // 4, n), **parts)  # type: ignore[arg-type]
    return pinned(root, "base")


def flipping(root: Path, n: int, share: float) -> Baseline:
    """Three takes of which any two differ on that share of the samples."""
    each = round(n * share / 2)
    base = marked(n * 3 // 4, n)
    for take in range(3):
        marks = [*base]
        for place in range(each):
            marks[take * each + place] = 1 - marks[take * each + place]
        night(root, f"take{take}", marks)
    return pinned(root, "take0", "take1", "take2")


@pytest.mark.parametrize(
    ("n", "share", "seen"), [(500, 0.03, 2.5), (500, 0.05, 3.2), (1273, 0.03, 1.5), (1273, 0.05, 2.0),
                             (1273, 0.10, 2.8), (1273, 0.20, 4.0), (4183, 0.03, 0.9), (4183, 0.10, 1.6)],
)  # fmt: skip
def test_a_gate_sees_what_the_table_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n: int, share: float, seen: float
) -> None:
    """One run against one, one-sided, 1 %, four times in five: the published table."""
    monkeypatch.setattr(sights, "ASSUMED", share)
    assert 100 * sighted(of_one(tmp_path, n)).seen == pytest.approx(seen, abs=0.06)


@pytest.mark.parametrize(("n", "share"), [(500, 0.05), (1273, 0.03), (1273, 0.20), (4183, 0.10)])
def test_against_the_mean_of_three_takes_a_gate_sees_more(tmp_path: Path, n: int, share: float) -> None:
    """Two takes differ by two chances, a night and the mean of three by one and a third."""
    found = sighted(flipping(tmp_path, n, share))
    assert found.measured
    assert found.flips == pytest.approx(share, abs=1.5 / n)
    assert found.seen == pytest.approx((2.3263 + 0.8416) * np.sqrt(2 / 3 * found.flips / n), rel=1e-3)


def test_one_take_is_assumed_to_flip_as_was_measured_elsewhere(tmp_path: Path) -> None:
    found = sighted(of_one(tmp_path, 1273))
    assert (found.flips, found.measured, found.variance) == (ASSUMED, False, 0.0)
    assert found.seen == power.detectable(1273, 0.032, alpha=0.01, one_sided=True)


def test_a_model_that_never_flips_still_needs_some_ten_flips_to_be_seen(tmp_path: Path) -> None:
    for label in "abc":
        night(tmp_path, label, marked(400, 500))
    found = sighted(pinned(tmp_path, *"abc"))
    assert found.flips == 0
    assert 5 / 500 < found.seen < 12 / 500


def test_clusters_see_less(tmp_path: Path) -> None:
    dice = np.random.default_rng(2)
    cases = np.repeat(dice.random(40) < 0.7, 10).astype(float).tolist()
    clusters = [f"case {place // 10}" for place in range(400)]
    night(tmp_path, "alone", cases)
    night(tmp_path, "clustered", cases, clusters=clusters)
    alone, clustered = [sighted(pinned(tmp_path, label)) for label in ("alone", "clustered")]
    assert alone.worth == 400
    assert clustered.worth < 60
    assert clustered.seen > 2 * alone.seen


def refused(root: Path, baseline: Baseline, margin: float) -> str:
    with pytest.raises(RequestError) as told:
        planned(gates(root, GATE.format(margin=margin)), baseline, NOTHING)
    assert told.value.exit_code == 2
    (fault,) = told.value.faults
    assert "cannot see what it asks for" in fault
    return fault


def told_n(fault: str) -> int:
    found = re.search(r"n≈([\d,]+)", fault)
    assert found is not None
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize(
    ("n", "margin"), [(50, 0.004), (50, 0.015), (135, 0.01), (135, 0.015), (500, 0.004), (500, 0.01)]
)
def test_so_many_samples_as_are_told_would_do(tmp_path: Path, n: int, margin: float) -> None:
    needed = told_n(refused(tmp_path, of_one(tmp_path / "few", n), margin))
    assert needed > n
    opened = gates(tmp_path, GATE.format(margin=margin))
    assert len(planned(opened, of_one(tmp_path / "enough", needed), NOTHING)) == 1
    refused(tmp_path, of_one(tmp_path / "less", needed * 9 // 10), margin)


def test_so_many_samples_as_are_told_would_do_at_the_flips_that_were_measured(tmp_path: Path) -> None:
    needed = told_n(refused(tmp_path, flipping(tmp_path / "few", 300, 0.10), 0.015))
    opened = gates(tmp_path, GATE.format(margin=0.015))
    assert len(planned(opened, flipping(tmp_path / "enough", round(needed * 1.05), 0.10), NOTHING)) == 1


def test_a_margin_that_is_told_can_be_written_down_and_would_do(tmp_path: Path) -> None:
    baseline = of_one(tmp_path, 135)
    found = re.search(r"margin = (0\.\d+)", refused(tmp_path, baseline, 0.015))
    assert found is not None
    assert len(planned(gates(tmp_path, GATE.format(margin=found[1])), baseline, NOTHING)) == 1
    refused(tmp_path, baseline, float(found[1]) - 0.002)


def test_so_many_repeats_as_are_told_would_do(tmp_path: Path) -> None:
    """What flips is chance here: every take is drawn anew."""
    dice = np.random.default_rng(4)
    n, share = 200, np.repeat([0.0, 0.1, 0.5, 0.9, 1.0, 1.0, 1.0, 1.0], 25)
    for label in "abc":
        night(tmp_path, label, (dice.random(n) < share).astype(float).tolist())
    said = re.search(r"--repeats (\d+)", refused(tmp_path, pinned(tmp_path, *"abc"), 0.02))
    assert said is not None
    repeats = int(said[1])
    assert repeats > 1
    rows = (dice.random((n, repeats)) < share[:, None]).astype(float).tolist()
    night(tmp_path, "repeated", rows, setting=Setting(repeats=repeats))
    found = pinned(tmp_path, "repeated")
    assert found.cells[0].takes == repeats
    margin = 0.02 * 1.1  # the flips of another draw are not quite the same
    assert len(planned(gates(tmp_path, GATE.format(margin=margin)), found, NOTHING)) == 1


def test_more_gates_see_less_each(tmp_path: Path) -> None:
    for place in range(20):
        night(tmp_path, "base", marked(300, 400), task=f"task{place}")
    baseline = pinned(tmp_path, "base")
    alone = sighted(baseline)
    margin = alone.seen / 2 * 1.02
    assert len(planned(gates(tmp_path, f'[[gate]]\ntask = "task3"\nmargin = {margin}\n'), baseline, NOTHING)) == 1
    with pytest.raises(RequestError) as told:
        planned(gates(tmp_path, f'[[gate]]\ntask = "*"\nmargin = {margin}\n'), baseline, NOTHING)
    assert len(told.value.faults) == 20, "all of them are told at once"


@pytest.mark.parametrize("takes", [1, 3])
def test_graded_marks_of_a_handful_of_samples_are_seen_to_be_too_few(tmp_path: Path, takes: int) -> None:
    """Equal takes are no proof that a gate over five samples sees a tenth of a point."""
    for take in range(takes):
        night(tmp_path, f"take{take}", {"rouge1": [0.1, 0.5, 0.3, 0.7, 0.2]})
    baseline = pinned(tmp_path, *[f"take{take}" for take in range(takes)])
    refused(tmp_path, baseline, 0.001)
    assert sighted(baseline).variance > 0


def test_graded_marks_are_seen_by_how_far_two_takes_lie_apart(tmp_path: Path) -> None:
    dice = np.random.default_rng(6)
    base = dice.random(400)
    takes = [(base + 0.1 * dice.standard_normal(400)).tolist() for _ in range(3)]
    for place, marks in enumerate(takes):
        night(tmp_path, f"take{place}", {"score": marks}, unit="plain")
    found = sighted(pinned(tmp_path, "take0", "take1", "take2"))
    assert found.flips == pytest.approx(0.02, rel=0.15), "the variance of the difference"
    assert found.seen == pytest.approx((2.3263 + 0.8416) * np.sqrt(2 / 3 * found.flips / 400), rel=5e-3)


def test_what_is_told_of_a_line_is_what_the_sight_is(tmp_path: Path) -> None:
    base, new = of_counts(3, 3, 1273)
    night(tmp_path, "base", base)
    night(tmp_path, "m-2026-11-27", new)
    baseline = pinned(tmp_path, "base")
    (plan,) = planned(gates(tmp_path, GATE.format(margin=0.015)), baseline, NOTHING)
    assert plan.sight == sighted(baseline)


def test_a_number_that_was_not_pinned_with_its_interval_is_told_by_its_takes(tmp_path: Path) -> None:
    baseline = of_one(tmp_path, 400)
    pin = baseline.cells[0]
    bare = replace(pin.result.first, low=None, high=None)
    assert sight(pin, bare, ALPHA).seen == sighted(baseline).seen


def test_two_takes_that_are_equal_do_not_hide_a_third(shelf: Path, house: Catalog, tmp_path: Path) -> None:
    """Of a number that is no mean two takes show what chance does."""
    for label, source in (("one", "a"), ("two", "a"), ("three", "d")):
        shutil.copytree(shelf / source, tmp_path / label)
    gate = '[[gate]]\ntask = "pubmedqa"\nmetric = "macro_f1"\nmargin = 0.6\n'
    found = []
    for number, order in enumerate((("one", "two", "three"), ("one", "three", "two"))):
        baseline = pinned(tmp_path, *order, name=f"of{number}", tasks=("pubmedqa",), catalog=house)
        (plan,) = planned(gates(tmp_path, gate), baseline, house)
        found.append(plan.sight)
    assert found[0].variance == pytest.approx(found[1].variance)
    assert found[0].seen > 0.1
