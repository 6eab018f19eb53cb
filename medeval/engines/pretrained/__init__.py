"""What every engine over a folder of weights needs to know of it: its words, its numbers, its machine."""

from medeval.engines.pretrained.cuts import Cut, Cutter
from medeval.engines.pretrained.tongue import Tongue

__all__ = ["Cut", "Cutter", "Tongue"]
