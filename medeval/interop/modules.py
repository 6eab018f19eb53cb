"""Metric modules of Hugging Face's `evaluate` as metrics of ours; and where ours lie as a module of theirs.

`evaluate:PATH` names every number that a local module computes, `evaluate:PATH#KEY` one of them. A module is code, and
runs because a user names it.
"""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from medeval.errors import RequestError, TaskError
from medeval.interop.seclusion import secluded
from medeval.metrics.base import Gather, Mark, Metric
from medeval.records import ChoiceSample, OpenSample, Sample, Walk

PREFIX = "evaluate:"
DRAWS = 100
"""A module may take seconds for all samples, and a draw is as dear as they."""
UNREAD = -1
"""The place of an answer that is none of the labels."""
TEXTS, NUMBERS = ("the patient is well today", "no pain was reported"), (0, 1)
"""Harmless predictions, each of which is its own reference."""


def modules_folder() -> Path:
    """The folder of our metrics as a module: `evaluate.load(str(modules_folder()), "rouge1")`."""
    return Path(__file__).parent / "medeval_metrics"


def metrics_of(named: str) -> tuple[Metric, ...]:
    """Every number that a module computes, or the one that is named, as a metric."""
    path, _, key = named.removeprefix(PREFIX).partition("#")
    module = Module(named, _script(named, path))
    if key and key not in module.keys:
        raise RequestError(f"{named}: it computes no {key!r}. There are {', '.join(module.keys)}.")
    stem, mark, gather = module.stem, _marking(module), _gathering(module)
    first = "" if module.takes.several or not module.takes.texts else " Of several references it is given the first."
    return tuple([
        Metric(
            name=re.sub(r"[^\w.+@]+", "_", stem if each == stem else f"{stem}_{each}"), version=1, mark=mark,
            about=f"{each} of {stem}, a module of evaluate's.{first}", gather=gather, part=part, draws=DRAWS,
            unit="plain", better="", defined=False, voted=False, by=module.by,
        )
        for part, each in enumerate(module.keys) if each == (key or each)
    ])  # fmt: skip


class Takes(NamedTuple):
    """What a module takes: texts or whole numbers, against one reference or a list of them."""

    texts: bool
    several: bool


