"""Nights on disk with marks that are known, baselines pinned of them, and gate files to hold them to."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from medeval import reports
from medeval.baselines import Baseline, accept
from medeval.catalog import Catalog
from medeval.comparing.sides import Side, sides
from medeval.gates import Line, Opened, Verdict, Word, check, opened
from medeval.gates.verdicts import Kind
from medeval.records import Better, Estimate, Identity, Result, Setting, Unit, to_json
from medeval.stats import clustered, wilson

NOTHING = Catalog(tasks={}, groups={})
"""Tasks of which nothing but their marks is known."""
MODEL = Identity(engine="vllm", version="0.11", model="org/model", content="c0ffee", dtype="bfloat16", max_length=4096)
SETTING = Setting(style="letters")
PROTOCOL = "{task}.v1|letters|0-shot|n:{n}|data:dddddddd|prompt:pppppppp|reader:house.v1|{metric}:v1"
CONDITIONS = "chat:no|seed:0|vllm-0.11|bfloat16|medeval-1.0"
GATE = '[[gate]]\ntask = "medqa"\nmargin = {margin}\n'
Marks = Sequence[float | None] | Sequence[Sequence[float | None]]


def of_counts(b: int, c: int, n: int) -> tuple[list[float], list[float]]:
    """Marks of a baseline and a night: b right in the night alone, c in the baseline alone, most others in both."""
    same = [float(place % 4 != 0) for place in range(n - b - c)]
    return [0.0] * b + [1.0] * c + same, [1.0] * b + [0.0] * c + same


def marked(right: int, n: int) -> list[float]:
    """So many right, the first ones."""
    return [float(place < right) for place in range(n)]


def estimated(
    takes: Sequence[Sequence[float | None]], metric: str = "accuracy", clusters: Sequence[str] = (),
    better: Better = "higher", unit: Unit = "fraction", *, unread: int = 0, truncated: int = 0, refused: int = 0,
    too_long: int = 0, failed: int = 0,
) -> Estimate:  # fmt: skip
    """The number of a cell, by its marks (samples, takes), and what went wrong."""
    known = [[mark for mark in marks if mark is not None] for marks in takes]
    means = [sum(marks) / len(marks) for marks in known if marks]
    value = sum(means) / len(means) if means else None
    low, high, method, worth = None, None, "none", float(len(means))
    if value is not None and {*means} <= {0.0, 1.0} and not clusters:
        low, high, method = wilson(sum(means), len(means))
    elif value is not None:
        there = [place for place, marks in enumerate(known) if marks]
        (low, high, method), worth = clustered(means, [clusters[at] if clusters else str(at) for at in there])
    return Estimate(
        metric=metric, value=value, low=low, high=high, method=method, n=len(means), n_eff=worth, better=better,
        unit=unit, takes=max(map(len, takes), default=1), unread=unread, truncated=truncated, refused=refused,
        too_long=too_long, failed=failed,
    )  # fmt: skip


def night(  # noqa: PLR0917  a cell has many parts
    root: Path, label: str, marks: Marks | Mapping[str, Marks], task: str = "medqa", cell: str = "",
    estimates: Sequence[Estimate] = (), clusters: Sequence[str] = (), ids: Sequence[str] = (),
    wholes: Mapping[str, Sequence[tuple[float, ...]]] | None = None, slices: Sequence[Mapping[str, str]] = (),
    setting: Setting = SETTING, model: Identity = MODEL, data: str = "d" * 64, prompt: str = "p" * 16,
    protocol: str = PROTOCOL, conditions: str = CONDITIONS, better: Better = "higher", unit: Unit = "fraction",
    entry: str = "", **counts: int,
) -> Path:  # fmt: skip
    """Write a finished cell of a night; marks are a number a sample, or several, of as many takes."""
    by = marks if isinstance(marks, Mapping) else {"accuracy": marks}
    takes = {
        name: [list(each) if isinstance(each, Sequence) else [each] for each in there] for name, there in by.items()
    }
    n, width = len(next(iter(takes.values()))), len(next(iter(takes.values()))[0])
    names = ids or [f"{task}/{place:04}" for place in range(n)]
    made = tuple(estimates) or tuple([
        estimated(there, name, clusters, better, unit, **counts) for name, there in takes.items()
    ])  # fmt: skip
    folder = root / reports.slug(label) / (cell or task)
    folder.mkdir(parents=True)
    said = protocol.format(task=task, n=n, metric=made[0].metric)
    result = Result(
        task=task, task_version=1, entry=entry or label, setting=setting, data=data, prompt=prompt,
        journal_records=n, journal="j", headline=made[0].metric, estimates=made, flags=(), protocol=said,
        conditions=conditions,
    )  # fmt: skip
    manifest = reports.Manifest(
        task=task, task_version=1, entry=entry or label, setting=setting, form="original", pinned=True, data=data,
        engines={"model": model},
    )  # fmt: skip
    (folder / reports.MANIFEST).write_bytes(to_json(manifest))
    (folder / reports.RESULT).write_bytes(to_json(result))
    lines = [
        json.dumps({
            "sample": names[place], "cluster": clusters[place] if clusters else "", "status": "scored",
            "slices": slices[place] if slices else {}, "scores": {name: takes[name][place][take] for name in takes},
            "marks": {name: there[place] for name, there in (wholes or {}).items()},
        })
        for place in range(n) for take in range(width)
    ]  # fmt: skip
    (folder / reports.SAMPLES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def hurried(cell: Path, tokens: int, seconds: float = 100.0, machine: str = "One H100") -> None:
    """Write down how long a cell took, and on what."""
    attempt = reports.Attempt(
        started="2026-11-01T02:00:00Z", seconds=seconds, asked=100, reused=0, read=0, written=tokens
    )
    run = reports.Run(medeval="1.0", python="3.11", machine=machine, attempts=(attempt,))
    (cell / reports.RUN).write_bytes(to_json(run))


def pinned(root: Path, *labels: str, name: str = "", tasks: Sequence[str] = (), catalog: Catalog = NOTHING) -> Baseline:
    """Pin a baseline of as many runs as there are."""
    folders = [root / reports.slug(label) for label in labels]
    return accept(
        folders, root, reason="The first.", version="1.0", name=name, tasks=tasks, few=True, catalog=catalog
    )[1]  # fmt: skip


def gates(folder: Path, text: str) -> Opened:
    """Write a gate file, and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gate.toml"
    path.write_text(text, encoding="utf-8")
    return opened(path)


def checked(
    root: Path, label: str, text: str, baseline: Baseline | None, catalog: Catalog = NOTHING, *, last: str = ""
) -> Verdict:
    """Hold a night to a gate file."""
    return check(
        root / reports.slug(label), root, gates(root, text), baseline, catalog, version="1.0", last=last
    )  # fmt: skip


def one(folder: Path) -> Side:
    """The one cell of an entry."""
    (found,) = sides(folder)
    return found


def line(word: Word = "NON_INFERIOR", kind: Kind = "margin", **parts: object) -> Line:
    """A line of a verdict, with parts that make it look like one."""
    told: dict[str, object] = {
        "task": "medqa", "cell": "medqa", "metric": "accuracy", "why": "within the margin", "base": 0.75, "new": 0.74,
        "gain": -0.01, "low": -0.02, "high": 0.0, "margin": 0.015, "p": 0.1, "p_adjusted": 0.2, "n": 100, "at": 3,
    }  # fmt: skip
    return Line(kind=kind, word=word, **(told | parts))  # type: ignore[arg-type]
