"""Words of a text, in English, in Chinese, and in both mixed."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from unicodedata import normalize

from medeval.records import Language

Lines = tuple[tuple[str, ...], ...]
"""Words, line by line."""

CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u31c0-\u31ef\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
    "\u3105-\u312f\u31a0-\u31bf\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3\uffa1-\uffdc"
)
"""What is written without spaces, for a class of a pattern: Han with all its extensions, kana, bopomofo and hangul."""
CHINESE = re.compile(f"[{CJK}]")
WORD = {
    # As rouge-score has them, for which letters with accents part words; and what it would drop altogether.
    "en": re.compile(f"[a-z0-9]+|[{CJK}]"),
    # Any letters, for Greek ones are frequent in Chinese names of drugs and genes.
    "zh": re.compile(rf"[{CJK}]|[^\W_{CJK}]+"),
}


@lru_cache(maxsize=64)
def lines_of(text: str, language: Language) -> Lines:
    """Lower-case words without punctuation, line by line; every character of Chinese is a word."""
    if language == "en" and not CHINESE.search(text):
        from rouge_score.tokenize import tokenize

        return tuple([tuple(tokenize(line, None)) for line in text.split("\n")])
    if language == "zh":
        text = normalize("NFKC", text)
    find = WORD[language].findall
    return tuple([tuple(find(line)) for line in text.lower().split("\n")])


@lru_cache(maxsize=64)
def words_of(text: str, language: Language) -> tuple[str, ...]:
    """Give the words of all lines."""
    return tuple(chain.from_iterable(lines_of(text, language)))


def grams(words: Sequence[str], size: int) -> Iterable[tuple[str, ...]]:
    """Every run of so many words."""
    return zip(*[words[start:] for start in range(size)], strict=False)
