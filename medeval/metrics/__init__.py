"""Metrics: what a walk is worth."""

from medeval.metrics.base import Metric, mean_over, metric
from medeval.metrics.choice import accuracy, macro_f1, partial_credit

__all__ = ["Metric", "accuracy", "macro_f1", "mean_over", "metric", "partial_credit"]
