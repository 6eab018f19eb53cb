"""The key: which options a cell says are right, by letter, by number, or by an option's own text."""

import re
import unicodedata
from collections.abc import Sequence
from string import ascii_uppercase
from typing import NamedTuple, get_args

from medeval.exams.declared import AnswerAs

Keyed = tuple[str, Sequence[str]]
"""What a cell says, and the texts of the options, in order."""
Places = tuple[int, ...]
"""The places of right options, from 0."""
_PARTS = re.compile(r"[\s,，、;；/|&+]+|(?<=[^a-z])and(?=[^a-z])|和|与|及", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z]+")
_LABELLED = re.compile(r"[(\[]?([A-Z])(?:[)\]]?\s{0,3}[.、:)\]]\s{0,3}|\s{1,3})(.+)", re.DOTALL)
_NUMBER = re.compile(r"(\d{1,3})(?:\.0{0,6})?")


class Way(NamedTuple):
    """How the key of a whole sheet is read: the same for every row, and for its solved examples."""

    by: AnswerAs
    first: int = 1
    """The number of the first option."""


def way_of(keyed: Sequence[Keyed], wanted: AnswerAs | None = None) -> Way:
    """The way that fits the most rows: letters before numbers before texts."""
    names: tuple[AnswerAs, ...] = (wanted,) if wanted else ("letter", "number", "text")
    ways = [Way(name, _first(keyed)) for name in names]
    return max(ways, key=lambda way: (sum(bool(read(each, way)) for each in keyed), -names.index(way.by)))


def in_doubt(keyed: Sequence[Keyed], way: Way) -> tuple[int, AnswerAs] | None:
    """The first row that another way reads otherwise, where that way fits every row as well."""
    others = [Way(name, way.first) for name in get_args(AnswerAs) if name != way.by]
    for other in others:
        places = [(row, read(each, way), read(each, other)) for row, each in enumerate(keyed) if each[0]]
        differ = [row for row, mine, theirs in places if mine != theirs]
        if differ and all(mine and theirs for _, mine, theirs in places):
            return differ[0], other.by
    return None


def read(keyed: Keyed, way: Way) -> Places:
    """The right places that a cell names in a way; none if it names none, one that is not there, or one twice."""
    said, options = keyed
    if way.by == "letter":
        places = _by_letter(said, options)
    elif way.by == "number":
        places = tuple([number - way.first for number in _numbers(said)])
    else:
        places = _by_text(said, options)
    there = {place for place in places if 0 <= place < len(options) and options[place]}
    return tuple(sorted(there)) if len(there) == len(places) else ()


def _first(keyed: Sequence[Keyed]) -> int:
    """The number of the first option: 0 only where some cell says so, and none says the number of the last from 1."""
    numbers = [(_numbers(said), len(options)) for said, options in keyed]
    has_zero = any(0 in said for said, _ in numbers)
    return 0 if has_zero and not any(count in said for said, count in numbers) else 1


def _by_letter(said: str, options: Sequence[str]) -> Places:
    text = unicodedata.normalize("NFKC", said).strip().upper().rstrip(".。")
    labelled = _LABELLED.fullmatch(text)
    if labelled:
        # `B. Aspirin` says the same twice: where the two do not agree, nobody knows which is meant.
        place = ascii_uppercase.index(labelled[1])
        if place < len(options) and same(options[place]) == same(labelled[2]):
            return (place,)
    joined = _PARTS.sub("", text).strip("()[]【】")
    return tuple([ascii_uppercase.index(letter) for letter in joined]) if _LETTERS.fullmatch(joined) else ()


def _numbers(said: str) -> tuple[int, ...]:
    parts = [part for part in _PARTS.split(unicodedata.normalize("NFKC", said).strip("()[]. ")) if part]
    matches = [_NUMBER.fullmatch(part) for part in parts]
    return tuple([int(match[1]) for match in matches if match]) if all(matches) else ()


def _by_text(said: str, options: Sequence[str]) -> Places:
    """As it stands, since Aa and aa are two genotypes; else whatever its case, where that fits one option alone."""
    several = [part.strip() for part in re.split(r"[\n;；|]", said) if part.strip()]
    for alike in (str, same):
        for parts in ([said], several if len(several) > 1 else []):
            wanted = [alike(part) for part in parts]
            found = [place for place, option in enumerate(options) if option and alike(option) in wanted]
            if parts and len(found) == len(wanted):
                return tuple(found)
    return ()


def same(text: str) -> str:
    """A text in the form in which two are compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".。")
