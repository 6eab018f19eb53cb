"""Metrics for answers picked from a list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medeval.metrics.base import Metric, metric
from medeval.records import ChoiceSample, Walk
from medeval.stats import Interval, bca_of_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NOTHING = ""
"""What stands for an unread answer in a pair; it is a miss for its target and a hit for nobody."""


@metric()
def accuracy(sample: ChoiceSample, walk: Walk) -> float:
    """Share of samples whose picked options are exactly the right ones; unread is wrong."""
    picked, target = walk.answer.picked, sample.target
    return float(picked == target or set(picked) == set(target))


@metric()
def partial_credit(sample: ChoiceSample, walk: Walk) -> float:
    """Right letters minus wrong ones, as a share of all that are right; never below nothing."""
    target, picked = set(sample.target), set(walk.answer.picked)
    return max(0, len(picked & target) - len(picked - target)) / len(target)


def macro_f1(*labels: str) -> Metric:
    """Plain mean of the F1 of each label; the labels are fixed, and an unread answer is no label."""

    def pair(sample: ChoiceSample, walk: Walk) -> tuple[str, str]:
        (target,) = sample.target
        picked = walk.answer.picked
        return target, picked[0] if len(picked) == 1 else NOTHING

    def gather(pairs: Sequence[tuple[str, str]]) -> float:
        from sklearn.metrics import f1_score

        targets, picks = zip(*pairs, strict=True)
        return float(f1_score(targets, picks, labels=labels, average="macro", zero_division=0.0))

    def interval(pairs: Sequence[tuple[str, str]], seed: int) -> Interval:
        import numpy as np

        columns = (*labels, NOTHING)
        table = np.zeros((len(labels), len(columns)), dtype=np.int64)
        for target, picked in pairs:
            table[labels.index(target), columns.index(picked)] += 1
        return bca_of_table(table, macro_f1_of_tables, seed)

    return Metric(
        name="macro_f1",
        about=f"Plain mean of the F1 of {', '.join(labels)}; unread is a miss, never a class.",
        version=1,
        mark=pair,
        gather=gather,
        interval=interval,
    )


def macro_f1_of_tables(tables: "npt.NDArray[np.float64]") -> "npt.NDArray[np.float64]":
    """Macro-F1 of tables (…, target, picked or nothing), many at once: scikit-learn takes one at a time."""
    import numpy as np

    size = tables.shape[-2]
    hits = np.diagonal(tables[..., :size], axis1=-2, axis2=-1)
    either = tables.sum(axis=-1) + tables[..., :size].sum(axis=-2)
    f1 = np.divide(2 * hits, either, out=np.zeros_like(hits), where=either > 0)
    scores: npt.NDArray[np.float64] = f1.mean(axis=-1)
    return scores
