"""Where rows come from: files of a hub, files at an address, files of one's own; pinned by content.

A row is a mapping as its makers wrote it, plus `_id`: its key where the file has keys, else its
zero-padded number.
"""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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
        """Whether the content of every file is checked; a revision alone cannot be, on a file in a folder."""
        return all(source.sha256 for source in self.files)


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
        hint = " Save it as UTF-8." if isinstance(error, UnicodeDecodeError) else ""
        raise DataError(f"{path}: cannot be read ({error}).{hint}") from error
    width = max(4, len(str(len(rows) - 1)))
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise DataError(f"{path}, row {number + 1}: found {row!r:.40}, not an object with fields.")
        row.setdefault("_id", f"{number:0{width}d}")
    return rows


def _csv_rows(path: Path) -> Rows:
    csv.field_size_limit(2**31 - 1)  # a clinical note is longer than Python's default takes
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


class Told(Record, frozen=True, kw_only=True):
    """Texts made elsewhere by sample id, and the field they were read from."""

    texts: Mapping[str, str]
    field: str


def read_predictions(path: Path, ids: Iterable[str], field: str = "", *, by_order: bool = False) -> Told:
    """Read one text for each id; missing, doubled, foreign and textless ones are named, all at once."""
    wanted = list(ids)
    rows = read_rows(path)
    field = field.removesuffix("[0]") or next((name for name in PREDICTION_FIELDS if rows and name in rows[0]), "")
    for name in (field, *([] if by_order else ["id"])):
        if rows and name not in rows[0]:
            has = ", ".join(str(key) for key in rows[0] if key != "_id")
            raise DataError(
                f"{path}: no field {name or ' or '.join(PREDICTION_FIELDS)!r}. It has: {has}. "
                "Name the text with --field; without ids say --by-order. A CSV has commas and UTF-8."
            )
    if by_order:
        if len(rows) != len(wanted):
            raise DataError(f"{path}: {len(rows)} rows for {len(wanted)} samples; --by-order needs one for each.")
        said = list(zip(wanted, rows, strict=True))
    else:
        said = [(str(row.get("id")), row) for row in rows]
    texts = {name: text for name, row in said if (text := _text(row.get(field))) is not None}
    given = Counter(name for name, _ in said)
    groups = {
        "missing": [name for name in wanted if name not in given],
        "doubled": [name for name, count in given.items() if count > 1],
        "foreign": [name for name in given if name not in {*wanted}],
        "textless": [name for name in given if name not in texts],
    }
    faults = [
        f"{path}: {len(names)} {what} ids: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}."
        for what, names in groups.items()
        if names
    ]
    if groups["missing"] and {name.lstrip("0") for name in groups["missing"]} == {*groups["foreign"]}:
        faults.append(f"{path}: the ids differ only by zeros at their head, which spreadsheets drop. Keep ids as text.")
    if faults:
        raise DataError(*faults)
    return Told(texts=texts, field=field)


def _text(value: object) -> str | None:
    """Take the prediction out of a cell: a text, or the first of a list; no text at all is no answer of the model's."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else None
