"""The figures of a model: medeval beside lm-eval 0.4.13, with one model on the same questions of MedQA, on the CPU.

Both read the same weights in fp32, and are asked for the letters of the same questions, in the same prompts. They take
turns, and the best turn of each counts, since others may use the machine too.

lm-eval is run with two batch sizes: 1, which is its default and its fastest on two cores, and 16, with which the
study was made that the limits come from. The whole process is held against 1; model time and memory are held against
16, and told beside 1 as well, where lm-eval has only 2.75 times our multiplications to do. medeval has no batch size.

Whole process: each command as it is, from its start to its exit.
Model time: what goes from requests to replies, inside the same commands. Of lm-eval, `HFLM.loglikelihood`; of medeval,
`HF.render`, `HF.submit` and `HF.replies`. Tokenising, batching and computing are in; importing, loading the weights,
reading data, wording prompts, scoring and writing are out, on both sides.
Peak memory: of the process, all of it; the larger of ours beside the smaller of theirs.
"""

import functools
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

from figures import Figures

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
TEXTS = ("medqa/phrases_no_exclude_test.jsonl", "medmcqa/dev.json", "pubmedqa/ori_pqal.json")
"""What the tokenizer learns from."""
SHOWN = ROOT / "tasks" / "samples" / "medqa" / "phrases_no_exclude_train.jsonl"
"""Solved examples; the first few are shown, always the same."""
LETTERS = "ABCD"
QUESTIONS = int(os.environ.get("BENCH_QUESTIONS", "200"))
"""Fewer show that the benchmark works, and measure nothing."""
DEFAULT, STUDIED = 1, 16
"""Batch sizes of lm-eval."""
ROUNDS = {0: 2, 5: 1}
"""Turns of each, by the number of solved examples; with five, one of lm-eval takes minutes."""

# The task as lm-eval has it, on questions from a file; the prompt and the letters are its own.
YAML = """
include: {original}
task: bench
dataset_path: json
dataset_kwargs: {{data_files: {{test: {home}/test.jsonl, dev: {home}/dev.jsonl}}}}
training_split: null
validation_split: null
test_split: test
fewshot_split: dev
fewshot_config: {{sampler: first_n}}
"""


class Turn(NamedTuple):
    """One command, run to its end."""

    seconds: float
    """From start to exit."""
    gigabytes: float
    """Peak memory."""
    model: float
    """Model time; 0 where the command ran as it is."""
    folder: Path
    """What it wrote."""


class Told(NamedTuple):
    """What a harness asked, and what it found."""

    prompts: list[str]
    logprobs: list[list[float]]
    accuracy: float


# --- in processes of their own, so that the one that measures stays small ---


def prepare(home: Path) -> None:
    """Make the model, and write the questions that medeval draws as lm-eval reads them."""
    from medeval import catalog, planning
    from medeval.engines.base import Abilities

    small = runpy.run_path(str(ROOT / "tests" / "small_models.py"))
    tokenizer = small["tokenizer"]([line for name in TEXTS for line in _lines(DATA / name)], 32_000)
    small["write"](home / "model", "base", tokenizer, hidden=256, layers=6, heads=8)
    plan = planning.Plan(model="", tasks=("medqa",), data=str(DATA), limit=QUESTIONS, protocol="lm-eval")
    (named,), _, _ = catalog.find(()).chosen(plan.tasks)
    samples = planning.sitting(plan, named, Abilities(choices=True, kind="base")).samples
    # From the published rows, and not from our reading of them: so equal prompts say that nothing was lost in it.
    rows = _lines(DATA / TEXTS[0])
    _write(home / "test.jsonl", [rows[int(sample.id)] for sample in samples])
    _write(home / "dev.jsonl", _lines(SHOWN))
    spec = util.find_spec("lm_eval")
    original = Path(str(spec and spec.origin)).parent / "tasks" / "medqa" / "medqa.yaml"
    (home / "bench.yaml").write_text(YAML.format(original=original, home=home), encoding="utf-8")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def _write(path: Path, lines: list[str]) -> None:
    """Write rows under the names that the copy of MedQA has which lm-eval reads."""
    with open(path, "w", encoding="utf-8") as file:
        for row in map(json.loads, filter(None, lines)):
            endings = {f"ending{place}": row["options"][label] for place, label in enumerate(LETTERS)}
            renamed = {"sent1": row["question"], **endings, "label": LETTERS.index(row["answer_idx"])}
            file.write(json.dumps(renamed) + "\n")


