"""One side of a comparison: a cell, with everything that it is compared by."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from medeval import reports
from medeval.comparing.samples import Samples, read
from medeval.errors import RequestError, raise_all
from medeval.records import Estimate, Identity, Record, Result

PRIVATE = "Private: an exam of your own is in this. Keep it, and all that is made of it, to yourselves."


class Side(Record, frozen=True, kw_only=True):
    """A cell of an entry, or of a pinned baseline."""

    cell: str
    """The folder's name; with a judge: cell/judged/judge."""
    result: Result
    identity: Identity | None
    """What answered."""
    sworn: reports.Sworn | None = None
    """Who judged, and how; of a panel the first of them."""
    samples: Samples
    path: Path | None = None
    """Where the texts are; a pinned baseline has none."""

    @property
    def task(self) -> tuple[str, str]:
        """What it may be compared with: the same task, marked by the same judge."""
        return self.result.task, self.result.judge

    def estimate(self, metric: str) -> Estimate | None:
        """A number of the cell, if it has it."""
        return next((each for each in self.result.estimates if each.metric == metric), None)


def private(results: Iterable[Result]) -> tuple[str, ...]:
    """The sentence that is to stand beside numbers, where one of them is of an exam of the user's own."""
    return (PRIVATE,) if any(result.setting.data == "own" for result in results) else ()


def side(cell: Path) -> Side | None:
    """Read a side; nothing, where there is no result yet, or where it is that of a group."""
    result = reports.read(cell / reports.RESULT, Result)
    return None if result is None or result.members else _of(cell, result)


def _of(cell: Path, result: Result) -> Side:
    is_judged = cell.parent.name == reports.JUDGED
    home = cell.parents[1] if is_judged else cell
    manifest = reports.read(home / reports.MANIFEST, reports.Manifest)
    return Side(
        cell=f"{home.name}/{reports.JUDGED}/{cell.name}" if is_judged else cell.name, result=result,
        identity=manifest.engines.get("model") if manifest else None,
        sworn=_sworn(cell) if is_judged else None,
        samples=read(cell / reports.SAMPLES), path=cell,
    )  # fmt: skip


def _sworn(cell: Path) -> reports.Sworn | None:
    panel = reports.read(cell / reports.PANEL, reports.Panel)
    return reports.read((cell.parent / panel.judges[0] if panel else cell) / reports.MANIFEST, reports.Sworn)


def sides(folder: Path, tasks: Sequence[str] = ()) -> tuple[Side, ...]:
    """Read every cell of an entry, or the one cell that a folder is, and what judges said of them."""
    return tuple(_sides(folder, tasks))


def every(folders: Sequence[Path], tasks: Sequence[str] = ()) -> list[tuple[Side, ...]]:
    """Read several entries, or tell of all that are not there."""
    found: list[tuple[Side, ...]] = []
    faults: list[RequestError] = []
    for folder in folders:
        try:
            found.append(sides(folder, tasks))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    return found


def _sides(folder: Path, tasks: Sequence[str]) -> Iterator[Side]:
    if not folder.is_dir() or not any(reports.cells(folder)):
        home = folder.parent
        names = [path.name for path in home.iterdir() if path.is_dir() and path != folder] if home.is_dir() else []
        close = difflib.get_close_matches(folder.name, names, n=1)
        guess = f"Did you mean {close[0]!r}?" if close else "Name an entry's folder, its label, or one of its cells."
        raise RequestError(f"{folder}: no results there. {guess}")
    for cell in reports.cells(folder):
        for path in (cell, *reports.judged(cell)):
            # What is not wanted is not read: samples may be large.
            result = reports.read(path / reports.RESULT, Result)
            if result is not None and not result.members and (not tasks or result.task in tasks):
                yield _of(path, result)
