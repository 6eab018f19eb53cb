"""The fidelity of a patient: every reply is looked at for five faults, by rules alone.

Rules see words and not meanings: a judge with the grading `per="patient"` sees more.
"""

import re

from medeval.casefile import facts_in
from medeval.casefile.units import sentences_of
from medeval.casefile.words import said
from medeval.metrics.base import Mark, Metric
from medeval.metrics.verdicts import ratio
from medeval.records import CaseSample, Exchange, Language, Response, Walk

MOST = 4
"""Facts that a reply may tell; a patient who tells more at once volunteers them."""
SUPPORTED = 0.5
"""Of the findings of a sentence, that the case must have."""
FAULTS = ("leaked_diagnosis", "contradicted", "invented", "broken_role", "volunteered")
IGNORANT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:don't|do not|didn't|not) (?:know|sure|remember|recall|tested|told)|no idea|not been", re.IGNORECASE
    ),
    "zh": re.compile(r"不清楚|不知道|不记得|没查过|没做过|不确定|说不清|不太清楚"),
}  # fmt: skip
OUT_OF_ROLE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\bas an? (?:ai|language model|assistant)\b|\bi am an? (?:ai|language model)\b|\bcase (?:file|description)\b|"
        r"\b(?:i|we) (?:would )?(?:recommend|diagnose|prescribe)\b|"
        r"\byou should (?:diagnose|consider|order|prescribe)\b|"
        r"\bthe (?:correct|right) (?:answer|diagnosis|option)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"作为(?:一个|一名)?(?:人工智能|AI|语言模型|助手)|"
        r"我是(?:一个)?(?:人工智能|AI)|病例(?:资料|描述|中)|建议您|"
        r"正确(?:答案|诊断|选项)"
    ),
}


def faults(sample: CaseSample, walk: Walk) -> Mark:
    """Replies without a fault, and with each of them, beside the number of replies."""
    replies = [_text(each) for each in walk.of("patient")]
    if not replies:
        return None
    found = [faults_of(sample, reply) for reply in replies]
    n = float(len(replies))
    counts = [float(sum(name in each for each in found)) for name in FAULTS]
    return (float(sum(not each for each in found)), *counts, *[n] * (len(FAULTS) + 1))


def faults_of(sample: CaseSample, reply: str) -> frozenset[str]:
    """Name what is wrong with one reply of a patient."""
    language, small = sample.language, reply.lower()
    known = "\n".join([sample.opening, *sample.facts]).lower()
    right = [option.text.lower() for option in sample.options if option.label in sample.target]
    wrong = {
        "leaked_diagnosis": any(text in small and text not in known for text in right),
        "contradicted": _contradicts(sample, reply),
        "invented": any(_invented(sample, each) for each in sentences_of(reply)),
        "broken_role": bool(OUT_OF_ROLE[language].search(reply)),
        "volunteered": len(facts_in(reply, sample.facts, language)) > MOST,
    }
    return frozenset([name for name, holds in wrong.items() if holds])


def _contradicts(sample: CaseSample, reply: str) -> bool:
    """Whether a reply affirms a finding that the case only denies, or denies one that it only affirms."""
    affirmed, denied = _case(sample)
    words = said(reply, sample.language)
    return bool(_named(words.affirmed) & (denied - affirmed) or _named(words.denied) & (affirmed - denied))


def _invented(sample: CaseSample, sentence: str) -> bool:
    """Whether most findings that a sentence affirms are not in the case at all."""
    if IGNORANT[sample.language].search(sentence):
        return False
    affirmed, denied = _case(sample)
    found = _named(said(sentence, sample.language).affirmed)
    return bool(found) and len(found & (affirmed | denied)) < SUPPORTED * len(found)


def _case(sample: CaseSample) -> tuple[frozenset[str], frozenset[str]]:
    """The findings that a case affirms, and those that it denies."""
    texts = [said(text, sample.language) for text in (sample.opening, *sample.facts)]
    affirmed = frozenset[str]().union(*[_named(each.affirmed) for each in texts])
    return affirmed, frozenset[str]().union(*[_named(each.denied) for each in texts])


def _named(words: frozenset[str]) -> frozenset[str]:
    """The findings that have a name; of other words nobody can say so surely that they are new."""
    return frozenset([word for word in words if word.startswith("@")])


def _text(exchange: Exchange) -> str:
    return exchange.reply.text if isinstance(exchange.reply, Response) else ""


ABOUT = {
    "leaked_diagnosis": "that name the right answer, which no fact does",
    "contradicted": "that affirm a finding which the case denies, or the other way round",
    "invented": "in which most findings are none of the case's",
    "broken_role": "in which the patient speaks as a doctor, a file or a machine",
    "volunteered": f"that tell more than {MOST} facts at once",
}
FIDELITY: tuple[Metric, ...] = (
    Metric(
        name="patient_fidelity", version=1, mark=faults, gather=ratio, part=0, voted=False,
        about="Share of the patient's replies in which rules find no fault; below 95 % the cell is not ranked.",
    ),
    *[
        Metric(
            name=f"patient_{name}", version=1, mark=faults, gather=ratio, part=place, better="lower", voted=False,
            about=f"Share of the patient's replies {ABOUT[name]}.",
        )
        for place, name in enumerate(FAULTS, 1)
    ],
)  # fmt: skip
