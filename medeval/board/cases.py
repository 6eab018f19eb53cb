"""The cases that a cell's page shows: some of each kind, and the same questions for every entry."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from medeval import reports
from medeval.board.marks import STATUSES, Floats, Marks
from medeval.errors import DataError
from medeval.gradings import Judge
from medeval.records import Better, Record, Status
from medeval.scoring import Judgment, Scored
from medeval.studies.finding import said_by
from medeval.studies.transcripts import Part, beside, language_of, opened, part, shown, turns

KINDS = ("failed", "truncated", "unread", "apart", "wrong", "least", "right", "most")
"""In the order in which room is given: what went badly first."""
_FAILED: frozenset[Status] = frozenset({"too_long", "nonfinite", "engine_error", "judge_error"})
_UNREAD: frozenset[Status] = frozenset({"unread", "refused"})
Places = npt.NDArray[np.int64]
SHARES = 6
"""Kinds that a cell can have: of answers that are right or wrong, or of graded ones."""
MOST_NUMBERS = 8
EXCERPT = 140


class Verdicts(Record, frozen=True, kw_only=True):
    """What a judge said of one answer: criterion, grade, and its words."""

    judge: str
    grades: tuple[tuple[str, str, str, str], ...]
    """Criterion, grade or nothing, words, their language."""


class Case(Record, frozen=True, kw_only=True):
    """One sample's way."""

    id: str
    anchor: str
    kind: str
    """right, wrong, graded, or what came between."""
    kinds: tuple[str, ...]
    """All that it is found under."""
    excerpt: str
    status: Status
    value: str
    picked: str
    target: str
    rule: str
    slices: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    references: tuple[Part, ...]
    numbers: tuple[tuple[str, str], ...]
    judges: tuple[Verdicts, ...]
    takes: int


