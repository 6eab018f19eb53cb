"""A request, checked: everything that can be wrong is found before an engine starts, and told at once."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from medeval import catalog, entries, protocols, reports
from medeval.engines.base import Engine
from medeval.engines.baseline import Baseline
from medeval.engines.patient import FactSelector
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError, raise_all
from medeval.openings import chosen, engine_for, predictions_engine, shares_engine, told
from medeval.planning.juries import Jury, jury, patient_for, unjudged
from medeval.planning.plans import Cell, Plan, Prepared
from medeval.planning.seating import Seated, apart, other_sitting, sitting
from medeval.prompts.asking import CHOSEN
from medeval.records import CaseSample, ChoiceSample, DialogueSample, OpenSample, Sample
from medeval.sitting import Sitting

S = TypeVar("S", bound=Sample)


def prepare(plan: Plan) -> Prepared:
    """Check everything before an engine starts, and tell all faults at once."""
    own, others = apart(plan.tasks)
    tasks, groups, unknown = catalog.find(plan.task_paths).chosen(own)
    wrong = list(protocols.wrong_words(plan))
    faults: list[RequestError] = [*unknown, *_wrong_request(plan), *wrong, *unwritable(plan)]
    faults += entries.wrong(plan.declared)
    engine: Engine | None = None
    court = Jury()
    patient: Engine = FactSelector()
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
    known = {} if engine is None or isinstance(engine, Baseline) else {plan.model: engine}
    try:
        court = jury(plan.judges, plan.gradings, plan.prose, plan.means, known=known)
    except RequestError as fault:
        faults.append(fault)
    try:
        patient = patient_for(plan, known)
    except RequestError as fault:
        faults.append(fault)
    sittings = [each for each, _ in seated]
    raise_all([*faults, *_of_no_use(plan, sittings), *unjudged(court, sittings)])
    if isinstance(patient, FactSelector):
        patient.study(_sheets(sittings, CaseSample))
    if file := told(plan.model):
        engine = only_one(file, sittings)
    assert engine is not None  # noqa: S101  else there was a fault
    if isinstance(engine, Baseline):
        engine.study(_sheets(sittings, ChoiceSample, OpenSample, DialogueSample))
    # A label is kept as it was given; only its folder is made safe.
    entry = plan.label or _entry(plan, engine, sittings)
    folder = plan.reports / reports.slug(entry)
    panels = [court.panel(one) for one in sittings]
    cells = tuple([
        _cell(plan, one, folder, entry, engine, file, patient, panel)
        for (one, file), panel in zip(seated, panels, strict=True)
    ])  # fmt: skip
    raise_all(_conflicts(folder, engine, cells))
    entries.check(folder, plan.declared)
    return Prepared(
        entry=entry, engine=engine, others={"patient": patient, **court.roles(panels)}, cells=cells,
        groups=tuple(groups), folder=folder,
        kind=plan.kind or engine.abilities.kind, told_by="--kind" if plan.kind else engine.abilities.told_by,
        prices=plan.means.prices, choice=chosen(plan.model, plan.means), declared=plan.declared,
    )  # fmt: skip


def _sheets(sittings: Sequence[Sitting], *kinds: type[S]) -> dict[tuple[str, str, int], S]:
    """What engines that follow rules look up: samples of some kinds, by task, sample and variant."""
    return {
        (each.name, take.sample.id, take.variant): take.sample
        for each in sittings
        for take in each.takes
        if isinstance(take.sample, kinds)
    }


def _seated(plan: Plan, task: catalog.Named | str, engine: Engine | None, *, alone: bool) -> Seated:
    """Sit a task of our own, or one of another harness that is known by its name only; with the task's file."""
    recorded = engine.settings if isinstance(engine, Recorded) else {}
    abilities = engine.abilities if engine else Predictions.ABILITIES
    if isinstance(task, str):
        if isinstance(engine, Baseline):
            raise RequestError(f"{task}: a baseline follows the options of a question, and here it would see none.")
        return other_sitting(plan, task, abilities, recorded, alone=alone)
    return sitting(plan, task, abilities, recorded), task.file


def _entry(plan: Plan, engine: Engine, sittings: Sequence[Sitting]) -> str:
    """Name an entry by its model; whether it thinks is part of the name where it can be chosen."""
    name = reports.slug(plan.model if isinstance(plan.model, str) else engine.identity.model)
    if not engine.abilities.thinking or not sittings:
        return name
    return f"{name}-{'thinking' if sittings[0].setting.thinking == 'on' else 'not-thinking'}"


def _of_no_use(plan: Plan, sittings: Sequence[Sitting]) -> Iterator[RequestError]:
    """Options of drawing texts, where none of the tasks writes one."""
    if plan.patient and sittings and not any(each.task.budget for each in sittings):
        yield RequestError("--patient: none of the tasks is a consultation, so nobody would ask it. Leave it away.")
    drawn = [name for name in protocols.DRAWING if getattr(plan, name) is not None]
    if drawn and sittings and all(each.setting.style in CHOSEN for each in sittings):
        ways = ", ".join(sorted({each.setting.style for each in sittings}))
        yield RequestError(f"--{drawn[0].replace('_', '-')}: nothing is written in style {ways}. Leave it away.")


def only_one(file: Path, sittings: Sequence[Sitting], field: str = "", *, by_order: bool = False) -> Predictions:
    """Make an engine of predictions, which are for one task."""
    if len(sittings) != 1:
        raise RequestError(f"{file}: predictions are for one task, not {len(sittings)}.")
    if sittings[0].setting.style == "letters":
        labels = {each.id: each.labels for each in sittings[0].samples if isinstance(each, ChoiceSample)}
        return shares_engine(file, labels, field, by_order=by_order)
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


def _cell(  # noqa: PLR0913, PLR0917  what a cell is made of
    plan: Plan, sitting: Sitting, folder: Path, entry: str, engine: Engine, file: Path, patient: Engine,
    panel: tuple[reports.Sworn, ...],
) -> Cell:  # fmt: skip
    roles = {"model": engine.identity}
    if sitting.task.budget:
        roles["patient"] = patient.identity
    manifest = reports.Manifest(
        task=sitting.name, task_version=sitting.task.version, entry=entry, setting=sitting.setting,
        form=sitting.form, pinned=sitting.pinned, data=sitting.data, engines=roles,
    )  # fmt: skip
    name = reports.cell_name(sitting.name, sitting.setting)
    return Cell(sitting=sitting, folder=folder / name, manifest=manifest, file=file, metrics=plan.metrics, panel=panel)


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
