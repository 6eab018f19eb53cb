"""The folder of several judges below a cell's: what they come to together, and how they agree."""

from collections.abc import Sequence

from medeval import reports
from medeval.cells.bench import Bench
from medeval.cells.lines import InOrder
from medeval.journal import Journal
from medeval.planning import Cell
from medeval.records import Result, Verdict, Walk, to_json
from medeval.scoring import PanelScorer


class PanelBench:
    """What several judges say of a cell by one grading."""

    def __init__(self, cell: Cell, benches: Sequence[Bench]) -> None:
        self.judges = tuple(sorted(bench.sworn.judge.name for bench in benches))
        self.folder = cell.folder / reports.JUDGED / "+".join(self.judges)
        self._cell = cell
        self._scorer = PanelScorer(cell.sitting, benches[0].sworn.judge.grading, self.judges)
        self._samples = InOrder(self.folder / reports.SAMPLES)

    def finished(self, number: int, walk: Walk, verdicts: Sequence[Verdict]) -> None:
        """Mark and write what the judges said of one walk."""
        ours = sorted([each for each in verdicts if each.judge in self.judges], key=lambda each: each.judge)
        line = self._scorer.add(number, walk, ours)
        self._samples.write(number, to_json(line) + b"\n")

    def publish(self, journal: Journal, version: str, results: Sequence[Result]) -> Result:
        """Publish what is made of the results of the judges alone."""
        reports.publish(self.folder / reports.PANEL, reports.Panel(judges=self.judges))
        self._samples.commit()
        manifest = self._cell.manifest
        members = sorted([each for each in results if each.judge in self.judges], key=lambda each: each.judge)
        result = self._scorer.result(manifest.entry, manifest.engines["model"], version, journal, members)
        reports.publish(self.folder / reports.RESULT, result)
        return result

    def begin(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        reports.sweep(self.folder)

    def close(self) -> None:
        """Leave in place what is there."""
        self._samples.discard()


def panels_of(cell: Cell, benches: Sequence[Bench]) -> list[PanelBench]:
    """Seat together those who grade by the same criteria and in the same words."""
    alike: dict[tuple[str, str], list[Bench]] = {}
    for bench in benches:
        judge = bench.sworn.judge
        alike.setdefault((judge.grading.name, judge.prose), []).append(bench)
    return [PanelBench(cell, members) for members in alike.values() if len(members) > 1]
