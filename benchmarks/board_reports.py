"""Reports of models that never were, each byte as a run leaves it: for boards of any size, in a minute.

    python benchmarks/board_reports.py FOLDER ENTRIES TASKS ITEMS

Lines are put together from those of a small exam that is really taken. Numbers follow from the marks by the metrics
themselves; only the limits of those that would want a bootstrap are made up.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from board_exam import FAILED, LABELS, TRUNCATED, WAYS, Exam, Floats, taken
from msgspec.structs import replace

import medeval
from medeval import metrics, reports
from medeval.catalog import find
from medeval.journal import fingerprint
from medeval.metrics import Metric
from medeval.metrics.base import mean
from medeval.records import Estimate, Identity, SliceEstimate, Table, to_json
from medeval.scoring.slices import COMPARED
from medeval.stats import intervals

Ints = npt.NDArray[np.int64]
Parts = Mapping[tuple[str, str], npt.NDArray[np.bool_]]
"""Which samples are in a slice, by its name and value."""

LETTERS = (
    "medqa", "medmcqa", "pubmedqa", "mmlu_medical_anatomy", "mmlu_medical_clinical_knowledge",
    "mmlu_medical_college_biology", "mmlu_medical_college_medicine", "mmlu_medical_medical_genetics",
    "mmlu_medical_professional_medicine", "medqa_mainland", "medqa_5options", "pubmedqa_closed",
)  # fmt: skip
"""Tasks of the catalogue that are asked by letters: as many of thirty as of its own."""
NAMES = (*LETTERS[:3], "cmb_exam", *LETTERS[3:])
"""In the order in which they are taken; behind them come suites that are written."""
SIZES = ("1b", "4b", "8b", "14b", "32b", "70b")
SUBJECTS = ("cardiology", "infection", "neurology", "obstetrics", "paediatrics", "surgery")
WORDS = (
    "fever", "cough", "pain", "oedema", "dyspnoea", "pallor", "jaundice", "rash", "syncope", "tremor", "nausea",
    "weakness", "headache", "bleeding", "fatigue", "diarrhoea",
)  # fmt: skip
SEED = 20260101


class Size(NamedTuple):
    """How large a board's reports are."""

    entries: int
    tasks: int
    items: int

    @property
    def bytes(self) -> int:
        """About how much room they take."""
        cells = self.entries * self.tasks
        return cells * (self.items * 1_000 + 80_000)


class Paper(NamedTuple):
    """The questions of a task, and how hard they are."""

    heads: Sequence[bytes]
    prompts: Sequence[bytes]
    targets: Ints
    traps: Ints
    """The wrong label that most fall for."""
    hard: Floats
    parts: Parts


def task_name(place: int) -> str:
    """A task's name by its place."""
    return NAMES[place] if place < len(NAMES) else f"suite_{place - len(NAMES) + 1:02d}"


def entry_name(place: int) -> str:
    """An entry's name by its place."""
    return f"model-{place:03d}-{SIZES[place % len(SIZES)]}"


def write(folder: Path, size: Size) -> None:
    """Write the reports; the same ones, however many processes there are."""
    with tempfile.TemporaryDirectory() as home:
        letters, written = taken(Path(home), "letters"), taken(Path(home), "written")
    known = find().tasks
    for place in range(size.entries):
        name = entry_name(place)
        (folder / name).mkdir(parents=True)
        tags = ["open" if place % 4 else "closed", *(["medical"] if place % 3 == 0 else []), name.rpartition("-")[2]]
        (folder / name / "entry.json").write_bytes(to_json({"schema_version": 1, "tags": tags}) + b"\n")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver")) as pool:
        jobs = []
        for place in range(size.tasks):
            name = task_name(place)
            version = known[name].task.version if name in known else 1
            jobs.append(pool.submit(_task, folder, size, place, version, letters if name in LETTERS else written))
        for job in jobs:
            job.result()


# --- a task -----------------------------------------------------------------------------------


def _task(folder: Path, size: Size, place: int, version: int, like: Exam) -> None:
    """Write the cells of all entries on one task."""
    name, dice = task_name(place), np.random.default_rng((SEED, place))
    paper = _paper(dice, size.items, like.style)
    skills = np.random.default_rng(SEED).normal(0.5, 0.8, size.entries) + dice.normal(0, 0.3, size.entries)
    for entry in range(size.entries):
        kind = {20: "missing", 10: "partial", 23: "truncated"}.get((7 * entry + 3 * place) % 97, "")
        if kind == "missing":
            continue
        codes = _codes(np.random.default_rng((SEED, place, entry)), paper, float(skills[entry]), like.style, kind)
        shots = 5 if place % 10 == 3 and entry % 40 == 7 else 0
        _cell(folder / entry_name(entry), (name, version, shots), paper, codes, like)


