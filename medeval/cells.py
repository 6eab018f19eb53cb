"""A cell's folder, open for writing: its journal, what is derived from it, and whether that is up to date."""

import functools
import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version

from medeval import catalog, planning, reports
from medeval.errors import ReportError
from medeval.journal import Journal, fingerprint
from medeval.planning import Cell
from medeval.records import Result, Walk, to_json
from medeval.runner import Seat
from medeval.scoring import Scored, Scorer


class Opened:
    """A cell's folder, open for writing: its journal, and what is derived from it."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        try:
            cell.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(f"{cell.folder}: cannot be made ({error.strerror}).") from error
        self.journal = Journal(cell.folder / reports.JOURNAL, read=False)
        self._scorer = Scorer(cell.sitting)
        self._samples = reports.Publisher(cell.folder / reports.SAMPLES)
        self._held: dict[int, bytes] = {}
        self._late: dict[int, Scored] = {}
        self._next = 0

    def begin(self, *, anew: bool) -> bool:
        """See that the folder is ours, and read its journal; False if all is done and nothing is to be done anew."""
        planning.check_manifest(self.cell)  # another run may have come first
        if not anew and _up_to_date(self):
            return False
        self.journal.recover()
        reports.sweep(self.cell.folder)
        if not (self.cell.folder / reports.MANIFEST).is_file():
            reports.publish(self.cell.folder / reports.MANIFEST, self.cell.manifest)
        return True

    @property
    def seat(self) -> Seat:
        """What the runner needs of it."""
        return Seat(self.cell.sitting, self.journal)

    def finished(self, number: int, walk: Walk) -> Scored:
        """Score a walk, and write its line when those before it are written."""
        scored = self._scorer.add(number, walk)
        if self._scorer.late:
            self._late[number] = scored
        else:
            self._write(number, scored)
        return scored

    def _write(self, number: int, scored: Scored) -> None:
        self._held[number] = to_json(scored) + b"\n"
        while (line := self._held.pop(self._next, None)) is not None:
            self._samples.write(line)
            self._next += 1

    def publish(self, attempt: reports.Attempt | None) -> Result:
        """Publish the samples, the result, and the circumstances, in this order."""
        cell = self.cell
        self._scorer.settle()
        for number, scored in self._late.items():
            self._write(number, self._scorer.settled(number, scored))
        self._samples.commit()
        result = self._scorer.result(cell.manifest.entry, cell.manifest.engines["model"], own_version(), self.journal)
        reports.publish(cell.folder / reports.RESULT, result)
        old = reports.last_run(cell.folder)
        circumstances = reports.Run(
            medeval=own_version(), python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            attempts=(*(old.attempts if old else ()), *([attempt] if attempt else [])),
            metrics=cell.metrics, derived="" if self.journal.unsettled else _state(cell, self.journal),
        )  # fmt: skip
        reports.publish(cell.folder / reports.RUN, circumstances)
        return result

    def close(self) -> None:
        """Let everything go."""
        self._samples.discard()
        self.journal.close()


def _up_to_date(one: Opened) -> bool:
    """Tell whether the published files are what these replies, this data and this code make."""
    old = reports.last_run(one.cell.folder)
    return old is not None and bool(old.derived) and old.derived == _state(one.cell, one.journal)


def _state(cell: Cell, journal: Journal) -> str:
    """Hash what the published files were made of and by, and the files themselves."""
    try:
        published = (cell.folder / reports.RESULT).read_bytes()
        size = (cell.folder / reports.SAMPLES).stat().st_size
    except FileNotFoundError:
        return ""
    computed = "\n".join([f"{metric.name} {metric.by}" for metric in cell.sitting.metrics])
    parts = [to_json(cell.manifest), journal.file_hash().encode(), published, f"{size}\n{computed}".encode()]
    return fingerprint(b"\n".join([_code(), cell.file.read_bytes(), *parts]))


@functools.cache
def _code() -> bytes:
    """Hash medeval's own code: with other code, results are computed again."""
    digest = hashlib.sha256()
    for path in sorted(catalog.PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


@functools.cache
def own_version() -> str:
    """The installed version."""
    try:
        return version("medeval-harness")
    except PackageNotFoundError:
        return "unknown"
