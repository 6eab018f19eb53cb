"""A request, checked: everything that can be wrong is found before an engine starts, and told at once."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import catalog, interop, protocols, reports
from medeval.engines.base import Abilities, Engine
from medeval.engines.baseline import Baseline
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError, raise_all
from medeval.openings import Choice, Means, chosen, engine_for, predictions_engine, told
from medeval.prompts.asking import CHOSEN
from medeval.protocols import SAMPLE, Wish
from medeval.records import ChoiceSample, Kind, Record, Setting
from medeval.sitting import Sitting, sit
from medeval.sources import Supply

Seated = tuple[Sitting, Path]
"""A sitting, and the file that declares its task."""


class Plan(Wish, frozen=True, kw_only=True):
    """Everything that can be asked of a run."""

    model: str | Engine
    tasks: tuple[str, ...]
    data: str = ""
    """A folder, or `sample`; empty: the folder in MEDEVAL_DATA, else what can be fetched."""
    reports: Path = Path("reports")
    label: str = ""
    limit: int = 0
    seed: int = 0
    task_paths: tuple[Path, ...] = ()
    elsewhere: bool = False
    means: Means = Means()


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
    kind: Kind | None
    told_by: str
    choice: Choice
    prices: tuple[float, ...] = ()


def prepare(plan: Plan) -> Prepared:
    """Check everything before an engine starts, and tell all faults at once."""
    own, others = apart(plan.tasks)
    tasks, groups, unknown = catalog.find(plan.task_paths).chosen(own)
    wrong = list(protocols.wrong_words(plan))
    faults: list[RequestError] = [*unknown, *_wrong_request(plan), *wrong, *unwritable(plan)]
    engine: Engine | None = None
    seated: list[Seated] = []
    try:
        # Weights are told apart by their files; nothing is loaded yet.
        engine = None if told(plan.model) else _engine(plan)
    except RequestError as fault:
        faults.append(fault)
    else:
        # How a task is put cannot be looked at where it is said in words that mean nothing.
        every: list[catalog.Named | str] = [*tasks, *others]
        for each in [] if wrong else every:
            try:
                seated.append(_seated(plan, each, engine, alone=not tasks))
            except RequestError as fault:
                faults.append(fault)
    sittings = [each for each, _ in seated]
    raise_all([*faults, *_of_no_use(plan, sittings)])
    if file := told(plan.model):
        engine = only_one(file, sittings)
    assert engine is not None  # noqa: S101  else there was a fault
    if isinstance(engine, Baseline):
        engine.study({
            (each.name, take.sample.id, take.variant): take.sample
            for each in sittings
            for take in each.takes
            if isinstance(take.sample, ChoiceSample)
        })  # fmt: skip
    # A label is kept as it was given; only its folder is made safe.
    entry = plan.label or _entry(plan, engine, sittings)
    folder = plan.reports / reports.slug(entry)
    cells = tuple([_cell(one, folder, entry, engine, file) for one, file in seated])
    raise_all(_conflicts(folder, engine, cells))
    return Prepared(
        entry=entry, engine=engine, cells=cells, groups=tuple(groups), folder=folder,
        kind=plan.kind or engine.abilities.kind, told_by="--kind" if plan.kind else engine.abilities.told_by,
        prices=plan.means.prices, choice=chosen(plan.model, plan.means),
    )  # fmt: skip


def apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the names of our own tasks and groups from those of other harnesses."""
    named = dict.fromkeys(names)
    return [name for name in named if not interop.is_foreign(name)], [
        name for name in named if interop.is_foreign(name)
    ]


def _seated(plan: Plan, task: catalog.Named | str, engine: Engine | None, *, alone: bool) -> Seated:
    """Sit a task of our own, or one of another harness that is known by its name only; with the task's file."""
    recorded = engine.settings if isinstance(engine, Recorded) else {}
    abilities = engine.abilities if engine else Predictions.ABILITIES
    if isinstance(task, str):
        if isinstance(engine, Baseline):
            raise RequestError(f"{task}: a baseline follows the options of a question, and here it would see none.")
        return other_sitting(plan, task, abilities, recorded, alone=alone)
    return sitting(plan, task, abilities, recorded), task.file


