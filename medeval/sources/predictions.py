"""Texts, or probabilities of options, made elsewhere, by sample."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from medeval.errors import DataError
from medeval.records import Record
from medeval.sources.rows import Rows, read_rows

PREDICTION_FIELDS = ("output", "outputs", "text", "answer", "note")
T = TypeVar("T")


class Told(Record, frozen=True, kw_only=True):
    """Texts made elsewhere by sample id, and the field they were read from."""

    texts: Mapping[str, str]
    field: str


def read_predictions(path: Path, ids: Iterable[str], field: str = "", *, by_order: bool = False) -> Told:
    """Read one text for each id; missing, doubled, foreign and textless ones are named, all at once."""
    rows = read_rows(path)
    field = field.removesuffix("[0]") or next((name for name in PREDICTION_FIELDS if rows and name in rows[0]), "")
    said = _by_id(path, rows, ids, field, by_order=by_order)
    return Told(texts=_taken(path, said, ids, "textless ids", lambda row, _: _text(row.get(field))), field=field)


def read_shares(
    path: Path, labels: Mapping[str, tuple[str, ...]], field: str, *, by_order: bool = False
) -> Mapping[str, tuple[float, ...]]:
    """Read the probabilities of the options of each id, in the order of its labels."""
    said = _by_id(path, read_rows(path), labels, field, by_order=by_order)
    lacking = "ids without a probability from 0 to 1 for every option"
    return _taken(path, said, labels, lacking, lambda row, name: _shares(row.get(field), labels.get(name, ())))


def _by_id(
    path: Path, rows: Rows, ids: Iterable[str], field: str, *, by_order: bool
) -> list[tuple[str, Mapping[str, object]]]:
    """The rows, each with its id."""
    wanted = list(ids)
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
        return list(zip(wanted, rows, strict=True))
    return [(str(row.get("id")), row) for row in rows]


def _taken(
    path: Path,
    said: list[tuple[str, Mapping[str, object]]],
    ids: Iterable[str],
    lacking: str,
    take: Callable[[Mapping[str, object], str], T | None],
) -> Mapping[str, T]:
    """What was taken out of every row; ids that are amiss are named, all at once."""
    wanted = list(ids)
    taken = {name: found for name, row in said if (found := take(row, name)) is not None}
    given = Counter(name for name, _ in said)
    groups = {
        "missing ids": [name for name in wanted if name not in given],
        "doubled ids": [name for name, count in given.items() if count > 1],
        "foreign ids": [name for name in given if name not in {*wanted}],
        lacking: [name for name in given if name not in taken and name in {*wanted}],
    }
    faults = [
        f"{path}: {len(names)} {what}: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}."
        for what, names in groups.items()
        if names
    ]
    if groups["missing ids"] and {name.lstrip("0") for name in groups["missing ids"]} == {*groups["foreign ids"]}:
        faults.append(f"{path}: the ids differ only by zeros at their head, which spreadsheets drop. Keep ids as text.")
    if faults:
        raise DataError(*faults)
    return taken


def _text(value: object) -> str | None:
    """Take the prediction out of a cell: a text, or the first of a list; no text at all is no answer of the model's."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else None


def _shares(value: object, labels: tuple[str, ...]) -> tuple[float, ...] | None:
    """Take a probability for every label: out of a mapping by label, or a list in the order of the labels."""
    listed = [value.get(label) for label in labels] if isinstance(value, dict) else value
    if (
        not isinstance(listed, list)
        or len(listed) != len(labels)
        or (isinstance(value, dict) and len(value) > len(labels))
    ):
        return None
    shares = [float(each) for each in listed if isinstance(each, int | float) and not isinstance(each, bool)]
    sound = len(shares) == len(labels) and all(0 <= each <= 1 for each in shares) and math.fsum(shares) > 0
    return tuple(shares) if sound else None
