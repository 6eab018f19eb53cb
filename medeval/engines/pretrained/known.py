"""What transformers and torch have to say of a folder before any weight is loaded, each fault in one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from medeval.engines.weights import Weights
from medeval.errors import RequestError

DTYPES = ("bfloat16", "float16", "float32")
DEVICES = ("cpu", "cuda")
SHORT_CONTEXT = 2048
"""For a configuration that says nothing of its context."""


def libraries(folder: Path) -> str:
    """Name the versions of the libraries, or tell how to get them."""
    try:
        return f"{version('transformers')}+torch-{version('torch').partition('+')[0]}"
    except PackageNotFoundError as error:
        raise RequestError(
            f"{folder}: weights need transformers and torch, which are not installed. "
            "Install them with: pip install 'medeval-harness[hf]'."
        ) from error


@contextmanager
def lightly() -> Iterator[None]:
    """Keep transformers from importing what it needs for nothing here: two seconds and 130 MB at every start."""
    absent = [name for name in ("sklearn", "scipy") if name not in sys.modules]
    for name in absent:
        vars(sys)["modules"][name] = None  # the way to say that it is not there
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def hush() -> None:
    """Import what reads small files of transformers; whatever matters is said by us, in one sentence."""
    with lightly():
        from transformers import AutoConfig, AutoTokenizer  # noqa: F401  brings the rest with it
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def gpu_seen() -> bool:
    """Whether torch sees a GPU."""
    import torch

    return bool(torch.cuda.is_available())


def device(wanted: str) -> str:
    """Choose where to compute: on the GPU that torch sees, or on the CPU."""
    there = gpu_seen()
    if not wanted:
        return "cuda" if there else "cpu"
    if wanted.partition(":")[0] not in DEVICES:
        raise RequestError(f"--device {wanted}: there are cpu, cuda and cuda:N.")
    if wanted.startswith("cuda") and not there:
        raise RequestError(f"--device {wanted}: torch sees no GPU here. 'medeval doctor' tells what is seen.")
    return wanted


def dtype(wanted: str, where: str) -> str:
    """Choose the numbers to compute with."""
    if wanted and wanted not in DTYPES:
        raise RequestError(f"--dtype {wanted}: there are {', '.join(DTYPES)}.")
    return wanted or ("bfloat16" if where.startswith("cuda") else "float32")


def config(weights: Weights) -> Any:
    """Read what the model is built like."""
    from transformers import AutoConfig
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    try:
        found = AutoConfig.from_pretrained(weights.folder, local_files_only=True, trust_remote_code=weights.code)
    except Exception as error:
        raise RequestError(f"{weights.folder}: transformers knows no such architecture ({line(error)}).") from error
    if not weights.code and found.model_type not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise RequestError(f"{weights.folder}: {found.model_type!r} is no architecture that writes text.")
    return found


def context(built: Any) -> int:
    """Tell how many tokens the model reads and writes together."""
    return int(getattr(built.get_text_config(), "max_position_embeddings", 0) or 0) or SHORT_CONTEXT


def tokenizer(weights: Weights) -> Any:
    """Load what cuts texts into tokens."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(
            weights.folder, local_files_only=True, trust_remote_code=weights.code, clean_up_tokenization_spaces=False
        )
    except Exception as error:
        raise RequestError(f"{weights.folder}: the tokenizer cannot be loaded ({line(error)}).") from error


def quantisation(built: Any) -> str:
    """Name the method by which the weights were made smaller."""
    said = getattr(built, "quantization_config", None)
    method = said.get("quant_method") if isinstance(said, dict) else getattr(said, "quant_method", "")
    return str(getattr(method, "value", method) or "")


def ends(folder: Path, built: Any, cutter: Any) -> list[int]:
    """The tokens that end a text: the model's own list, and the tokenizer's end."""
    from transformers import GenerationConfig

    said = None
    if (folder / "generation_config.json").is_file():
        said = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    said = built.get_text_config().eos_token_id if said is None else said
    said = said if isinstance(said, list) else [] if said is None else [said]
    also = [] if cutter.eos_token_id is None else [cutter.eos_token_id]
    return list(dict.fromkeys([*said, *also]))


def line(error: Exception) -> str:
    """Put what a library says into one line."""
    return " ".join(str(error).split())[:300]
