"""The engine that a name stands for: weights, a baseline, a recording, or a file of predictions."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from medeval import reports
from medeval.engines.base import Engine
from medeval.engines.baseline import RULES, Baseline
from medeval.engines.recorded import Predictions, Recorded
from medeval.errors import RequestError
from medeval.journal import Journal, Line
from medeval.records import Kind, Record, Setting
from medeval.sources import model_folder, read_predictions


class Means(Record, frozen=True, kw_only=True):
    """What was said about how a model is run; nothing of it changes how it is asked."""

    offline: bool = False
    dtype: str = ""
    device: str = ""
    verify: bool = False
    """Hash the weights themselves, not only their headers and sizes."""
    code: str = ""
    """A pin that allows Python code which comes with a model."""


def engine_for(model: str, means: Means, kind_said: Kind | None, seed: int) -> Engine:
    """Make the engine that a name stands for; of weights nothing is loaded before something is asked."""
    kind, _, rest = model.partition(":")
    if kind == "baseline":
        return Baseline(rest, seed)
    if kind == "recorded":
        return _recorded(Path(rest).parent if Path(rest).name == reports.JOURNAL else Path(rest))
    from medeval.engines.hf import HF
    from medeval.engines.weights import opened

    folder = folder_of(rest if kind == "hf" else model, means)
    weights = opened(folder, kind=kind_said, code=means.code, verify=means.verify)
    return HF(weights, dtype=means.dtype, device=means.device)


def folder_of(name: str, means: Means) -> Path:
    """Find a model's folder: a path, or a repository of the hub, fetched if it has to be."""
    if not name or Path(name).exists() or not re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", name):
        if not name or not Path(name).is_dir():
            others = ", ".join(f"baseline:{rule}" for rule in RULES)
            raise RequestError(
                f"Model {name!r}: no such folder. Name a folder of weights, org/name of the hub, {others}, "
                "recorded:FOLDER or recorded:FILE."
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
