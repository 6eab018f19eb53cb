"""Strings the rooms together: a checked plan is played, scored and published."""

import functools
import gc
import hashlib
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec.structs import replace

from medeval import catalog, planning, reports
from medeval.engines.base import Engine
from medeval.engines.recorded import Predictions
from medeval.errors import DataError, ReportError, RequestError, raise_all
from medeval.journal import Journal, fingerprint
from medeval.planning import Cell, Plan, Prepared
from medeval.records import Order, Protocol, Record, Result, Style, Walk, to_json
from medeval.runner import Forecast, Played, Seat, Watch, forecast, play
from medeval.scoring import Scored, Scorer, grouped, walks
from medeval.sources import read_predictions


class Evaluation(Record, frozen=True, kw_only=True):
    """What a run came to."""

    results: tuple[Result, ...]
    folders: tuple[Path, ...]
    played: Mapping[str, Played]
    unsettled: int
    """Engine errors that the same command would ask for again."""

    def rows(self) -> list[dict[str, str | int | float | None]]:
        """One flat row an estimate: `pandas.DataFrame(evaluation.rows())`."""
        return [
            {
                "entry": result.entry, "task": result.task, "metric": estimate.metric, "value": estimate.value,
                "low": estimate.low, "high": estimate.high, "n": estimate.n, "unread": estimate.unread,
                "truncated": estimate.truncated, "failed": estimate.failed, "signature": result.signature,
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


class Opened:
    """A cell's folder, open for writing: its journal, and what is derived from it."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        try:
            cell.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(f"{cell.folder}: cannot be made ({error.strerror}).") from error
        self.journal = Journal(cell.folder / reports.JOURNAL)
        self._scorer = Scorer(cell.sitting)
        self._samples = reports.Publisher(cell.folder / reports.SAMPLES)
        self._held: dict[int, bytes] = {}
        self._next = 0

    def begin(self) -> None:
        """Say what the folder is about, before anything is asked."""
        reports.sweep(self.cell.folder)
        if not (self.cell.folder / reports.MANIFEST).is_file():
            reports.publish(self.cell.folder / reports.MANIFEST, self.cell.manifest)

    @property
    def seat(self) -> Seat:
        """What the runner needs of it."""
        return Seat(self.cell.sitting, self.journal)

    def finished(self, number: int, walk: Walk) -> Scored:
        """Score a walk, and write its line when those before it are written."""
        scored = self._scorer.add(number, walk)
        self._held[number] = to_json(scored) + b"\n"
        while (line := self._held.pop(self._next, None)) is not None:
            self._samples.write(line)
            self._next += 1
        return scored

    def publish(self, attempt: reports.Attempt | None) -> Result:
        """Publish the samples, the result, and the circumstances, in this order."""
        cell = self.cell
        self._samples.commit()
        result = self._scorer.result(cell.manifest.entry, cell.manifest.engines["model"], own_version(), self.journal)
        reports.publish(cell.folder / reports.RESULT, result)
        old = _last_run(cell.folder)
        circumstances = reports.Run(
            medeval=own_version(), python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            attempts=(*(old.attempts if old else ()), *([attempt] if attempt else [])),
            derived="" if self.journal.unsettled else _state(cell, self.journal),
        )  # fmt: skip
        reports.publish(cell.folder / reports.RUN, circumstances)
        return result

    def close(self) -> None:
        """Let everything go."""
        self._samples.discard()
        self.journal.close()


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


def evaluate(  # noqa: PLR0913  the face of the whole: every option by its name
    *,
    model: str | Engine,
    tasks: Sequence[str],
    data: str | Path = "",
    reports: str | Path = "reports",
    label: str = "",
    style: Style = "letters",
    options: Order = "given",
    protocol: Protocol = "house",
    limit: int = 0,
    seed: int = 0,
    task_paths: Sequence[str | Path] = (),
) -> Evaluation:
    """Evaluate a model on tasks; runs into the same folder go on where they stopped."""
    plan = Plan(
        model=model, tasks=tuple(tasks), data=str(data), reports=Path(reports), label=label, style=style,
        options=options, protocol=protocol, limit=limit, seed=seed, task_paths=tuple(map(Path, task_paths)),
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
        todo = [one for one in cells if not _up_to_date(one)]
        watch = _Marking(todo, progress or Progress())
        played = play([one.seat for one in todo], {"model": prepared.engine}, watch=watch, stopped=stopped)
        for one in todo:
            took = played[one.cell.sitting.name]
            seconds = round(time.monotonic() - begun, 3)
            one.publish(reports.Attempt(started=started, seconds=seconds, asked=took.asked, reused=took.reused))
        unsettled = sum(one.journal.unsettled for one in cells)
    return _collected(prepared, played, unsettled)


def look_ahead(prepared: Prepared) -> dict[str, Forecast]:
    """Render everything and ask nothing: what a run would do."""
    with ExitStack() as stack:
        stack.callback(prepared.engine.close)
        seats = []
        for cell in prepared.cells:
            path = cell.folder / reports.JOURNAL
            journal = Journal(path if path.is_file() else Path(os.devnull), writable=False)
            stack.callback(journal.close)
            seats.append(Seat(cell.sitting, journal))
        return forecast(seats, {"model": prepared.engine})


@seldom_collected()
def rescore(folder: Path, data: str = "", task_paths: Sequence[Path] = ()) -> Evaluation:
    """Derive every cell of an entry again from its journal; no engine is needed."""
    found = catalog.find(task_paths)
    cells, faults = [], []
    for path in reports.cells(folder):
        manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
        if manifest is None:
            continue  # a group, made of its members
        try:
            cells.append(planning.reopened(path, manifest, found.named(manifest.task), data))
        except RequestError as fault:
            faults.append(fault)
    if not cells and not faults:
        faults = [RequestError(f"{folder}: no results there. Name an entry's folder, or one of its cells.")]
    raise_all(faults)
    results, unsettled = [], 0
    for cell in cells:
        with ExitStack() as stack:
            one = _opened(cell, stack)
            for number, walk in enumerate(walks(cell.sitting, one.journal)):
                one.finished(number, walk)
            results.append(one.publish(None))
            unsettled += one.journal.unsettled
    together = [
        _publish_group(path.parent, found.groups[old.task], members)
        for path in reports.cells(folder)
        if (old := _group_result(path)) and (members := _members(old, found, results))
    ]
    return Evaluation(
        results=(*results, *[result for result, _ in together]),
        folders=(*[cell.folder for cell in cells], *[path for _, path in together]),
        played={},
        unsettled=unsettled,
    )


def _group_result(folder: Path) -> Result | None:
    """The result of a group's folder; a cell has a manifest, a group has none."""
    return None if (folder / reports.MANIFEST).is_file() else reports.read(folder / reports.RESULT, Result)


def _members(group: Result, found: catalog.Catalog, results: Sequence[Result]) -> list[Result]:
    """The results that a group is made of, if they are all among those scored again."""
    wanted = found.groups[group.task].members if group.task in found.groups else ()
    members = [each for name in wanted for each in results if each.task == name and each.setting == group.setting]
    return members if members and len(members) == len(wanted) else []


def score_predictions(plan: Plan, path: Path, field: str = "", *, by_order: bool = False) -> Evaluation:
    """Make normal cells of texts made elsewhere."""
    chosen, _, unknown = catalog.find(plan.task_paths).chosen(plan.tasks)
    raise_all(unknown)
    if len(chosen) != 1:
        raise RequestError(f"Predictions are for one task, not {len(chosen)}: name it with --task.")
    if not path.is_file():
        raise RequestError(f"{path}: no such file of predictions.")
    reports.probe(plan.reports)
    sitting = planning.sitting(plan, chosen[0])
    texts = read_predictions(path, [sample.id for sample in sitting.samples], field, by_order=by_order)
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return run(planning.prepare(replace(plan, model=Predictions(texts, model=path.name, content=content))))


def _opened(cell: Cell, stack: ExitStack) -> Opened:
    one = Opened(cell)
    stack.callback(one.close)
    one.begin()
    return one


def _collected(prepared: Prepared, played: Mapping[str, Played], unsettled: int) -> Evaluation:
    """Read what was published, and make the groups of it."""
    results = {}
    for cell in prepared.cells:
        result = reports.read(cell.folder / reports.RESULT, Result)
        assert result is not None  # noqa: S101  it was published a moment ago
        results[cell.sitting.name] = result
    together = [
        _publish_group(prepared.folder, group, [results[name] for name in group.members]) for group in prepared.groups
    ]
    return Evaluation(
        results=(*results.values(), *[result for result, _ in together]),
        folders=(*[cell.folder for cell in prepared.cells], *[folder for _, folder in together]),
        played=played,
        unsettled=unsettled,
    )


def _publish_group(entry: Path, group: catalog.Group, members: Sequence[Result]) -> tuple[Result, Path]:
    result = grouped(group.name, members)
    folder = entry / reports.cell_name(group.name, result.setting)
    folder.mkdir(exist_ok=True)
    reports.publish(folder / reports.RESULT, result)
    return result, folder


def _last_run(folder: Path) -> reports.Run | None:
    """The circumstances of the last run; they are derived, so a damaged file is only made again."""
    try:
        return reports.read(folder / reports.RUN, reports.Run)
    except DataError:
        return None


def _up_to_date(one: Opened) -> bool:
    """Tell whether the published files are what these replies, this data and this code make."""
    old = _last_run(one.cell.folder)
    return old is not None and bool(old.derived) and old.derived == _state(one.cell, one.journal)


def _state(cell: Cell, journal: Journal) -> str:
    """Hash what the published files were made of and by, and the files themselves."""
    try:
        published = (cell.folder / reports.RESULT).read_bytes()
        size = (cell.folder / reports.SAMPLES).stat().st_size
    except FileNotFoundError:
        return ""
    parts = [to_json(cell.manifest), journal.fingerprint().encode(), published, str(size).encode()]
    return fingerprint(b"\n".join([_code(), cell.file.read_bytes(), *parts]))


@functools.cache
def _code() -> bytes:
    """Hash medeval's own code: with other code, results are computed again."""
    digest = hashlib.sha256()
    for path in sorted(catalog.PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


@functools.cache
def own_version() -> str:
    """The installed version."""
    try:
        return version("medeval-harness")
    except PackageNotFoundError:
        return "unknown"
