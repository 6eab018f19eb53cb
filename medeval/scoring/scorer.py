"""Marks the walks of a cell, and gathers them into its result."""

import math
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from msgspec.structs import replace

from medeval.errors import TaskError
from medeval.journal import Journal, fingerprint
from medeval.metrics.base import Mark, Metric, mean
from medeval.metrics.robust import SPREAD
from medeval.records import (
    NOT_MEASURED,
    Better,
    Estimate,
    Identity,
    Reply,
    Response,
    Result,
    Sample,
    SliceEstimate,
    Status,
    Table,
    Walk,
)
from medeval.scoring.gathering import DRAWS, SLICE_DRAWS, Gathered, as_array, gathered
from medeval.scoring.shown import Scored, scored
from medeval.scoring.signature import conditions_line, flags, protocol_line
from medeval.scoring.slices import COMPARED, in_order, slices_of
from medeval.scoring.takes import CONSISTENCY, EVERY, VOTED, Takes
from medeval.sitting import Sitting, Take

Marker = Callable[[Any, Walk], Mark]


class _Known(NamedTuple):
    """Marks that there are, and the number of the sample that each is of."""

    marks: Sequence[Any]
    numbers: Sequence[int]

    @property
    def samples(self) -> int:
        """How many samples there are marks of."""
        return len(self.numbers) if isinstance(self.numbers, range) else len({*self.numbers})


