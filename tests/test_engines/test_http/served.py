"""What the tests of served models share: requests by number, and their replies."""

import contextlib
import time
from collections.abc import Sequence

from medeval.engines.base import Ask
from medeval.engines.http import HTTP
from medeval.records import Choice, Decoding, Message, Reply, Request

LETTERS = tuple([Choice(label=label, text=f" {label}") for label in "ABCD"])
PATIENCE = 60.0
"""Seconds before a test gives up, on a machine that does many other things."""


def writing(text: str, tokens: int = 16, **drawn: object) -> Request:
    return Request(text=text, decoding=Decoding(max_tokens=tokens, **drawn))  # type: ignore[arg-type]


def chatting(text: str, tokens: int = 16, **more: object) -> Request:
    messages = (Message(role="user", content=text),)
    return Request(messages=messages, decoding=Decoding(max_tokens=tokens), **more)  # type: ignore[arg-type]


def choosing(text: str, choices: tuple[Choice, ...] = LETTERS) -> Request:
    return Request(text=text, choices=choices, decoding=Decoding(max_tokens=1))


def many(count: int) -> list[Request]:
    return [writing(f"Question {number}?") for number in range(count)]


def submit(engine: HTTP, requests: Sequence[Request]) -> None:
    engine.submit([
        Ask(f"{number}", "", "exam", f"{number}", 0, f"{number}", 0, request, engine.render(request))
        for number, request in enumerate(requests)
    ])  # fmt: skip


def arrived(engine: HTTP, count: int, found: dict[int, Reply] | None = None) -> dict[int, Reply]:
    """Take replies until all have come; each comes once."""
    found, end = {} if found is None else found, time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} replies came"
        for key, reply in engine.replies(0.2):
            assert int(key) not in found
            found[int(key)] = reply
    assert engine.replies(0.0) == []
    return found


def replies(engine: HTTP, requests: Sequence[Request]) -> list[Reply]:
    """Ask, and give the replies in the order of the requests."""
    with contextlib.closing(engine):
        submit(engine, requests)
        found = arrived(engine, len(requests))
    return [found[number] for number in range(len(requests))]