def other_sitting(
    plan: Plan, name: str, abilities: Abilities, recorded: Mapping[str, Setting] | None = None, *, alone: bool = True
) -> Seated:
    """Sit a task of another harness as a plan says; `alone`: there is no task of ours that data could be for."""
    faults, was = [], (recorded or {}).get(name)
    if plan.data == SAMPLE or (alone and plan.data != data_outside()):
        faults.append(RequestError(f"{name}: finds its rows by itself. Leave --data {plan.data} away."))
    try:
        found = interop.sit(
            name, replace(plan, shots=was.shots) if was and plan.shots is None else plan, abilities, plan.task_paths,
            limit=plan.limit, seed=plan.seed or (was.seed if was else 0), offline=plan.means.offline,
            elsewhere=plan.elsewhere or told(plan.model) is not None,
        )  # fmt: skip
    except RequestError as fault:
        raise_all([*faults, fault])
        raise
    raise_all(faults)
    return found


def _entry(plan: Plan, engine: Engine, sittings: Sequence[Sitting]) -> str:
    """Name an entry by its model; whether it thinks is part of the name where it can be chosen."""
    name = reports.slug(plan.model if isinstance(plan.model, str) else engine.identity.model)
    if not engine.abilities.thinking or not sittings:
        return name
    return f"{name}-{'thinking' if sittings[0].setting.thinking == 'on' else 'not-thinking'}"


def _of_no_use(plan: Plan, sittings: Sequence[Sitting]) -> Iterator[RequestError]:
    """Options of drawing texts, where none of the tasks writes one."""
    drawn = [name for name in protocols.DRAWING if getattr(plan, name) is not None]
    if drawn and sittings and all(each.setting.style in CHOSEN for each in sittings):
        ways = ", ".join(sorted({each.setting.style for each in sittings}))
        yield RequestError(f"--{drawn[0].replace('_', '-')}: nothing is written in style {ways}. Leave it away.")


def only_one(file: Path, sittings: Sequence[Sitting], field: str = "", *, by_order: bool = False) -> Predictions:
    """Make an engine of predictions, which are for one task."""
    if len(sittings) != 1:
        raise RequestError(f"{file}: predictions are for one task, not {len(sittings)}.")
    return predictions_engine(file, [sample.id for sample in sittings[0].samples], field, by_order=by_order)


def _engine(plan: Plan) -> Engine:
    return plan.model if not isinstance(plan.model, str) else engine_for(plan.model, plan.means, plan.kind, plan.seed)


def unwritable(plan: Plan) -> list[RequestError]:
    """See whether results can be written where the plan wants them."""
    try:
        reports.probe(plan.reports)
    except RequestError as fault:
        return [fault]
    return []


def _wrong_request(plan: Plan) -> Iterator[RequestError]:
    """What is wrong with a plan, and changes nothing about how a task is put."""
    if plan.limit < 0:
        yield RequestError(f"A limit of {plan.limit} samples cannot be; 0 means all.")
    if not plan.tasks:
        yield RequestError("No task is named. 'medeval tasks' lists them.")


def reopened(  # noqa: PLR0913  where everything is that a run was made of
    path: Path, manifest: reports.Manifest, found: catalog.Catalog, data: str, *, paths: Sequence[Path] = (),
    offline: bool = False, shots: str = "",
) -> Cell:  # fmt: skip
    """Sit a recorded cell again, and see that task and data are still the same."""
    setting = manifest.setting
    if interop.is_foreign(manifest.task):
        sitting, file = interop.again(manifest.task, setting, paths, offline=offline)
    else:
        named = found.named(manifest.task)
        where, file = SAMPLE if setting.data == "sample" else data, named.file
        sitting = sit(
            manifest.task, named.task, setting, supply(where, named, offline=offline),
            _shots(shots, setting.shots_from, named),
        )  # fmt: skip
    changed = [
        f"{what} was {was}, is now {now}"
        for what, was, now in (
            ("the task's version", manifest.task_version, sitting.task.version),
            ("the data", manifest.data[:8], sitting.data[:8]),
            # Of a task of ours the same rows may lie in files of another form.
            ("the task", manifest.form, sitting.form if sitting.task.harness else manifest.form),
        )
        if was != now
    ]
    if changed:
        raise RequestError(
            f"{path}: cannot be scored again ({'; '.join(changed)}). Run it again under another --label."
        )
    return Cell(sitting=sitting, folder=path, manifest=manifest, file=file)


