"""Bundles made by hand, part by part, so that any part can be another one."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import zstandard

FILES: Mapping[str, bytes] = {
    "data/exam/rows.jsonl": b'{"question": "Why?"}\n' * 40, "licences/exam.txt": b"exam\n", "tasks.lock": b"",
}  # fmt: skip


def tarred(path: str, content: bytes, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> bytes:
    """Write one file as Python's own library does."""
    info = tarfile.TarInfo(path)
    info.type, info.size, info.linkname, info.mode = kind, len(content), link, mode
    return info.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


def listed(members: Iterable[tuple[str, bytes]], **other: object) -> bytes:
    """Write a list of files, whatever they are, with a sum that is right."""
    said: dict[str, object] = {
        "format": 1, "medeval": "0.0", "inside": False, "tasks": [],
        "files": [
            {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in members
        ],
        "whole": "", **other,
    }  # fmt: skip
    if not said["whole"]:
        said["whole"] = hashlib.sha256(as_written(said)).hexdigest()
    return as_written(said)


def as_written(said: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n"


def parts(files: Mapping[str, bytes] = FILES) -> list[bytes]:
    """Lay out an honest bundle: its list, its files, its end."""
    members = sorted(files.items())
    return [
        tarred("manifest.json", listed(members)),
        *[tarred(path, content) for path, content in members],
        bytes(1024),
    ]


def packed(blocks: Iterable[bytes], window: int = 22) -> bytes:
    said = zstandard.ZstdCompressionParameters.from_level(3, window_log=window, write_checksum=True)
    packing = zstandard.ZstdCompressor(compression_params=said).compressobj()
    return b"".join([*map(packing.compress, blocks), packing.flush()])


def written(path: Path, blocks: Iterable[bytes]) -> Path:
    path.write_bytes(packed(blocks))
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    """Read a bundle by others' means alone."""
    with open(path, "rb") as file:
        data = zstandard.ZstdDecompressor().stream_reader(file).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {info.name: archive.extractfile(info).read() for info in archive}  # type: ignore[union-attr]


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
