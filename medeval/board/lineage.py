"""What was gained and what was forgotten, from a model to the one that was made of it."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from medeval import reports
from medeval.board import costs, figures, pairs
from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.shelf import Cell, Entry
from medeval.board.words import Words
from medeval.entries import generations, parents
from medeval.records import Record
from medeval.scoring.slices import COMPARED


class Part(Record, frozen=True, kw_only=True):
    """A specialty, or another part of the samples."""

    slice: str
    n: int
    difference: str
    interval: str
    word: str


class Step(Record, frozen=True, kw_only=True):
    """A column, before and after."""

    line: pairs.Line
    matrix: tuple[int, int, int, int]
    """Right both times, forgotten, learnt, wrong both times."""
    parts: tuple[Part, ...]
    drift: tuple[tuple[str, str, str], ...]
    """What else changed: name, before, after."""


class Pass(Record, frozen=True, kw_only=True):
    """From a parent to its child."""

    parent: str
    child: str
    parent_href: str
    child_href: str
    stage: str
    steps: tuple[Step, ...]


class Page(Record, frozen=True, kw_only=True):
    """All that is declared."""

    chains: tuple[tuple[str, ...], ...]
    faults: tuple[str, ...]
    passes: tuple[Pass, ...]


def page(board: Board, homes: Sequence[Column], words: Words) -> Page:
    """Lay out every declared step."""
    by_name = {entry.name: entry for slug, entry in board.entries.items() if slug not in board.old}
    cards = {name: entry.card for name, entry in by_name.items()}
    found, above = generations(cards), parents(cards)
    passes = [
        _pass(board, by_name[above[name]], entry, homes, words) for name, entry in by_name.items()
        if above.get(name, name) != name and above[name] in by_name
    ]  # fmt: skip
    return Page(
        chains=tuple([chain for chain in found.chains if len(chain) > 1]), faults=found.faults, passes=tuple(passes)
    )


def _pass(board: Board, parent: Entry, child: Entry, homes: Sequence[Column], words: Words) -> Pass:
    pair = (parent.slug, child.slug)
    steps = [
        _step(board, column, pair, words) for column in homes if {*pair} <= {*column.shared}
    ]  # fmt: skip
    return Pass(
        parent=parent.name, child=child.name, parent_href=f"entry/{parent.slug}.html",
        child_href=f"entry/{child.slug}.html", steps=tuple(steps),
        stage=words.said(f"stage_{child.card.stage}") if child.card.stage else "",
    )  # fmt: skip


def _step(board: Board, column: Column, pair: tuple[str, str], words: Words) -> Step:
    before, after = column.marks(pair).T
    binary = column.is_binary
    matrix = (
        (
            int(((before == 1) & (after == 1)).sum()), int(((before == 1) & (after == 0)).sum()),
            int(((before == 0) & (after == 1)).sum()), int(((before == 0) & (after == 0)).sum()),
        )
        if binary else ()
    )  # fmt: skip
    return Step(
        line=pairs.line(board, column, pair), matrix=matrix or (0, 0, 0, 0), parts=tuple(_parts(board, column, pair)),
        drift=tuple(_drift(column.cells[pair[0]], column.cells[pair[1]], words)),
    )  # fmt: skip


class _Sliced(msgspec.Struct):
    sample: str
    slices: dict[str, str]


def _parts(board: Board, column: Column, pair: tuple[str, str]) -> Iterator[Part]:
    """Every slice with enough samples, paired as the whole is."""
    path = column.cells[pair[0]].place.path / reports.SAMPLES
    try:
        lines = msgspec.json.Decoder(_Sliced).decode_lines(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError, OSError):
        # Without its parts the whole is still told; the page of the cell says what is wrong with the file.
        return
    slices = {line.sample: line.slices for line in lines}
    named, (before, after) = board.names[column.key], column.marks(pair).T
    members: dict[tuple[str, str], list[int]] = {}
    for place, name in enumerate(named.ids):
        for each in slices.get(name, {}).items():
            members.setdefault(each, []).append(place)
    for (name, value), places in sorted(members.items()):
        if COMPARED <= len(places) < len(named.ids):
            at = np.array(places)
            clusters = [named.clusters[place] for place in places] if named.clusters else []
            n, gap, low, high, _ = pairs.compared(before[at], after[at], clusters, binary=column.is_binary)
            yield Part(
                slice=f"{name}: {value}", n=n, difference=figures.signed(gap, column.unit),
                interval=figures.interval(low, high, column.unit),
                word=pairs.word(column.better, gap, low, high),
            )  # fmt: skip


def _drift(before: Cell, after: Cell, words: Words) -> Iterator[tuple[str, str, str]]:
    """What changes beside the score: tokens written a sample, refusals, answers that nobody could read."""
    lengths = [took.tokens for cell in (before, after) if (took := costs.spent(cell, {})) and took.tokens is not None]
    if len(lengths) == len((before, after)) and any(lengths):
        yield words.said("drift_length"), f"{lengths[0]:.0f}", f"{lengths[1]:.0f}"
    for name in ("refused", "unread", "truncated"):
        firsts = [cell.result.first for cell in (before, after)]
        was, now = (getattr(first, name) / max(1, first.n * first.takes) for first in firsts)
        if was or now:
            yield words.said(f"drift_{name}"), f"{100 * was:.1f} %", f"{100 * now:.1f} %"
