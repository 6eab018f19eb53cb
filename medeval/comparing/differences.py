"""What lies between two sides, number by number and part by part."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from msgspec.structs import replace

from medeval.comparing.measured import DRAWS, Measured, of_gathered, of_means, of_parts
from medeval.comparing.samples import Floats, Whole
from medeval.comparing.sides import Side
from medeval.metrics import Metric
from medeval.records import Better, Estimate, Record, Unit
from medeval.reports import Sworn
from medeval.scoring.slices import COMPARED, MERGED, in_order
from medeval.stats import many, paired, power
from medeval.task import Task

Word = Literal["better", "worse", "no difference seen", "not compared", "differs"]
LEVELS = (0.90, 0.95)
ALPHA = 0.05
ROUNDING = 1e-9
"""What the mean of the same marks may differ by."""


class Difference(Record, frozen=True, kw_only=True):
    """One number of two entries on the same samples; a difference is new minus base."""

    metric: str
    slice: str = ""
    """The part of the samples that it is over, as name=value; empty: all of them."""
    beside: bool = False
    """Told beside the numbers that the task is known by: for looking around, and of another family of tests."""
    better: Better
    unit: Unit
    base: float
    new: float
    difference: float
    low: float
    """Limits at 95 %, and at 90 %."""
    high: float
    low90: float
    high90: float
    method: str
    n: int
    n_eff: float
    up: int
    """Samples that only new has right, or on which it has the higher mark: b; and the other way round: c."""
    down: int
    flips: float
    """The share of samples whose marks differ."""
    p: float
    p_exact: float | None = None
    p_signs: float | None = None
    """By chance signs, where marks are grades."""
    p_adjusted: float = 1.0
    """By Holm over the numbers that tasks are known by; by Benjamini and Hochberg over those told beside."""
    seen: float | None
    """The smallest difference that would have been seen four times in five."""
    word: Word


class Pair(NamedTuple):
    """Two sides, and the places of the samples that both have."""

    base: Side
    new: Side
    places: tuple[Sequence[int], Sequence[int]]
    task: Task | None
    """Where it is known: what is no mean is gathered by its metrics."""

    @property
    def clusters(self) -> Sequence[str]:
        """What the common samples share."""
        clusters = self.new.samples.clusters
        return [clusters[place] for place in self.places[1]] if clusters else ()


def marked(task: Task | None, sworn: Sworn | None) -> Task | None:
    """The task with the metrics of a judge's grading, where it is of what a judge said."""
    if task is None or sworn is None:
        return task
    by = task.judged_as(sworn.judge.grading)
    return replace(task, metrics=by.metrics, also=by.also)


def paired_up(base: Side, new: Side, task: Task | None) -> Pair:
    """Find the samples that both sides have."""
    task = marked(task, new.sworn)
    if base.samples.ids == new.samples.ids:
        return Pair(base, new, (range(len(base.samples.ids)), range(len(new.samples.ids))), task)
    there = {name: place for place, name in enumerate(base.samples.ids)}
    common = [(there[name], place) for place, name in enumerate(new.samples.ids) if name in there]
    return Pair(base, new, ([one for one, _ in common], [two for _, two in common]), task)


def differences(pair: Pair, *, beside: bool = False) -> tuple[Difference, ...]:
    """Measure every number that the task is known by, or `beside` them all that is told."""
    return tuple([
        _difference(pair, estimate, measured)
        for estimate in pair.new.result.estimates
        if (beside or not estimate.beside) and _alike(pair.base.estimate(estimate.metric), estimate)
        and (measured := measure(pair, estimate.metric)) is not None
    ])  # fmt: skip


def _alike(one: Estimate | None, two: Estimate) -> bool:
    """Whether both are the same number: of one version, by the same encoder."""
    return one is not None and (one.version, one.by, one.unit, one.better) == (
        two.version, two.by, two.unit, two.better
    )  # fmt: skip


def slices(pair: Pair, metric: str) -> tuple[Difference, ...]:
    """Compare a number part by part, where it is a mean; Holm over the parts that are large enough to be compared."""
    estimate = pair.new.estimate(metric)
    marks = _marks(pair, metric)
    if estimate is None or marks is None or not _is_mean(pair, metric):
        return ()
    rows = []
    shown = [pair.new.samples.slices[place] for place in pair.places[1]]
    every = pair.clusters
    for name, value in _parts(shown):
        at = [place for place, each in enumerate(shown) if each.get(name) == value]
        one, two, owners = _known(marks[0][at], marks[1][at], [every[place] for place in at] if every else ())
        if len(one) >= MERGED:
            rows.append(_difference(pair, estimate, of_means(one, two, owners, LEVELS), f"{name}={value}"))
    told = judged([row for row in rows if row.n >= COMPARED])
    return tuple([next(told) if row.n >= COMPARED else row for row in rows])


