"""The options of a question, as they stand in cells: one a column, or all in one."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase

from medeval.sources import Cell

_MARK = re.compile(
    r"[(（\[【]?(?P<mark>[A-Za-z]|\d{1,2})(?:[)）\]】][.．、:：]?|\s{0,2}[.．、:：])(?!\d)\s{0,3}|(?P<ringed>[①-⑳])\s{0,3}"
)
_LETTER = r"[(（\[【]?(?P<mark>[A-Z])(?:[)）\]】]|\s{0,2}[.．、:：])(?!\d)\s{0,3}"
# Chinese banks often leave no blank before a mark; but where there are blanks, 维生素B、 is no mark.
_INLINE = (
    re.compile(rf"(?:^|(?<=[\s;；,，。])){_LETTER}"),
    re.compile(rf"(?:^|(?<=[\s;；,，。\u4e00-\u9fff])){_LETTER}"),
)
_FIRST = re.compile(r"(?:^|(?<=[\s;；,，。?？)）\u4e00-\u9fff]))[(（\[【]?[Aa](?:[)）\]】]|\s{0,2}[.．、:：])")
KEYS = ("key", "label", "letter", "id", "option")
TEXTS = ("value", "text", "content", "option")


def bare(texts: Sequence[str]) -> list[str]:
    """Options without marks of their own, where every one of them begins with its own: `B. Aspirin`, `2) Aspirin`."""
    matches = [_MARK.match(text) for text in texts]
    if not any(texts) or any(text and not match for text, match in zip(texts, matches, strict=True)):
        return list(texts)
    marks = [place_of(_mark(match)) if match else place for place, match in enumerate(matches)]
    if marks != list(range(len(texts))):
        return list(texts)
    return [text[match.end() :].strip() if match else text for text, match in zip(texts, matches, strict=True)]


def listed(cell: Cell) -> list[str]:
    """Every option of a cell that lists them: a list, a mapping by letter, marked with letters, or one a line.

    What stands in no order that anybody could mean is a ValueError that says so.
    """
    if isinstance(cell, Mapping):
        return _placed(cell)
    if isinstance(cell, list):
        if cell and all(isinstance(each, Mapping) for each in cell):
            return _placed(dict(map(_pair, cell)))
        return bare([str(each) for each in cell])
    lines = [line.strip() for line in str(cell).split("\n") if line.strip()]
    return _by_lines(lines, str(cell)) or _by_letters(str(cell)) or _by_signs(lines) or lines


def parted(text: str) -> tuple[str, list[str]]:
    """A question that holds its options: what is asked, and the options; none where there are none."""
    for match in _FIRST.finditer(text):
        tail = text[match.start() :]
        try:
            found = _by_lines([line.strip() for line in tail.split("\n") if line.strip()], tail) or _by_letters(tail)
        except ValueError:
            found = []
        if len(found) > 1:
            return text[: match.start()].strip(), found
    return text, []


def place_of(mark: str) -> int:
    """The place of an option by its mark, from 0: A and 1 are the first."""
    return int(mark) - 1 if mark.isdigit() else ascii_uppercase.index(mark.upper())


def _mark(match: re.Match[str]) -> str:
    return match["mark"] or unicodedata.normalize("NFKC", match["ringed"])


def _pair(said: Mapping[str, str]) -> tuple[str, str]:
    """The letter and the text of an option that is written as fields, as many data sets have it."""
    text = next((key for key in TEXTS if key in said), "")
    mark = next((key for key in KEYS if key in said and key != text), "")
    if not text or not mark:
        raise ValueError(f"an option has the fields {', '.join(said)}, and none of them is a key and a text")
    return said[mark], said[text]


def _placed(said: Mapping[str, str]) -> list[str]:
    """Options by their letters or numbers, with a hole where one is missing; else in the order of the file."""
    marks = [key.strip() for key in said]
    kinds: tuple[tuple[Callable[[str], bool], Callable[[str], int]], ...] = (
        (lambda mark: len(mark) == 1 and mark.isascii() and mark.isalpha(), place_of),
        (lambda mark: mark.isascii() and mark.isdigit(), lambda mark: int(mark) - ("0" not in marks)),
    )
    for is_of, place in kinds:
        if marks and all(map(is_of, marks)):
            by = {place(key.strip()): text for key, text in said.items()}
            return [by.get(each, "") for each in range(max(by) + 1)]
    return list(said.values())


def _by_lines(lines: Sequence[str], text: str) -> list[str]:
    """One option a marked line; what stands in a line without a mark goes on with it."""
    matches = [_MARK.match(line) for line in lines]
    if sum(map(bool, matches)) < 2 or not matches[0]:
        return []
    found: list[tuple[str, list[str]]] = []
    for line, match in zip(lines, matches, strict=True):
        if match:
            found.append((_mark(match), [line[match.end() :].strip()]))
        else:
            found[-1][1].append(line)
    places = [place_of(mark) for mark, _ in found]
    if places != list(range(len(found))):
        several = _by_letters(text)  # in a line, as in what was pasted from two columns
        if places == sorted({*places}) and len(several) > places[-1]:
            return several
        raise ValueError(f"the marks of the options are {', '.join([mark for mark, _ in found])}, which is no order")
    return ["\n".join(parts) for _, parts in found]


def _by_letters(text: str) -> list[str]:
    """Part a text at the letters A, B, C, … as far as they come in order; none where it does not begin with A."""
    for marks in _INLINE:
        places: list[re.Match[str]] = []
        for match in marks.finditer(text):
            if match["mark"] == ascii_uppercase[len(places)]:
                places.append(match)
        if len(places) > 1 and not text[: places[0].start()].strip():
            ends = [*[each.start() for each in places[1:]], len(text)]
            return [text[each.end() : end].strip().rstrip(";；,，") for each, end in zip(places, ends, strict=True)]
    return []


def _by_signs(lines: Sequence[str]) -> list[str]:
    """Part a single line at its bars or semicolons."""
    if len(lines) != 1:
        return []
    return next((parts for sign in "|;；" if len(parts := [each.strip() for each in lines[0].split(sign)]) > 1), [])
