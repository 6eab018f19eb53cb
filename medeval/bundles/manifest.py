"""The list of what a bundle holds: the first file in it, by which everything else is checked."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from medeval.bundles import names
from medeval.errors import DataError
from medeval.licences import Carry
from medeval.records import Record, to_json

MOST = 16 << 20
"""Bytes of a list: some hundred thousand files."""
LARGEST = 8**11 - 1
"""Bytes of one file, 8 GiB less one: what the head of a file in a tar archive can say."""
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Piece(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file."""

    path: str
    size: Annotated[int, msgspec.Meta(ge=0, le=LARGEST)] = msgspec.field(name="bytes")
    sha256: Digest


class Carried(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One task whose files are in it."""

    task: str
    version: int
    form: str
    licence: str
    carry: Carry
    own: bool
    """Whether medeval brings its file; the files of others are code, and do not come along."""


class Manifest(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle is, and all that is in it, sorted by name."""

    format: Literal[1] = 1
    medeval: str
    inside: bool
    """Whether it must stay within the organisation that made it."""
    tasks: tuple[Carried, ...]
    files: tuple[Piece, ...]
    whole: Digest | Literal[""] = ""
    """SHA-256 of this list without this line: the one number by which two bundles are the same."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(piece.size for piece in self.files)

    @property
    def mark(self) -> str:
        """A short name for it."""
        return self.whole[:16]


def sealed(manifest: Manifest) -> Manifest:
    """Fill in the hash of the whole."""
    return replace(manifest, whole=hashlib.sha256(encoded(replace(manifest, whole=""))).hexdigest())


def encoded(manifest: Manifest) -> bytes:
    """Write the list, in the one way in which it is written."""
    return msgspec.json.format(to_json(manifest), indent=1) + b"\n"


def decoded(data: bytes, where: str) -> Manifest:
    """Read a list; one that was not written by `encoded`, or that names what must not be, is refused."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{where}: its {names.MANIFEST} is none ({error}). Have the bundle made again.") from error
    faults = [*_faults(manifest, data)]
    if faults:
        raise DataError(*[f"{where}: {fault}. Nothing was taken from it." for fault in faults[:10]])
    return manifest


def _faults(manifest: Manifest, data: bytes) -> Iterator[str]:
    paths = [piece.path for piece in manifest.files]
    yield from names.faults(paths)
    if encoded(sealed(manifest)) != data:
        yield f"its {names.MANIFEST} is not as it was written"
    elif paths != sorted(paths):
        yield f"its {names.MANIFEST} is not in order"
