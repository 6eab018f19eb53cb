"""One line of a journal: a reply, what it answers, and the form in which it is written."""

import hashlib
import zlib
from binascii import hexlify
from typing import TypeVar

import msgspec

from medeval.records import ASKED_AGAIN, Choice, Failure, Record, Reply, Request, to_json


class Header(Record, omit_defaults=True, frozen=True, kw_only=True):
    """A line but for its reply: what was asked, and the place it belongs to."""

    key: str
    """What was asked of whom: hash of the engine's identity, the rendered prompt and the place."""
    asked: str
    """What was asked before any chat template, hashed: so scoring can check it without an engine."""
    sample: str
    variant: int = 0
    repeat: int = 0
    role: str = "model"
    slot: int = 0

    @property
    def place(self) -> str:
        """The place in the run; a later line for the same place takes over."""
        return place(self.sample, self.variant, self.repeat, self.role, self.slot)


class Line(Header, omit_defaults=True, frozen=True, kw_only=True):
    """One reply, and its header."""

    reply: Reply


class Head(Header, omit_defaults=True, frozen=True, kw_only=True):
    """A line whose reply is left as it stands: all that the index needs."""

    reply: msgspec.Raw


def place(sample: str, variant: int, repeat: int, role: str, slot: int) -> str:
    """Name a place in a run: the n-th request to a role on the walk of one sample."""
    return f"{sample}\n{variant}\n{repeat}\n{role}\n{slot}"


def fingerprint(data: bytes, size: int = 16) -> str:
    """Hash bytes into a short name."""
    return hashlib.blake2b(data, digest_size=size).hexdigest()


def asked(request: Request) -> str:
    """Hash the words of a request: not its decoding, and before any template."""
    return fingerprint(f"{_beside(request)}\n{request.text}".encode("utf-8", "surrogatepass"), size=8)


_choices_known: dict[int, tuple[tuple[Choice, ...], str]] = {}


def _beside(request: Request) -> str:
    """Hash what stands beside the text. A plain question has only choices, and one tuple of them for thousands."""
    choices = request.choices
    if request.messages or request.prefill:
        return fingerprint(to_json((request.messages, request.prefill, choices)))
    known = _choices_known.get(id(choices))
    if known is None or known[0] is not choices:
        if len(_choices_known) >= 64:
            _choices_known.clear()
        # The tuple is kept, so that no other one can come to stand at its address.
        known = _choices_known[id(choices)] = choices, fingerprint(to_json(((), "", choices)))
    return known[1]


def frame(line: Line) -> bytes:
    """Give a line the form in which it is written."""
    payload = to_json(line)
    return b"%s %s\n" % (_checksum(payload), payload)


T = TypeVar("T")

_lines = msgspec.json.Decoder(Line)
_heads = msgspec.json.Decoder(Head)
_replies: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)
_FAILURE = b'"kind":"failure"'


def asked_again(reply: Reply) -> bool:
    """Tell whether a reply is an error that a resumed run asks for once more."""
    return isinstance(reply, Failure) and reply.failure in ASKED_AGAIN


def checked(framed: bytes) -> bytes | None:
    """Give the JSON of a framed line, or None if it is not whole."""
    if len(framed) < 10 or framed[8:9] != b" " or not framed.endswith(b"\n"):
        return None
    payload = framed[9:-1]
    # Compared as text: int() would also take signs, blanks and capitals that were never written.
    return payload if _checksum(payload) == framed[:8] else None


def _checksum(payload: bytes) -> bytes:
    return hexlify(zlib.crc32(payload).to_bytes(4, "big"))


def unframe(framed: bytes) -> Line | None:
    """Read a framed line back, or return None if it is not whole."""
    return _decoded(framed, _lines)


def unframe_head(framed: bytes) -> Head | None:
    """Read all of a framed line but its reply, or return None if it is not whole."""
    return _decoded(framed, _heads)


def _decoded(framed: bytes, decoder: "msgspec.json.Decoder[T]") -> T | None:
    payload = checked(framed)
    try:
        return None if payload is None else decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def head_asked_again(head: Head, framed: bytes) -> bool:
    """Tell the same of a line whose reply was left as it stands."""
    # No response holds these words outside of its text; that spares reading all of them.
    return _FAILURE in framed and asked_again(_replies.decode(head.reply))