def kinds(marks: Marks, metric: str, better: Better, others: Floats | None) -> Mapping[str, Sequence[int]]:
    """Sort samples by how they went; `apart` are those on which most of the others did otherwise."""
    values = marks.values[metric]
    known = np.isfinite(values)
    is_binary = bool(np.isin(values[known], (0.0, 1.0)).all()) and better == "higher"
    names = [STATUSES[code] for code in marks.statuses.tolist()]
    found: dict[str, Sequence[int]] = {
        "failed": [place for place, status in enumerate(names) if status in _FAILED],
        "truncated": [place for place, status in enumerate(names) if status == "truncated"],
        "unread": [place for place, status in enumerate(names) if status in _UNREAD],
    }
    if is_binary:
        found["wrong"], found["right"] = np.flatnonzero(values == 0).tolist(), np.flatnonzero(values == 1).tolist()
        if others is not None and len(others) == len(values):
            with np.errstate(invalid="ignore"):
                found["apart"] = np.flatnonzero(known & (np.abs(values - others) > 0.5)).tolist()
    else:
        # Of graded answers the least and the most are shown.
        order = [place for place in np.argsort(values, kind="stable").tolist() if known[place]]
        order = order if better == "higher" else order[::-1]
        found["least"], found["most"] = order[: len(order) // 4], order[-(len(order) // 4) :] if len(order) > 3 else []
    return found


def drawn(ids: Sequence[str]) -> Places:
    """In what order samples are drawn: by a hash of their names, so that all entries show the same ones."""
    order = sorted(range(len(ids)), key=lambda place: hashlib.sha256(ids[place].encode("utf-8", "replace")).digest())
    places = np.empty(len(ids), dtype=np.int64)
    places[order] = np.arange(len(ids))
    return places


def chosen(found: Mapping[str, Sequence[int]], draw: Places, room: int) -> list[int]:
    """Some of each kind."""
    picked: dict[int, None] = {}
    if len(draw) <= room:
        return list(range(len(draw)))
    for size in (max(1, room // SHARES), room):
        for kind in KINDS:
            places = np.asarray(found.get(kind, ()), dtype=np.int64)
            for place in places[np.argsort(draw[places])][:size].tolist():
                if len(picked) < room:
                    picked[place] = None
    return sorted(picked)


def read(cell: Path, places: Sequence[int], count: int) -> Iterator[tuple[int, Scored, int]]:
    """Read some of a cell's samples whole: where they stand, their first take, and how many takes there are."""
    path = cell / reports.SAMPLES
    try:
        lines = [line for line in path.read_bytes().splitlines() if line]
        first, takes = list(range(len(lines))), [1] * len(lines)
        if len(lines) != count:
            named = [line.sample for line in map(msgspec.json.Decoder(_Name).decode, lines)]
            counts = Counter(named)
            where = {name: place for place, name in reversed(list(enumerate(named)))}
            order = list(dict.fromkeys(named))
            first, takes = [where[name] for name in order], [counts[name] for name in order]
    except OSError as error:
        raise DataError(f"{cell.name}/{path.name}: cannot be read ({error.strerror}).") from error
    except msgspec.DecodeError as error:
        raise DataError(f"{cell.name}/{path.name}: {error}.") from error
    for place in places:
        if place < len(first):
            yield place, reports.from_json(lines[first[place]], Scored, f"{cell.name}/{path.name}"), takes[place]


class _Name(msgspec.Struct):
    sample: str


def heard(cell: Path, names: frozenset[str]) -> dict[str, list[Verdicts]]:
    """What judges said of some samples."""
    every: dict[str, list[Verdicts]] = {}
    for folder in reports.judged(cell):
        sworn, path = reports.read(folder / reports.MANIFEST, reports.Sworn), folder / reports.SAMPLES
        if sworn is None or not path.is_file():
            continue
        for data in path.read_bytes().splitlines():
            line = reports.from_json(data, Judgment, f"{folder.name}/{path.name}")
            if line.sample in names and not line.variant and not line.repeat:
                every.setdefault(line.sample, []).append(_verdicts(line, sworn.judge))
    return every


def made(  # noqa: PLR0913  a case has this many sides
    place: int,
    line: Scored,
    found: Mapping[str, Sequence[int]],
    metric: str,
    *,
    takes: int,
    judges: Sequence[Verdicts],
    value: float | None = None,
) -> Case:
    """Lay out one sample."""
    value = line.scores.get(metric) if value is None else value
    under = tuple([kind for kind in KINDS if place in found.get(kind, ())])
    common, _ = opened([line])
    asked = next((each.text for each in reversed(common) if each.kind == "asked"), "")
    binary = value in (0.0, 1.0)
    return Case(
        id=shown(line.sample), anchor=f"s{place}", kinds=under, status=line.status,
        kind=("right" if value else "wrong") if binary and line.status == "scored" else _kind(line.status),
        excerpt=_short(" ".join(asked[: 4 * EXCERPT].split())), value="" if value is None else f"{value:.3g}",
        picked=shown(", ".join(line.picked)), target=shown(", ".join(line.target)), rule=shown(line.rule),
        slices=tuple([(shown(name), shown(text)) for name, text in line.slices.items()]),
        parts=(*common, *turns(line), *beside(line)),
        references=tuple([part("reference", text) for text in line.references]),
        numbers=tuple(_numbers(line, metric))[:MOST_NUMBERS],
        judges=tuple(judges), takes=takes,
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1].rstrip()}…"


def _numbers(line: Scored, metric: str) -> Iterator[tuple[str, str]]:
    """What the sample is worth by each metric, the one that the column is of before the others."""
    for name, value in sorted(line.scores.items(), key=lambda item: item[0] != metric):
        if value is not None:
            yield name, f"{value:.3g}"


def _kind(status: Status) -> str:
    if status in _FAILED:
        return "failed"
    return "unread" if status in _UNREAD else "truncated" if status == "truncated" else "graded"


def _verdicts(line: Judgment, judge: Judge) -> Verdicts:
    return Verdicts(judge=shown(judge.name), grades=tuple([
        (shown(each.verdict.criterion), shown(each.verdict.grade), shown(each.words), language_of(each.words))
        for each in said_by(line, judge.role)
    ]))  # fmt: skip
