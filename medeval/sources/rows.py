"""Rows out of every kind of file.

A row is a mapping as its makers wrote it, plus `_id`: its key where the file has keys, else its
zero-padded number.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from medeval.errors import DataError
from medeval.sources.guises import disguised, unfit

Rows = list[dict[str, Any]]


def read_rows(path: Path, columns: Sequence[str] = ()) -> Rows:
    """Read a file of rows: JSON lines, a JSON list or object, Parquet, or CSV, which has `columns` if no header."""
    if said := unfit(path.name):
        raise DataError(f"{path}: {said}")
    try:
        if what := disguised(path):
            raise DataError(f"{path}: this is {what}. Get the file of rows that it stands for.")
        if columns or path.suffix.lower() == ".csv":
            rows = _csv_rows(path, columns)
        elif path.suffix.lower() == ".parquet":
            from pyarrow import parquet

            rows = parquet.read_table(path).to_pylist()
        else:
            rows = _json_rows(path)
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        hint = " Save it as UTF-8." if isinstance(error, UnicodeDecodeError) else ""
        raise DataError(f"{path}: cannot be read ({error}).{hint}") from error
    width = max(4, len(str(len(rows) - 1)))
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise DataError(f"{path}, row {number + 1}: found {row!r:.40}, not an object with fields.")
        row.setdefault("_id", f"{number:0{width}d}")
    return rows


def count_rows(path: Path, columns: Sequence[str] = ()) -> int:
    """Count the rows of a file; of an object that is a list under one name, what is in the list."""
    rows = read_rows(path, columns)
    only = rows[0].get("value") if len(rows) == 1 and len(rows[0]) == 2 else None
    return len(only) if isinstance(only, list) else len(rows)


def _csv_rows(path: Path, columns: Sequence[str]) -> Rows:
    csv.field_size_limit(2**31 - 1)  # a clinical note is longer than Python's default takes
    with open(path, newline="", encoding="utf-8-sig") as file:
        if columns:
            return [
                _named(cells, columns, f"{path}, row {n}") for n, cells in enumerate(filter(None, csv.reader(file)), 1)
            ]
        rows: Rows = [dict(row) for row in csv.DictReader(file)]
    for number, row in enumerate(rows, 1):
        if None in row:
            raise DataError(f"{path}, row {number}: more cells than the header names. Is a comma not quoted?")
    return rows


def _named(cells: list[str], columns: Sequence[str], where: str) -> dict[str, Any]:
    if len(cells) != len(columns):
        # Without a header nothing but their number tells whether cells are what they are taken for.
        raise DataError(
            f"{where}: {len(cells)} cells, the task names {len(columns)} ({', '.join(columns)}). Is a comma not quoted?"
        )
    return dict(zip(columns, cells, strict=True))


def _json_rows(path: Path) -> Rows:
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    # Several benchmarks name files of JSON lines `.json`: the content decides, not the name.
    first, _, rest = data.lstrip().partition(b"\n")
    if path.suffix.lower() == ".jsonl" or (first.startswith(b"{") and rest.strip() and _is_json(first)):
        return _json_lines(data, path)
    whole = _from_json(data, path, 1)
    if isinstance(whole, list):
        return whole
    if not isinstance(whole, dict):
        raise DataError(f"{path}: found {whole!r:.40}, not rows.")
    return [
        {"_id": key, **value} if isinstance(value, dict) else {"_id": key, "value": value}
        for key, value in whole.items()
    ]


def _json_lines(data: bytes, path: Path) -> Rows:
    try:
        return msgspec.json.Decoder().decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Line by line, to forgive what can be forgiven, and to name the line of what cannot.
        lines = enumerate(data.split(b"\n"), 1)
        return [_from_json(line, path, number) for number, line in lines if line.strip()]


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _from_json(text: bytes, path: Path, line: int) -> Any:
    try:
        return msgspec.json.decode(text)
    except ValueError:
        pass
    try:
        # The standard library takes what strict JSON forbids: half surrogates and NaN.
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"{path}, line {line}: not JSON ({error}).") from error
