"""Phrases out of lines: bullets, headings, what separates one from the next, and when two are the same."""

import re
import unicodedata
from typing import NamedTuple

LONGEST = 120
"""Characters; what is longer is a sentence."""
MOST = 4_000
"""Lines that are looked at; a reply with more is a flood."""
_BULLET = re.compile(
    r"\s{0,20}(?:[-*+•·●○▪◦‣–—](?!\*)\s{0,4}"
    r"|\(?\d{1,3}[.)、）．]\s{0,4}(?!\d)|[（(]\d{1,3}[）)]\s{0,4}|[①-⑳]\s{0,4}){1,2}"
)
_DRESS = re.compile(r"\*\*|__|`|^\s{0,20}#{1,6}\s|^\s{0,9}>\s?")
_EDGES = " \t\r\n\"'“”‘’「」『』《》`*_.。,，;；:：、"
_NOTHING = re.compile(
    r"(?:none|nil|null|n/?a|nothing|not (?:applicable|mentioned|found|specified|present)"
    r"|no (?:\w{1,20} ){0,3}(?:found|identified|mentioned|present|entities|relations|mentions)"
    r"|none (?:\w{1,20} ){0,3}(?:found|identified|mentioned|present|reported|specified)"
    r"|empty|-{1,3}|无|没有|暂无|未提及|未发现|不存在|空|无相关\w{0,6})",
    re.IGNORECASE,
)
_STRONG = re.compile(r"[;；\n]")
_COMMA = re.compile(r"，|,(?=\s|[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]),")


class Line(NamedTuple):
    """A line without its dress, and whether it was an item of a list or a heading."""

    text: str
    bullet: bool
    heading: bool


def lines(text: str) -> list[Line]:
    """The lines of a text; fences are none, and an empty one stays, because it ends a block."""
    return [_line(raw) for raw in text.splitlines()[:MOST] if not raw.lstrip().startswith("```")]


def _line(raw: str) -> Line:
    bare = _DRESS.sub("", raw)
    bullet = _BULLET.match(bare)
    text = bare[bullet.end() :] if bullet else bare
    heading = raw.lstrip().startswith(("#", "**", "__")) and not bullet
    return Line(text.strip(), bool(bullet) and bool(text.strip()), heading)


def cleaned(text: str) -> str:
    """A phrase without quotes and stops at its edges; empty if it says that there is none, or is a sentence."""
    text = _DRESS.sub("", text).strip(_EDGES)
    return "" if len(text) > LONGEST or _NOTHING.fullmatch(text) else text


def says_nothing(text: str) -> bool:
    """Whether a text says in a word or two that there is nothing."""
    return bool(_NOTHING.fullmatch(text.strip(_EDGES)))


def parted(text: str) -> list[str]:
    """Phrases that stand in a row, by the strongest sign among them: ; before , before 、.

    A comma within a number or a chemical name, as in 1,2-dichloroethane, parts nothing.
    """
    for sign in (_STRONG, _COMMA, re.compile("、")):
        parts = sign.split(text)
        if len(parts) > 1:
            break
    return [phrase for part in parts if (phrase := cleaned(part))]


def same(text: str) -> str:
    """What two phrases share if they are the same; width, case, white space and stops at the edges do not part them."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_EDGES)
