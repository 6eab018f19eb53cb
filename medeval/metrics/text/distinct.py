"""How little texts repeat themselves, and each other."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import grams, words_of
from medeval.records import OpenSample, Walk
from medeval.stats import Interval

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

RUNS = {1: "words", 2: "pairs of words"}


def within(size: int) -> Callable[[OpenSample, Walk], Mark]:
    """Mark by the share of a text's runs that are distinct; without any it is 0."""

    def mark(sample: OpenSample, walk: Walk) -> Mark:
        runs = list(grams(words_of(walk.text, sample.language), size))
        return len(set(runs)) / len(runs) if runs else 0.0

    return mark


def across(size: int) -> Callable[[OpenSample, Walk], Mark]:
    """Mark by the numbers of all runs; unlike other marks they differ in length."""

    def mark(sample: OpenSample, walk: Walk) -> Mark:
        return tuple([_number(run) for run in grams(words_of(walk.text, sample.language), size)])

    return mark


@lru_cache(maxsize=65_536)
def _number(run: tuple[str, ...]) -> int:
    """The same in every process, and small enough for a float to hold it."""
    return int.from_bytes(blake2b(" ".join(run).encode(), digest_size=6).digest())


def gather(marks: Collection[Sequence[int]], weights: "Floats") -> "Floats":
    """Distinct runs of all texts as a share of all runs; a text that counts twice adds none the second time."""
    import numpy as np

    sizes = np.array([len(mark) for mark in marks])
    runs = np.array([run for mark in marks for run in mark], dtype=np.float64)
    names, places = np.unique(runs, return_inverse=True)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    shares = []
    for row in weights.reshape(-1, len(sizes)):
        seen = np.zeros(len(names), dtype=bool)
        seen[places[row[owners] > 0]] = True
        shares.append(seen.sum() / max(1.0, float(row @ sizes)))
    return np.reshape(shares, weights.shape[:-1])


def no_interval(marks: Sequence[Sequence[int]], seed: int) -> Interval:
    """The value alone.

    Texts drawn with replacement repeat some whole, which lowers the share; with fewer of them it would rise.
    """
    import numpy as np

    value = float(gather(marks, np.ones(len(marks))))
    return Interval(value, value, "none: draws repeat texts")


DISTINCT = (
    *[
        Metric(
            name=f"distinct_{size}", version=1, mark=within(size), voted=False,
            about=f"Distinct {what} of a text as a share of all that it has, as the mean of texts.",
        )
        for size, what in RUNS.items()
    ],
    *[
        Metric(
            name=f"corpus_distinct_{size}", version=1, mark=across(size), gather=gather, interval=no_interval,
            voted=False, kept=False,
            about=f"Distinct {what} of all texts together as a share of all: it falls as texts grow in number.",
        )
        for size, what in RUNS.items()
    ],
)  # fmt: skip
