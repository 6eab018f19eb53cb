"""Where rows come from: files of a hub, files at an address, files of one's own; pinned by content.

A row is a mapping as its makers wrote it, plus `_id`: its key where the file has keys, else its
zero-padded number.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from medeval.errors import DataError
from medeval.records import Record, Row, Sample

Rows = list[dict[str, Any]]


class Hub(Record, frozen=True, kw_only=True):
    """A file of a data set on the Hugging Face hub, at a revision of 40 hex digits."""

    repo: str
    path: str
    revision: str = ""
    sha256: str = ""

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256 or self.revision

    @property
    def said(self) -> str:
        """The source in words."""
        return f"hub:{self.repo}@{self.revision[:8] or 'main'}/{self.path}"


class Url(Record, frozen=True, kw_only=True):
    """A raw file at an address."""

    url: str
    sha256: str = ""

    @property
    def path(self) -> str:
        """The name of the file."""
        return self.url.rsplit("/", 1)[-1]

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256

    @property
    def said(self) -> str:
        """The source in words."""
        return self.url


class Local(Record, frozen=True, kw_only=True):
    """A file that one has to bring along."""

    path: str
    sha256: str = ""

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256

    @property
    def said(self) -> str:
        """The source in words."""
        return f"a file of your own: {self.path}"


Source = Hub | Url | Local


def _only(rows: Rows) -> Iterable[Row]:
    return rows


class Form(Record, frozen=True, kw_only=True):
    """One shape in which a benchmark is published; `join` makes rows of its files, in their order."""

    name: str
    files: tuple[Source, ...]
    to_sample: Callable[[Row], Sample]
    join: Callable[..., Iterable[Row]] = _only
    exemplars: tuple[Source, ...] = ()
    """Files whose rows may be shown as solved examples; never the rows that are asked."""
    join_exemplars: Callable[..., Iterable[Row]] = _only

    @property
    def pinned(self) -> bool:
        """Whether the content of every file is held fast."""
        return all(source.pin for source in self.files)


def place(root: Path, folder: str, source: Source) -> Path:
    """Name the file that stands for a source below a data folder."""
    return root / folder / source.path


def check_pin(path: Path, source: Source) -> None:
    """Refuse a file that is not the one that was pinned."""
    if not source.sha256:
        return
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != source.sha256:
        raise DataError(
            f"{path}: sha256 is {found[:12]}…, the task pins {source.sha256[:12]}…. "
            f"Get the original file ({source.said})."
        )


def read_rows(path: Path) -> Rows:
    """Read a file of rows: JSON lines, a JSON list or object, CSV, or Parquet."""
    try:
        if path.suffix.lower() == ".csv":
            rows = _csv_rows(path)
        elif path.suffix.lower() == ".parquet":
            from pyarrow import parquet

            rows = parquet.read_table(path).to_pylist()
        else:
            rows = _json_rows(path)
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error
    width = max(4, len(str(len(rows) - 1)))
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise DataError(f"{path}, row {number + 1}: found {row!r:.40}, not an object with fields.")
        row.setdefault("_id", f"{number:0{width}d}")
    return rows


def _csv_rows(path: Path) -> Rows:
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows: Rows = [dict(row) for row in csv.DictReader(file)]
    for number, row in enumerate(rows, 1):
        if None in row:
            raise DataError(f"{path}, row {number}: more cells than the header names. Is a comma not quoted?")
    return rows


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


PREDICTION_FIELDS = ("output", "outputs", "text", "answer", "note")


def read_predictions(path: Path, ids: Iterable[str], field: str = "", *, by_order: bool = False) -> dict[str, str]:
    """Read texts made elsewhere, one for each id; missing, doubled and foreign ids are named."""
    wanted = list(ids)
    rows = read_rows(path)
    if by_order:
        if len(rows) != len(wanted):
            raise DataError(f"{path}: {len(rows)} rows for {len(wanted)} samples; --by-order needs one for each.")
        return {
            name: _text(row, field, path, number)
            for number, (name, row) in enumerate(zip(wanted, rows, strict=True), 1)
        }
    texts: dict[str, str] = {}
    doubled: list[str] = []
    for number, row in enumerate(rows, 1):
        if "id" not in row:
            raise DataError(
                f"{path}, row {number}: no field 'id'. Add one, or say --by-order if the rows are in the task's order."
            )
        name = str(row["id"])
        if name in texts:
            doubled.append(name)
        texts[name] = _text(row, field, path, number)
    known = set(wanted)
    faults = [
        f"{path}: {len(names)} {what} ids: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}."
        for what, names in (
            ("missing", [name for name in wanted if name not in texts]),
            ("doubled", list(dict.fromkeys(doubled))),
            ("foreign", [name for name in texts if name not in known]),
        )
        if names
    ]
    if faults:
        raise DataError(*faults)
    return texts


def _text(row: Row, field: str, path: Path, number: int) -> str:
    """Take the prediction out of a row: a text, the first of a list, or a letter."""
    name = field or next((known for known in PREDICTION_FIELDS if known in row), "")
    if name not in row:
        has = ", ".join(key for key in row if key != "_id")
        wanted = name or " or ".join(PREDICTION_FIELDS)
        raise DataError(f"{path}, row {number}: no field {wanted!r}. It has: {has}. Name one with --field.")
    value = row[name]
    if isinstance(value, list) and value:
        value = value[0]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataError(f"{path}, row {number}: {name} is {value!r:.40}, not a text.")
    return value
