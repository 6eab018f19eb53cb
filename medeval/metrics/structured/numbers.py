"""The number that a reply states as its answer.

Commas group thousands and do nothing else: "1,234.5" is read, a decimal comma as in "25,6" is not. Of a percentage the
number is read as it is written. A range, a date, or "cannot be determined" is no number, and what was said before it
does not count in its place.
"""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from medeval.metrics.structured import arithmetic, statements

_FILLER = re.compile(
    r"(?:[\s*:=≈~\[{\"']|(?:is|be|approximately|approx\.?|about|around|roughly|the|a|estimated|equals?|to|at|of"
    r"|约为|约|大约|大概|为|是|等于)(?=[\W\d]|\Z)){0,12}",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:it |that |this )?(?:not |cannot|can't|could not|none\b|n/a\b|nan\b|unknown|unable|undetermin|insufficient"
    r"|[<>≤≥]=?\s?[-+]?\.?\d(?![^<>]{0,40}>)|between\b|无法|不能|未知|不确定|资料不足)",
    re.IGNORECASE,
)
# Not the 12 of B12, the 4 of FIB-4 or of 1.4, nor a fourth.
_START = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)(?<![A-Za-z]\^)[-+]{0,1}(?:\d|\.\d|\((?=[\s(+-]{0,6}\d))(?!\d{0,2}(?:st|nd|rd|th)\b)"
)
_EQUATION = re.compile(r"[=≈]\s{0,3}(?:约|about |approximately )?(?=[-+(]{0,3}\s?\.?\d)")
_OPERATION = re.compile(r"[*/^+×÷]\s{0,2}[\d(]|\s[-–]\s[\d(]|\)\s{0,2}[*/^]")
_SAID = re.compile(
    r"(?:[=≈:]|(?<!which )\b(?:is|was|of|equals|approximately|about|around|roughly|scores?)\b"
    r"|约为|约|为|是|等于|[得计])\s{0,3}[*\"'(\[$]{0,3}(?=[-+]?\.?\d)",
    re.IGNORECASE,
)
_AGE = re.compile(r"[-\s]{0,2}(?:years?|yrs?|y/?o)\b|\s?岁", re.IGNORECASE)
_MORE = re.compile(
    r"\s{0,2}(?:[A-Za-zµ%°/]{1,12}\s{0,2})?(?:-|–|—|~|to\s|or\s|and\s|至|到|或|和)\s{0,2}[-+]?\.?\d|,\s?\d|\s\d"
)
_DATE = re.compile(r"\d{1,4}([/-])\d{1,2}\1\d{1,4}(?!\d)")
_MINUS = re.compile(r"(?:–|-\s)\s{0,2}(?=\.?\d)")
# In brackets with its unit, which is no sum.
_BRACKETED = re.compile(r"\((?=[-+]?\.?\d[\d.,]{0,20}\s?[A-Za-z%])")
_ALONE = re.compile(r"[-+(]{0,3}\s?\.?\d")
_SENTENCE_END = re.compile(r"(?<!\d)\.(?=\s|\Z)|\.(?=\s{1,3}[A-Z])|[。；;!?]")


class Number(NamedTuple):
    """A number, whether it was said in per cent, and the rule that found it."""

    value: float
    percent: bool
    rule: str


def read_number(text: str) -> Number | None:
    """The last number that is stated as the answer; else what is concluded, else the last one that something is."""
    text = statements.plain(text)
    stated = tuple(statements.explicit(text))
    if (explicit := _first(stated)) is None and statements.left_empty(stated):
        return None
    for found in (explicit, _alone(text), _first(statements.concluded(text)), _said(text)):
        if found is not None:
            return None if math.isnan(found.value) else found
    return None


def _first(stated: Iterable[statements.Statement]) -> Number | None:
    return next((found for each in stated if (found := number_in(each.text, each.rule))), None)


def number_in(text: str, rule: str) -> Number | None:
    """The number of a statement; not a number where it says that there is none, or that there are several."""
    start = _match_end(_FILLER, text)
    if rule not in {"alone", "conclusion"} and (minus := _MINUS.match(text, start)):
        text = f"{text[:start]}-{text[minus.end() :]}"
    if _NOTHING.match(text, start):
        return Number(math.nan, percent=False, rule=rule)
    end = _SENTENCE_END.search(text, start)
    sentence = text[: end.start()] if end else text
    begun = _START.match(sentence, start)
    # A sum that has no value, such as 1/0, is a statement all the same.
    found = (_at(sentence, begun.start(), rule) or Number(math.nan, percent=False, rule=rule)) if begun else None
    for match in reversed(list(_EQUATION.finditer(sentence, start))):
        between = sentence[start : match.start()]
        # "5.2 mmol/L (= 93.6 mg/dL)" says 5.2; "70 kg / (1.75 m)^2 = 22.9" says 22.9.
        if found is None or not between.strip() or _is_sum(sentence, start, match.start()):
            return _at(sentence, match.end(), rule) or found
        break
    if found is None and (said := _SAID.search(sentence, start)):
        return _at(sentence, said.end(), rule)
    if found is None and (begun := _START.search(sentence, start)):
        return _at(sentence, begun.start(), rule)
    return found


def _is_sum(text: str, start: int, end: int) -> bool:
    value = arithmetic.value_at(text, start)
    return value is not None and (value[1] >= end - 1 or bool(_OPERATION.search(text, value[1], end)))


def _at(text: str, place: int, rule: str) -> Number | None:
    if bracket := _BRACKETED.match(text, place):
        place = bracket.end()
    if (found := arithmetic.value_at(text, place)) is None:
        return None
    value, end, used = found
    spread = used == 3 and re.fullmatch(r"\s*[\d.,]+\s*-\s*[\d.,]+", text[place:end])
    if spread or _DATE.match(text, place) or _MORE.match(text, end):
        return Number(math.nan, percent=False, rule=rule)
    return Number(value, bool(re.match(r"\s?(?:%|per ?cent\b)", text[end:])), rule)


def _alone(text: str) -> Number | None:
    """A reply that is a number and little else."""
    said = statements.tidy(text.strip()[: statements.LONGEST])
    if len(said) > 60 or "\n" in said or not _ALONE.match(said, _match_end(_FILLER, said)):
        return None
    return number_in(said, "alone")


def _said(text: str) -> Number | None:
    """The last number that something is, in the last part of a text; nobody's age."""
    text = statements.tidy(text[-2000:])
    for match in reversed(list(_SAID.finditer(text))[-statements.MOST :]):
        found = _at(text, match.end(), "said")
        if found and not _AGE.match(text, (arithmetic.value_at(text, match.end()) or (0, 0, 0))[1]):
            return found
    return None


def _match_end(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0
