"""What lies in a folder of an entry: files that are known, and nothing that leads out of it."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeVar

from medeval import reports
from medeval.entries import CARD
from medeval.errors import ReportError

OF_ENTRY = (CARD, "report.html", "verdict.json")
OF_CELL = (reports.MANIFEST, reports.JOURNAL, reports.SAMPLES, reports.RESULT, reports.RUN)
OF_JUDGE = (reports.MANIFEST, reports.PANEL, reports.SAMPLES, reports.RESULT, reports.LEDGER)
READ_WHOLE = (reports.MANIFEST, reports.RESULT, reports.RUN, reports.PANEL, CARD)
LARGEST = 64 << 20
"""Bytes of a file that is read whole, and of a line of one that is not."""
T = TypeVar("T")


def strange(folder: Path) -> Iterator[str]:
    """Tell what may not be read: links, which may lead anywhere, what is no file, and what is too large."""
    for each in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if each.is_symlink():
            yield f"{each.name!r} is a link, and none is followed. Put there what it points to."
        elif not (each.is_dir(follow_symlinks=False) or each.is_file(follow_symlinks=False)):
            yield f"{each.name!r} is neither a file nor a folder."
        elif each.name in READ_WHOLE and (size := each.stat(follow_symlinks=False).st_size) > LARGEST:
            yield f"{each.name} holds {size:,} bytes, and {LARGEST:,} are the most that is read."


def unknown(folder: Path, known: Collection[str], *, folders: bool = False) -> list[str]:
    """Name what has no part in any number."""
    there = sorted(os.scandir(folder), key=lambda entry: entry.name)
    return [
        each.name
        for each in there
        if not each.is_symlink() and each.name not in known and not (folders and each.is_dir(follow_symlinks=False))
    ]


def below(folder: Path) -> list[Path]:
    """List the folders in a folder; hidden ones, and links to some, are none."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(
        Path(each.path)
        for each in os.scandir(folder)
        if each.is_dir(follow_symlinks=False) and not each.name.startswith(".")
    )


def present(path: Path, kind: type[T]) -> T:
    """Read a published file that must be there."""
    found = reports.read(path, kind)
    if found is None:
        raise ReportError(f"{path.name} is not there.")
    return found


def lines(path: Path) -> Iterator[bytes]:
    """Read a file line by line, none of them longer than can be held."""
    with open(path, "rb") as file:
        number = 0
        while line := file.readline(LARGEST + 1):
            number += 1
            if len(line) > LARGEST:
                raise ReportError(f"{path.name}: line {number} is longer than {LARGEST:,} bytes.")
            yield line
