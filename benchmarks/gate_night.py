"""Nights on a real engine: a small model is pinned as a baseline, its copy with noise comes out red, itself green.

The exam is of our own (gate_exam.py). The model learns other questions of the same templates until it answers nine of
ten; the copy has the least noise, of a grid, at which it answers eight points fewer. Every step is the command itself.

python benchmarks/gate_night.py FOLDER     prepares FOLDER and plays the nights there
"""

import json
import os
import random
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import gate_exam
from sides import LAST_WORDS, QUIET

ROOT = Path(__file__).parents[1]
ENGINE = "vllm" if find_spec("vllm") else "hf"
SEEN, BATCH, STEPS, OFTEN = 4000, 32, 600, 10
"""Questions that are learnt from, and steps: at most so many, with a look at other questions after every few."""
LEARNT, FALL = 0.88, 0.08
"""The share of right answers with which the model has learnt enough, and how much of it the copy loses at least."""
NOISE = [step / 20 for step in range(1, 100)]
"""Of the spread of each matrix."""
CONTEXT = 256
SERIES, REPEATS = "base", 3
RED, GREEN = "exam-2026-11-01", "exam-2026-11-02"
MARGIN, MIN_EFFECT = 0.015, 0.005
GATE = f"""\
version = 1
baseline = "{SERIES}"
required = ["gate_exam"]

[[gate]]
task = "gate_exam"
margin = {MARGIN}
min_effect = {MIN_EFFECT}

[[absolute]]
task = "*"
metric = "unread_rate"
max = 0.02
"""


class Place(NamedTuple):
    """What the nights are played with."""

    base: Path
    noised: Path
    task: Path
    data: Path


# --- the two models -----------------------------------------------------------------------


class Questions:
    """Questions as they are asked, and the tokens of their right answers."""

    def __init__(self, made: Any, rows: Sequence[Any]) -> None:
        samples = [gate_exam.to_sample(row) for row in rows]
        self.prompts = [made.encode(gate_exam.WORDING(sample)).ids for sample in samples]
        self.right = [made.token_to_id(f"Ġ{sample.right[0]}") for sample in samples]

    def scores(self, model: Any, places: Sequence[int]) -> Any:
        """What a model makes of every token behind some of the prompts."""
        import torch

        prompts = [self.prompts[place] for place in places]
        width = max(map(len, prompts))
        # What stands behind the last token changes nothing before it.
        tokens = torch.tensor([ids + [0] * (width - len(ids)) for ids in prompts])
        states = model.model(input_ids=tokens).last_hidden_state
        return model.lm_head(states[range(len(prompts)), [len(ids) - 1 for ids in prompts]])

    def accuracy(self, model: Any) -> float:
        """The share that a model answers rightly."""
        import torch

        letters = sorted({*self.right})
        with torch.no_grad():
            scores = self.scores(model, range(len(self.prompts)))[:, letters]
        picked = [letters[best] for best in scores.argmax(1).tolist()]
        return sum(map(int.__eq__, picked, self.right)) / len(picked)


def prepared(folder: Path) -> Place:
    """Write the exam, and train and spoil the models, unless they are there."""
    place = Place(folder / "base", folder / "noised", Path(gate_exam.__file__), folder / "data")
    gate_exam.write(place.data)
    if (place.noised / "config.json").is_file():
        return place
    import torch
    from transformers import AutoModelForCausalLM

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a model as small as this only waits for other threads
    exam = gate_exam.rows(gate_exam.QUESTIONS, 0)
    asked = {row["question"] for row in exam}
    seen, other = [
        [row for row in gate_exam.rows(count, seed) if row["question"] not in asked]
        for seed, count in ((1, SEEN), (2, gate_exam.QUESTIONS))
    ]
    small = runpy.run_path(str(ROOT / "tests" / "small_models.py"))
    made = small["tokenizer"]([gate_exam.WORDING(gate_exam.to_sample(row)) for row in seen], 1500)
    # Two heads of 32: what vLLM's attention knows on a CPU.
    small["write"](place.base, "base", made, heads=2, context=CONTEXT)
    model = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    _train(model, Questions(made, seen), Questions(made, other))
    model.save_pretrained(place.base)
    shutil.copytree(place.base, place.noised)
    _spoil(model, Questions(made, exam))
    model.save_pretrained(place.noised)
    torch.set_num_threads(threads)
    return place


def _train(model: Any, seen: Questions, other: Questions) -> None:
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    dice = random.Random(0)  # noqa: S311  nothing secret
    for step in range(STEPS):
        if step % OFTEN == 0 and other.accuracy(model) >= LEARNT:
            return
        places = dice.sample(range(len(seen.prompts)), BATCH)
        right = torch.tensor([seen.right[place] for place in places])
        loss = torch.nn.functional.cross_entropy(seen.scores(model, places), right)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    sys.exit(f"The model has not learnt the exam in {STEPS} steps: {other.accuracy(model):.0%} are right.")


