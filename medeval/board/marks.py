"""What every sample of a cell is worth, read from samples.jsonl and nothing else of it."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
import numpy.typing as npt

from medeval.errors import DataError
from medeval.records import NOT_MEASURED, Status

Floats = npt.NDArray[np.float64]
STATUSES: tuple[Status, ...] = get_args(Status)
_CODES = {status: code for code, status in enumerate(STATUSES)}
UNMEASURED = frozenset(_CODES[status] for status in NOT_MEASURED)


class Marks(NamedTuple):
    """By sample, in the order of the file: what it is worth by each metric, and how it went."""

    key: str
    """A hash of the samples' names and clusters: the same where two cells are of the same samples."""
    values: dict[str, Floats]
    """Not a number where there is no mark."""
    statuses: npt.NDArray[np.uint8]


class Named(NamedTuple):
    """The samples' names, and what they share; empty where every sample stands alone."""

    ids: tuple[str, ...]
    clusters: tuple[str, ...]


@cache
def _decoder(metrics: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """Decode no more of a line than is needed: a fifth of the time that the whole takes."""
    fields = [(f"_{place}", float | None, msgspec.field(name=name, default=None)) for place, name in enumerate(metrics)]
    scores = msgspec.defstruct("Scores", fields, gc=False)
    line = msgspec.defstruct(
        "Line", [("sample", str), ("status", str), ("scores", scores), ("cluster", str, "")], gc=False
    )
    return msgspec.json.Decoder(line)


def read(path: Path, metrics: Sequence[str]) -> tuple[Marks, Named]:
    """Read the marks of a cell; a sample that was asked more than once is worth the mean."""
    try:
        lines = _decoder(tuple(metrics)).decode_lines(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path.name}: {error}.") from error
    ids, clusters = [line.sample for line in lines], [line.cluster for line in lines]
    scores = [line.scores for line in lines]
    # Column by column, for a row of each line is a list more for each of millions.
    table = np.array([[getattr(each, f"_{place}") for each in scores] for place in range(len(metrics))], dtype=float)
    table = table.reshape(len(metrics), len(lines)).T
    try:
        codes = np.array([_CODES[line.status] for line in lines], dtype=np.uint8)
    except KeyError as error:
        raise DataError(f"{path.name}: there is no status {error}.") from error
    if len({*ids}) < len(ids):
        ids, clusters, table, codes = _merged(ids, clusters, table, codes)
    # Surrogates that stand alone are in some texts of the world, and are no UTF-8.
    said = "\n".join([*ids, "", *clusters]).encode("utf-8", "surrogatepass")
    values = {name: np.ascontiguousarray(table[:, place]) for place, name in enumerate(metrics)}
    named = Named(tuple(ids), tuple(clusters) if any(clusters) else ())
    return Marks(hashlib.sha256(said).hexdigest()[:32], values, codes), named


def _merged(
    ids: Sequence[str], clusters: Sequence[str], table: Floats, codes: npt.NDArray[np.uint8]
) -> tuple[list[str], list[str], Floats, npt.NDArray[np.uint8]]:
    """One row a sample: the mean of its takes, and of their ways of going the one that went least well."""
    first: dict[str, int] = {}
    for place, name in enumerate(ids):
        first.setdefault(name, place)
    number = {name: row for row, name in enumerate(first)}
    rows = np.array([number[name] for name in ids])
    sums, counts = np.zeros((len(first), table.shape[1])), np.bincount(rows, minlength=len(first))
    np.add.at(sums, rows, table)
    worst = np.zeros(len(first), dtype=np.uint8)
    np.maximum.at(worst, rows, codes)
    return [*first], [clusters[place] for place in first.values()], sums / counts[:, None], worst
