"""Pinned baselines on disk: reports/baselines/<name>.<number>.json, one file an acceptance; the old ones are kept.

A file is for people to review and for git to keep; nobody writes it by hand, and a changed byte is found.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from medeval import reports
from medeval.baselines.pins import Pin, pin
from medeval.catalog import Catalog
from medeval.comparing.sides import Side, every
from medeval.errors import ComparisonError, ReportError, RequestError, raise_all
from medeval.records import Record, to_json

FOLDER = "baselines"
WANTED = 3
"""Takes of each sample: one lucky run would make every night that follows look worse."""
TWICE = "An entry was named twice: a run is no repeat of itself."
_SEAL = re.compile(rb'"checksum": "([0-9a-f]{64})"\n}\n\Z')
_FILE = re.compile(r"(?P<name>.+)\.(?P<number>\d{3,})\.json")


class Baseline(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What nights are held against, until another is accepted."""

    schema_version: Literal[1] = 1
    name: str
    number: int
    accepted: str
    """The day."""
    reason: str
    entries: tuple[str, ...]
    medeval: str
    cells: tuple[Pin, ...]
    checksum: str = ""
    """SHA-256 of the file without it."""

    @property
    def said(self) -> str:
        """Its name and number."""
        return f"{self.name}.{self.number:03}"


class Standing(Record, frozen=True, kw_only=True):
    """A file, and whether it is as it was written."""

    file: str
    baseline: Baseline | None
    fault: str = ""


def accept(  # noqa: PLR0913
    folders: Sequence[Path], home: Path, *, reason: str, version: str, name: str = "", tasks: Sequence[str] = (),
    few: bool = False, catalog: Catalog,
) -> tuple[Path, Baseline]:  # fmt: skip
    """Pin the cells that all runs have."""
    faults = []
    if not reason.strip():
        faults.append(RequestError("--reason: say in a sentence why this is what nights are held against from now on."))
    if len({*folders}) < len(folders):
        faults.append(RequestError(TWICE))
    called = reports.slug(name) if name else ""
    if re.fullmatch(r".+\.\d{3,}", called):
        faults.append(RequestError(f"--name {name}: would be taken for a number of {called.rpartition('.')[0]}."))
    raise_all(faults)
    runs = [{side.cell: side for side in found} for found in every(folders, tasks)]
    common = [cell for cell in runs[0] if all(cell in run for run in runs)]
    raise_all(_apart(runs, common, tasks))
    pins = []
    for cell in common:
        try:
            known = catalog.tasks.get(runs[0][cell].result.task)
            pins.append(pin([run[cell] for run in runs], known.task if known else None))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    if not few and (short := [each for each in pins if each.takes < WANTED]):
        raise RequestError(
            f"{short[0].cell}: {short[0].takes} of at least {WANTED} runs. One lucky run would make every night look "
            f"worse: name {WANTED} entries of one model, or run with --repeats {WANTED}; --few pins it all the same."
        )
    called = called or reports.slug(runs[0][common[0]].result.entry)
    number = max([number for there, number, _ in _files(home) if there == called], default=0) + 1
    made = Baseline(
        name=called, number=number, accepted=datetime.now(UTC).date().isoformat(), reason=" ".join(reason.split()),
        entries=tuple([next(iter(run.values())).result.entry for run in runs]), medeval=version, cells=tuple(pins),
    )  # fmt: skip
    path = home / FOLDER / f"{made.said}.json"
    reports.made(path.parent)
    reports.put(path, _sealed(made))
    return path, read(path)


def _apart(runs: Sequence[Mapping[str, Side]], common: Sequence[str], tasks: Sequence[str]) -> Iterator[RequestError]:
    """Find what cannot be pinned together."""
    if not common:
        yield RequestError("These entries have no finished cell in common. Name runs of one model on the same tasks.")
        return
    for cell in dict.fromkeys(cell for run in runs for cell in run if cell not in common):
        yield RequestError(f"{cell}: not every run has finished it. Finish it, or name the others with --tasks.")
    for task in tasks:
        if task not in {side.result.task for side in runs[0].values()}:
            yield RequestError(f"--tasks {task}: no run has finished such a task.")
    paths = [run[common[0]].path for run in runs]
    if len({path.resolve() for path in paths if path}) < len(runs):
        yield RequestError(TWICE)


def found(name: str, home: Path) -> Baseline:
    """Read a baseline: the newest of a name, or the one whose number is named too."""
    there = [(file, known, number) for known, number, file in _files(home)]
    chosen = [file for file, known, number in there if name in (known, f"{known}.{number:03}")]
    # A label of other letters is known by what its folder is called.
    chosen = chosen or [file for file, known, _ in there if known == reports.slug(name)]
    if not chosen:
        names = ", ".join(dict.fromkeys(known for _, known, _ in there)) or "none"
        raise RequestError(
            f"Baseline {name!r}: not in {home / FOLDER} (there: {names}). `medeval baseline accept` pins one."
        )
    return read(chosen[-1])


def read(path: Path) -> Baseline:
    """Read a file, and refuse it if it is not byte for byte as it was written."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror}).") from error
    # Of the bytes as they lie there: a later medeval may write fields that this one does not.
    sealed = _SEAL.search(data)
    whole = data[: sealed.start(1)] + data[sealed.end(1) :] if sealed else b""
    if not sealed or hashlib.sha256(whole).hexdigest().encode() != sealed[1]:
        raise ComparisonError(
            f"{path}: was changed after it was accepted. Restore it from git, or accept a baseline anew."
        )
    try:
        made = msgspec.json.decode(data, type=Baseline)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ComparisonError(f"{path}: was written by another medeval ({error}). Accept a baseline anew.") from error
    if path.name != f"{made.said}.json":
        raise ComparisonError(f"{path}: holds {made.said}, and so was renamed or copied. Give it its name back.")
    return made


def listed(home: Path, name: str = "") -> Iterator[Standing]:
    """Every file, or those of one name, with what is wrong with it."""
    for known, number, file in _files(home):
        if name in ("", known, f"{known}.{number:03}"):
            try:
                yield Standing(file=file.name, baseline=read(file))
            except (ComparisonError, ReportError) as error:
                yield Standing(file=file.name, baseline=None, fault=str(error))


def _files(home: Path) -> list[tuple[str, int, Path]]:
    folder = home / FOLDER
    matched = [(_FILE.fullmatch(path.name), path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    return sorted([(match["name"], int(match["number"]), path) for match, path in matched if match])


def _sealed(made: Baseline) -> bytes:
    """The file, with the checksum of all its other bytes."""
    data = msgspec.json.format(to_json(made), indent=1) + b"\n"
    place = data.rindex(b'"checksum": ""') + len(b'"checksum": "')
    return data[:place] + hashlib.sha256(data).hexdigest().encode() + data[place:]
