"""A cell's folder, open for writing: its journal, and all that is derived from it."""

from medeval.cells.opened import Opened, own_version

__all__ = ["Opened", "own_version"]
