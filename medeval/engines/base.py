"""What an engine is: requests in, replies out, in any order; it knows no task and no journal."""

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from medeval.records import Decoding, Failure, Identity, Kind, Record, Reply, Request, Response


class Abilities(Record, frozen=True, kw_only=True):
    """What an engine can do; a protocol that needs more is refused before anything starts."""

    choices: bool
    """Log-probabilities of given continuations."""
    whole: bool = True
    """Of continuations of any length, and not only of those that are one token."""
    greedy: bool = False
    """Word of which continuations the model would have written by itself."""
    chat: bool = False
    """A chat template of the model's own."""
    seeds: bool = False
    """A seed a request."""
    kind: Kind | None = None
    """What kind of model it is; none where there is no model."""
    told_by: str = ""
    """By what the kind was told."""
    thinking: bool = False
    """A switch that turns thinking on and off."""
    decoding: Decoding | None = None
    """How the model's makers draw its texts."""


class Rendered(Record, frozen=True):
    """The very text that the model reads, and its tokens if the engine knows them."""

    text: str
    ids: tuple[int, ...] | None

    @property
    def tokens(self) -> int | None:
        """How long it is."""
        return None if self.ids is None else len(self.ids)


class Ask(Record, frozen=True):
    """A request on its way: stamped with its key, and with the place that it was asked from."""

    key: str
    asked: str
    task: str
    sample: str
    variant: int
    place: str
    slot: int
    request: Request
    prompt: Rendered


class Engine(Protocol):
    """Anything that answers requests."""

    identity: Identity
    abilities: Abilities

    @property
    def notes(self) -> Sequence[str]:
        """What should be said of it when a run has ended."""
        ...

    def render(self, request: Request) -> Rendered:
        """Turn a request into the text that the model reads."""
        ...

    def submit(self, asks: Sequence[Ask]) -> None:
        """Take requests; return at once."""
        ...

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Return the replies that have arrived, by key; wait at most `timeout` seconds for the first."""
        ...

    def close(self) -> None:
        """Free everything."""
        ...


def sound(reply: Reply, choices: int) -> Reply:
    """Make a reply fit for the journal, in which it must be the same as in memory.

    Log-probabilities that are no numbers become a failure and are never clamped; half surrogates,
    which UTF-8 cannot hold, are spelt out.
    """
    if not isinstance(reply, Response):
        return reply
    if len(reply.logprobs) != choices:
        reason = f"{len(reply.logprobs)} log-probabilities for {choices} choices"
        return Failure(failure="engine_error", reason=reason)
    # A sum is finite only if every part of it is.
    if reply.logprobs and not math.isfinite(sum(reply.logprobs)):
        return Failure(failure="nonfinite", reason=f"log-probabilities {reply.logprobs}")
    if reply.text.isascii() and reply.reasoning.isascii():
        return reply
    text, reasoning = [
        said.encode("utf-8", "backslashreplace").decode("utf-8") for said in (reply.text, reply.reasoning)
    ]
    same = text == reply.text and reasoning == reply.reasoning
    return reply if same else replace(reply, text=text, reasoning=reasoning)


def in_words(request: Request) -> Rendered:
    """Give the text, or the messages one after another: what is read where no template of ours is applied."""
    text = "\n\n".join([message.content for message in request.messages]) if request.messages else request.text
    return Rendered(text + request.prefill, None)


PER_TURN = 256
"""Replies an immediate engine hands over at once, so that its runs flow like those of a model."""


class Immediate(ABC):
    """An engine that knows each answer at once and needs neither template nor waiting."""

    identity: Identity
    abilities: Abilities
    notes: Sequence[str] = ()

    def __init__(self) -> None:
        self._waiting: deque[Ask] = deque()

    @abstractmethod
    def answer(self, ask: Ask) -> Reply:
        """Answer one request."""

    def render(self, request: Request) -> Rendered:
        """Give the words as they are."""
        return in_words(request)

    def submit(self, asks: Sequence[Ask]) -> None:
        """Queue the requests."""
        self._waiting.extend(asks)

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Answer the next few."""
        now = [self._waiting.popleft() for _ in range(min(PER_TURN, len(self._waiting)))]
        return [(ask.key, self.answer(ask)) for ask in now]

    def close(self) -> None:  # noqa: B027  nothing to free, unless an engine says otherwise
        """Free nothing."""