def timed(clock: Path, who: str) -> None:
    """Run a command in this process, and write down its model time."""
    took: list[float] = []
    if who == "lm-eval":
        from lm_eval.models.huggingface import HFLM

        _time(HFLM, "loglikelihood", took)
    else:
        from medeval.engines.hf import HF

        for name in ("render", "submit", "replies"):
            _time(HF, name, took)
        within = HF.submit

        def submit(engine: HF, asks: Any) -> None:
            engine._model()  # the weights are loaded before the clock runs, as those of lm-eval are
            within(engine, asks)

        setattr(HF, "submit", submit)  # noqa: B010  a method, taken apart on purpose
    (command,) = metadata.entry_points(group="console_scripts", name=who)
    try:
        command.load()()
    finally:
        clock.write_text(str(sum(took)), encoding="utf-8")


def _time(kind: type, name: str, took: list[float]) -> None:
    """Measure every call of a method."""
    method: Callable[..., Any] = getattr(kind, name)

    @functools.wraps(method)
    def measured(*args: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return method(*args, **named)
        finally:
            took.append(time.perf_counter() - begun)

    setattr(kind, name, measured)


# --- turns ---


class Bench:
    """The folder of a benchmark, and the commands that run in it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._turns = 0
        self._environment = {
            **os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_DATASETS_CACHE": str(home / "cache"),
        }  # fmt: skip
        subprocess.run([sys.executable, __file__, "--prepare", home], check=True)

    @property
    def parameters(self) -> float:
        """Of the model, in millions: four bytes each."""
        return (self._home / "model" / "model.safetensors").stat().st_size / 4e6

    def lm_eval(self, shots: int, batch: int, *, clock: bool, limit: int = 0) -> Turn:
        """Let lm-eval ask."""
        folder = self._folder()
        words = [
            "run", "--model", "hf", "--model_args", f"pretrained={self._home / 'model'},dtype=float32",
            "--tasks", "bench", "--include_path", self._home, "--num_fewshot", shots, "--batch_size", batch,
            "--device", "cpu", "--log_samples", "--output_path", folder, *(["--limit", limit] if limit else []),
        ]  # fmt: skip
        return self._run("lm-eval", words, folder, clock=clock)

    def medeval(self, shots: int, *, clock: bool) -> Turn:
        """Let medeval ask; in a new folder, for in an old one it would have nothing to ask."""
        folder = self._folder()
        words = [
            "run", "--model", self._home / "model", "--dtype", "float32", "--device", "cpu", "--offline",
            "--tasks", "medqa", "--data", DATA, "--limit", QUESTIONS, "--protocol", "lm-eval",
            "--reports", folder, "--label", "bench",
            *(["--shots", shots, "--shots-from", SHOWN] if shots else []),
        ]  # fmt: skip
        return self._run("medeval", words, folder, clock=clock)

    def turns(self, shots: int, batches: Sequence[int], *, clock: bool) -> tuple[dict[int, list[Turn]], list[Turn]]:
        """Let both ask by turns; theirs by batch size."""
        theirs: dict[int, list[Turn]] = {batch: [] for batch in batches}
        ours = []
        for _ in range(ROUNDS[shots]):
            for batch, turns in theirs.items():
                turns.append(self.lm_eval(shots, batch, clock=clock))
                ours.append(self.medeval(shots, clock=clock))
        return theirs, ours

    def _folder(self) -> Path:
        self._turns += 1
        folder = self._home / f"turn-{self._turns}"
        folder.mkdir()
        return folder

    def _run(self, who: str, words: list[Any], folder: Path, *, clock: bool) -> Turn:
        program = [sys.executable, __file__, "--timed", folder / "clock", who]
        command = [*program, *words] if clock else [Path(sys.executable).parent / who, *words]
        with open(folder / "said", "w+b") as said:
            begun = time.perf_counter()
            process = subprocess.Popen(
                list(map(str, command)), stdout=said, stderr=subprocess.STDOUT, env=self._environment
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            tail = (folder / "said").read_text(encoding="utf-8", errors="replace")[-4000:]
            sys.exit(f"{tail}\n{who} failed with {process.returncode}.")
        model = float((folder / "clock").read_text(encoding="utf-8")) if clock else 0.0
        return Turn(seconds, usage.ru_maxrss * 1024 / 1e9, model, folder)


def told_by_lm_eval(folder: Path) -> Told:
    """Read what lm-eval wrote."""
    (samples,) = folder.rglob("samples_*.jsonl")
    (results,) = folder.rglob("results_*.json")
    rows = sorted(map(json.loads, filter(None, _lines(samples))), key=lambda row: int(row["doc_id"]))
    return Told(
        [row["arguments"]["gen_args_0"]["arg_0"] for row in rows],
        [[float(logprob) for logprob, _ in row["filtered_resps"]] for row in rows],
        json.loads(results.read_text(encoding="utf-8"))["results"]["bench"]["acc,none"],
    )


def told_by_medeval(folder: Path) -> Told:
    """Read what medeval wrote; a failure has no log-probabilities, and ends the benchmark."""
    (samples,) = folder.rglob("samples.jsonl")
    (result,) = folder.rglob("result.json")
    exchanges = [json.loads(line)["exchanges"][0] for line in filter(None, _lines(samples))]
    return Told(
        [exchange["prompt"] for exchange in exchanges],
        [exchange["reply"]["logprobs"] for exchange in exchanges],
        json.loads(result.read_text(encoding="utf-8"))["estimates"][0]["value"],
    )


# --- figures ---


def same(figures: Figures, shots: int, theirs: Told, ours: Told) -> None:
    """Both asked the same, and found the same."""
    differ = sum(one != other for one, other in zip(theirs.prompts, ours.prompts, strict=True))
    figures.at_most(f"{shots}-shot, prompts that differ", differ, 0, "")
    apart = [
        abs(one - other)
        for row, beside in zip(theirs.logprobs, ours.logprobs, strict=True)
        for one, other in zip(row, beside, strict=True)
    ]
    figures.at_most(f"{shots}-shot, log-probabilities, largest difference", max(apart), 1e-4, "")
    figures.at_most(f"{shots}-shot, difference of the accuracies", abs(theirs.accuracy - ours.accuracy), 0, "")
    # Were they the same for every question, their being equal would say little.
    first = [row[0] for row in theirs.logprobs]
    figures.note(f"{shots}-shot, log-probabilities of ' A' lie between {min(first):.2f} and {max(first):.2f}")


def whole(figures: Figures, bench: Bench) -> None:
    """The two commands, from start to exit."""
    by_batch, turns = bench.turns(0, [DEFAULT], clock=False)
    theirs, ours = [min(turn.seconds for turn in each) for each in (by_batch[DEFAULT], turns)]
    figures.note(f"0-shot, whole process: lm-eval at batch size {DEFAULT} {theirs:.2f} s, medeval {ours:.2f} s")
    figures.at_least(f"0-shot, whole process, times faster than batch {DEFAULT}", theirs / ours, 2.5, "")


def inside(figures: Figures, bench: Bench, shots: int, limit: float) -> None:
    """The model time and the memory of both, and that they found the same."""
    by_batch, turns = bench.turns(shots, [DEFAULT, STUDIED], clock=True)
    same(figures, shots, told_by_lm_eval(by_batch[DEFAULT][0].folder), told_by_medeval(turns[0].folder))
    fast, small = min(turn.model for turn in turns), max(turn.gigabytes for turn in turns)
    figures.note(f"{shots}-shot, medeval: model time {fast:.2f} s, peak memory {small:.2f} GB")
    for batch, theirs in by_batch.items():
        slow, large = min(turn.model for turn in theirs), min(turn.gigabytes for turn in theirs)
        ratios = f"{slow / fast:.2f} times slower, medeval has {small / large:.2f} of its memory"
        said = f"model time {slow:.2f} s, peak memory {large:.2f} GB: {ratios}"
        figures.note(f"{shots}-shot, lm-eval at batch size {batch}: {said}")
        if batch == STUDIED:
            figures.at_least(f"{shots}-shot, model time, times faster than batch {batch}", slow / fast, limit, "")
            figures.at_most(f"{shots}-shot, peak memory, share of that of batch {batch}", small / large, 0.5, "")


def main() -> None:
    """Measure everything."""
    figures = Figures()
    if missing := [str(DATA / name) for name in TEXTS if not (DATA / name).is_file()]:
        print(f"Nothing was measured: the texts of the benchmarks are not there ({', '.join(missing)}).")
        sys.exit(2)
    if not util.find_spec("lm_eval"):
        print("Nothing was measured: lm-eval is not installed. Install it with: pip install -e '.[hf,bench]'.")
        sys.exit(2)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        bench = Bench(Path(folder).resolve())
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("lm_eval", "transformers", "torch"))
        figures.note(f"{bench.parameters:.1f} M parameters in fp32, {QUESTIONS} questions; {versions}")
        for shots, limit in ((0, 4.0), (5, 8.0)):
            if not shots:
                whole(figures, bench)
            inside(figures, bench, shots, limit)
    figures.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        prepare(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--timed"]:
        file, name = sys.argv[2:4]
        sys.argv[:4] = [name]
        timed(Path(file), name)
    else:
        main()