def _spoil(model: Any, exam: Questions) -> None:
    """Add noise of one drawing, a little more at a time, until enough is lost."""
    import torch

    torch.manual_seed(0)
    before = exam.accuracy(model)
    matrices = [(each, each.detach().clone()) for each in model.parameters() if each.dim() == 2]
    noise = [torch.randn_like(clean) * clean.std() for _, clean in matrices]
    for share in NOISE:
        with torch.no_grad():
            for (each, clean), drawn in zip(matrices, noise, strict=True):
                each.copy_(clean + share * drawn)
        if before - exam.accuracy(model) >= FALL:
            return
    sys.exit(f"No noise of the grid makes the model lose {FALL:.0%}.")


# --- the nights ---------------------------------------------------------------------------


class Said(NamedTuple):
    """What a command left with, and wrote."""

    code: int
    text: str
    seconds: float


class Night(NamedTuple):
    """A night, as its check told of it."""

    code: int
    text: str
    word: str
    """Of the exam's accuracy, as are those below."""
    gain: float
    low: float
    high: float
    """Limits of the gain at the gate's confidence."""
    lost: tuple[str, ...]
    """The questions that are named: right in the baseline, and wrong now."""
    down: int
    """How many there are."""
    up: int
    """How many are right only now."""


class Played(NamedTuple):
    """What came of it all."""

    engine: str
    red: Night
    """Of the copy with noise."""
    green: Night
    """Of the same model."""
    accuracy: tuple[float, float]
    """Of the baseline's first run, and of the copy."""
    flipped: float
    """The share of questions that two runs of the same model mark differently, the mean of all six pairs."""
    moved: float
    """The largest difference of a log-probability between two such runs."""
    runs: tuple[float, ...]
    """Seconds of each run."""
    seconds: float
    """Of the whole: five runs, the accepting, two checks."""


def played(place: Place, home: Path, engine: str = ENGINE) -> Played:
    """Run the baseline three times, accept it, and check a night of the copy and one of the same model."""
    begun = time.perf_counter()
    home.mkdir(parents=True, exist_ok=True)
    (home / "gate.toml").write_text(GATE, encoding="utf-8")
    reports = home / "reports"
    repeats = [f"{SERIES}-{number + 1}" for number in range(REPEATS)]
    where = ("--task-path", place.task, "--reports", reports)
    # One after another: two at once take as long on two cores.
    runs = tuple([
        told(
            "run", "--model", model, "--label", label, "--engine", engine, "--device", "cpu", "--tasks", "gate_exam",
            "--data", place.data, "--offline", *where,
        ).seconds
        for label, model in (*[(label, place.base) for label in repeats], (RED, place.noised), (GREEN, place.base))
    ])  # fmt: skip
    why = "The model that the nights begin with."
    told("baseline", "accept", *repeats, "--reason", why, "--name", SERIES, "--reports", reports)
    gate = ("--gate", home / "gate.toml")
    red, green = [
        _night(told("check", label, *gate, "--out", home / label, *where, may=(0, 1)), home / label)
        for label in (RED, GREEN)
    ]  # fmt: skip
    same = [_cell(reports / label) for label in (*repeats, GREEN)]
    pairs = [
        (one[sample], other[sample]) for one, other in combinations(same, 2) for sample in one.keys() | other.keys()
    ]
    return Played(
        engine=engine, red=red, green=green, accuracy=(_accuracy(same[0]), _accuracy(_cell(reports / RED))),
        flipped=sum(one[0] != other[0] for one, other in pairs) / len(pairs),
        moved=max(abs(left - right) for one, other in pairs for left, right in zip(one[1], other[1], strict=True)),
        runs=runs, seconds=time.perf_counter() - begun,
    )  # fmt: skip


def told(*words: object, may: Sequence[int] = (0,)) -> Said:
    """Tell the command something, as its users do; `may`: what it may leave with."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "medeval", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", check=False, env={**os.environ, **QUIET},
    )  # fmt: skip
    if done.returncode not in may:
        sys.exit(f"{done.stdout[-LAST_WORDS:]}\nmedeval {words[0]} ended with {done.returncode}.")
    return Said(done.returncode, done.stdout, time.perf_counter() - begun)


def _night(said: Said, out: Path) -> Night:
    verdict = json.loads((out / "verdict.json").read_bytes())
    (line,) = [line for line in verdict["lines"] if line["kind"] == "margin"]
    return Night(
        code=said.code, text=said.text, word=line["word"], gain=line["gain"], low=line["low"], high=line["high"],
        lost=tuple(line["lost"]), down=line["down"], up=line["up"],
    )  # fmt: skip


def _cell(entry: Path) -> dict[str, tuple[float, list[float]]]:
    """The mark and the log-probabilities of every question of an entry."""
    (file,) = entry.glob("*/samples.jsonl")
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    return {line["sample"]: (line["scores"]["accuracy"], line["exchanges"][0]["reply"]["logprobs"]) for line in lines}


def _accuracy(cell: dict[str, tuple[float, list[float]]]) -> float:
    return sum(mark for mark, _ in cell.values()) / len(cell)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(played(prepared(folder), folder / "nights"))
