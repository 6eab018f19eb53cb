"""Every page that there is, and what it is made of."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from medeval import licences
from medeval.board import (
    catalogue,
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
from medeval.board.assembled import Board, workers
from medeval.board.cases import drawn
from medeval.board.cells import Job
from medeval.board.columns import Column
from medeval.board.desk import Desk, Plan
from medeval.board.marks import Floats
from medeval.board.wishes import Options, Texts
from medeval.board.words import Words


def written(board: Board, plan: Plan, options: Options) -> Iterator[Path]:
    """Write all pages and downloads."""
    homes = mains(board)
    open_ = {column.key: may_show(column, options.texts) for column in board.columns.values()}
    # What is the same in every language is computed once.
    spent, packed = costs.page(board, homes), pairs.packed(board, homes, open_)
    suites = catalogue.suites(board.catalog)
    near = {pair: pairs.page(board, pair, homes, open_) for pair in pairs.neighbours(board)}
    for tongue in plan.tongues:
        desk = Desk(plan=plan, words=Words(tongue))
        yield from _fronts(board, desk, spent)
        yield from catalogue.written(board, desk, suites)
        yield from _tasks(board, desk, open_, homes)
        yield from _entries(board, desk)
        yield from _compared(desk, near, packed)
        page = lineage.page(board, homes, desk.words)
        yield desk.write("lineage", "lineage.html", "lineage", desk.words.said("nav_lineage"), page=page)
    jobs: list[Job | questions.Job] = [*_jobs(board, homes, options, open_)]
    jobs += [job for column in homes if open_[column.key] for job in questions.jobs(board, column)]
    with workers(options.workers, len(jobs)) as mapped:
        for made in mapped(partial(_made, plan), jobs):
            yield from made  # type: ignore[misc]
    for name, data in downloads.files(board, plan.version):
        yield plan.put(f"data/{name}", data)


def may_show(column: Column, texts: Texts) -> bool:
    """Whether the texts of a column may be shown: examples are our own, of the rest the licence decides."""
    if texts != "open":
        return texts == "all"
    return column.is_sample or (column.known is not None and licences.of(column.known.licence).texts)


def mains(board: Board) -> tuple[Column, ...]:
    """The columns by the numbers that tasks are known by, in the order of the groups."""
    return tuple({
        column.key: column for part in board.parts for column in part.columns if column.is_main
    }.values())  # fmt: skip


def _fronts(board: Board, desk: Desk, spent: costs.Page) -> Iterator[Path]:
    words = desk.words
    for part in board.parts:
        name = index.file_of(part, board)
        yield desk.write("index", name, "board", index.title(part, words), page=index.index(board, part, words, ""))
        if part is board.parts[0] and words.tongue == desk.plan.tongues[0]:
            page = index.index(board, part, words, f"{words.tongue}/")
            yield desk.write("index", "index.html", "board", index.title(part, words), page=page, at_root=True)
    if not board.parts:
        yield desk.write("empty", "index.html", "board", words.said("nav_board"), root="")
        if words.tongue == desk.plan.tongues[0]:
            root = f"{words.tongue}/"
            yield desk.write("empty", "index.html", "board", words.said("nav_board"), root=root, at_root=True)
    everything = list({column.key: column for part in board.parts for column in part.columns}.values())
    table = tables.table(board, everything, words, "", {})
    yield desk.write("all", "all.html", "all", words.said("nav_all"), page=table)
    yield desk.write("tasks", "tasks.html", "tasks", words.said("nav_tasks"), page=taskpages.items(board, words))
    yield desk.write("method", "method.html", "method", words.said("nav_method"))
    yield desk.write("data", "data.html", "data", words.said("nav_data"), board=board)
    yield desk.write("cost", "cost.html", "cost", words.said("nav_cost"), page=spent)
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


def _entries(board: Board, desk: Desk) -> Iterator[Path]:
    homes = board.homes
    for slug, entry in board.entries.items():
        page = entrypages.page(board, entry, desk.words, homes)
        yield desk.write("entry", f"entry/{slug}.html", "board", entry.name, page=page)


def _compared(
    desk: Desk, near: Mapping[tuple[str, str], pairs.Page], packed: Mapping[str, object]
) -> Iterator[Path]:  # fmt: skip
    links = []
    for (one, two), page in near.items():
        path = f"pair/{one}--{two}.html"
        links.append((page.first, page.second, path))
        yield desk.write("pair", path, "compare", _title(page.first, page.second), page=page)
    yield desk.write(
        "compare", "compare.html", "compare", desk.words.said("nav_compare"), pairs=packed, near=links,
        scripts=("site.js", "compare.js"),
    )  # fmt: skip


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
    laid = cells.laid_out(job)
    path = tables.cell_page(job.cell)
    title = _title(job.entry, job.title, job.how, job.cell.result.judge)
    return [desk.write("cell", path, "board", title, page=cells.page(job, desk.words, laid)) for desk in desks]
