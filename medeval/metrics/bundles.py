"""What is told beside the numbers that a task is known by, for each kind of task."""

from collections.abc import Sequence

from medeval.metrics.base import Metric, Tabling
from medeval.metrics.calibration import CALIBRATION, CURVES
from medeval.metrics.choice import chance_corrected, confusion, of_labels
from medeval.metrics.rules import RULES, RULES_OF_TEXTS


def exam(labels: Sequence[str]) -> tuple[Metric, ...]:
    """Of questions with these labels: over chance, by label, calibration, and the manners of replies."""
    return (chance_corrected, *of_labels(*labels), *CALIBRATION, *RULES)


def texts() -> tuple[Metric, ...]:
    """Of texts with references, of which ROUGE is what they are known by."""
    from medeval.metrics.text import ROUGE, TEXT

    return (*[metric for metric in TEXT if metric not in ROUGE], *RULES_OF_TEXTS)


def exam_tables(labels: Sequence[str]) -> tuple[Tabling, ...]:
    """Of the same: which label was picked for which, and the curves of calibration."""
    return (confusion(*labels), *CURVES)
