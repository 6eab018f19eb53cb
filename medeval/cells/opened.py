"""A cell's folder, open for writing: its journal, what is derived from it, and whether that is up to date."""

import functools
import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec.structs import replace

from medeval import catalog, planning, reports
from medeval.cells.bench import Bench
from medeval.cells.lines import InOrder
from medeval.cells.panel import PanelBench, panels_of
from medeval.errors import ReportError
from medeval.journal import Journal, fingerprint
from medeval.planning import Cell
from medeval.records import Result, Walk, to_json
from medeval.runner import Seat, of_judge
from medeval.scoring import Scored, Scorer


class Opened:
    """A cell's folder, open for writing: its journal, and what is derived from it.

    `walks`: answers that were given before, on which judges alone are heard.
    """

    def __init__(self, cell: Cell, walks: Sequence[Walk] | None = None) -> None:
        self.cell = cell
        self._walks = walks
        try:
            cell.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(f"{cell.folder}: cannot be made ({error.strerror}).") from error
        self.journal = Journal(cell.folder / reports.JOURNAL, read=False)
        self._scorer = Scorer(cell.sitting)
        self._samples = InOrder(cell.folder / reports.SAMPLES)
        self._late: dict[int, Scored] = {}
        self._benches = [Bench(cell, sworn) for sworn in cell.panel]
        self._panels = panels_of(cell, self._benches)
        self._judging: list[Bench | PanelBench] = [*self._benches, *self._panels]

    def begin(self, *, anew: bool) -> bool:
        """See that the folder is ours, and read its journal; False if all is done and nothing is to be done anew."""
        planning.check_manifest(self.cell)  # another run may have come first
        for bench in self._judging:
            bench.begin()
        if not anew and not self._benches and _up_to_date(self):
            return False
        self.journal.recover()
        reports.sweep(self.cell.folder)
        if not (self.cell.folder / reports.MANIFEST).is_file():
            reports.publish(self.cell.folder / reports.MANIFEST, self.cell.manifest)
        return True

    @property
    def seat(self) -> Seat:
        """What the runner needs of it."""
        sitting, judges = self.cell.sitting, [bench.sworn.judge for bench in self._benches]
        if self._walks is not None:
            takes = [take[:3] for take in sitting.takes]
            return Seat(sitting.heard_again(judges, dict(zip(takes, self._walks, strict=True))), self.journal)
        return Seat(sitting.before(judges) if judges else sitting, self.journal)

    @property
    def unsettled(self) -> int:
        """How many errors the same command would ask about again."""
        judged = sum(self.journal.unsettled_of(bench.sworn.judge.name) for bench in self._benches)
        return judged + (self.journal.unsettled if self._walks is None else 0)

    def finished(self, number: int, walk: Walk) -> Scored:
        """Score a walk, and write its line when those before it are written."""
        answered = walk
        if self._benches:
            heard = walk.exchanges
            answered = self._walks[number] if self._walks is not None else _without_judges(walk)
            judged = [bench.finished(number, answered, heard) for bench in self._benches]
            verdicts = [verdict for each in judged for verdict in each.verdicts]
            for panel in self._panels:
                panel.finished(number, answered, verdicts)
            if self._walks is not None:
                return judged[0]
        scored = self._scorer.add(number, answered)
        if self._scorer.late:
            self._late[number] = scored
        else:
            self._samples.write(number, to_json(scored) + b"\n")
        return scored

    def publish(self, attempt: reports.Attempt | None) -> tuple[Result, ...]:
        """Publish the samples, the result, and the circumstances, in this order; and what judges said."""
        results = []
        if self._walks is None:
            results.append(self._publish_answers())
        judged = [bench.publish(self.journal, own_version()) for bench in self._benches]
        results += [*judged, *[panel.publish(self.journal, own_version(), judged) for panel in self._panels]]
        old = reports.last_run(self.cell.folder)
        settled = self._walks is None and not self.journal.unsettled
        # Judges alone leave what was derived of the answers as it was, and the journal as well if nobody was asked.
        kept = old.derived if old and self._walks is not None and attempt is None else ""
        circumstances = reports.Run(
            medeval=own_version(), python=platform.python_version(),
            machine=f"{platform.system()} {platform.machine()}",
            attempts=(*(old.attempts if old else ()), *([attempt] if attempt else [])),
            metrics=self.cell.metrics, derived=_state(self.cell, self.journal) if settled else kept,
        )  # fmt: skip
        reports.publish(self.cell.folder / reports.RUN, circumstances)
        return tuple(results)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where what is published lies, in the same order."""
        own = [self.cell.folder] if self._walks is None else []
        return (*own, *[bench.folder for bench in self._judging])

    def _publish_answers(self) -> Result:
        manifest = self.cell.manifest
        self._scorer.settle()
        for number, scored in self._late.items():
            self._samples.write(number, to_json(self._scorer.settled(number, scored)) + b"\n")
        self._samples.commit()
        result = self._scorer.result(manifest.entry, manifest.engines["model"], own_version(), self.journal)
        reports.publish(self.cell.folder / reports.RESULT, result)
        return result

    def close(self) -> None:
        """Let everything go."""
        self._samples.discard()
        for bench in self._judging:
            bench.close()
        self.journal.close()


def _without_judges(walk: Walk) -> Walk:
    return replace(walk, exchanges=tuple([each for each in walk.exchanges if not of_judge(each.request.role)]))


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
