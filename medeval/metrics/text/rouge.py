"""ROUGE: words, pairs of words and longest common subsequences that a text shares with a reference."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import Lines, grams, lines_of
from medeval.metrics.text.union import union_hits
from medeval.records import OpenSample, Walk

KINDS = {
    "rouge1": "words",
    "rouge2": "pairs of words",
    "rougeL": "the longest common subsequence",
    "rougeLsum": "the union, line by line, of the longest common subsequences",
}
ABOUT = "F-measure of {}, without stemming, against the reference that gives most; a character of Chinese is a word."


def rouge(sample: OpenSample, walk: Walk) -> Mark:
    """The four of them, as rouge-score 0.1.2 computes them; of several references, the best for each of the four."""
    said = lines_of(walk.text, sample.language)
    scores = [_against(lines_of(text, sample.language), said) for text in sample.references]
    return tuple(map(max, zip(*scores, strict=True))) or None


def _against(reference: Lines, prediction: Lines) -> tuple[float, ...]:
    right, said = [tuple(chain.from_iterable(lines)) for lines in (reference, prediction)]
    if not right or not said:
        return 0.0, 0.0, 0.0, 0.0
    size = len(right) + len(said)
    return (
        2 * _shared(right, said) / size,
        2 * _shared(grams(right, 2), grams(said, 2)) / max(1, size - 2),
        2 * _common(right, said) / size,
        2 * union_hits(reference, prediction) / size,
    )


def _shared(right: Iterable[Hashable], said: Iterable[Hashable]) -> int:
    wanted, there = Counter(right), Counter(said)
    return sum([min(times, there[each]) for each, times in wanted.items() if each in there])


def _common(right: Sequence[str], said: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    from rapidfuzz.distance import LCSseq

    # Of numbers, not of words: those it would compare by their hashes.
    numbers = {word: number for number, word in enumerate(dict.fromkeys(chain(right, said)))}
    return LCSseq.similarity([numbers[word] for word in right], [numbers[word] for word in said])


ROUGE = tuple([
    Metric(name=name, about=ABOUT.format(what), version=1, mark=rouge, part=part, voted=False)
    for part, (name, what) in enumerate(KINDS.items())
])  # fmt: skip
