"""The parts of a cell: the slices that its samples declare, and some that every question has."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from medeval.records import ChoiceSample, OpenSample, Sample

COMPARED = 30
"""Samples below which a part is shown, and not compared."""
MERGED = 10
"""Samples below which a part is no part, and goes into `other`."""
OTHER = "other"
LENGTHS = {"en": (50, 100, 200), "zh": (30, 60, 120)}
"""Where the length of a question changes its class: in words, or in Chinese characters."""
_SENTENCES = re.compile(r"(?<=[.?!])(?<!\b[A-Z]\.)(?<!\bvs\.)(?<!\bDr\.)(?<!\bSt\.)\s+(?=[A-Z\"'(])|(?<=[。？！])\s*")
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


def slices_of(samples: Sequence[Sample]) -> tuple[Mapping[str, str], ...]:
    """The parts that every sample belongs to: those that are too small go together, what parts nothing is left out."""
    every = [{**_of_itself(sample), **sample.slices} for sample in samples]
    counts: dict[str, Counter[str]] = {}
    for parts in every:
        for name, value in parts.items():
            counts.setdefault(name, Counter())[value] += 1
    merged = {
        name: {value: value if count >= MERGED else OTHER for value, count in found.items()}
        for name, found in counts.items()
    }
    telling = {name for name, found in merged.items() if len({*found.values()}) > 1}
    return tuple([
        {name: merged[name][value] for name, value in sorted(parts.items()) if name in telling} for parts in every
    ])  # fmt: skip


def _of_itself(sample: Sample) -> dict[str, str]:
    """What can be said of any question without knowing its benchmark."""
    asked = _asked(sample)
    parts = {"language": sample.language, "length": _length(asked, sample.language)}
    if isinstance(sample, ChoiceSample):
        parts["negated"] = "yes" if _NEGATED[sample.language].search(_last_sentence(asked)) else "no"
        parts["answers"] = "several" if sample.several else "one"
    return parts


def _last_sentence(text: str) -> str:
    """What is asked stands last; empty brackets behind it are a place for the answer."""
    return next((part for part in reversed(_SENTENCES.split(text)) if _WORD.search(part)), "")


def _asked(sample: Sample) -> str:
    if isinstance(sample, ChoiceSample):
        return sample.question
    return sample.messages[-1].content if isinstance(sample, OpenSample) else ""


def _length(text: str, language: str) -> str:
    chinese = language == "zh"
    count = sum(not character.isspace() for character in text) if chinese else len(text.split())
    unit, bounds = ("characters" if chinese else "words"), LENGTHS[language]
    for low, high in zip((0, *bounds), bounds, strict=False):
        if count < high:
            return f"{low} to {high - 1} {unit}"
    return f"{bounds[-1]} {unit} or more"
