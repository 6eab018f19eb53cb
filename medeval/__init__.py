"""medeval: an evaluation harness for medical language models.

This is the face: the names that a task file or a script needs. Nothing inside medeval imports it.
"""

from typing import TYPE_CHECKING, Any

from medeval import metrics, prompts, readers
from medeval.arrange import lettered, words
from medeval.metrics import Metric
from medeval.records import (
    ChoiceSample,
    Decoding,
    Language,
    Manner,
    Message,
    OpenSample,
    Option,
    Row,
    Style,
    Walk,
)
from medeval.sources import Form, Hub, Local, Url
from medeval.task import IN_WRITING, Task

if TYPE_CHECKING:
    from medeval.evaluation import evaluate

__version__ = "0.4.0"

__all__ = [
    "IN_WRITING", "ChoiceSample", "Decoding", "Form", "Hub", "Language", "Local", "Manner", "Message", "Metric",
    "OpenSample", "Option", "Row", "Style", "Task", "Url", "Walk", "evaluate", "lettered", "metrics", "prompts",
    "readers", "words",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # A task file needs no runner: what only scripts need is imported when they ask for it.
    if name == "evaluate":
        from medeval.evaluation import evaluate

        return evaluate
    raise AttributeError(f"module 'medeval' has no attribute {name!r}")
