"""Nights: entries of one series, told by the date at the end of their labels."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec.structs import replace

from medeval import reports
from medeval.entries import night_of
from medeval.errors import MedevalError, RequestError
from medeval.gates.verdicts import Line, Verdict, Word

FILE = "verdict.json"
"""In the entry's folder: what was said of a night."""
KEPT = 60
"""Nights that are looked back at."""
UNSTABLE = 3
"""Turns of a gate's word, with nothing changed, that make it one that nobody should rely on."""


def earlier(entry: Path, home: Path) -> list[Path]:
    """The nights of the same series before this one, the oldest first."""
    own = night_of(entry.name)
    if own is None:
        return []
    series, night = own
    found: list[tuple[date, Path]] = []
    for path in home.iterdir() if home.is_dir() else ():
        other = night_of(path.name) if path.is_dir() else None
        if other is not None and other[0] == series and other[1] < night and any(reports.cells(path)):
            found.append((other[1], path))
    return [path for _, path in sorted(found)][-KEPT:]


def last(said: str, entry: Path, home: Path) -> Path | None:
    """Last night: by its label, or the one before this; nothing, if there is none."""
    if not said:
        return None
    if said == "auto":
        return next(reversed(earlier(entry, home)), None)
    folder = reports.entry_folder(said, home)
    if not folder.is_dir():
        raise RequestError(f"--last {said}: no such entry in {home}. Name a label, or `auto` for the night before.")
    return folder


def turned(lines: Sequence[Line], own: Verdict, before: Sequence[Path]) -> Iterator[Line]:
    """Count how often each line's word changed from one night to the next, where nothing else did."""
    history = [verdict for path in before if (verdict := _read(path)) is not None and _alike(verdict, own)]
    for line in lines:
        words: list[tuple[tuple[str, str], Word]] = [
            ((verdict.model, verdict.medeval), each.word)
            for verdict in history
            for each in verdict.lines
            if _same(each, line)
        ]
        words.append(((own.model, own.medeval), line.word))
        turns = sum(one[0] == two[0] and one[1] != two[1] for one, two in pairwise(words))
        yield replace(line, turns=turns)


def _same(one: Line, two: Line) -> bool:
    return (one.kind, one.task, one.cell, one.metric) == (two.kind, two.task, two.cell, two.metric)


def _alike(verdict: Verdict, own: Verdict) -> bool:
    """Whether another night was held to the same gate and baseline."""
    return (verdict.gate_digest, verdict.baseline_sha256) == (own.gate_digest, own.baseline_sha256)


def _read(entry: Path) -> Verdict | None:
    """What was said of a night; a file that cannot be read is as good as none."""
    try:
        return reports.read(entry / FILE, Verdict)
    except (MedevalError, msgspec.MsgspecError):
        return None
