"""The page of an entry, as several verbs write it."""

from collections.abc import Sequence
from pathlib import Path

from medeval.board.words import Tongue


def written(
    entry: str, reports: Path, out: Path | None = None, *, lang: Tongue = "en", task_path: Sequence[Path] = ()
) -> str:
    """Write it, and say where it is."""
    from medeval import board, pages
    from medeval.board.report import FILE
    from medeval.catalog import find
    from medeval.cells import own_version
    from medeval.cli.say import clean
    from medeval.reports import MANIFEST, entry_folder

    folder = entry_folder(entry, reports)
    if (folder / MANIFEST).is_file():
        # A cell was named: the page is of its entry.
        folder = folder.parent
    page = out or folder / FILE
    pages.check_place(page)
    made = board.report(folder.parent, folder.name, version=own_version(), catalog=find(task_path), tongue=lang)
    pages.publish(page, made)
    return clean(str(page))
