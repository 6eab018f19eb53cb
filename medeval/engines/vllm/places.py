"""On how much of the machine a model runs, and where each copy of it has its place."""

import math
import os
from collections.abc import Mapping
from typing import Any

from medeval.errors import RequestError
from medeval.records import Record

KEPT_AT_LEAST, KEPT_AT_MOST = 1, 8
"""GiB for what was read, on a CPU: vLLM itself would take nearly all the memory, and each GiB takes two seconds."""
KEPT_TOKENS = 32_768
NUMBER_BYTES = 4


class Shape(Record, frozen=True, kw_only=True):
    """On how much of the machine a model runs; but for length, adapter and some arguments, it changes no answer."""

    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    memory: float = 0.0
    """The share of a device's memory; 0: vLLM's own default."""
    max_length: int = 0
    lora: str = ""
    engine_args: tuple[str, ...] = ()
    patience: float = 600.0
    """Seconds without any progress, after which an engine is ended and begun anew."""


def fits(shape: Shape, device: str) -> None:
    """See that what was said of the machine can be."""
    for name in ("tensor_parallel", "pipeline_parallel", "data_parallel"):
        if getattr(shape, name) < 1:
            raise RequestError(f"--{name.replace('_', '-')} {getattr(shape, name)}: it is 1 at least.")
    if not 0 <= shape.memory <= 1 or math.isnan(shape.memory):
        raise RequestError(f"--memory {shape.memory:g}: a share of a device's memory, from 0 to 1.")
    if not shape.patience > 0:
        raise RequestError(f"--patience {shape.patience:g}: seconds, more than none.")
    wanted = shape.tensor_parallel * shape.pipeline_parallel * shape.data_parallel
    if device.startswith("cuda:") and wanted > 1:
        raise RequestError(
            f"--device {device} is one GPU, and {wanted} are asked for. Name them in CUDA_VISIBLE_DEVICES."
        )
    number = device.partition(":")[2] or "0"
    if device.startswith("cuda") and not (number.isdecimal() and int(number) < len(_gpus())):
        raise RequestError(f"--device {device}: {len(_gpus())} GPUs are seen here, numbered from 0.")
    if device.startswith("cuda") and wanted > len(_gpus()):
        raise RequestError(f"{wanted} GPUs are asked for, and {len(_gpus())} are seen here.")


def places(shape: Shape, device: str, built: Any) -> list[Mapping[str, str]]:
    """The surroundings of each copy of the model; copies share nothing but the queue of requests."""
    if device == "cpu":
        kept = {} if shape.memory else {"VLLM_CPU_KVCACHE_SPACE": f"{_kept(built)}", **_said("VLLM_CPU_KVCACHE_SPACE")}
        return [kept] * shape.data_parallel
    if ":" in device:
        return [{"CUDA_VISIBLE_DEVICES": _gpus()[int(device.partition(":")[2])]}]
    each, gpus = shape.tensor_parallel * shape.pipeline_parallel, _gpus()
    return [
        {"CUDA_VISIBLE_DEVICES": ",".join(gpus[first : first + each])}
        for first in range(0, each * shape.data_parallel, each)
    ]


def _gpus() -> list[str]:
    """The GPUs that may be used, by the names that CUDA_VISIBLE_DEVICES takes."""
    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return named.split(",") if named else [str(number) for number in range(torch.cuda.device_count())]


def _kept(built: Any) -> int:
    """GiB that hold what is read of some prompts, or of one as long as the model reads."""
    text = built.get_text_config()
    heads = int(getattr(text, "num_attention_heads", 0) or 1)
    width = int(getattr(text, "head_dim", 0) or 0) or int(text.hidden_size) // heads
    shared = int(getattr(text, "num_key_value_heads", 0) or heads)
    tokens = max(KEPT_TOKENS, int(getattr(text, "max_position_embeddings", 0) or 0))
    size = 2 * int(text.num_hidden_layers) * shared * width * NUMBER_BYTES * tokens
    return min(KEPT_AT_MOST, max(KEPT_AT_LEAST, math.ceil(size / (1 << 30))))


def _said(name: str) -> dict[str, str]:
    """What the user's own surroundings say stands before ours."""
    return {name: os.environ[name]} if name in os.environ else {}
