"""The engine that a name stands for: weights, a baseline, a recording, or a file of predictions."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypedDict

from medeval import reports
from medeval.engines.base import Engine
from medeval.engines.baseline import RULES, Baseline
from medeval.engines.recorded import Predictions, Recorded
from medeval.engines.vllm.places import Shape
from medeval.errors import RequestError, raise_all
from medeval.journal import Journal, Line
from medeval.records import Kind, Record, Setting
from medeval.sources import model_folder, read_predictions, read_shares


class Means(Shape, frozen=True, kw_only=True):
    """What was said about how a model is run; nothing of it changes how it is asked."""

    engine: Literal["auto", "vllm", "hf"] = "auto"
    offline: bool = False
    dtype: str = ""
    device: str = ""
    verify: bool = False
    """Hash the weights themselves, not only their headers and sizes."""
    code: str = ""
    """A pin that allows Python code which comes with a model."""
    key_from: str = ""
    """The environment variable that holds the key of a server."""
    at_once: int = 64
    """Requests that a server has before it at most."""
    timeout: float = 600.0
    """Seconds that a server may take over one request."""
    prices: tuple[float, ...] = ()
    """What a server takes for a million tokens, read and written."""


class Run(TypedDict, total=False):
    """Means by their names, for scripts."""

    engine: Literal["auto", "vllm", "hf"]
    offline: bool
    dtype: str
    device: str
    verify: bool
    code: str
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int
    memory: float
    max_length: int
    lora: str
    engine_args: tuple[str, ...]
    patience: float
    key_from: str
    at_once: int
    timeout: float
    prices: tuple[float, ...]


OF_VLLM = ("tensor_parallel", "pipeline_parallel", "data_parallel", "memory", "lora", "engine_args")
OF_SERVERS = ("key_from", "at_once", "timeout", "prices")


class Choice(Record, frozen=True, kw_only=True):
    """What runs a model, and why."""

    engine: str
    why: str = ""


def chosen(model: str | Engine, means: Means) -> Choice:
    """Choose what runs a model; the same questions are put to it in the same way, whatever that is."""
    if not isinstance(model, str):
        return Choice(engine=model.identity.engine)
    kind = model.partition(":")[0]
    if kind in ("baseline", "recorded", "http", "https"):
        return Choice(engine="http" if kind == "https" else kind)
    if kind in ("vllm", "hf"):
        return Choice(engine=kind, why="its name says so")
    if means.engine != "auto":
        return Choice(engine=means.engine, why="--engine says so")
    from medeval.engines.pretrained.known import gpu_seen
    from medeval.engines.vllm.arguments import installed, unusable

    if why := unusable(means.device, gpu=bool(installed()) and gpu_seen()):
        return Choice(engine="hf", why=why)
    return Choice(engine="vllm", why=f"vLLM {installed()} is installed")


def engine_for(model: str, means: Means, kind_said: Kind | None, seed: int) -> Engine:
    """Make the engine that a name stands for; of weights nothing is loaded before something is asked."""
    choice, (kind, _, rest) = chosen(model, means), model.partition(":")
    raise_all(list(_of_no_use(choice, means)))
    if kind == "baseline":
        return Baseline(rest, seed)
    if kind == "recorded":
        return _recorded(Path(rest).parent if Path(rest).name == reports.JOURNAL else Path(rest))
    if choice.engine == "http":
        from medeval.engines.http import HTTP, parted

        address, name = parted(model, means.key_from, offline=means.offline)
        return HTTP(
            address, name, key_from=means.key_from, kind=kind_said, at_once=means.at_once, timeout=means.timeout,
            max_length=means.max_length,
        )  # fmt: skip
    from medeval.engines.weights import opened

    folder = folder_of(rest if kind in ("hf", "vllm") else model, means)
    weights = opened(folder, kind=kind_said, code=means.code, verify=means.verify)
    if choice.engine == "vllm":
        from medeval.engines.vllm import VLLM

        return VLLM(weights, dtype=means.dtype, device=means.device, shape=means)
    from medeval.engines.hf import HF

    return HF(weights, dtype=means.dtype, device=means.device, max_length=means.max_length)


def _of_no_use(choice: Choice, means: Means) -> Iterator[RequestError]:
    """What was said for another engine than the one that is taken."""
    plain = Means()
    theirs = {"vllm": OF_SERVERS, "http": OF_VLLM}.get(choice.engine, (*OF_VLLM, *OF_SERVERS))
    for name in [name for name in theirs if getattr(means, name) != getattr(plain, name)]:
        option = "--" + {"engine_args": "engine-arg", "at_once": "concurrency", "prices": "price"}.get(
            name, name.replace("_", "-")
        )
        needs = "a server" if name in OF_SERVERS else "vLLM"
        because = f" ({choice.why})" if choice.why else ""
        yield RequestError(
            f"{option} is for {needs}, and this model is run by {choice.engine}{because}. Leave it away."
        )


def folder_of(name: str, means: Means) -> Path:
    """Find a model's folder: a path, or a repository of the hub, fetched if it has to be."""
    if not name or Path(name).exists() or not re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", name):
        if not name or not Path(name).is_dir():
            others = ", ".join(f"baseline:{rule}" for rule in RULES)
            raise RequestError(
                f"Model {name!r}: no such folder. Name a folder of weights, org/name of the hub, {others}, "
                "recorded:FOLDER, recorded:FILE, or http://HOST:PORT/v1#NAME."
            )
        return Path(name)
    repo, _, revision = name.partition("@")
    try:
        return model_folder(repo, revision, offline=means.offline, code=bool(means.code))
    except RequestError as error:
        raise RequestError(f"{name}: no such folder here, and of the hub: {error.faults[0]}") from error


def told(model: str | Engine) -> Path | None:
    """The file of predictions that `recorded:FILE` names; a journal is none."""
    file = Path(model.removeprefix("recorded:")) if isinstance(model, str) and model.startswith("recorded:") else None
    return file if file and file.is_file() and file.name != reports.JOURNAL else None


def predictions_engine(path: Path, ids: Sequence[str], field: str = "", *, by_order: bool = False) -> Predictions:
    """Make an engine of a file of texts; it answers the samples of one task."""
    found = read_predictions(path, ids, field, by_order=by_order)
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Predictions(found.texts, model=f"{path.name}:{found.field}", content=content)


def shares_engine(
    path: Path, labels: Mapping[str, tuple[str, ...]], field: str, *, by_order: bool = False
) -> Predictions:
    """Make an engine of a file of probabilities of options."""
    shares = read_shares(path, labels, field, by_order=by_order)
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return Predictions(shares=shares, model=f"{path.name}:{field}", content=content)


def _recorded(path: Path) -> Recorded:
    lines: list[tuple[str, Line]] = []
    identities = []
    settings: dict[str, Setting] = {}
    for folder in reports.cells(path):
        manifest = reports.read(folder / reports.MANIFEST, reports.Manifest)
        if manifest is None:
            continue  # a group
        if manifest.setting.elsewhere:
            raise RequestError(f"recorded:{path}: holds texts made elsewhere, which answer no prompt of ours.")
        journal = Journal(folder / reports.JOURNAL, writable=False)
        lines += [(manifest.task, line) for line in journal.lines()]
        journal.close()
        identities.append(manifest.engines["model"])
        settings.setdefault(manifest.task, manifest.setting)
    if not identities:
        raise RequestError(f"recorded:{path}: no recorded run there. Name an entry's folder, or one of its cells.")
    return Recorded(identities[0], lines, settings)
