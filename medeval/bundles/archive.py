"""Bundles read: checked while they stream, and never more of one in memory or on the disk than its list allows."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from medeval.bundles import heads, manifest, names
from medeval.errors import DataError

MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW = 1 << 23
"""Bytes that unpacking may look back: what a bundle is packed with, and no more."""
STEP = 1 << 10
"""Packed bytes taken at once: they are 32 MiB at most, since a block of 128 KiB takes four bytes at least."""
CHUNK = 1 << 20


class Archive:
    """A bundle that is being read: its list, then its files in the list's order."""

    def __init__(self, path: Path) -> None:
        self._flow = _Flow(path)
        self.path = path
        try:
            self.manifest = self._list()
        except BaseException:
            self._flow.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        self._flow.close()

    @property
    def sha256(self) -> str:
        """The checksum of the file itself, once all of it is read."""
        return self._flow.digest.hexdigest()

    def pieces(self) -> Iterator[tuple[manifest.Piece, Iterator[bytes]]]:
        """Yield every file and its content, which must be read to its end, where it is checked."""
        for piece in self.manifest.files:
            block = self._flow.take(heads.BLOCK)
            if block != heads.head(piece.path, piece.size):
                raise self._fault(f"where {piece.path!r} of {piece.size} bytes should begin stands {heads.said(block)}")
            yield piece, self._content(piece)
        if self._flow.take(len(heads.END)) != heads.END or self._flow.has_more():
            raise self._fault("there is more in it than its list names")

    def _list(self) -> manifest.Manifest:
        block = self._flow.take(heads.BLOCK)
        size = heads.size_in(block)
        if block != heads.head(names.MANIFEST, size):
            raise self._fault(f"it begins with {heads.said(block)}, not with its list, {names.MANIFEST}")
        if size > manifest.MOST:
            raise self._fault(f"its list has {size} bytes, {manifest.MOST} may be")
        data = self._flow.take(size)
        self._pad(size)
        return manifest.decoded(data, str(self.path))

    def _content(self, piece: manifest.Piece) -> Iterator[bytes]:
        found, left = hashlib.sha256(), piece.size
        while left:
            data = self._flow.take(min(left, CHUNK))
            found.update(data)
            left -= len(data)
            yield data
        if found.hexdigest() != piece.sha256:
            raise self._fault(
                f"{piece.path}: its sha256 is {found.hexdigest()[:12]}…, the list says {piece.sha256[:12]}…"
            )
        self._pad(piece.size)

    def _pad(self, size: int) -> None:
        if any(self._flow.take(heads.padding(size))):
            raise self._fault("something stands between two files")

    def _fault(self, said: str) -> DataError:
        return DataError(f"{self.path}: {said}. Nothing was taken from it; have it made, or copied, again.")


class _Flow:
    """The bytes of a packed file, unpacked as far as they are asked for."""

    def __init__(self, path: Path) -> None:
        from zstandard import ZstdDecompressor

        self._path = path
        self.digest = hashlib.sha256()
        self._unpacked, self._at = b"", 0
        self._unpacking = ZstdDecompressor(max_window_size=WINDOW).decompressobj()
        try:
            self._file = open(path, "rb")  # noqa: SIM115  closed by whoever reads the archive
            begin = self._file.read(len(MAGIC))
            self._file.seek(0)
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
        if begin != MAGIC:
            self.close()
            what = "it begins otherwise than a file packed by zstd" if begin else "it is empty"
            raise DataError(f"{path}: is no bundle of medeval: {what}. `medeval bundle export` makes one.")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def take(self, count: int) -> bytes:
        """Give so many bytes."""
        parts = []
        while count:
            if self._at == len(self._unpacked) and not self._unpack():
                raise self._cut()
            part = self._unpacked[self._at : self._at + count]
            parts.append(part)
            self._at += len(part)
            count -= len(part)
        return b"".join(parts)

    def has_more(self) -> bool:
        """Go to the end of the file; whether there was anything on the way."""
        if self._at < len(self._unpacked) or self._unpack():
            return True
        if not self._unpacking.eof:
            raise self._cut()
        return bool(self._unpacking.unused_data or self._file.read(1))

    def _unpack(self) -> bool:
        """Unpack some bytes; whether there were any."""
        from zstandard import ZstdError

        self._unpacked, self._at = b"", 0
        try:
            while not self._unpacked and not self._unpacking.eof and (data := self._file.read(STEP)):
                self.digest.update(data)
                self._unpacked = self._unpacking.decompress(data)
        except ZstdError as error:
            raise DataError(f"{self._path}: cannot be unpacked ({error}). Have it made, or copied, again.") from error
        except OSError as error:
            raise DataError(f"{self._path}: cannot be read ({error.strerror}).") from error
        return bool(self._unpacked)

    def _cut(self) -> DataError:
        return DataError(f"{self._path}: ends too early. Nothing was taken from it; have it made, or copied, again.")
