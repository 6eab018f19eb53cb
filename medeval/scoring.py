"""Journal → answers → scores → estimates → result: pure, and the same bytes every time.

The talks are gone through once more, with the replies of the journal; no engine is needed.
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from medeval.errors import DataError, ReportError, TaskError
from medeval.journal import Journal, Line, asked, fingerprint, place
from medeval.metrics.base import Metric
from medeval.records import (
    NOT_MEASURED,
    ChoiceSample,
    Estimate,
    Exchange,
    Identity,
    Message,
    Record,
    Reply,
    Result,
    SliceEstimate,
    Status,
    Walk,
)
from medeval.stats import Interval, clustered, mean_of_means
from medeval.talks.write import SHORT_TEXT
from medeval.task import Sitting

TRUNCATED_FLAGGED = 0.01
TRUNCATED_NOT_RANKED = 0.05


class Exchanged(Record, omit_defaults=True, frozen=True, kw_only=True):
    """One request as it is shown in samples.jsonl: its words, and what came back."""

    role: str = "model"
    prompt: str = ""
    messages: tuple[Message, ...] = ()
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
        size = len(sitting.samples)
        self._sitting = sitting
        self._prompts = [""] * size
        self._statuses: list[Status] = ["engine_error"] * size
        self._marks: dict[str, list[Any]] = {metric.name: [None] * size for metric in sitting.task.metrics}

    def add(self, number: int, walk: Walk) -> Scored:
        """Mark the walk of one sample."""
        sample, status = self._sitting.samples[number], walk.answer.status
        self._statuses[number] = status
        # What is asked later depends on the replies; the wording shows in what is asked first.
        self._prompts[number] = walk.exchanges[0].asked
        scores: dict[str, float | None] = {}
        for metric in self._sitting.task.metrics:
            mark = None if status in NOT_MEASURED else metric.mark(sample, walk)
            if isinstance(mark, float) and not math.isfinite(mark):
                raise TaskError(
                    f"Metric {metric.name!r} marked sample {sample.id!r} of {self._sitting.name} with {mark}."
                )
            self._marks[metric.name][number] = mark
            if not isinstance(mark, tuple):
                scores[metric.name] = mark
        return Scored(
            sample=sample.id, status=status, target=sample.target, picked=walk.answer.picked,
            rule=walk.answer.rule, span=walk.answer.span, scores=scores,
            exchanges=tuple([_shown(exchange) for exchange in walk.exchanges]),
        )  # fmt: skip

    def result(self, entry: str, engine: Identity, version: str, journal: Journal) -> Result:
        """Gather everything that was marked."""
        sitting, task = self._sitting, self._sitting.task
        estimates = tuple([self._estimate(metric) for metric in task.metrics])
        prompt = "elsewhere" if sitting.setting.elsewhere else fingerprint("".join(self._prompts).encode())
        return Result(
            task=sitting.name, task_version=task.version, entry=entry, setting=sitting.setting,
            data=sitting.data, prompt=prompt, journal_records=len(journal), journal=journal.fingerprint(),
            headline=task.metrics[0].name, estimates=estimates, flags=flags(sitting, estimates[0]),
            protocol=protocol_line(sitting, prompt, len(sitting.samples)),
            conditions=conditions_line(sitting, engine, version),
        )  # fmt: skip

    def _estimate(self, metric: Metric) -> Estimate:
        marks = self._marks[metric.name]
        pairs = [(mark, each) for mark, each in zip(marks, self._sitting.samples, strict=True) if mark is not None]
        kept = [mark for mark, _ in pairs]
        counts = Counter(self._statuses)
        seed = zlib.crc32(f"{self._sitting.name} {metric.name} {self._sitting.data}".encode())
        value = metric.gather(kept) if kept else None
        interval, worth = _interval(metric, pairs, seed) if kept else (None, 0.0)
        if value is not None and interval and not all(map(math.isfinite, (value, interval.low, interval.high))):
            raise TaskError(f"Metric {metric.name!r} gathers {value} ({interval.low} to {interval.high}): no number.")
        return Estimate(
            metric=metric.name, value=value,
            low=interval.low if interval else None, high=interval.high if interval else None,
            method=interval.method if interval else "nothing measured",
            n=len(kept), n_eff=worth,
            unread=counts["unread"], truncated=counts["truncated"], refused=counts["refused"],
            too_long=counts["too_long"], failed=len(marks) - len(kept),
            slices=tuple(self._slices(metric, pairs, seed)),
        )  # fmt: skip

    def _slices(self, metric: Metric, pairs: Sequence[tuple[Any, ChoiceSample]], seed: int) -> Iterator[SliceEstimate]:
        parts: dict[tuple[str, str], list[tuple[Any, ChoiceSample]]] = {}
        for pair in pairs:
            for part in pair[1].slices.items():
                parts.setdefault(part, []).append(pair)
        for (name, value), members in sorted(parts.items()):
            interval, _ = _interval(metric, members, seed)
            yield SliceEstimate(
                slice=name, value=value, n=len(members), estimate=metric.gather([mark for mark, _ in members]),
                low=interval.low, high=interval.high,
            )  # fmt: skip


def _interval(metric: Metric, pairs: Sequence[tuple[Any, ChoiceSample]], seed: int) -> tuple[Interval, float]:
    """The metric's own interval, or that of clusters where samples share one; and what n is worth."""
    marks = [mark for mark, _ in pairs]
    if any(sample.cluster for _, sample in pairs) and not isinstance(marks[0], tuple):
        return clustered(marks, [sample.cluster or sample.id for _, sample in pairs])
    return metric.interval(marks, seed), float(len(marks))


