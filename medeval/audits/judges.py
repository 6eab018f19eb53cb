"""The folders of judges below a cell, and of those who were heard together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.audits.findings import Checked, Sheet
from medeval.audits.folders import OF_JUDGE, below, present, strange, unknown
from medeval.audits.numbers import wrong_numbers
from medeval.audits.replies import unused
from medeval.audits.samples import Tally, tallied
from medeval.audits.signatures import unlike, untrue
from medeval.gradings import Judge
from medeval.journal import Journal, fingerprint
from medeval.records import Result
from medeval.scoring import Judgment
from medeval.talks.grade import EMPTY, read


def judged(
    cell: Path, manifest: reports.Manifest, journal: Journal, places: Mapping[str, str]
) -> tuple[list[Checked], bool]:
    """Look at every judge of a cell; and tell whether each lies where it belongs, so that it can be heard again."""
    found, fit = [], True
    for folder in below(cell / reports.JUDGED):
        sheet = Sheet(f"{cell.name}/{reports.JUDGED}/{folder.name}")
        if not sheet.held("folder", strange(folder)):
            fit = False
        elif (folder / reports.PANEL).is_file():
            fit &= _panel(sheet, folder, manifest, journal)
        else:
            fit &= _judge(sheet, folder, manifest, journal, places)
        for name in unknown(folder, OF_JUDGE):
            sheet.note("folder", f"{name!r} is none of medeval's files.")
        found.append(sheet.checked())
    return found, fit


def _judge(sheet: Sheet, folder: Path, manifest: reports.Manifest, journal: Journal, places: Mapping[str, str]) -> bool:
    sworn = sheet.got("manifest", lambda: present(folder / reports.MANIFEST, reports.Sworn))
    if sworn is None or not sheet.held("manifest", _elsewhere(sworn.judge.name, folder)):
        return False
    name, role = sworn.judge.name, sworn.judge.role
    records = journal.count() + journal.count(name)
    mark = fingerprint(f"{journal.fingerprint()}{journal.fingerprint(name)}".encode(), size=32)
    both = _read(sheet, folder, journal, lambda line: _misread(sworn.judge, line))
    if both:
        result, tally = both
        sheet.replies = journal.count(name)
        sheet.held("journal", chain(_counted(result, records, mark), tally.faults, unused(places, tally, role)))
        sheet.held("result", chain(_by(result, name), unlike(result, manifest)))
        sheet.held("numbers", wrong_numbers(result, tally))
        sheet.held("signature", untrue(result, manifest, tally, sworn))
    return True


def _panel(sheet: Sheet, folder: Path, manifest: reports.Manifest, journal: Journal) -> bool:
    panel = sheet.got("manifest", lambda: present(folder / reports.PANEL, reports.Panel))
    if panel is None or not sheet.held("manifest", _elsewhere("+".join(sorted(panel.judges)), folder)):
        return False
    both = _read(sheet, folder, journal)
    if both:
        result, tally = both
        records = journal.count() + sum(journal.count(name) for name in panel.judges)
        marks = [fingerprint(f"{journal.fingerprint()}{journal.fingerprint(name)}".encode(), size=32)
                 for name in sorted(panel.judges)]  # fmt: skip
        mark = fingerprint("".join(marks).encode(), size=32)
        sheet.held("journal", _counted(result, records, mark))
        sheet.held("result", chain(_by(result, folder.name), unlike(result, manifest)))
        sheet.held("numbers", wrong_numbers(result, tally))
        sheet.held("signature", untrue(result, manifest, tally))
    return True


def _misread(judge: Judge, line: Judgment) -> Iterator[str]:
    """Read every verdict again out of what the judge said."""
    heard = iter(line.exchanges)
    for told in line.verdicts:
        # An empty answer has its grade without a request.
        one = None if told.why == EMPTY else next(heard, None)
        said = replace(told, grade="", expected=None, why="")
        if one is not None and (found := read(judge, said, one.reply)).grade != told.grade:
            yield (
                f"sample {line.sample!r}: the verdict on {told.criterion} is {told.grade!r}, and the judge's words "
                f"say {found.grade!r}."
            )


def _read(
    sheet: Sheet, folder: Path, journal: Journal, more: Callable[[Judgment], Iterable[str]] | None = None
) -> tuple[Result, Tally] | None:
    result = sheet.got("result", lambda: present(folder / reports.RESULT, Result))
    tally = sheet.got("samples", lambda: tallied(folder / reports.SAMPLES, Judgment, journal, more))
    sheet.samples = len(tally.samples) if tally else 0
    return (result, tally) if result is not None and tally is not None else None


def _elsewhere(name: str, folder: Path) -> Iterator[str]:
    if name != folder.name:
        yield f"is of {name!r}, and lies in a folder {folder.name!r}."


def _by(result: Result, judge: str) -> Iterator[str]:
    if result.judge != judge:
        yield f"is by the judge {result.judge!r}, and lies in the folder of {judge!r}."


def _counted(result: Result, records: int, mark: str) -> Iterator[str]:
    if result.journal_records != records:
        yield f"holds {records:,} replies with the judge's, and {result.journal_records:,} stand in result.json."
    if result.journal != mark:
        yield f"its fingerprint is {mark[:12]}…, and {result.journal[:12]}… stands in result.json."
