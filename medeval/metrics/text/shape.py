"""How long texts are, and what they copy."""

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import grams, words_of
from medeval.records import OpenSample, Walk

COPIED = 4


def length(sample: OpenSample, walk: Walk) -> Mark:
    """Count words, in Chinese characters."""
    return float(len(words_of(walk.text, sample.language)))


def length_ratio(sample: OpenSample, walk: Walk) -> Mark:
    """Hold the length against that of the closest reference, of two as close the shorter."""
    said = len(words_of(walk.text, sample.language))
    sizes = [len(words_of(text, sample.language)) for text in sample.references]
    closest = min(filter(None, sizes), key=lambda size: (abs(size - said), size), default=0)
    return said / closest if closest else None


def copy_rate(sample: OpenSample, walk: Walk) -> Mark:
    """Count what is taken from the source word by word; of a text too short to tell there is no share."""
    runs = list(grams(words_of(walk.text, sample.language), COPIED))
    if not sample.source or not runs:
        return None
    there = set(grams(words_of(sample.source, sample.language), COPIED))
    return sum([run in there for run in runs]) / len(runs)


SHAPE = (
    Metric(
        name="length", version=1, mark=length, unit="plain", better="", voted=False,
        about="Words of a text, in Chinese characters, without punctuation.",
    ),
    Metric(
        name="length_ratio", version=1, mark=length_ratio, unit="plain", better="", voted=False,
        about="Words of a text for each word of the reference closest in length.",
    ),
    Metric(
        name="copy_rate", version=1, mark=copy_rate, better="", voted=False,
        about="Share of the text's runs of four words that stand in its source.",
    ),
)  # fmt: skip
