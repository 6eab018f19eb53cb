"""What a task can see and what it cannot: how wide an interval, how small a difference, how many samples for less."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from medeval import catalog, reports, stats
from medeval.errors import RequestError, raise_all
from medeval.records import Record, Result
from medeval.scoring import Scored

SHARES = (0.03, 0.05, 0.10, 0.20)
"""Shares of samples on which two models disagree in being right: two nights of one model, up to two models."""
ALIKE = (0.9, 0.7, 0.5, 0.3)
"""How alike the graded marks of two models may be, as a correlation."""
ACCURACIES = (0.5, 0.7, 0.9)
POINTS = (0.005, 0.01, 0.02)


class Aim(Record, frozen=True, kw_only=True):
    """How sure a comparison is to be."""

    alpha: float = 0.05
    power: float = 0.8
    one_sided: bool = False


class Row(Record, frozen=True, kw_only=True):
    """What can be told between two models that disagree on a share of the samples, or are alike to some degree."""

    between: float
    why: str = ""
    seen: float | None
    """The smallest difference that is seen; none: not even that all disagreements go one way."""
    wanted: tuple[int | None, ...]
    """Samples for the differences of POINTS."""


class Sight(Record, frozen=True, kw_only=True):
    """What a task can see."""

    task: str
    metric: str
    graded: bool
    n: int
    n_eff: float
    aim: Aim
    widths: tuple[tuple[float, float], ...]
    """A value, and half the width of its interval."""
    rows: tuple[Row, ...]


def sight(task: str, aim: Aim, baseline: Path | None = None, paths: Sequence[Path] = ()) -> Sight:
    """Tell what a task can see, by its size alone, or by what a run of it has shown."""
    named = catalog.find(paths).named(task)
    raise_all(_beyond(aim))
    if baseline:
        return _by_run(named.name, aim, baseline)
    if not named.task.chance:
        raise RequestError(
            f"{task}: its {named.task.metrics[0].name} is graded, and how far marks lie apart shows in a run only. "
            "Name one with --baseline."
        )
    n = named.task.rows
    return Sight(
        task=named.name, metric=named.task.metrics[0].name, graded=False, n=n, n_eff=n, aim=aim,
        widths=tuple([(each, stats.power.half_width(each, n)) for each in ACCURACIES]),
        rows=tuple([_right(share, aim, n, 1.0) for share in SHARES]),
    )  # fmt: skip


def _beyond(aim: Aim) -> Iterator[RequestError]:
    for name, value in (("alpha", aim.alpha), ("power", aim.power)):
        if not 0 < value < 1:
            yield RequestError(f"--{name} {value:g}: it lies between 0 and 1.")
    if 0 < aim.power <= aim.alpha < 1:
        yield RequestError(f"--power {aim.power:g}: it must be above --alpha {aim.alpha:g}, which is what a guess has.")


def _by_run(task: str, aim: Aim, folder: Path) -> Sight:
    result, cell = _found(task, folder)
    first = result.first
    if first.value is None or not first.n:
        raise RequestError(f"{cell}: nothing was measured there, so nothing can be told from it.")
    marks = [*_marks(cell, first.metric)]
    if not marks:
        raise RequestError(f"{cell}: its {first.metric} is no mean of marks. Leave --baseline away.")
    graded = any(mark not in (0.0, 1.0) for mark in marks)
    worth, design = first.n_eff, first.n / first.n_eff
    if graded:
        mean = math.fsum(marks) / len(marks)
        spread = math.sqrt(math.fsum((mark - mean) ** 2 for mark in marks) / max(1, len(marks) - 1))
        widths = [(first.value, ((first.high or 0.0) - (first.low or 0.0)) / 2)]
        rows = [_graded(alike, spread, aim, worth, design) for alike in ALIKE]
    else:
        values = sorted({*ACCURACIES, first.value})
        widths = [(each, stats.power.half_width(each, round(worth))) for each in values]
        flips = next((each.value for each in result.estimates if each.metric == "flip_rate" and each.value), None)
        apart = 2 * first.value * (1 - first.value)
        rows = [_right(share, aim, worth, design) for share in SHARES]
        rows += [_right(flips, aim, worth, design, "two takes of this baseline")] if flips else []
        rows += [_right(apart, aim, worth, design, "two models as good, nothing in common")] if apart else []
        rows.sort(key=lambda row: row.between)
    return Sight(
        task=task,
        metric=first.metric,
        graded=graded,
        n=first.n,
        n_eff=worth,
        aim=aim,
        widths=tuple(widths),
        rows=tuple(rows),
    )


def _right(share: float, aim: Aim, worth: float, design: float, why: str = "") -> Row:
    how = {"alpha": aim.alpha, "power": aim.power}
    wanted = [stats.power.wanted(points, share, one_sided=aim.one_sided, **how) for points in POINTS]
    return Row(
        between=share, why=why, seen=stats.power.detectable(worth, share, one_sided=aim.one_sided, **how),
        wanted=tuple([None if each is None else math.ceil(each * design) for each in wanted]),
    )  # fmt: skip


def _graded(alike: float, spread: float, aim: Aim, worth: float, design: float) -> Row:
    how, variance = {"alpha": aim.alpha, "power": aim.power}, 2 * spread**2 * (1 - alike)
    wanted = [stats.power.wanted_graded(points, variance, one_sided=aim.one_sided, **how) for points in POINTS]
    return Row(
        between=alike, seen=stats.power.detectable_graded(worth, variance, one_sided=aim.one_sided, **how),
        wanted=tuple([math.ceil(each * design) for each in wanted]),
    )  # fmt: skip


def _found(task: str, folder: Path) -> tuple[Result, Path]:
    """Find a run of the task, of several the plainest: that which differs least from the task's own way."""
    for path in sorted(
        reports.cells(folder), key=lambda cell: (cell.name.count("@") + cell.name.count(","), cell.name)
    ):
        result = reports.read(path / reports.RESULT, Result)
        if result and result.task == task:
            return result, path
    raise RequestError(f"{folder}: no result of {task} there. Name an entry's folder, or one of its cells.")


def _marks(cell: Path, metric: str) -> Iterator[float]:
    """The mark of every sample, the mean of its takes where it has several."""
    takes: dict[str, list[float]] = {}
    with open(cell / reports.SAMPLES, "rb") as file:
        for line in file:
            scored = reports.from_json(line, Scored, str(cell / reports.SAMPLES))
            mark = scored.scores.get(metric)
            if mark is not None:
                takes.setdefault(scored.sample, []).append(mark)
    yield from [math.fsum(each) / len(each) for each in takes.values()]
