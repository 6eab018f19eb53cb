"""The two commands as their users run them: timed from start to exit, or killed in mid-run."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import exams
from sides import ON_A_CPU, QUIET

BIN = Path(sys.executable).parent
WRITTEN, TOKENS = 500, 64
"""Prompts of the runs that are killed, and how much is written behind each."""
MIDDLE = 100
"""Replies after which they are killed; they come in bursts, of as many as are computed side by side."""
WAITED = 600.0
"""Seconds after which a command that does not come to its middle is given up."""


class Killed(NamedTuple):
    """A run of medeval that was killed, and told again."""

    whole: int
    finished: int
    asked: int

    @property
    def repeated(self) -> int:
        """Finished requests that were asked for again."""
        return self.asked - (self.whole - self.finished)


class Lost(NamedTuple):
    """A run of lm-eval that was killed."""

    whole: int
    finished: int
    kept: int


def medeval(home: Path, turn: str, *words: Any, limit: int = 0) -> float:
    """Run medeval into a new folder; the seconds it took."""
    return _timed(_medeval(home, turn, *words, limit=limit), home / f"medeval-{turn}.log", QUIET)


def lm_eval(home: Path, turn: str, task: str) -> float:
    """Run lm-eval; the seconds it took."""
    return _timed(_lm_eval(home, turn, task), home / f"lm-eval-{turn}.log", _theirs(home))


def killed_medeval(home: Path) -> Killed:
    """Kill medeval when its journal has some replies, and run it again."""
    words = _medeval(home, "killed", "--tasks", "medmcqa", "--style", "written", "--max-tokens", TOKENS, limit=WRITTEN)
    folder = home / "medeval-killed"

    def lines() -> int:
        return sum(path.read_bytes().count(b"\n") for path in folder.rglob("journal.jsonl"))

    log = home / "medeval-killed.log"
    _kill(words, log, QUIET, middle=lambda: lines() >= MIDDLE)
    finished = lines()
    _timed(words, log, QUIET)
    (run,) = folder.rglob("run.json")
    asked = json.loads(run.read_text(encoding="utf-8"))["attempts"][-1]["asked"]
    # A reply that came twice would have two lines.
    assert lines() - finished == asked  # noqa: S101  what was asked is what came
    return Killed(WRITTEN, finished, asked)


def killed_lm_eval(home: Path) -> Lost:
    """Kill lm-eval when vLLM's own bar says that some texts are written, and look into its cache."""
    rows = [row for _, row in zip(range(WRITTEN), exams.rows("medmcqa"), strict=False)]
    path = home / "rows" / "written.jsonl"
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    task = {
        "task": "bench_written", "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": str(path)}},
        "test_split": "test", "output_type": "generate_until", "doc_to_text": "Question: {{question}}\nAnswer:",
        "doc_to_target": "{{cop}}", "metric_list": [{"metric": "exact_match"}],
        "generation_kwargs": {"until": ["\n\n\n\n\n\n"], "max_gen_toks": TOKENS, "do_sample": False},
    }  # fmt: skip
    (home / "tasks" / "bench_written.yaml").write_text(json.dumps(task), encoding="utf-8")
    log, cache = home / "lm-eval-killed.log", home / "cache"

    def written() -> int:
        said = log.read_text(encoding="utf-8", errors="replace")
        return max([int(found[1]) for found in re.finditer(rf"Processed prompts:.*?(\d+)/{WRITTEN}", said)], default=0)

    words = _lm_eval(home, "killed", "bench_written", "--use_cache", str(cache))
    _kill(words, log, _theirs(home), middle=lambda: written() >= MIDDLE)
    kept = 0
    for base in home.glob("cache*.db"):
        with closing(sqlite3.connect(base)) as opened:
            tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            kept += sum(opened.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables)  # noqa: S608
    return Lost(WRITTEN, written(), kept)


def _medeval(home: Path, turn: str, *words: Any, limit: int) -> list[str]:
    said = [
        BIN / "medeval", "run", "--model", f"vllm:{home / 'model'}", "--dtype", "float32", "--offline",
        "--data", exams.DATA, "--reports", home / f"medeval-{turn}", "--label", "bench",
        *(["--limit", limit] if limit else []), *words,
    ]  # fmt: skip
    return list(map(str, said))


def _lm_eval(home: Path, turn: str, task: str, *words: str) -> list[str]:
    model = f"pretrained={home / 'model'},dtype=float32,enforce_eager=True"
    said = [
        BIN / "lm-eval", "run", "--model", "vllm", "--model_args", model, "--batch_size", "auto", "--tasks", task,
        "--include_path", home / "tasks", "--output_path", home / f"lm-eval-{turn}", "--log_samples", *words,
    ]  # fmt: skip
    return list(map(str, said))


def _theirs(home: Path) -> dict[str, str]:
    cache = {"HF_DATASETS_CACHE": str(home / "datasets")}
    return {**QUIET, **ON_A_CPU, **cache, "PYTHONPATH": str(exams.theirs(home))}


def _timed(words: Sequence[str], log: Path, environment: dict[str, str]) -> float:
    with open(log, "ab") as said:
        begun = time.perf_counter()
        done = subprocess.run(
            words, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **environment}, check=False
        )
        seconds = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{_tail(log)}\n{Path(words[0]).name} ended with {done.returncode}.")
    return seconds


def _kill(words: Sequence[str], log: Path, environment: dict[str, str], *, middle: Callable[[], bool]) -> None:
    """Run a command, and kill it and all that it began once it has come to its middle."""
    with open(log, "ab") as said:
        process = subprocess.Popen(
            words, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **environment}, start_new_session=True
        )
    until = time.monotonic() + WAITED
    while process.poll() is None and time.monotonic() < until and not middle():
        time.sleep(0.02)
    over = process.poll() is not None
    if not over:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if over or not middle():
        sys.exit(f"{_tail(log)}\n{Path(words[0]).name} was to be killed in mid-run, and it never was there.")


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-4000:]
