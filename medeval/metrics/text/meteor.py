"""METEOR without synonyms: words and stems, matched in order."""

from functools import lru_cache
from types import SimpleNamespace

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import words_of
from medeval.records import Language, OpenSample, Walk


def meteor(sample: OpenSample, walk: Walk) -> Mark:
    """Match equal words, then equal stems; of several references, the best."""
    from nltk.translate.meteor_score import single_meteor_score  # type: ignore[import-untyped]

    said = words_of(walk.text, sample.language)
    scores = [
        float(single_meteor_score(words_of(text, sample.language), said, str, *_aids(sample.language)))
        for text in sample.references
    ]
    return max(scores, default=None)


@lru_cache
def _aids(language: Language) -> tuple[SimpleNamespace, SimpleNamespace]:
    """A stemmer, which keeps Chinese as it is, and a WordNet without synonyms, whether or not there is one here."""
    from nltk.stem.porter import PorterStemmer  # type: ignore[import-untyped]

    stem = str if language == "zh" else lru_cache(maxsize=65_536)(PorterStemmer().stem)
    return SimpleNamespace(stem=stem), SimpleNamespace(synsets=lambda _: ())


METEOR = Metric(
    name="meteor_no_synonyms", version=1, mark=meteor, voted=False,
    about="METEOR, aligned as nltk does, of equal words and Porter stems: never of synonyms, with which it is higher.",
)  # fmt: skip
