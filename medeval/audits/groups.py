"""The groups of an entry: made again of the results of their members, which takes no data."""

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from medeval import groups, reports
from medeval.audits.differences import Differs, of_results
from medeval.audits.findings import Checked, Sheet
from medeval.audits.folders import present, strange, unknown
from medeval.catalog import Catalog
from medeval.records import Result


def is_group(folder: Path) -> bool:
    """Whether a folder holds nothing but a result, as that of a group does."""
    return not any((folder / name).exists() for name in (reports.MANIFEST, reports.JOURNAL, reports.SAMPLES))


def regrouped(
    folders: Mapping[str, Path], made: Path, members: Collection[str], found: Catalog | None
) -> list[Checked]:
    """Make every group again of the members' results, which lie in the folder `made`."""
    return [_checked(folder, made, members, found) for folder in folders.values()]


def _checked(folder: Path, made: Path, members: Collection[str], found: Catalog | None) -> Checked:
    sheet = Sheet(folder.name)
    if not sheet.held("folder", strange(folder)):
        return sheet.checked()
    for other in unknown(folder, (reports.RESULT,)):
        sheet.note("folder", f"{other!r} is none of medeval's files.")
    result = sheet.got("result", lambda: present(folder / reports.RESULT, Result))
    if result is None or not sheet.held("result", _unfit(result, folder.name, members, found)):
        return sheet.checked()
    sheet.samples, sheet.replies = max([each.n for each in result.estimates]), result.journal_records
    again = made / folder.name
    differs = sheet.got("numbers", lambda: _again(folder, again))
    sheet.held("numbers", differs.faults if differs else ())
    if differs and differs.note:
        sheet.note("numbers", differs.note)
    # It is no member of another, and would be made again with it.
    shutil.rmtree(again, ignore_errors=True)
    return sheet.checked()


def _again(folder: Path, again: Path) -> Differs:
    again.mkdir()
    shutil.copyfile(folder / reports.RESULT, again / reports.RESULT)
    groups.regrouped(again.parent)
    return of_results(folder / reports.RESULT, again / reports.RESULT)


def _unfit(result: Result, name: str, members: Collection[str], found: Catalog | None) -> Iterator[str]:
    if not result.members:
        yield f"has no members, and there is no {reports.MANIFEST} for a cell of its own."
        return
    if not result.estimates:
        yield "has no estimates."
    if (place := reports.cell_name(result.task, result.setting)) != name:
        yield f"its name and setting belong into a folder {place!r}."
    for member in result.members:
        places = {
            reports.cell_name(member, replace(result.setting, limit=limit)) for limit in (0, result.setting.limit)
        }
        if not places & {*members}:
            yield f"its member {member!r} is not among the cells that could be made again."
    known = found.groups.get(result.task) if found else None
    if known and known.members != result.members:
        yield f"its members are {', '.join(result.members)}, and those of the group {', '.join(known.members)}."
