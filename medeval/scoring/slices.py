"""The parts of a cell: the slices that its samples declare, and some that every question has."""

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from medeval.errata import FAULTY, SOUND, Listed
from medeval.records import ChoiceSample, OpenSample, Sample

COMPARED = 30
"""Samples below which a part is shown, and not compared."""
MERGED = 10
"""Samples below which a part is no part, and goes into `other`."""
OTHER = "other"
LENGTHS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "en": ("words", (50, 100, 200)),
    "zh": ("characters", (30, 60, 120)),
}
"""In what the length of a question is counted, and where its class changes."""
_SENTENCES = re.compile(r"(?<=[.?!])(?<!\b[A-Z]\.)(?<!\bvs\.)(?<!\bDr\.)(?<!\bSt\.)\s+(?=[A-Z\"'(])|(?<=[。？！])\s*")
_NUMBER = re.compile(r"\d{1,9}")
_WORD = re.compile(r"\w")
# 不 within a word denies nothing: 消化不良, 不锈钢; and before a reason it is what is to be explained.
_WITHIN = "良|同|全|足|孕|育|稳|明|安|规则|典型|锈|溶|舒|完全|可逆|对称|自主|饱和"
_NEGATED: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:except|not(?! only\b)|cannot|never|(?<!at )least|false|incorrect|untrue|wrong|contraindicated)\b|n't\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        rf"不(?!{_WITHIN}|适(?![宜用合于当应]))(?!.*(?:因为|原因是))[^，。；,;]*[。？?\s（）()：:.]*$"
        r"|除(?:下列|以下|下述)?[哪何][^，。；]{0,4}外|错误|除外|除了|以外|并非|禁忌|禁用|严禁|无关"
    ),
}
_CUES = {
    "en": ("not", "n't", "except", "never", "least", "false", "incorrect", "untrue", "wrong", "contraindicated"),
    "zh": ("不", "除", "错误", "以外", "并非", "禁", "无关"),
}
"""Without one of these there is no need to look closer."""
Kind = tuple[str, str, str, str, tuple[tuple[str, str], ...]]
"""Language, length, negated and answers, empty where there is no such thing, and what the benchmark says."""


def slices_of(samples: Sequence[Sample], errata: Listed | None = None) -> Sequence[Mapping[str, str]]:
    """The parts that every sample belongs to: those that are too small go together, what parts nothing is left out.

    Where some of the samples are known to be faulty, the sound ones are a part, however few the others are.
    """
    # Most samples share their parts with many others, and then one value serves them all.
    known: dict[Kind, int] = {}
    places = array("I", [known.setdefault(kind, len(known)) for kind in map(_kind, samples)])
    parts = [_parts(kind) for kind in known]
    counts: dict[str, Counter[str]] = {}
    for place, times in Counter(places).items():
        for name, value in parts[place].items():
            counts.setdefault(name, Counter())[value] += times
    merged = {
        name: {value: value if count >= MERGED else OTHER for value, count in found.items()}
        for name, found in counts.items()
    }
    telling = {name for name, found in merged.items() if len({*found.values()}) > 1}
    shown = [{name: merged[name][value] for name, value in sorted(each.items()) if name in telling} for each in parts]
    found = [shown[place] for place in places]
    faulty = [sample.id in errata.ids for sample in samples] if errata else []
    if errata is None or not any(faulty):
        return found
    return [
        dict(sorted({**each, errata.part: FAULTY if wrong else SOUND}.items()))
        for each, wrong in zip(found, faulty, strict=True)
    ]


def in_order(part: tuple[str, str]) -> tuple[str, int, str]:
    """Where a part stands among others: by its name, and by the number that its value begins with, if it does."""
    name, value = part
    number = _NUMBER.match(value)
    return name, int(number[0]) if number else -1, value


def _kind(sample: Sample) -> Kind:
    """What can be said of any question without knowing its benchmark, and what its benchmark says."""
    language, said = sample.language, tuple(sample.slices.items())
    if not isinstance(sample, ChoiceSample):
        asked = sample.messages[-1].content if isinstance(sample, OpenSample) else ""
        return language, _length(asked, language), "", "", said
    asked = sample.question
    negated, answers = "yes" if _negated(asked, language) else "no", "several" if sample.several else "one"
    return language, _length(asked, language), negated, answers, said


def _parts(kind: Kind) -> dict[str, str]:
    *own, said = kind
    names = ("language", "length", "negated", "answers")
    return {**{name: value for name, value in zip(names, own, strict=True) if value}, **dict(said)}


def _negated(text: str, language: str) -> bool:
    """Whether a question asks for what is not so. It stands last; empty brackets behind it are for the answer."""
    lowered = text.lower()
    for cue in _CUES[language]:
        if cue in lowered:
            break
    else:
        return False
    asked = next((part for part in reversed(_SENTENCES.split(text)) if _WORD.search(part)), "")
    return bool(_NEGATED[language].search(asked))


def _length(text: str, language: str) -> str:
    unit, bounds = LENGTHS[language]
    count = len(text.split()) if language == "en" else len("".join(text.split()))
    place = bisect_right(bounds, count)
    return _between(unit, (0, *bounds)[place], bounds[place] if place < len(bounds) else 0)


@cache
def _between(unit: str, low: int, high: int) -> str:
    return f"{low} to {high - 1} {unit}" if high else f"{low} {unit} or more"
