"""Two entries or more, described side by side; nothing is decided here."""

import operator
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from medeval import reports
from medeval.catalog import Catalog
from medeval.comparing.contract import Change, Kind, Treatment, terms, together
from medeval.comparing.differences import Difference, Pair, differences, judged, paired_up, slices
from medeval.comparing.flips import Flip, Moved, flips, moved
from medeval.comparing.pace import Pace, pace
from medeval.comparing.pairing import paired
from medeval.comparing.sides import Side, every, private
from medeval.errors import raise_all
from medeval.records import Record
from medeval.reports import MANIFEST

CASES = 50
"""Cases of each kind whose texts are held against each other."""


class Wanted(Record, frozen=True, kw_only=True):
    """What is to be compared, and how closely."""

    tasks: tuple[str, ...] = ()
    """None: all that both have."""
    treatments: tuple[Treatment, ...] = ()
    subset: bool = False
    """Whether samples that only one side has are left out, instead of refusing."""
    beside: bool = False
    """Whether numbers that are told beside a task's own are compared too."""
    cases: int = CASES


class Shift(Record, frozen=True, kw_only=True):
    """What replies were like before, and are now."""

    name: str
    base: float
    new: float


class Compared(Record, frozen=True, kw_only=True):
    """One task of both entries."""

    task: str
    judge: str
    base_cell: str
    new_cell: str
    protocol: str
    headline: str
    n: int
    """Samples that both have."""
    only_base: int
    only_new: int
    treatment: tuple[Change, ...]
    rows: tuple[Difference, ...]
    slices: tuple[Difference, ...]
    moved: tuple[Moved, ...]
    untold: tuple[str, ...]
    """Numbers that cannot be compared, for they have no marks of single samples here."""
    repicked: float
    """The share of samples whose answer is another one, right or wrong."""
    shifts: tuple[Shift, ...]
    flips: tuple[Flip, ...]

    @property
    def lost(self) -> tuple[Flip, ...]:
        """What new has the worse mark on."""
        return tuple([flip for flip in self.flips if flip.is_lost])

    @property
    def gained(self) -> tuple[Flip, ...]:
        """What it has the better one on."""
        return tuple([flip for flip in self.flips if not flip.is_lost])


class Refused(Record, frozen=True, kw_only=True):
    """One task of both entries that cannot be compared, and every field that forbids it."""

    task: str
    judge: str
    base_cell: str
    new_cell: str
    fields: tuple[Change, ...]


class Versus(Record, frozen=True, kw_only=True):
    """An entry against the base."""

    entry: str
    cells: tuple[Compared, ...]
    refused: tuple[Refused, ...]
    only_base: tuple[str, ...]
    only_new: tuple[str, ...]
    pace: Pace | None
    together: tuple[Kind, ...]
    """What was changed at once: with more than one, a difference belongs to all of them."""


class Case(Record, frozen=True, kw_only=True):
    """A sample that not all entries fared alike on: the mark of each, the base first."""

    sample: str
    task: str
    marks: tuple[float | None, ...]


class Comparison(Record, frozen=True, kw_only=True):
    """All of it."""

    base: str
    base_pace: Pace | None
    treatments: tuple[Treatment, ...]
    news: tuple[Versus, ...]
    cases: tuple[Case, ...]
    """Of more than two entries: who is right where."""
    notes: tuple[str, ...] = ()
    """What is to be known of all of it: whether it is private."""


def compare(base: Path, news: Sequence[Path], wanted: Wanted, catalog: Catalog) -> Comparison:
    """Compare entries, or single cells, with the first."""
    ours, *theirs = _read((base, *news), wanted.tasks, catalog)
    versus = [_versus(ours, path, side, wanted, catalog) for path, side in zip(news, theirs, strict=True)]
    return Comparison(
        base=_label(ours, base), base_pace=_whole(base), treatments=wanted.treatments, news=tuple(versus),
        cases=_cases(ours, theirs, versus) if len(news) > 1 else (),
        notes=private(each.result for found in (ours, *theirs) for each in found),
    )  # fmt: skip


def _read(folders: Sequence[Path], tasks: Sequence[str], catalog: Catalog) -> list[tuple[Side, ...]]:
    """Read all entries; a task that none of them has is a slip of the pen, unless there is such a one."""
    found = every(folders, tasks)
    there = {side.result.task for each in found for side in each}
    raise_all(catalog.chosen([task for task in tasks if task not in there])[2])
    return found


def compared(pair: Pair, treatment: Collection[Change], wanted: Wanted) -> Compared:
    """Describe one task of two entries that may be compared."""
    base, new, headline = pair.base, pair.new, pair.new.result.headline
    parts, rows = slices(pair, headline), differences(pair, beside=wanted.beside)
    there = {row.metric for row in rows}
    untold = [each.metric for each in new.result.estimates if wanted.beside or not each.beside]
    return Compared(
        task=new.result.task, judge=new.result.judge, base_cell=base.cell, new_cell=new.cell,
        protocol=new.result.protocol, headline=headline, n=len(pair.places[0]),
        only_base=len(base.samples.ids) - len(pair.places[0]), only_new=len(new.samples.ids) - len(pair.places[1]),
        treatment=tuple(treatment), rows=rows, slices=parts, moved=moved(pair),
        untold=tuple([name for name in untold if name not in there]), repicked=_repicked(pair),
        shifts=_shifts(pair), flips=flips(pair, headline, parts, most=wanted.cases),
    )  # fmt: skip


