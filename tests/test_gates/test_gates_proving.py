"""The gate proven: the same passes, a loss of 5 % does not, and a gate that sees neither is found out."""

from pathlib import Path

import numpy as np
import pytest

from medeval.baselines import Baseline
from medeval.baselines.packed import numbers
from medeval.catalog import Catalog
from medeval.errors import RequestError
from medeval.gates import Proof, proven
from medeval.gates.proving import degraded
from tests.nights import GATE, NOTHING, gates, marked, night, pinned


def proof(root: Path, text: str, baseline: Baseline, catalog: Catalog = NOTHING) -> Proof:
    return proven(gates(root, text), baseline, catalog, version="1.0")


def of_takes(root: Path, n: int, count: int, flips: float = 0.01) -> Baseline:
    dice = np.random.default_rng(n)
    base = dice.random(n) < 0.75
    for take in range(count):
        night(root, f"take{take}", [float(mark ^ (dice.random() < flips)) for mark in base])
    return pinned(root, *[f"take{take}" for take in range(count)])


@pytest.mark.parametrize("takes", [1, 3])
def test_the_same_is_green_and_five_per_cent_less_is_red(tmp_path: Path, takes: int) -> None:
    found = proof(tmp_path, GATE.format(margin=0.015), of_takes(tmp_path, 1_273, takes))
    assert found.holds
    assert (found.same.exit_code, found.degraded.exit_code) == (0, 1)
    assert found.same.lines[0].word == "NON_INFERIOR"
    assert found.degraded.lines[0].gain == pytest.approx(-0.05, abs=0.004)
    assert found.blind == ()


def test_so_much_is_lost_and_no_more(tmp_path: Path) -> None:
    (pin,) = of_takes(tmp_path, 200, 3).cells
    before, after = numbers(pin.numbers[0].marks, 200)[:, 0], degraded(pin).samples.marks["accuracy"]
    changed = np.flatnonzero(before != after)
    assert len(changed) == 10
    assert (after[changed] == 0).all()


def test_a_gate_that_asks_for_too_much_of_a_loss_is_blind(tmp_path: Path) -> None:
    """A margin of 8 points sees no loss of 5 that was declared to be none."""
    text = GATE.format(margin=0.08) + "min_effect = 0.07\n"
    found = proof(tmp_path, text, of_takes(tmp_path, 1_273, 3))
    assert not found.holds
    assert found.blind == ("medqa accuracy",)
    assert found.degraded.exit_code == 0


def test_a_gate_of_too_few_samples_is_blind(tmp_path: Path) -> None:
    found = proof(tmp_path, GATE.format(margin=0.06), of_takes(tmp_path, 100, 1, flips=0.0))
    assert not found.holds
    assert found.degraded.lines[0].word != "REGRESSED"


def test_one_that_sees_does_not_hide_one_that_does_not(tmp_path: Path) -> None:
    night(tmp_path, "base", marked(950, 1_273))
    night(tmp_path, "base", marked(70, 100), task="small")
    text = GATE.format(margin=0.015) + '[[gate]]\ntask = "small"\nmargin = 0.08\n'
    found = proof(tmp_path, text, pinned(tmp_path, "base"))
    assert found.degraded.lines[0].word == "REGRESSED"
    assert found.blind == ("small accuracy",)


def test_what_is_inconclusive_where_that_fails_is_not_green(tmp_path: Path) -> None:
    """A first take that is unlucky: every night like it would fail."""
    base = marked(750, 1_000)
    for label, marks in (("a", [0.0] * 13 + base[13:]), ("b", base), ("c", base)):
        night(tmp_path, label, marks)
    text = 'on_inconclusive = "fail"\nfamily_alpha = 0.0001\n' + GATE.format(margin=0.011)
    found = proof(tmp_path, text, pinned(tmp_path, *"abc"))
    assert found.same.exit_code == 6
    assert not found.holds


def test_clusters_and_what_has_no_mark_and_what_is_better_lower_are_degraded_too(tmp_path: Path) -> None:
    dice = np.random.default_rng(9)
    briers: list[float | None] = [*(0.2 * dice.random(600)).tolist(), 0.9, *[None] * 100]
    clusters = [f"case {place // 2}" for place in range(701)]
    night(tmp_path, "base", {"brier": briers}, better="lower", clusters=clusters)
    found = proof(tmp_path, GATE.format(margin=0.05), pinned(tmp_path, "base"))
    assert found.holds
    (line,) = found.degraded.lines
    assert line.gain is not None
    assert line.gain < -0.03
    assert line.method.startswith("CR1 over")


def test_macro_f1_and_the_mean_of_types_can_be_proven(shelf: Path, house: Catalog) -> None:
    """On a sample as small as the house's nothing is red; but what is lost is lost in every number."""
    baseline = pinned(shelf, *"abc", name="proof", catalog=house)
    text = "".join([
        f'[[gate]]\ntask = "{task}"\nmetric = "{metric}"\nmargin = 0.45\n'
        for task, metric in (("pubmedqa", "macro_f1"), ("pubmedqa", "accuracy"), ("cmb_exam", "mean_of_types"))
    ])  # fmt: skip
    found = proof(shelf, text, baseline, house)
    for same, lost in zip(found.same.lines, found.degraded.lines, strict=True):
        assert same.name == lost.name
        assert lost.gain < same.gain  # type: ignore[operator]


def test_a_file_without_a_margin_has_nothing_to_prove(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nothing to prove"):
        proof(tmp_path, "", of_takes(tmp_path, 100, 1))


def test_a_vacuous_gate_is_refused_here_as_well(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot see what it asks for"):
        proof(tmp_path, GATE.format(margin=0.01), of_takes(tmp_path, 100, 1))
