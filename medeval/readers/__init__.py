"""Ways to read an answer out of a text."""

from medeval.readers.base import Reader
from medeval.readers.house import HOUSE
from medeval.readers.mirage import MIRAGE
from medeval.readers.moves import Move, read_move

__all__ = ["HOUSE", "MIRAGE", "Move", "Reader", "read_move"]
