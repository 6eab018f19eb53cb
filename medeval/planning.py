"""A request, checked: everything that can be wrong is found before an engine starts, and told at once."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from medeval import catalog, reports
from medeval.engines.base import Engine
from medeval.engines.baseline import RULES, Baseline
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError, raise_all
from medeval.journal import Journal, Line
from medeval.records import Order, Protocol, Record, Setting, Style
from medeval.sources import place, read_predictions
from medeval.task import Sitting, sit

SAMPLE = "sample"
"""Stands for the project's own rows where a folder could be named."""


class Plan(Record, frozen=True, kw_only=True):
    """Everything that can be asked of a run."""

    model: str | Engine
    tasks: tuple[str, ...]
    data: str = ""
    """A folder, or `sample`; empty: the folder in MEDEVAL_DATA."""
    reports: Path = Path("reports")
    label: str = ""
    style: Style = "letters"
    options: Order = "given"
    protocol: Protocol = "house"
    limit: int = 0
    seed: int = 0
    task_paths: tuple[Path, ...] = ()
    elsewhere: bool = False


class Cell(Record, frozen=True, kw_only=True):
    """A sitting, the folder of its results, and what the folder is about."""

    sitting: Sitting
    folder: Path
    manifest: reports.Manifest
    file: Path
    """The task's file: part of what a result is made by."""


class Prepared(Record, frozen=True, kw_only=True):
    """A plan that was checked."""

    entry: str
    engine: Engine
    cells: tuple[Cell, ...]
    groups: tuple[catalog.Group, ...]
    folder: Path


def prepare(plan: Plan) -> Prepared:
    """Check everything before an engine starts, and tell all faults at once."""
    chosen, groups, unknown = catalog.find(plan.task_paths).chosen(plan.tasks)
    faults: list[RequestError] = [*unknown, *_wrong_words(plan)]
    sittings: list[Sitting] = []
    engine: Engine | None = None
    for named in chosen:
        try:
            sittings.append(sitting(plan, named))
        except RequestError as fault:
            faults.append(fault)
    faults += unwritable(plan)
    try:
        engine = engine_for(plan.model, sittings, plan.seed)
        faults += _unable(engine, plan)
    except RequestError as fault:
        faults.append(fault)
    raise_all(faults)
    assert engine is not None  # noqa: S101  else there was a fault
    # A label is kept as it was given; only its folder is made safe.
    entry = plan.label or reports.slug(plan.model if isinstance(plan.model, str) else engine.identity.model)
    folder = plan.reports / reports.slug(entry)
    cells = tuple([_cell(one, folder, entry, engine, named) for one, named in zip(sittings, chosen, strict=True)])
    raise_all(_conflicts(folder, engine, cells))
    return Prepared(entry=entry, engine=engine, cells=cells, groups=tuple(groups), folder=folder)


def unwritable(plan: Plan) -> list[RequestError]:
    """See whether results can be written where the plan wants them."""
    try:
        reports.probe(plan.reports)
    except RequestError as fault:
        return [fault]
    return []


def _wrong_words(plan: Plan) -> Iterator[RequestError]:
    """What is wrong with a plan by itself; the command checks its words, a script may say anything."""
    kinds = {"style": Style, "options": Order, "protocol": Protocol}
    for name, kind in kinds.items():
        said = getattr(plan, name)
        if said not in get_args(kind):
            yield RequestError(f"Unknown {name} {said!r}. There are: {', '.join(get_args(kind))}.")
    if plan.limit < 0:
        yield RequestError(f"A limit of {plan.limit} samples cannot be; 0 means all.")
    if plan.protocol == "mirage" and plan.style != "written":
        yield RequestError("Protocol 'mirage' reads texts: add --style written.")
    if not plan.tasks:
        yield RequestError("No task is named. 'medeval tasks' lists them.")


def reopened(path: Path, manifest: reports.Manifest, named: catalog.Named, data: str) -> Cell:
    """Sit a recorded cell again, and see that task and data are still the same."""
    where = SAMPLE if manifest.setting.data == "sample" else data
    sitting = sit(manifest.task, named.task, manifest.setting, data_root(where, named))
    changed = [
        f"{what} was {was}, is now {now}"
        for what, was, now in (
            ("the task's version", manifest.task_version, named.task.version),
            ("the data", manifest.data[:8], sitting.data[:8]),
        )
        if was != now
    ]
    if changed:
        raise RequestError(
            f"{path}: cannot be scored again ({'; '.join(changed)}). Run it again under another --label."
        )
    return Cell(sitting=sitting, folder=path, manifest=manifest, file=named.file)


def engine_for(model: str | Engine, sittings: Sequence[Sitting], seed: int) -> Engine:
    """Make the engine that a name stands for."""
    if not isinstance(model, str):
        return model
    kind, _, rest = model.partition(":")
    if kind == "baseline":
        baseline = Baseline(rest, seed)
        baseline.study({(sitting.name, sample.id): sample for sitting in sittings for sample in sitting.samples})
        return baseline
    if file := _told(model):
        return predictions_engine(file, sittings)
    if kind == "recorded":
        return _recorded(Path(rest).parent if Path(rest).name == reports.JOURNAL else Path(rest))
    raise RequestError(
        f"Model {model!r}: no engine for weights is part of this version. "
        f"There are {', '.join(f'baseline:{rule}' for rule in RULES)}, recorded:FOLDER and recorded:FILE."
    )


