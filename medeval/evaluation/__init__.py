"""Strings the rooms together: a checked plan is played, scored and published; what was recorded is scored again."""

from medeval.evaluation.again import judge, rescore
from medeval.evaluation.outcome import Evaluation, Progress
from medeval.evaluation.running import Options, evaluate, look_ahead, run, score_predictions, seldom_collected

__all__ = [
    "Evaluation", "Options", "Progress", "evaluate", "judge", "look_ahead", "rescore", "run", "score_predictions",
    "seldom_collected",
]  # fmt: skip
