"""Texts made elsewhere, by sample."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from medeval.errors import DataError
from medeval.records import Record
from medeval.sources.rows import read_rows

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