def walks(sitting: Sitting, journal: Journal) -> Iterator[Walk]:
    """Go every talk's way again with the replies of the journal; no engine is needed."""
    for sample in sitting.samples:
        talk = sitting.talk(sample)
        exchanges: list[Exchange] = []
        slots: dict[str, int] = {}
        requests = next(talk)
        while True:
            replies = []
            for request in requests:
                slot = slots.get(request.role, 0)
                slots[request.role] = slot + 1
                line = _line(sitting, journal, place(sample.id, 0, 0, request.role, slot), asked(request))
                replies.append(line.reply)
                exchanges.append(Exchange(request=request, asked=line.asked, reply=line.reply))
            try:
                requests = talk.send(tuple(replies))
            except StopIteration as end:
                yield Walk(exchanges=tuple(exchanges), answer=end.value)
                break


def _line(sitting: Sitting, journal: Journal, where: str, words: str) -> Line:
    line = journal.line(where)
    sample = where.split("\n", 1)[0]
    if line is None:
        raise ReportError(
            f"{journal.path}: sample {sample!r} has no reply yet. `medeval run` as it was started goes on first."
        )
    if line.asked != words:
        raise DataError(
            f"{journal.path}: sample {sample!r} was asked in other words than {sitting.name} has now. "
            "Run the task again, or use the medeval that made the folder."
        )
    return line


def grouped(group: str, members: Sequence[Result]) -> Result:
    """Make the result of a group: the plain mean of its members, and all their questions pooled."""
    firsts = [member.first for member in members]
    name, one = firsts[0].metric, members[0]
    # A limit that left nothing out of a small member stands in the setting of the others only.
    setting = max([member.setting for member in members], key=lambda setting: setting.limit)
    macro = _together(firsts, f"macro_{name}", [1.0] * len(firsts))
    micro = _together(firsts, f"micro_{name}", [float(first.n) for first in firsts])
    halves = fingerprint("\n".join([member.protocol for member in members]).encode())
    data = fingerprint("".join([member.data for member in members]).encode())
    marked = "(sample)" if one.setting.data == "sample" else ""
    asked_how = [
        part for part in one.protocol.split("|") if part in (one.setting.style, f"{one.setting.style}-shuffled")
    ]
    protocol = [group, *asked_how, f"n:{micro.n}", f"data:{data[:8]}{marked}", f"members:{halves[:8]}"]
    return Result(
        task=group,
        task_version=1,
        entry=one.entry,
        setting=setting,
        members=tuple([member.task for member in members]),
        data=data,
        prompt=fingerprint("".join([member.prompt for member in members]).encode()),
        journal_records=sum(member.journal_records for member in members),
        journal=fingerprint("".join([member.journal for member in members]).encode()),
        headline=macro.metric,
        estimates=(macro, micro),
        flags=tuple([f"{member.task}: {flag}" for member in members for flag in member.flags]),
        protocol="|".join(protocol),
        conditions=one.conditions,
    )


