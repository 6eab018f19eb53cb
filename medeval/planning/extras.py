"""Metrics that are asked for by name, beside those of a task."""

from collections.abc import Sequence
from hashlib import sha256

from msgspec.structs import replace

from medeval import interop
from medeval.catalog import Named
from medeval.errors import RequestError
from medeval.metrics import TEXT, Metric
from medeval.metrics.bertscore import bertscore
from medeval.openings import Means
from medeval.records import OpenSample
from medeval.sitting import Sitting

EVALUATE, BERTSCORE = "evaluate:", "bertscore:"


def with_extras(named: Named, wanted: Sequence[str], means: Means) -> Named:
    """Let a task tell more."""
    if not wanted:
        return named
    there = {metric.name: metric for metric in (*named.task.metrics, *named.task.also)}
    for metric in [metric for each in wanted for metric in _named(each, means)]:
        told = there.get(metric.name)
        if told is None:
            there[metric.name] = metric
        elif told.by != metric.by:
            # A module may be called as a metric of ours is, and two encoders give the same names.
            name = f"{metric.name}_{sha256(metric.by.encode()).hexdigest()[:6]}"
            there[name] = replace(metric, name=name)
    also = [metric for metric in there.values() if metric not in named.task.metrics]
    return replace(named, task=replace(named.task, also=tuple(also)))


def check_extras(sitting: Sitting, wanted: Sequence[str]) -> None:
    """Refuse metrics of texts where labels are picked."""
    of_texts = [each for each in wanted if not each.startswith(EVALUATE)]
    if of_texts and not isinstance(sitting.samples[0], OpenSample):
        raise RequestError(
            f"--metric {of_texts[0]}: it holds texts against references, and {sitting.name} has answers to pick. "
            "Name only tasks, or cells, that want texts."
        )


def _named(wanted: str, means: Means) -> tuple[Metric, ...]:
    if wanted.startswith(EVALUATE):
        return interop.metrics_of(wanted)
    if wanted.startswith(BERTSCORE):
        encoder, _, layer = wanted.removeprefix(BERTSCORE).partition("#")
        if layer and not layer.isdigit():
            raise RequestError(f"--metric {wanted}: {layer!r} is no layer. Say bertscore:ENCODER#NUMBER.")
        return bertscore(encoder, layer=int(layer or 0), device=means.device, offline=means.offline)
    found = tuple([metric for metric in TEXT if metric.name == wanted])
    if not found:
        names = ", ".join([metric.name for metric in TEXT])
        raise RequestError(
            f"--metric {wanted}: unknown. There are evaluate:PATH[#KEY], bertscore:ENCODER[#LAYER], and of texts: "
            f"{names}."
        )
    return found
