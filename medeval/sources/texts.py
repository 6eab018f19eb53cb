"""Tables as texts: CSV as every program writes it, in the code pages and with the marks that are about."""

import csv
import io
import re
import unicodedata
from collections import Counter
from pathlib import Path

from medeval.errors import DataError

TEXTS = (".csv", ".tsv", ".txt")
LOOKED_AT = 50
"""Rows by which the mark is told that parts the columns."""
_UNSEEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]|_x000D_")
"""What copying from elsewhere leaves in cells, and nobody sees."""


def clean(text: str) -> str:
    """A text without what nobody sees, and with one kind of line end."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    return unicodedata.normalize("NFC", text).strip()


def grid_of_text(path: Path) -> list[list[str]]:
    """Every cell of a table as a text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(f"{path}: is a workbook by its content. Rename it to .xlsx or .xls.")
    text = _decoded(data, path)
    csv.field_size_limit(2**31 - 1)
    grid, read = [], csv.reader(io.StringIO(text, newline=""), delimiter=_parted_by(text), strict=True)
    try:
        for row in read:
            grid.append([clean(cell) for cell in row])  # noqa: PERF401  how far it came is told
    except csv.Error as error:
        raise DataError(
            f"{path}, row {len(grid) + 1}: cannot be read as a row of a table ({error}). Is a quote not closed?"
        ) from error
    while grid and not any(grid[-1]):
        grid.pop()
    if not grid:
        raise DataError(f"{path}: nothing is in it.")
    return grid


def _decoded(data: bytes, path: Path) -> str:
    """A text in UTF-8, in UTF-16 with its mark, or in the Chinese code page of Windows, which Excel still writes."""
    codes = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for code in codes:
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        if code != "gb18030" or _is_chinese(text):
            return text
    raise DataError(f"{path}: is in an old code page that is not known here. In Excel save it as 'CSV UTF-8'.")


def _is_chinese(text: str) -> bool:
    """Whether the characters are those that Chinese texts are made of: other code pages give others, read as one."""
    strange = [char for char in text if char > "\x7f"]
    common = sum(bool(char.encode("gb2312", "ignore")) for char in strange)
    return 2 * common > len(strange) and not any("\ue000" <= char <= "\uf8ff" for char in strange)


def _parted_by(text: str) -> str:
    """What parts the columns: a comma, or what Excel writes where a comma parts whole numbers."""
    return max(",;\t", key=lambda mark: (_width(text, mark), -",;\t".index(mark)))


def _width(text: str, mark: str) -> int:
    """How many cells most rows have, if this parts them."""
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            widths[len(row)] += bool(row)
            if widths.total() >= LOOKED_AT:
                break
    except csv.Error:
        return 0
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0
