"""A cell, scored again from its raw replies in a folder of its own, and held to what was published byte by byte."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from medeval import catalog, evaluation, planning, reports
from medeval.audits.cells import Look
from medeval.audits.differences import Differs, of_lines, of_results
from medeval.audits.findings import Checked, Sheet
from medeval.audits.folders import below
from medeval.catalog import Catalog
from medeval.errors import ReportError, RequestError
from medeval.openings import Means
from medeval.planning import Cell
from medeval.records import Record

FOREIGN = ("evaluate:", "bertscore:")
"""Metrics that run what they name."""
RESCORED = "scored again"


class Where(Record, frozen=True, kw_only=True):
    """Where everything is that scores are made of."""

    data: str = ""
    offline: bool = False
    device: str = ""
    task_paths: tuple[Path, ...] = ()
    shots_from: str = ""
    metrics: tuple[str, ...] = ()
    """What a cell may have wished for that runs what it names: modules of other people, encoders."""

    @property
    def means(self) -> Means:
        """What is said about how encoders are run."""
        return Means(offline=self.offline, device=self.device)

    def catalog(self) -> Catalog:
        """The tasks and groups that are known here."""
        return catalog.find(self.task_paths)


def sat_again(look: Look, where: Where, found: Catalog) -> Cell | str:
    """Sit a cell again; or tell why it cannot agree. What is missing here is a fault of the request."""
    assert look.manifest is not None  # noqa: S101  only cells that are fit are sat again
    run = reports.last_run(look.folder)
    if foreign := [each for each in (run.metrics if run else ()) if each.startswith(FOREIGN)]:
        unsaid = [each for each in foreign if each not in where.metrics]
        if unsaid:
            raise RequestError(
                f"{look.folder}: its run.json wishes for {unsaid[0]}, which runs what it names. "
                f"If that is yours, allow it: --metric {unsaid[0]}."
            )
    try:
        return planning.reopened(
            look.folder, look.manifest, found, where.data, paths=where.task_paths, means=where.means,
            shots=where.shots_from,
        )  # fmt: skip
    except RequestError as error:
        # Of the folder itself is told that task or data are others now; all else is missing on this machine.
        if error.faults[0].startswith(f"{look.folder}: "):
            return error.faults[0].removeprefix(f"{look.folder}: ")
        raise RequestError(*[f"{look.folder}: {fault}" for fault in error.faults]) from error


def rescored(look: Look, entry: Path, where: Where, stopped: Callable[[], bool]) -> list[Checked]:
    """Score a copy of a cell again, and hold every file that is derived against the copy's."""
    copy = entry / look.folder.name
    _copied(look.folder, copy)
    sheet = Sheet(look.folder.name, hidden=f"{copy}/")

    def scored() -> Sequence[str]:
        try:
            return evaluation.rescore(
                copy, where.data, where.task_paths, stopped, means=where.means, shots_from=where.shots_from
            ).notes
        except ReportError as error:
            # The copy is whole and ours to write: what scoring misses in it are replies.
            raise ReportError(f"not finished: {error.faults[0]}") from error

    told = sheet.got(RESCORED, scored)
    if told is None:
        return [sheet.checked()]
    sheet.held(RESCORED, told)
    _hold(sheet, look.folder, copy, (reports.SAMPLES,))
    sheets = [sheet]
    for folder in below(look.folder / reports.JUDGED):
        one = Sheet(f"{look.folder.name}/{reports.JUDGED}/{folder.name}", hidden=f"{copy}/")
        lines = (reports.SAMPLES,) if (folder / reports.PANEL).is_file() else (reports.SAMPLES, reports.LEDGER)
        _hold(one, folder, copy / reports.JUDGED / folder.name, lines)
        sheets.append(one)
    return [each.checked() for each in sheets]


def _hold(sheet: Sheet, old: Path, new: Path, several: Sequence[str]) -> None:
    differs: list[Differs] = []

    def compared() -> Iterator[str]:
        if not (new / reports.RESULT).is_file():
            yield "could not be made again."
            return
        for name in several:
            differs.append(of_lines(old / name, new / name))
            yield from differs[-1].faults
        differs.append(of_results(old / reports.RESULT, new / reports.RESULT))
        yield from differs[-1].faults

    sheet.held(RESCORED, compared())
    for each in differs:
        if each.note:
            sheet.note(RESCORED, each.note)


def _copied(cell: Path, copy: Path) -> None:
    """Copy what was not derived: manifests, replies, and what was wished for; nothing that a score could come from."""
    copy.mkdir(parents=True)
    for name in (reports.MANIFEST, reports.JOURNAL):
        shutil.copyfile(cell / name, copy / name)
    if run := reports.last_run(cell):
        wished = reports.Run(medeval="", python="", machine="", attempts=(), metrics=run.metrics)
        reports.publish(copy / reports.RUN, wished)
    for folder in below(cell / reports.JUDGED):
        judge = copy / reports.JUDGED / folder.name
        judge.mkdir(parents=True)
        for name in (reports.MANIFEST, reports.PANEL):
            if (folder / name).is_file():
                shutil.copyfile(folder / name, judge / name)
