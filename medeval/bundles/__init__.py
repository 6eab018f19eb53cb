"""Bundles: the data of tasks and what goes with them, in one file for machines behind a wall."""

from medeval.bundles.archive import Archive
from medeval.bundles.arriving import Arrival, Seen, checked, take_in
from medeval.bundles.manifest import Carried, Manifest, Piece
from medeval.bundles.packing import Packed, Packing, pack

__all__ = [
    "Archive", "Arrival", "Carried", "Manifest", "Packed", "Packing", "Piece", "Seen", "checked", "pack", "take_in",
]  # fmt: skip