def measure(pair: Pair, metric: str, levels: Sequence[float] = LEVELS, draws: int = DRAWS) -> Measured | None:
    """Measure one number of both sides by the kind of its marks; nothing, where marks cannot be compared."""
    marks = _marks(pair, metric)
    if marks is not None and _is_mean(pair, metric):
        one, two, owners = _known(*marks, pair.clusters)
        return of_means(one, two, owners, levels) if len(one) else None
    known = _metric(pair.task, metric)
    if known is None:
        return None
    if marks is not None and known.over:
        at: list[int] = np.flatnonzero(np.isfinite(marks[1] - marks[0])).tolist()
        parts = _classes(pair, known)
        if parts is None:
            return None
        parts = [parts[place] for place in at]
        whose = [pair.clusters[place] for place in at] if pair.clusters else ()
        return of_parts(marks[0][at], marks[1][at], parts, whose, levels) if at else None
    wholes = _wholes(pair, metric, known)
    if wholes is None:
        return None
    base, new, owners = wholes
    return of_gathered(known, base, new, owners, levels, _seed(pair, metric), draws) if base else None


def measure_takes(
    pair: Pair, takes: Iterable[Side], metric: str, levels: Sequence[float] = LEVELS, draws: int = DRAWS
) -> Measured | None:
    """Measure a number of new against the mean of what each take comes to; `pair` has the mean of their marks as base.

    Of a mean both are the same, and the takes are not looked at.
    """
    known, marks = _metric(pair.task, metric), _marks(pair, metric)
    if known is None or (marks is not None and (known.over or _is_mean(pair, metric))):
        return measure(pair, metric, levels, draws)
    found = [wholes for take in takes if (wholes := _wholes(pair._replace(base=take), metric, known)) is not None]
    if len(found) < 2:
        return measure(pair, metric, levels, draws)
    base, new = [[*zip(*[each[side] for each in found], strict=True)] for side in (0, 1)]
    owners = found[0][2]
    return of_gathered(known, base, new, owners, levels, _seed(pair, metric), draws, len(found)) if base else None


def _seed(pair: Pair, metric: str) -> int:
    """That of what is compared, whichever way round: the two ways are each other's mirror image."""
    return zlib.crc32(f"{pair.new.result.task} {pair.new.result.data} {metric}".encode())


def seen(found: Measured, *, alpha: float = ALPHA, strength: float = 0.8, one_sided: bool = False) -> float | None:
    """The smallest difference that these samples show, by how much they disagreed; see `stats.power`."""
    how = {"alpha": alpha, "power": strength}
    if not found.n_eff:
        return None
    if not found.graded:
        return power.detectable(found.n_eff, found.flips, one_sided=one_sided, **how) or power.least(
            found.n_eff, one_sided=one_sided, **how
        )
    if found.variance:
        return power.detectable_graded(found.n_eff, found.variance, one_sided=one_sided, **how)
    low, high, method = found.limits[-1]
    if method.startswith("none") or high <= low:
        return None
    # What is no mean has no variance of samples; its interval tells how far apart two must be.
    error = (high - low) / 2 / power.quantile((1 + LEVELS[-1]) / 2)
    return error * (power.quantile(1 - (alpha if one_sided else alpha / 2)) + power.quantile(strength))


def _difference(pair: Pair, estimate: Estimate, found: Measured, part: str = "") -> Difference:
    narrow, wide = found.limits
    signs = None
    if found.graded and not part and found.variance and not wide.method.startswith("MOVER"):
        marks = _marks(pair, estimate.metric)
        if marks is not None:
            one, two, owners = _known(*marks, pair.clusters)
            signs = paired.sign_flip(
                (two - one).tolist(), zlib.crc32(estimate.metric.encode()), clusters=owners or None
            )
    return Difference(
        metric=estimate.metric, slice=part, beside=estimate.beside, better=estimate.better, unit=estimate.unit,
        base=found.base, new=found.new,
        difference=found.value, low=wide.low, high=wide.high, low90=narrow.low, high90=narrow.high, method=wide.method,
        n=found.n, n_eff=found.n_eff, up=found.up, down=found.down, flips=found.flips, p=found.p, p_exact=found.exact,
        p_signs=signs, seen=seen(found), word="not compared",
    )  # fmt: skip


