"""Sheets as people keep them: Excel, OpenDocument, CSV, JSON lines, Parquet; with the place of every cell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from medeval.errors import DataError
from medeval.sources.books import BOOKS, Grid, grid_of_book, said, sheets_of
from medeval.sources.rows import read_rows
from medeval.sources.texts import TEXTS, grid_of_text

RECORDS = (".jsonl", ".json", ".parquet")
Cell = object
"""A text; in records of JSON and Parquet also a list or a mapping."""
__all__ = ["Cell", "Line", "Sheet", "grid_of", "read_sheet", "sheets_of"]


class Line(NamedTuple):
    """One row, and the number by which its sheet knows it."""

    number: int
    cells: Mapping[str, Cell]


class Sheet(NamedTuple):
    """What a sheet holds: the names of its columns, and the rows that are not empty."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    letters: Mapping[str, str]
    """What a spreadsheet calls each column; nothing where there is no spreadsheet."""
    flaws: Mapping[tuple[int, str], str] = {}
    """What is wrong with a cell, by row and column."""
    dates: frozenset[tuple[int, str]] = frozenset()
    """Cells of a workbook that hold a date or a time."""

    def place(self, number: int, column: str) -> str:
        """Where a cell is, in words."""
        letter = self.letters.get(column)
        return f"row {number}, column {column!r}" + (f" ({letter}{number})" if letter else "")


def read_sheet(path: Path, name: str = "", header: int = 1) -> Sheet:
    """Read a sheet whose column names stand in row `header`."""
    kind = path.suffix.lower()
    if kind in RECORDS:
        return _records(path)
    grid = _grid_of(path, name)
    rows = grid.rows
    if not 1 <= header <= len(rows):
        raise DataError(f"{path}: there is no row {header} to take the names of columns from; it has {len(rows)} rows.")
    columns = _named(rows[header - 1], rows[header:], path, header)
    lines = [
        Line(number, {column: cells[place] if place < len(cells) else "" for place, column in columns.items()})
        for number, cells in enumerate(rows[header:], header + 1)
        if any(cells)
    ]
    flaws = {(row + 1, columns[place]): what for (row, place), what in grid.flaws.items() if place in columns}
    dates = frozenset([(row + 1, columns[place]) for row, place in grid.dates if place in columns])
    letters = {name: letter(place) for place, name in columns.items()}
    return Sheet(tuple(columns.values()), tuple(lines), letters, flaws, dates)


def grid_of(path: Path, name: str = "") -> list[list[str]]:
    """Every cell of a sheet as a text, from its very first row; the first sheet that can be seen if none is named."""
    return _grid_of(path, name).rows


def _grid_of(path: Path, name: str) -> Grid:
    try:
        stamp = path.stat()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    return _grid_once(path, name, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=2)
def _grid_once(path: Path, name: str, *_: int) -> Grid:
    """Read a file once, as long as it lies still: to guess, to check and to run are three looks at it."""
    kind = path.suffix.lower()
    if kind in BOOKS:
        return grid_of_book(path, name)
    if kind in TEXTS:
        return Grid(grid_of_text(path), {})
    kinds = ", ".join((*BOOKS, *TEXTS, *RECORDS))
    raise DataError(f"{path}: files of this kind are not read. Save it as one of {kinds}.")


def letter(place: int) -> str:
    """What a spreadsheet calls a column: A, B, …, Z, AA."""
    name = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        name, place = chr(65 + rest) + name, place - 1
    return name


def _named(head: list[str], body: list[list[str]], path: Path, header: int) -> Mapping[int, str]:
    """The columns that have a name, or cells, by their places."""
    width = max(map(len, [head, *body]))
    columns = {}
    for place in range(width):
        name = head[place] if place < len(head) else ""
        if name or any(cells[place] for cells in body if place < len(cells)):
            columns[place] = " ".join(name.split()) or f"column {letter(place)}"
    doubled = [name for name, count in Counter(columns.values()).items() if count > 1]
    if doubled:
        raise DataError(*[f"{path}, row {header}: two columns are called {name!r}. Rename one." for name in doubled])
    if not columns:
        raise DataError(f"{path}: nothing is in it.")
    return columns


def _records(path: Path) -> Sheet:
    rows = read_rows(path)
    columns = dict.fromkeys(name for row in rows for name in row if name != "_id")
    if not columns:
        raise DataError(f"{path}: nothing is in it.")
    lines = [Line(number, {name: _value(row.get(name)) for name in columns}) for number, row in enumerate(rows, 1)]
    return Sheet(tuple(columns), tuple([line for line in lines if any(line.cells.values())]), {})


def _value(value: object) -> Cell:
    """A cell of a record: lists and mappings stay what they are, of texts."""
    if isinstance(value, Mapping):
        return {str(key): said(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_value(each) if isinstance(each, Mapping) else said(each) for each in value]
    return said(value)
