"""The append-only truth."""

from medeval.journal.file import Journal
from medeval.journal.lines import Line, asked, fingerprint, frame, place, unframe

__all__ = ["Journal", "Line", "asked", "fingerprint", "frame", "place", "unframe"]
