"""What a doctor does in one turn of a consultation: ask, order a test, conclude, or give no answer.

The last line that begins with a mark wins (`TEST: x`, `ANSWER: x`, `ABSTAIN`, `QUESTION: x`, and their Chinese); what
has none is a question as it stands.
"""

import re
from typing import Literal

from medeval.readers import patterns, traces
from medeval.records import Language, Record

Kind = Literal["ask", "test", "conclude", "abstain"]
_BEGIN = r"^[^\w\n]{0,9}+(?:\d{1,2}[.)]\s{1,3})?"
_MARK = r"\s{0,3}+:(?P<rest>[^\n]*)"
_MARKS: dict[Language, tuple[tuple[Kind, re.Pattern[str]], ...]] = {
    "en": (
        ("ask", re.compile(rf"{_BEGIN}(?:my )?(?:next )?question{_MARK}", re.IGNORECASE | re.MULTILINE)),
        (
            "test",
            re.compile(
                rf"{_BEGIN}(?:(?:i )?(?:request|order)(?:ed|ing)? (?:a )?)?tests?(?: (?:ordered|request))?{_MARK}",
                re.IGNORECASE | re.MULTILINE,
            ),
        ),
        (
            "conclude",
            re.compile(
                rf"{_BEGIN}(?:the |my )?(?:final |best |correct )?answer"
                rf"(?:{_MARK}|\s{{1,3}}is\b(?P<said>[^\n?]*)$)",
                re.IGNORECASE | re.MULTILINE,
            ),
        ),
        ("abstain", re.compile(rf"{_BEGIN}(?:i )?abstain(?:{_MARK}|[^\w\n]*$)", re.IGNORECASE | re.MULTILINE)),
    ),
    "zh": (
        ("ask", re.compile(rf"{_BEGIN}(?:提问|问题){_MARK}", re.MULTILINE)),
        (
            "test",
            re.compile(
                rf"{_BEGIN}(?:申请|安排|开具|体格|辅助|实验室|影像)?(?:检查|检验|化验)(?:项目)?{_MARK}", re.MULTILINE
            ),
        ),
        (
            "conclude",
            re.compile(
                rf"{_BEGIN}(?:我的|最终|最后的?|正确)?答案(?:{_MARK}|[是为選选](?P<said>[^\n?]*)$)", re.MULTILINE
            ),
        ),
        ("abstain", re.compile(rf"{_BEGIN}(?:我)?(?:无法判断|無法判斷)(?:{_MARK}|[^\w\n]*$)", re.MULTILINE)),
    ),
}
"""Doctors of either language may use the marks of the other: those of their own are looked for first."""
_BOXED = re.compile(r"\\boxed\s?\{(?P<rest>[^{}\n]*)")
"""How models that were taught on mathematics conclude, whatever they are told."""


class Move(Record, frozen=True, kw_only=True):
    """One turn of a doctor."""

    kind: Kind
    text: str
    """What is asked, ordered or concluded, without its mark."""


def read_move(text: str, language: Language) -> Move:
    """Read what a doctor does; reasoning traces say nothing, and what was never closed is one."""
    said = traces.split(text, opened=False)[1]
    plain = said.translate(patterns.PLAIN)
    last: tuple[int, Kind, re.Match[str]] | None = None
    for kind, pattern in (*_MARKS[language], *_MARKS["zh" if language == "en" else "en"], ("conclude", _BOXED)):
        for match in pattern.finditer(plain):
            # Within one line the mark that begins it counts: "Answer: \boxed{B}".
            if last is None or plain.rfind("\n", 0, match.start("rest") + 1) > last[0]:
                last = _line(plain, match), kind, match
    if last is None:
        return Move(kind="ask", text=said.strip())
    _, kind, match = last
    return Move(kind=kind, text=_rest(said, match))
