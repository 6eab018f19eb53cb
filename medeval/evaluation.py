"""Strings the rooms together: a checked plan is played, scored and published."""

import functools
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Unpack

from msgspec.structs import replace

from medeval import catalog, forecasts, groups, planning, reports
from medeval.cells import Opened
from medeval.engines.base import Engine
from medeval.engines.recorded import Predictions
from medeval.errors import Interrupted, RequestError, raise_all
from medeval.forecasts import Outlook
from medeval.journal import Journal
from medeval.openings import Means, Run
from medeval.planning import Cell, Plan, Prepared
from medeval.protocols import How
from medeval.records import Record, Result, Walk
from medeval.runner import Forecast, Played, Seat, Watch, forecast, play
from medeval.scoring import Scored, walks


class Evaluation(Record, frozen=True, kw_only=True):
    """What a run came to."""

    results: tuple[Result, ...]
    folders: tuple[Path, ...]
    played: Mapping[str, Played]
    unsettled: int
    """Engine errors that the same command would ask for again."""
    notes: tuple[str, ...] = ()
    """What is not among the results, and why."""

    def rows(self) -> list[dict[str, str | int | float | None]]:
        """One flat row an estimate: `pandas.DataFrame(evaluation.rows())`."""
        return [
            {
                "entry": result.entry, "task": result.task, "metric": estimate.metric, "value": estimate.value,
                "low": estimate.low, "high": estimate.high, "n": estimate.n, "unread": estimate.unread,
                "truncated": estimate.truncated, "failed": estimate.failed, "beside": estimate.beside,
                "flags": "; ".join(result.flags), "signature": result.signature,
            }
            for result in self.results
            for estimate in result.estimates
        ]  # fmt: skip


class Progress:
    """What a run tells while it goes; the base says nothing."""

    def replied(self, task: str, count: int) -> None:
        """Some replies came, and are in the journal."""

    def scored(self, task: str, scored: Scored) -> None:
        """A sample was scored."""

    def ahead(self, outlooks: Sequence[Outlook]) -> None:
        """What is left of a long run, and how long it will take."""

    def up_to_date(self, task: str) -> None:
        """A task was finished before, and nothing of it changed."""


class _Marking(Watch):
    """Scores every walk as it ends, and passes the news on."""

    def __init__(self, opened: Sequence[Opened], progress: Progress) -> None:
        self._opened = {one.cell.sitting.name: one for one in opened}
        self._progress = progress

    def replied(self, task: str, count: int) -> None:
        self._progress.replied(task, count)

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        name = seat.sitting.name
        self._progress.scored(name, self._opened[name].finished(number, walk))


class Options(How, Run, total=False):
    """Whatever can be said of a run by name."""


def evaluate(  # noqa: PLR0913  the face of the whole: every option by its name
    *,
    model: str | Engine,
    tasks: str | Sequence[str],
    data: str | Path = "",
    reports: str | Path = "reports",
    label: str = "",
    task_paths: Sequence[str | Path] = (),
    **said: Unpack[Options],
) -> Evaluation:
    """Evaluate a model on tasks; runs into the same folder go on where they stopped."""
    names = tasks.split(",") if isinstance(tasks, str) else tasks
    means = {name: value for name, value in said.items() if name in Means.__struct_fields__}
    how = {name: value for name, value in said.items() if name not in means}
    plan = Plan(
        model=model, tasks=tuple(names), data=str(data), reports=Path(reports), label=label,
        task_paths=tuple(map(Path, task_paths)), means=Means(**means), **how,  # type: ignore[arg-type]
    )  # fmt: skip
    return run(planning.prepare(plan))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for cycles less often: our values hold none, and looking costs a third of a run."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@seldom_collected()
