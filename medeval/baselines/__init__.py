"""Pinned baselines: what nights are held against, in files for git."""

from medeval.baselines.files import FOLDER, WANTED, Baseline, Standing, accept, found, listed, read
from medeval.baselines.pins import Pin, Pinned, averaged, bare, each_take, take

__all__ = [
    "FOLDER", "WANTED", "Baseline", "Pin", "Pinned", "Standing", "accept", "averaged", "bare", "each_take", "found",
    "listed", "read", "take",
]  # fmt: skip
