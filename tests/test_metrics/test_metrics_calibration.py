"""Confidence out of log-probabilities, held against hand-made shares, scikit-learn and published predictions."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import log_loss

from medeval.arrange import lettered
from medeval.metrics.base import Metric
from medeval.metrics.calibration import CALIBRATION, CURVES, confidence, losses
from medeval.records import Answer, Choice, ChoiceSample, Decoding, Exchange, Failure, Reply, Request, Response, Walk
from medeval.scoring.gathering import Gathered, gathered

NAMED = {metric.name: metric for metric in CALIBRATION}


def sample(target: str, options: int = 4, *, several: bool = False) -> ChoiceSample:
    return ChoiceSample(
        id="0", question="Which?", options=lettered("abcdefgh"[:options]), target=tuple(target), several=several
    )


def replied(reply: Reply, picked: str, options: int = 4) -> Walk:
    choices = tuple([Choice(label=label, text=f" {label}") for label in "ABCDEFGH"[:options]])
    request = Request(text="Which?", choices=choices, decoding=Decoding())
    return Walk(
        exchanges=(Exchange(request=request, asked="", reply=reply),), answer=Answer(picked=tuple(picked))
    )  # fmt: skip


def walk(*logprobs: float, below: tuple[int, ...] = ()) -> Walk:
    """A walk in which the likeliest letter was picked."""
    picked = "ABCDEFGH"[max(range(len(logprobs)), key=logprobs.__getitem__)]
    return replied(Response(logprobs=logprobs, below=below), picked, len(logprobs))


def logs(*shares: float) -> list[float]:
    return [math.log(share) for share in shares]


# --- marks --------------------------------------------------------------------------------------


def test_the_confidence_is_the_share_of_the_picked_letter_among_the_letters() -> None:
    # e^-1, e^-2, e^-3 and e^-4 among themselves: 1, 1/e, 1/e^2, 1/e^3.
    share = 1 / (1 + 0.36787944117 + 0.13533528324 + 0.04978706837)
    assert confidence(sample("A"), walk(-1.0, -2.0, -3.0, -4.0)) == pytest.approx((share, 1.0))
    assert confidence(sample("B"), walk(-1.0, -2.0, -3.0, -4.0)) == pytest.approx((share, 0.0))


def test_how_much_the_letters_weigh_together_does_not_matter() -> None:
    plain = confidence(sample("A"), walk(*logs(0.48, 0.24, 0.06, 0.02)))
    assert plain == pytest.approx((0.6, 1.0))
    assert confidence(sample("A"), walk(*[each - 700 for each in logs(0.48, 0.24, 0.06, 0.02)])) == pytest.approx(plain)


def test_probabilities_that_somebody_printed_are_taken_as_they_are_and_others_by_their_share() -> None:
    shares = (0.503, 0.2, 0.15, 0.15)  # they sum to 1.003
    printed = Response(logprobs=tuple(logs(*shares)), printed=True)
    assert confidence(sample("A"), replied(printed, "A")) == pytest.approx((0.503, 1.0), rel=1e-12)
    brier = 0.497**2 + 0.2**2 + 2 * 0.15**2
    assert losses(sample("A"), replied(printed, "A")) == pytest.approx((brier, -math.log(0.503)), rel=1e-12)
    assert confidence(sample("A"), walk(*logs(*shares))) == pytest.approx((0.503 / 1.003, 1.0), rel=1e-12)


@pytest.mark.parametrize(
    "reply",
    [
        Response(text="A"),
        Response(logprobs=(-9.0, -9.0, -9.0, -9.0), below=(0, 1, 2, 3)),
        Failure(failure="too_long", reason="5,000 tokens"),
    ],
    ids=["written", "all below a list", "failed"],
)
def test_where_no_probability_is_known_there_is_no_mark(reply: Reply) -> None:
    assert confidence(sample("A"), replied(reply, "A")) is None
    assert losses(sample("A"), replied(reply, "A")) is None


@pytest.mark.parametrize(
    ("right", "below", "sure", "brier", "loss"),
    [
        # Half, a quarter and a tenth are known: among themselves 10/17, 5/17 and 2/17. The bound is a twentieth: 1/17.
        ("A", (3,), 10 / 17, (49 + 25 + 4) / 289, 17 / 10),
        ("B", (3,), 10 / 17, (100 + 144 + 4) / 289, 17 / 5),
        # What is below counts as nothing, and as its bound where that would be without end.
        ("D", (3,), 10 / 17, (100 + 25 + 4) / 289 + 1, 17),
        # Two are known: 2/3 and 1/3, above bounds of 2/15 and 1/15.
        ("C", (2, 3), 2 / 3, 4 / 9 + 1 / 9 + 1, 15 / 2),
        # One is known, and has all.
        ("A", (1, 2, 3), 1.0, 0.0, 1.0),
    ],
)
def test_an_option_that_is_below_a_list_has_no_share_and_the_loss_of_its_bound(
    right: str, below: tuple[int, ...], sure: float, brier: float, loss: float
) -> None:
    reply = walk(*logs(0.5, 0.25, 0.1, 0.05), below=below)
    assert confidence(sample(right), reply) == pytest.approx((sure, float(right == "A")))
    assert losses(sample(right), reply) == pytest.approx((brier, math.log(loss)))


def test_nobody_is_more_than_certain_where_a_bound_is_as_high_as_what_is_known() -> None:
    assert confidence(sample("A"), walk(-1.0, -1.0, -1.0, -1.0, below=(1, 2, 3))) == (1.0, 1.0)
    # A bound that is too kind to its letter makes it no likelier than certain.
    assert confidence(sample("A"), walk(-2.0, -1.0, -3.0, -3.0, below=(1, 2, 3))) == (1.0, 0.0)


def test_a_probability_that_was_printed_as_nothing_is_below_what_could_be_printed() -> None:
    printed = Response(logprobs=tuple(logs(0.62, 0.37, 0.01, 0.0005)), below=(3,), printed=True)
    assert confidence(sample("D"), replied(printed, "A")) == pytest.approx((0.62, 0.0))
    brier = 0.62**2 + 0.37**2 + 0.01**2 + 1
    assert losses(sample("D"), replied(printed, "A")) == pytest.approx((brier, -math.log(0.0005)))


def test_a_question_with_several_right_letters_has_no_loss() -> None:
    assert losses(sample("AB", several=True), walk(-1.0, -2.0, -3.0, -4.0)) is None


# --- proper scores -------------------------------------------------------------------------------


def gathered_of(names: Sequence[str], marks: Sequence[object], sharing: ChoiceSample | None = None) -> list[Gathered]:
    asked = sharing or sample("A")
    return gathered([NAMED[name] for name in names], [(mark, asked) for mark in marks], 0, draws=200)


def test_brier_is_the_golden_value_of_three_classes() -> None:
    rows = ((0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.3, 0.3, 0.4))
    marks = [losses(sample(right, 3), walk(*logs(*row))) for right, row in zip("ABA", rows, strict=True)]
    (found,) = gathered_of(["brier"], marks)
    assert found.value == pytest.approx(0.313333, abs=1e-6)
    assert found.interval.method == "student"


def test_log_loss_agrees_with_scikit_learn() -> None:
    scores = np.random.default_rng(0).normal(-3, 2, size=(50, 4))
    shares: npt.NDArray[np.float64] = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    rights = np.random.default_rng(1).integers(4, size=50)
    marks = [losses(sample("ABCD"[right]), walk(*row)) for right, row in zip(rights, scores.tolist(), strict=True)]
    (found,) = gathered_of(["log_loss"], marks)
    assert found.value == pytest.approx(log_loss(rights, shares, labels=range(4)), rel=1e-12)


def test_a_letter_that_is_all_but_impossible_has_a_large_loss_and_not_an_endless_one() -> None:
    mark = losses(sample("B"), walk(0.0, -2_000.0, -3_000.0, -4_000.0))
    assert mark == pytest.approx((2.0, 2_000.0))


# --- what marks come to --------------------------------------------------------------------------


def answers(n: int, power: float) -> list[tuple[float, float]]:
    """Confidences, and right answers: as often as confidence says at a power of 1, less often above it."""
    dice = np.random.default_rng(6)
    sure = dice.beta(6, 2, n)
    return [*zip(sure.tolist(), (dice.random(n) < sure**power).astype(float).tolist(), strict=True)]


def test_a_calibrated_model_is_near_its_null_and_an_overconfident_one_far_above() -> None:
    (calibrated, null), (overconfident, same) = [
        gathered_of(["ece", "ece_null"], answers(1_000, power)) for power in (1, 4)
    ]
    assert null.interval.low <= calibrated.value <= null.interval.high
    assert overconfident.value > 5 * same.interval.high
    assert same.value == pytest.approx(null.value), "the null knows the confidences alone"
    assert null.interval.method == "middle 95 % of 200 draws of a calibrated model"
    assert null.interval.low < null.value < null.interval.high


def test_what_draws_add_to_the_error_of_a_calibrated_model_is_taken_off() -> None:
    marks = answers(1_000, 1)
    for found, bins in zip(gathered_of(["ece", "ece_10"], marks), (15, 10), strict=True):
        assert found.interval.method == "reflected bootstrap"
        assert found.interval.low == 0.0 < found.value <= found.interval.high
        # Draws lie above the value; limits of a percentile bootstrap would say that this model is not calibrated.
        dice = np.random.default_rng(4)
        drawn = [of_bins(np.array(marks)[dice.integers(1_000, size=1_000)], bins) for _ in range(300)]
        assert found.value == pytest.approx(of_bins(np.array(marks), bins))
        assert np.median(drawn) > found.value
        below, above = 2 * found.value - np.quantile(drawn, (0.975, 0.025))
        assert below < 0.0, "below nothing, which an error cannot be"
        assert found.interval.high == pytest.approx(max(above, found.value), abs=0.01)


def of_bins(marks: npt.NDArray[np.float64], bins: int) -> float:
    """The expected calibration error, bin by bin."""
    places = np.minimum((marks[:, 0] * bins).astype(int), bins - 1)
    errors = [abs((marks[places == each, 0] - marks[places == each, 1]).sum()) for each in range(bins)]
    return float(sum(errors) / len(marks))


def test_figures_that_are_no_distances_are_not_reflected() -> None:
    assert {metric.name for metric in CALIBRATION if metric.reflected} == {"ece", "ece_10"}
    for found in gathered_of(["auroc", "aurc", "accuracy_at_80"], answers(100, 1)):
        assert found.interval.method == "BCa bootstrap"


def test_a_model_that_is_never_wrong_has_no_auroc_and_every_other_figure() -> None:
    assert [metric.name for metric in CALIBRATION if metric.defined] == ["ece_null", "brier", "log_loss"]
    marks = [(0.6, 1.0), (0.8, 1.0), (0.9, 1.0)] * 5
    names = ["auroc", "aurc", "accuracy_at_80", "coverage_at_5_risk", "confident"]
    auroc, *others = [each.value for each in gathered_of(names, marks)]
    assert math.isnan(auroc)
    assert others == [0.0, 1.0, 1.0, 1.0]


def test_every_figure_stands_under_its_own_name() -> None:
    marks: list[object] = [(0.9, 1.0), (0.8, 1.0), (0.7, 0.0), (0.6, 1.0), (0.4, 0.0)]
    names = ["ece", "auroc", "aurc", "excess_aurc", "augrc", "accuracy_at_80", "confident", "confident_accuracy"]
    values = [each.value for each in gathered_of(names, marks)]
    error = (0.1 + 0.2 + 0.7 + 0.4 + 0.4) / 5
    assert values == pytest.approx([error, 5 / 6, 0.196667, 0.066667, 0.12, 0.75, 0.8, 0.75], abs=1e-6)


def test_what_is_worse_when_it_grows_says_so() -> None:
    lower = {metric.name for metric in CALIBRATION if metric.better == "lower"}
    assert lower == {"ece", "ece_10", "aurc", "excess_aurc", "augrc", "brier", "log_loss"}
    assert {metric.name for metric in CALIBRATION if not metric.better} == {"confident", "ece_null"}
    shares = {metric.name for metric in CALIBRATION if metric.unit == "fraction"}
    assert shares == {
        "accuracy_at_80", "accuracy_at_90", "accuracy_at_95", "coverage_at_5_risk", "confident", "confident_accuracy",
    }  # fmt: skip


def test_calibration_is_that_of_letters_and_of_no_other_style() -> None:
    everything: tuple[Metric, ...] = CALIBRATION
    assert {metric.styles for metric in everything} == {("letters",)}
    assert {table.styles for table in CURVES} == {("letters",)}


def test_the_curves_are_tables_with_a_figure_for_every_column() -> None:
    marks = np.array([(0.9, 1.0), (0.8, 1.0), (0.7, 0.0), (0.6, 1.0), (0.5, 0.0)])
    by_name = {table.name: table for table in CURVES}
    bins, curve = by_name["reliability"], by_name["risk_coverage"]
    # Fifteenths: 0.5 is in the eighth, 0.6 begins the tenth.
    rows = bins.rows(marks)
    assert [row[0] for row in rows] == [k / 15 for k in (7, 9, 10, 12, 13)]
    assert {row[2] for row in rows} == {1.0}
    assert {len(row) for row in rows} == {len(bins.columns)}
    risks = curve.rows(marks)
    assert {len(row) for row in risks} == {len(curve.columns)}
    assert risks[-1] == pytest.approx((1.0, 2 / 5))


def test_the_probabilities_of_a_published_model_have_its_published_confidence(real: Path) -> None:
    file = real / "predictions" / "mistral_medqa" / "baseline_results.json"
    published = json.loads(file.read_text(encoding="utf-8"))["predictions"]
    marks = []
    for each in published:
        shares = [each["all_probs"][label] for label in "ABCD"]
        mark = confidence(
            sample(each["ground_truth"]),
            replied(
                Response(logprobs=tuple(logs(*[max(share, 1e-30) for share in shares])), printed=True),
                each["prediction"],
            ),
        )
        assert mark == pytest.approx((each["confidence"], float(each["is_correct"])), rel=1e-9)
        marks.append(mark)
    names = ["ece_10", "auroc", "confident", "confident_accuracy"]
    found = [each.value for each in gathered_of(names, marks)]
    assert found == pytest.approx([0.0304, 0.6738, 475 / 1273, 323 / 475], abs=2e-4)
