"""Adapters: looked at before anything is loaded; what cannot be used is told in one sentence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from medeval.engines.vllm.adapters import RANKS, adapter
from medeval.errors import RequestError


def written(folder: Path, config: Any, weights: bytes = b"weights") -> Path:
    """A folder of an adapter."""
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(
        config if isinstance(config, str) else json.dumps(config), encoding="utf-8"
    )
    (folder / "adapter_model.safetensors").write_bytes(weights)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(RequestError) as found:
        adapter(folder)
    assert found.value.exit_code == 2
    (fault,) = found.value.faults
    assert "\n" not in fault
    assert fault.startswith(f"--lora {folder}: ")
    return fault.removeprefix(f"--lora {folder}: ")


def test_an_adapter_is_known_by_its_folder_and_its_content(tmp_path: Path) -> None:
    found = adapter(written(tmp_path / "nurse", {"peft_type": "LORA", "r": 8}))
    assert (found.folder, found.rank) == (tmp_path / "nurse", 8)
    assert re.fullmatch(r"nurse#[0-9a-f]{16}", found.name)
    assert adapter(tmp_path / "nurse") == found
    assert adapter(written(tmp_path / "nurse", {"peft_type": "LORA", "r": 8}, b"other")).name != found.name
    assert adapter(written(tmp_path / "nurse", {"peft_type": "LORA", "r": 8, "lora_alpha": 4})).name != found.name


def test_a_link_to_an_adapter_is_that_adapter(tmp_path: Path) -> None:
    folder = written(tmp_path / "nurse", {"r": 8})
    (tmp_path / "latest").symlink_to(folder)
    assert adapter(tmp_path / "latest") == adapter(folder)


@pytest.mark.parametrize(
    ("config", "rank"),
    [
        ({"r": 1}, 1), ({"r": 2}, 8), ({"r": 8}, 8), ({"r": 9}, 16), ({"r": 257}, 320), ({"r": 512}, 512),
        ({"r": 8, "rank_pattern": {"q_proj": 30}}, 32), ({"r": 8, "rank_pattern": None}, 8), ({"r": "8"}, 8),
    ],
)  # fmt: skip
def test_vllm_makes_room_for_the_largest_rank_of_an_adapter(tmp_path: Path, config: dict[str, Any], rank: int) -> None:
    assert adapter(written(tmp_path / "nurse", config)).rank == rank
    assert rank in RANKS


def test_a_folder_without_an_adapter_is_told_by_what_is_missing(tmp_path: Path) -> None:
    nothing = "no adapter_config.json there, so it is no adapter that can be used."
    assert refused(tmp_path / "nowhere") == nothing
    assert refused(tmp_path) == nothing
    folder = written(tmp_path / "nurse", {"r": 8})
    (folder / "adapter_model.safetensors").unlink()
    assert refused(folder) == "no adapter_model.safetensors there, so it is no adapter that can be used."


def test_pickled_weights_are_told_to_be_converted(tmp_path: Path) -> None:
    folder = written(tmp_path / "nurse", {"r": 8})
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    assert refused(folder).endswith(
        "no adapter that can be used. Pickled weights can run code when they are opened: convert them."
    )


@pytest.mark.parametrize(
    "config",
    [
        "", "{", "[]", "3", "null", {}, {"peft_type": "LORA"}, {"r": None}, {"r": "many"}, {"r": [8]},
        {"r": 8, "rank_pattern": 3}, {"r": 8, "rank_pattern": {"q_proj": "x"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_configuration_that_says_no_rank_is_told(tmp_path: Path, config: Any) -> None:
    said = refused(written(tmp_path / "nurse", config))
    assert re.fullmatch(r"adapter_config\.json cannot be read as an adapter's \(.+\)\.", said)


def test_a_configuration_that_is_no_text_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "nurse", {"r": 8})
    (folder / "adapter_config.json").write_bytes(b"\xff\xfe\x00{")
    assert "cannot be read as an adapter's" in refused(folder)


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"peft_type": "IA3", "r": 8}, "type IA3 and rank 8"), ({"r": 513}, "type LORA and rank 513"),
        ({"peft_type": None, "r": 8}, "type None and rank 8"),
    ],
)  # fmt: skip
def test_what_vllm_cannot_use_is_told(tmp_path: Path, config: dict[str, Any], kind: str) -> None:
    assert refused(written(tmp_path / "nurse", config)) == f"an adapter of {kind}, which vLLM cannot use."


@pytest.mark.parametrize("rank", [0, -8])
def test_a_rank_below_one_is_no_rank(tmp_path: Path, rank: int) -> None:
    assert "which vLLM cannot use" in refused(written(tmp_path / "nurse", {"r": rank}))
