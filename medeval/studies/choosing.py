"""Which cases are shown: those that are named, or those on which entries differ most, fare worst or best."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from medeval import reports
from medeval.errors import RequestError, raise_all
from medeval.records import Record, Response, Result, Verdict
from medeval.scoring import Judgment, Scored

Most = Literal["disagreeing", "lowest", "highest", "random"]
MOST: tuple[Most, ...] = get_args(Most)


class Wanted(Record, frozen=True, kw_only=True):
    """Which cases are wanted."""

    ids: tuple[str, ...] = ()
    most: Most = "disagreeing"
    count: int = 5


class Seen(Record, frozen=True, kw_only=True):
    """What one entry made of a case, and what judges said of that."""

    entry: str
    line: Scored
    verdicts: tuple[Verdict, ...]


class Case(Record, frozen=True, kw_only=True):
    """One sample, as every entry answered it."""

    id: str
    seen: tuple[Seen, ...]


class _Cell(Record, frozen=True, kw_only=True):
    entry: str
    folder: Path
    result: Result


def chosen(entries: Sequence[str], task: str, folder: Path, wanted: Wanted) -> tuple[Case, ...]:
    """Find the cells, see that they can stand side by side, and choose the cases."""
    cells, faults = [], []
    for entry in entries:
        try:
            cells.append(_cell(entry, task, folder))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    first = cells[0].result
    for cell in cells[1:]:
        for what in ("task", "task_version", "data"):
            ours, theirs = getattr(first, what), getattr(cell.result, what)
            if ours != theirs:
                raise RequestError(
                    f"{cells[0].entry} and {cell.entry}: answered other questions ({what}: {str(ours)[:8]} and "
                    f"{str(theirs)[:8]}), so they cannot stand side by side."
                )
    sheets = [_lines(cell) for cell in cells]
    shared = [name for name in sheets[0] if all(name in sheet for sheet in sheets)]
    if missing := [name for name in wanted.ids if name not in shared]:
        raise RequestError(f"{task}: no sample {missing[0]!r} in every entry. 'medeval show ENTRY --sample' shows one.")
    names = list(wanted.ids) or _ranked(shared, sheets, first.headline, wanted.most)[: wanted.count]
    verdicts = [_verdicts(cell.folder) for cell in cells]
    return tuple([
        Case(id=name, seen=tuple([
            Seen(entry=cell.entry, line=sheet[name], verdicts=tuple(said.get(name, ())))
            for cell, sheet, said in zip(cells, sheets, verdicts, strict=True)
        ]))
        for name in names
    ])  # fmt: skip


def _cell(entry: str, task: str, folder: Path) -> _Cell:
    """Find the one cell of an entry that a task's name means; `task@what differs` names one of several."""
    place = reports.entry_folder(entry, folder)
    found = [path for path in reports.cells(place) if path.name == task or path.name.partition("@")[0] == task]
    found = [path for path in found if path.name == task] or found
    if not found:
        there = ", ".join([path.name for path in reports.cells(place)]) or "nothing"
        raise RequestError(f"{entry}: no results of {task!r} there; it has {there}.")
    if len(found) > 1:
        raise RequestError(f"{entry}: several cells of {task!r}: name one of {', '.join(path.name for path in found)}.")
    result = reports.read(found[0] / reports.RESULT, Result)
    if result is None or not (found[0] / reports.SAMPLES).is_file():
        raise RequestError(f"{found[0]}: is not finished; `medeval run` goes on.")
    return _Cell(entry=result.entry, folder=found[0], result=result)


def _lines(cell: _Cell) -> dict[str, Scored]:
    """The first take of every sample."""
    path = cell.folder / reports.SAMPLES
    lines = [reports.from_json(data, Scored, str(path)) for data in path.read_bytes().splitlines()]
    return {line.sample: line for line in lines if not line.variant and not line.repeat}


def _verdicts(folder: Path) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for place in reports.judged(folder):
        path = place / reports.SAMPLES
        if not (place / reports.MANIFEST).is_file() or not path.is_file():
            continue  # a panel says nothing that its judges do not
        for data in path.read_bytes().splitlines():
            line = reports.from_json(data, Judgment, str(path))
            if not line.variant and not line.repeat:
                found.setdefault(line.sample, []).extend(line.verdicts)
    return found


def _ranked(
    names: Sequence[str], sheets: Sequence[Mapping[str, Scored]], headline: str, most: Most
) -> list[str]:  # fmt: skip
    """The names of samples, those first that are wanted most; of equals in the order of their names."""
    if most == "random":
        return sorted(names, key=lambda name: (zlib.crc32(name.encode("utf-8", "surrogatepass")), name))

    def scores(name: str) -> list[float]:
        said = [sheet[name].scores.get(headline) for sheet in sheets]
        return [each for each in said if each is not None]

    known = any(scores(name) for name in names)
    if most == "disagreeing" and len(sheets) > 1:
        worth: Callable[[str], float] = _spread(scores) if known else lambda name: _apart([s[name] for s in sheets])
        return sorted(names, key=lambda name: (-worth(name), name))
    if not known:
        raise RequestError(f"Single samples have no {headline}: name cases with --ids, or take --most random.")
    sign = -1 if most == "highest" else 1
    return sorted(names, key=lambda name: (sign * _mean(scores(name)), name))


def _spread(scores: Callable[[str], list[float]]) -> Callable[[str], float]:
    return lambda name: max(scores(name), default=0.0) - min(scores(name), default=0.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _apart(lines: Sequence[Scored]) -> float:
    """How far texts are apart, where samples have no score of their own."""
    from rapidfuzz.distance import Indel

    texts = [
        "\n".join(
            [each.reply.text for each in line.exchanges if each.role == "model" and isinstance(each.reply, Response)]
        )
        for line in lines
    ]
    pairs = [(one, other) for place, one in enumerate(texts) for other in texts[:place]]
    return max(Indel.normalized_distance(one, other) for one, other in pairs)