def run(
    prepared: Prepared, progress: Progress | None = None, stopped: Callable[[], bool] = lambda: False
) -> Evaluation:
    """Play what is not answered yet, score it, and publish the results."""
    begun, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    with ExitStack() as stack:
        stack.callback(prepared.engine.close)
        cells = [_opened(cell, stack) for cell in prepared.cells]
        progress = progress or Progress()
        todo = []
        for one in cells:
            if one.begin(anew=False):
                todo.append(one)
            else:
                progress.up_to_date(one.cell.sitting.name)
        outlooks = forecasts.outlooks([one.seat for one in todo], prepared.engine, stopped)
        progress.ahead(outlooks)
        watch = _Marking(todo, progress)
        played = play([one.seat for one in todo], {"model": prepared.engine}, watch=watch, stopped=stopped)
        for outlook in outlooks:
            # What the probe asked was asked in this run, though it lay in the journal by now.
            took = played[outlook.task]
            played[outlook.task] = took._replace(
                asked=took.asked + outlook.probed, reused=took.reused - outlook.probed
            )  # fmt: skip
        for one in todo:
            took = played[one.cell.sitting.name]
            one.publish(
                reports.Attempt(
                    started=started, seconds=round(time.monotonic() - begun, 3), asked=took.asked, reused=took.reused,
                    read=took.read, written=took.written, cost=took.cost(prepared.prices),
                )
            )  # fmt: skip
        unsettled = sum(one.journal.unsettled for one in cells)
        return _collected(prepared, played, unsettled)


def look_ahead(prepared: Prepared, stopped: Callable[[], bool] = lambda: False) -> dict[str, Forecast]:
    """Render everything and ask nothing: what a run would do."""
    with ExitStack() as stack:
        stack.callback(prepared.engine.close)
        seats = []
        for cell in prepared.cells:
            path = cell.folder / reports.JOURNAL
            journal = Journal(path if path.is_file() else Path(os.devnull), writable=False)
            stack.callback(journal.close)
            seats.append(Seat(cell.sitting, journal))
        return forecast(seats, {"model": prepared.engine}, stopped)


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
    results, unsettled = [], 0
    for cell in cells:
        with ExitStack() as stack:
            one = _opened(cell, stack)
            one.begin(anew=True)
            for number, walk in enumerate(walks(cell.sitting, one.journal)):
                if stopped():
                    raise Interrupted("Stopped by a signal; what was published before is untouched.")
                one.finished(number, walk)
            results.append(one.publish(None))
            unsettled += one.journal.unsettled
    entry = folder.parent if (folder / reports.MANIFEST).is_file() else folder
    together = groups.regrouped(entry)
    return Evaluation(
        results=(*results, *[result for result, _ in together]),
        folders=(*[cell.folder for cell in cells], *[path for _, path in together]),
        played={},
        unsettled=unsettled,
    )


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


def score_predictions(plan: Plan, path: Path, field: str = "", *, by_order: bool = False) -> Evaluation:
    """Make normal cells of texts made elsewhere."""
    own, others = planning.apart(plan.tasks)
    chosen, _, faults = catalog.find(plan.task_paths).chosen(own)
    engine: Engine | str = ""
    if not path.is_file():
        faults.append(RequestError(f"{path}: no such file of predictions."))
    try:
        able = Predictions.WEIGHING if plan.style == "letters" else Predictions.ABILITIES
        sittings = [planning.sitting(plan, named, able) for named in chosen]
        sittings += [planning.other_sitting(plan, name, able)[0] for name in others]
        if path.is_file():
            engine = planning.only_one(path, sittings, field, by_order=by_order)
    except RequestError as fault:
        faults.append(fault)
    raise_all([*faults, *planning.unwritable(plan)])
    return run(planning.prepare(replace(plan, model=engine)))


def _opened(cell: Cell, stack: ExitStack) -> Opened:
    one = Opened(cell)
    stack.callback(one.close)
    return one


def _collected(prepared: Prepared, played: Mapping[str, Played], unsettled: int) -> Evaluation:
    """Read what was published, and make the groups of it."""
    results = []
    for cell in prepared.cells:
        result = reports.read(cell.folder / reports.RESULT, Result)
        assert result is not None  # noqa: S101  it was published a moment ago
        results.append(result)
    chosen, notes = groups.alike(prepared.groups, results)
    made = groups.regrouped(prepared.folder, chosen)
    ours = {prepared.folder / reports.cell_name(group.name, setting) for group, setting in chosen}
    together = [(result, path) for result, path in made if path in ours]
    return Evaluation(
        results=(*results, *[result for result, _ in together]),
        folders=(*[cell.folder for cell in prepared.cells], *[folder for _, folder in together]),
        played=played,
        unsettled=unsettled,
        notes=(*notes, *prepared.engine.notes),
    )
