"""Writes the pages: everything beside its place first, then all of it into its place at once."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from medeval.board import index
from medeval.board.assembled import Board, assembled
from medeval.board.columns import Group, groups
from medeval.board.contents import written
from medeval.board.desk import Plan, unwritten
from medeval.board.press import Frame, Press
from medeval.board.shelf import Broken
from medeval.board.wishes import Options
from medeval.board.words import Words
from medeval.catalog import Catalog, find, own_folder
from medeval.errors import ReportError, RequestError
from medeval.pages import check_place, publish
from medeval.records import Record
from medeval.reports import probe

MARK = ".medeval-site"
"""Stands in a folder that a board was built into, and may be built into again."""


class Built(Record, frozen=True, kw_only=True):
    """What was built."""

    pages: int
    entries: int
    results: int
    broken: tuple[Broken, ...]
    private: int
    """Entries that were left out, since they were declared private."""
    kept: int
    """Results that were left out, since they are of somebody's own exam, or may be."""


def build(
    reports: Path, out: Path, options: Options | None = None, *, version: str, catalog: Catalog | None = None
) -> Built:
    """Build the whole site.

    Large ones are made by several processes, which import the script that calls this: such a script needs the usual
    guard of its main part.
    """
    how = options or Options()
    _check(out)
    board = gathered(reports, how, catalog)
    with _beside(out) as folder:
        plan = Plan(out=folder, place=out, version=version, tongues=how.tongues, private=board.shows_own)
        plan.put(MARK, b"")
        pages = sum(1 for _ in written(board, plan, how))
        _swap(folder, out)
    return _built(board, pages)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, unless it was put into its place."""
    try:
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise unwritten(out, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _built(board: Board, pages: int) -> Built:
    return Built(
        pages=pages, entries=len(board.entries), results=sum(len(entry.cells) for entry in board.entries.values()),
        broken=board.broken, private=board.private, kept=board.kept,
    )  # fmt: skip


def gathered(reports: Path, options: Options, catalog: Catalog | None = None) -> Board:
    """Read reports as the options want it."""
    known = catalog or find()
    return assembled(reports, known, _wanted(options), options.workers, private=options.private)


def _wanted(options: Options) -> tuple[Group, ...]:
    return groups(options.columns or own_folder() / "columns.toml")


def _check(out: Path) -> None:
    """See that the folder may be replaced, before an hour's work is done for it."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file())):
        raise RequestError(f"{out}: is there, and is no board that medeval built. Name another --out.")
    probe(out.parent, "--out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{out.parent}: cannot be made ({error.strerror}). Name another --out.") from error


def _swap(made: Path, out: Path) -> None:
    """Put a whole folder in the place of another."""
    before = made.with_name(f"{made.name}.before")
    try:
        made.chmod(0o755)
        if out.exists():
            out.rename(before)
        made.rename(out)
    except OSError as error:
        if before.exists() and not out.exists():
            before.rename(out)
        raise ReportError(f"{out}: cannot be put in its place ({error.strerror}).") from error
    shutil.rmtree(before, ignore_errors=True)


def single(
    reports: Path, file: Path, options: Options | None = None, *, version: str, catalog: Catalog | None = None
) -> Built:
    """Make one page of all groups, in the first language, that needs nothing else."""
    how = options or Options()
    check_place(file)
    board, words = gathered(reports, how, catalog), Words(how.tongues[0])
    parts = [unlinked(index.index(board, part, words, "")) for part in board.parts]
    title = words.said("nav_board")
    frame = Frame(
        path=file.name, here="board", title=title, version=version, tongue=words.tongue, single=True,
        private=board.shows_own,
    )  # fmt: skip
    publish(file, Press(words).page("single", frame, page=parts).decode("utf-8"))
    return _built(board, 1)


def unlinked(page: index.Index) -> index.Index:
    """The same without ways to pages that are not there."""
    heads = tuple([replace(head, href="") for head in page.table.heads])
    rows, floors = (
        tuple([
            replace(row, href="", boxes=tuple([replace(box, href="") for box in row.boxes])) for row in there
        ])
        for there in (page.table.rows, page.table.floors)
    )  # fmt: skip
    return replace(page, tabs=(), table=replace(page.table, heads=heads, rows=rows, floors=floors))
