"""Which cases are shown: those that are named, or those on which entries differ most, fare worst or best."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from medeval.errors import RequestError
from medeval.records import Record, Response, Result
from medeval.scoring import Scored
from medeval.studies.finding import Cell, Sheet, found

Most = Literal["disagreeing", "lowest", "highest", "random"]


class Wanted(Record, frozen=True, kw_only=True):
    """Which cases are wanted."""

    ids: tuple[str, ...] = ()
    most: Most = "disagreeing"
    count: int = 5


class Case(Record, frozen=True, kw_only=True):
    """One sample, as every entry answered it, in the order of the entries."""

    id: str
    sheets: tuple[Sheet, ...]


class Study(Record, frozen=True, kw_only=True):
    """Cases of a task, and by what they were chosen."""

    task: str
    entries: tuple[str, ...]
    results: tuple[Result, ...]
    measure: str
    """The number by which single samples are told apart; empty: there is none."""
    binary: bool
    """Whether that is a right or a wrong, and nothing between."""
    why: str
    cases: tuple[Case, ...]


class _Measure(NamedTuple):
    name: str
    worth: Callable[[Sheet], float | None]
    binary: bool = False
    lower: bool = False
    """Whether less is better."""

    def known(self, sheets: Sequence[Sheet]) -> list[float]:
        return [value for sheet in sheets if (value := self.worth(sheet)) is not None]


def chosen(entries: Sequence[str], task: str, folder: Path, wanted: Wanted) -> Study:
    """Find the cells, see that they can stand side by side, and choose the cases."""
    cells = found(entries, task, folder)
    every = {
        name: [cell.sheets[name] for cell in cells]
        for name in cells[0].sheets
        if all(name in cell.sheets for cell in cells)
    }
    if missing := [name for name in wanted.ids if name not in every]:
        raise RequestError(f"{task}: no sample {missing[0]!r} in every entry. samples.jsonl in a cell names them all.")
    measure = _measured(cells)
    names, why = list(wanted.ids), "Named one by one"
    if not names:
        names, why = _ranked(cells, every, wanted.most, measure)
    return Study(
        task=cells[0].result.task, entries=tuple([cell.title for cell in cells]),
        results=tuple([cell.result for cell in cells]), measure=measure.name, binary=measure.binary, why=why,
        cases=tuple([
            Case(id=name, sheets=tuple(every[name])) for name in names[: None if wanted.ids else wanted.count]
        ]),
    )  # fmt: skip


def _measured(cells: Sequence[Cell]) -> _Measure:
    """The first number of the task that single samples have; else what a judge gave, if it was heard on all."""
    for estimate in cells[0].result.estimates:
        name = estimate.metric
        values = [
            {value for sheet in cell.sheets.values() for take in sheet.takes
             if (value := take.scores.get(name)) is not None}
            for cell in cells
        ]  # fmt: skip
        # What is told beside, such as how long an answer is, is not what an entry is known by.
        if all(values) and not estimate.beside:
            binary = set.union(*values) <= {0.0, 1.0}
            return _Measure(name, partial(_mean, name), binary, estimate.better == "lower")
    judges = [
        {heard.judge.name for sheet in cell.sheets.values() for heard in sheet.heard if heard.worth is not None}
        for cell in cells
    ]
    for judge in sorted(set.intersection(*judges)):
        return _Measure(f"the mean grade of {judge}", partial(_graded, judge))
    return _Measure("", lambda _: None)


def _mean(name: str, sheet: Sheet) -> float | None:
    known = [value for take in sheet.takes if (value := take.scores.get(name)) is not None]
    return sum(known) / len(known) if known else None


def _graded(judge: str, sheet: Sheet) -> float | None:
    return next((heard.worth for heard in sheet.heard if heard.judge.name == judge), None)


def _ranked(
    cells: Sequence[Cell], every: Mapping[str, Sequence[Sheet]], most: Most, measure: _Measure
) -> tuple[list[str], str]:
    """The names of samples, those first that are wanted most, and why; of equals in the order of their names."""
    if most == "random":
        # Drawn by their names, so that another run shows the same.
        return sorted(every, key=lambda name: (zlib.crc32(name.encode()), name)), "Drawn by lot"
    if most == "disagreeing" and len(cells) > 1:
        return _apart(cells, every, measure)
    if not measure.name:
        headline = cells[0].result.headline
        raise RequestError(f"Single samples have no {headline}: name cases with --ids, or take --most random.")
    # Of one entry alone the worst is looked for, whichever end of the scale that is.
    worst = most == "disagreeing"
    sign = -1 if most == "highest" or (worst and measure.lower) else 1
    means = {name: sum(known) / len(known) for name, sheets in every.items() if (known := measure.known(sheets))}
    why = "Those that fare worst" if worst else f"Those with the {most} numbers"
    return sorted(means, key=lambda name: (sign * means[name], name)), f"{why}, by {measure.name}"


def _apart(
    cells: Sequence[Cell], every: Mapping[str, Sequence[Sheet]], measure: _Measure
) -> tuple[list[str], str]:  # fmt: skip
    """Those on which entries differ, the most first."""
    apart = {name: _difference(measure, sheets) for name, sheets in every.items()}
    names = sorted([name for name in every if apart[name]], key=lambda name: (-apart[name], name))
    by = measure.name or "how far their texts are apart"
    if not names:
        entries = ", ".join([cell.title for cell in cells])
        raise RequestError(f"{entries}: they differ on no sample, by {by}. Take --most lowest, or name cases by --ids.")
    return names, f"Those on which entries differ most, by {by}"


def _difference(measure: _Measure, sheets: Sequence[Sheet]) -> float:
    if not measure.name:
        return _distance([_text(sheet.first) for sheet in sheets])
    known = measure.known(sheets)
    if len(known) < 2 or max(known) == min(known):
        return 0.0
    # Of right and wrong: how many stand against how many.
    return min(sum(known), len(known) - sum(known)) if measure.binary else max(known) - min(known)


def _distance(texts: Sequence[str]) -> float:
    """How far texts are apart, where samples have no number of their own."""
    from rapidfuzz.distance import Indel

    return max(
        Indel.normalized_distance(one, other) for place, one in enumerate(texts) for other in texts[:place]
    )  # fmt: skip


def _text(line: Scored) -> str:
    spoken = [each.reply for each in line.exchanges if each.role == "model"]
    return "\n".join([reply.text for reply in spoken if isinstance(reply, Response)])