def _told(model: str | Engine) -> Path | None:
    """The file of predictions that `recorded:FILE` names; a journal is none."""
    file = Path(model.removeprefix("recorded:")) if isinstance(model, str) and model.startswith("recorded:") else None
    return file if file and file.is_file() and file.name != reports.JOURNAL else None


def predictions_engine(
    path: Path, sittings: Sequence[Sitting], field: str = "", *, by_order: bool = False
) -> Predictions:
    """Make an engine of a file of texts; it answers one task."""
    if len(sittings) != 1:
        raise RequestError(f"{path}: predictions are for one task, not {len(sittings)}.")
    told = read_predictions(path, [sample.id for sample in sittings[0].samples], field, by_order=by_order)
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Predictions(told.texts, model=f"{path.name}:{told.field}", content=content)


def sitting(plan: Plan, named: catalog.Named) -> Sitting:
    """Sit a task as a plan says."""
    setting = Setting(
        style=plan.style, order=plan.options, protocol=plan.protocol, limit=plan.limit, seed=plan.seed,
        data="sample" if (plan.data or data_outside()) == SAMPLE else "real",
        elsewhere=plan.elsewhere or _told(plan.model) is not None,
    )  # fmt: skip
    if plan.style not in named.task.wordings:
        raise RequestError(
            f"{named.name}: it has no wording for style {plan.style!r}; it has {', '.join(named.task.wordings)}."
        )
    sitting = sit(named.name, named.task, setting, data_root(plan.data, named))
    if (
        plan.protocol == "mirage"
        and plan.style == "written"
        and any(not {*sample.labels} <= {*"ABCD"} for sample in sitting.samples)
    ):
        raise RequestError(f"{named.name}: protocol 'mirage' reads the letters A to D, and its options are others.")
    return sitting


def data_outside() -> str:
    """Name the data that the environment names."""
    return os.environ.get("MEDEVAL_DATA", "")


def data_root(data: str, named: catalog.Named) -> Path:
    """Choose where a task's files are looked for."""
    root = data or data_outside()
    if root == SAMPLE:
        return named.samples
    if not root:
        first = place(Path("DIR"), named.task.folder, named.task.forms[0].files[0])
        raise RequestError(
            f"{named.name}: no data folder is named. Use --data DIR (it would be looked for as {first}), "
            "set MEDEVAL_DATA, or try --data sample."
        )
    return Path(root)


def _unable(engine: Engine, plan: Plan) -> list[RequestError]:
    if plan.style == "letters" and not engine.abilities.choices:
        name = engine.identity.engine
        return [
            RequestError(
                f"Engine {name!r} gives no log-probabilities, which style 'letters' needs. Add --style written."
            )
        ]
    return []


def _cell(sitting: Sitting, folder: Path, entry: str, engine: Engine, named: catalog.Named) -> Cell:
    manifest = reports.Manifest(
        task=sitting.name, task_version=sitting.task.version, entry=entry, setting=sitting.setting,
        form=sitting.form, pinned=sitting.pinned, data=sitting.data, engines={"model": engine.identity},
    )  # fmt: skip
    name = reports.cell_name(sitting.name, sitting.setting)
    return Cell(sitting=sitting, folder=folder / name, manifest=manifest, file=named.file)


def _conflicts(folder: Path, engine: Engine, cells: Sequence[Cell]) -> list[RequestError]:
    """Find folders that hold something else under the same name."""
    faults = []
    ours = {cell.folder for cell in cells}
    for path in reports.cells(folder):
        old = reports.read(path / reports.MANIFEST, reports.Manifest)
        # Predictions come a file a task: the same label joins them.
        told = engine.identity.engine == "predictions" and old and old.engines["model"].engine == "predictions"
        if old and not told and path not in ours and old.engines["model"] != engine.identity:
            fields = "; ".join(reports.differing(old.engines["model"], engine.identity))
            faults.append(RequestError(f"{path}: answered by another model ({fields}). Choose another --label."))
            break
    for cell in cells:
        try:
            faults += [
                RequestError(f"{path}: is no folder, and one is wanted there. Choose another --label.")
                for path in (folder, cell.folder)
                if (path.exists() or path.is_symlink()) and not path.is_dir()
            ]
            check_manifest(cell)
        except RequestError as fault:
            faults.append(fault)
    return faults


def check_manifest(cell: Cell) -> None:
    """Refuse a folder that holds another run."""
    old = reports.read(cell.folder / reports.MANIFEST, reports.Manifest)
    if old is not None and old != cell.manifest:
        fields = "; ".join(reports.differing(old, cell.manifest))
        raise RequestError(f"{cell.folder}: holds another run ({fields}). Choose another --label.")


def _recorded(path: Path) -> Recorded:
    lines: list[tuple[str, Line]] = []
    identities = []
    for folder in reports.cells(path):
        manifest = reports.read(folder / reports.MANIFEST, reports.Manifest)
        if manifest is None:
            continue  # a group
        if manifest.setting.elsewhere:
            raise RequestError(f"recorded:{path}: holds texts made elsewhere, which answer no prompt of ours.")
        journal = Journal(folder / reports.JOURNAL, writable=False)
        lines += [(manifest.task, line) for line in journal.lines()]
        journal.close()
        identities.append(manifest.engines["model"])
    if not identities:
        raise RequestError(f"recorded:{path}: no recorded run there. Name an entry's folder, or one of its cells.")
    return Recorded(identities[0], lines)
