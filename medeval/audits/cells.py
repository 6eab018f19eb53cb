"""A cell, looked at without data and without a change to it."""

from collections.abc import Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from medeval import reports
from medeval.audits.findings import Checked, Sheet
from medeval.audits.folders import OF_CELL, below, present, strange, unknown
from medeval.audits.judges import judged
from medeval.audits.numbers import wrong_numbers
from medeval.audits.replies import counted, scanned, unused
from medeval.audits.samples import Tally, tallied
from medeval.audits.signatures import misplaced, unlike, untrue
from medeval.errors import ReportError
from medeval.journal import Journal
from medeval.records import Result
from medeval.runner import of_judge
from medeval.scoring import Scored


class Look(NamedTuple):
    """What a look at a cell found."""

    folder: Path
    checked: tuple[Checked, ...]
    manifest: reports.Manifest | None = None
    safe: bool = True
    """Whether its files can be opened: they are files, and lie here."""
    fit: bool = False
    """Whether it can be scored again: nothing in it names a place outside."""


def looked_at(cell: Path) -> Look:
    """Look at a cell and at those who judged it."""
    sheet = Sheet(cell.name)
    if not sheet.held("folder", strange(cell)):
        return Look(cell, (sheet.checked(),), safe=False)
    for name in unknown(cell, (*OF_CELL, reports.JUDGED)):
        sheet.note("folder", f"{name!r} is none of medeval's files.")
    manifest = sheet.got("manifest", lambda: present(cell / reports.MANIFEST, reports.Manifest))
    placed = manifest is not None and sheet.held("manifest", misplaced(manifest, cell))
    scan = sheet.got("journal", lambda: scanned(cell / reports.JOURNAL))
    if scan is None or manifest is None:
        return Look(cell, (sheet.checked(),), manifest)
    sheet.got("run", lambda: reports.read(cell / reports.RUN, reports.Run))
    places = scan.places
    sheet.held("journal", scan.doubled)
    sheet.replies = len(places)
    with closing(Journal(cell / reports.JOURNAL, writable=False)) as journal:
        fit = placed and sheet.held("manifest", _too_few(manifest, places))
        result = sheet.got("result", lambda: _finished(cell))
        tally = sheet.got("samples", lambda: tallied(cell / reports.SAMPLES, Scored, journal)) if result else None
        if result and tally:
            sheet.samples = len(tally.samples)
            _hold(sheet, result, manifest, tally)
            sheet.held("journal", chain(counted(result, journal), tally.faults, unused(places, tally)))
        fit &= not (cell / reports.JUDGED).exists() or sheet.held("folder", strange(cell / reports.JUDGED))
        judges, heard = judged(cell, manifest, journal, places)
    there = {f"judge:{folder.name}" for folder in below(cell / reports.JUDGED)}
    for role in sorted({role for role in places.values() if of_judge(role)} - there):
        sheet.note("journal", f"holds replies of {role!r}, who has no folder here.")
    return Look(cell, (sheet.checked(), *judges), manifest, fit=fit and heard)


def _hold(sheet: Sheet, result: Result, manifest: reports.Manifest, tally: Tally) -> None:
    """Hold a result against the manifest, the samples, and what it says of itself."""
    sheet.held("samples", [] if tally.samples else ["samples.jsonl is empty."])
    sheet.held("result", chain(unlike(result, manifest), [f"is by the judge {result.judge!r}."] * bool(result.judge)))
    sheet.held("numbers", wrong_numbers(result, tally))
    other = result.prompt != ("elsewhere" if manifest.setting.elsewhere else tally.prompt)
    told = [f"prompt is {result.prompt!r}, and what was asked comes to {tally.prompt!r}."] if other else []
    sheet.held("signature", chain(told, untrue(result, manifest, tally)))


def _finished(cell: Path) -> Result:
    if not (cell / reports.RESULT).exists():
        sentence = f"{reports.RESULT} is not there: not finished. `medeval run` as it was started goes on."
        raise ReportError(sentence)
    return present(cell / reports.RESULT, Result)


def _too_few(manifest: reports.Manifest, places: Mapping[str, str]) -> list[str]:
    """A stranger may write any number there, and whoever scores again would hold so many takes."""
    setting = manifest.setting
    times = setting.repeats * setting.shuffles * setting.wordings
    return [f"asks every sample {times:,} times, and {len(places):,} replies are there."] if times > len(places) else []
