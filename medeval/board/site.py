"""Writes the pages: everything beside its place first, then all of it into its place at once."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec.structs import replace

from medeval.board import (
    cells,
    costs,
    downloads,
    entrypages,
    figures,
    history,
    index,
    lineage,
    pairs,
    questions,
    tables,
    taskpages,
)  # fmt: skip
from medeval.board.assembled import Board, assembled, workers
from medeval.board.cases import OPEN, drawn
from medeval.board.cells import Job
from medeval.board.columns import Column, Group, groups
from medeval.board.marks import Floats
from medeval.board.press import Frame, Press
from medeval.board.shelf import Broken
from medeval.board.words import TONGUES, Tongue, Words
from medeval.catalog import Catalog, find, own_folder
from medeval.errors import ReportError, RequestError
from medeval.pages import check_place, publish
from medeval.records import Record
from medeval.reports import probe

MARK = ".medeval-site"
"""Stands in a folder that a board was built into, and may be built into again."""
Texts = Literal["open", "all", "none"]


class Options(Record, frozen=True, kw_only=True):
    """How a board is built."""

    tongues: tuple[Tongue, ...] = TONGUES
    columns: Path | None = None
    """What stands together, if not as the project has it."""
    room: int = 30
    """Cases that the page of a cell shows."""
    texts: Texts = "open"
    """Whose texts are shown: those whose licence allows it, all, or none."""
    private: bool = False
    """Whether entries that were declared private stand on it too."""
    workers: int = 2


class Built(Record, frozen=True, kw_only=True):
    """What was built."""

    pages: int
    entries: int
    results: int
    broken: tuple[Broken, ...]
    private: int
    """Entries that were left out, since they were declared private."""


class Plan(Record, frozen=True, kw_only=True):
    """What is needed wherever a page is made."""

    out: Path
    version: str
    tongues: tuple[Tongue, ...]


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
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        plan = Plan(out=Path(folder), version=version, tongues=how.tongues)
        (plan.out / MARK).touch()
        pages = sum(1 for _ in _written(board, plan, how))
        _swap(Path(folder), out)
    return _built(board, pages)


def _built(board: Board, pages: int) -> Built:
    return Built(
        pages=pages, entries=len(board.entries), results=sum(len(entry.cells) for entry in board.entries.values()),
        broken=board.broken, private=board.private,
    )  # fmt: skip


def gathered(reports: Path, options: Options, catalog: Catalog | None = None) -> Board:
    """Read reports as the options want it."""
    known = catalog or find()
    return assembled(reports, known, _wanted(options), options.workers, private=options.private)


def may_show(column: Column, texts: Texts) -> bool:
    """Whether the texts of a column may be shown: examples are our own, of the rest the licence decides."""
    if texts != "open":
        return texts == "all"
    return column.is_sample or (column.known is not None and column.known.licence in OPEN)


def mains(board: Board) -> tuple[Column, ...]:
    """The columns by the numbers that tasks are known by, in the order of the groups."""
    return tuple({
        column.key: column for part in board.parts for column in part.columns if column.is_main
    }.values())  # fmt: skip


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
    made.chmod(0o755)
    before = made.with_name(f"{made.name}.before")
    try:
        if out.exists():
            out.rename(before)
        made.rename(out)
    except OSError as error:
        if before.exists() and not out.exists():
            before.rename(out)
        raise ReportError(f"{out}: cannot be put in its place ({error.strerror}).") from error
    # The context that made the folder wants to find it again.
    made.mkdir()
    shutil.rmtree(before, ignore_errors=True)


def _written(board: Board, plan: Plan, options: Options) -> Iterator[Path]:
    homes = mains(board)
    open_ = {column.key: may_show(column, options.texts) for column in board.columns.values()}
    for tongue in plan.tongues:
        desk = Desk(plan=plan, words=Words(tongue))
        yield from _fronts(board, desk)
        yield from _tasks(board, desk, open_, homes)
        yield from _people(board, desk, homes, open_)
    jobs: list[Job | questions.Job] = [*_jobs(board, homes, options, open_)]
    jobs += [job for column in homes if open_[column.key] for job in questions.jobs(board, column)]
    with workers(options.workers, len(jobs)) as mapped:
        for made in mapped(partial(_made, plan), jobs):
            yield from made  # type: ignore[misc]
    for name, data in downloads.files(board, plan.version):
        yield _put(plan.out / "data" / name, data)


class Desk(Record, frozen=True, kw_only=True):
    """Writes the pages of one language."""

    plan: Plan
    words: Words

    def write(  # noqa: PLR0913  a page has this many sides
        self,
        template: str,
        path: str,
        here: str,
        title: str,
        *,
        scripts: tuple[str, ...] = ("site.js",),
        at_root: bool = False,
        **values: object,
    ) -> Path:
        """Fill one page, and put it in its place."""
        tongue = self.words.tongue
        frame = Frame(
            path=path, here=here, title=title, version=self.plan.version, tongue=tongue, tongues=self.plan.tongues,
            at_root=at_root,
        )  # fmt: skip
        data = Press(self.words).page(template, frame, scripts, **values)
        return _put(self.plan.out / (path if at_root else f"{tongue}/{path}"), data)


def _put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _fronts(board: Board, desk: Desk) -> Iterator[Path]:
    words = desk.words
    for part in board.parts:
        name = index.file_of(part, board)
        yield desk.write("index", name, "board", index.title(part, words), page=index.index(board, part, words, ""))
        if part is board.parts[0] and words.tongue == desk.plan.tongues[0]:
            page = index.index(board, part, words, f"{words.tongue}/")
            yield desk.write("index", "index.html", "board", index.title(part, words), page=page, at_root=True)
    if not board.parts:
        yield desk.write("empty", "index.html", "board", words.said("nav_board"), board=board)
    everything = list({column.key: column for part in board.parts for column in part.columns}.values())
    table = tables.table(board, everything, words, "", {})
    yield desk.write("all", "all.html", "all", words.said("nav_all"), page=table)
    yield desk.write("tasks", "tasks.html", "tasks", words.said("nav_tasks"), page=taskpages.items(board, words))
    yield desk.write("method", "method.html", "method", words.said("nav_method"))
    yield desk.write("data", "data.html", "data", words.said("nav_data"), board=board)
    yield desk.write("cost", "cost.html", "cost", words.said("nav_cost"), page=costs.page(board, mains(board)))
    yield desk.write("history", "history.html", "history", words.said("nav_history"), page=history.page(board, words))


def _tasks(board: Board, desk: Desk, open_: Mapping[str, bool], homes: Sequence[Column]) -> Iterator[Path]:
    words, keys = desk.words, {column.key for column in homes}
    for column in board.columns.values():
        shown = open_[column.key] and column.key in keys and bool(column.shared)
        page = taskpages.page(
            board, column, words, texts=open_[column.key],
            questions=f"../question/{column.key}-1.html" if shown else "",
        )  # fmt: skip
        title = _title(column.title, column.how, column.judge, column.metric)
        yield desk.write("task", f"task/{column.key}.html", "tasks", title, page=page)


def _people(board: Board, desk: Desk, homes: Sequence[Column], open_: Mapping[str, bool]) -> Iterator[Path]:
    words, by_place = desk.words, board.homes
    for slug, entry in board.entries.items():
        page = entrypages.page(board, entry, words, by_place)
        yield desk.write("entry", f"entry/{slug}.html", "board", entry.name, page=page)
    near = list(pairs.neighbours(board))
    for pair in near:
        page_of = pairs.page(board, pair, homes, words, open_)
        title = f"{page_of.first} · {page_of.second}"
        yield desk.write("pair", f"pair/{pair[0]}--{pair[1]}.html", "compare", title, page=page_of)
    links = [
        (board.entries[one].name, board.entries[two].name, f"pair/{one}--{two}.html") for one, two in near
    ]  # fmt: skip
    packed = pairs.packed(board, homes, open_)
    yield desk.write(
        "compare", "compare.html", "compare", words.said("nav_compare"), pairs=packed, near=links,
        scripts=("site.js", "compare.js"),
    )  # fmt: skip
    yield desk.write(
        "lineage", "lineage.html", "lineage", words.said("nav_lineage"), page=lineage.page(board, homes, words)
    )


def _jobs(board: Board, homes: Sequence[Column], options: Options, open_: Mapping[str, bool]) -> Iterator[Job]:
    for column in homes:
        shares = _shares(board, column)
        draw = drawn(board.names[column.key].ids)
        for slug, cell in column.cells.items():
            rank = board.ranks[column.key].ranks.get(slug)
            yield Job(
                cell=cell, key=column.key, title=column.title, how=column.how,
                rank=figures.ranks(*rank) if rank and len(column.ranked) > 1 else "", of=len(column.ranked),
                others=shares, draw=draw, open=open_[column.key], room=options.room, entry=board.entries[slug].name,
            )  # fmt: skip


def _shares(board: Board, column: Column) -> Floats | None:
    """The share of entries that have each sample right, where there are enough of them to speak of most."""
    slugs = [slug for slug in column.shared if not column.cells[slug].is_floor]
    if len(slugs) < 2:
        return None
    share: Floats = np.mean(column.marks(slugs), axis=1)
    return share


def _title(*parts: str) -> str:
    """What tells a page from all others."""
    return " · ".join(filter(None, parts))


def _made(plan: Plan, job: Job | questions.Job) -> list[Path]:
    """Make a page in every language; in a process of its own, where there are many."""
    desks = [Desk(plan=plan, words=Words(tongue)) for tongue in plan.tongues]
    if isinstance(job, questions.Job):
        sheet, path = questions.sheet(job), f"question/{job.key}-{job.number}.html"
        title = _title(job.title, job.how, str(job.number))
        return [desk.write("questions", path, "tasks", title, column=job, page=sheet) for desk in desks]
    there, filters, whole = cells.laid_out(job)
    path = tables.cell_page(job.cell)
    title = _title(job.entry, job.title, job.how, job.cell.result.judge)
    return [
        desk.write("cell", path, "board", title, page=cells.page(job, desk.words, there, filters, whole))
        for desk in desks
    ]


def single(
    reports: Path, file: Path, options: Options | None = None, *, version: str, catalog: Catalog | None = None
) -> Built:
    """Make one page of all groups, in the first language, that needs nothing else."""
    how = options or Options()
    check_place(file)
    board, words = gathered(reports, how, catalog), Words(how.tongues[0])
    parts = [unlinked(index.index(board, part, words, "")) for part in board.parts]
    title = words.said("nav_board")
    frame = Frame(path=file.name, here="board", title=title, version=version, tongue=words.tongue, single=True)
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