def sitting(
    plan: Plan, named: catalog.Named, abilities: Abilities, recorded: Mapping[str, Setting] | None = None
) -> Sitting:
    """Sit a task as a plan says."""
    shown_from = plan.shots_from if plan.shots_from in ("", SAMPLE) else _mark_of(plan.shots_from)
    was = (recorded or {}).get(named.name)
    if was and plan.style in (None, was.style):
        setting = _as_recorded(plan, was, named, shown_from)
    else:
        setting = protocols.setting_for(plan, abilities, named.name, named.task, shots_from=shown_from)
    setting = replace(
        setting, limit=plan.limit, seed=plan.seed or (was.seed if was else 0),
        data="sample" if (plan.data or data_outside()) == SAMPLE else "real",
        elsewhere=plan.elsewhere or told(plan.model) is not None,
    )  # fmt: skip
    if setting.elsewhere and (setting.order != "given" or setting.repeats > 1 or setting.shots):
        raise RequestError(
            f"{named.name}: texts made elsewhere answer each question once, as it is published. "
            "Leave --options, --repeats and --shots away."
        )
    found = sit(
        named.name, named.task, setting, supply(plan.data, named, offline=plan.means.offline),
        _shots(plan.shots_from, setting.shots_from, named),
    )  # fmt: skip
    if plan.protocol == "mirage" and any(not {*labels} <= {*"ABCD"} for labels in _labels(found)):
        raise RequestError(f"{named.name}: protocol 'mirage' reads the letters A to D, and its options are others.")
    return found


def _labels(sitting: Sitting) -> Iterator[tuple[str, ...]]:
    return (sample.labels for sample in sitting.samples if isinstance(sample, ChoiceSample))


def _as_recorded(plan: Plan, was: Setting, named: catalog.Named, shown_from: str) -> Setting:
    """Replay a recording as it was asked, but for what is wished otherwise."""
    if drawn := [name for name in protocols.DRAWING if getattr(plan, name) is not None]:
        raise RequestError(f"{named.name}: was recorded as it was drawn. Leave --{drawn[0].replace('_', '-')} away.")
    wished = {
        "chat": plan.chat, "thinking": plan.thinking or None, "system": plan.system or None,
        "prefill": plan.prefill or None, "shots": plan.shots, "shots_from": shown_from or None,
        "repeats": None if plan.repeats == 1 else plan.repeats,
        "order": None if plan.options == "given" else plan.options,
        "protocol": None if plan.protocol == "house" else plan.protocol,
    }  # fmt: skip
    return replace(was, **{name: value for name, value in wished.items() if value is not None})


def _mark_of(shots_from: str) -> str:
    """Name a file of solved examples by its name and content."""
    path = Path(shots_from)
    return f"{path.name}#{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def _shots(file: str, shown_from: str, named: catalog.Named) -> Path | Supply | None:
    """Where solved examples are, if not where the task's own are."""
    if shown_from == SAMPLE:
        return Supply.only(named.samples)
    if shown_from and (not Path(file).is_file() or _mark_of(file) != shown_from):
        raise RequestError(
            f"{named.name}: its solved examples came from {shown_from}. Name that file with --shots-from."
        )
    return Path(file) if shown_from else None


def data_outside() -> str:
    """Name the data that the environment names."""
    return os.environ.get("MEDEVAL_DATA", "")


def supply(data: str, named: catalog.Named, *, offline: bool = False) -> Supply:
    """Choose where a task's files come from."""
    root = data or data_outside()
    if root == SAMPLE:
        return Supply.only(named.samples)
    return Supply(Path(root) if root else None, offline=offline)


def _cell(sitting: Sitting, folder: Path, entry: str, engine: Engine, file: Path) -> Cell:
    manifest = reports.Manifest(
        task=sitting.name, task_version=sitting.task.version, entry=entry, setting=sitting.setting,
        form=sitting.form, pinned=sitting.pinned, data=sitting.data, engines={"model": engine.identity},
    )  # fmt: skip
    name = reports.cell_name(sitting.name, sitting.setting)
    return Cell(sitting=sitting, folder=folder / name, manifest=manifest, file=file)


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
