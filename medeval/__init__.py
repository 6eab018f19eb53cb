"""medeval: an evaluation harness for medical language models.

This is the face: the names that a task file or a script needs. Nothing inside medeval imports it.
"""

from typing import TYPE_CHECKING, Any

from medeval import metrics, prompts, readers
from medeval.arrange import lettered, words
from medeval.gradings import CMB, DISC, MET, SURVEY, Grading
from medeval.metrics import Metric
from medeval.records import (
    CaseSample,
    ChoiceSample,
    Criterion,
    Decoding,
    DialogueSample,
    Language,
    Manner,
    Message,
    OpenSample,
    Option,
    Row,
    RubricSample,
    Style,
    Turn,
    Walk,
)
from medeval.sources import Form, Hub, Local, Url
from medeval.task import IN_WRITING, Judged, Task, in_texts, judged_by

if TYPE_CHECKING:
    from medeval.evaluation import evaluate

__version__ = "0.8.0"

__all__ = [
    "CMB", "DISC", "IN_WRITING", "MET", "SURVEY", "CaseSample", "ChoiceSample", "Criterion", "Decoding",
    "DialogueSample", "Form", "Grading", "Hub", "Judged", "Language", "Local", "Manner", "Message", "Metric",
    "OpenSample", "Option", "Row", "RubricSample", "Style", "Task", "Turn", "Url", "Walk", "evaluate", "in_texts",
    "judged_by", "lettered", "metrics", "prompts", "readers", "words",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # A task file needs no runner: what only scripts need is imported when they ask for it.
    if name == "evaluate":
        from medeval.evaluation import evaluate

        return evaluate
    raise AttributeError(f"module 'medeval' has no attribute {name!r}")
