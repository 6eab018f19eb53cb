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
_SAME = {
    "abdomin": "abdomen", "belli": "abdomen", "tummi": "abdomen", "pulmonari": "lung", "cardiac": "heart",
    "renal": "kidney", "hepat": "liver", "cutan": "skin", "nasal": "nose", "oral": "mouth", "ocular": "eye",
    "allergi": "allerg", "kilogram": "kg", "kilo": "kg", "pound": "lb", "babi": "infant", "kid": "child", "children": "child",
}  # fmt: skip
"""Stems that name one thing."""
_DIGITS = dict(zip("two three four five six seven eight nine ten".split(), "2 3 4 5 6 7 8 9 10".split(), strict=True))
_ONES = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_NUMBER = re.compile(
    r"(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十))?(?P<ones>[一二两三四五六七八九]?)(?<=[一-龥])"
    r"(?=余?(?:[天日周年月岁次度包杯]|个|小时|分钟|星期|公斤|斤))"
)
PASSED_OVER = frozenset({"a", "an", "the", "ani", "any", "some", "your", "my", "his", "her", "their", "of", "up"})
"""What may stand inside of a phrase: "lost any weight" is "lost weight"."""

Spans = tuple[tuple[str, str], ...]
"""What a lexicon made of units: a unit with what it is called, empty where it is called nothing."""


@lru_cache(maxsize=8192)
def units_of(text: str) -> tuple[str, ...]:
    """Small stems, digits, single characters of Chinese, and marks, in their order."""
    plain = _HAN_NUMBER.sub(_number, normalize("NFKC", text).replace("\u2019", "'").lower())
    return tuple([unit if len(unit) < 3 or unit[0].isdigit() else _rooted(unit) for unit in _UNIT.findall(plain)])


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text that say something."""
    return tuple([part.strip() for part in _END.split(text) if HAN.search(part) or any(map(str.isalnum, part))])


def _number(found: re.Match[str]) -> str:
    """A number in characters as digits."""
    if not found[0]:
        return ""
    tens = 10 * _ONES.get(found["tens"], 1) if found["ten"] else 0
    return str(tens + _ONES.get(found["ones"], 0))


def _rooted(word: str) -> str:
    root = stem(word)
    return _DIGITS.get(word) or _SAME.get(root, root)


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
    """Phrases under names; the longest phrase wins, and articles and the like may stand inside of it."""

    def __init__(self, *entries: Mapping[str, str]) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        for each in entries:
            for name, phrases in each.items():
                for text in phrases.split(", "):
                    units = units_of(text)
                    kept: tuple[str, ...] = (units[0], *[unit for unit in units[1:] if unit not in PASSED_OVER])
                    self._names.setdefault(kept, []).append(name)
        self._longest: dict[str, int] = {}
        for phrase in self._names:
            self._longest[phrase[0]] = max(self._longest.get(phrase[0], 0), len(phrase))

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
            phrase, end = self._longest_at(units, start)
            yield phrase
            start = end

    def _longest_at(self, units: tuple[str, ...], start: int) -> tuple[tuple[str, ...], int]:
        phrase = units[start : start + 1]
        best, end = phrase, start + 1
        for place in range(start + 1, min(len(units), start + 2 * self._longest.get(units[start], 0))):
            if units[place] in PASSED_OVER:
                continue
            phrase = (*phrase, units[place])
            if phrase in self._names:
                best, end = phrase, place + 1
        return best, end