def _label(found: Sequence[Side], folder: Path) -> str:
    # A cell lies in the folder of its entry.
    return found[0].result.entry if found else (folder.parent if (folder / MANIFEST).is_file() else folder).name


def _versus(ours: Sequence[Side], path: Path, theirs: Sequence[Side], wanted: Wanted, catalog: Catalog) -> Versus:
    found = paired(ours, theirs)
    cells: list[Compared] = []
    refused: list[Refused] = []
    for base, new in found.pairs:
        known = catalog.tasks.get(new.result.task)
        pair = paired_up(base, new, known.task if known else None)
        held = terms(base, new, wanted.treatments, subset=wanted.subset)
        fields = (*held.refused, *_other_words(pair, held.treatment)) if not held.refused else held.refused
        if fields or not len(pair.places[0]):
            none = Change(kind="data", field="samples in common", base="none", new="none")
            refused.append(Refused(
                task=new.result.task, judge=new.result.judge, base_cell=base.cell, new_cell=new.cell,
                fields=fields or (none,),
            ))  # fmt: skip
        else:
            cells.append(compared(pair, held.treatment, wanted))
    # A single false difference among all numbers of all tasks is to be as rare as the level says.
    told = judged([row for cell in cells for row in cell.rows])
    cells = [replace(cell, rows=tuple([next(told) for _ in cell.rows])) for cell in cells]
    changes = [change for cell in cells for change in cell.treatment]
    return Versus(
        entry=_label(theirs, path), cells=tuple(cells), refused=tuple(refused), only_base=found.only_base,
        only_new=found.only_new, pace=_whole(path, ours), together=together(changes),
    )  # fmt: skip


def _whole(entry: Path, base: Sequence[Side] | None = None) -> Pace | None:
    """How fast a whole entry went; nothing, where a cell was named, or the base was asked other things."""
    cells = {path.name for path in reports.cells(entry)}
    homes = {each.path for each in base or () if each.path is not None and each.sworn is None}
    others = {cell.name for home in homes for cell in reports.cells(home.parent)}
    return None if (entry / MANIFEST).is_file() or (base is not None and cells != others) else pace(entry)


def _other_words(pair: Pair, treatment: Collection[Change]) -> tuple[Change, ...]:
    """Samples of one name that have other right answers, or other words where nobody said that words may differ."""
    found = []
    for field, name in (("samples with other answers", "targets"), ("samples with other words", "asked")):
        if name == "asked" and any(change.kind == "prompt" for change in treatment):
            continue
        one, two = [
            [getattr(side.samples, name)[place] for place in places]
            for side, places in zip((pair.base, pair.new), pair.places, strict=True)
        ]
        if others := sum(map(operator.ne, one, two)):
            said = f"{others:,} of {len(one):,}"
            found.append(Change(kind="data", field=field, base=said, new=said))
    return tuple(found)


def _repicked(pair: Pair) -> float:
    one, two = pair.base.samples.picked, pair.new.samples.picked
    other = [one[first] != two[second] for first, second in zip(*pair.places, strict=True)]
    return sum(other) / len(other) if other else 0.0


def _shifts(pair: Pair) -> tuple[Shift, ...]:
    """Lengths and cut-off replies, on the common samples."""
    made = []
    for name in ("written", "cut"):
        base, new = [
            float(np.mean(getattr(side.samples, name)[list(places)]))
            for side, places in zip((pair.base, pair.new), pair.places, strict=True)
        ]
        if base or new:
            made.append(Shift(name=name, base=base, new=new))
    return tuple(made)


def _cases(ours: Sequence[Side], others: Sequence[Sequence[Side]], news: Sequence[Versus]) -> tuple[Case, ...]:
    """Every sample on which entries differ, of cells that were compared with all, by the number they are known by."""
    found = []
    for base in ours:
        names = [[cell.new_cell for cell in versus.cells if cell.base_cell == base.cell] for versus in news]
        if not all(names):
            continue
        there = [
            next(side for side in theirs if side.cell == name) for theirs, (name, *_) in zip(others, names, strict=True)
        ]
        metric = base.result.headline
        marks = [
            dict(zip(side.samples.ids, side.samples.marks.get(metric, ()), strict=False)) for side in (base, *there)
        ]
        for name in base.samples.ids:
            row = tuple([_mark(each.get(name)) for each in marks])
            if len({*row}) > 1:
                found.append(Case(sample=name, task=base.result.task, marks=row))
    return tuple(found)


def _mark(mark: float | None) -> float | None:
    return None if mark is None or np.isnan(mark) else float(mark)


def exit_code(found: Comparison) -> int:
    """4 where something could not be compared, 5 where nothing was, else 0."""
    if any(new.refused for new in found.news):
        return 4
    return 0 if any(cell.rows for new in found.news for cell in new.cells) else 5
