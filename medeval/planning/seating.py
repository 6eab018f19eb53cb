"""Tasks sat as a plan says, or as a run was recorded; where their rows and solved examples come from."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import catalog, interop, protocols, reports
from medeval.engines.base import Abilities
from medeval.errors import RequestError, raise_all
from medeval.openings import Means, told
from medeval.planning.extras import check_extras, with_extras
from medeval.planning.juries import named as called
from medeval.planning.plans import Cell, Plan
from medeval.protocols import SAMPLE
from medeval.records import ChoiceSample, Setting
from medeval.sitting import Sitting, sit
from medeval.sources import Lock, Supply, own_cache, own_lock

PLAIN = Means()
Seated = tuple[Sitting, Path]
"""A sitting, and the file that declares its task."""


def apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the names of our own tasks and groups from those of other harnesses."""
    named = dict.fromkeys(names)
    return [name for name in named if not interop.is_foreign(name)], [
        name for name in named if interop.is_foreign(name)
    ]


def sitting(
    plan: Plan, named: catalog.Named, abilities: Abilities, recorded: Mapping[str, Setting] | None = None
) -> Sitting:
    """Sit a task as a plan says."""
    named = with_extras(named, plan.metrics, plan.means)
    shown_from = plan.shots_from if plan.shots_from in ("", SAMPLE) else _mark_of(plan.shots_from)
    was = (recorded or {}).get(named.name)
    if was and plan.style in (None, was.style):
        setting = _as_recorded(plan, was, named, shown_from)
    else:
        setting = protocols.setting_for(plan, abilities, named.name, named.task, shots_from=shown_from)
    setting = replace(
        setting, limit=plan.limit, seed=plan.seed or (was.seed if was else 0),
        data="own" if named.own else "sample" if (plan.data or data_outside()) == SAMPLE else "real",
        elsewhere=plan.elsewhere or told(plan.model) is not None,
        patient=called(plan.patient)[0] if plan.patient and named.task.budget else "",
    )  # fmt: skip
    several = setting.repeats > 1 or setting.wordings > 1
    if setting.elsewhere and (setting.order != "given" or several or setting.shots):
        raise RequestError(
            f"{named.name}: texts made elsewhere answer each question once, as it is published. "
            "Leave --options, --wordings, --repeats and --shots away."
        )
    found = sit(
        named.name, named.task, setting, supply(plan.data, named, offline=plan.means.offline),
        _shots(plan.shots_from, setting.shots_from, named),
    )  # fmt: skip
    check_extras(found, plan.metrics)
    if plan.protocol == "mirage" and any(not {*labels} <= {*"ABCD"} for labels in _labels(found)):
        raise RequestError(f"{named.name}: protocol 'mirage' reads the letters A to D, and its options are others.")
    return found


def other_sitting(
    plan: Plan, name: str, abilities: Abilities, recorded: Mapping[str, Setting] | None = None, *, alone: bool = True
) -> Seated:
    """Sit a task of another harness as a plan says; `alone`: there is no task of ours that data could be for."""
    faults, was = [], (recorded or {}).get(name)
    if plan.metrics:
        faults.append(RequestError(f"{name}: is marked by its own harness alone. Leave --metric away."))
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


def reopened(  # noqa: PLR0913  where everything is that a run was made of
    path: Path, manifest: reports.Manifest, found: catalog.Catalog, data: str, *, paths: Sequence[Path] = (),
    means: Means = PLAIN, shots: str = "", metrics: Sequence[str] | None = None,
) -> Cell:  # fmt: skip
    """Sit a recorded cell again, and see that task and data are still the same.

    Metrics that were wished for once are told again, unless others are.
    """
    setting = manifest.setting
    old = reports.last_run(path)
    extras = tuple(metrics) if metrics is not None else old.metrics if old else ()
    if interop.is_foreign(manifest.task):
        sitting, file = interop.again(manifest.task, setting, paths, offline=means.offline)
    else:
        if setting.data == "own" and manifest.task not in found.tasks:
            raise RequestError(f"{path}: is of an exam of your own. Name its file with --task-path FILE.toml.")
        named = with_extras(found.named(manifest.task), extras, means)
        where, file = SAMPLE if setting.data == "sample" else data, named.file
        sitting = sit(
            manifest.task, named.task, setting, supply(where, named, offline=means.offline),
            _shots(shots, setting.shots_from, named),
        )  # fmt: skip
        check_extras(sitting, extras)
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
    return Cell(sitting=sitting, folder=path, manifest=manifest, file=file, metrics=extras)


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
        "shuffles": None if plan.shuffles == 1 else plan.shuffles,
        "wordings": None if plan.wordings == 1 else plan.wordings,
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
    """Choose where a task's files come from; those of an exam of the user's own lie beside its declaration."""
    if named.own:
        return Supply.only(named.file.parent)
    root = data or data_outside()
    if root == SAMPLE:
        return Supply.only(named.samples)
    # A file that somebody brings along to a task of their own changes when they want it to.
    ours = named.file.parent == catalog.own_folder()
    lock = Lock(own_lock(own_cache()), named.name, local=ours, data=root)
    return Supply(Path(root) if root else None, offline=offline, lock=lock, obtain=named.task.obtain)