def _paper(dice: np.random.Generator, items: int, style: str) -> Paper:
    targets, subjects = dice.integers(len(LABELS), size=items), dice.integers(len(SUBJECTS), size=items)
    negated = dice.random(items) < 0.15
    slices = [
        {"negated": "yes" if no else "no", "subject": SUBJECTS[at]} for no, at in zip(negated, subjects, strict=True)
    ]
    heads = [
        b'{"sample":"%05d","variant":0,"repeat":0,"cluster":"","slices":%s' % (number, to_json(each))
        for number, each in enumerate(slices)
    ]
    parts = {("negated", "no"): ~negated, ("negated", "yes"): negated}
    parts |= {("subject", name): subjects == at for at, name in enumerate(SUBJECTS)}
    return Paper(
        heads, [_prompt(dice, number, style) for number in range(items)], targets,
        (targets + dice.integers(1, len(LABELS), size=items)) % len(LABELS), dice.normal(size=items), parts,
    )  # fmt: skip


def _prompt(dice: np.random.Generator, number: int, style: str) -> bytes:
    said = [WORDS[at] for at in dice.integers(len(WORDS), size=34)]
    options = "\n".join([f"{label}. {said[-at]} without {said[at]}" for at, label in enumerate(LABELS, 1)])
    stem = f"Patient {number} has {', '.join(said[:26])}. Which of these is likeliest?"
    if style == "letters":
        return to_json(f"Question: {stem}\n{options}\nAnswer:")
    return to_json(f'{stem}\n\n{options}\n\nGive the letter of the right option. End with a last line "Answer: X".')


