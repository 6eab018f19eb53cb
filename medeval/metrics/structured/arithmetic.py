"""A number as it is written, or the little sum that stands in its place; nothing is ever executed."""

import math
import re
from collections.abc import Callable

LONGEST = 120
"""Tokens of a sum that are looked at."""
DEEPEST = 12
"""Brackets within brackets."""
NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+(?!,?\d)(?:\.\d{1,30})?|\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?(?![\d])"
)
# An x is a sign of multiplication before a power of ten only: it is a letter otherwise.
_TIMES = r"[xX](?=\s?10\s?(?:[\^⁰¹²³⁴⁵⁶⁷⁸⁹⁻]|\*\*))"
_TOKEN = re.compile(rf"\s{{0,3}}(?:({NUMBER})|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}})|(\*\*|[-+*/^()×÷·]|{_TIMES}))")
_SAME = {"×": "*", "·": "*", "x": "*", "X": "*", "÷": "/", "^": "**"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_OPERATIONS: dict[str, tuple[int, Callable[[float, float], float]]] = {
    "+": (1, lambda left, right: left + right),
    "-": (1, lambda left, right: left - right),
    "*": (2, lambda left, right: left * right),
    "/": (2, lambda left, right: left / right),
    "**": (4, math.pow),
}
Token = tuple[str, float, int]
"""A sign or `n` for a number, its value, and where it ends."""


def value_at(text: str, start: int = 0) -> tuple[float, int, int] | None:
    """The value of the longest sum that begins here, where it ends, and how many tokens it takes."""
    tokens = _tokens(text, start)
    try:
        value, used = _sum(tokens, 0, 0, 0)
    except (ArithmeticError, ValueError, IndexError):
        return None
    return (value, tokens[used - 1][2], used) if math.isfinite(value) else None


def _tokens(text: str, start: int) -> list[Token]:
    found: list[Token] = []
    while len(found) < LONGEST and (match := _TOKEN.match(text, start)):
        number, raised, sign = match.groups()
        start = match.end()
        if number:
            found.append(("n", float(number.replace(",", "")), start))
        elif raised:
            found.extend([("**", 0.0, start), ("n", float(raised.translate(_RAISED)), start)])
        else:
            found.append((_SAME.get(sign, sign), 0.0, start))
    return found


def _sum(tokens: list[Token], place: int, least: int, depth: int) -> tuple[float, int]:
    """Climb by precedence; a sign that nothing follows is no part of the sum."""
    left, place = _operand(tokens, place, depth)
    while place < len(tokens) and tokens[place][0] in _OPERATIONS:
        rank, operation = _OPERATIONS[tokens[place][0]]
        if rank < least or not _begins(tokens, place + 1):
            break
        # Powers are grouped from the right, everything else from the left.
        right, after = _sum(tokens, place + 1, rank if rank == 4 else rank + 1, depth + 1)
        left, place = operation(left, right), after
    return left, place


def _operand(tokens: list[Token], place: int, depth: int) -> tuple[float, int]:
    if depth > DEEPEST:
        raise ValueError
    sign, value, _ = tokens[place]
    if sign == "n":
        return value, place + 1
    if sign in {"-", "+"}:
        value, place = _sum(tokens, place + 1, 3, depth + 1)
        return -value if sign == "-" else value, place
    if sign != "(":
        raise ValueError
    value, place = _sum(tokens, place + 1, 0, depth + 1)
    if tokens[place][0] != ")":
        raise ValueError
    return value, place + 1


def _begins(tokens: list[Token], place: int) -> bool:
    """Whether an operand may begin here."""
    while place < len(tokens) and tokens[place][0] in {"-", "+"}:
        place += 1
    return place < len(tokens) and tokens[place][0] in {"n", "("}
