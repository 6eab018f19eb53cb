"""A text in units: stems of words, numbers, characters of Chinese, and the marks between them."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from unicodedata import normalize

CJK = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
HAN = re.compile(f"[{CJK}]")
MARKS = frozenset(".;:?!。\n,、()")
STOPS = frozenset(".;?!。\n")
"""Marks that end a clause for good; a comma, a colon and a bracket do not."""
_LETTER = rf"[^\W\d_{CJK}]"
_UNIT = re.compile(rf"\d+(?:\.\d+)?|{_LETTER}+n't|{_LETTER}+|[{CJK}]|[.;:?!。\n,、()]")
_END = re.compile(r"(?<=[.?!;])\s+|(?<=[。?!;？！；])|\n+")
_SPELLED = (("aem", "em"), ("oea", "ea"), ("oed", "ed"), ("paed", "ped"), ("oeso", "eso"), ("anaes", "anes"))
"""British spellings and American ones, which name the same."""
_DIGITS = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
_HAN_DIGIT = re.compile(r"[一二两三四五六七八九十](?=[天日周年月岁次度]|个|小时|分钟|星期|多)")
_OF_HAN = dict(zip("一二两三四五六七八九十", "1 2 2 3 4 5 6 7 8 9 10".split(), strict=True))
_LONGEST = 8

Spans = tuple[tuple[str, str], ...]
"""What a lexicon made of units: a unit with what it is called, empty where it is called nothing."""


@lru_cache(maxsize=8192)
def units_of(text: str) -> tuple[str, ...]:
    """Small stems, digits, single characters of Chinese, and marks, in their order."""
    plain = _HAN_DIGIT.sub(lambda found: _OF_HAN[found[0]], normalize("NFKC", text).replace("\u2019", "'").lower())
    return tuple([
        unit if len(unit) < 3 or unit[0].isdigit() else _DIGITS.get(unit) or stem(unit) for unit in _UNIT.findall(plain)
    ])  # fmt: skip


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text that say something."""
    return tuple([part.strip() for part in _END.split(text) if HAN.search(part) or any(map(str.isalnum, part))])


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of an English word, however its spelling."""
    if word.endswith("n't"):
        return "not"
    for british, american in _SPELLED:
        word = word.replace(british, american)
    return str(_stemmer().stem(word))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]  # noqa: ANN202  of a library without types
    from nltk.stem.porter import PorterStemmer  # type: ignore[import-untyped]

    return PorterStemmer()


class Lexicon:
    """Phrases under names; the longest phrase wins, whatever stands in it."""

    def __init__(self, *entries: Mapping[str, str]) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        for each in entries:
            for name, phrases in each.items():
                for phrase in phrases.split(", "):
                    self._names.setdefault(units_of(phrase), []).append(name)
        self._starts: dict[str, int] = {}
        for units in self._names:
            self._starts[units[0]] = max(self._starts.get(units[0], 0), min(len(units), _LONGEST))

    def names_in(self, units: tuple[str, ...]) -> frozenset[str]:
        """The names of all phrases."""
        return frozenset([name for phrase in self._parted(units) for name in self._names.get(phrase, ())])

    def spans(self, units: tuple[str, ...]) -> Spans:
        """The units with phrases put together under their first name."""
        return tuple([
            (" ".join(phrase), self._names[phrase][0] if phrase in self._names else "")
            for phrase in self._parted(units)
        ])  # fmt: skip

    def _parted(self, units: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The longest phrases, one after another, and the single units between them."""
        start = 0
        while start < len(units):
            longest = self._starts.get(units[start], 0)
            length = next((size for size in range(longest, 0, -1) if units[start : start + size] in self._names), 1)
            yield units[start : start + length]
            start += length
