"""LoRA adapters: looked at before anything is loaded, as the weights are."""

import hashlib
import json
from pathlib import Path

from medeval.errors import RequestError
from medeval.records import Record

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Those vLLM makes room for."""


class Adapter(Record, frozen=True, kw_only=True):
    """A small change to the weights of another model."""

    folder: Path
    rank: int
    name: str
    """Its folder's name and a hash of its content."""


def adapter(folder: Path) -> Adapter:
    """See that a folder holds an adapter, and tell what it is."""
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            pickled = (
                " Pickled weights can run code when they are opened: convert them."
                * (folder / "adapter_model.bin").is_file()
            )
            raise RequestError(f"--lora {folder}: no {name} there, so it is no adapter that can be used.{pickled}")
    config = (folder / CONFIG).read_bytes()
    try:
        said = json.loads(config)
        kind, ranks = said.get("peft_type", "LORA"), [said["r"], *(said.get("rank_pattern") or {}).values()]
        rank = max(int(each) for each in ranks)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise RequestError(f"--lora {folder}: {CONFIG} cannot be read as an adapter's ({error}).") from error
    room = next((each for each in RANKS if each >= rank), None)
    if kind != "LORA" or rank < 1 or room is None:
        raise RequestError(f"--lora {folder}: an adapter of type {kind} and rank {rank}, which vLLM cannot use.")
    digest = hashlib.sha256(config)
    with open(folder / WEIGHTS, "rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    return Adapter(folder=folder.resolve(), rank=room, name=f"{folder.resolve().name}#{digest.hexdigest()[:16]}")
