"""Cells on disk with marks that are known, to be held against each other."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from medeval import reports
from medeval.comparing.differences import Pair, paired_up
from medeval.comparing.sides import Side, side
from medeval.gradings import SURVEY, Judge
from medeval.records import (
    Better,
    Decoding,
    Estimate,
    Failure,
    Identity,
    Message,
    Reply,
    Response,
    Result,
    Setting,
    Status,
    Unit,
    to_json,
)
from medeval.scoring.shown import Exchanged, Scored
from medeval.task import Task

Marks = Mapping[str, float | None]
SETTING = Setting(style="written", decoding=Decoding(max_tokens=64))
MODEL = Identity(engine="vllm", version="0.11", model="org/model", content="c0ffee", dtype="bfloat16", max_length=4096)
JUDGE = Judge(name="strict", grading=SURVEY, decoding=Decoding())
SWORN = reports.Sworn(judge=JUDGE, identity=Identity(engine="http", version="1", model="org/judge"))
PROTOCOL = "{task}.v1|written|0-shot|n:{n}|data:dddddddd|prompt:pppppppp|reader:house.v1|accuracy:v1"
CONDITIONS = "chat:no|think:no|seed:0|T:0|max:64|vllm-0.11|bfloat16|medeval-1.0"


def line(  # noqa: PLR0917  a line of samples.jsonl has many parts
    sample: str, mark: float | Marks | None = 1.0, said: Reply | str = "Answer: A", status: Status = "scored",
    cluster: str = "", slices: Mapping[str, str] | None = None, picked: Sequence[str] | None = None, target: str = "A",
    asked: str = "", repeat: int = 0, marks: Mapping[str, tuple[float | str | None, ...]] | None = None,
    messages: tuple[Message, ...] = (), role: str = "model",
) -> Scored:  # fmt: skip
    """A sample and what it came to; its name stands in the question."""
    scores = {"accuracy": mark} if mark is None or isinstance(mark, float | int) else dict(mark)
    reply = Response(text=said, completion_tokens=len(said.split())) if isinstance(said, str) else said
    first = next(iter(scores.values()), None)
    return Scored(
        sample=sample, repeat=repeat, cluster=cluster, slices=slices or {}, status=status, target=(target,),
        picked=tuple(picked) if picked is not None else ("A",) if first else ("B",), rule="stated", span=None,
        scores=scores, marks=dict(marks or {}), exchanges=(
            Exchanged(role=role, prompt=asked or f"Question of {sample}?", messages=messages, reply=reply),
        ),
    )  # fmt: skip


def lines(
    marks: Sequence[float | None], clusters: Sequence[str] = (), slices: Sequence[Mapping[str, str]] = ()
) -> list[Scored]:
    """Samples 000, 001 and so on; one without a mark was not measured."""
    return [
        line(
            f"{place:03d}", mark, status="engine_error" if mark is None else "scored", cluster=cluster, slices=part,
            said=Failure(failure="engine_error", reason="gone") if mark is None else "Answer: A",
        )
        for place, (mark, cluster, part) in enumerate(
            zip_longest(marks, clusters or [""] * len(marks), slices or [{}] * len(marks))
        )
    ]  # fmt: skip


def counted(b: int, c: int, n: int) -> tuple[list[float], list[float]]:
    """Marks of which b are right in new alone, c in the base alone, and of the others every second in both."""
    same = [float(place % 2) for place in range(n - b - c)]
    return [0.0] * b + [1.0] * c + same, [1.0] * b + [0.0] * c + same


def estimated(there: Sequence[Scored], metric: str, better: Better = "higher", unit: Unit = "fraction") -> Estimate:
    """The mean of the means of samples."""
    by: dict[str, list[float]] = {}
    for each in there:
        if (mark := each.scores.get(metric)) is not None:
            by.setdefault(each.sample, []).append(mark)
    means = [float(np.mean(marks)) for marks in by.values()]
    return Estimate(
        metric=metric, value=float(np.mean(means)) if means else None, low=None, high=None, method="by hand",
        n=len(means), n_eff=len(means), unread=0, truncated=0, refused=0, too_long=0, failed=0, better=better,
        unit=unit,
    )  # fmt: skip


def cell(  # noqa: PLR0917  a cell has many parts
    root: Path, entry: str, there: Sequence[Scored], name: str = "medqa", task: str = "",
    estimates: Sequence[Estimate] = (), setting: Setting = SETTING, model: Identity = MODEL, data: str = "d" * 64,
    prompt: str = "p" * 16, protocol: str = PROTOCOL, conditions: str = CONDITIONS, task_version: int = 1,
    sworn: reports.Sworn | None = None, attempts: Sequence[reports.Attempt] = (),
) -> Path:  # fmt: skip
    """Write a finished cell; with `sworn` that of a judge below it, whose home must be there already."""
    home = root / reports.slug(entry) / name
    folder = home / reports.JUDGED / sworn.judge.name if sworn else home
    folder.mkdir(parents=True)
    task = task or name.partition("@")[0]
    made = tuple(estimates) or tuple([
        estimated(there, metric) for metric in dict.fromkeys(metric for each in there for metric in each.scores)
    ])  # fmt: skip
    n = len({each.sample for each in there})
    result = Result(
        task=task, task_version=task_version, entry=entry, setting=setting, judge=sworn.judge.name if sworn else "",
        data=data, prompt=prompt, journal_records=n, journal="j", headline=made[0].metric, estimates=made, flags=(),
        protocol=protocol.format(task=task, n=n), conditions=conditions,
    )  # fmt: skip
    manifest = reports.Manifest(
        task=task, task_version=task_version, entry=entry, setting=setting, form="original", pinned=True, data=data,
        engines={"model": model},
    )  # fmt: skip
    reports.publish(folder / reports.MANIFEST, sworn or manifest)
    reports.publish(folder / reports.RESULT, result)
    if attempts:
        run = reports.Run(medeval="1.0", python="3.11", machine="Linux", attempts=tuple(attempts))
        reports.publish(folder / reports.RUN, run)
    (folder / reports.SAMPLES).write_bytes(b"".join([to_json(each) + b"\n" for each in there]))
    return folder


def one(folder: Path) -> Side:
    """Read a cell."""
    found = side(folder)
    assert found is not None
    return found


def pair(base: Path, new: Path, *, task: Task | None = None) -> Pair:
    """Two cells side by side."""
    return paired_up(one(base), one(new), task)


def two(root: Path, base: Sequence[Scored], new: Sequence[Scored], *, task: Task | None = None) -> Pair:
    """Write two cells, and lay them side by side."""
    return pair(cell(root, "base", base), cell(root, "new", new), task=task)