def _codes(dice: np.random.Generator, paper: Paper, skill: float, style: str, kind: str) -> Ints:
    """Draw answers: who knows more is right more often, and all are wrong where it is hard."""
    items, guess = len(paper.hard), 1 / len(LABELS)
    right = dice.random(items) < guess + (1 - guess) / (1 + np.exp(1.6 * (paper.hard - skill)))
    others = (paper.targets + dice.integers(1, len(LABELS), size=items)) % len(LABELS)
    picked = np.where(right, paper.targets, np.where(dice.random(items) < 0.5, paper.traps, others))
    codes: Ints = (paper.targets * len(LABELS) + picked) * WAYS + dice.integers(WAYS, size=items)
    if kind == "partial":
        codes[:3] = FAILED + paper.targets[:3]
    if kind == "truncated" and style == "written":
        cut = slice(0, max(1, items // 50))
        codes[cut] = TRUNCATED + paper.targets[cut]
    return codes


# --- a cell -----------------------------------------------------------------------------------


def _cell(entry: Path, task: tuple[str, int, int], paper: Paper, codes: Ints, exam: Exam) -> None:
    """Write the files of one cell."""
    (name, version, shots), like, items = task, exam.result, len(codes)
    setting = replace(like.setting, shots=shots)
    data, prompt = fingerprint(name.encode()) * 2, fingerprint(f"{name} {shots}".encode())
    asked = [f"{name}.v{version}", like.protocol.split("|")[1], f"{shots}-shot", f"n:{items}", f"data:{data[:8]}"]
    estimates = tuple(_estimates(paper.parts, codes, exam))
    first = estimates[0]
    cut = 100 * first.truncated / items
    told = {f"partial: {first.failed} not measured": first.failed, f"truncated: {cut:.1f} %": cut > 1}
    mass = float(exam.masses[codes[codes < FAILED]].mean()) if exam.style == "letters" else None
    result = replace(
        like, task=name, task_version=version, entry=entry.name, setting=setting, data=data, prompt=prompt,
        journal_records=items, journal=fingerprint(f"{entry.name} {prompt}".encode()) * 2, estimates=estimates,
        tables=tuple(_tables(codes, exam)), letter_mass=mass, flags=tuple([each for each in told if told[each]]),
        protocol="|".join([*asked, f"prompt:{prompt[:8]}", *like.protocol.split("|")[6:]]),
        conditions=like.conditions.replace("scripted-1", "vllm-0.32.0|bfloat16"),
    )  # fmt: skip
    model = Identity(
        engine="vllm", version="0.32.0", model=entry.name, content=fingerprint(entry.name.encode()), dtype="bfloat16",
        max_length=32768,
    )  # fmt: skip
    manifest = reports.Manifest(
        task=name, task_version=version, entry=entry.name, setting=setting, form="original", pinned=True, data=data,
        engines={"model": model},
    )  # fmt: skip
    attempt = reports.Attempt(
        started="2026-01-01T08:00:00+00:00", seconds=items / 40, asked=items, reused=0, read=120 * items,
        written=items * (1 if exam.style == "letters" else 30),
    )  # fmt: skip
    run = reports.Run(medeval=medeval.__version__, python="3.11.7", machine="Linux x86_64", attempts=(attempt,))
    folder = entry / reports.cell_name(name, setting)
    folder.mkdir()
    # Publishing waits for the disk, file by file; this many would take an hour of it.
    for file, value in ((reports.MANIFEST, manifest), (reports.RESULT, result), (reports.RUN, run)):
        (folder / file).write_bytes(msgspec.json.format(to_json(value), indent=1) + b"\n")
    pieces = [b""] * (4 * items)
    chosen = codes.tolist()
    pieces[0::4], pieces[2::4] = paper.heads, paper.prompts
    pieces[1::4], pieces[3::4] = [exam.middles[code] for code in chosen], [exam.ends[code] for code in chosen]
    (folder / reports.SAMPLES).write_bytes(b"".join(pieces))


def _estimates(parts: Parts, codes: Ints, exam: Exam) -> Iterator[Estimate]:
    """Every number that the small exam has, of these answers and of their parts."""
    known = (codes < FAILED) | (codes >= TRUNCATED)
    lost = int((~known).sum())
    weights = np.array([known, *parts.values()], dtype=np.float64)[:, known]
    counts = [int(n) for n in weights.sum(axis=1)]
    cut = int((codes >= TRUNCATED).sum())
    named: dict[str, Metric] = {each.name: each for each in (metrics.accuracy, *metrics.exam(LABELS))}
    gathered = dict[object, Floats]()
    for like in exam.result.estimates:
        metric = named[like.metric]
        if metric.interval is not None:
            continue
        if metric.gather is mean:
            marks = exam.marks[metric.name][codes[known]]
            values = weights @ marks / np.maximum(counts, 1)
        else:
            # Metrics that share their marks and how they are gathered come together.
            marks = exam.marks[metric.mark.__name__][codes[known]]
            key = (metric.mark, metric.gather)
            if key not in gathered:
                with np.errstate(invalid="ignore"):  # a part may have no sample
                    gathered[key] = metric.gather(marks, weights)
            values = gathered[key] if metric.part is None else gathered[key][..., metric.part]
        limits = [_limits(metric, marks, float(value), n) for value, n in zip(values, counts, strict=True)]
        slices = [
            SliceEstimate(
                slice=part, value=name, n=n, estimate=float(value), low=low, high=high, compared=n >= COMPARED
            )
            for (part, name), n, value, (low, high, _) in zip(parts, counts[1:], values[1:], limits[1:], strict=True)
            if n and math.isfinite(value)
        ]  # fmt: skip
        low, high, method = limits[0]
        value = float(values[0]) if math.isfinite(values[0]) else None
        yield replace(
            like, value=value, low=low, high=high, method=method, n=len(marks), n_eff=float(len(marks)), unread=0,
            truncated=cut, refused=0, too_long=0, failed=lost, slices=tuple(slices),
        )  # fmt: skip


def _limits(metric: Metric, marks: Floats, value: float, n: int) -> tuple[float | None, float | None, str]:
    """Wilson's limits for right and wrong, and otherwise such as are about as far away."""
    if not n or not math.isfinite(value):
        return None, None, "no value here"
    if marks.ndim == 1 and np.isin(marks, (0.0, 1.0)).all():
        return intervals.wilson(round(value * n), n)
    half = 1.96 * (float(marks.std()) if marks.ndim == 1 else 0.5) / math.sqrt(n)
    low, high = value - half, value + half
    if metric.unit == "fraction":
        low, high = max(-1.0 if metric.signed else 0.0, low), min(1.0, high)
    return low, high, "student" if marks.ndim == 1 else "BCa bootstrap"


def _tables(codes: Ints, exam: Exam) -> Iterator[Table]:
    measured = codes[(codes < FAILED) | (codes >= TRUNCATED)]
    for table in metrics.exam_tables(LABELS):
        if not table.styles or exam.style in table.styles:
            marks = exam.marks[table.mark.__name__][measured]
            yield Table(name=table.name, about=table.about, columns=table.columns, rows=table.rows(marks))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Size(*map(int, sys.argv[2:5])))
