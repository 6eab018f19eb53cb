"""What a task is, and what is wrong with it if it is wrong."""

from medeval.task.declaration import Capability, Judged, Task, TaskKind, judged_by
from medeval.task.loading import own_exemplars
from medeval.task.manners import IN_WRITING, in_texts
from medeval.task.soundness import Worded

__all__ = [
    "IN_WRITING", "Capability", "Judged", "Task", "TaskKind", "Worded", "in_texts", "judged_by", "own_exemplars",
]  # fmt: skip
