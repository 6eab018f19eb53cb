"""What lm-eval makes of replies, as metrics of ours: its own marks, its own way to gather them, and our intervals."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from medeval.errors import TaskError
from medeval.interop.lm_eval import Key, Loaded
from medeval.interop.wordings import results_of
from medeval.metrics.base import Mark, Metric, of_list
from medeval.records import AskedSample, Unit, Walk
from medeval.stats import Interval, student

MEANS = ("mean", "nanmean")
SLOW = ("bleu", "chrf", "chrfpp", "ter")
"""Of these a draw takes as long as a whole corpus: lm-eval takes a hundred of them too."""
DRAWS, FEW_DRAWS = 500, 100
FRACTIONS = ("acc", "acc_norm", "acc_bytes", "acc_mutual_info", "exact_match", "f1", "mcc", "brier_score")
"""Metrics of lm-eval's own that are fractions; whatever else comes is printed as it came."""


class Marker:
    """Marks walks, each once for all metrics."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._known: tuple[Walk | None, dict[Key, Any]] = None, {}
        self._keys = loaded.keys()

    def metrics(self) -> tuple[Metric, ...]:
        """Every metric under every filter, by names of ours: `exact_match,strict-match` is exact_match_strict_match."""
        made = tuple([self._metric(key) for key in self._keys])
        if len({metric.name for metric in made}) < len(made):
            raise TaskError(f"{self._loaded.name}: two of its metrics have one name here: {self._keys}.")
        return made

    def _metric(self, key: Key) -> Metric:
        how, gather = self._loaded.gathering(key)
        more = self._loaded.more_is_better(key)
        unit: Unit = "fraction" if how and key[0] in FRACTIONS else "plain"

        def mark(sample: AskedSample, walk: Walk) -> Mark:
            if walk.answer.status != "scored":
                # A prompt that is too long is a wrong answer where there is such a thing, and else no answer at all.
                return 0.0 if how in MEANS and more else None
            return _mark(self._marks(sample, walk).get(key), means=how in MEANS, drops=how == "nanmean")

        return Metric(
            name=name_of(key), version=1, mark=mark, unit=unit, voted=False, better="higher" if more else "lower",
            about=f"{','.join(key)} of {self._loaded.harness}{'' if more else '; less is better'}.",
            **_gathering(how, gather),
        )  # fmt: skip

    def _marks(self, sample: AskedSample, walk: Walk) -> dict[Key, Any]:
        if self._known[0] is not walk:
            marks = self._loaded.marks(sample.id, list(results_of(walk.exchanges)))
            if strange := [key for key in marks if key not in self._keys]:
                raise TaskError(
                    f"{self._loaded.name}: marks sample {sample.id!r} by {strange[0][0]!r}, of which neither its "
                    "metric_list nor its first row told. Add it to the metric_list."
                )
            self._known = walk, marks
        return self._known[1]


def name_of(key: Key) -> str:
    """Name a metric; the filter is named too, unless there is none."""
    metric, passed = key
    return re.sub(r"[^\w.+@]+", "_", metric if passed == "none" else f"{metric}_{passed}")


def _mark(value: Any, *, means: bool, drops: bool) -> Mark:
    """Keep a number as one, and whatever else is gathered later as a tuple of one."""
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if value is None:
        return None
    if not isinstance(value, bool | int | float):
        return (value,)
    if drops and math.isnan(value):
        return None
    return float(value) if means or math.isfinite(value) else (value,)


def _gathering(how: str, gather: Callable[[list[Any]], float]) -> Mapping[str, Any]:
    """How marks come together: a mean is one of ours; all else is lm-eval's own, drawn again for its interval."""
    if how in MEANS:
        return {}

    def gathered(marks: list[Any]) -> float:
        return gather([mark[0] if isinstance(mark, tuple) else mark for mark in marks])

    if how == "perplexity":
        return {"gather": of_list(gathered), "interval": _of_log}
    return {"gather": of_list(gathered), "draws": FEW_DRAWS if how in SLOW else DRAWS}


def _of_log(marks: Sequence[Any], seed: int) -> Interval:
    low, high, method = student(list(marks))
    return Interval(math.exp(-high), math.exp(-low), f"{method}, of the mean log-probability")
