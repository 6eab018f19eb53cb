"""The numbers as files: JSON, CSV, CSV that no spreadsheet takes for formulas, signatures."""

import csv
import io
import re
from collections.abc import Iterator, Mapping

from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.shelf import Cell
from medeval.records import Estimate, to_json

SCHEMA = 1
HEAD = (
    "entry", "task", "column", "metric", "judge", "value", "low", "high", "method", "n", "unread", "truncated",
    "refused", "too_long", "failed", "rank_low", "rank_high", "ranked", "unit", "better", "flags", "protocol",
    "conditions",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫")
"""What a spreadsheet may take for the start of a formula."""
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


def files(board: Board, version: str) -> Iterator[tuple[str, bytes]]:
    """Make every file."""
    columns = {
        (cell.place.said, column.metric): column for column in board.columns.values()
        for cell in column.cells.values()
    }  # fmt: skip
    rows = list(_rows(board, columns))
    records = [dict(zip(HEAD, row, strict=True)) for row in rows]
    entries = [
        {
            "slug": slug, "name": entry.name, "parent": entry.card.parent, "stage": entry.card.stage,
            "tags": list(entry.card.tags), "licence": entry.card.licence, "baseline": entry.is_floor,
            "superseded": slug in board.old,
        }
        for slug, entry in board.entries.items()
    ]  # fmt: skip
    yield "results.json", to_json({
        "schema_version": SCHEMA, "medeval": version, "entries": entries, "results": records,
        "groups": [
            {
                "group": part.group.key, "columns": [column.key for column in part.shown],
                "standings": [
                    {"entry": row.slug, "low": row.low, "high": row.high, "tier": row.tier + 1}
                    for row in part.standings.rows
                ],
            }
            for part in board.parts
        ],
        "unreadable": [{"place": each.place, "why": each.why, "unfinished": each.unfinished} for each in board.broken],
    }) + b"\n"  # fmt: skip
    yield "results.csv", _csv(rows)
    yield "results.safe.csv", _csv([[guarded(value) for value in row] for row in rows])
    yield "signatures.txt", "".join([
        f"{cell.place.said}\t{cell.result.signature}\n" for entry in board.entries.values() for cell in entry.cells
    ]).encode("utf-8", "replace")  # fmt: skip


def guarded(value: object) -> object:
    """Put an apostrophe before text that could be taken for a formula; numbers are left as they are."""
    if not isinstance(value, str):
        return value
    # Blanks and what is not seen may be trimmed off on the way in.
    seen = _BLANK.sub("", value, count=1) if _BLANK.match(value) else value
    return f"'{value}" if seen.startswith(FORMULA) or value.startswith(("\t", "\r", "\n")) else value


def _rows(board: Board, columns: Mapping[tuple[str, str], Column]) -> Iterator[list[object]]:
    for slug, entry in board.entries.items():
        for cell in entry.cells:
            for each in cell.result.estimates:
                yield _row(slug, cell, each, columns.get((cell.place.said, each.metric)), board)


def _row(slug: str, cell: Cell, each: Estimate, column: Column | None, board: Board) -> list[object]:
    ranks = board.ranks[column.key].ranks.get(slug) if column else None
    low, high = ranks or (None, None)
    return [
        slug, cell.result.task, column.key if column else "", each.metric, cell.result.judge, each.value, each.low,
        each.high, each.method, each.n, each.unread, each.truncated, each.refused, each.too_long, each.failed, low,
        high, len(column.ranked) if column and ranks else None, each.unit, each.better, "; ".join(cell.result.flags),
        cell.result.protocol, cell.result.conditions,
    ]  # fmt: skip


def _csv(rows: list[list[object]]) -> bytes:
    made = io.StringIO(newline="")
    # RFC 4180; and only so is a text with a lone carriage return quoted.
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(rows)
    return made.getvalue().encode("utf-8", "replace")
