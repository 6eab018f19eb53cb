"""Numbers in, numbers out: intervals, tests, ranks, agreement, power.

Intervals of a mean need no numpy and are here at once. The other rooms stand on it, and each is loaded when it is first
named, as `stats.paired`: `medeval tasks` needs none of them.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from medeval.stats.intervals import Interval, clopper_pearson, clustered, mean_of_means, student, wilson

if TYPE_CHECKING:
    from medeval.stats import agreement, bootstrap, confidence, many, paired, pairwise, power, ranks, strengths, tables

ROOMS = ("agreement", "bootstrap", "confidence", "many", "paired", "pairwise", "power", "ranks", "strengths", "tables")

__all__ = [
    "Interval", "agreement", "bootstrap", "clopper_pearson", "clustered", "confidence", "many", "mean_of_means",
    "paired", "pairwise", "power", "ranks", "strengths", "student", "tables", "wilson",
]  # fmt: skip


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return import_module(f"medeval.stats.{name}")
    raise AttributeError(f"module 'medeval.stats' has no attribute {name!r}")
