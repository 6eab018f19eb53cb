"""What is installed, what hardware is seen, what a run would use of it and why, and what is missing."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from medeval.cells import own_version
from medeval.engines.vllm.arguments import for_cpus, installed, unusable
from medeval.engines.vllm.places import KEPT_AT_LEAST, KEPT_AT_MOST
from medeval.openings import Means, chosen, folder_of
from medeval.protocols import HOUSE, said
from medeval.records import Kind, Record, Setting

OWN = "medeval-harness"
LIBRARIES = {
    "torch": "runs weights", "transformers": "runs weights",
    "huggingface_hub": "fetches data and models", "lm-eval": "for comparison",
}  # fmt: skip
GIB = 1 << 30


class Finding(Record, frozen=True, kw_only=True):
    """One thing that was looked at."""

    about: str
    found: str
    advice: str = ""


def findings(model: str = "", kind: Kind | None = None, *, offline: bool = False, code: str = "") -> Iterator[Finding]:
    """Look at this machine, and at a model if one is named."""
    yield Finding(about="medeval", found=f"{own_version()} in {Path(__file__).parent}")
    yield from shadows()
    yield Finding(about="Python", found=f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name, purpose in LIBRARIES.items():
        yield _library(name, purpose)
    yield _processor()
    gpus = _gpus()
    yield from gpus
    seen = any(gpu.found != "none" for gpu in gpus)
    yield _vllm(gpus, seen=seen)
    yield _engine(seen=seen)
    yield _data(offline=offline)
    if model:
        yield from _model(model, kind, offline=offline, code=code)


def shadows(distributions: Sequence[str] | None = None) -> Iterator[Finding]:
    """Tell of other packages that own the import name `medeval`, as one of the package index does."""
    known = packages_distributions().get("medeval", []) if distributions is None else distributions
    others = sorted({*known} - {OWN})
    if others:
        yield Finding(
            about="name", found=f"the import name 'medeval' also belongs to {', '.join(others)}",
            advice=f"pip uninstall {' '.join(others)}, and install {OWN} again",
        )  # fmt: skip
    here = Path.cwd() / "medeval"
    if here.is_dir() and here.resolve() != Path(__file__).resolve().parent:
        yield Finding(
            about="name", found=f"{here} would be taken for medeval by 'python -m medeval'",
            advice="start from another folder, or use the command 'medeval'",
        )  # fmt: skip


def _library(name: str, purpose: str) -> Finding:
    try:
        return Finding(about=name, found=version(name))
    except PackageNotFoundError:
        extra = {"torch": "hf", "transformers": "hf", "lm-eval": "bench"}.get(name)
        advice = f"pip install '{OWN}[{extra}]'" if extra else ""
        return Finding(about=name, found=f"not installed ({purpose})", advice=advice)


def _processor() -> Finding:
    try:
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.0f} GiB of memory"
    except (ValueError, OSError):
        memory = ""
    return Finding(about="CPU", found=f"{os.cpu_count()} cores{memory}")


def _gpus() -> list[Finding]:
    """Ask torch, since that is what will be used; and where there is no torch, the driver."""
    driver = _driver()
    try:
        import torch
    except ImportError:
        return [
            Finding(
                about="GPU", found=", ".join(driver) or "none", advice="torch is needed to use it" if driver else ""
            )
        ]
    if torch.cuda.is_available():
        cards = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
        return [Finding(about="GPU", found=f"{card.name}, {card.total_memory / GIB:.0f} GiB") for card in cards]
    if driver:
        advice = f"torch {torch.__version__} does not see it: install the build of torch for its driver"
        return [Finding(about="GPU", found="none", advice=f"{', '.join(driver)} is there, but {advice}")]
    return [Finding(about="GPU", found="none")]


def _driver() -> list[str]:
    command = shutil.which("nvidia-smi")
    if not command:
        return []
    try:
        done = subprocess.run(  # noqa: S603  the driver's own command, and no word of anyone else's
            [command, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.strip().splitlines() if done.returncode == 0 else []


def _vllm(gpus: Sequence[Finding], *, seen: bool) -> Finding:
    """What vLLM would do here, or why it cannot."""
    if why := unusable("", gpu=seen):
        advice = (
            f"pip install '{OWN}[vllm]' for NVIDIA GPUs; the README has the way for CPUs" if not installed() else ""
        )
        return Finding(about="vLLM", found=f"not usable: {why}", advice=advice)
    if for_cpus(installed()):
        found = f"on the CPU in float32, and {KEPT_AT_LEAST} to {KEPT_AT_MOST} GiB for what it has read, by the model"
    else:
        cards = "; ".join(gpu.found for gpu in gpus)
        found = f"on {cards}, in bfloat16; it takes about nine tenths of that memory, unless --memory says otherwise"
    return Finding(about="vLLM", found=f"{installed()}: {found}")


def _engine(*, seen: bool) -> Finding:
    try:
        version("torch"), version("transformers")
    except PackageNotFoundError:
        return Finding(
            about="engine", found="none for weights: only baselines, recordings and servers",
            advice=f"pip install '{OWN}[hf]'; without a GPU add -c constraints/cpu.txt",
        )  # fmt: skip
    choice = chosen("", Means())
    if choice.engine == "vllm":
        return Finding(about="engine", found=f"vllm, because {choice.why}")
    where = "the GPU in bfloat16" if seen else "the CPU in float32, because no GPU is seen"
    return Finding(about="engine", found=f"hf: weights run through transformers, on {where}; {choice.why}")


def _data(*, offline: bool) -> Finding:
    folder = os.environ.get("MEDEVAL_DATA", "")
    if folder:
        there = "" if folder == "sample" or Path(folder).is_dir() else ", which is not there"
        return Finding(about="data", found=f"MEDEVAL_DATA names {folder}{there}")
    how = "from caches only (--offline)" if offline else "from caches, and what is missing from the network"
    return Finding(about="data", found=f"no folder named by MEDEVAL_DATA: {how}")


def _model(model: str, kind: Kind | None, *, offline: bool, code: str) -> Iterator[Finding]:
    """What a model is taken for, and how it would be asked."""
    from medeval.engines.weights import opened

    means = Means(offline=offline, code=code)
    weights = opened(folder_of(model.removeprefix("hf:").removeprefix("vllm:"), means), kind=kind, code=code)
    found = weights.nature
    assert found.kind is not None  # noqa: S101  else it was refused
    manner = HOUSE[found.kind]
    plain = Setting(style=manner.style, chat=manner.chat, thinking=manner.thinking, decoding=manner.decoding)
    yield Finding(
        about="model", found=f"{weights.folder}: {found.kind}, because {'--kind says so' if kind else found.why}"
    )
    yield Finding(about="asked", found=f"{said(plain)}, unless a task or an option says otherwise")
