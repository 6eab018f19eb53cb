"""What stays at home: entries that were declared private, and results of exams of the user's own."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from medeval import reports
from medeval.board.shelf import Broken, Cell
from medeval.catalog import Catalog
from medeval.entries import card_of
from medeval.errors import MedevalError
from medeval.records import Order, Protocol, Record, Style

OTHER = reports.slug("lm-eval:")
"""How the name of a task of another harness begins, as a folder; no exam of anybody's own may be called so."""
_CHOICES = "|".join([*get_args(Style), *get_args(Protocol)])
_ORDERS = "|".join(get_args(Order))
_DIFFERS = re.compile(
    rf"chat|elsewhere|sample|{_CHOICES}|(?:{_ORDERS})\d*|(?:system|prefill)-[0-9a-f]{{8}}|shots-(?:[0-9a-f]{{8}}|sample)"
    r"|patient-[\w.:+-]+|\d+shot|(?:repeats|wordings|limit)\d+"
)
"""What a cell's folder is told to differ in; see `reports.cell_name`."""


class _Put(Record, frozen=True, kw_only=True):
    data: str


class _Told(Record, frozen=True, kw_only=True):
    """As much of a result or a manifest as tells whose rows it is of: any version of medeval wrote that."""

    setting: _Put


def private(folder: Path, entries: Iterable[str]) -> frozenset[str]:
    """The entries that were declared private; a card that cannot be read may have said so."""
    found = set()
    for slug in entries:
        try:
            if card_of(folder / slug).private:
                found.add(slug)
        except MedevalError:
            found.add(slug)
    return frozenset(found)


def is_own(cell: Cell | Broken, folder: Path, catalog: Catalog) -> bool:
    """Whether a result is of somebody's own exam, or may be: where no file tells, only a known name is none."""
    if isinstance(cell, Cell):
        return cell.result.setting.data == "own"
    there = {*_told(folder, cell.place)}
    return "own" in there if there else not _is_known(cell.place, catalog)


def _told(folder: Path, place: str) -> Iterator[str]:
    """What the files of a cell, and of the cell that was judged, say of its rows."""
    home = place.partition(f"/{reports.JUDGED}/")[0]
    for path in dict.fromkeys([folder / place, folder / home]):
        for name in (reports.RESULT, reports.MANIFEST):
            try:
                said = reports.read(path / name, _Told)
            except MedevalError:
                continue
            if said is not None:
                yield said.setting.data


def _is_known(place: str, catalog: Catalog) -> bool:
    entry, name, *_ = place.split("/")
    task, _, differs = (entry if name == "." else name).partition("@")
    if differs and not all(map(_DIFFERS.fullmatch, differs.split(","))):
        return False
    named = catalog.tasks.get(task)
    return not named.own if named else task in catalog.groups or task.startswith(f"{OTHER}-")
