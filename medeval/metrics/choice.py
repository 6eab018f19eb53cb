"""Metrics for answers picked from a list."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from medeval import stats
from medeval.metrics.base import Gather, Mark, Metric, Tabling, metric
from medeval.records import ChoiceSample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

NOTHING = -1.0
"""The place of an unread answer in a pair; it is a miss for its target and a hit for nobody."""
DISTANCES = ("recall_spread", "preference")
ABOUT = {
    "balanced_accuracy": "Plain mean of the recalls of the labels: accuracy if all were right equally often.",
    "macro_f1": "Plain mean of the F1 of {labels}; unread is a miss, never a class.",
    "weighted_f1": "Mean of the F1 of {labels}, each as often as it is right.",
    "micro_f1": "F1 of all answers together: what is unread lowers recall, not precision.",
    "recall_spread": "Standard deviation of the recalls of the labels (RStd): whether some letters are favoured.",
    "preference": "Share of picks that would have to move for labels to be picked as often as they are right.",
}


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


def over_chance(sample: ChoiceSample, walk: Walk) -> Mark:
    """Whether it is right, and how likely a guess would be."""
    options = len(sample.options)
    return accuracy.mark(sample, walk), 1 / (2**options - 1 if sample.several else options)


def _corrected(marks: "Floats", weights: "Floats") -> "Floats":
    right, guessed = weights @ marks[:, 0], weights @ marks[:, 1]
    gained: Floats = (right - guessed) / (weights.sum(axis=-1) - guessed)
    return gained


chance_corrected = Metric(
    name="chance_corrected", version=1, mark=over_chance, gather=_corrected, signed=True,
    about="(accuracy - chance) / (1 - chance), the chance by the options of each sample: 0 is guessing.",
)  # fmt: skip


def macro_f1(*labels: str) -> Metric:
    """Plain mean of the F1 of each label; the labels are fixed, and an unread answer is no label."""
    return next(each for each in of_labels(*labels) if each.name == "macro_f1")


@lru_cache
def of_labels(*labels: str) -> tuple[Metric, ...]:
    """What the table of right and picked labels comes to, for samples that have one right label of these."""
    mark, gather, said = pair_of(labels), _figures(len(labels)), ", ".join(labels)
    names = [*ABOUT, *[f"recall_{label}" for label in labels]]
    return tuple([
        Metric(
            name=name, version=1, mark=mark, gather=gather, part=part,
            about=ABOUT.get(name, "").format(labels=said) or f"Share of those picked for which {name[7:]} is right.",
            defined=not name.startswith("recall_"), reflected=name in DISTANCES,
            better={"recall_spread": "lower", "preference": "lower"}.get(name, "higher"),  # type: ignore[arg-type]
        )
        for part, name in enumerate(names)
    ])  # fmt: skip


@lru_cache
def pair_of(labels: tuple[str, ...]) -> Callable[[ChoiceSample, Walk], Mark]:
    """Mark by the places of the right and of the picked label."""
    places = {label: float(place) for place, label in enumerate(labels)}

    def pair(sample: ChoiceSample, walk: Walk) -> Mark:
        if len(sample.target) != 1 or sample.target[0] not in places:
            return None
        picked = walk.answer.picked
        return places[sample.target[0]], places.get(picked[0], NOTHING) if len(picked) == 1 else NOTHING

    return pair


def _figures(labels: int) -> Gather:
    def gather(marks: "Floats", weights: "Floats") -> "Floats":
        return stats.tables.figures(stats.tables.counted(marks, weights, labels))

    return gather


@lru_cache
def confusion(*labels: str) -> Tabling:
    """How often each label was picked for each that was right."""

    def rows(marks: "Floats") -> tuple[tuple[str | float | None, ...], ...]:
        import numpy as np

        table = stats.tables.counted(marks, np.ones((1, len(marks))), len(labels))[0]
        return tuple([(label, *map(float, counts)) for label, counts in zip(labels, table, strict=True)])

    return Tabling(
        name="confusion", about="Rows: what was right; columns: what was picked.", mark=pair_of(labels),
        columns=("right", *labels, "nothing"), rows=rows,
    )  # fmt: skip
