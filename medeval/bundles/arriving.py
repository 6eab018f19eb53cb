"""Bundles taken in: everything is checked beside its place first, and nothing that is there is written over."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from medeval.bundles import manifest, names
from medeval.bundles.archive import Archive
from medeval.errors import DataError
from medeval.records import Record


class Seen(Record, frozen=True, kw_only=True):
    """What a bundle that was read to its end is."""

    manifest: manifest.Manifest
    sha256: str
    """Of the file itself, as `sha256sum` tells it."""


class Arrival(Record, frozen=True, kw_only=True):
    """What came of taking a bundle in."""

    manifest: manifest.Manifest
    sha256: str
    """Of the file itself."""
    data: Path
    """What `--data` names."""
    papers: Path
    """Where licences, prompts, judges' words, wheels and the list are."""
    added: int
    there: int
    """Files that were there before, with the same content."""


def checked(path: Path) -> Seen:
    """Read a bundle to its end, and keep nothing."""
    with Archive(path) as archive:
        for _, content in archive.pieces():
            for _ in content:
                pass
        return Seen(manifest=archive.manifest, sha256=archive.sha256)


def take_in(path: Path, root: Path) -> Arrival:
    """Take a bundle in: its data to `data/` of a folder, the rest to `bundles/` there, all of it or nothing."""
    with Archive(path) as archive:
        found, new = archive.manifest, _missing(root)
        try:
            root.mkdir(parents=True, exist_ok=True)
            if (free := shutil.disk_usage(root).free) < found.size:
                raise DataError(f"{root}: has {free} bytes left, {found.size} are needed. Choose another --into.")
            with tempfile.TemporaryDirectory(prefix=".bundle-", dir=root) as beside:
                parts = _unpacked(archive, Path(beside))
                return _moved(Seen(manifest=found, sha256=archive.sha256), parts, root)
        except OSError as error:
            raise DataError(f"{root}: cannot be written ({error.strerror}). Choose another --into.") from error
        finally:
            _tidied(new)


def _unpacked(archive: Archive, beside: Path) -> list[tuple[manifest.Piece, Path]]:
    """Write all files under numbers, so that no name of the bundle means anything yet."""
    parts = []
    for number, (piece, content) in enumerate(archive.pieces()):
        part = beside / str(number)
        _write(part, content)
        parts.append((piece, part))
    data = manifest.encoded(archive.manifest)
    _write(beside / names.MANIFEST, iter([data]))
    own = manifest.Piece(path=names.MANIFEST, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    return [*parts, (own, beside / names.MANIFEST)]  # the list comes last: where it is, all of it is


def _write(path: Path, content: Iterator[bytes]) -> None:
    with open(path, "xb") as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())


def _moved(seen: Seen, parts: list[tuple[manifest.Piece, Path]], root: Path) -> Arrival:
    papers = root / "bundles" / seen.manifest.mark
    homes = [((root if piece.path.startswith("data/") else papers) / piece.path, piece, part) for piece, part in parts]
    if faults := [fault for home, piece, _ in homes if (fault := _in_the_way(home, piece))]:
        raise DataError(*faults)
    wanted = [(home, piece, part) for home, piece, part in homes if not home.exists()]
    placed: list[Path] = []
    new = {above: None for home, _, _ in wanted for above in _missing(home.parent)}
    try:
        for home, piece, part in wanted:
            home.parent.mkdir(parents=True, exist_ok=True)
            if _linked(part, home, piece):
                placed.append(home)
        for folder in sorted({above for home in placed for above in (home.parent, home.parent.parent)}):
            _synced(folder)
    except BaseException:
        for home in placed:
            home.unlink(missing_ok=True)
        _tidied([*new])
        raise
    return Arrival(
        manifest=seen.manifest, sha256=seen.sha256, data=root / "data", papers=papers,
        added=len(placed), there=len(homes) - len(placed),
    )  # fmt: skip


def _in_the_way(home: Path, piece: manifest.Piece) -> str:
    """Tell why a file cannot be where it belongs; nothing where it can, or is there already."""
    above = next(each for each in home.parents if each.exists())
    if not above.is_dir():
        return f"{home}: cannot be written, because {above} is no folder. Choose another --into."
    if not home.exists() and not home.is_symlink():
        return ""
    if not home.is_file():
        return f"{home}: is in the way and is no file. Choose another --into."
    with open(home, "rb") as file:
        there = hashlib.file_digest(file, "sha256").hexdigest()
    if there == piece.sha256:
        return ""
    return (
        f"{home}: is there with other content: its sha256 is {there}, the bundle's is {piece.sha256}. "
        "Nothing was written over. Choose another --into, or move the file away."
    )


def _linked(part: Path, home: Path, piece: manifest.Piece) -> bool:
    """Give a file its name, unless another has come to have it meanwhile."""
    try:
        os.link(part, home)
    except FileExistsError:
        if fault := _in_the_way(home, piece):
            raise DataError(fault) from None
        return False
    except OSError:
        os.replace(part, home)  # a disk on which a file has one name only
    return True


def _missing(folder: Path) -> list[Path]:
    """Name a folder and those above it that are not there."""
    return [each for each in (folder, *folder.parents) if not each.exists()]


def _tidied(folders: list[Path]) -> None:
    """Take away the folders that were made for nothing."""
    for folder in sorted(folders, key=lambda each: -len(each.parts)):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _synced(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
