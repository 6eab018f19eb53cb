"""The groups of an entry: made of the results of their members, and made again whenever one of these changes."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.catalog import Group
from medeval.records import Result, Setting, to_json
from medeval.scoring import grouped


def alike(
    groups: Sequence[Group], results: Sequence[Result]
) -> tuple[tuple[tuple[Group, Setting], ...], tuple[str, ...]]:
    """Keep the groups whose members were asked in one way, with that way; and tell of the others."""
    settings = {result.task: result.setting for result in results}
    chosen, notes = [], []
    for group in groups:
        members = [settings[name] for name in group.members]
        # A limit that left nothing out of a small member stands in the setting of the others only.
        if len({to_json(replace(setting, limit=0)) for setting in members}) == 1:
            chosen.append((group, max(members, key=lambda setting: setting.limit)))
            continue
        ways = ", ".join(f"{name} {settings[name].style} {settings[name].shots}-shot" for name in group.members)
        notes.append(f"{group.name}: no mean, because its members were asked in different ways ({ways}).")
    return tuple(chosen), tuple(notes)


def regrouped(entry: Path, chosen: Sequence[tuple[Group, Setting]] = ()) -> list[tuple[Result, Path]]:
    """Make the groups of an entry again that are there, and those that are chosen: a member may have changed."""
    wanted = {
        entry / reports.cell_name(group.name, setting): (group.name, group.members, setting)
        for group, setting in chosen
    }
    for path in reports.cells(entry):
        old = None if (path / reports.MANIFEST).is_file() else reports.read(path / reports.RESULT, Result)
        if old is not None and old.members:
            wanted.setdefault(path, (old.task, old.members, old.setting))
    made = []
    for path, (name, names, how) in sorted(wanted.items()):
        results = [member for member in [_member(entry, each, how) for each in names] if member is not None]
        if len(results) == len(names):
            result = grouped(name, results)
            path.mkdir(exist_ok=True)
            reports.publish(path / reports.RESULT, result)
            made.append((result, path))
    return made


def _member(entry: Path, name: str, setting: Setting) -> Result | None:
    """Read a member's result; that of a task no larger than the limit stands where no limit is."""
    result = reports.read(entry / reports.cell_name(name, setting) / reports.RESULT, Result)
    if result is None and setting.limit:
        whole = reports.read(entry / reports.cell_name(name, replace(setting, limit=0)) / reports.RESULT, Result)
        result = whole if whole and whole.first.n + whole.first.failed <= setting.limit else None
    return result
