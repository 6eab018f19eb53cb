"""Cells as texts."""

from collections.abc import Mapping

from medeval.sources import Cell


def text_of(cell: Cell) -> str:
    """A cell as one text: of a list its parts, a line each."""
    if isinstance(cell, list):
        return "\n".join(map(str, cell))
    return str(cell)


def is_text(cell: Cell) -> bool:
    """Whether a cell can be read as one text; fields of a record cannot."""
    parts = cell if isinstance(cell, list) else [cell]
    return not any(isinstance(each, Mapping) for each in parts)
