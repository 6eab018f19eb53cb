"""Short answers: whether a text is the reference, and how many of its words it has."""

import re
from collections import Counter
from functools import lru_cache
from string import punctuation
from unicodedata import category, normalize

from medeval.metrics.base import Mark, Metric
from medeval.metrics.text.tokens import CJK
from medeval.records import Language, OpenSample, Walk

# Unlike in SQuAD's script an article stays where no word follows: hepatitis A is not hepatitis.
ARTICLE = re.compile(r"\b(?:an?|the)\s+(?=\S)")
WORD = re.compile(rf"[{CJK}]|[^\s{CJK}]+")
SIGN = re.compile(r"[^\w\s]|_")


def token_f1(sample: OpenSample, walk: Walk) -> Mark:
    """F1 of the words of both, each as often as it is there; of several references, the best."""
    said = plain_words(walk.text, sample.language)
    return max([_f1(plain_words(text, sample.language), said) for text in sample.references], default=None)


def exact_match(sample: OpenSample, walk: Walk) -> Mark:
    """Whether the words are those of a reference; in Chinese, whatever their spaces."""
    if not sample.references:
        return None
    between = "" if sample.language == "zh" else " "
    said, *right = [
        between.join(plain_words(text, sample.language)) for text in (walk.text, *sample.references)
    ]  # fmt: skip
    return float(said in right)


@lru_cache(maxsize=64)
def plain_words(text: str, language: Language) -> tuple[str, ...]:
    """Words without case, punctuation and articles, in Chinese every character."""
    text = SIGN.sub(_kept, normalize("NFKC", text).lower())
    return tuple(WORD.findall(ARTICLE.sub("", text) if language == "en" else text))


def _kept(found: re.Match[str]) -> str:
    """Drop punctuation, but unlike SQuAD's script not that of a number: 3.5 is not 35, 1-2 not 12, -2 not 2."""
    text, at = found.string, found.start()
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if sign not in punctuation and not category(sign).startswith("P"):
        return sign
    inside, leading = before.isdigit() and sign != ",", not before.strip() and sign in ".-"
    return sign if after.isdigit() and (inside or leading) else ""


def _f1(right: tuple[str, ...], said: tuple[str, ...]) -> float:
    if not right or not said:
        return float(right == said)
    return 2 * (Counter(right) & Counter(said)).total() / (len(right) + len(said))


WORDS = (
    Metric(
        name="token_f1", version=1, mark=token_f1, voted=False,
        about="F1 of words (SQuAD's, but that 3.5 is not 35), in Chinese of characters, against the best reference.",
    ),
    Metric(
        name="exact_match", version=1, mark=exact_match, voted=False,
        about="Share of texts that are a reference but for case, punctuation, white space and articles.",
    ),
)  # fmt: skip
