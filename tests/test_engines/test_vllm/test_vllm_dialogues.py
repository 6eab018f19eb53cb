"""Consultations on real vLLM, where doctor, patient and judge are models: killed in the middle, they go on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

from tests import small_models
from tests.test_engines.test_vllm.real import NEAR, needed

LONG = 8192
"""Tokens: a judge reads a whole conversation."""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a chat model, which plays doctor and patient, and of a base model, which judges."""
    root = tmp_path_factory.mktemp("cast")
    for kind in ("chat", "base"):
        small_models.small(root, kind, heads=2, context=LONG)
    return root


def command(cast: Path, reports: Path) -> list[str]:
    return [
        sys.executable, "-m", "medeval", "run", "--model", str(cast / "tiny-chat"), "--tasks", "mediq", "--data",
        "sample", "--style", "written", "--max-tokens", "16", "--engine", "vllm", "--dtype", "float32",
        "--patient", f"ill={cast / 'tiny-chat'}", "--judge", f"strict={cast / 'tiny-base'}", "--grading", "disc",
        "--reports", str(reports), "--label", "tiny",
    ]  # fmt: skip


def journal(reports: Path) -> list[dict[str, Any]]:
    """Every whole line of the one journal."""
    found = next(reports.glob("tiny/*/journal.jsonl"), None)
    pieces = found.read_bytes().splitlines(keepends=True) if found else []
    return [json.loads(piece.partition(b" ")[2]) for piece in pieces if piece.endswith(b"\n")]


def replies(reports: Path) -> dict[tuple[object, ...], dict[str, Any]]:
    return {
        (line["sample"], line.get("role", "model"), line.get("slot", 0)): line["reply"] for line in journal(reports)
    }


def results(reports: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(reports.glob("tiny/**/result.json"))]


@needed
def test_a_suite_with_patient_and_judge_is_killed_and_comes_to_the_same(cast: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    done = subprocess.run(command(cast, whole), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count = len(journal(whole))
    assert count > 40
    running = subprocess.Popen(command(cast, broken), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(journal(broken)) < count // 2:
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    kept = len(journal(broken))
    assert count // 2 <= kept < count
    again = subprocess.run(command(cast, broken), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert len(journal(broken)) == count
    first, second = replies(whole), replies(broken)
    assert {role for _, role, _ in first} == {
        "model", "model:full", "model:none", "model:probe", "patient", "judge:strict",
    }  # fmt: skip
    assert first.keys() == second.keys()
    for where, reply in first.items():
        assert second[where].get("text") == reply.get("text"), where
        assert second[where].get("logprobs", []) == pytest.approx(reply.get("logprobs", []), abs=NEAR), where
    for one, other in zip(results(whole), results(broken), strict=True):
        assert one["protocol"] == other["protocol"]
        for wanted, found in zip(one["estimates"], other["estimates"], strict=True):
            assert found["n"] == wanted["n"]
            assert found["value"] == pytest.approx(wanted["value"], abs=NEAR), wanted["metric"]
    (judged,) = [one for one in results(whole) if one["judge"]]
    assert judged["judge"] == "strict"
    assert judged["flags"].count("the judge is the model itself") == 0
