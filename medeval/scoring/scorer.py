"""Marks the walks of a cell, and gathers them into its result."""

import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from medeval.errors import TaskError
from medeval.journal import Journal, fingerprint
from medeval.metrics.base import Metric
from medeval.records import (
    NOT_MEASURED,
    Answer,
    ChoiceSample,
    Estimate,
    Exchange,
    Identity,
    Message,
    Record,
    Reply,
    Response,
    Result,
    Sample,
    SliceEstimate,
    Status,
    Walk,
)
from medeval.scoring.gathering import Pairs, gathered
from medeval.scoring.signature import conditions_line, flags, protocol_line
from medeval.sitting import Sitting

VOTED, EVERY = "voted", "every"


class Exchanged(Record, omit_defaults=True, frozen=True, kw_only=True):
    """One request as it is shown in samples.jsonl: its words, and what came back."""

    role: str = "model"
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    prefill: str = ""
    reply: Reply


class Scored(Record, frozen=True, kw_only=True):
    """One line of samples.jsonl."""

    sample: str
    variant: int = 0
    repeat: int = 0
    status: Status
    target: tuple[str, ...]
    picked: tuple[str, ...]
    rule: str
    span: tuple[int, int] | None
    scores: dict[str, float | None]
    exchanges: tuple[Exchanged, ...]


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
        self._marks: dict[str, list[Any]] = {metric.name: [None] * size for metric in sitting.task.metrics}

    def add(self, number: int, walk: Walk) -> Scored:
        """Mark the walk of one take."""
        take, status = self._sitting.takes[number], walk.answer.status
        self._statuses[number] = status
        # What is asked later depends on the replies; the wording shows in what is asked first.
        self._prompts[number] = walk.exchanges[0].asked
        self._masses[number] = _mass(walk.exchanges[0].reply)
        if self._several:
            self._walks[number] = walk
        scores: dict[str, float | None] = {}
        for metric in self._sitting.task.metrics:
            mark = None if status in NOT_MEASURED else self._mark(metric, take.sample, walk)
            self._marks[metric.name][number] = mark
            if not isinstance(mark, tuple):
                scores[metric.name] = mark
        return Scored(
            sample=take.sample.id, variant=take.variant, repeat=take.repeat, status=status,
            target=take.sample.right, picked=walk.answer.picked,
            rule=walk.answer.rule, span=walk.answer.span, scores=scores,
            exchanges=tuple([_shown(exchange) for exchange in walk.exchanges]),
        )  # fmt: skip

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
            headline=estimates[0].metric, estimates=estimates, letter_mass=mass,
            flags=flags(sitting, estimates[0], mass),
            protocol=protocol_line(sitting, prompt, len(sitting.samples)),
            conditions=conditions_line(sitting, engine, version),
        )  # fmt: skip

    def _mark(self, metric: Metric, sample: Sample, walk: Walk) -> Any:
        mark = metric.mark(sample, walk)
        if isinstance(mark, float) and not math.isfinite(mark):
            raise TaskError(f"Metric {metric.name!r} marked sample {sample.id!r} of {self._sitting.name} with {mark}.")
        return mark

    def _estimates(self) -> Iterator[Estimate]:
        """One estimate a metric; where samples were asked several times, their mean and their majority."""
        samples = self._sitting.samples
        if not self._several:
            for metric in self._sitting.metrics:
                yield self._estimate(metric, metric.name, list(zip(self._marks[metric.name], samples, strict=True)))
            return
        by_sample: dict[int, list[int]] = {}
        for place, take in enumerate(self._sitting.takes):
            by_sample.setdefault(take.number, []).append(place)
        for metric in self._sitting.metrics:
            marks = self._marks_by(by_sample, metric)
            measured = [[mark for mark in each if mark is not None] for each in marks]
            # A pair of labels has no mean: of such a metric there is only the majority.
            if not any(isinstance(mark, tuple) for each in measured for mark in each):
                means = [math.fsum(each) / len(each) if each else None for each in measured]
                yield self._estimate(metric, metric.name, list(zip(means, samples, strict=True)))
            if metric.voted:
                votes = [self._voted(metric, samples[n], by_sample[n]) for n in range(len(samples))]
                yield self._estimate(metric, f"{metric.name}_{VOTED}", list(zip(votes, samples, strict=True)))
        if self._sitting.setting.order == "circular":
            first = self._sitting.task.metrics[0]
            marks = self._marks_by(by_sample, first)
            every = [None if None in each else float(all(mark == 1.0 for mark in each)) for each in marks]
            yield self._estimate(first, f"{first.name}_{EVERY}", list(zip(every, samples, strict=True)))

    def _marks_by(self, by_sample: Mapping[int, Sequence[int]], metric: Metric) -> list[list[Any]]:
        """The marks of every take, sample by sample."""
        marks = self._marks[metric.name]
        return [[marks[place] for place in by_sample[number]] for number in range(len(by_sample))]

    def _voted(self, metric: Metric, sample: Sample, places: Sequence[int]) -> Any:
        """Mark what most takes picked; of equals, what was picked first. None if no take was measured."""
        walks = [(self._sitting.takes[place], self._walks[place]) for place in places]
        heard = [(take, walk) for take, walk in walks if walk and walk.answer.status not in NOT_MEASURED]
        if not heard:
            return None
        votes = Counter([_origins(take.sample, walk.answer) for take, walk in heard if walk.answer.picked])
        picked = votes.most_common(1)[0][0] if votes else ()
        walk = heard[0][1]
        return self._mark(metric, sample, replace(walk, answer=Answer(picked=picked, rule="majority")))

    def _estimate(self, metric: Metric, name: str, marked: Pairs) -> Estimate:
        pairs = [(mark, each) for mark, each in marked if mark is not None]
        kept = [mark for mark, _ in pairs]
        counts = Counter(self._statuses)
        seed = zlib.crc32(f"{self._sitting.name} {name} {self._sitting.data}".encode())
        value, interval, worth = gathered(metric, pairs, seed) if kept else (None, None, 0.0)
        if value is not None and interval and not all(map(math.isfinite, (value, interval.low, interval.high))):
            raise TaskError(f"Metric {name!r} gathers {value} ({interval.low} to {interval.high}): no number.")
        return Estimate(
            metric=name, value=value,
            low=interval.low if interval else None, high=interval.high if interval else None,
            method=interval.method if interval else "nothing measured",
            n=len(kept), n_eff=worth,
            unread=counts["unread"], truncated=counts["truncated"], refused=counts["refused"],
            too_long=counts["too_long"], failed=sum(counts[status] for status in NOT_MEASURED),
            unit=metric.unit,
            takes=len(self._sitting.takes) // max(1, len(self._sitting.samples)),
            slices=tuple(self._slices(metric, pairs, seed)),
        )  # fmt: skip

    def _slices(self, metric: Metric, pairs: Pairs, seed: int) -> Iterator[SliceEstimate]:
        parts: dict[tuple[str, str], list[tuple[Any, Sample]]] = {}
        for pair in pairs:
            for name, value in pair[1].slices.items():
                # A mean over classes has a meaning for the types that they make up, not for anything narrower.
                if not metric.over or name in metric.over[:-1]:
                    parts.setdefault((name, value), []).append(pair)
        for (name, value), members in sorted(parts.items()):
            estimate, interval, _ = gathered(metric, members, seed)
            yield SliceEstimate(
                slice=name, value=value, n=len(members), estimate=estimate, low=interval.low, high=interval.high
            )


def _mass(reply: Reply) -> float:
    """The probability of all choices together; where there are none, no number."""
    if not isinstance(reply, Response) or not reply.logprobs:
        return math.nan
    # Of what is below a server's list only a bound is known: without it the mass is one too.
    return math.fsum([math.exp(value) for place, value in enumerate(reply.logprobs) if place not in reply.below])


def _origins(sample: Sample, answer: Answer) -> tuple[str, ...]:
    """Name what was picked by the labels that the options had before they changed places."""
    options = sample.options if isinstance(sample, ChoiceSample) else ()
    origins = {option.label: option.origin or option.label for option in options}
    return tuple(sorted(origins.get(picked, picked) for picked in answer.picked))


def _shown(exchange: Exchange) -> Exchanged:
    request = exchange.request
    return Exchanged(
        role=request.role,
        prompt=request.text,
        messages=request.messages,
        prefill=request.prefill,
        reply=exchange.reply,
    )