class Module:
    """A loaded module: what it takes, and the numbers that it computes."""

    def __init__(self, named: str, script: Path) -> None:
        evaluate = _library(named)
        self.named, self.stem = named, script.stem
        with secluded(offline=True):
            with _told(f"{named}: evaluate cannot load it", RequestError):
                # In memory: a computation that fails then leaves no locked file behind.
                self._module: Any = evaluate.load(str(script), keep_in_memory=True)
            self.by = f"{script.stem} {self._module._hash[:12]}, evaluate {version('evaluate')}"  # noqa: SLF001
            self.takes = _takes(named, self._module.features)
            harmless = [(each, each) for each in (TEXTS if self.takes.texts else NUMBERS)]
            found = self.computed(harmless)
            self._plain = False
            if _is_plain(evaluate.EvaluationModule, self._module):
                with suppress(Exception):
                    self._plain = found == self._straight(harmless)
        self.keys = tuple(found)
        if not found:
            raise RequestError(f"{named}: there is no number in what it computes.")

    def computed(self, marks: Sequence[Any]) -> dict[str, float]:
        """Compute in the public way."""
        predictions, references = self._columns(marks)
        with secluded(offline=True), self._told(marks):
            return _numbers(self._module.compute(predictions=predictions, references=references))

    def drawn(self, marks: Sequence[Any]) -> dict[str, float]:
        """Compute the same for a draw: past Arrow, where that changes nothing; it would take most of the time."""
        if not self._plain:
            return self.computed(marks)
        with secluded(offline=True), self._told(marks):
            return self._straight(marks)

    def _straight(self, marks: Sequence[Any]) -> dict[str, float]:
        from datasets.utils.py_utils import temp_seed

        predictions, references = self._columns(marks)
        with temp_seed(self._module.seed):
            return _numbers(self._module._compute(predictions=predictions, references=references))  # noqa: SLF001

    def _columns(self, marks: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        references = [[*right] if self.takes.several else right[0] for _, *right in marks]
        return [mark[0] for mark in marks], references

    def _told(self, marks: Sequence[Any]) -> Any:
        return _told(f"{self.named}: it cannot compute {len(marks)} samples", TaskError)


def _library(named: str) -> Any:
    try:
        with secluded():
            import evaluate
    except ImportError as error:
        raise RequestError(
            f"{named}: modules of evaluate need the package evaluate, which cannot be imported ({error}). "
            "Install it with: pip install 'medeval-harness[interop]'."
        ) from error
    return evaluate


def _script(named: str, path: str) -> Path:
    """Find the file of a module; a name alone would be looked for on the hub."""
    place = Path(path).expanduser()
    if not path or not place.exists():
        raise RequestError(
            f"{named}: there is no such file or folder here, and no module is fetched from a network. "
            "Download the folder of the module, and name its path."
        )
    place = place.resolve()
    script = place / f"{place.name}.py" if place.is_dir() else place
    if script.suffix != ".py" or not script.is_file():
        raise RequestError(f"{named}: a module is a file NAME.py or a folder NAME with NAME.py in it.")
    return script


def _takes(named: str, features: Any) -> Takes:
    """What a module takes, by its features; of several forms the one with most references."""
    forms = features if isinstance(features, list) else [features]
    kinds = [
        (_kind(form["predictions"]), _kind(form["references"]))
        for form in forms if {*form} == {"predictions", "references"}
    ]  # fmt: skip
    for pair, takes in (
        (("text", "texts"), Takes(texts=True, several=True)),
        (("text", "text"), Takes(texts=True, several=False)),
        (("number", "number"), Takes(texts=False, several=False)),
    ):
        if pair in kinds:
            return takes
    said = " or ".join(str(dict(form)) for form in forms)
    raise RequestError(
        f"{named}: it takes {said}; it can only be given predictions and references, and texts or whole numbers."
    )


def _kind(feature: Any) -> str:
    """Name a feature: a text, texts, or a whole number."""
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    if inner is not None:
        return "texts" if _kind(inner) == "text" else ""
    dtype = str(getattr(feature, "dtype", ""))
    return "text" if dtype in ("string", "large_string") else "number" if re.fullmatch(r"u?int\d+", dtype) else ""


def _is_plain(base: type, module: Any) -> bool:
    """Whether Arrow gives back lists as it was given them, with no steps of the module's own on the way."""
    own = [getattr(type(module), name) is not getattr(base, name) for name in ("compute", "add_batch", "_finalize")]
    return module.format is None and not any(own)


def _numbers(found: Any) -> dict[str, float]:
    """The numbers of a result; lists, texts and truths are none."""
    numbers: dict[str, float] = {}
    for key, value in found.items() if isinstance(found, dict) else ():
        plain = value.item() if getattr(value, "ndim", 1) == 0 else value
        if isinstance(plain, int | float) and not isinstance(plain, bool):
            numbers[str(key)] = float(plain)
    return numbers


def _marking(module: Module) -> Any:
    """Make a mark of a prediction and what is right."""

    def mark(sample: Sample, walk: Walk) -> Mark:
        if isinstance(sample, OpenSample) and module.takes.texts:
            return (walk.text, *sample.references) if sample.references else None
        if not isinstance(sample, ChoiceSample):
            what = "texts" if module.takes.texts else "whole numbers"
            raise TaskError(f"{module.named}: it takes {what}, and sample {sample.id!r} has none to compare.")
        picked, target = sorted(walk.answer.picked), sorted(sample.target)
        if module.takes.texts:
            return ",".join(picked), ",".join(target)
        places = {label: place for place, label in enumerate(sample.labels)}
        if len(target) != 1:
            return None
        return places.get(picked[0], UNREAD) if len(picked) == 1 else UNREAD, places[target[0]]

    mark.__name__ = module.stem  # marks are kept under it
    return mark


def _gathering(module: Module) -> Gather:
    """Gather all numbers at once; samples that count twice are given twice."""

    def gather(marks: Any, weights: Any) -> Any:
        import numpy as np

        rows = np.reshape(weights, (-1, weights.shape[-1]))
        values = [_values(module, marks.tolist(), row) for row in rows]
        return np.reshape(values, (*weights.shape[:-1], len(module.keys)))

    return gather


def _values(module: Module, marks: Sequence[Any], times: Any) -> list[float]:
    if (times == 1).all():
        found = module.computed(marks)
    else:
        try:
            found = module.drawn([mark for mark, count in zip(marks, times, strict=True) for _ in range(int(count))])
        except TaskError:
            found = {}  # a draw may hold less than the module needs
    return [found.get(key, math.nan) for key in module.keys]


@contextmanager
def _told(what: str, kind: type[RequestError]) -> Iterator[None]:
    """Tell whatever a module raises in one sentence."""
    try:
        yield
    except (Exception, SystemExit) as error:
        line = " ".join(str(error).split())[:300]
        raise kind(f"{what} ({type(error).__name__}: {line}).") from error
