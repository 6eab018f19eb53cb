"""Runs that end by a signal: nothing of the engine outlives them, and the same command asks only for the rest."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

import msgspec

import medeval
from medeval.engines.vllm import VLLM
from medeval.records import Estimate, Result
from tests.test_engines.test_vllm.real import gone, needed

RUN = Path(__file__).parent / "faulty_run.py"
Exam = Callable[[int], Path]


def begun(home: Path, model: Path, *more: str, **fault: object) -> "subprocess.Popen[str]":
    """Begin a run of the command, in a process of its own."""
    words = ["run", "--model", str(model), "--tasks", "exam", "--task-path", str(home / "exam.py"), "--engine", "vllm"]
    where = ["--data", str(home / "data"), "--reports", str(home / "reports"), "--label", "tiny"]
    return subprocess.Popen(
        [sys.executable, str(RUN), *words, *where, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "FAULT": json.dumps(fault)},
    )  # fmt: skip


def lines(home: Path) -> int:
    """How many replies are in the journal."""
    journal = next((home / "reports").glob("tiny/*/journal.jsonl"), None)
    return journal.read_bytes().count(b"\n") if journal else 0


def wait_for(running: "subprocess.Popen[str]", home: Path, count: int) -> list[int]:
    """Wait for some replies, and give the processes that the run has begun."""
    for _ in range(12_000):
        if lines(home) >= count:
            break
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    return children(running.pid)


def children(pid: int) -> list[int]:
    """The processes that a process has begun, looked up in /proc."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def asked(home: Path) -> int:
    """How many requests the last run asked."""
    (file,) = (home / "reports").glob("tiny/*/run.json")
    found: int = json.loads(file.read_text())["attempts"][-1]["asked"]
    return found


def struck(home: Path, model: Path, blow: signal.Signals, *more: str, **fault: object) -> int:
    """Let a run go on for twenty replies, and strike it; its code is given, when nothing of it is left."""
    running = begun(home, model, *more, **fault)
    groups = wait_for(running, home, lines(home) + 20)
    assert groups
    running.send_signal(blow)
    running.communicate()
    assert gone(groups)
    return running.returncode


def test_what_is_killed_and_stopped_goes_on_where_it_was(exam: Exam, models: Path) -> None:
    home, model = exam(200), models / "tiny-base"
    assert struck(home, model, signal.SIGKILL, made_up=True, pause=0.05) == -signal.SIGKILL
    assert struck(home, model, signal.SIGTERM, made_up=True, pause=0.05) == 75
    done = lines(home)
    assert 40 <= done < 200
    last = begun(home, model, made_up=True)
    _, said = last.communicate()
    assert last.returncode == 0, said
    assert asked(home) == 200 - done
    assert lines(home) == 200


@needed
def test_so_does_a_run_of_the_real_vllm(exam: Exam, folders: Path) -> None:
    home, few = exam(200), ("--engine-arg", "max_num_seqs=4")
    assert struck(home, folders / "tiny-base", signal.SIGKILL, *few, pause=0.05) == -signal.SIGKILL
    assert struck(home, folders / "tiny-base", signal.SIGTERM, *few, pause=0.05) == 75
    (file,) = (home / "reports").glob("tiny/*/journal.jsonl")
    keys = [json.loads(line.partition(b" ")[2])["key"] for line in file.read_bytes().splitlines()]
    assert 40 <= len(keys) < 200
    assert len(set(keys)) == len(keys)  # nothing was asked twice


# --- whole runs ---------------------------------------------------------------------------


class Kept:
    """An engine that is not closed at the end of a run, because others want it too."""

    def __init__(self, one: VLLM) -> None:
        self.identity, self.abilities = one.identity, one.abilities
        self.render, self.submit, self.replies = one.render, one.submit, one.replies
        self.notes = one.notes

    def close(self) -> None:
        pass


@needed
def test_repeats_are_drawn_anew_and_the_same_run_draws_the_same(exam: Exam, ours: VLLM) -> None:
    home, samples = exam(24), []
    for reports in ("one", "other"):
        found = medeval.evaluate(
            model=Kept(ours), tasks="exam", data=home / "data", reports=home / reports, task_paths=[home / "exam.py"],
            style="written", repeats=3, temperature=0.8, max_tokens=12,
        )  # fmt: skip
        assert found.folders[0].name == "exam@written,repeats3"
        samples.append((found.folders[0] / "samples.jsonl").read_bytes())
    assert samples[0] == samples[1]
    said = [json.loads(line) for line in samples[0].splitlines()]
    assert len(said) == 72
    texts: dict[str, set[str]] = {}
    for line in said:
        texts.setdefault(line["sample"], set()).add(json.dumps(line["exchanges"]))
    assert {len(each) for each in texts.values()} == {3}


def picks(folder: Path) -> dict[str, object]:
    """What was picked for each sample."""
    lines = [json.loads(line) for line in (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
    return {line["sample"]: line["picked"] for line in lines}


def named(result: Result) -> list[Estimate]:
    """The numbers that a task is known by."""
    return [each for each in result.estimates if not each.beside]


def beside(result: Result) -> dict[str, float]:
    return {each.metric: each.value for each in result.estimates if each.beside and each.value is not None}


@needed
def test_medqa_and_pubmedqa_come_out_as_with_transformers(folders: Path, real: Path, tmp_path: Path) -> None:
    words = ["run", "--model", str(folders / "tiny-base"), "--tasks", "medqa,pubmedqa", "--data", str(real)]
    done = subprocess.run(
        [sys.executable, "-m", "medeval", *words, "--reports", str(tmp_path / "vllm"), "--label", "tiny"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    theirs = medeval.evaluate(
        model=f"hf:{folders / 'tiny-base'}", tasks="medqa,pubmedqa", data=real, reports=tmp_path / "hf", label="tiny",
    )  # fmt: skip
    assert [(result.task, result.first.n) for result in theirs.results] == [("medqa", 1273), ("pubmedqa", 500)]
    for result, folder in zip(theirs.results, theirs.folders, strict=True):
        ours = tmp_path / "vllm" / folder.relative_to(tmp_path / "hf")
        found = msgspec.json.decode((ours / "result.json").read_bytes(), type=Result)
        assert named(found) == named(result)
        # Two engines add up floating-point numbers in two orders, so a probability differs in its last digits.
        assert beside(found) == pytest.approx(beside(result), abs=1e-3)
        assert found.protocol == result.protocol
        assert "vllm" in found.conditions
        assert picks(ours) == picks(folder)
