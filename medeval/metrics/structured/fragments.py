"""The JSON in a reply, whole or broken: unclosed, cut short, with single quotes, bare words or commas too many."""

import json
import re

Json = dict[str, "Json"] | list["Json"] | str | float | bool | None

DEEPEST = 40
"""Brackets within brackets; a text with more is read up to there."""
MOST = 2_000
"""Fragments that are looked at; a reply with more is a flood."""
_OPEN = re.compile(r"[\[{]")
_TOKEN = re.compile(
    r"\s*+(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|"
    # A string ends with its line, closed or not, so that a forgotten quote spoils no more than that.
    r"\"(?P<double>(?:[^\"\\\n]|\\.)*+)(?P<closed>\")?"
    r"|“(?P<curled>[^”\n]*+)”?"
    r"|'(?P<single>(?:[^'\n]|'(?!\s{0,4}(?:[,:，：\])}\n]|\Z)))*+)'?"
    # Python's tuples are lists, where what they hold is in quotes.
    r"|(?P<sign>[\[\]{},:，：、]|\((?=\s{0,3}[\"'])|(?<=[\"',])\))"
    r"|(?P<bare>[^\s\[\]{},:，：、\"][^\[\]{},:，：、\"\n]*+))"
)
_NOTHING = {"null": None, "none": None, "true": True, "false": False}
_STRICT = json.JSONDecoder(strict=False)


def fragments(text: str) -> list[Json]:
    """Every object and list that stands on its own in a text, in order.

    What is whole is read as JSON; from the first that is not, everything is read by a reader that forgives.
    """
    found: list[Json] = []
    place = 0
    while len(found) < MOST and (match := _OPEN.search(text, place)):
        try:
            value, place = _STRICT.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            return (found + _Forgiving(text, match.start()).read())[:MOST]
        found.append(value)
    return found


class _Forgiving:
    """One pass over the tokens, with the open objects and lists on a stack."""

    def __init__(self, text: str, place: int) -> None:
        self.text = text
        self.place = place
        self.roots: list[Json] = []
        self.stack: list[dict[str, Json] | list[Json]] = []
        self.keys: list[str | None] = []
        self.named: bool = False

    def read(self) -> list[Json]:
        while self._find_token():
            pass
        return self.roots

    def _find_token(self) -> bool:
        if not self.stack:
            begin = _OPEN.search(self.text, self.place)
            if not begin or len(self.roots) > MOST:
                return False
            self.place = begin.start()
        match = _TOKEN.match(self.text, self.place)
        if not match or len(self.stack) > DEEPEST:
            return False
        self.place = match.end()
        if sign := match["sign"]:
            self._sign(sign)
        elif (double := match["double"]) is not None:
            # A string that the end of the text cuts off is only a part of one.
            if match["closed"] or match.end() < len(self.text):
                self._value(_unescaped(double))
        elif (quoted := match["curled"] if match["curled"] is not None else match["single"]) is not None:
            self._value(quoted)
        elif bare := match["bare"]:
            self._value(_NOTHING.get(bare.strip().lower(), bare.strip()))
        return True

    def _sign(self, sign: str) -> None:
        if sign in "[{(":
            opened: dict[str, Json] | list[Json] = {} if sign == "{" else []
            self._value(opened)
            self.stack.append(opened)
            self.keys.append(None)
            self.named = False
        elif sign in "]})":
            self._close(dict if sign == "}" else list)
        elif sign in ":：":
            self.named = bool(self.stack) and self.keys[-1] is not None
        else:
            self.keys[-1], self.named = None, False

    def _close(self, kind: type) -> None:
        """Close the last one of a kind, and what was left open within it; one that was never opened is no matter."""
        if not any(isinstance(each, kind) for each in self.stack):
            return
        while self.stack:
            last = self.stack.pop()
            self.keys.pop()
            if isinstance(last, kind):
                break
        if self.stack:
            self.keys[-1], self.named = None, False

    def _value(self, value: Json) -> None:
        if not self.stack:
            self.roots.append(value)
            return
        top = self.stack[-1]
        if isinstance(top, list):
            top.append(value)
        elif self.named and (key := self.keys[-1]) is not None:
            top[key] = value
            self.keys[-1], self.named = None, False
        elif isinstance(value, str):
            self.keys[-1] = value


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
