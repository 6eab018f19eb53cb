"""What a model is to be used for, and which capabilities that asks of it."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from medeval.task import Capability, Task

Application = Literal["education", "diagnosis", "documentation", "consultation", "safety"]
APPLICATIONS: tuple[Application, ...] = get_args(Application)
ASKED_OF: Mapping[Application, tuple[Capability, ...]] = {
    "education": ("knowledge", "reasoning", "evidence"),
    "diagnosis": ("diagnosis", "reasoning", "calculation", "consultation"),
    "documentation": ("documentation", "extraction"),
    "consultation": ("consultation", "communication", "hallucination"),
    "safety": ("safety", "hallucination"),
}
"""By application, what it takes, the first before all. An exam of knowledge is no test of a consultation."""


def served(task: Task, wanted: Sequence[Application]) -> dict[Application, Capability]:
    """The applications that a task tells something of, each with the first capability of the task that it asks for."""
    found = {}
    for application in wanted:
        shared = [each for each in task.capabilities if each in ASKED_OF[application]]
        if shared:
            found[application] = shared[0]
    return found
