"""Bundles packed: the files of tasks, as far as their licences let them go, and the same bytes for the same content."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from medeval import licences, planning
from medeval.bundles import heads, manifest, names, papers, wheels
from medeval.bundles.archive import CHUNK
from medeval.catalog import Named, own_folder
from medeval.errors import DataError, RequestError, raise_all
from medeval.planning.seating import data_outside
from medeval.protocols import SAMPLE
from medeval.records import Record
from medeval.reports import Publisher
from medeval.sources import Form, Local, Locked, check_pin, line_of
from medeval.sources import content as content_of

if TYPE_CHECKING:
    from zstandard import ZstdCompressionObj

LEVEL, BACK = 10, 22
"""How hard zstd tries, and how far it looks back: 2^22 bytes, which every machine has."""


class Packing(Record, frozen=True, kw_only=True):
    """What is to be packed."""

    tasks: tuple[Named, ...]
    data: str = ""
    """As `--data`: a folder, or nothing for the caches."""
    wheels: Path | None = None
    extras: tuple[str, ...] = ()
    inside: bool = False
    force: bool = False
    """Whether a file that is there is written over."""
    offline: bool = False
    exemplars: bool = True
    """Whether solved examples come along, which only runs with shots read."""
    version: str
    """Of medeval."""


class Packed(Record, frozen=True, kw_only=True):
    """What was packed."""

    manifest: manifest.Manifest
    size: int
    """Bytes of the file."""
    sha256: str
    """Of the file itself, as `sha256sum` tells it."""
    lacking: tuple[str, ...] = ()
    """Distributions that medeval needs, and the wheelhouse has not."""


Content = Path | bytes


def pack(wanted: Packing, out: Path) -> Packed:
    """Pack a bundle; everything that forbids it is told at once, and then nothing is written."""
    if (wanted.data or data_outside()) == SAMPLE:
        raise RequestError("Sample rows come with medeval itself: a bundle is for real data. Name their folder.")
    contents: dict[str, Content] = {}
    lines: list[Locked] = []
    carried: list[manifest.Carried] = []
    faults = [fault for each in wanted.tasks if (fault := _forbidden(each, inside=wanted.inside))]
    faults += [RequestError(said) for said in _of_place(out, force=wanted.force)]
    lacking = _with_wheels(wanted, contents, faults)
    fetches = not faults  # what is refused anyway is not worth a transfer
    for named in wanted.tasks:
        if named.own:
            continue
        try:
            form = _gathered(named, wanted, contents, lines, fetches=fetches)
        except RequestError as fault:
            faults.append(fault)
            continue
        contents |= {path: text.encode() for path, text in papers.papers(named, form).items()}
        carried.append(_carried(named, form))
    contents |= {path: text.encode() for path, text in papers.lock(iter(lines)).items()}
    faults += [DataError(f"{fault}. Give it another name.") for fault in names.faults([*contents])]
    raise_all(faults)
    listed = manifest.sealed(
        manifest.Manifest(
            medeval=wanted.version, inside=wanted.inside, tasks=tuple(sorted(carried, key=lambda each: each.task)),
            files=tuple([_piece(path, contents[path]) for path in sorted(contents)]),
        )
    )  # fmt: skip
    size, sha256 = _written(listed, contents, out)
    return Packed(manifest=listed, size=size, sha256=sha256, lacking=tuple(lacking))


def _of_place(out: Path, *, force: bool) -> Iterator[str]:
    """Tell why a file cannot be written, before anything is fetched for it."""
    try:
        if out.is_dir():
            yield f"{out}: is a folder. Name a file, as --out {out / 'bundle.tar.zst'}."
        elif not out.parent.is_dir():
            yield f"{out.parent}: no such folder. Make it, or choose another --out."
        elif out.exists() and not out.is_file():
            yield f"{out}: is there and is no file. Choose another --out."
        elif out.exists() and not force:
            yield f"{out}: is there already. Choose another --out, or --force to write over it."
        else:
            with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}."):
                pass
    except OSError as error:
        yield f"{out}: cannot be written ({error.strerror}). Choose another --out."


def _forbidden(named: Named, *, inside: bool) -> RequestError | None:
    if named.own:
        return RequestError(
            f"{named.name}: is an exam of your own, which no bundle carries. Copy {named.file} and its sheet."
        )
    licence = licences.of(named.task.licence)
    if licence.carry == "yes" or (licence.carry == "inside" and inside):
        return None
    way = ", or --inside if the bundle stays within your organisation" if licence.carry == "inside" else ""
    return RequestError(f"{named.name}: may not be passed on. {licence.title}: {licence.note} Leave it out{way}.")


def _gathered(
    named: Named, wanted: Packing, contents: dict[str, Content], lines: list[Locked], *, fetches: bool
) -> Form:  # fmt: skip
    """Find the files that a run of a task would read."""
    online = not planning.supply(wanted.data, named, offline=wanted.offline).offline
    supply = planning.supply(wanted.data, named, offline=wanted.offline or not fetches)
    form, faults = named.task.form_in(supply), []
    for source in dict.fromkeys((*form.files, *(form.exemplars if wanted.exemplars else ()))):
        if online and not fetches and not isinstance(source, Local) and not supply.find(named.task.folder, source):
            continue
        try:
            path = supply.fetch(named.task.folder, source)
            check_pin(path, source)
            home = f"data/{named.task.folder}/{source.path}"
            if contents.setdefault(home, path) != path:
                raise DataError(f"{home}: another task reads another file of this name. Pack the two apart.")
            line = replace(line_of(named.task.folder, source), sha256=content_of(path), bytes=path.stat().st_size)
            lines += [line] if line not in lines else []
        except RequestError as fault:
            faults += [DataError(f"{named.name}: {said}") for said in fault.faults]
    raise_all(faults)
    return form


def _carried(named: Named, form: Form) -> manifest.Carried:
    task = named.task
    return manifest.Carried(
        task=named.name, version=task.version, form=form.name, licence=task.licence,
        carry=licences.of(task.licence).carry, own=named.file.parent == own_folder(),
    )  # fmt: skip


def _with_wheels(wanted: Packing, contents: dict[str, Content], faults: list[RequestError]) -> Sequence[str]:
    """Add what medeval runs on; tell what of it the wheelhouse lacks."""
    try:
        needed = wheels.versions(wanted.extras)
        contents[names.WHEELS] = "".join([f"{name}=={version}\n" for name, version in needed.items()]).encode()
        if wanted.wheels is None:
            return ()
        files = wheels.wheelhouse(wanted.wheels)
    except RequestError as fault:
        faults.append(fault)
        return ()
    contents |= {f"wheels/{path.name}": path for path in files}
    return wheels.lacking(needed, files)


def _piece(path: str, content: Content) -> manifest.Piece:
    if isinstance(content, bytes):
        return manifest.Piece(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    size = content.stat().st_size
    if size > manifest.LARGEST:
        raise DataError(f"{content}: has {size} bytes, a bundle takes files of {manifest.LARGEST} at most.")
    return manifest.Piece(path=path, size=size, sha256=content_of(content))


def _written(listed: manifest.Manifest, contents: dict[str, Content], out: Path) -> tuple[int, str]:
    """Write the archive beside its place, and put it there when it is whole; tell its bytes and its checksum."""
    packing, size, found = _compressor(), 0, hashlib.sha256()
    file = Publisher(out)
    try:
        for packed in _packed(packing, _blocks(listed, contents)):
            file.write(packed)
            found.update(packed)
            size += len(packed)
        file.commit()
    finally:
        file.discard()
    return size, found.hexdigest()


def _packed(packing: "ZstdCompressionObj", blocks: Iterator[bytes]) -> Iterator[bytes]:
    for data in blocks:
        yield packing.compress(data)
    yield packing.flush()


def _compressor() -> "ZstdCompressionObj":
    from zstandard import ZstdCompressionParameters, ZstdCompressor

    return ZstdCompressor(
        compression_params=ZstdCompressionParameters.from_level(LEVEL, window_log=BACK, write_checksum=True)
    ).compressobj()


def _blocks(listed: manifest.Manifest, contents: dict[str, Content]) -> Iterator[bytes]:
    data = manifest.encoded(listed)
    if len(data) > manifest.MOST:
        raise RequestError(f"{len(listed.files)} files are too many for one bundle. Pack fewer tasks.")
    yield heads.head(names.MANIFEST, len(data)) + data + bytes(heads.padding(len(data)))
    for piece in listed.files:
        yield heads.head(piece.path, piece.size)
        yield from _content(piece, contents[piece.path])
        yield bytes(heads.padding(piece.size))
    yield heads.END


def _content(piece: manifest.Piece, content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    found = hashlib.sha256()
    with open(content, "rb") as file:
        while data := file.read(CHUNK):
            found.update(data)
            yield data
    if found.hexdigest() != piece.sha256:
        raise DataError(f"{content}: was changed while it was packed. Do it again.")
