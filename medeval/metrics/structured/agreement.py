"""Metrics of what was found beside what should have been: precision, recall and F1 of sets."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from medeval.metrics.base import Gather, Metric
from medeval.metrics.structured import phrases
from medeval.metrics.structured.entities import read_mentions
from medeval.metrics.structured.lists import read_list
from medeval.metrics.structured.relations import read_triples
from medeval.records import OpenSample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

Pairs = Callable[[OpenSample], Collection[tuple[str, str]]]
Threes = Callable[[OpenSample], Collection[tuple[str, str, str]]]
Words = Callable[[OpenSample], Sequence[str]]
ABOUT = (
    ("precision", "Share of {what} found that are right."),
    ("recall", "Share of {what} to be found that were."),
    ("f1", "F1 of all {what} together; each counts once a sample, and nothing read is nothing found."),
)


def of_entities(*types: str, gold: Pairs | None = None) -> tuple[Metric, ...]:
    """Strict figures of typed mentions, over all and of each type.

    `gold` gives pairs of a type and a mention; without it they are read from the first reference, as from a reply.
    """

    def mark(sample: OpenSample, walk: Walk) -> tuple[float, ...]:
        found, right = read_mentions(walk.text, types).found, wanted(sample)
        return tuple([count for kind in types for count in _counts(_of(kind, found), _of(kind, right))])

    def wanted(sample: OpenSample) -> Collection[tuple[str, str]]:
        if gold is None:
            return read_mentions(sample.references[0], types).found
        return {(kind, phrases.same(mention)) for kind, mention in gold(sample)}

    more = (
        ("macro_f1", f"Plain mean of the F1 of {', '.join(types)}; of one that is neither there nor found, 0."),
        *((f"f1_{kind}", f"F1 of {kind}.") for kind in types),
    )
    return _metrics("mentions", mark, _by_type(len(types)), more)


def of_relations(gold: Threes | None = None) -> tuple[Metric, ...]:
    """Strict figures of triples.

    `gold` gives relation, head and tail; without it they are read from the first reference, as from a reply.
    """

    def mark(sample: OpenSample, walk: Walk) -> tuple[float, ...]:
        if gold is None:
            right: Collection[tuple[str, ...]] = read_triples(sample.references[0]).found
        else:
            right = {tuple([phrases.same(part) for part in triple]) for triple in gold(sample)}
        return _counts(read_triples(walk.text).found, right)

    return _metrics("triples", mark, _figures, ())


def of_lists(gold: Words | None = None) -> tuple[Metric, ...]:
    """Figures of listed items; without `gold`, every reference is one."""

    def mark(sample: OpenSample, walk: Walk) -> tuple[float, ...]:
        right = {phrases.same(item) for item in (sample.references if gold is None else gold(sample))}
        hits, extra, missed = _counts({phrases.same(item) for item in read_list(walk.text).found}, right)
        both = 2 * hits + extra + missed
        return hits, extra, missed, 2 * hits / both if both else 1.0

    about = "Mean of the F1 of each sample; where there is nothing to list and nothing is listed, 1."
    return _metrics("items", mark, _with_mean, (("mean_f1", about),))


def _of(kind: str, mentions: Collection[tuple[str, str]]) -> list[str]:
    return [mention for each, mention in mentions if each == kind]


def _counts(found: Collection[object], right: Collection[object]) -> tuple[float, float, float]:
    """How many were right, how many too many, and how many missing."""
    hits = len(set(found) & set(right))
    return float(hits), float(len(found) - hits), float(len(right) - hits)


def _metrics(
    what: str,
    mark: Callable[[OpenSample, Walk], tuple[float, ...]],
    gather: Gather,
    more: tuple[tuple[str, str], ...],
) -> tuple[Metric, ...]:
    return tuple([
        Metric(name=name, about=about.format(what=what), version=1, mark=mark, gather=gather, part=part)
        for part, (name, about) in enumerate((*ABOUT, *more))
    ])  # fmt: skip


def _figures(marks: "Floats", weights: "Floats") -> "Floats":
    """Precision, recall and F1 (…, 3) of marks (m, 3); 0 where there is nothing to divide."""
    return _of_counts(weights @ marks)


def _with_mean(marks: "Floats", weights: "Floats") -> "Floats":
    import numpy as np

    mean = weights @ marks[:, 3] / weights.sum(axis=-1)
    return np.concatenate([_figures(marks[:, :3], weights), mean[..., None]], axis=-1)


def _by_type(types: int) -> Gather:
    def gather(marks: "Floats", weights: "Floats") -> "Floats":
        """Three figures of all, the mean of the F1 of types, and those themselves."""
        import numpy as np

        counts = (weights @ marks).reshape(*weights.shape[:-1], types, 3)
        each = _of_counts(counts)[..., 2]
        return np.concatenate([_of_counts(counts.sum(axis=-2)), each.mean(axis=-1, keepdims=True), each], axis=-1)

    return gather


def _of_counts(counts: "Floats") -> "Floats":
    import numpy as np

    hits, extra, missed = counts[..., 0], counts[..., 1], counts[..., 2]
    over = np.stack([hits + extra, hits + missed, hits + (extra + missed) / 2], axis=-1)
    shares: Floats = np.divide(hits[..., None], over, out=np.zeros(over.shape), where=over > 0)
    return shares
