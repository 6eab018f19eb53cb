"""The page of an entry, as several verbs write it."""

from collections.abc import Sequence
from pathlib import Path

from medeval.board.words import Tongue


def home_of(entry: str, reports: Path) -> Path:
    """The folder of an entry; where a cell was named, or a judge's part of it, of the entry that it is of."""
    from medeval.reports import JUDGED, MANIFEST, RESULT, entry_folder

    folder = entry_folder(entry, reports)
    while folder.parent.name == JUDGED or (folder / MANIFEST).is_file() or (folder / RESULT).is_file():
        folder = folder.parents[1] if folder.parent.name == JUDGED else folder.parent
    return folder


def written(folder: Path, out: Path | None = None, *, lang: Tongue = "en", task_path: Sequence[Path] = ()) -> str:
    """Write the page of an entry's folder, and say where it is."""
    from medeval import board, pages
    from medeval.board.report import FILE
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli.say import clean

    page = out or folder / FILE
    pages.check_place(page)
    made = board.report(folder.parent, folder.name, version=own_version(), catalog=find(task_path), tongue=lang)
    pages.publish(page, made)
    return clean(str(page))
