"""BLEU and GLEU: runs of up to four words that a text shares with its references."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import grams
from medeval.records import Language, OpenSample, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

ORDERS = 4
Grams = tuple[Counter[tuple[str, ...]], ...]
"""Runs of one word, of two, and so on, with how often each is there."""
TOKENS = "on the words of sacrebleu's tokenizer 13a, in Chinese zh"


def shared(sample: OpenSample, walk: Walk) -> Mark:
    """Lengths of the text and of the closest reference, runs shared and runs in all, GLEU's two sums, sentence BLEU."""
    if not sample.references:
        return None
    said = grams_of(walk.text, sample.language)
    right = [grams_of(text, sample.language) for text in sample.references]
    length = _sizes(said)[0]
    closest = min([_sizes(each)[0] for each in right], key=lambda size: (abs(size - length), size))
    hits = _hits(said, _most(right))
    return (
        length, closest, *hits, *_sizes(said), *_gleu(said, right), _of_sentence(hits, _sizes(said), length, closest)
    )  # fmt: skip


@lru_cache(maxsize=64)
def grams_of(text: str, language: Language) -> Grams:
    """The runs of a text's words, as sacrebleu parts them."""
    words = tokenizer(language)(text.rstrip()).split()
    return tuple([Counter(grams(words, size)) for size in range(1, ORDERS + 1)])


@lru_cache
def tokenizer(language: Language) -> Callable[[str], str]:
    """Sacrebleu's tokenizer of a language: a text with one space between words."""
    import sacrebleu

    parted: Callable[[str], str] = sacrebleu.BLEU(tokenize={"en": "13a", "zh": "zh"}[language]).tokenizer
    return parted


def _most(several: list[Grams]) -> Grams:
    """Each run as often as the reference has it that has it most often."""
    most, *others = several
    for each in others:
        most = tuple([ours | theirs for ours, theirs in zip(most, each, strict=True)])
    return most


def _hits(said: Grams, right: Grams) -> list[int]:
    return [
        sum([min(times, wanted[run]) for run, times in runs.items() if run in wanted])
        for runs, wanted in zip(said, right, strict=True)
    ]


def _sizes(several: Grams) -> list[int]:
    return [sum(runs.values()) for runs in several]


def _gleu(said: Grams, right: list[Grams]) -> tuple[int, int]:
    """Runs shared, and runs in the longer of both, with the reference where that is the greatest share."""
    size = sum(_sizes(said))
    pairs = [(sum(_hits(said, each)), max(size, sum(_sizes(each)))) for each in right]
    return max([pair for pair in pairs if pair[1]], key=lambda pair: pair[0] / pair[1], default=(0, 0))


def _of_sentence(hits: list[int], sizes: list[int], length: int, closest: int) -> float:
    import sacrebleu

    found = sacrebleu.BLEU.compute_bleu(hits, sizes, length, closest, smooth_method="exp", effective_order=True)
    return float(found.score) / 100


def gather(marks: "Floats", weights: "Floats") -> "Floats":
    """BLEU-1 to BLEU-4 and GLEU of sums; an order without a match is smoothed by halves, one without a run gives 0."""
    import numpy as np

    sums = weights @ marks
    length, closest, hits, sizes = sums[..., :1], sums[..., 1:2], sums[..., 2:6], sums[..., 6:10]
    smoothed = np.where(hits > 0, hits, 0.5 ** np.cumsum(hits == 0, axis=-1))
    logs = np.log(smoothed / np.maximum(sizes, 1)).cumsum(axis=-1) / np.arange(1, ORDERS + 1)
    brevity = np.minimum(0.0, 1 - closest / np.maximum(length, 1))
    bleu = np.where((hits[..., :1] > 0) & (sizes > 0), np.exp(logs + brevity), 0.0)
    gleu = sums[..., 10:11] / np.maximum(sums[..., 11:12], 1)
    values: Floats = np.concatenate([bleu, gleu], axis=-1)
    return values


BLEU = (
    *[
        Metric(
            name=f"bleu{order}", version=1, mark=shared, gather=gather, part=order - 1, voted=False,
            about=f"BLEU of runs of up to {order} of all texts together, {TOKENS}; smoothing exp.",
        )
        for order in range(1, ORDERS + 1)
    ],
    Metric(
        name="bleu4_sentence", version=1, mark=shared, part=12, voted=False,
        about=f"Mean of the BLEU-4 of each text by itself, {TOKENS}; smoothing exp, effective order.",
    ),
)  # fmt: skip
GLEU = Metric(
    name="gleu", version=1, mark=shared, gather=gather, part=ORDERS, voted=False,
    about=f"Runs of up to four shared, of those of the longer of text and reference (Google's), {TOKENS}.",
)  # fmt: skip
