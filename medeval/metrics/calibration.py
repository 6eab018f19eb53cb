"""Calibration and selective prediction: what the probability of an option tells of its being right.

The confidence is that of the picked option among the options, out of log-probabilities of letters. What a model says of
its own confidence is another thing, and would have another name.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from medeval import stats
from medeval.metrics.base import Mark, Metric, Tabling
from medeval.records import Better, ChoiceSample, Response, Style, Walk
from medeval.stats import Interval

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

PLAIN = ("ece", "ece_10", "auroc", "aurc", "excess_aurc", "augrc")
"""Printed as they are everywhere, and not per cent."""
DISTANCES = ("ece", "ece_10")
LETTERS: tuple[Style, ...] = ("letters",)
CURVE: tuple[tuple[str, Better, str], ...] = (
    ("ece", "lower", "Expected calibration error over 15 bins of equal width; see ece_null beside it."),
    ("ece_10", "lower", "The same over 10 bins."),
    ("auroc", "higher", "Chance that a right answer has a higher confidence than a wrong one."),
    ("aurc", "lower", "Area under the risk-coverage curve: the mean risk over all coverages."),
    ("excess_aurc", "lower", "AURC less that of an order that accepts all right answers first (E-AURC)."),
    ("augrc", "lower", "Mean risk of an error that goes undetected, over all coverages (Traub and others, 2024)."),
    ("accuracy_at_80", "higher", "Accuracy of the most confident 80 % of samples."),
    ("accuracy_at_90", "higher", "Accuracy of the most confident 90 % of samples."),
    ("accuracy_at_95", "higher", "Accuracy of the most confident 95 % of samples."),
    (
        "coverage_at_5_risk",
        "higher",
        "Largest share of samples, the most confident, of which 5 % or less are wrong.",
    ),
    ("confident", "", "Share of samples with a confidence of one half or more."),
    ("confident_accuracy", "higher", "Accuracy of those samples."),
)


def confidence(sample: ChoiceSample, walk: Walk) -> Mark:
    """The confidence in the picked option, and whether it is right."""
    logs = _logs(walk)
    # A bound may stand as high as the likeliest that is known, and together they are no more than certain.
    return (min(1.0, math.exp(max(logs))), float(walk.answer.picked == sample.target)) if logs else None


def losses(sample: ChoiceSample, walk: Walk) -> Mark:
    """What the probabilities of all options are away from the right one: squared, and in logarithms.

    The logarithm of what is below a server's list, or was rounded to nothing, is that of its bound.
    """
    logs = _logs(walk)
    if not logs or len(sample.target) != 1:
        return None
    labels = [choice.label for choice in walk.exchanges[-1].request.choices]
    place = labels.index(sample.target[0])
    below = getattr(walk.exchanges[-1].reply, "below", ())
    shares = [0.0 if at in below else math.exp(log) for at, log in enumerate(logs)]
    return math.fsum([(share - (at == place)) ** 2 for at, share in enumerate(shares)]), -logs[place]


def _logs(walk: Walk) -> list[float]:
    """The log-probabilities of the options among themselves; of one that is known by a bound only, the bound."""
    reply = walk.exchanges[-1].reply
    if not isinstance(reply, Response) or not reply.logprobs or len(reply.below) == len(reply.logprobs):
        return []
    highest = max(reply.logprobs)
    known = [value for place, value in enumerate(reply.logprobs) if place not in reply.below]
    whole = highest + math.log(math.fsum([math.exp(value - highest) for value in known]))
    return [value - (0.0 if reply.printed else whole) for value in reply.logprobs]


def _figures(marks: "Floats", weights: "Floats") -> "Floats":
    return stats.confidence.figures(marks, weights)


def _null(marks: "Floats", weights: "Floats") -> "Floats":
    return stats.confidence.null_ece(marks[:, 0], len(marks)).mean()  # type: ignore[no-any-return]


def _range_of_null(marks: Sequence[tuple[float, float]], seed: int) -> Interval:
    import numpy as np

    drawn = stats.confidence.null_ece(np.array([each for each, _ in marks]), len(marks))
    low, high = np.quantile(drawn, (0.025, 0.975))
    mean = float(drawn.mean())
    return Interval(
        min(float(low), mean), max(float(high), mean), f"middle 95 % of {len(drawn)} draws of a calibrated model"
    )


def _risks(marks: "Floats") -> tuple[tuple[str | float | None, ...], ...]:
    return stats.confidence.risks(marks)


def _bins(marks: "Floats") -> tuple[tuple[str | float | None, ...], ...]:
    return stats.confidence.reliability(marks)


CALIBRATION: tuple[Metric, ...] = (
    *[
        Metric(
            name=name, about=about, version=1, mark=confidence, gather=_figures, part=part, better=better,
            defined=False,
            unit="plain" if name in PLAIN else "fraction", reflected=name in DISTANCES, styles=LETTERS,
        )
        for part, (name, better, about) in enumerate(CURVE)
    ],
    Metric(
        name="ece_null", version=1, mark=confidence, gather=_null, interval=_range_of_null, better="", unit="plain",
        styles=LETTERS,
        about="ECE of a perfectly calibrated model with these confidences: what ECE is above this counts.",
    ),
    Metric(
        name="brier", version=1, mark=losses, part=0, better="lower", unit="plain", styles=LETTERS,
        about="Squared distance of the probabilities of all options from the right one, summed over options.",
    ),
    Metric(
        name="log_loss", version=1, mark=losses, part=1, better="lower", unit="plain", styles=LETTERS,
        about="Mean of -log of the probability of the right option.",
    ),
)  # fmt: skip
CURVES: tuple[Tabling, ...] = (
    Tabling(
        name="reliability", about="Confidence against accuracy, in 15 bins of equal width.", mark=confidence,
        columns=("from", "to", "n", "mean confidence", "accuracy"), rows=_bins, styles=LETTERS,
    ),
    Tabling(
        name="risk_coverage", about="Share of errors among the most confident part of the samples.", mark=confidence,
        columns=("coverage", "risk"), rows=_risks, styles=LETTERS,
    ),
)  # fmt: skip
