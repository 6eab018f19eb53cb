"""Any two entries, sample by sample: what the comparing script is handed, and neighbours laid out without it."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from medeval.board import figures, tables
from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.marks import Floats
from medeval.records import Better, Record
from medeval.stats import paired

Word = Literal["better", "worse", "tied"]
PAGE = 200
"""Questions on one page."""
FLIPS, NEAR = 24, 40


class Line(Record, frozen=True, kw_only=True):
    """One column: both values, and what lies between them."""

    title: str
    how: str
    href: str
    n: str
    first: str
    second: str
    cells: tuple[str, str]
    """Where the pages of both are, below the language's folder."""
    difference: str
    interval: str
    p: str
    word: Word
    """Of the second."""
    spot: tuple[float, float, float]
    """The difference and its limits, in per cent of an axis from -1 to 1; of a plain unit, as far as it reaches."""
    lost: int
    won: int
    flips: tuple[tuple[str, str, str], ...]
    """Samples that only one has right: name, link, which."""


class Page(Record, frozen=True, kw_only=True):
    """Two entries."""

    first: str
    second: str
    first_href: str
    second_href: str
    lines: tuple[Line, ...]
    live: str


def packed(board: Board, homes: Sequence[Column], shown: Mapping[str, bool]) -> Mapping[str, object]:
    """All that the script needs: a bit a sample where marks are right or wrong, else sums of products."""
    there = [entry for slug, entry in board.entries.items() if slug not in board.old]
    entries = [
        # The page opens with the first two: models before rules.
        {"slug": entry.slug, "name": entry.name} for entry in sorted(there, key=lambda entry: entry.is_floor)
    ]  # fmt: skip
    columns = []
    for column in homes:
        slugs = column.shared
        if len(slugs) < 2:
            continue
        named = board.names[column.key]
        base: dict[str, object] = {
            "key": column.key, "title": column.title, "how": column.told, "metric": column.metric,
            "better": column.better, "unit": column.unit, "n": len(named.ids),
        }  # fmt: skip
        marks = column.marks(slugs)
        if column.is_binary and not named.clusters:
            bits = np.packbits(marks.T.astype(bool), axis=1, bitorder="little")
            base |= {
                "kind": "bits", "bits": {slug: _text(row.tobytes()) for slug, row in zip(slugs, bits, strict=True)},
                "questions": f"question/{column.key}-{{page}}.html#q{{i}}" if shown.get(column.key) else "",
                "page": PAGE, "ids": list(named.ids),
            }  # fmt: skip
        else:
            base |= _crossed(marks, named.clusters) | {"slugs": list(slugs)}
        columns.append(base)
    return {"entries": entries, "columns": columns}


def neighbours(board: Board) -> Iterator[tuple[str, str]]:
    """Entries that stand next to each other in some group, as far down as anybody would leaf."""
    seen = set()
    for part in board.parts:
        order = [row.slug for row in part.standings.rows[:NEAR]]
        for pair in pairwise(order):
            if pair not in seen and pair[::-1] not in seen:
                seen.add(pair)
                yield pair


def page(board: Board, pair: tuple[str, str], homes: Sequence[Column], shown: Mapping[str, bool]) -> Page:
    """Lay two entries out."""
    one, two = pair
    lines = [
        line(board, column, pair, shown=shown.get(column.key, False)) for column in homes
        if {one, two} <= {*column.shared}
    ]  # fmt: skip
    return Page(
        first=board.entries[one].name, second=board.entries[two].name, first_href=f"../entry/{one}.html",
        second_href=f"../entry/{two}.html", lines=tuple(lines), live=f"../compare.html#a={one}&b={two}",
    )  # fmt: skip


def line(board: Board, column: Column, pair: tuple[str, str], *, shown: bool = False) -> Line:
    """Compare two entries in a column: by McNemar and Tango, or by Student's t of the differences."""
    named = board.names[column.key]
    one, two = column.marks(pair).T
    n, gap, low, high, p = compared(one, two, named.clusters, binary=column.is_binary)
    lost, won = np.flatnonzero(one > two), np.flatnonzero(two > one)
    binary = column.is_binary
    # Shares are all on one axis, from all lost to all won, so that one below the other can be compared.
    reach = max(abs(low), abs(high), 1e-9) if column.unit == "plain" else 1.0
    axis = figures.Scale(low=-reach, high=reach)
    flips = [
        (named.ids[place], f"../question/{column.key}-{place // PAGE + 1}.html#q{place}" if shown else "", who)
        for places, who in ((lost, "first"), (won, "second")) for place in places[:FLIPS].tolist()
    ] if binary else []  # fmt: skip
    return Line(
        title=column.title, how=column.told, href=f"../task/{column.key}.html", n=f"{n:,}",
        first=figures.number(float(one.mean()), column.unit), second=figures.number(float(two.mean()), column.unit),
        cells=(tables.cell_page(column.cells[pair[0]]), tables.cell_page(column.cells[pair[1]])),
        difference=figures.signed(gap, column.unit), interval=figures.interval(low, high, column.unit),
        p="< 0.001" if p < 0.001 else f"{p:.3f}", word=word(column.better, gap, low, high),
        spot=(axis.at(gap), axis.at(low), axis.at(high)),
        lost=len(lost), won=len(won), flips=tuple(flips),
    )  # fmt: skip


def word(better: Better, gap: float, low: float, high: float) -> Word:
    """Say what a difference comes to; without an interval it comes to nothing."""
    if low <= 0 <= high or low == high:
        return "tied"
    return "better" if (gap > 0) == (better == "higher") else "worse"


def compared(
    one: Floats, two: Floats, clusters: Sequence[str], *, binary: bool
) -> tuple[int, float, float, float, float]:
    """The number of samples, the difference (second less first), its limits, and the chance of as much by luck."""
    n = len(one)
    if binary and not clusters:
        won, lost = int((two > one).sum()), int((one > two).sum())
        limits = paired.tango(won, lost, n)
        return n, (won - lost) / n, limits.low, limits.high, paired.mcnemar(won, lost).mid_p
    found = paired.paired_t(one.tolist(), two.tolist(), clusters or None)
    return n, found.value, found.low, found.high, found.p


def _crossed(marks: Floats, clusters: Sequence[str]) -> dict[str, object]:
    """Sums of products of marks less their means: the error of every difference follows from them."""
    rest = marks - marks.mean(axis=0)
    if clusters:
        owners = np.unique(np.asarray(clusters), return_inverse=True)[1]
        sums = np.zeros((int(owners.max()) + 1, marks.shape[1]))
        np.add.at(sums, owners, rest)
        rest = sums
    count = len(rest)
    cross = (rest.T @ rest)[np.triu_indices(marks.shape[1])]
    return {
        "kind": "cross", "t": float(stdtrit(count - 1, 0.975)), "scale": count / max(1, count - 1) / len(marks) ** 2,
        "means": _text(marks.mean(axis=0).astype("<f8").tobytes()), "cross": _text(cross.astype("<f8").tobytes()),
    }  # fmt: skip


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
