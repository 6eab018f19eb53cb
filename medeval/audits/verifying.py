"""Entries verified: a look at every folder, and on wish every score made again from the raw replies."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from medeval import reports
from medeval.audits.cells import Look, looked_at
from medeval.audits.findings import Checked, Sheet, Verified
from medeval.audits.folders import OF_ENTRY, below, strange, unknown
from medeval.audits.groups import is_group, regrouped
from medeval.audits.rescoring import RESCORED, Where, rescored, sat_again
from medeval.catalog import Catalog
from medeval.errors import Interrupted, MedevalError, RequestError, raise_all
from medeval.records import Result


class Entry(NamedTuple):
    """An entry's folder, or that of one cell, as a look found it."""

    folder: Path
    own: Checked
    looks: tuple[Look, ...]
    groups: Mapping[str, Path]


def folder_of(name: str, root: Path) -> Path:
    """Find what is to be verified: a label, label/cell, or a path, which need not hold anything."""
    found = reports.entry_folder(name, root)
    for folder in (found, root / reports.slug(name), Path(name)):
        if folder.is_dir():
            return folder
    raise RequestError(f"{name}: no such entry in {root}, and no such folder.")


def verify(
    folders: Sequence[Path], again: Where | None = None, stopped: Callable[[], bool] = lambda: False
) -> tuple[Verified, ...]:
    """Look at entries; `again`: where the data are from which scores are made again."""
    entries = [_looked(folder, stopped) for folder in folders]
    found = again.catalog() if again else None
    wrong: dict[Path, str] = {}
    if again and found:
        faults: list[RequestError] = []
        for look in [look for entry in entries for look in entry.looks if look.fit]:
            _go_on(stopped)
            try:
                told = sat_again(look, again, found)
            except RequestError as fault:
                faults.append(fault)
            else:
                wrong |= {look.folder: told} if isinstance(told, str) else {}
        raise_all(faults)
    return tuple([_verified(entry, again, found, wrong, stopped) for entry in entries])


def _looked(folder: Path, stopped: Callable[[], bool]) -> Entry:
    """Look at everything in a folder, without data."""
    sheet = Sheet("")
    if folder.is_symlink():
        sheet.held("folder", [f"{folder} is a link. Name what it points to."])
        return Entry(folder, sheet.checked(), (), {})
    alone = [*reports.cells(folder)] == [folder] and not (is_group(folder) and below(folder))
    if alone:
        groups = {folder.name: folder} if is_group(folder) else {}
        cells = [] if groups else [folder]
    else:
        sheet.held("folder", strange(folder))
        for name in unknown(folder, OF_ENTRY, folders=True):
            sheet.note("folder", f"{name!r} is none of medeval's files.")
        groups = {each.name: each for each in below(folder) if is_group(each) and (each / reports.RESULT).is_file()}
        cells = [each for each in below(folder) if each.name not in groups and _holds_something(each)]
    looks = []
    for cell in cells:
        _go_on(stopped)
        looks.append(looked_at(cell))
    if looks:
        sheet.held("model", _several(looks))
    return Entry(folder, sheet.checked(), tuple(looks), groups)


def _holds_something(folder: Path) -> bool:
    """Whether a folder would be a cell: one that lost its manifest is one too."""
    names = (reports.MANIFEST, reports.JOURNAL, reports.SAMPLES, reports.RESULT, reports.RUN, reports.JUDGED)
    return any((folder / name).exists() or (folder / name).is_symlink() for name in names)


def _several(looks: Sequence[Look]) -> Iterator[str]:
    """Tell of cells that another model answered than the first; predictions come a file a task."""
    known = [
        (look, look.manifest.engines["model"]) for look in looks if look.manifest and "model" in look.manifest.engines
    ]
    models = [(look, model) for look, model in known if model.engine != "predictions"]
    for look, model in models[1:]:
        if model != models[0][1]:
            fields = "; ".join(reports.differing(models[0][1], model))
            yield f"{look.folder.name} was answered by another model than {models[0][0].folder.name} ({fields})."


def _verified(
    entry: Entry, again: Where | None, found: Catalog | None, wrong: Mapping[Path, str], stopped: Callable[[], bool]
) -> Verified:
    """Score again what may be, and make the groups again of whatever results there are then."""
    folders = [checked for look in entry.looks for checked in look.checked]
    with tempfile.TemporaryDirectory(prefix="medeval-verify-") as place:
        made = Path(place) / "entry"
        made.mkdir()
        for look in entry.looks:
            _go_on(stopped)
            if again is None and look.safe:
                _taken(look.folder, made)
            elif again is None:
                continue
            elif look.fit and look.folder not in wrong:
                folders = _joined(folders, rescored(look, made, again, stopped))
            else:
                sheet = Sheet(look.folder.name)
                sheet.held(RESCORED, [wrong.get(look.folder, "not done: what is told above stands in the way.")])
                folders = _joined(folders, [sheet.checked()])
        members = [each.name for each in below(made) if (each / reports.RESULT).is_file()]
        groups = regrouped(entry.groups, made, members, found)
    own = [entry.own] if any(each.word != "holds" for each in entry.own.findings) else []
    return Verified(
        entry=entry.folder.name, rescored=again is not None,
        folders=tuple(sorted([*own, *folders, *groups], key=lambda each: each.where)),
    )  # fmt: skip


def _taken(cell: Path, made: Path) -> None:
    """Take a published result for what it says, to make groups of it; one that cannot be read was told of before."""
    try:
        result = reports.read(cell / reports.RESULT, Result)
    except MedevalError:
        result = None
    if result is not None:
        (made / cell.name).mkdir()
        shutil.copyfile(cell / reports.RESULT, made / cell.name / reports.RESULT)


def _joined(folders: Sequence[Checked], more: Sequence[Checked]) -> list[Checked]:
    """Add findings to those of the same folder."""
    found = {each.where: each for each in more}
    joined = [
        replace(each, findings=(*each.findings, *found.pop(each.where).findings)) if each.where in found else each
        for each in folders
    ]
    return [*joined, *found.values()]


def _go_on(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Interrupted("Stopped by a signal; nothing was changed.")
