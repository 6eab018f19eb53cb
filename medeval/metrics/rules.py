"""Metrics by rule: what a reply is like, whatever it answers."""

import re

from medeval.metrics.base import Metric
from medeval.records import Better, Response, Sample, Style, Walk

WRITING: tuple[Style, ...] = ("written", "reasoned")
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[A-Za-z]{2,}")
ASKED_FOR = ("Answer: X", "答案：X")
_LAST = re.compile(r"(?:answer|答案)(?:[\s*_]*(?:is|是|为|[:：】*])[\s*_]*)\W{0,8}\w.{0,40}$", re.IGNORECASE)
MANNERS: tuple[tuple[str, Better, str], ...] = (
    ("refusal_rate", "lower", "Share of replies that refuse to answer."),
    ("unread_rate", "lower", "Share of replies in which no answer could be read."),
    ("truncation_rate", "lower", "Share of replies that were cut off, with or without an answer."),
)


def manners(sample: Sample, walk: Walk) -> tuple[float, ...]:
    """All that is known by rule of one reply."""
    status = walk.answer.status
    replies = [each.reply for each in walk.of("model") if isinstance(each.reply, Response)]
    return (
        float(status == "refused"),
        float(status == "unread"),
        float(any(reply.finish == "length" for reply in replies)),
    )


def last_line(sample: Sample, walk: Walk) -> float | None:
    """Whether the answer stands on the last line, where it is asked for there."""
    request = walk.of("model")[-1].request
    asked = request.messages[-1].content if request.messages else request.text
    if not any(form in asked for form in ASKED_FOR):
        return None
    said = _LAST.search(walk.text.rstrip().rpartition("\n")[2])
    return float(bool(walk.answer.status == "scored" and said))


def tongue(sample: Sample, walk: Walk) -> float | None:
    """Whether the reply is in the language of the question; a letter is in none, and nothing said is not in it."""
    found = language_of(walk.text)
    return float(found == sample.language) if found or not walk.text.strip() else None


def tokens(sample: Sample, walk: Walk) -> float | None:
    """How much the model wrote in the conversation, reasoning included; of texts made elsewhere nobody knows."""
    replies = [each.reply for each in walk.of("model") if isinstance(each.reply, Response)]
    known = any(reply.prompt_tokens or reply.completion_tokens for reply in replies)
    return float(sum([reply.completion_tokens for reply in replies])) if known else None


def language_of(text: str) -> str:
    """The language of a text by its script: `zh` where most of it is Chinese; empty where there is too little to tell.

    A Chinese character is worth a word: names of drugs in Latin letters do not make a Chinese text an English one.
    """
    if not _LETTER.search(text):
        return ""
    chinese, words = len(_CJK.findall(text)), len(_WORDS.findall(text))
    if chinese + words < 3:
        return ""
    return "zh" if chinese >= words else "en"


def _made(*names: str) -> tuple[Metric, ...]:
    return tuple([
        Metric(
            name=name, about=about, version=1, mark=manners, part=part, better=better, styles=WRITING, voted=False,
        )
        for part, (name, better, about) in enumerate(MANNERS) if name in names
    ])  # fmt: skip


WRITTEN = Metric(
    name="tokens_written", about="Mean number of tokens written, reasoning included.", version=1, mark=tokens,
    unit="plain", better="", styles=WRITING, voted=False,
)  # fmt: skip
FORM = Metric(
    name="format_kept", about="Share of replies whose last line states the answer, where that is asked for.", version=1,
    mark=last_line, styles=WRITING, voted=False,
)  # fmt: skip
TONGUE = Metric(
    name="language_kept", about="Share of replies in the language of the question; a bare letter has none.", version=1,
    mark=tongue, styles=WRITING, voted=False,
)  # fmt: skip
RULES = (*_made(*[name for name, *_ in MANNERS]), FORM, TONGUE, WRITTEN)
"""Of answers that are read out of a reply."""
RULES_OF_TEXTS = (*_made("truncation_rate"), TONGUE, WRITTEN)
"""Of replies that are the answer themselves."""
