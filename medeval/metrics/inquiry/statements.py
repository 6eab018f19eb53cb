"""What a case and a patient's reply state, sentence by sentence, so that one can be held against the other."""

import re
from functools import lru_cache

from medeval.casefile import confirmed, domains_of
from medeval.casefile.domains import drugs_in
from medeval.casefile.telling import bare, meant
from medeval.casefile.units import HAN, sentences_of, units_of
from medeval.casefile.words import general, said, tells
from medeval.records import Language, Record

VAGUE = frozenset(
    "@" + name
    for name in (
        "sleep", "stool", "urine", "vision", "hearing", "appetite", "memory", "gait", "loss of interest", "anxiety",
    )
)  # fmt: skip
"""Findings whose words do not say that anything is wrong."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LONG_WORD = re.compile(r"[^\W\d_]{4}")


class Statement(Record, frozen=True, kw_only=True):
    """One sentence: what it affirms and denies, and what was asked before it."""

    text: str
    bare: str
    affirmed: frozenset[str]
    denied: frozenset[str]
    of_family: bool = False
    drugs: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """The words of the question; to echo them is not to invent."""
    numbers_asked: frozenset[str] = frozenset()

    @staticmethod
    @lru_cache(maxsize=16384)
    def of(text: str, language: Language, question: str = "") -> "Statement":
        """Read a sentence."""
        read = said(text, language) if tells(text) else None
        return Statement(
            text=text,
            bare=f" {bare(text)} ",
            affirmed=read.affirmed if read else frozenset(),
            denied=read.denied if read else frozenset(),
            of_family="family" in domains_of(text, language),
            drugs=drugs_in(text),
            numbers=_numbers(text),
            asked=said(question, language).words if question else frozenset(),
            numbers_asked=_numbers(question),
        )

    @property
    def words(self) -> frozenset[str]:
        """All that it speaks of."""
        return self.affirmed | self.denied

    @property
    def nameable(self) -> bool:
        """Whether it is long enough to be told from a word that stands anywhere."""
        return bool(_LONG_WORD.search(self.text)) or len(HAN.findall(self.text)) > 1

    def findings(self, words: frozenset[str]) -> frozenset[str]:
        """Those of the words that name something wrong."""
        return frozenset([word for word in words - VAGUE if word.startswith("@")])

    def specifiers(self, words: frozenset[str]) -> frozenset[str]:
        """Those of the words that say more of it: where, how, since when."""
        return frozenset([word for word in words - general() if not word.startswith("@")])


class Case(Record, frozen=True, kw_only=True):
    """The facts and the opening, one by one and together."""

    text: str
    bare: str
    verbatim: frozenset[str]
    facts: tuple[Statement, ...]
    affirmed: frozenset[str]
    denied: frozenset[str]
    meant: frozenset[str]
    numbers: frozenset[str]


@lru_cache(maxsize=64)
def case_of(opening: str, facts: tuple[str, ...], language: Language) -> Case:
    """Read a case."""
    told = [each for text in (opening, *facts) for each in sentences_of(text)]
    read = [Statement.of(each, language) for each in told]
    return Case(
        text="\n".join((opening, *facts)).lower(),
        bare="".join([each.bare for each in read]),
        verbatim=frozenset([each.bare for each in read]),
        facts=tuple(read),
        affirmed=frozenset[str]().union(*[each.affirmed for each in read]),
        denied=frozenset[str]().union(*[each.denied for each in read]),
        meant=frozenset[str]().union(*[meant(each, language) for each in told]),
        numbers=frozenset[str]().union(*[each.numbers for each in read]),
    )


def statements(reply: str, question: str, case: Case, language: Language) -> list[Statement]:
    """The sentences of a reply that are not facts word for word, and what a bare yes or no says."""
    told = [Statement.of(each, language, question) for each in sentences_of(reply)]
    found = [each for each in told if each.bare not in case.verbatim]
    echo = confirmed(question, reply, language) if question else ""
    return [*found, Statement.of(echo, language)] if echo else found


def _numbers(text: str) -> frozenset[str]:
    return frozenset([unit for unit in units_of(text) if _NUMBER.fullmatch(unit)])
