"""Where a reply states its answer: behind "Answer:", in a box, in a tag, under the key of a JSON object."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST = 300
"""Characters of a statement that are looked at."""
MOST = 40
"""Statements that are looked at, from the last one on: a flood of cues costs no more."""

_FULL = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；"}
_SIGNS = {
    "−": "-", "﹣": "-", "‐": "-", "‑": "-", "⁄": "/", "∕": "/", "∗": "*",
    "≒": "≈", "≅": "≈", "\u00a0": " ", "\u202f": " ", "“": '"', "”": '"',
}  # fmt: skip
_PLAIN = str.maketrans({**{chr(code): sign for code, sign in _FULL.items()}, **_SIGNS})

_CUE = re.compile(
    r"(?P<boxed>\\boxed\s?\{)"
    r"|(?P<tag><answer>)"
    r"|(?P<json>[\"'](?:final[_ ])?answer[\"']\s{0,9}:\s{0,9})"
    r"|(?P<answer>(?:\b(?:final |correct )?answer|\bfinal (?:result|score|value|date))"
    r"(?: \([^()\n]{1,40}\)| to the question)?[*_`]{0,3} ?(?:[:=≈]|is\b:?|was\b|would be\b|\n)"
    r"|(?:答案|最终结果|最终得分|最后结果)[*_`]{0,3}(?:[是为:=约]|应为|\n){1,2})",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"\b(?:therefore|thus|hence|so|in conclusion|in summary|overall)\b,?|因此|所以|综上|故(?!障|事|意|乡)|可得"
    r"|\b(?:result|score|total)[*_`]{0,3} ?(?::|=|is\b|would be\b)"
    r"|(?:结果|得分|总分|评分|总计)[*_`]{0,3}(?:[是为:=约]){1,2}",
    re.IGNORECASE,
)
_LATEX = [
    (re.compile(r"\\d?frac\s?\{([^{}]{1,60})\}\s?\{([^{}]{1,60})\}"), r"(\1)/(\2)"),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf)\s?\{([^{}]{0,80})\}"), r" \1"),
    (re.compile(r"\\(?:times|cdot)\b"), "*"),
    (re.compile(r"\\div\b"), "/"),
    (re.compile(r"\\(?:approx|sim|simeq)\b"), "≈"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\^\{([-+]?[\d.]{1,9})\}"), r"^\1"),
    (re.compile(r"\\[,;! ()\[\]]|\$|\\(?=%)|\\(?:left|right)\b"), ""),
]


class Statement(NamedTuple):
    """What stands behind a cue, on its line, and the rule that found it."""

    text: str
    rule: str


def plain(text: str) -> str:
    """Full-width signs and digits, other minus signs and other quotes as the plain ones, one for one."""
    return text.translate(_PLAIN)


def explicit(text: str) -> Iterator[Statement]:
    """What the reply calls its answer, the last first; of a plain text."""
    for match in reversed(_last(_CUE, text)):
        rule = str(match.lastgroup)
        yield Statement(_from(text, match.end(), rule), rule)


def left_empty(stated: Sequence[Statement]) -> bool:
    """Whether the last answer is a field that nothing was put into: then what was thought before it is none."""
    return bool(stated) and stated[0].rule in {"json", "tag"} and not stated[0].text


def after_last_cue(text: str) -> int:
    """Where the last cue of an answer ends; 0 where there is none."""
    found = _last(_CUE, plain(text))
    return found[-1].end() if found else 0


def concluded(text: str) -> Iterator[Statement]:
    """What it concludes, or calls a result or a score, the last first; of a plain text."""
    for match in reversed(_last(_CONCLUSION, text)):
        yield Statement(_from(text, match.end(), ""), "conclusion")


def _last(cue: re.Pattern[str], text: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for match in cue.finditer(text):
        found.append(match)
        if len(found) > 2 * MOST:
            del found[:MOST]
    return found[-MOST:]


def _from(text: str, start: int, rule: str) -> str:
    """The rest of the line, or the first line after it that says something."""
    rest = text[start : start + LONGEST]
    if len(rest) == LONGEST:
        # Whatever was cut may have been longer.
        rest = rest.rstrip("0123456789.,eE+-*/^() ")
    if rule == "boxed":
        return tidy(rest[: _closing(rest)])
    if rule == "json":
        if rest[:1] in {'"', "'"}:
            return tidy(rest[1:].split(rest[0], 1)[0])
        if closed := re.match(r"(?:\([^()\n]*\)|\[[^\[\]\n]*\]|\{[^{}\n]*\})(?=\s*(?:[},\n]|\Z))", rest):
            return tidy(closed[0])
        return tidy(re.split(r"[}\n]|,\s*[\"']", rest, maxsplit=1)[0])
    said = rest.lstrip(" \t\n*_`#")
    if rule == "tag":
        return tidy(re.split(r"<\s?[/\\]|\n", said, maxsplit=1)[0])
    if "\n" in text[start - 1 : start + len(rest) - len(said)]:
        said = said.removeprefix("- ")  # a bullet; on the line of its cue it is a minus
    return tidy(said.split("\n", 1)[0])


def _closing(text: str) -> int:
    depth = 1
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return place
    return len(text)


def tidy(text: str) -> str:
    """Without the dress of LaTeX and Markdown."""
    for pattern, instead in _LATEX:
        text = pattern.sub(instead, text)
    return re.sub(r"(?<![\d)\s])\*\*|\*\*(?!\s?[\d(.+-])|[`_\"]", "", text).strip()
