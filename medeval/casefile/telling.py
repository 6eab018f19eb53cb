"""Which facts answer a question, and which a text states."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log

from medeval.casefile.domains import OF_A_SYMPTOM, domains_of, named_in, own_words
from medeval.casefile.units import MARKS, sentences_of, units_of
from medeval.casefile.words import Said, said
from medeval.records import Language

ENOUGH = 0.5
"""Of a question's weight, or of a fact's, where it answers."""
BESIDE_BEST = 0.55
"""Of the best answer's worth, where another is an answer too."""
STATED = {"en": 0.75, "zh": 0.6}
"""Of a fact's words, where it is stated."""
SPECIFIC = frozenset({"symptoms", "examination", "laboratory", "imaging", "past"})
"""Domains with so much in them that a question with words of its own is about those words alone."""


def told_by(question: str, facts: Sequence[str], language: Language, most: int = 3) -> tuple[int, ...]:
    """Places of the facts that answer a doctor's question, the best first; none where none does."""
    listed = tuple(facts)
    worths = [0.0] * len(listed)
    for sentence in _asked(question):
        for place, worth in enumerate(_worths(sentence, listed, language)):
            worths[place] = max(worths[place], worth)
    best = max(worths, default=0.0)
    if best < ENOUGH:
        return ()
    good = [place for place, worth in enumerate(worths) if worth >= max(ENOUGH, BESIDE_BEST * best)]
    return tuple(sorted(good, key=lambda place: (-worths[place], place))[:most])


def facts_in(text: str, facts: Sequence[str], language: Language) -> tuple[int, ...]:
    """Places of the facts that a text states, word for word or by most of their words, none of them denied."""
    sentences = sentences_of(text)
    # A fact may be told in two sentences: "It hurts. In the knee."
    windows = [said(each, language) for each in sentences]
    windows += [said(f"{one} {two}", language) for one, two in pairwise(sentences)]
    whole = _bare(text)
    return tuple([
        place for place, fact in enumerate(facts)
        if (bare := _bare(fact)) and (bare in whole or any(_states(window, fact, language) for window in windows))
    ])  # fmt: skip


def _asked(text: str) -> list[str]:
    """The sentences that ask, where some do; else all."""
    sentences = sentences_of(text)
    return [each for each in sentences if each.rstrip().endswith(("?", "？"))] or list(sentences)


@lru_cache(maxsize=4096)
def _weights(facts: tuple[str, ...], language: Language) -> dict[str, float]:
    """What a word is worth: less where many facts have it."""
    counts = Counter(word for fact in facts for word in said(fact, language).words)
    return {word: log((len(facts) + 1) / count) / log(len(facts) + 1) for word, count in counts.items()}


def _worths(question: str, facts: tuple[str, ...], language: Language) -> list[float]:
    weights = _weights(facts, language)
    words = said(question, language).words
    own = frozenset(word for word in words if word not in own_words())
    asked, named = domains_of(question, language), named_in(question)
    total = sum(weights.get(word, 1.0) for word in own)
    worths = []
    for fact in facts:
        words_of_fact, about = said(fact, language).words, domains_of(fact, language)
        shared = sum(weights[word] for word in own & words_of_fact)
        worth = shared / total if total else 0.0
        wide = named & about
        if wide & SPECIFIC and own:
            wide -= SPECIFIC
        if asked & OF_A_SYMPTOM and not asked & OF_A_SYMPTOM & about:
            worth *= 0.45  # when it began is not answered by what it is
        if worth or wide:
            # Of equals, the one that has the more general words of the question too.
            worth += 0.6 * bool(wide) + 0.1 * len(asked & about) + 0.1 * len(words & words_of_fact) / len(words)
        worths.append(worth)
    return worths


def _states(window: Said, fact: str, language: Language) -> bool:
    told = said(fact, language)
    if told.affirmed & window.denied - window.affirmed or told.denied & window.affirmed - window.denied:
        return False
    both = len(told.affirmed & window.affirmed) + len(told.denied & window.denied)
    return both >= STATED[language] * len(told.words)


@lru_cache(maxsize=16384)
def _bare(text: str) -> str:
    return " ".join(["", *[unit for unit in units_of(text) if unit not in MARKS], ""]).strip()
