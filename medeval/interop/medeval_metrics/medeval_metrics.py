"""Metrics of medeval as a module of Hugging Face's `evaluate`, each with its interval.

    evaluate.load(FOLDER, "rouge1").compute(predictions=[…], references=[…], language="zh")

`evaluate` runs a copy of this file from its cache: it stands on medeval from outside, as a user's script does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import datasets
import evaluate

from medeval.metrics import accuracy, macro_f1
from medeval.metrics.base import Metric
from medeval.metrics.text import TEXT
from medeval.records import (
    Answer,
    ChoiceSample,
    Decoding,
    Exchange,
    Message,
    OpenSample,
    Option,
    Request,
    Response,
    Sample,
    Walk,
)
from medeval.scoring.gathering import gathered

TEXTS = {metric.name: metric for metric in TEXT}
LABELS = ("accuracy", "macro_f1")
SAID = """
Args:
    predictions: a text for each sample, or a label.
    references: the text or texts that would be good, or the right label. What is never right is no label of macro_f1.
    language: "en" or "zh", which says how texts are cut into words.
    seed: of the draws for intervals.
Returns:
    The value of the metric by its name; `low` and `high`, the limits of its 95 % interval; `n`, the samples it is of.
    Where no metric was named, those of all metrics for texts, as in `rouge1`, `rouge1_low`, `rouge1_high`, `rouge1_n`.
"""


class MedevalMetrics(evaluate.Metric):  # type: ignore[misc]  # evaluate tells no types
    """The metric of medeval that the configuration names, or all that are for texts."""

    def _info(self) -> Any:
        named = self.config_name
        if named not in ("default", *TEXTS, *LABELS):
            raise ValueError(f"medeval has no metric {named!r} for texts or labels: {', '.join([*TEXTS, *LABELS])}.")
        text = datasets.Value("string")
        forms: list[dict[str, Any]] = [{"predictions": text, "references": text}]
        if named not in LABELS:
            forms.append({"predictions": text, "references": datasets.Sequence(text)})
        return evaluate.MetricInfo(
            description=TEXTS[named].about if named in TEXTS else "Metrics of medeval.", citation="",
            inputs_description=SAID, features=[datasets.Features(form) for form in forms],
        )  # fmt: skip

    def _compute(
        self, predictions: Sequence[str], references: Sequence[Any], language: str = "en", seed: int = 0
    ) -> dict[str, float | None]:
        if language not in ("en", "zh"):
            raise ValueError(f"There is no language {language!r} here, but 'en' and 'zh'.")
        if self.config_name in LABELS:
            made = [*_labelled(predictions, references)]
            metrics = [accuracy if self.config_name == "accuracy" else macro_f1(*sorted({*references}))]
        else:
            made = [*_written(predictions, references, language)]
            metrics = [*TEXTS.values()] if self.config_name == "default" else [TEXTS[self.config_name]]
        return {
            key if self.config_name == "default" or key == metric.name else key.removeprefix(f"{metric.name}_"): value
            for metric in metrics
            for key, value in _estimate(metric, made, seed).items()
        }


def _estimate(metric: Metric, made: Sequence[tuple[Sample, Walk]], seed: int) -> dict[str, float | None]:
    """Mark and gather as a run does; no value where no sample has a part."""
    marks = [(metric.mark(sample, walk), sample) for sample, walk in made]
    marked = [(mark, sample) for mark, sample in marks if mark is not None]
    value = low = high = None
    if marked:
        ((value, (low, high, _), _),) = gathered([metric], marked, seed)
    name = metric.name
    return {name: value, f"{name}_low": low, f"{name}_high": high, f"{name}_n": len(marked)}


def _written(predictions: Sequence[str], references: Sequence[Any], language: str) -> Iterator[tuple[Sample, Walk]]:
    asked = (Message(role="user", content=""),)
    for number, (text, right) in enumerate(zip(predictions, references, strict=True)):
        texts = (right,) if isinstance(right, str) else tuple(right)
        yield OpenSample(id=str(number), messages=asked, references=texts, language=language), _walk(text)  # type: ignore[arg-type]


def _labelled(predictions: Sequence[str], references: Sequence[str]) -> Iterator[tuple[Sample, Walk]]:
    options = tuple([Option(label=label, text=label) for label in sorted({*references})])
    for number, (label, right) in enumerate(zip(predictions, references, strict=True)):
        yield ChoiceSample(id=str(number), question="", options=options, target=(right,)), _walk(label, label)


def _walk(text: str, *picked: str) -> Walk:
    request = Request(text="", decoding=Decoding())
    return Walk(
        exchanges=(Exchange(request=request, asked="", reply=Response(text=text)),), answer=Answer(picked=picked)
    )
