"""Calibration and selective prediction, held against published values, scikit-learn, and every order of equals."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from medeval.stats.bootstrap import bootstrapped
from medeval.stats.confidence import ece, figures, null_ece, reliability, risks

Floats = npt.NDArray[np.float64]

NAMES = (
    "ece", "ece_10", "auroc", "aurc", "excess_aurc", "augrc", "at_80", "at_90", "at_95", "coverage", "sure",
    "sure_right",
)  # fmt: skip
SORTED = [(0.9, 1.0), (0.8, 1.0), (0.7, 0.0), (0.6, 1.0), (0.5, 0.0)]
"""The worked example of the paper behind AUGRC: the third and the fifth are wrong."""
MARKS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 1.0]), st.sampled_from([0.0, 1.0])),
    min_size=1,
    max_size=40,
)


def figured(marks: list[tuple[float, float]] | Floats, weights: list[int] | None = None) -> dict[str, float]:
    array = np.asarray(marks, dtype=np.float64)
    found = figures(array, np.ones((1, len(array))) if weights is None else np.array([weights], dtype=np.float64))
    return dict(zip(NAMES, found[0].tolist(), strict=True))


def drawn(n: int, seed: int = 0) -> Floats:
    """A model that is right more often where it is surer."""
    dice = np.random.default_rng(seed)
    confidences = dice.beta(6, 2, n)
    return np.column_stack([confidences, (dice.random(n) < confidences**1.5).astype(float)])


# --- calibration ------------------------------------------------------------------------------


def test_two_bins_give_the_error_of_the_example_of_torchmetrics() -> None:
    marks = np.array([(0.25, 0.0), (0.25, 0.0), (0.55, 1.0), (0.75, 1.0), (0.75, 1.0)])
    assert ece(marks, np.ones((1, 5)), 2)[0] == pytest.approx(0.29)


@pytest.mark.parametrize("bins", [2, 10, 15])
def test_a_confidence_on_a_border_belongs_to_the_bin_above(bins: int) -> None:
    # One that is right at the border, one that is wrong a little above it: in one bin they even out.
    for place in range(1, bins):
        border = place / bins
        marks = np.array([(border, 1.0), (border + 0.01, 0.0)])
        assert ece(marks, np.ones((1, 2)), bins)[0] == pytest.approx(abs(1 - 2 * border - 0.01) / 2)
    assert ece(np.array([(1.0, 1.0), (0.999, 0.0)]), np.ones((1, 2)), bins)[0] == pytest.approx(0.999 / 2)


@pytest.mark.parametrize(
    ("n", "known"), [(100, 0.099), (200, 0.071), (500, 0.045), (1273, 0.028), (4183, 0.016)]
)  # fmt: skip
def test_a_calibrated_model_has_the_known_error_which_is_not_nothing(n: int, known: float) -> None:
    dice = np.random.default_rng(1)
    found = np.mean([null_ece(dice.beta(6, 2, n), seed).mean() for seed in range(10)])
    assert found == pytest.approx(known, rel=0.04)


def test_the_error_of_a_calibrated_model_is_drawn_by_seed_and_not_by_order() -> None:
    confidences = np.random.default_rng(2).beta(6, 2, 300)
    first = null_ece(confidences, 5)
    assert len(first) == 200
    assert null_ece(confidences[::-1].copy(), 5).tolist() == first.tolist()
    assert null_ece(confidences, 6).tolist() != first.tolist()


def test_a_draw_of_a_calibrated_model_has_the_error_that_its_answers_have() -> None:
    # Confidences of nothing and of all leave nothing to chance; a half in one bin leaves |k/n - 1/2|.
    assert null_ece(np.array([0.0, 1.0, 1.0]), 0).tolist() == [0.0] * 200
    found = {*null_ece(np.array([0.5, 0.5]), 0).tolist()}
    assert found == {0.0, 0.5}


def test_the_table_of_bins_says_how_many_how_sure_and_how_right() -> None:
    marks = np.array([(0.05, 0.0), (0.5, 1.0), (0.52, 0.0), (1.0, 1.0), (0.95, 1.0)])
    assert np.array(reliability(marks, 10)) == pytest.approx(
        np.array([(0.0, 0.1, 1, 0.05, 0.0), (0.5, 0.6, 2, 0.51, 0.5), (0.9, 1.0, 2, 0.975, 1.0)])
    )


def test_the_error_is_that_of_the_table_of_bins() -> None:
    marks = drawn(500)
    by_hand = sum(n / 500 * abs(sure - right) for _, _, n, sure, right in reliability(marks))
    assert figured(marks)["ece"] == pytest.approx(by_hand, rel=1e-12)


# --- risk and coverage ------------------------------------------------------------------------


def test_the_worked_example_has_its_known_areas() -> None:
    found = figured([(0.9, 1.0), (0.8, 1.0), (0.7, 0.0), (0.6, 1.0), (0.5, 0.0)])
    assert found["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 4 + 2 / 5) / 5)
    assert (found["aurc"], found["excess_aurc"]) == pytest.approx((0.196667, 0.066667), abs=1e-6)
    assert (found["augrc"], found["auroc"]) == pytest.approx((0.12, 0.83333), abs=1e-5)


def risk_of_an_order(rights: list[float]) -> float:
    """AURC as it is written: the mean of the risks among the first one, two, three …"""
    return float(np.mean([1 - np.mean(rights[:k]) for k in range(1, len(rights) + 1)]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=6))
def test_equals_count_by_the_mean_over_all_their_orders(marks: list[tuple[float, float]]) -> None:
    orders = [order for order in permutations(marks) if [*order] == sorted(order, key=lambda mark: -mark[0])]
    truth = float(np.mean([risk_of_an_order([right for _, right in order]) for order in orders]))
    found = figured(marks)
    assert found["aurc"] == pytest.approx(truth, abs=1e-12)
    ideal = risk_of_an_order(sorted([right for _, right in marks], reverse=True))
    assert found["excess_aurc"] == pytest.approx(truth - ideal, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(MARKS)
def test_auroc_agrees_with_scikit_learn_ties_and_all(marks: list[tuple[float, float]]) -> None:
    found, rights = figured(marks), [right for _, right in marks]
    if len({*rights}) < 2:
        assert np.isnan(found["auroc"])
    else:
        truth = roc_auc_score(rights, [confidence for confidence, _ in marks])
        assert found["auroc"] == pytest.approx(truth, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(MARKS)
def test_augrc_is_the_area_of_the_errors_accepted_and_follows_from_auroc(marks: list[tuple[float, float]]) -> None:
    found, n = figured(marks), len(marks)
    levels = sorted({confidence for confidence, _ in marks}, reverse=True)
    accepted = [sum(confidence >= level for confidence, _ in marks) / n for level in levels]
    missed = [sum(confidence >= level and not right for confidence, right in marks) / n for level in levels]
    assert found["augrc"] == pytest.approx(np.trapezoid([0.0, *missed], [0.0, *accepted]), abs=1e-12)
    accuracy = sum(right for _, right in marks) / n
    if 0 < accuracy < 1:
        identity = (1 - found["auroc"]) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
        assert found["augrc"] == pytest.approx(identity, abs=1e-12)


def test_the_accuracy_of_the_surest_is_that_of_the_first() -> None:
    marks = [(1 - place / 100, float(place not in (3, 17, 18, 19))) for place in range(20)]
    found = figured(marks)
    assert (found["at_80"], found["at_90"], found["at_95"]) == pytest.approx((15 / 16, 16 / 18, 16 / 19))


def test_where_the_border_falls_among_equals_they_count_by_their_mean() -> None:
    # Eight of ten: six that are right, and two of four equals of which one is wrong.
    marks = [(0.9, 1.0)] * 6 + [(0.5, 1.0)] * 3 + [(0.5, 0.0)]
    found = figured(marks)
    assert found["at_80"] == pytest.approx(1 - 2 * 0.25 / 8)
    assert found["at_95"] == pytest.approx(1 - 3.5 * 0.25 / 9.5)
    # All alike: any part is as right as the whole.
    assert figured([(0.5, 1.0)] * 3 + [(0.5, 0.0)])["at_80"] == pytest.approx(0.75)
    # Five samples, 90 per cent: four and a half.
    assert figured(SORTED)["at_90"] == pytest.approx(1 - (1 + 0.5) / 4.5)


def test_the_coverage_at_a_risk_of_one_in_twenty_is_the_largest_there_is() -> None:
    def marks(*wrong: int) -> list[tuple[float, float]]:
        return [(1 - place / 1000, float(place not in wrong)) for place in range(100)]

    assert figured(marks())["coverage"] == 1.0
    # Three of eighty and more are wrong; with one more it is four of 81, and then five of 82.
    assert figured(marks(10, 30, 50, *range(80, 100)))["coverage"] == pytest.approx(0.81)
    assert figured(marks(0, 30, 31))["coverage"] == 1.0
    assert figured(marks(19, *range(25, 100)))["coverage"] == pytest.approx(0.25)
    assert figured(marks(18, 21, *range(39, 100)))["coverage"] == pytest.approx(0.21)
    assert figured(marks(18, 21, *range(40, 100)))["coverage"] == pytest.approx(0.40)
    assert figured(marks(*range(100)))["coverage"] == 0.0
    # Equals are accepted together or not at all.
    assert figured([(0.9, 1.0)] * 18 + [(0.8, 0.0)] * 2 + [(0.7, 1.0)] * 10)["coverage"] == pytest.approx(0.6)


@pytest.mark.parametrize("errors", [1, 3, 6, 7, 11, 13, 49])
def test_a_risk_of_exactly_one_in_twenty_is_allowed(errors: int) -> None:
    marks = [(0.9, 1.0)] * (19 * errors) + [(0.9, 0.0)] * errors
    assert figured(marks)["coverage"] == 1.0


def test_the_sure_are_those_at_a_half_and_above() -> None:
    found = figured([(0.5, 1.0), (0.7, 0.0), (0.4999, 0.0), (0.9, 1.0)])
    assert (found["sure"], found["sure_right"]) == pytest.approx((0.75, 2 / 3))
    unsure = figured([(0.4, 1.0), (0.3, 0.0)])
    assert unsure["sure"] == 0.0
    assert np.isnan(unsure["sure_right"])


def test_risks_are_those_of_the_first_part_of_the_samples() -> None:
    assert np.array(risks(np.array(SORTED), 5)) == pytest.approx(
        np.array([(0.2, 0.0), (0.4, 0.0), (0.6, 1 / 3), (0.8, 1 / 4), (1.0, 2 / 5)])
    )
    equals = risks(np.array([(0.5, 1.0)] * 3 + [(0.5, 0.0)]), 2)
    assert np.array(equals) == pytest.approx(np.array([(0.5, 0.25), (1.0, 0.25)]))


# --- weights, order, many at once ---------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(MARKS, st.data())
def test_a_weight_is_as_many_samples(marks: list[tuple[float, float]], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(marks), max_size=len(marks)).filter(any))
    repeated = [mark for mark, count in zip(marks, times, strict=True) for _ in range(count)]
    found, truth = figured(marks, times), figured(repeated)
    assert [*found.values()] == pytest.approx([*truth.values()], rel=0, abs=1e-12, nan_ok=True)


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(40)))
def test_the_order_of_samples_changes_nothing(order: list[int]) -> None:
    marks = np.round(drawn(40), 1)
    assert [*figured(marks[order]).values()] == pytest.approx([*figured(marks).values()], rel=0, abs=1e-14)


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(40)))
def test_the_order_of_samples_changes_no_bit_of_values_and_limits(order: list[int]) -> None:
    marks = np.round(drawn(40), 1)
    first, moved = [bootstrapped(each, figures, 1, draws=100) for each in (marks, marks[order])]
    assert (moved.values.tolist(), moved.intervals) == (first.values.tolist(), first.intervals)


def test_many_weightings_at_once_are_each_what_it_is_alone() -> None:
    marks = np.round(drawn(60), 2)
    weights = np.random.default_rng(1).multinomial(60, np.full(60, 1 / 60), size=12).astype(np.float64)
    together = figures(marks, weights)
    alone = np.stack([figures(marks, row[None])[0] for row in weights])
    assert together == pytest.approx(alone, rel=0, abs=1e-13, nan_ok=True)
    assert figures(marks, weights.reshape(3, 4, 60)).reshape(12, -1) == pytest.approx(together, abs=1e-13, nan_ok=True)


# --- the predictions of a Mistral model on MedQA, and what its makers published of them --------


def test_published_predictions_have_the_known_calibration(real: Path) -> None:
    file = real / "predictions" / "mistral_medqa" / "baseline_results.json"
    published = json.loads(file.read_text(encoding="utf-8"))["predictions"]
    marks = np.array([(each["confidence"], each["is_correct"]) for each in published], dtype=np.float64)
    found = figured(marks)
    assert found["ece_10"] == pytest.approx(0.0304, abs=2e-4)
    assert found["auroc"] == pytest.approx(0.6738, abs=2e-4)
    assert (found["sure"] * 1273, found["sure_right"] * 475) == pytest.approx((475, 323))
    # Thresholds, answers and right answers, as its repository prints them.
    table = {
        0.30: (1211, 603), 0.35: (976, 528), 0.40: (779, 446), 0.45: (598, 380), 0.50: (475, 323), 0.55: (374, 266),
        0.60: (300, 227), 0.65: (235, 183), 0.70: (171, 137), 0.75: (132, 109), 0.80: (91, 78), 0.85: (60, 55),
        0.90: (25, 25), 0.95: (3, 3),
    }  # fmt: skip
    curve = dict(risks(marks, 1273))
    assert len(curve) == 1273
    for answered, right in table.values():
        assert curve[answered / 1273] == pytest.approx(1 - right / answered, abs=1e-9)
