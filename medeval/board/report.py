"""One entry on one page: what a user opens right after a run, or while one is still going."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from medeval import reports
from medeval.board import cells, entrypages
from medeval.board.assembled import Board, assembled
from medeval.board.cases import drawn
from medeval.board.cells import Job
from medeval.board.columns import groups
from medeval.board.press import Frame, Press
from medeval.board.words import Tongue, Words
from medeval.catalog import Catalog, own_folder
from medeval.errors import MedevalError, RequestError
from medeval.records import Record

FILE = "report.html"
ROOM = 8
"""Cases of a cell: those that went badly first."""


class Progress(Record, frozen=True, kw_only=True):
    """A cell without a result."""

    cell: str
    replies: int
    questions: int
    """How many there are to ask, where that is known; else 0."""


def report(folder: Path, slug: str, *, version: str, catalog: Catalog, tongue: Tongue = "en") -> str:
    """Make the page of an entry's folder below the reports."""
    if not (folder / slug).is_dir() or not any(reports.cells(folder / slug)):
        raise RequestError(f"{folder / slug}: no results there, and none begun. Name an entry's folder.")
    board = assembled(folder, catalog, groups(own_folder() / "columns.toml"), 1, only=slug)
    words = Words(tongue)
    progress = tuple(_progress(folder, slug, board))
    entry = board.entries.get(slug)
    page = entrypages.page(board, entry, words, board.homes) if entry else None
    name = page.name if page else slug
    if page:
        page = replace(
            page, parents=tuple([(parent, "") for parent, _ in page.parents]), children=(),
            numbers=tuple([
                replace(each, href=f"#cell-{place}", task_href="") for place, each in enumerate(page.numbers)
            ]),
        )  # fmt: skip
    frame = Frame(
        path=FILE, here="report", title=name, version=version, tongue=tongue, single=True, private=board.shows_own
    )
    made = Press(words).page(
        "report", frame, page=page, name=name, progress=progress, sections=tuple(_sections(board, words, slug)),
        broken=tuple([each for each in board.broken if not each.unfinished]),
    )  # fmt: skip
    return made.decode("utf-8")


def _sections(board: Board, words: Words, slug: str) -> Iterator[tuple[int, cells.Page]]:
    """Every cell, in the order of the page's numbers; whoever has the reports may see their texts."""
    entry, homes = board.entries.get(slug), board.homes
    if entry is None:
        return
    there = [(homes[cell.place.said], cell) for cell in entry.cells if cell.place.said in homes]
    order = sorted(there, key=lambda each: entrypages.order_of(*each))
    for number, (column, cell) in enumerate(order):
        job = Job(
            cell=cell, key=column.key, title=column.title, how=column.how, rank="", of=0, others=None,
            draw=drawn(board.names[column.key].ids), open=True, room=ROOM, entry=entry.name,
        )  # fmt: skip
        yield number, cells.page(job, words, cells.laid_out(job))


def _progress(folder: Path, slug: str, board: Board) -> Iterator[Progress]:
    for each in board.broken:
        path = folder / each.place
        if not each.unfinished or not path.is_dir():
            continue
        journal, questions = path / reports.JOURNAL, 0
        replies = journal.read_bytes().count(b"\n") if journal.is_file() else 0
        try:
            manifest = reports.read(path / reports.MANIFEST, reports.Manifest)
        except MedevalError:
            manifest = None
        if manifest is not None and manifest.task in board.catalog.tasks and manifest.setting.data == "real":
            rows = board.catalog.tasks[manifest.task].task.rows
            questions = min(rows, manifest.setting.limit or rows)
        yield Progress(cell=each.place.removeprefix(f"{slug}/"), replies=replies, questions=questions)
