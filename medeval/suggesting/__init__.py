"""What to ask a model: tasks of a kind, and a suite for what it is to be used for, within a time."""

from medeval.suggesting.applications import APPLICATIONS, ASKED_OF, Application
from medeval.suggesting.costs import RATES
from medeval.suggesting.durations import duration, seconds_of
from medeval.suggesting.sieve import WORDS, Sieve, sieve, unknown, words
from medeval.suggesting.sights import sees
from medeval.suggesting.suites import (
    Choice,
    Left,
    Purpose,
    Suite,
    Wish,
    by_hand,
    permitted,
    suggest,
)

__all__ = [
    "APPLICATIONS", "ASKED_OF", "RATES", "WORDS", "Application", "Choice", "Left", "Purpose", "Sieve", "Suite",
    "Wish", "by_hand", "duration", "permitted", "seconds_of", "sees", "sieve", "suggest", "unknown", "words",
]  # fmt: skip