class Scorer:
    """Takes the walks of a cell, in any order, and then gives its result."""

    def __init__(self, sitting: Sitting) -> None:
        size = len(sitting.takes)
        self._sitting = sitting
        self._prompts = [""] * size
        self._statuses: list[Status] = ["engine_error"] * size
        self._masses = array("d", [math.nan]) * size
        self._several = size > len(sitting.samples)
        self._walks: list[Walk | None] = [None] * (size if self._several else 0)
        self._sharing: dict[Marker, list[Metric]] = {}
        for metric in sitting.metrics:
            self._sharing.setdefault(metric.mark, []).append(metric)
        self._marks: dict[Marker, list[Any]] = {mark: [None] * size for mark in self._sharing}
        for table in sitting.task.tables:
            self._marks.setdefault(table.mark, [None] * size)
        # Gone through for every sample, so it is made ready once; marks of other people's metrics may be anything.
        self._telling = [
            (
                mark.__name__ + str(n or ""), self._marks[mark], bool(self._sharing[mark][0].settle),
                [
                    (each.name, each.part if each.gather is mean else None, each.kept and not each.draws)
                    for each in self._sharing[mark]
                ],
            )
            for n, mark in _numbered(self._sharing)
        ]  # fmt: skip
        self.late = any(metric.settle for metric in sitting.metrics)
        """Whether some marks are only known when every walk is in."""
        self._settled = False

    @cached_property
    def _slices(self) -> Sequence[Mapping[str, str]]:
        # Looked at when something is marked: a finished run is not even asked for its parts.
        return slices_of(self._sitting.samples)

    def add(self, number: int, walk: Walk) -> Scored:
        """Mark the walk of one take."""
        take, status = self._sitting.takes[number], walk.answer.status
        self._statuses[number] = status
        # What is asked later depends on the replies; the wording shows in what is asked first.
        self._prompts[number] = walk.exchanges[0].asked
        self._masses[number] = _mass(walk.exchanges[0].reply)
        if self._several:
            self._walks[number] = walk
        if status not in NOT_MEASURED:
            for mark, marks in self._marks.items():
                marks[number] = self._mark(mark, take.sample, walk)
        return self._line(number, take, walk)

    def settle(self) -> None:
        """Make marks of what could only be marked together."""
        self._settled = True
        for mark, sharing in self._sharing.items():
            settle, marks = sharing[0].settle, self._marks[mark]
            known = [place for place, taken in enumerate(marks) if taken is not None]
            if settle and known:
                for place, made in zip(known, settle([marks[place] for place in known]), strict=True):
                    marks[place] = made

    def settled(self, number: int, line: Scored) -> Scored:
        """Write a line anew, with the marks that came late."""
        scores, marks = self._shown(number)
        return replace(line, scores=scores, marks=marks)

    def result(self, entry: str, engine: Identity, version: str, journal: Journal) -> Result:
        """Gather everything that was marked."""
        sitting, task = self._sitting, self._sitting.task
        estimates = tuple(self._estimates())
        # Asked several times in the same words is no other prompt.
        words = [asked for asked, take in zip(self._prompts, sitting.takes, strict=True) if not take.repeat]
        prompt = "elsewhere" if sitting.setting.elsewhere else fingerprint("".join(words).encode())
        masses = [mass for mass in self._masses if not math.isnan(mass)]
        lettered = sitting.setting.style == "letters" and masses
        mass = math.fsum(masses) / len(masses) if lettered else None
        return Result(
            task=sitting.name, task_version=task.version, entry=entry, setting=sitting.setting,
            data=sitting.data, prompt=prompt, journal_records=len(journal), journal=journal.fingerprint(),
            headline=estimates[0].metric, estimates=estimates, tables=tuple(self._tables()), letter_mass=mass,
            flags=flags(sitting, estimates[0], mass),
            protocol=protocol_line(sitting, prompt, len(sitting.samples)),
            conditions=conditions_line(sitting, engine, version),
        )  # fmt: skip

    def _mark(self, marker: Marker, sample: Sample, walk: Walk) -> Mark:
        mark = marker(sample, walk)
        if isinstance(mark, float) and not math.isfinite(mark):
            name = next((metric.name for metric in self._sharing.get(marker, ())), marker.__name__)
            raise TaskError(f"Metric {name!r} marked sample {sample.id!r} of {self._sitting.name} with {mark}.")
        return mark

    def _line(self, number: int, take: Take, walk: Walk) -> Scored:
        return scored(take, walk, self._slices[take.number], *self._shown(number))

    def _shown(self, number: int) -> tuple[dict[str, float | None], dict[str, tuple[float | str | None, ...]]]:
        """What one take is worth, and the marks that say nothing of one take alone."""
        scores: dict[str, float | None] = {}
        marks: dict[str, tuple[float | str | None, ...]] = {}
        for key, taken, late, told in self._telling:
            mark = taken[number]
            if late and not self._settled:
                continue
            for name, part, kept in told:
                if not isinstance(mark, tuple):
                    scores[name] = mark
                elif part is not None:
                    scores[name] = mark[part]
                elif kept:
                    marks[key] = mark
        return scores, marks

    def _estimates(self) -> Iterator[Estimate]:
        """Every metric in its order; where samples were asked several times, their majority and firmness as well."""
        takes = Takes(self._sitting, self._walks) if self._several else None
        found: dict[str, Estimate] = {}
        for marker, sharing in self._sharing.items():
            for metric, estimate in zip(sharing, self._together(sharing, self._marks[marker], takes), strict=True):
                found[metric.name] = estimate
        named = {metric.name for metric in self._sitting.task.metrics}
        for metric in self._sitting.metrics:
            if metric.name in named or found[metric.name].n:
                yield found[metric.name]
            if takes and metric.voted and metric.name in named:
                yield self._of_samples(metric, f"{metric.name}_{VOTED}", takes.voted(metric))
        if takes:
            yield from self._of_takes(takes)

    def _of_takes(self, takes: Takes) -> Iterator[Estimate]:
        """How firm the headline is."""
        first, setting = self._sitting.metrics[0], self._sitting.setting
        marks = self._marks[first.mark]
        asked_for = setting.order != "circular" and setting.shuffles * setting.wordings > 1
        if setting.order == "circular":
            yield self._of_samples(first, f"{first.name}_{EVERY}", takes.every(marks))
        for name, each in takes.firmness(marks):
            better: Better = "lower" if name == "flip_rate" else "higher"
            aside = not (asked_for and name == CONSISTENCY)
            yield self._of_samples(replace(first, better=better), name, each, beside=aside)
        # Turns of the options are not the same variant from sample to sample; shuffles and wordings are.
        if asked_for and first.gather is mean and first.part is None:
            for metric in SPREAD:
                yield self._of_samples(metric, metric.name, takes.by_variant(marks))

    def _together(self, metrics: Sequence[Metric], marks: Sequence[Any], takes: Takes | None) -> list[Estimate]:
        """The estimates of metrics that share their marks."""
        named = {metric.name for metric in self._sitting.task.metrics}
        beside = [metric.name not in named for metric in metrics]
        if takes is None:
            return self._made(metrics, [metric.name for metric in metrics], _known(marks), beside)
        # A sample is the unit: a mean is of the means of samples, and of anything else samples are drawn.
        means = [metric for metric in metrics if metric.gather is mean and not metric.interval]
        made: dict[str, Estimate] = {}
        for metric in means:
            of_samples = takes.means(marks, metric.part)
            made[metric.name] = self._of_samples(
                replace(metric, part=None), metric.name, of_samples, beside=metric.name not in named
            )
        others = [metric for metric in metrics if metric.name not in made]
        if others:
            pooled = _known(marks, [take.number for take in self._sitting.takes])
            names = [metric.name for metric in others]
            found = self._made(others, names, pooled, [name not in named for name in names])
            made.update(zip(names, found, strict=True))
        return [made[metric.name] for metric in metrics]

    def _of_samples(self, metric: Metric, name: str, marks: Sequence[Any], *, beside: bool = False) -> Estimate:
        return self._made([metric], [name], _known(marks), [beside])[0]

    def _made(
        self, metrics: Sequence[Metric], names: Sequence[str], marked: _Known, beside: Sequence[bool]
    ) -> list[Estimate]:
        """Estimates of marks."""
        counts = Counter(self._statuses)
        # Of the task and its data alone: what else is measured beside it changes no interval.
        seed = zlib.crc32(f"{self._sitting.name} {self._sitting.data}".encode())
        wholes = self._gathered(metrics, names, marked, seed, DRAWS)
        slices: list[list[SliceEstimate]] = [[] for _ in metrics]
        for (part, value), members in self._parts(marked):
            for place, one in enumerate(self._gathered(metrics, names, members, seed, SLICE_DRAWS)):
                over = metrics[place].over
                # A mean over classes has a meaning for the types that they make up, not for anything narrower.
                if one and (not over or part in over[:-1]):
                    n = members.samples
                    slices[place].append(
                        SliceEstimate(
                            slice=part, value=value, n=n, estimate=one.value, low=_limit(one, one.interval.low),
                            high=_limit(one, one.interval.high), compared=n >= COMPARED,
                        )
                    )  # fmt: skip
        n = marked.samples
        return [
            Estimate(
                metric=name, version=metric.version, value=whole.value if whole else None,
                low=_limit(whole, whole.interval.low) if whole else None,
                high=_limit(whole, whole.interval.high) if whole else None,
                method=whole.interval.method if whole else "no value here" if n else "nothing measured",
                n=n, n_eff=whole.worth if whole else 0.0,
                unread=counts["unread"], truncated=counts["truncated"], refused=counts["refused"],
                too_long=counts["too_long"], failed=sum(counts[status] for status in NOT_MEASURED),
                unit=metric.unit, better=metric.better, beside=aside, by=metric.by,
                takes=len(self._sitting.takes) // max(1, len(self._sitting.samples)), slices=tuple(parts),
            )
            for metric, name, whole, aside, parts in zip(metrics, names, wholes, beside, slices, strict=True)
        ]  # fmt: skip

    def _gathered(
        self, metrics: Sequence[Metric], names: Sequence[str], marked: _Known, seed: int, draws: int
    ) -> list[Gathered | None]:
        """Gather marks; none where nothing was measured, or where what was has no value, such as one class's AUROC."""
        if not marked.marks:
            return [None] * len(metrics)
        pooled = marked.samples < len(marked.numbers)
        pairs = [(mark, self._sitting.samples[number]) for mark, number in zip(*marked, strict=True)]
        found: list[Gathered | None] = []
        for metric, name, one in zip(
            metrics, names, gathered(metrics, pairs, seed, pooled=pooled, draws=draws), strict=True
        ):
            limits = (one.value, one.interval.low, one.interval.high)
            if all(map(math.isfinite, limits)):
                found.append(one)
            elif metric.defined:
                raise TaskError(f"Metric {name!r} gathers {limits[0]} ({limits[1]} to {limits[2]}): no number.")
            else:
                found.append(None)
        return found

    def _parts(self, marked: _Known) -> list[tuple[tuple[str, str], _Known]]:
        parts: dict[tuple[str, str], tuple[list[Any], list[int]]] = {}
        for mark, number in zip(*marked, strict=True):
            for part in self._slices[number].items():
                marks, numbers = parts.setdefault(part, ([], []))
                marks.append(mark)
                numbers.append(number)
        members = {part: _Known(*each) for part, each in parts.items()}
        return sorted(members.items(), key=lambda part: in_order(part[0]))

    def _tables(self) -> Iterator[Table]:
        """What is no single number; of everything that was asked, takes pooled."""
        for table in self._sitting.task.tables:
            known = [mark for mark in self._marks[table.mark] if mark is not None]
            if known and (not table.styles or self._sitting.setting.style in table.styles):
                yield Table(name=table.name, about=table.about, columns=table.columns, rows=table.rows(as_array(known)))


def _known(marks: Sequence[Any], numbers: Sequence[int] | None = None) -> _Known:
    """Leave out where there is no mark; without numbers there is one for each sample."""
    of = range(len(marks)) if numbers is None else numbers
    if all(mark is not None for mark in marks):
        return _Known(marks, of)
    places = [place for place, mark in enumerate(marks) if mark is not None]
    return _Known([marks[place] for place in places], [of[place] for place in places])


def _limit(found: Gathered, limit: float) -> float | None:
    """A limit, where there is an interval: one sample, or draws that are all the same, have none."""
    return None if found.interval.method.startswith("none") else limit


def _numbered(markers: Iterable[Marker]) -> Iterator[tuple[int, Marker]]:
    """Number those of one name: two sets of labels have each a marker `pair`."""
    seen: Counter[str] = Counter()
    for marker in markers:
        yield seen[marker.__name__], marker
        seen[marker.__name__] += 1


def _mass(reply: Reply) -> float:
    """The probability of all choices together; where there are none, no number."""
    if not isinstance(reply, Response) or not reply.logprobs:
        return math.nan
    # Of what is below a server's list only a bound is known: without it the mass is one too.
    return math.fsum([math.exp(value) for place, value in enumerate(reply.logprobs) if place not in reply.below])
