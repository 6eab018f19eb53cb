"""Runs of characters that a text shares with its references: chrF2, the same for every script."""

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from medeval.metrics.base import Mark, Metric
from medeval.records import OpenSample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

ORDERS = 6
WEIGHT = 2.0**2
"""Recall counts so much more than precision."""


def shared(sample: OpenSample, walk: Walk) -> Mark:
    """Runs in the text, in the reference and in both, for each length; of several references, the best."""
    said = runs_of(walk.text)
    found = [_compared(said, runs_of(text)) for text in sample.references]
    return max(found, key=_score, default=None)


@lru_cache(maxsize=64)
def runs_of(text: str) -> tuple[Counter[str], ...]:
    """Runs of characters without white space, shortest first."""
    text = "".join(text.split())
    return tuple([
        Counter([text[at : at + size] for at in range(len(text) - size + 1)]) for size in range(1, ORDERS + 1)
    ])  # fmt: skip


def _compared(said: tuple[Counter[str], ...], right: tuple[Counter[str], ...]) -> tuple[float, ...]:
    numbers: list[float] = []
    for ours, theirs in zip(said, right, strict=True):
        both = sum([min(times, theirs[run]) for run, times in ours.items() if run in theirs])
        # Sacrebleu leaves out what no reference is long enough for.
        numbers += [float(ours.total() if theirs else 0), float(theirs.total()), float(both)]
    return tuple(numbers)


def _score(numbers: tuple[float, ...]) -> float:
    import numpy as np

    return float(_f_measure(np.array(numbers)))


def gather(marks: "Floats", weights: "Floats") -> "Floats":
    """The F-measure of mean precision and mean recall, over the lengths that both sides have."""
    return _f_measure(weights @ marks)


def _f_measure(sums: "Floats") -> "Floats":
    import numpy as np

    said, right, both = sums[..., 0::3], sums[..., 1::3], sums[..., 2::3]
    orders = np.maximum(((said > 0) & (right > 0)).sum(axis=-1), 1)
    precision = (both / np.maximum(said, 1)).sum(axis=-1) / orders
    recall = (both / np.maximum(right, 1)).sum(axis=-1) / orders
    whole = WEIGHT * precision + recall
    score: Floats = (1 + WEIGHT) * precision * recall / np.where(whole > 0, whole, 1.0)
    return score


CHRF = Metric(
    name="chrf", version=1, mark=shared, gather=gather, voted=False,
    about="chrF2 of all texts together: runs of up to six characters without white space, recall counting double.",
)  # fmt: skip
