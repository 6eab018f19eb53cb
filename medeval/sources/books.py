"""Workbooks: Excel and OpenDocument. No macro and no formula is run: cells hold what was computed last."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from medeval.errors import DataError
from medeval.sources.parcels import Flaws, looked_through
from medeval.sources.texts import clean

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How a file of either kind begins."""
LOCKED = "EncryptedPackage".encode("utf-16-le")
"""The stream of a workbook that is kept under a password."""
_WEB = re.compile(rb"\s*<(?:!doctype html|html|table|head|\?xml)", re.IGNORECASE)


class Grid(NamedTuple):
    """Every cell of a sheet as a text, from its very first row, and what is wrong with some of them."""

    rows: list[list[str]]
    flaws: Flaws
    """By row and column, from 0."""
    dates: frozenset[tuple[int, int]] = frozenset()
    """Cells that hold a date or a time: Excel makes one of what looks like it, such as 1-2 or 1:10."""


def sheets_of(path: Path) -> tuple[str, ...]:
    """The names of the sheets of a workbook that can be seen; of other files nothing."""
    if path.suffix.lower() not in BOOKS:
        return ()
    with _book(path) as book:
        return _seen(book)


def grid_of_book(path: Path, name: str) -> Grid:
    """Read a sheet; the first that can be seen if none is named."""
    with _book(path) as book:
        seen = _seen(book)
        if name and name not in book.sheet_names:
            raise DataError(f"{path}: has no sheet {name!r}. It has: {', '.join(book.sheet_names)}.")
        if not name and not seen:
            raise DataError(f"{path}: has no sheet that can be seen.")
        chosen = name or seen[0]
        found = looked_through(path, chosen)
        sheet = book.get_sheet_by_name(chosen)
        cells = sheet.to_python(skip_empty_area=False)
        rows = [[said(value) for value in row] for row in cells]
        for (place, column), text in found.told.items():
            rows[place][column] = text
        dates = frozenset([
            (place, column) for place, row in enumerate(cells) for column, value in enumerate(row)
            if isinstance(value, datetime | date | time | timedelta)
        ])  # fmt: skip
        _spread(rows, sheet)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise DataError(f"{path}: the sheet {chosen!r} is empty.")
    return Grid(rows, found.flaws, dates)


def said(value: object) -> str:
    """A cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else clean(str(value))


def _seen(book: "CalamineWorkbook") -> tuple[str, ...]:
    return tuple([sheet.name for sheet in book.sheets_metadata if str(sheet.visible).endswith("Visible")])


def _spread(rows: list[list[str]], sheet: "CalamineSheet") -> None:
    """Give every cell of a merged range the text that people see in all of it."""
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


@contextmanager
def _book(path: Path) -> "Iterator[CalamineWorkbook]":
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _look_at(path)
    try:
        # By its content: many a file is another than its name says.
        with open(path, "rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError as error:
        raise DataError(f"{path}: is locked with a password. Save a copy without one.") from error
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as a workbook ({error}). Save it anew as .xlsx.") from error


def _look_at(path: Path) -> None:
    """Refuse what is no workbook by its first bytes."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    if _WEB.match(head):
        raise DataError(f"{path}: is a web page by its content. Open it in Excel, and save it as .xlsx.")
    if not head.startswith((ZIP, OLD)):
        raise DataError(f"{path}: is no workbook by its content. Save it as .xlsx; a text is renamed to .csv.")
    if head.startswith(OLD) and LOCKED in path.read_bytes():
        raise DataError(f"{path}: is locked with a password. Save a copy without one.")
