"""What a doctor does in one turn of a consultation: ask, order a test, conclude, or give no answer.

The last line that begins with a mark wins: `QUESTION: x`, `TEST: x`, `ANSWER: x`, `ABSTAIN`, and in Chinese also
`提问：x`, `检查：x`, `答案：x`, `无法判断`. What has no mark is a question as it stands.
"""

import re
from typing import Literal

from medeval.readers import patterns, traces
from medeval.records import Language, Record

Act = Literal["ask", "test", "conclude", "abstain"]
# Lists, quotations and headings may stand before a mark, and dress of Markdown around it has become blank.
_BEGIN = r"^[^\w\n]{0,9}+(?:\d{1,2}[.)]\s{1,3}+)?"
_COLON = r"\s{0,3}+:(?P<rest>[^\n]*)"
_STATES = r"\s{1,3}+is\b(?P<rest>[^\n?]*)$"
"""Only where the line does not ask: "The answer is not clear yet: do you smoke?" is a question."""
ENGLISH: tuple[tuple[Act, str], ...] = (
    ("ask", rf"{_BEGIN}(?:my )?(?:next )?question{_COLON}"),
    ("test", rf"{_BEGIN}(?:(?:request|order)(?:ed|ing)? (?:a )?)?tests?(?: (?:ordered|requested))?{_COLON}"),
    ("conclude", rf"{_BEGIN}(?:the |my )?(?:final |best |correct )?answer{_COLON}"),
    ("conclude", rf"{_BEGIN}(?:the |my )(?:final |best |correct )?answer{_STATES}"),
    # How models that were taught on mathematics conclude, whatever they are told.
    ("conclude", r"\bboxed\s?\{(?P<rest>[^{}\n]*)"),
    ("abstain", rf"{_BEGIN}(?:i )?abstain(?:{_COLON}|[^\w\n]*$)"),
)
CHINESE: tuple[tuple[Act, str], ...] = (
    ("ask", rf"{_BEGIN}(?:提问|问题){_COLON}"),
    ("test", rf"{_BEGIN}(?:申请|安排|开具|体格|辅助|实验室|影像)?(?:检查|检验|化验)(?:项目)?{_COLON}"),
    ("conclude", rf"{_BEGIN}(?:我的|最终|最后的?|正确)?答案{_COLON}"),
    ("conclude", rf"{_BEGIN}(?:我的|最终|最后的?|正确)?答案[是为選选](?P<rest>[^\n?]*)$"),
    ("abstain", rf"{_BEGIN}我?无法判断(?:{_COLON}|[^\w\n]*$)"),
)


def _compiled(*marks: tuple[Act, str]) -> tuple[tuple[Act, re.Pattern[str]], ...]:
    return tuple([(act, re.compile(mark, re.IGNORECASE | re.MULTILINE)) for act, mark in marks])


MARKS = {"en": _compiled(*ENGLISH), "zh": _compiled(*ENGLISH, *CHINESE)}


class Move(Record, frozen=True, kw_only=True):
    """One turn of a doctor."""

    kind: Act
    text: str
    """What is asked, ordered or concluded, without its mark."""


def read_move(text: str, language: Language) -> Move:
    """Read what a doctor does; a reasoning trace does nothing, nor does one that was never closed."""
    said = traces.split(text, opened=False)[1]
    plain = said.translate(patterns.PLAIN)
    found = [(match.start(), act, match) for act, mark in MARKS[language] for match in mark.finditer(plain)]
    if not found:
        return Move(kind="ask", text=said.strip())
    _, act, match = max(found, key=lambda each: each[0])
    start, end = match.span("rest") if match["rest"] is not None else (match.end(), match.end())
    # What is announced may stand on the lines below its mark.
    return Move(kind=act, text=_bare(said[start:end]) or _bare(said[end:]))


def _bare(text: str) -> str:
    """A text without the dress of Markdown around it."""
    return text.strip().strip("*`_ ").strip()
