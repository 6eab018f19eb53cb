"""Metrics: what a walk is worth."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from medeval.metrics.base import Metric, Tabling, mean_over, metric
from medeval.metrics.bundles import exam, exam_tables, texts
from medeval.metrics.choice import accuracy, macro_f1, of_labels, partial_credit
from medeval.metrics.verdicts import graded, graded_beside, rubric, rubric_beside, statements, statements_beside

if TYPE_CHECKING:
    from medeval.metrics.consulted import CONSULTED, CONSULTED_TABLES
    from medeval.metrics.inquiry import FIDELITY, INQUIRY, INQUIRY_TABLES
    from medeval.metrics.structured import (
        Wanted,
        close_to,
        of_entities,
        of_lists,
        of_relations,
        read_correction,
        value_read,
        within,
    )
    from medeval.metrics.text import BLEU, ROUGE, TEXT
    from medeval.metrics.turns import over_turns

LATE = {
    **dict.fromkeys(("BLEU", "ROUGE", "TEXT"), "text"),
    **dict.fromkeys(("CONSULTED", "CONSULTED_TABLES"), "consulted"),
    **dict.fromkeys(("FIDELITY", "INQUIRY", "INQUIRY_TABLES"), "inquiry"),
    "over_turns": "turns",
    **dict.fromkeys(
        ("Wanted", "close_to", "of_entities", "of_lists", "of_relations", "read_correction", "value_read", "within"),
        "structured",
    ),
}
"""Rooms with many patterns to compile, which are entered when a task asks for what is in them."""

__all__ = [
    "BLEU", "CONSULTED", "CONSULTED_TABLES", "FIDELITY", "INQUIRY", "INQUIRY_TABLES", "ROUGE", "TEXT", "Metric",
    "Tabling", "Wanted", "accuracy", "close_to", "exam", "exam_tables", "graded", "graded_beside", "macro_f1",
    "mean_over", "metric", "of_entities", "of_labels", "of_lists", "of_relations", "over_turns", "partial_credit",
    "read_correction", "rubric", "rubric_beside", "statements", "statements_beside", "texts", "value_read", "within",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in LATE:
        return getattr(import_module(f"medeval.metrics.{LATE[name]}"), name)
    raise AttributeError(f"module 'medeval.metrics' has no attribute {name!r}")
