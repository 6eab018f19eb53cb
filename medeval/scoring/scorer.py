"""Marks the walks of a cell, and gathers them into its result."""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

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
    Status,
    Table,
    Walk,
)
from medeval.scoring.estimates import Estimator
from medeval.scoring.gathering import Known, as_array
from medeval.scoring.shown import Scored, scored
from medeval.scoring.signature import conditions_line, flags, protocol_line
from medeval.scoring.takes import CONSISTENCY, EVERY, VOTED, Takes
from medeval.sitting import Sitting, Take

Marker = Callable[[Any, Walk], Mark]


class Scorer:
    """Takes the walks of a cell, in any order, and then gives its result."""

    def __init__(self, sitting: Sitting) -> None:
        size = len(sitting.takes)
        self._sitting = sitting
        self._prompts = [""] * size
        self._statuses: list[Status] = ["engine_error"] * size
        self._estimator = Estimator(sitting, self._statuses)
        self._masses = array("d", [math.nan]) * size
        self._several = size > len(sitting.samples)
        self._walks: list[Walk | None] = [None] * (size if self._several else 0)
        self._named = {metric.name for metric in sitting.task.metrics}
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

    def add(self, number: int, walk: Walk) -> Scored:
        """Mark the walk of one take."""
        take, status = self._sitting.takes[number], walk.answer.status
        self._statuses[number] = status
        # What is asked later depends on the replies; the wording shows in what is asked first, and beside it.
        first, *later = walk.exchanges
        self._prompts[number] = first.asked
        if later:
            beside = takewhile(lambda each: each.request.role.startswith("model:"), later)
            self._prompts[number] += "".join([each.asked for each in beside])
        self._masses[number] = _mass(first.reply)
        if self._several:
            self._walks[number] = walk
        # What a judge did not say leaves what it did say to be marked.
        if status not in NOT_MEASURED or walk.answer.verdicts:
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
            data=sitting.data, prompt=prompt, journal_records=journal.count(), journal=journal.fingerprint(),
            headline=estimates[0].metric, estimates=estimates, tables=tuple(self._tables()), letter_mass=mass,
            flags=flags(sitting, estimates, mass),
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
        return scored(take, walk, self._estimator.slices[take.number], *self._shown(number))

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
        for metric in self._sitting.metrics:
            if metric.name in self._named or found[metric.name].n:
                yield found[metric.name]
            if takes and metric.voted and metric.name in self._named:
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
        beside = [metric.name not in self._named for metric in metrics]
        if takes is None:
            return self._estimator.made(metrics, [metric.name for metric in metrics], Known.of(marks), beside)
        # A sample is the unit: a mean is of the means of samples, and of anything else samples are drawn.
        means = [metric for metric in metrics if metric.gather is mean and not metric.interval]
        made: dict[str, Estimate] = {}
        for metric in means:
            of_samples = takes.means(marks, metric.part)
            made[metric.name] = self._of_samples(
                replace(metric, part=None), metric.name, of_samples, beside=metric.name not in self._named
            )
        others = [metric for metric in metrics if metric.name not in made]
        if others:
            pooled = Known.of(marks, [take.number for take in self._sitting.takes])
            names = [metric.name for metric in others]
            found = self._estimator.made(others, names, pooled, [name not in self._named for name in names])
            made.update(zip(names, found, strict=True))
        return [made[metric.name] for metric in metrics]

    def _of_samples(self, metric: Metric, name: str, marks: Sequence[Any], *, beside: bool = False) -> Estimate:
        return self._estimator.made([metric], [name], Known.of(marks), [beside])[0]

    def _tables(self) -> Iterator[Table]:
        """What is no single number; of everything that was asked, takes pooled."""
        for table in self._sitting.task.tables:
            known = [mark for mark in self._marks[table.mark] if mark is not None]
            if known and (not table.styles or self._sitting.setting.style in table.styles):
                yield Table(name=table.name, about=table.about, columns=table.columns, rows=table.rows(as_array(known)))


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
