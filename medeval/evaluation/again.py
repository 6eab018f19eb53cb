"""What was recorded is gone through once more: scored again, or brought before other judges."""

import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from medeval import catalog, groups, planning, reports
from medeval.cells import Opened
from medeval.errors import Interrupted, ReportError, RequestError, raise_all
from medeval.evaluation.outcome import Evaluation, Progress
from medeval.evaluation.running import Marking, attempt, opened, seldom_collected
from medeval.journal import Journal
from medeval.openings import Means
from medeval.planning import Cell
from medeval.records import Result, Walk
from medeval.runner import Played, play
from medeval.scoring import walks


@seldom_collected()
def rescore(  # noqa: PLR0913  where everything is that a run was made of
    folder: Path,
    data: str = "",
    task_paths: Sequence[Path] = (),
    stopped: Callable[[], bool] = lambda: False,
    *,
    means: Means = planning.PLAIN,
    shots_from: str = "",
    metrics: Sequence[str] | None = None,
) -> Evaluation:
    """Derive every cell of an entry again from its journal; no engine is needed."""
    cells = _recorded_cells(
        folder,
        functools.partial(
            planning.reopened, found=catalog.find(task_paths), data=data, paths=task_paths, means=means,
            shots=shots_from, metrics=metrics,
        ),
    )  # fmt: skip
    results: list[Result] = []
    folders: list[Path] = []
    notes: list[str] = []
    unsettled = 0
    for cell in cells:
        panel = [*reports.sworn(cell.folder)]
        with ExitStack() as stack:
            one = opened(cell, stack)
            one.begin(anew=True)
            answered: list[Walk] = []
            for number, walk in enumerate(_gone(cell, one.journal, stopped)):
                one.finished(number, walk)
                answered += [walk] if panel else []
            results += one.publish(None)
            folders += one.folders
            unsettled += one.unsettled
        heard: dict[str, reports.Sworn] = {}
        for each in panel:
            try:
                found, where, errors = _heard(replace(cell, panel=(each,)), answered, stopped)
            except ReportError as error:
                notes.append(f"{each.judge.name}: not heard to the end ({error.faults[0]})")
                continue
            heard[each.judge.name] = each
            results += found
            folders += where
            unsettled += errors
        for together in reports.panels(cell.folder):
            if heard.keys() >= {*together.judges}:
                members = tuple([heard[name] for name in together.judges])
                found, where, _ = _heard(replace(cell, panel=members), answered, stopped)
                results += found[-1:]
                folders += where[-1:]
    entry = folder.parent if (folder / reports.MANIFEST).is_file() else folder
    grouped = groups.regrouped(entry)
    return Evaluation(
        results=(*results, *[result for result, _ in grouped]),
        folders=(*folders, *[path for _, path in grouped]),
        played={},
        unsettled=unsettled,
        notes=tuple(notes),
    )


def _heard(
    cell: Cell, answered: Sequence[Walk], stopped: Callable[[], bool]
) -> tuple[tuple[Result, ...], tuple[Path, ...], int]:
    """Derive what judges said once more; results, their folders, and errors that they could be asked about again."""
    with ExitStack() as stack:
        one = opened(cell, stack, answered)
        one.begin(anew=True)
        for number, walk in enumerate(_gone(replace(cell, sitting=one.seat.sitting), one.journal, stopped)):
            one.finished(number, walk)
        return one.publish(None), one.folders, one.unsettled


def _gone(cell: Cell, journal: Journal, stopped: Callable[[], bool]) -> Iterator[Walk]:
    for walk in walks(cell.sitting, journal):
        if stopped():
            raise Interrupted("Stopped by a signal; what was published before is untouched.")
        yield walk


def _recorded_cells(folder: Path, reopened: Callable[..., Cell]) -> list[Cell]:
    """Sit every cell of an entry again, or tell all that is in the way."""
    cells: list[Cell] = []
    faults: list[RequestError] = []
    for path in reports.cells(folder):
        try:
            manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
            if manifest is not None:
                cells.append(reopened(path, manifest))
            elif (path / reports.JOURNAL).is_file():
                missing = f"{path}: has a journal and no {reports.MANIFEST}, so nobody knows what it answers."
                faults.append(RequestError(missing))
        except RequestError as fault:
            faults.append(fault)
    if not cells and not faults:
        faults = [RequestError(f"{folder}: no results there. Name an entry's folder, or one of its cells.")]
    raise_all(faults)
    return cells


@seldom_collected()
def judge(  # noqa: PLR0913  whose answers, which judges, and where everything is
    folder: Path,
    court: Callable[[], planning.Jury],
    data: str = "",
    task_paths: Sequence[Path] = (),
    *,
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
    means: Means = planning.PLAIN,
    shots_from: str = "",
) -> Evaluation:
    """Bring the recorded answers of an entry before judges; the model is asked nothing."""
    begun, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    recorded = _recorded_cells(
        folder,
        functools.partial(
            planning.reopened, found=catalog.find(task_paths), data=data, paths=task_paths, means=means,
            shots=shots_from,
        ),
    )  # fmt: skip
    jury = court()
    with ExitStack() as stack:
        for engine in jury.engines.values():
            stack.callback(engine.close)
        raise_all(planning.unjudged(jury, [cell.sitting for cell in recorded]))
        panels = [jury.panel(cell.sitting) for cell in recorded]
        cells = [
            opened(replace(cell, panel=panel), stack, [*walks(cell.sitting, _read_only(cell, stack))])
            for cell, panel in zip(recorded, panels, strict=True)
            if panel
        ]
        for one in cells:
            one.begin(anew=True)
        results: dict[Path, tuple[Result, ...]] = {}
        played: dict[str, Played] = {}
        for together in _rounds(cells):
            took = play(
                [one.seat for one in together], jury.roles(panels), watch=Marking(together, progress or Progress()),
                stopped=stopped,
            )  # fmt: skip
            for one in together:
                name, folder = one.cell.sitting.name, one.cell.folder
                results[folder] = one.publish(attempt(started, begun, took[name]))
                played[folder.name if name in played else name] = took[name]
        return Evaluation(
            results=tuple([result for one in cells for result in results[one.cell.folder]]),
            folders=tuple([path for one in cells for path in one.folders]), played=played,
            unsettled=sum(one.unsettled for one in cells),
        )  # fmt: skip


def _rounds(cells: Sequence[Opened]) -> list[list[Opened]]:
    """Part cells so that none shares its task with another: what is asked is told apart by the task's name."""
    rounds: dict[int, list[Opened]] = {}
    seen: Counter[str] = Counter()
    for one in cells:
        name = one.cell.sitting.name
        rounds.setdefault(seen[name], []).append(one)
        seen[name] += 1
    return [*rounds.values()]


def _read_only(cell: Cell, stack: ExitStack) -> Journal:
    journal = Journal(cell.folder / reports.JOURNAL, writable=False)
    stack.callback(journal.close)
    return journal
