"""Nights of the real vLLM before a gate: a model with noise on its weights comes out red, the same model green."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_engines.test_vllm.real import needed

if TYPE_CHECKING:
    from gate_night import Played

pytestmark = needed
BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nights")


@pytest.fixture(scope="module")
def played(home: Path) -> "Iterator[Played]":
    pytest.importorskip("transformers", reason="the models are trained with transformers")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        import gate_night

        yield gate_night.played(gate_night.prepared(home / "models"), home, "vllm")


def right(home: Path, label: str) -> set[str]:
    """The questions that a run answered rightly."""
    (file,) = (home / "reports" / label).glob("*/samples.jsonl")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 600
    return {line["sample"] for line in lines if line["picked"] == line["target"]}


def test_noise_on_the_weights_is_a_red_night_that_names_its_cases(played: "Played", home: Path) -> None:
    red = played.red
    assert (red.code, red.word) == (1, "REGRESSED")
    assert red.low <= red.gain <= red.high < 0
    before = [right(home, f"base-{number}") for number in (1, 2, 3)]
    after = right(home, "exam-2026-11-01")
    assert red.gain == pytest.approx(len(after) / 600 - sum(map(len, before)) / 1800)
    assert red.lost
    assert {*red.lost} <= set.union(*before) - after
    assert red.lost[0] in red.text


def test_the_same_model_is_a_green_night(played: "Played", home: Path) -> None:
    green = played.green
    assert (green.code, green.word) == (0, "NON_INFERIOR")
    assert green.low <= 0 <= green.high
    before, after = right(home, "base-1"), right(home, "exam-2026-11-02")
    assert len(before ^ after) <= 6  # of 600 questions: what order of computing may turn over
    assert played.flipped <= 0.01
