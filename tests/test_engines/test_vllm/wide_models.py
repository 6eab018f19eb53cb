"""Small models with heads as wide as vLLM's attention on a CPU needs, and changes made to them by hand."""

import itertools
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests import small_models

POISON = " maybe"
"""A token of which a poisoned model makes no numbers."""
WEIGHTS = "model.safetensors"
Tensors = dict[str, Any]


def wide(folder: Path, kind: str) -> Path:
    """Make a small model that the CPU's attention can read: two heads of 32."""
    return small_models.small(folder, kind, heads=2)


def changed(model: Path, folder: Path, change: Callable[[Tensors], None]) -> Path:
    """Copy a model and change its weights."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(model, folder)
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / WEIGHTS, {"format": "pt"})
    return folder


def tokens(model: Path, text: str) -> list[int]:
    """Cut a text as the model does."""
    from transformers import AutoTokenizer

    found: list[int] = AutoTokenizer.from_pretrained(model)(text, add_special_tokens=False)["input_ids"]
    return found


def poisoned(model: Path, folder: Path) -> Path:
    """A model that makes no numbers of one token, and the same as before of all others."""
    (token,) = tokens(model, POISON)

    def change(tensors: Tensors) -> None:
        tensors["model.embed_tokens.weight"][token] = float("nan")

    return changed(model, folder, change)


def scripted(model: Path, folder: Path, texts: Mapping[str, str]) -> Path:
    """A model that goes on in a given way behind each of some words, whatever stands before them.

    Its layers do nothing, so that what comes next is decided by the last token alone: no token of the texts
    comes twice.
    """
    import torch

    follows: dict[int, int] = {}
    for trigger, text in texts.items():
        path = tokens(model, trigger)[-1:] + tokens(model, text)
        for token, then in itertools.pairwise(path):
            assert follows.setdefault(token, then) == then, f"{trigger}{text}: token {token} comes twice"

    def change(tensors: Tensors) -> None:
        for name, tensor in tensors.items():
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                tensor.zero_()
        width = tensors["lm_head.weight"].shape[1]
        generator = torch.Generator().manual_seed(0)
        known = torch.randn(tensors["lm_head.weight"].shape[0], width, generator=generator)
        known = known / known.norm(dim=1, keepdim=True)
        tensors["model.embed_tokens.weight"] = known
        tensors["lm_head.weight"] = torch.zeros_like(known)
        for token, then in follows.items():
            tensors["lm_head.weight"][then] += 30 * known[token]

    return changed(model, folder, change)


def adapter(folder: Path, model: Path) -> Path:
    """Write an adapter in PEFT's form, large enough to make a difference."""
    import torch
    from safetensors.torch import load_file, save_file

    rank, alpha, modules = 8, 64, ("q_proj", "v_proj", "o_proj")
    generator, found = torch.Generator().manual_seed(1), {}
    for name, weight in load_file(model / WEIGHTS).items():
        if name.split(".")[-2] in modules:
            stem = f"base_model.model.{name.removesuffix('.weight')}"
            rows, columns = weight.shape
            found[f"{stem}.lora_A.weight"] = torch.randn(rank, columns, generator=generator) / 8
            found[f"{stem}.lora_B.weight"] = torch.randn(rows, rank, generator=generator) / 8
    folder.mkdir()
    save_file(found, folder / "adapter_model.safetensors")
    said = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": alpha, "lora_dropout": 0.0,
        "target_modules": [*modules], "bias": "none", "base_model_name_or_path": "",
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def merged(model: Path, lora: Path, folder: Path) -> Path:
    """The model that an adapter makes of a model: W + α/r · B A."""
    from safetensors.torch import load_file

    said = json.loads((lora / "adapter_config.json").read_text(encoding="utf-8"))
    parts = load_file(lora / "adapter_model.safetensors")

    def change(tensors: Tensors) -> None:
        for name in [name for name in parts if name.endswith("lora_A.weight")]:
            target = name.removeprefix("base_model.model.").replace("lora_A.", "")
            product = parts[name.replace("lora_A", "lora_B")] @ parts[name]
            tensors[target] += said["lora_alpha"] / said["r"] * product

    return changed(model, folder, change)
