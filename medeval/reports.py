"""Result folders on disk: their names, what is in them, and how a file is published whole or not at all.

reports/<entry>/entry.json   what people declared of the entry
reports/<entry>/<task>[@<what differs from the plain protocol>]/
    manifest.json   what is being run        journal.jsonl   every reply
    samples.jsonl   one line a sample        result.json     the cell        run.json   the circumstances
    judged/<judge>/ manifest.json, samples.jsonl with verdicts, result.json, ledger.jsonl of what is no verdict
"""

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from medeval.errors import DataError, ReportError, RequestError
from medeval.gradings import Judge
from medeval.prompts.asking import CHOSEN
from medeval.records import Identity, Record, Result, Setting, to_json

MANIFEST, JOURNAL, SAMPLES, RESULT, RUN = (
    "manifest.json", "journal.jsonl", "samples.jsonl", "result.json", "run.json",
)  # fmt: skip
JUDGED, LEDGER, PANEL = "judged", "ledger.jsonl", "panel.json"
CHUNK = 1 << 18
LONGEST_NAME = 80
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


class Manifest(Record, frozen=True, kw_only=True):
    """What a folder is about; written before anything is asked, and never changed."""

    schema_version: Literal[1] = 1
    task: str
    task_version: int
    entry: str
    setting: Setting
    form: str
    pinned: bool
    data: str
    engines: dict[str, Identity]
    """By role."""


class Sworn(Record, frozen=True, kw_only=True):
    """A judge who was heard on a cell: how, and what it is; the manifest of its folder, and never changed."""

    schema_version: Literal[1] = 1
    judge: Judge
    identity: Identity


class Panel(Record, frozen=True, kw_only=True):
    """Several judges who were heard together; the manifest of their common folder."""

    schema_version: Literal[1] = 1
    judges: tuple[str, ...]


class Spending(Record, frozen=True, kw_only=True):
    """What a patient or a judge took."""

    asked: int
    reused: int
    read: int
    written: int


class Attempt(Record, frozen=True, kw_only=True):
    """One start of a run."""

    started: str
    seconds: float
    asked: int
    reused: int
    read: int = 0
    """Tokens of the prompts, and of what was written."""
    written: int = 0
    cost: float | None = None
    """By the prices that were named."""
    others: Mapping[str, Spending] = {}
    """What of that patients and judges took, by role."""


class Run(Record, frozen=True, kw_only=True):
    """The circumstances: everything that may differ between two runs with the same result."""

    schema_version: Literal[1] = 1
    medeval: str
    python: str
    machine: str
    attempts: tuple[Attempt, ...]
    metrics: tuple[str, ...] = ()
    """What was told beside the task's own metrics, because somebody wished it."""
    derived: str = ""
    """Hash of what the published files were made of and by: if it still holds, they are up to date."""


def slug(text: str) -> str:
    """Make a safe folder name: small letters, digits, dot, hyphen and underscore, not too long."""
    plain = unicodedata.normalize("NFKC", text).lower()
    # Marks that part a path or a name say nothing of their own; two models that fall together here are
    # still told apart by their identity.
    plain = re.sub(r"[/:\s]+", "-", plain.strip("/ .")).strip("-.")
    safe = re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-.")
    if safe == plain and 0 < len(safe) <= LONGEST_NAME and not _RESERVED.fullmatch(safe):
        return safe
    # Something was lost: a short hash keeps two names apart that look alike now.
    # The hash goes first, because Windows takes con.anything for a device.
    return f"{_mark(text)}-{safe[: LONGEST_NAME - 9]}".rstrip("-.")


