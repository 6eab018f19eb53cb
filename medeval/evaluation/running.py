"""A checked plan is played, scored and published."""

import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Unpack

from msgspec.structs import replace

from medeval import catalog, entries, forecasts, groups, planning, reports
from medeval.cells import Opened
from medeval.engines.base import Engine
from medeval.engines.recorded import Predictions
from medeval.errors import RequestError, raise_all
from medeval.evaluation.outcome import Evaluation, Progress
from medeval.journal import Journal
from medeval.openings import Means, Run
from medeval.planning import Cell, Plan, Prepared
from medeval.protocols import How
from medeval.records import Result, Walk
from medeval.runner import Forecast, Played, Seat, Watch, forecast, play

OF_THE_MODEL = ("model", "model:full", "model:none", "model:probe")
"""Its roles: in a conversation, and beside it."""


class Marking(Watch):
    """Scores every walk as it ends, and passes the news on."""

    def __init__(self, opened: Sequence[Opened], progress: Progress) -> None:
        self._opened = {one.cell.sitting.name: one for one in opened}
        self._progress = progress

    def replied(self, task: str, count: int) -> None:
        """Pass it on."""
        self._progress.replied(task, count)

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        """Score the walk."""
        name = seat.sitting.name
        self._progress.scored(name, self._opened[name].finished(number, walk))


class Options(How, Run, total=False):
    """Whatever can be said of a run by name."""

    patient: str | Engine
    judges: tuple[str | Engine, ...]
    gradings: tuple[str, ...]
    prose: Path | None
    declared: entries.Declaration


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
        _closed_in_the_end(prepared, stack)
        cells = [opened(cell, stack) for cell in prepared.cells]
        progress = progress or Progress()
        todo = []
        for one in cells:
            if one.begin(anew=False):
                todo.append(one)
            else:
                progress.up_to_date(one.cell.sitting.name)
        if prepared.declared != entries.NOTHING:
            entries.declare(prepared.folder, prepared.declared)
        outlooks = forecasts.outlooks([one.seat for one in todo], engines(prepared), stopped)
        progress.ahead(outlooks)
        watch = Marking(todo, progress)
        played = play([one.seat for one in todo], engines(prepared), watch=watch, stopped=stopped)
        for outlook in outlooks:
            # What the probe asked was asked in this run, though it lay in the journal by now.
            took = played[outlook.task]
            played[outlook.task] = took._replace(
                asked=took.asked + outlook.probed, reused=took.reused - outlook.probed
            )  # fmt: skip
        for one in todo:
            one.publish(attempt(started, begun, played[one.cell.sitting.name], prepared.prices))
        unsettled = sum(one.unsettled for one in cells)
        return _collected(prepared, cells, played, unsettled)


def engines(prepared: Prepared) -> Mapping[str, Engine]:
    """The engine of every role; the model is asked some things beside a conversation."""
    return {**dict.fromkeys(OF_THE_MODEL, prepared.engine), **prepared.others}


def _closed_in_the_end(prepared: Prepared, stack: ExitStack) -> None:
    for engine in {id(engine): engine for engine in engines(prepared).values()}.values():
        stack.callback(engine.close)


def attempt(started: str, begun: float, took: Played, prices: Sequence[float] = ()) -> reports.Attempt:
    """What one start of a run took."""
    others = {role: reports.Spending(**spent._asdict()) for role, spent in took.others.items()}
    return reports.Attempt(
        started=started, seconds=round(time.monotonic() - begun, 3), asked=took.asked, reused=took.reused,
        read=took.read, written=took.written, cost=took.cost(prices), others=others,
    )  # fmt: skip


def look_ahead(prepared: Prepared, stopped: Callable[[], bool] = lambda: False) -> dict[str, Forecast]:
    """Render everything and ask nothing: what a run would do."""
    with ExitStack() as stack:
        _closed_in_the_end(prepared, stack)
        seats = []
        for cell in prepared.cells:
            path = cell.folder / reports.JOURNAL
            journal = Journal(path if path.is_file() else Path(os.devnull), writable=False)
            stack.callback(journal.close)
            seats.append(Seat(cell.sitting, journal))
        return forecast(seats, engines(prepared), stopped)


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


def opened(cell: Cell, stack: ExitStack, walks: Sequence[Walk] | None = None) -> Opened:
    """Open a cell's folder, until the stack unwinds."""
    one = Opened(cell, walks)
    stack.callback(one.close)
    return one


def _collected(prepared: Prepared, cells: Sequence[Opened], played: Mapping[str, Played], unsettled: int) -> Evaluation:
    """Read what was published, and make the groups of it."""
    folders = [folder for one in cells for folder in one.folders]
    results = []
    for folder in folders:
        result = reports.read(folder / reports.RESULT, Result)
        assert result is not None  # noqa: S101  it was published a moment ago
        results.append(result)
    chosen, notes = groups.alike(prepared.groups, [result for result in results if not result.judge])
    made = groups.regrouped(prepared.folder, chosen)
    ours = {prepared.folder / reports.cell_name(group.name, setting) for group, setting in chosen}
    together = [(result, path) for result, path in made if path in ours]
    return Evaluation(
        results=(*results, *[result for result, _ in together]),
        folders=(*folders, *[folder for _, folder in together]),
        played=played,
        unsettled=unsettled,
        notes=(*notes, *prepared.engine.notes),
    )
