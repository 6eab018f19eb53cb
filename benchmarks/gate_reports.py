"""What the figures of gates are measured on: ten thousand numbers that are pinned, and two cells of MedMCQA's size."""

import tempfile
from pathlib import Path

import board_reports
import numpy as np
from board_exam import taken
from board_reports import Size

from medeval.baselines import Baseline
from medeval.baselines.pins import pin
from medeval.catalog import find
from medeval.comparing.samples import Samples
from medeval.comparing.sides import Side
from medeval.records import Estimate, Identity, Result, Setting, Status

CELLS, METRICS, SAMPLES, TAKES = 100, 100, 1_273, 3
FLIPS = 0.03
SUBJECTS, ITEMS = 21, 4_183
"""Of MedMCQA's development split."""


def many_gates(home: Path) -> tuple[Path, Baseline, list[Side]]:
    """A file of ten thousand gates, the baseline that it is about, and a night: marks of all of them are drawn anew."""
    dice = np.random.default_rng(7)
    cells = [[_side(dice, f"task_{place:03d}", f"run-{run}") for run in range(TAKES + 1)] for place in range(CELLS)]
    file = home / "gates.toml"
    told = [
        f'[[gate]]\ntask = "task_{place:03d}"\nmetric = "m{number:03d}"\nmargin = 0.05\n'
        for place in range(CELLS)
        for number in range(METRICS)
    ]
    file.write_text("version = 1\n\n" + "\n".join(told), encoding="utf-8")
    baseline = Baseline(
        name="many", number=1, accepted="2026-11-28", reason="To be counted.", entries=("run-0", "run-1", "run-2"),
        medeval="", cells=tuple([pin(runs[:TAKES], None) for runs in cells]),
    )  # fmt: skip
    return file, baseline, [runs[TAKES] for runs in cells]


def medmcqa(home: Path) -> Path:
    """Reports of two models on one task of 4,183 questions in 21 subjects."""
    folder = home / "reports"
    subjects = tuple([f"subject {place:02d}" for place in range(SUBJECTS)])
    board_reports.SUBJECTS = subjects  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as exam:
        like = taken(Path(exam), "letters")
    size = Size(2, 2, ITEMS)
    for entry in range(2):
        (folder / board_reports.entry_name(entry)).mkdir(parents=True)
    place = board_reports.NAMES.index("medmcqa")
    board_reports._task(folder, size, place, find().tasks["medmcqa"].task.version, like)
    return folder


def _side(dice: np.random.Generator, task: str, entry: str) -> Side:
    ids = tuple([f"{number:05d}" for number in range(SAMPLES)])
    marks = {}
    for number in range(METRICS):
        # The same truth for every run of a number, and other flips.
        truth = np.random.default_rng((int(task[-3:]), number)).random(SAMPLES) < 0.7
        marks[f"m{number:03d}"] = (truth ^ (dice.random(SAMPLES) < FLIPS / 2)).astype(float)
    nothing = np.zeros(SAMPLES)
    scored: list[Status] = ["scored"] * SAMPLES
    samples = Samples(
        ids=ids, clusters=(), slices=({},) * SAMPLES, statuses=tuple(scored), asked=ids, targets=ids,
        picked=((),) * SAMPLES, marks=marks, takes={}, wholes={}, written=nothing, cut=nothing,
    )  # fmt: skip
    result = Result(
        task=task, task_version=1, entry=entry, setting=Setting(), data="d" * 64, prompt="p" * 32, journal_records=0,
        journal="", headline="m000", flags=(), protocol=f"{task}.v1|letters|0-shot|n:{SAMPLES}",
        conditions="medeval-0", estimates=tuple([_estimate(name, float(each.mean())) for name, each in marks.items()]),
    )  # fmt: skip
    identity = Identity(engine="scripted", version="1", model="many")
    return Side(cell=task, result=result, identity=identity, samples=samples)


def _estimate(name: str, value: float) -> Estimate:
    return Estimate(
        metric=name, value=value, low=value, high=value, method="wilson", n=SAMPLES, n_eff=float(SAMPLES), unread=0,
        truncated=0, refused=0, too_long=0, failed=0,
    )  # fmt: skip