def cell_name(task: str, setting: Setting) -> str:
    """Name a cell's folder: the task, and after @ what differs from the plain protocol."""
    # A task of another harness, `harness:name`, is plain as that harness asks it.
    other = ":" in task
    differs = [
        setting.style if setting.style != "letters" and not other else "",
        "chat" if setting.chat and setting.style in CHOSEN else "",
        f"system-{_mark(setting.system)}" if setting.system else "",
        f"prefill-{_mark(setting.prefill)}" if setting.prefill else "",
        f"{setting.shots}shot" if setting.shots else "",
        f"shots-{setting.shots_from.rpartition('#')[2]}" if setting.shots_from else "",
        f"repeats{setting.repeats}" if setting.repeats > 1 else "",
        setting.protocol if setting.protocol != "house" and not other else "",
        f"patient-{setting.patient}" if setting.patient else "",
        "elsewhere" if setting.elsewhere else "",
        setting.order + (str(setting.shuffles) if setting.shuffles > 1 else "") if setting.order != "given" else "",
        f"wordings{setting.wordings}" if setting.wordings > 1 else "",
        "sample" if setting.data == "sample" else "",
        f"limit{setting.limit}" if setting.limit else "",
    ]
    said = ",".join(filter(None, differs))
    name = slug(task) if other else task
    return f"{name}@{said}" if said else name


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def probe(folder: Path, option: str = "--reports") -> None:
    """See that a folder can be written, or made, before hours are spent; leave nothing behind."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists() or path.is_symlink())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".probe-"):
            pass
    except OSError as error:
        raise RequestError(
            f"{folder}: results cannot be written there ({error.strerror}). Choose another {option}."
        ) from error


class Publisher:
    """Writes a file beside its place, and moves it there when it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._buffer = bytearray()
        self._fd = -1

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._buffer += data
        if len(self._buffer) >= CHUNK:
            self._drain()

    def commit(self) -> None:
        """Put the file in its place."""
        try:
            self._drain()
            os.fsync(self._fd)
            os.replace(self._temporary, self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave the place as it is."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._temporary.unlink(missing_ok=True)

    def _drain(self) -> None:
        try:
            if self._fd < 0:
                self._fd = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            view = memoryview(bytes(self._buffer))
            self._buffer.clear()
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> ReportError:
        return ReportError(f"{self._path}: cannot be written ({error.strerror}). What was there before is untouched.")


def sweep(folder: Path) -> None:
    """Remove what a killed run was still writing; only the holder of the journal's lock may."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)


def publish(path: Path, value: object) -> None:
    """Publish a value as indented JSON."""
    put(path, msgspec.json.format(to_json(value), indent=1) + b"\n")


def made(folder: Path) -> None:
    """Make a folder and those above it, unless they are there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be made ({error.strerror}).") from error


def put(path: Path, data: bytes) -> None:
    """Put a file in its place, whole."""
    file = Publisher(path)
    try:
        file.write(data)
        file.commit()
    finally:
        file.discard()


T = TypeVar("T")


def from_json(data: bytes, kind: type[T], where: str) -> T:
    """Decode a value, or say where and why it is not one."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{where}: {error}.") from error


def read(path: Path, kind: type[T]) -> T | None:
    """Read a published file, if it is there."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror}).") from error
    return from_json(data, kind, str(path))


def last_run(folder: Path) -> Run | None:
    """The circumstances of the last run; they are derived, so a damaged file is only made again."""
    try:
        return read(folder / RUN, Run)
    except DataError:
        return None


def entry_folder(name: str, reports: Path) -> Path:
    """Find what a user calls an entry or a cell: a label, label/cell, or a path."""
    label, _, cell = name.partition("/")
    for folder in (reports / slug(label) / cell, reports / slug(name), Path(name)):
        if folder.is_dir() and any(cells(folder)):
            return folder
    return reports / name


def cells(folder: Path) -> Iterator[Path]:
    """List the cells of an entry, or the one cell that a folder is."""
    if any((folder / name).is_file() for name in (MANIFEST, JOURNAL, RESULT)):
        yield folder
        return
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if any((path / name).is_file() for name in (MANIFEST, JOURNAL, RESULT)):
            yield path


def judged(cell: Path) -> list[Path]:
    """List the folders of judges and panels below a cell's."""
    there = sorted((cell / JUDGED).glob("*"))
    return [path for path in there if (path / MANIFEST).is_file() or (path / PANEL).is_file()]


def sworn(cell: Path) -> Iterator[Sworn]:
    """List the judges who were heard on a cell."""
    for path in judged(cell):
        if (found := read(path / MANIFEST, Sworn)) is not None:
            yield found


def panels(cell: Path) -> list[Panel]:
    """List the panels that were heard on a cell."""
    found = [read(path / PANEL, Panel) for path in judged(cell)]
    return [panel for panel in found if panel is not None]


def differing(old: Record, new: Record) -> list[str]:
    """Name the fields in which two records differ, with both values; nested ones by their path."""
    return [
        f"{path} was {was!r}, is now {now!r}"
        for path, was, now in _differences(msgspec.to_builtins(old), msgspec.to_builtins(new), "")
    ]


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, object, object]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
    elif old != new:
        yield path, old, new


def schema() -> dict[str, Any]:
    """The JSON Schema of result.json, made from the type that is written."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A medeval result",
        **msgspec.json.schema(Result),
    }
