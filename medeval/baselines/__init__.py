"""Pinned baselines: what nights are held against, in files for git."""

from medeval.baselines.files import FOLDER, WANTED, Baseline, Standing, accept, found, listed, read
from medeval.baselines.pins import Pin, Pinned, averaged, bare, stacked, take

__all__ = [
    "FOLDER", "WANTED", "Baseline", "Pin", "Pinned", "Standing", "accept", "averaged", "bare", "found", "listed",
    "read", "stacked", "take",
]  # fmt: skip
