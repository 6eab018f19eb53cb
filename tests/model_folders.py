"""Folders of models written by hand, small enough to be looked at; nothing here needs torch."""

import json
import struct
from pathlib import Path
from typing import Any

CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "eos_token_id": 0}
TOKENIZER = {"added_tokens": [{"id": 0, "content": "<end>"}, {"id": 1, "content": "<turn_end>"}]}
CHAT = "{% for message in messages %}<turn>{{ message.role }}: {{ message.content }}<turn_end>{% endfor %}"


def shard(path: Path, tensors: dict[str, list[float]] | None = None) -> Path:
    """Write a file of safetensors as its specification has it: length, header, and the numbers."""
    data, header = b"", {"__metadata__": {"format": "pt"}}
    header_of: dict[str, Any] = header
    for name, values in (tensors or {"weight": [1.0, 2.0, 3.0]}).items():
        start = len(data)
        data += struct.pack(f"<{len(values)}f", *values)
        header_of[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": [start, len(data)]}
    encoded = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + data)
    return path


def small_files(folder: Path, files: dict[str, Any]) -> Path:
    """Write small files: texts as they are, all else as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def whole(folder: Path, **config: Any) -> Path:
    """Write a whole model: a base model, unless more is added."""
    small_files(folder, {"config.json": CONFIG | config, "tokenizer.json": TOKENIZER, "tokenizer_config.json": {}})
    shard(folder / "model.safetensors")
    return folder


def sharded(folder: Path, count: int = 3) -> Path:
    """Write a whole model in shards."""
    whole(folder)
    (folder / "model.safetensors").unlink()
    names = {f"layer.{number}": f"model-{number + 1:05d}-of-{count:05d}.safetensors" for number in range(count)}
    for tensor, name in names.items():
        shard(folder / name, {tensor: [1.0, 2.0]})
    small_files(folder, {"model.safetensors.index.json": {"metadata": {}, "weight_map": names}})
    return folder


def with_code(folder: Path, code: str = "", configuration: str = "") -> Path:
    """Make a whole folder one that brings its own Python code."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {
        "model_type": "nurse",
        "auto_map": {"AutoConfig": "configuration_nurse.NurseConfig", "AutoModelForCausalLM": "modeling_nurse.Nurse"},
    }
    return small_files(
        folder, {"config.json": config, "modeling_nurse.py": code, "configuration_nurse.py": configuration}
    )
