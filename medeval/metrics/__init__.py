"""Metrics: what a walk is worth."""

from medeval.metrics.base import Metric, metric
from medeval.metrics.choice import accuracy, macro_f1

__all__ = ["Metric", "accuracy", "macro_f1", "metric"]
