"""The folder of one judge below a cell's: verdicts, what they come to, and a ledger of those that are missing."""

from collections.abc import Sequence
from pathlib import Path

from medeval import reports
from medeval.cells.lines import InOrder
from medeval.errors import RequestError
from medeval.journal import Journal
from medeval.planning import Cell
from medeval.records import Exchange, Result, Walk, to_json
from medeval.scoring import JudgedScorer, Judgment


class Bench:
    """What one judge says of a cell."""

    def __init__(self, cell: Cell, sworn: reports.Sworn) -> None:
        self.sworn = sworn
        self.folder: Path = cell.folder / reports.JUDGED / sworn.judge.name
        self._cell = cell
        self._scorer = JudgedScorer(cell.sitting, sworn)
        self._samples = InOrder(self.folder / reports.SAMPLES)
        self._ledger = InOrder(self.folder / reports.LEDGER)

    def begin(self) -> None:
        """See that the folder is this judge's, as it is asked now."""
        old = reports.read(self.folder / reports.MANIFEST, reports.Sworn)
        if old is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            reports.publish(self.folder / reports.MANIFEST, self.sworn)
        elif old != self.sworn:
            fields = "; ".join(reports.differing(old, self.sworn))
            raise RequestError(f"{self.folder}: was heard otherwise ({fields}). Call the judge otherwise: NAME=MODEL.")
        reports.sweep(self.folder)

    def finished(self, number: int, walk: Walk, heard: Sequence[Exchange]) -> Judgment:
        """Read and write the verdicts on one walk."""
        role = self.sworn.judge.role
        line, missing = self._scorer.add(number, walk, [each for each in heard if each.request.role == role])
        self._samples.write(number, to_json(line) + b"\n")
        self._ledger.write(number, b"".join([to_json(each) + b"\n" for each in missing]))
        return line

    def publish(self, journal: Journal, version: str) -> Result:
        """Publish verdicts, ledger and result, in this order."""
        self._samples.commit()
        self._ledger.commit()
        manifest = self._cell.manifest
        result = self._scorer.result(manifest.entry, manifest.engines["model"], version, journal)
        reports.publish(self.folder / reports.RESULT, result)
        return result

    def close(self) -> None:
        """Leave in place what is there."""
        self._samples.discard()
        self._ledger.discard()
