"""Weights through transformers, and what may go wrong with them, each fault in one sentence."""

from typing import Any

from medeval.engines.pretrained.known import lightly, line
from medeval.engines.weights import Weights
from medeval.errors import RequestError


def model(weights: Weights, built: Any, numbers: str, where: str) -> Any:
    """Load the weights, and insist that every one the architecture has was in the files."""
    import torch

    with lightly():
        from transformers import AutoModelForCausalLM

    folder = weights.folder
    try:
        loaded, told = AutoModelForCausalLM.from_pretrained(
            folder, config=built, dtype=getattr(torch, numbers), use_safetensors=True,
            local_files_only=True, trust_remote_code=weights.code, output_loading_info=True,
            ignore_mismatched_sizes=True,  # told below, by their names
        )  # fmt: skip
    except Exception as error:
        raise RequestError(f"{folder}: the weights cannot be loaded ({line(error)}).") from error
    for what in ("missing", "mismatched"):
        # Transformers would draw them at random and go on.
        if names := sorted(str(each) for each in told.get(f"{what}_keys") or ()):
            raise RequestError(
                f"{folder}: {len(names)} tensors are {what}, the first is {names[0]}. "
                "The files are not those of this architecture."
            )
    try:
        return loaded.to(where).eval()
    except Exception as error:
        raise RequestError(f"{folder}: the model does not fit on {where} ({line(error)}).") from error


def out_of_memory(error: Exception) -> bool:
    """Tell whether a fault is one of memory, and give back what can be given back."""
    import torch

    if not (isinstance(error, torch.OutOfMemoryError | MemoryError) or "not enough memory" in str(error)):
        return False
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return True
