"""Which facts answer a question, and which a text states."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log

from medeval.casefile.domains import OF_A_SYMPTOM, domains_of, named_in
from medeval.casefile.findings import BROADER, CONDITIONS, SYMPTOMS
from medeval.casefile.orders import orders_in
from medeval.casefile.units import MARKS, sentences_of, units_of
from medeval.casefile.words import Said, general, said, tells
from medeval.records import Language

ENOUGH = 0.5
"""Of a question's weight, or of a fact's, where it answers."""
BESIDE_BEST = 0.55
"""Of the best answer's worth, where another is an answer too."""
STATED = {"en": 0.75, "zh": 0.6}
"""Of a fact's words, where it is stated."""
SPECIFIC = frozenset({"symptoms", "examination", "laboratory", "imaging", "past"})
"""Domains with so much in them that a question with words of its own is about those words alone."""
APART = frozenset({"family", "allergy"})
"""Domains whose facts answer no other question: a mother's cancer is not the patient's."""
OF_TESTS = frozenset({"examination", "laboratory", "imaging"})
_WIDER = {"@" + name: "@" + wider for name, wider in BROADER.items() if wider != "pain"}
"""Of who bled from the stomach it is told that she vomited; of a chest that hurts not what else does."""
_FOUND = frozenset("@" + name for name in (*SYMPTOMS, *CONDITIONS))
_ANYHOW = OF_A_SYMPTOM | {"symptoms"}
_YES_NO: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:yes|yeah|yep|correct|right|i do\b|i have\b)|(?P<no>no|not|never)\b", re.IGNORECASE),
    "zh": re.compile(r"(?P<no>没有?|无|不是?)|是|对|有|嗯|会"),
}
WEIGHT = dict.fromkeys(("@weight loss", "@weight gain", "weight", "kg", "lb", "体重", "公斤"), "@weight")
"""How a change of weight is told."""


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
    whole, weights = bare(text), _rarities(tuple(facts), language)
    return tuple([
        place for place, fact in enumerate(facts)
        if (words := bare(fact)) and (words in whole or any(_states(window, fact, weights, language) for window in windows))
    ])  # fmt: skip


def _asked(text: str) -> list[str]:
    """The sentences that ask, where some do; else all."""
    sentences = sentences_of(text)
    return [each for each in sentences if each.rstrip().endswith(("?", "？"))] or list(sentences)


@lru_cache(maxsize=4096)
def _weights(facts: tuple[str, ...], language: Language) -> dict[str, float]:
    """What a word is worth in a question: less where many facts have it."""
    return _rarity([meant(fact, language) for fact in facts])


@lru_cache(maxsize=4096)
def _rarities(facts: tuple[str, ...], language: Language) -> dict[str, float]:
    """The same in a statement."""
    return _rarity([said(fact, language).words for fact in facts])


def _rarity(words: Sequence[frozenset[str]]) -> dict[str, float]:
    counts = Counter(word for each in words for word in each)
    return {word: log((len(words) + 1) / count) / log(len(words) + 1) for word, count in counts.items()}


@lru_cache(maxsize=16384)
def meant(text: str, language: Language) -> frozenset[str]:
    """The words of a text, and the wider words for what it tells of."""
    words = said(text, language).words
    wider = [WEIGHT.get(each) or "@" + BROADER[each[1:]] for each in words if each in WEIGHT or each[1:] in BROADER]
    return words.union(wider)


def _worths(question: str, facts: tuple[str, ...], language: Language) -> list[float]:
    weights = _weights(facts, language)
    words = said(question, language).words
    own = frozenset(WEIGHT.get(word, word) for word in words - general())
    total = sum(_heavy(word) * weights.get(word, 1.0) for word in own)
    asked, named, tests = domains_of(question, language), named_in(question), orders_in(question)
    worths = []
    for fact in facts:
        words_of_fact, about = meant(fact, language), domains_of(fact, language)
        share = sum(_heavy(word) * weights[word] for word in own & words_of_fact) / total if total else 0.0
        nearly = {_WIDER[word] for word in own - words_of_fact if word in _WIDER} & words_of_fact
        share += 0.6 * sum(_heavy(word) * weights[word] for word in nearly) / total if total else 0.0
        if own & words_of_fact & _FOUND and said(fact, language).words - general() <= own:
            share = max(share, 0.6)  # one of several things that are asked for at once
        shared_tests = tests & orders_in(fact)
        wide = named & about
        bonus = 0.6 * bool(wide - SPECIFIC or (wide and not own) or shared_tests)
        if bonus and not shared_tests and wide <= OF_A_SYMPTOM and own and not share and about - _ANYHOW:
            bonus = 0.3  # another thing may well have begun then
        if not bonus and wide and share:
            bonus = 0.3
        worth = share + bonus
        if worth:
            # Of equals, the one that has the more general words of the question too.
            worth += 0.1 * len(asked & about) + 0.1 * len(words & words_of_fact) / len(words)
        if named & OF_A_SYMPTOM and not named & OF_A_SYMPTOM & about:
            worth *= 0.45  # when it began is not answered by what it is
        if (named ^ about) & APART or (tests and not shared_tests and orders_in(fact)):
            worth *= 0.45
        if named and named <= OF_TESTS and not about & OF_TESTS:
            worth *= 0.6
        worths.append(worth)
    return worths


def _heavy(word: str) -> float:
    return 1.5 if word.startswith(("@", "#")) else 1.0


def _states(window: Said, fact: str, weights: Mapping[str, float], language: Language) -> bool:
    told = said(fact, language)
    if told.affirmed & window.denied - window.affirmed or told.denied & window.affirmed - window.denied:
        return False
    both = told.affirmed & window.affirmed | told.denied & window.denied
    # What tells a fact from its neighbours must be there: the tongue, and not the nose.
    return sum(weights[word] for word in both) >= STATED[language] * sum(weights[word] for word in told.words)


def confirmed(question: str, reply: str, language: Language) -> str:
    """What a bare yes or no says: the question as a statement; empty where a reply has words of its own."""
    first = next(iter(sentences_of(reply)), "")
    if not (answer := _YES_NO[language].match(first)) or tells(first):
        return ""
    asked = " ".join(sentence.rstrip("?？吗") for sentence in _asked(question))
    if answer["no"]:
        return f"{answer['no']} {asked}"
    # A yes to several things at once says that one of them is true, and nobody knows which.
    return asked if len(said(asked, language).words & _FOUND) < 2 else ""


@lru_cache(maxsize=16384)
def bare(text: str) -> str:
    """The units of a text without its marks."""
    return " ".join(["", *[unit for unit in units_of(text) if unit not in MARKS], ""]).strip()