def _together(firsts: Sequence[Estimate], name: str, weights: Sequence[float]) -> Estimate:
    """The mean over tasks: its error is that of drawing other questions, not other tasks."""
    parts = [
        (first.value, first.low, first.high)
        for first in firsts
        if first.value is not None and first.low is not None and first.high is not None
    ]
    whole = mean_of_means(parts, weights) if len(parts) == len(firsts) else None
    n = sum(first.n for first in firsts)
    return Estimate(
        metric=name,
        value=whole[0] if whole else None,
        low=whole[1].low if whole else None,
        high=whole[1].high if whole else None,
        method=whole[1].method if whole else "a member was not measured",
        n=n,
        n_eff=math.fsum(first.n_eff for first in firsts),
        unread=sum(first.unread for first in firsts),
        truncated=sum(first.truncated for first in firsts),
        refused=sum(first.refused for first in firsts),
        too_long=sum(first.too_long for first in firsts),
        failed=sum(first.failed for first in firsts),
    )


def flags(sitting: Sitting, headline: Estimate) -> tuple[str, ...]:
    """What a reader of the number must know at once."""
    asked = headline.n + headline.failed
    cut = headline.truncated / asked
    said = {
        f"partial: {headline.failed} not measured": headline.failed > 0,
        f"truncated: {100 * cut:.1f} %": cut > TRUNCATED_FLAGGED,
        "not ranked": cut > TRUNCATED_NOT_RANKED,
        "sample data": sitting.setting.data == "sample",
        f"limited to {asked}": sitting.setting.limit > 0,
    }
    return tuple([words for words, holds in said.items() if holds])


def protocol_line(sitting: Sitting, prompt: str, n: int) -> str:
    """The half of the signature on which two results must agree to share a column."""
    task, setting = sitting.task, sitting.setting
    reader = task.reader_for(setting)
    parts = [
        f"{sitting.name}.v{task.version}",
        setting.style + ("" if setting.order == "given" else f"-{setting.order}"),
        "?-shot" if setting.elsewhere else f"{setting.shots}-shot",
        f"n:{n}",
        f"data:{sitting.data[:8]}" + {"sample": "(sample)"}.get(setting.data, "" if sitting.pinned else "(unpinned)"),
        f"prompt:{prompt[:9] if prompt == 'elsewhere' else prompt[:8]}",
        *([] if setting.style == "letters" else [f"reader:{reader.name}.v{reader.version}"]),
        *[f"{metric.name}:v{metric.version}" for metric in task.metrics],
    ]
    return "|".join(parts)


def conditions_line(sitting: Sitting, engine: Identity, version: str) -> str:
    """The half that stands beside a number and never splits a column."""
    setting = sitting.setting
    asked_with = ["chat:no", "think:no", f"seed:{setting.seed}", "T:0"]
    if setting.style == "written":
        asked_with.append(f"max:{SHORT_TEXT.max_tokens}")
    parts = [
        # Of texts made elsewhere nobody here knows how they were asked for.
        *(["elsewhere"] if setting.elsewhere else asked_with),
        f"{engine.engine}-{engine.version}",
        *([engine.dtype] if engine.dtype else []),
        f"medeval-{version}",
    ]
    return "|".join(parts)


def _shown(exchange: Exchange) -> Exchanged:
    request = exchange.request
    return Exchanged(
        role=request.role,
        prompt=request.text,
        messages=request.messages,
        reply=exchange.reply,
    )
