"""BERTScore: every token of a text and of a reference, matched with the likest of the other by an encoder's vectors.

Zhang and others, ICLR 2020; equal to bert_score 0.3.13 without weights of rarity and without a baseline taken off.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medeval.metrics.base import Mark, Metric
from medeval.metrics.encoder import Encoder, Loaded, loaded, opened
from medeval.records import OpenSample, Walk

ABOUT = {
    "precision": "How near the tokens of a text are to those of a reference",
    "recall": "How near the tokens of a reference are to those of a text",
    "f1": "Harmonic mean of BERTScore's precision and recall",
}
HELD = 65_536
"""Tokens whose vectors are held at once: 268 MB of an encoder of 1,024 numbers a token."""
Pair = tuple[str, str]
Three = tuple[float, ...]


def bertscore(
    encoder: str, *, layer: int = 0, device: str = "", batch: int = 64, offline: bool = False
) -> tuple[Metric, ...]:
    """BERTScore by an encoder: a folder of safetensors, or a name on the hub.

    Layer 0: the one that bert_score takes for this encoder, or the last. Empty device: the GPU, if torch sees one.
    """
    found = opened(encoder, layer, offline=offline)

    # A function of its own for each encoder: metrics that share one are settled by one.
    def bertscored(sample: OpenSample, walk: Walk) -> Mark:
        """The texts; what they are worth is settled for all samples at once."""
        return (walk.text, *sample.references) if sample.references else None

    def settle(taken: Sequence[Sequence[str]]) -> list[Three]:
        return scored(found, taken, device, batch)

    return tuple([
        Metric(
            name=f"bertscore_{name}", version=1, mark=bertscored, settle=settle, part=part, voted=False, by=found.said,
            about=f"{what}; of several references, the best. An empty text is 0.",
        )
        for part, (name, what) in enumerate(ABOUT.items())
    ])  # fmt: skip


def scored(encoder: Encoder, taken: Sequence[Sequence[str]], device: str, batch: int) -> list[Three]:
    """Precision, recall and F1 of every text against its references; the best for each of the three."""
    pairs = dict.fromkeys([(text, reference) for text, *references in taken for reference in references])
    known = dict(_matched(loaded(encoder, device), pairs, batch))
    return [
        tuple(map(max, zip(*[known[text, reference] for reference in references], strict=True)))
        for text, *references in taken
    ]


def _matched(encoder: Loaded, pairs: Mapping[Pair, None], batch: int) -> Iterator[tuple[Pair, Three]]:
    """Match all pairs, a part of them at a time; a text that several pairs of a part share is encoded once."""
    texts = sorted({text for pair in pairs for text in pair})
    tokens = dict(zip(texts, encoder.tokens(texts), strict=True)) if texts else {}
    for part in _parts(pairs, tokens):
        wanted = sorted({text for pair in part for text in pair}, key=lambda text: (len(tokens[text]), text))
        vectors = dict(zip(wanted, encoder.vectors([tokens[text] for text in wanted], batch), strict=True))
        counts = {text: encoder.counts(tokens[text]) for text in wanted}
        for said, right in part:
            if any(counts[said]) and any(counts[right]):
                yield (said, right), _match(vectors[said], counts[said], vectors[right], counts[right])
            else:
                yield (said, right), (0.0, 0.0, 0.0)


def _parts(pairs: Mapping[Pair, None], tokens: Mapping[str, Sequence[int]]) -> Iterator[list[Pair]]:
    """Pairs that hold a bounded number of tokens together, those of one reference and of like length side by side."""
    part: list[Pair] = []
    size = 0
    for pair in sorted(pairs, key=lambda pair: (len(tokens[pair[1]]), pair[1], len(tokens[pair[0]]), pair[0])):
        more = len(tokens[pair[0]]) + len(tokens[pair[1]])
        if part and size + more > HELD:
            yield part
            part, size = [], 0
        part.append(pair)
        size += more
    if part:
        yield part


def _match(said: Any, said_counts: Sequence[bool], right: Any, right_counts: Sequence[bool]) -> Three:
    """Match every token that counts with the likest of all, those of class and separation among them."""
    likeness = said @ right.T
    precision = float(likeness.amax(dim=1)[said_counts].mean())
    recall = float(likeness.amax(dim=0)[right_counts].mean())
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0
