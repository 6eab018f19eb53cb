"""What is pinned of a cell: how it was asked, who answered, and what every sample was worth, take by take."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from medeval.baselines.packed import Packed, numbers, of_numbers, of_owners, of_wholes, owners, wholes
from medeval.comparing.contract import terms
from medeval.comparing.differences import ROUNDING, is_mean, marked, whole_name
from medeval.comparing.lengths import written
from medeval.comparing.samples import Floats, Samples, averages
from medeval.comparing.sides import Side
from medeval.errors import RequestError
from medeval.records import Estimate, Identity, Record, Result, Status
from medeval.reports import Sworn
from medeval.task import Task

COUNTS = ("unread", "truncated", "refused", "too_long", "failed")
"""What an estimate counts in takes."""


class Pinned(Record, frozen=True, kw_only=True):
    """A number that was pinned."""

    metric: str
    values: tuple[float, ...]
    """Of each take."""
    flips: float
    """The share of samples on which two takes differ, on average; 0 where there is one take."""
    variance: float
    """Of the difference of two takes, from sample to sample."""
    marks: Packed


class Pin(Record, frozen=True, kw_only=True):
    """A cell."""

    cell: str
    result: Result
    """Of the first run, with the numbers of all runs together; without slices and tables."""
    identity: Identity | None
    sworn: Sworn | None = None
    n: int
    key: str
    """Of the samples and their clusters."""
    owners: str = ""
    """Which samples belong together, packed; empty where every one stands alone."""
    takes: int
    length: float | None = None
    """Tokens of a reply, on average; none where nothing was written."""
    numbers: tuple[Pinned, ...]
    wholes: Mapping[str, Packed] = {}
    """Marks that several numbers are computed from, by the name they have in samples.jsonl."""

    def number(self, metric: str) -> Pinned | None:
        """A number, if it was pinned."""
        return next((each for each in self.numbers if each.metric == metric), None)


def pin(runs: Sequence[Side], task: Task | None) -> Pin:
    """Pin a cell that was run once or several times; all of it must be of one model, asked in one way."""
    first = runs[0]
    faults = [*_unfit(runs)]
    if faults:
        raise RequestError(*faults)
    found = [made for each in first.result.estimates if not each.beside and (made := _pinned(each.metric, runs))]
    by = {each.metric: each for each in found}
    estimates = [_together(runs, each, by.get(each.metric)) for each in first.result.estimates if not each.beside]
    # Of marks that are no numbers only those that the task is known by: the file is for people to review.
    task = marked(task, first.sworn)
    named = {whole_name(task, each) for each in task.metrics} if task else {*first.samples.wholes}
    keys = [key for key in first.samples.wholes if key in named and all(key in run.samples.wholes for run in runs)]
    return Pin(
        cell=first.cell, result=replace(first.result, estimates=tuple(estimates), tables=()),
        identity=first.identity,
        sworn=first.sworn, n=len(first.samples.ids), key=first.samples.key, owners=of_owners(first.samples.clusters),
        takes=sum(run.result.setting.repeats for run in runs),
        length=_length(runs), numbers=tuple(found),
        wholes={key: of_wholes([run.samples.wholes[key] for run in runs]) for key in keys},
    )  # fmt: skip


def _length(runs: Sequence[Side]) -> float | None:
    found = [written(run.path) for run in runs if run.path is not None and not run.result.judge]
    tokens = [each.tokens for each in found if each is not None and each.tokens is not None]
    return sum(tokens) / len(tokens) if tokens else None


def averaged(pinned: Pin, like: Samples) -> Side:
    """The pinned side, its marks averaged over the takes; samples are those of the side it is held against."""
    marks = {}
    for each in [each for each in pinned.numbers if each.marks.takes]:
        every = numbers(each.marks, pinned.n)
        # Of right and wrong the sum is a whole number, whose order nobody has to see to.
        marks[each.metric] = every.mean(axis=1) if each.marks.form == "bits" else averages(every)
    alone = {key: wholes(each, pinned.n)[0] for key, each in pinned.wholes.items() if len(each.takes) == 1}
    return _side(pinned, like._replace(marks=marks, wholes=alone, takes={}))


def bare(pinned: Pin) -> Samples:
    """The samples as far as they are pinned: by numbers for names, and without anything that was said."""
    n, nothing = pinned.n, np.zeros(pinned.n)
    scored: list[Status] = ["scored"] * n
    return Samples(
        ids=tuple(map(str, range(n))), clusters=owners(pinned.owners, n), slices=({},) * n, statuses=tuple(scored),
        asked=("",) * n, targets=("",) * n, picked=((),) * n, marks={}, takes={}, wholes={},
        written=nothing, cut=nothing,
    )  # fmt: skip


def take(pinned: Pin, number: int, like: Samples) -> Side:
    """One take of what is pinned, as a night of its own would be."""
    marks = {
        each.metric: numbers(each.marks, pinned.n)[:, number]
        for each in pinned.numbers
        if number < len(each.marks.takes)
    }
    kinds = {key: wholes(each, pinned.n)[number] for key, each in pinned.wholes.items() if number < len(each.takes)}
    values = {each.metric: each.values[number] for each in pinned.numbers if number < len(each.values)}
    estimates = tuple([replace(each, value=values.get(each.metric, each.value)) for each in pinned.result.estimates])
    made = _side(pinned, like._replace(marks=marks, wholes=kinds, takes={}))
    return replace(made, result=replace(pinned.result, estimates=estimates))


def each_take(pinned: Pin, metric: str, like: Samples) -> Iterator[Side]:
    """Every take of a number, one after the other."""
    number = pinned.number(metric)
    packed = (number.marks if number else None, *pinned.wholes.values())
    count = next((len(each.takes) for each in packed if each is not None and each.takes), 0)
    yield from [take(pinned, place, like) for place in range(count)]


def _side(pinned: Pin, samples: Samples) -> Side:
    return Side(
        cell=pinned.cell, result=pinned.result, identity=pinned.identity, sworn=pinned.sworn, samples=samples
    )  # fmt: skip


def _unfit(runs: Sequence[Side]) -> Iterator[str]:
    first = runs[0]
    for run in runs:
        where = f"{run.result.entry}/{run.cell}"
        if run.result.first.failed or not run.result.first.n:
            yield f"{where}: {run.result.first.failed} samples were not measured. Run it to the end first."
        held = terms(first, run)
        differ = [*held.refused, *[each for each in held.treatment if each.kind != "medeval"]]
        if differ:
            fields = "; ".join(map(str, differ))
            yield f"{where}: is no repeat of {first.result.entry}/{first.cell} ({fields}). Pin runs of one model."
        elif run.samples.key != first.samples.key:
            yield f"{where}: is of other samples than {first.result.entry}/{first.cell}. Run it again."


def _together(runs: Sequence[Side], first: Estimate, pinned: Pinned | None) -> Estimate:
    """A number of all runs: the mean of the takes, and an interval only where it is that of the mean too."""
    told = [each for run in runs if (each := run.estimate(first.metric)) is not None]
    alike = len(told) == len(runs) and len({(each.value, each.low, each.high, each.method) for each in told}) == 1
    counts = {name: sum(getattr(each, name) for each in told) for name in COUNTS}
    made = replace(first, slices=(), takes=sum(each.takes for each in told), **counts)
    mean = None if pinned is None else float(np.mean(pinned.values))
    if alike and (mean is None or first.value is None or abs(mean - first.value) < ROUNDING):
        return made
    return replace(made, value=mean, low=None, high=None, method=f"none: the mean of {made.takes} takes")


def _pinned(metric: str, runs: Sequence[Side]) -> Pinned | None:
    told = [run.estimate(metric) for run in runs]
    values = [each.value for each in told if each is not None and each.value is not None]
    if any(metric not in run.samples.marks for run in runs):
        # What is computed from marks that are no numbers is known by them, which stand beside.
        return Pinned(
            metric=metric, values=tuple(values), flips=0.0, variance=0.0, marks=Packed(form="floats", takes=())
        ) if len(values) == len(runs) else None  # fmt: skip
    takes = np.column_stack([_takes(run, metric) for run in runs])
    known = takes[np.isfinite(takes).all(axis=1)]
    if not len(known):
        return None
    flips, variance = apart(known)
    means = [float(each) for each in known.mean(axis=0)]
    # A mean over classes has the marks of a plain mean, and another value.
    plain = all(is_mean(run, metric) for run in runs)
    kept = means if plain or len(values) < len(runs) else values
    return Pinned(metric=metric, values=tuple(kept), flips=flips, variance=variance, marks=of_numbers(takes))


def apart(takes: Floats) -> tuple[float, float]:
    """How much two takes of one sample differ, on average over all pairs: the share that does, and the variance."""
    count = takes.shape[1]
    pairs = [(one, two) for one in range(count) for two in range(one + 1, count)]
    if not pairs:
        return 0.0, 0.0
    rests = [takes[:, one] - takes[:, two] for one, two in pairs]
    flips = float(np.mean([(rest != 0).mean() for rest in rests]))
    return flips, float(np.mean([rest.var(ddof=1) for rest in rests])) if len(takes) > 1 else 0.0


def _takes(run: Side, metric: str) -> Floats:
    """The takes of a run; where samples were not asked equally often, their mean is the one take there is."""
    several = run.samples.takes.get(metric)
    return several if several is not None and run.result.setting.repeats > 1 else run.samples.marks[metric][:, None]
