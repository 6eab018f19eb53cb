"""Red tasks are run once more: the noise of the engine is new then, the questions and the baseline are the same."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import evaluation, planning, reports
from medeval.comparing.sides import Side, side
from medeval.errors import EngineError, RequestError
from medeval.gates.files import Opened
from medeval.gates.margins import Night, hold, oriented, worse
from medeval.gates.planned import Planned
from medeval.gates.verdicts import Line, Second
from medeval.openings import Means
from medeval.planning import Plan
from medeval.protocols import SAMPLE
from medeval.records import Record, Setting

PLACE = "confirm"
"""Below the entry's folder."""


class Again(Record, frozen=True, kw_only=True):
    """How to run something once more."""

    model: str
    data: str = ""
    task_paths: tuple[Path, ...] = ()
    shots_from: str = ""
    """The file of solved examples, if they are not the task's own."""
    means: Means = Means()


def confirmed(  # noqa: PLR0913, PLR0917
    lines: Sequence[Line], plans: Sequence[Planned], night: Night, opened: Opened, again: Again,
    stopped: Callable[[], bool],
) -> list[Line]:  # fmt: skip
    """Run the cells of red lines once more, and take back what does not come out again."""
    red = [(line, plan) for line, plan in zip(lines, plans, strict=True) if line.word == "REGRESSED"]
    there = {line.cell: night.side(plan.pin)[0] for line, plan in red}
    # What a judge said is not asked again here.
    paths = {cell: side.path for cell, side in there.items() if side is not None and side.path and not side.sworn}
    found = {cell: rerun(path, again, stopped) for cell, path in paths.items()}
    made = {id(line): _second(line, plan, found[line.cell], opened) for line, plan in red if line.cell in found}
    return [made.get(id(line), line) for line in lines]


def rerun(cell: Path, again: Again, stopped: Callable[[], bool]) -> Side:
    """Ask a cell's questions again, of the same model in the same way, with other dice."""
    manifest = reports.read(cell / reports.MANIFEST, reports.Manifest)
    if manifest is None:
        raise RequestError(f"{cell}: has no {reports.MANIFEST}, so nobody knows how it was asked.")
    setting = manifest.setting
    if setting.shots_from not in ("", SAMPLE) and not again.shots_from:
        raise RequestError(
            f"{cell.name}: its solved examples came from {setting.shots_from}. Name that file with --shots-from."
        )
    # Where the seed chooses samples, examples or the order of options, other dice would ask other questions.
    if not (setting.limit or setting.shots or setting.order != "given"):
        setting = replace(setting, seed=setting.seed + 1)
    prepared = planning.prepare(_plan(manifest.task, setting, cell.parent, again))
    now = prepared.cells[0].manifest
    differ = [
        *reports.differing(setting, now.setting), *reports.differing(manifest.engines["model"], now.engines["model"])
    ]  # fmt: skip
    if differ:
        prepared.engine.close()
        raise RequestError(
            f"--confirm {again.model}: would not ask {cell.name} as it was asked ({'; '.join(differ)}). "
            "Name the model of the night, with the options it was run with."
        )
    done = evaluation.run(prepared, stopped=stopped)
    made = side(prepared.cells[0].folder)
    if done.unsettled or made is None:
        raise EngineError(f"{cell.name}: the second run is not finished. The same command goes on.")
    return made


def _plan(task: str, setting: Setting, entry: Path, again: Again) -> Plan:
    drawn = setting.decoding
    told = {} if drawn is None else {
        "max_tokens": drawn.max_tokens, "temperature": drawn.temperature, "top_p": drawn.top_p, "top_k": drawn.top_k,
    }  # fmt: skip
    return Plan(
        model=again.model, tasks=(task,), data="sample" if setting.data == "sample" else again.data,
        reports=entry, label=PLACE, limit=setting.limit, seed=setting.seed, task_paths=again.task_paths,
        means=again.means, style=setting.style, chat=setting.chat, thinking=setting.thinking, system=setting.system,
        prefill=setting.prefill, shots=setting.shots,
        shots_from=SAMPLE if setting.shots_from == SAMPLE else again.shots_from if setting.shots_from else "",
        options=setting.order,
        shuffles=setting.shuffles, wordings=setting.wordings, repeats=setting.repeats, protocol=setting.protocol,
        **told,  # type: ignore[arg-type]
    )  # fmt: skip


def _second(line: Line, plan: Planned, again: Side, opened: Opened) -> Line:
    found = hold(plan, Night([again]), opened.gates)
    if found.measured is None:
        return replace(line, why=f"{line.why}; its second run cannot be compared: {found.why}")
    limits = found.measured.limits[0]
    gain, low, high = oriented(found.measured.value, limits.low, limits.high, plan.estimate.better)
    p = worse(found)
    holds = p < opened.gates.confirm.alpha and gain < 0 and gain <= -plan.gate.min_effect
    second = Second(difference=gain, low=low, high=high, p=p, confirmed=holds)
    if holds:
        return replace(line, why=f"{line.why}, confirmed by a second run", second=second)
    return replace(line, word="INCONCLUSIVE", why="worse at first, and not in a second run", second=second)
