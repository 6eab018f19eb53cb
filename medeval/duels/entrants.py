"""Who duels: recorded entries of one task, sat again, and their answers by sample."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval import reports
from medeval.errors import RequestError, raise_all
from medeval.journal import Journal
from medeval.planning import Cell
from medeval.planning.juries import Gradable
from medeval.records import DialogueSample, OpenSample, Sample, Walk
from medeval.scoring import walks

REFERENCE = "reference"
"""What the answers of a benchmark's makers are called among the entries."""
Found = tuple[Path, reports.Manifest]


class Entrant(NamedTuple):
    """An entry, its cell, and its first answer to every sample."""

    name: str
    cell: Cell
    journal: str
    """Fingerprint of its replies."""
    walks: Mapping[str, Walk]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """What it was asked about."""
        return self.cell.sitting.samples


def entrants(
    folders: Sequence[Path], task: str, reopened: Callable[[Path, reports.Manifest], Cell]
) -> tuple[Entrant, ...]:  # fmt: skip
    """Sit every entry's cell of a task again, or tell all that is in the way of a comparison."""
    found: list[Found] = []
    faults: list[RequestError] = []
    for folder in folders:
        try:
            found.append(_cell(folder, task))
        except RequestError as fault:
            faults.append(fault)
    faults += _unlike(found)
    places = Counter([path.resolve() for path, _ in found])
    faults += [RequestError(f"{path}: is named twice. Name each entry once.") for path, n in places.items() if n > 1]
    raise_all(faults)
    cells: list[Cell] = []
    for path, manifest in found:
        try:
            cells.append(reopened(path, manifest))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    _see_texts(cells[0], task)
    known = Counter([manifest.entry for _, manifest in found])
    return tuple([_entrant(cell, alone=known[cell.manifest.entry] == 1) for cell in cells])


def _cell(folder: Path, task: str) -> Found:
    """Find the one cell of an entry that is of the task."""
    there = [
        (path, manifest) for path in reports.cells(folder)
        if (manifest := reports.read(path / reports.MANIFEST, reports.Manifest)) is not None and manifest.task == task
    ]  # fmt: skip
    if not there:
        raise RequestError(f"{folder}: no results of {task} there. Name an entry's folder, or its label.")
    if len(there) > 1:
        names = ", ".join([path.name for path, _ in there])
        raise RequestError(f"{folder}: has several results of {task} ({names}). Name one: LABEL/{there[0][0].name}.")
    return there[0]


def _unlike(found: Sequence[Found]) -> Iterator[RequestError]:
    """Entries that were not asked about the same samples as the first."""
    for path, manifest in found[1:]:
        where, first = found[0]
        fields = [
            f"{what}: {there} and {here}"
            for what, there, here in (
                ("version of the task", first.task_version, manifest.task_version),
                ("data", first.data[:8], manifest.data[:8]),
                ("kind of data", first.setting.data, manifest.setting.data),
                ("limit", first.setting.limit or "none", manifest.setting.limit or "none"),
                ("seed of the limit", first.setting.seed, manifest.setting.seed),
            )
            if there != here and (what != "seed of the limit" or first.data != manifest.data)
        ]
        if fields:
            yield RequestError(
                f"{where} and {path} cannot be compared: they differ in {'; '.join(fields)}. Run one of them again."
            )


def _see_texts(cell: Cell, task: str) -> None:
    if not isinstance(cell.sitting.samples[0], Gradable):
        raise RequestError(f"{task}: its answers are options, not texts; compare their scores instead of duelling.")


def see_references(cell: Cell, task: str, per: str) -> None:
    """Refuse a duel with the answers of the makers where these are no texts of the same kind."""
    texts = [any(_of_makers(sample)) for sample in cell.sitting.samples]
    if per == "dialogue" or not any(texts):
        what = "whole dialogues are judged" if any(texts) else "there are none"
        raise RequestError(f"--against reference: {task} has no such answers here ({what}). Name two entries instead.")


def _of_makers(sample: Sample) -> tuple[str, ...]:
    if isinstance(sample, OpenSample):
        return sample.references
    return tuple([turn.reference for turn in sample.turns]) if isinstance(sample, DialogueSample) else ()


def _entrant(cell: Cell, *, alone: bool) -> Entrant:
    entry = cell.manifest.entry
    name = entry if alone else f"{entry}/{cell.folder.name}"
    journal = Journal(cell.folder / reports.JOURNAL, writable=False)
    try:
        answers: dict[str, Walk] = {}
        for take, walk in zip(cell.sitting.takes, walks(cell.sitting, journal), strict=True):
            answers.setdefault(take.sample.id, walk)
        return Entrant(name, cell, journal.fingerprint(), answers)
    finally:
        journal.close()
