"""What is said between a run and its engine process: small messages over a socket, and sending never waits."""

import socket
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import msgspec

HEAD = 4
"""Bytes that tell how long a message is."""
CHUNK = 1 << 20

T = TypeVar("T")


class _Said(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """One message."""


class Start(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """To the process, first of all: what the engine is made of."""

    arguments: dict[str, Any]
    adapter: str = ""


class Work(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """To the process: tokens to go on from."""

    number: int
    ids: tuple[int, ...]
    wanted: tuple[int, ...] = ()
    """Tokens whose log-probability is wanted; then nothing is written."""
    drawn: dict[str, Any] = {}
    """How a text is drawn, in vLLM's own words."""


class Ready(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: the model is loaded."""

    context: int
    at_once: int = 256
    """Requests of one batch."""


class Done(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: what the model made of a piece of work."""

    number: int
    tokens: tuple[int, ...]
    """Written; where log-probabilities were wanted, the likeliest token."""
    logprobs: tuple[float | None, ...] = ()
    """None stands for no number, which JSON and its kin cannot say."""
    cached: int = 0
    sound: bool = True
    """Whether all logits were numbers."""


class Refused(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: this piece of work cannot be done."""

    number: int
    reason: str


class Alive(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: it computes, though nothing is finished."""


class Idle(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: of so many pieces of work that it was given, all are done."""

    given: int


class Broken(_Said, frozen=True, array_like=True, tag=True, gc=False):
    """From the process: its last word."""

    reason: str


ToProcess = Start | Work
FromProcess = Ready | Done | Refused | Alive | Idle | Broken


class Line(Generic[T]):
    """One end of the socket."""

    def __init__(self, end: socket.socket, hears: Any) -> None:
        end.setblocking(False)
        self._socket = end
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(hears)
        self._leaving = bytearray()
        self._arriving = bytearray()

    def fileno(self) -> int:
        """For select."""
        return self._socket.fileno()

    @property
    def waits(self) -> bool:
        """Whether something could not be sent yet."""
        return bool(self._leaving)

    def send(self, messages: Iterable[_Said]) -> None:
        """Send, as far as the other side takes it; the rest leaves with the next `flush`."""
        for message in messages:
            data = self._encoder.encode(message)
            self._leaving += len(data).to_bytes(HEAD, "little") + data
        self.flush()

    def flush(self) -> None:
        """Send what waits."""
        while self._leaving:
            try:
                sent = self._socket.send(memoryview(self._leaving)[:CHUNK])
            except BlockingIOError:
                return
            del self._leaving[:sent]

    def receive(self) -> list[T]:
        """Give the messages that arrived whole; the other side's end is an EOFError."""
        over = False
        while True:
            try:
                data = self._socket.recv(CHUNK)
            except BlockingIOError:
                break
            except ConnectionError:
                data = b""
            if not data:
                over = True
                break
            self._arriving += data
        found = list(self._whole())
        # What was said before the end is heard first.
        if over and not found:
            raise EOFError
        return found

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _whole(self) -> Iterable[T]:
        start = 0
        while len(self._arriving) - start >= HEAD:
            length = int.from_bytes(self._arriving[start : start + HEAD], "little")
            if len(self._arriving) - start - HEAD < length:
                break
            yield self._decoder.decode(memoryview(self._arriving)[start + HEAD : start + HEAD + length])
            start += HEAD + length
        del self._arriving[:start]
