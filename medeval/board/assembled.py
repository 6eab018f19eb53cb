"""Everything that the pages tell, put together once: entries, columns, ranks, groups."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from medeval.board import privacy, shelf
from medeval.board.columns import MOST, Column, Group, columns, grouped
from medeval.board.marks import Named
from medeval.board.ranking import Ranked, Standings, ranked, standings
from medeval.board.shelf import CALIBRATION, Broken, Entry
from medeval.catalog import Catalog
from medeval.entries import night_of
from medeval.errors import RequestError
from medeval.raters import admissions
from medeval.records import Record

FEW = 64
"""Cells that one process reads sooner than others would be there to help."""


class Part(Record, frozen=True, kw_only=True):
    """A group with what there is of it."""

    group: Group
    columns: tuple[Column, ...]
    shown: tuple[Column, ...]
    """Those of its own page."""
    standings: Standings


class Board(Record, frozen=True, kw_only=True):
    """What all pages are made of."""

    entries: Mapping[str, Entry]
    parts: tuple[Part, ...]
    columns: Mapping[str, Column]
    ranks: Mapping[str, Ranked]
    """By column; so the next two."""
    names: Mapping[str, Named]
    old: frozenset[str]
    """Nights of a series that newer ones have followed: they have pages, and no ranks."""
    admitted: frozenset[str]
    """Judges who agree with human raters by at least one criterion."""
    broken: tuple[Broken, ...]
    catalog: Catalog
    private: int
    """Entries that were left out, since they were declared private."""
    kept: int
    """Results that were left out, since they are of somebody's own exam, or may be."""

    @property
    def shows_own(self) -> bool:
        """Whether results of somebody's own exam are on it."""
        return any(column.is_own for column in self.columns.values())

    @property
    def homes(self) -> Mapping[str, Column]:
        """The column that each cell stands in by the number it is known by."""
        return {
            cell.place.said: column for column in self.columns.values() for cell in column.cells.values()
            if column.is_main
        }  # fmt: skip


@contextmanager
def workers(count: int, jobs: int) -> Iterator[Callable[..., Iterator[object]]]:
    """A `map` over several processes, where the work is worth them; what it gives is the same, in the same order."""
    if count < 2 or jobs < FEW:
        yield map
        return
    # A process that is forked while threads of a numeric library run may wait for them for ever.
    with ProcessPoolExecutor(count, mp_context=get_context("forkserver")) as pool:
        yield lambda function, items: pool.map(function, items, chunksize=max(1, min(32, jobs // (8 * count))))


def assembled(  # noqa: PLR0913
    folder: Path,
    catalog: Catalog,
    wanted: Sequence[Group],
    count: int = 2,
    *,
    only: str = "",
    private: bool = True,
) -> Board:
    """Read reports, those of one entry or all, and find out who is ahead of whom."""
    if not folder.is_dir():
        raise RequestError(f"{folder}: is no folder of reports. `medeval run` makes one.")
    there = [place for place in shelf.places(folder) if not only or place.entry == only]
    with workers(count, len(there)) as mapped:
        read = [cell for cell in mapped(shelf.opened, there) if isinstance(cell, shelf.Cell | Broken)]
    public = [cell for cell in read if private or not privacy.is_own(cell, folder, catalog)]
    kept = len(read) - len(public)
    entries, broken = shelf.shelved(public, folder)
    hidden = frozenset() if private else privacy.private(folder, {place.entry for place in there})
    entries = tuple([entry for entry in entries if entry.slug not in hidden])
    broken = tuple([each for each in broken if each.place.split("/")[0] not in hidden])
    if not entries and not broken:
        stays = " but those that are private: --private shows them" if hidden or kept else ". `medeval run` makes some"
        raise RequestError(f"{folder}: no results there{stays}.")
    old = _old(entries)
    found = [*columns(entries, catalog, old=old), *columns(entries, catalog, CALIBRATION, old=old)]
    names = {column.key: _names(column) for column in found}
    dealt = [(group, members, _judged(members[:MOST])) for group, members in grouped(wanted, found)]
    # A column of two groups is in the statements of both: it is ranked for the one that makes more of them.
    shares = {column.key: 1 for _, members, _ in dealt for column in members}
    for _, columns_of, _ in dealt:
        # Every number of a page may be marked as the best of its column: all of them share what may go wrong.
        several = [column for column in columns_of[:MOST] if len(column.ranked) > 1]
        shares |= {column.key: max(shares[column.key], len(several)) for column in several}
    members = {column.key: column for _, columns_of, _ in dealt for column in columns_of}
    ranks = {key: ranked(column, names[key].clusters, shares[key]) for key, column in members.items()}
    parts = [
        Part(
            group=group, columns=columns_of, shown=columns_of[:MOST],
            standings=standings([(column, ranks[column.key]) for column in judged or columns_of[:MOST]]),
        )
        for group, columns_of, judged in dealt
    ]  # fmt: skip
    return Board(
        entries={entry.slug: entry for entry in entries}, parts=tuple(parts),
        columns=members, ranks=ranks, names=names, old=old,
        admitted=frozenset(
            name for name, by in admissions(folder).items() if any(each.admitted for each in by.values())
        ),
        broken=broken, catalog=catalog, private=len(hidden), kept=kept,
    )  # fmt: skip


def _judged(shown: Sequence[Column]) -> Sequence[Column]:
    """The columns by which a group is ordered: examples of our own only where there is nothing else."""
    several = [column for column in shown if len(column.ranked) > 1]
    return [column for column in several if not column.is_sample] or several


def _old(entries: Iterable[Entry]) -> frozenset[str]:
    """Nights that a newer one of their series has followed."""
    nights: dict[str, list[tuple[date, str]]] = {}
    for entry in entries:
        if night := night_of(entry.name):
            nights.setdefault(night[0], []).append((night[1], entry.slug))
    return frozenset(slug for series in nights.values() for _, slug in sorted(series)[:-1])


def _names(column: Column) -> Named:
    """The samples that the ranked entries answered; without any of these, those of the first."""
    for slug in (*column.ranked, *column.cells):
        if column.cells[slug].marks is not None:
            return shelf.names(column.cells[slug])
    return Named((), ())
