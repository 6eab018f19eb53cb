"""Starts of the real vLLM that fail: one sentence, and no process is left."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from medeval.engines.vllm.process import Process
from medeval.errors import RequestError
from tests.test_engines.test_vllm import wide_models
from tests.test_engines.test_vllm.real import gone, needed, replies, vllm
from tests.tiny_engines import choosing

pytestmark = needed


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, **shape: Any) -> str:
    """What is said of a model that cannot be started."""
    begun: list[int] = []

    class Watched(Process):
        def __init__(self, *words: Any) -> None:
            super().__init__(*words)
            begun.append(self.pid)

    one = vllm(folder, **shape)
    monkeypatch.setattr(one, "process", Watched)
    with pytest.raises(RequestError) as found:
        replies(one, [choosing("Which?")])
    one.close()
    (fault,) = found.value.faults
    assert "\n" not in fault
    assert len(begun) == 1
    assert gone(begun)
    assert fault.startswith("vLLM does not start: ")
    return fault.removeprefix("vLLM does not start: ")


def test_weights_that_do_not_fit_the_configuration(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(tensors: dict[str, Any]) -> None:
        name = "model.layers.1.mlp.down_proj.weight"
        tensors[name] = tensors[name][:, :50]

    found = refused(wide_models.changed(folders / "tiny-base", tmp_path / "cut", cut), monkeypatch)
    assert re.search("shape|size|50|narrow", found)


def test_a_value_that_vllm_does_not_take(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "block size" in refused(folders / "tiny-base", monkeypatch, engine_args=("block_size=7",))


def test_the_command_says_in_one_sentence_that_there_is_not_so_much_memory(folders: Path, tmp_path: Path) -> None:
    words = ["run", "--model", str(folders / "tiny-base"), "--tasks", "medqa", "--data", "sample", "--engine", "vllm"]
    done = subprocess.run(
        [sys.executable, "-m", "medeval", *words, "--reports", str(tmp_path), "--memory", "1.0"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    (said,) = [line for line in done.stderr.splitlines() if "vLLM does not start" in line]
    assert "memory" in said
    assert "--memory" in said
    assert "Traceback" not in done.stderr


def test_what_can_be_seen_beforehand_is_said_before_anything_is_started(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean 'max_num_seqs'"):
        vllm(folders / "tiny-base", engine_args=("max_num_seq=2",))
    shutil.copytree(folders / "tiny-base", tmp_path / "other")
    file = tmp_path / "other" / "config.json"
    config = json.loads(file.read_text()) | {"model_type": "nurse", "architectures": ["NurseForCausalLM"]}
    file.write_text(json.dumps(config))
    with pytest.raises(RequestError, match="transformers knows no such architecture"):
        vllm(tmp_path / "other")
