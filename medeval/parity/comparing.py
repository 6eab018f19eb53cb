"""Ours for every published number: scored from the same outputs, run here, or taken from a run that is there."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from medeval import catalog, evaluation, planning, reports
from medeval.errors import DataError, Interrupted, RequestError, raise_all
from medeval.openings import Means
from medeval.parity.references import Declared, Reference
from medeval.parity.verdicts import Verdict, Word, gravity, verdict
from medeval.planning import Plan
from medeval.records import Estimate, Record, Result, Setting, to_json
from medeval.sources import read_rows


class Where(Record, frozen=True, kw_only=True):
    """Where everything is that ours is made of."""

    outputs: Path | None = None
    data: str = ""
    reports: Path | None = None
    """Runs that are there, and the place of those that are made; none: nothing is left behind."""
    models: Mapping[str, str] = {}
    """What stands for a model of the hub: a folder of weights, or any name that can be run."""
    task_paths: tuple[Path, ...] = ()
    offline: bool = False


class Line(Record, frozen=True, kw_only=True):
    """A published number beside ours."""

    declared: Declared
    verdict: Verdict
    ours: Estimate | None = None
    entry: str = ""
    signature: str = ""


def compare(
    declared: Sequence[Declared], where: Where, stopped: Callable[[], bool] = lambda: False
) -> tuple[Line, ...]:
    """Hold every number against ours, what is compared first; all faults of the request at once."""
    raise_all([*_unknown(declared, where), *([] if where.reports is None else _unwritable(where.reports))])
    lines: list[Line] = []
    faults: list[RequestError] = []
    scored: dict[bytes, Result] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medeval-parity-")))
        for each in declared:
            if stopped():
                raise Interrupted("Stopped by a signal; the same command begins again.")
            try:
                lines += _lines(each, where, folder, stopped, scored)
            except RequestError as fault:
                faults.append(fault)
    raise_all(faults)
    return tuple(sorted(lines, key=lambda line: gravity(line.verdict.word)))


def _unknown(declared: Sequence[Declared], where: Where) -> Iterator[RequestError]:
    """Tasks, metrics and models that nobody knows."""
    found = catalog.find(where.task_paths)
    for each in declared:
        reference = each.reference
        if reference.needs:
            continue  # what it is about may not be here yet
        try:
            task = found.named(reference.task).task
        except RequestError as fault:
            yield RequestError(f"{each.place} {fault.faults[0]}")
            continue
        metrics = [metric.name for metric in (*task.metrics, *task.also)]
        if reference.metric not in metrics:
            there = ", ".join(metrics)
            yield RequestError(f"{each.place} unknown metric {reference.metric!r}. {reference.task} has: {there}.")
    models = {each.reference.model for each in declared if each.reference.model and not each.reference.here}
    for name in where.models:
        if name not in models:
            there = ", ".join(sorted(models)) or "none"
            yield RequestError(f"--model {name}: no number is declared for it. There are numbers for: {there}.")


def _unwritable(folder: Path) -> Iterator[RequestError]:
    try:
        reports.probe(folder)
    except RequestError as fault:
        yield fault


def _lines(
    each: Declared, where: Where, folder: Path, stopped: Callable[[], bool], scored: dict[bytes, Result]
) -> list[Line]:
    """Ours beside one number; what was scored for another number from the same outputs is not scored again."""
    reference = each.reference
    if reference.needs:
        return [_without(each, "waiting", f"medeval has no {reference.needs} yet")]
    if reference.outputs:
        return [_from_outputs(each, where, folder, scored)]
    if reference.here or reference.model in where.models:
        return [_from_model(each, where, folder, stopped)]
    results = [] if where.reports is None else [*_brought(reference, where.reports)]
    return [_line(each, result) for result in results] or [_without(each, "not run", _bring(reference))]


def _from_outputs(each: Declared, where: Where, folder: Path, scored: dict[bytes, Result]) -> Line:
    reference = each.reference
    if where.outputs is None:
        return _without(each, "absent", f"{reference.outputs}: name the folder it is in with --outputs")
    path = where.outputs / reference.outputs
    if not path.is_file():
        return _without(each, "absent", f"{path}: no such file")
    if reference.rows:
        path = _rows_apart(path, reference.rows, folder)
    plan = Plan(
        model="", tasks=(reference.task,), data=where.data, reports=where.reports or folder, label=each.label,
        style="letters" if reference.probabilities else "written", means=Means(offline=where.offline),
        protocol=reference.protocol, task_paths=where.task_paths, elsewhere=True,
    )  # fmt: skip
    field = reference.probabilities or reference.field
    same = to_json((str(path), field, reference.by_order, plan.tasks, plan.style, plan.protocol))
    if same not in scored:
        scored[same] = evaluation.score_predictions(plan, path, field, by_order=reference.by_order).results[0]
    return _line(each, scored[same])


def _rows_apart(path: Path, key: str, folder: Path) -> Path:
    """Take the rows out of a file that holds other things too."""
    rows = next((row.get("value") for row in read_rows(path) if row["_id"] == key), None)
    if not isinstance(rows, list):
        raise DataError(f"{path}: has no list of rows under {key!r}.")
    apart = folder / f"{path.stem}.jsonl"
    apart.write_bytes(b"".join([to_json(row) + b"\n" for row in rows]))
    return apart


def _from_model(each: Declared, where: Where, folder: Path, stopped: Callable[[], bool]) -> Line:
    reference = each.reference
    plan = Plan(
        model=where.models.get(reference.model, reference.model), tasks=(reference.task,), data=where.data,
        reports=where.reports or folder, label="" if reference.here else reference.model, style=reference.style,
        shots=reference.shots or None, protocol=reference.protocol, task_paths=where.task_paths,
        means=Means(offline=where.offline),
    )  # fmt: skip
    return _line(each, evaluation.run(planning.prepare(plan), stopped=stopped).results[0])


def _brought(reference: Reference, folder: Path) -> Iterator[Result]:
    """Find cells of the same model, on the same task, asked and read in the same way."""
    last = reference.model.rpartition("/")[2]
    names = {name for said in (reference.model, last) for name in (said, reports.slug(said))}
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        for cell in reports.cells(entry):
            manifest = reports.read(cell / reports.MANIFEST, reports.Manifest)
            if manifest is None or manifest.task != reference.task or not _alike(manifest.setting, reference):
                continue
            result = reports.read(cell / reports.RESULT, Result)
            if result is not None and names & {manifest.entry, manifest.engines["model"].model}:
                yield result


def _alike(setting: Setting, reference: Reference) -> bool:
    plain = Setting(
        style=reference.style or "letters", shots=reference.shots, protocol=reference.protocol, chat=setting.chat,
        thinking=setting.thinking, decoding=setting.decoding, seed=setting.seed, shots_from=setting.shots_from,
    )  # fmt: skip
    return setting == plain


def _bring(reference: Reference) -> str:
    """How to come by a run."""
    protocol = "" if reference.protocol == "house" else f" --protocol {reference.protocol}"
    shots = f" --shots {reference.shots}" if reference.shots else ""
    how = f"--tasks {reference.task}{protocol} --style {reference.style}{shots}"
    return f"medeval run --model {reference.model} {how}, then name its folder with --reports"


def _line(each: Declared, result: Result) -> Line:
    reference = each.reference
    ours = next((found for found in result.estimates if found.metric == reference.metric), None)
    if ours is None:
        return _without(each, "not comparable", f"the run has no {reference.metric}")
    found = verdict(
        reference.published,
        ours,
        reference.same,
        n=reference.n,
        count=reference.count,
        unit=reference.unit,
        tolerance=reference.tolerance,
    )
    return Line(declared=each, verdict=found, ours=ours, entry=result.entry, signature=result.signature)


def _without(each: Declared, word: Word, why: str) -> Line:
    return Line(declared=each, verdict=Verdict(word=word, why=why))