def judged(found: Sequence[Difference]) -> Iterator[Difference]:
    """Say what each difference comes to, adjusted for all that were looked at together."""
    named = iter(many.holm([each.p for each in found if not each.beside]))
    beside = iter(many.benjamini_hochberg([each.p for each in found if each.beside]))
    for each in found:
        adjusted = next(beside if each.beside else named)
        surely = adjusted < ALPHA and each.difference != 0
        gained = (each.difference > 0) == (each.better == "higher")
        word: Word = "no difference seen" if not surely else "better" if gained else "worse"
        yield replace(each, p_adjusted=adjusted, word="differs" if surely and not each.better else word)


def _marks(pair: Pair, metric: str) -> tuple[Floats, Floats] | None:
    one, two = pair.base.samples.marks.get(metric), pair.new.samples.marks.get(metric)
    if one is None or two is None:
        return None
    first, second = pair.places
    # Ranges are of all samples: what need not be picked out is not.
    return (one if isinstance(first, range) else one[first]), (two if isinstance(second, range) else two[second])


def _is_mean(pair: Pair, metric: str) -> bool:
    return is_mean(pair.base, metric) and is_mean(pair.new, metric)


def is_mean(side: Side, metric: str) -> bool:
    """Whether a number is the mean of its marks."""
    marks, estimate = side.samples.marks[metric], side.estimate(metric)
    if estimate is None or estimate.value is None or not len(marks):
        return False
    mean = float(marks.sum()) / len(marks)
    if np.isnan(mean):
        known = marks[np.isfinite(marks)]
        mean = float(known.mean()) if len(known) else np.nan
    return abs(mean - estimate.value) <= ROUNDING * max(1.0, abs(estimate.value))


def _known(one: Floats, two: Floats, clusters: Sequence[str]) -> tuple[Floats, Floats, Sequence[str]]:
    """Leave out what one of both has no mark for."""
    there = np.isfinite(two - one)
    if there.all():
        return one, two, clusters
    return (
        one[there],
        two[there],
        [each for each, kept in zip(clusters, there, strict=True) if kept] if clusters else (),
    )


def _metric(task: Task | None, name: str) -> Metric | None:
    return next((each for each in (*task.metrics, *task.also) if each.name == name), None) if task else None


def _wholes(pair: Pair, metric: str, known: Metric) -> tuple[list[Whole], list[Whole], Sequence[str]] | None:
    """The marks of a metric that is no mean, on the samples that both have them for."""
    if known.interval is not None:
        return None
    found = []
    for side, places in zip((pair.base, pair.new), pair.places, strict=True):
        numbers = side.samples.marks.get(metric)
        every: Sequence[Whole | float | None] | None = side.samples.wholes.get(whole_name(pair.task, known))
        if every is None and numbers is not None:
            every = [None if np.isnan(mark) else float(mark) for mark in numbers]
        if every is None:
            return None
        found.append([every[place] for place in places])
    both = [place for place in range(len(found[0])) if found[0][place] is not None and found[1][place] is not None]
    owners = [pair.clusters[place] for place in both] if pair.clusters else ()
    one, two = [[side[place] for place in both] for side in found]
    return one, two, owners  # type: ignore[return-value]


def _classes(pair: Pair, known: Metric) -> list[tuple[str, ...]] | None:
    """The part that every common sample belongs to; nothing, where these are not the parts of the published number.

    Slices that are too small are told together in samples.jsonl, and the number itself knows them apart.
    """
    for side in (pair.base, pair.new):
        shown = [tuple([each.get(name, "") for name in known.over]) for each in side.samples.slices]
        marks, estimate = side.samples.marks[known.name], side.estimate(known.name)
        there = np.flatnonzero(np.isfinite(marks)).tolist()
        if side.path is None:
            continue  # of what is pinned only the samples of the night tell parts
        parts = [shown[place] for place in there]
        whole = of_parts(marks[there], marks[there], parts, (), LEVELS[:1]) if there else None
        if whole is None or estimate is None or estimate.value is None or abs(whole.base - estimate.value) > ROUNDING:
            return None
    shown = [tuple([each.get(name, "") for name in known.over]) for each in pair.new.samples.slices]
    return [shown[place] for place in pair.places[1]]


def whole_name(task: Task | None, known: Metric) -> str:
    """How samples.jsonl calls the marks of a metric: by their function, numbered where two are called alike."""
    alike: dict[str, list[object]] = {}
    for each in (*task.metrics, *task.also) if task else ():
        marks = alike.setdefault(each.mark.__name__, [])
        if each.mark not in marks:
            marks.append(each.mark)
    number = alike.get(known.mark.__name__, [known.mark]).index(known.mark)
    return f"{known.mark.__name__}{number or ''}"


def _parts(shown: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    return sorted({part for each in shown for part in each.items()}, key=in_order)
