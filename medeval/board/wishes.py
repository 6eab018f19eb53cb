"""What can be wished for of a board."""

from pathlib import Path
from typing import Literal

from medeval.board.words import TONGUES, Tongue
from medeval.records import Record

Texts = Literal["open", "all", "none"]


class Options(Record, frozen=True, kw_only=True):
    """How a board is built."""

    tongues: tuple[Tongue, ...] = TONGUES
    columns: Path | None = None
    """What stands together, if not as the project has it."""
    room: int = 30
    """Cases that the page of a cell shows."""
    texts: Texts = "open"
    """Whose texts are shown: those whose licence allows it, all, or none."""
    private: bool = False
    """Whether entries that were declared private stand on it too."""
    workers: int = 2
