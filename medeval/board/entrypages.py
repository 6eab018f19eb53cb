"""The page of an entry: what it is, how it was run, every number of it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from medeval.board import figures, tables
from medeval.board.assembled import Board
from medeval.board.columns import Column
from medeval.board.press import web
from medeval.board.shelf import Cell, Entry
from medeval.board.words import Words
from medeval.entries import parents
from medeval.records import Identity, Record, Setting

WISHES = (
    ("shots", "shots"), ("shots_from", "shots-from"), ("system", "system"), ("prefill", "prefill"),
    ("order", "options"), ("shuffles", "shuffles"), ("wordings", "wordings"), ("repeats", "repeats"),
    ("protocol", "protocol"), ("patient", "patient"), ("data", "data"), ("limit", "limit"), ("seed", "seed"),
)  # fmt: skip
"""Settings that are options of `medeval run`, by both names; those that a model's kind decides are left to it."""


class Number(Record, frozen=True, kw_only=True):
    """A cell of an entry."""

    title: str
    how: str
    href: str
    task_href: str
    metric: str
    value: str
    interval: str
    spot: str
    rank: str
    of: int
    n: str
    flags: tuple[str, ...]
    sample: bool


class Page(Record, frozen=True, kw_only=True):
    """An entry."""

    name: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    url: str
    parents: tuple[tuple[str, str], ...]
    """The entries it was made from, and where their pages are."""
    children: tuple[tuple[str, str], ...]
    numbers: tuple[Number, ...]
    groups: tuple[tuple[str, str, str], ...]
    """Results of groups of tasks: name, value, interval."""
    runs: tuple[tuple[str, str, str, str, str], ...]
    """When, how long, tokens read and written, cost."""
    command: str
    signatures: tuple[tuple[str, str], ...]
    unfinished: tuple[str, ...]
    unmarked: tuple[str, ...]
    """Cells that were answered and have no number that is better or worse: nobody judged them."""


def page(board: Board, entry: Entry, words: Words, homes: Mapping[str, Column], root: str = "../") -> Page:
    """Lay out an entry."""
    by_name = {each.name: each for each in board.entries.values()}
    above = parents({name: each.card for name, each in by_name.items()})
    lines, seen, name = list[tuple[str, str]](), {entry.name}, entry.name
    while (parent := above.get(name, "")) and parent not in seen:
        seen.add(parent)
        lines.append((parent, f"{root}entry/{by_name[parent].slug}.html" if parent in by_name else ""))
        name = parent
    there = [(homes[cell.place.said], cell) for cell in entry.cells if cell.place.said in homes]
    numbers = [
        _number(board, column, cell, words, root) for column, cell in sorted(there, key=lambda each: order_of(*each))
    ]  # fmt: skip
    return Page(
        name=entry.name, lead=entry.card.about, facts=tuple(_facts(entry, words)), url=web(entry.card.url),
        parents=tuple(lines),
        children=tuple([
            (each.name, f"{root}entry/{each.slug}.html") for each in board.entries.values()
            if above.get(each.name) == entry.name
        ]),
        numbers=tuple(numbers), groups=tuple(_groups(entry)), runs=tuple(_runs(entry)), command=_command(entry),
        signatures=tuple([(cell.place.cell, cell.result.signature) for cell in entry.cells]),
        unmarked=tuple([
            cell.place.cell for cell in entry.cells if not cell.result.members and not cell.result.first.better
            and not any(other.place.cell.startswith(f"{cell.place.cell}/judged/") for other in entry.cells)
        ]),
        unfinished=tuple([
            each.place for each in board.broken if each.place.split("/")[0] == entry.slug
        ]),
    )  # fmt: skip


def order_of(column: Column, cell: Cell) -> tuple[bool, str, str]:
    """The order of an entry's cells: examples last."""
    return column.is_sample, column.title, cell.place.cell


def identity_of(entry: Entry) -> Identity | None:
    """What answered; all cells of an entry are of one model."""
    return next((cell.identity for cell in entry.cells if cell.identity is not None), None)


def _facts(entry: Entry, words: Words) -> Iterator[tuple[str, str]]:
    card, identity = entry.card, identity_of(entry)
    run = next((cell.run for cell in entry.cells if cell.run is not None), None)
    said = [
        ("fact_stage", words.said(f"stage_{card.stage}") if card.stage else ""), ("fact_tags", ", ".join(card.tags)),
        ("fact_licence", card.licence),
    ]  # fmt: skip
    if identity is not None:
        said += [
            ("fact_engine", f"{identity.engine} {identity.version}"), ("fact_model", identity.model.rpartition("/")[2]),
            ("fact_content", identity.content[:16]), ("fact_dtype", identity.dtype),
            ("fact_quantisation", identity.quantisation), ("fact_adapter", identity.adapter.rpartition("/")[2]),
            ("fact_length", f"{identity.max_length:,}" if identity.max_length else ""),
        ]  # fmt: skip
    if run is not None:
        said += [("fact_machine", run.machine), ("fact_medeval", run.medeval)]
    for key, value in said:
        if value:
            yield words.said(key), value


def _number(board: Board, column: Column, cell: Cell, words: Words, root: str) -> Number:
    slug = cell.place.entry
    estimate, rank = column.estimate(slug), board.ranks[column.key].ranks.get(slug)
    return Number(
        title=column.title, how=column.told, href=f"{root}{tables.cell_page(cell)}",
        task_href=f"{root}task/{column.key}.html",
        metric=column.metric, value=figures.number(estimate.value, estimate.unit),
        interval=figures.interval(estimate.low, estimate.high, estimate.unit),
        spot=column.axis.spot(estimate.value, estimate.low, estimate.high, column.chance),
        rank=figures.ranks(*rank) if rank and len(column.ranked) > 1 else "", of=len(column.ranked),
        n=f"{estimate.n:,}", flags=tables.flagged(cell, estimate, words), sample=column.is_sample,
    )  # fmt: skip


def _groups(entry: Entry) -> Iterator[tuple[str, str, str]]:
    for cell in entry.cells:
        if cell.result.members:
            first = cell.result.first
            yield (
                cell.place.cell, figures.number(first.value, first.unit),
                figures.interval(first.low, first.high, first.unit),
            )  # fmt: skip


def _runs(entry: Entry) -> Iterator[tuple[str, str, str, str, str]]:
    for cell in entry.cells:
        if cell.run is None or "/" in cell.place.cell:
            continue
        attempts = cell.run.attempts
        seconds = sum(each.seconds for each in attempts)
        costs = [each.cost for each in attempts if each.cost is not None]
        yield (
            cell.place.cell, attempts[-1].started[:16].replace("T", " ") if attempts else "", f"{seconds:,.1f}",
            f"{sum(each.read for each in attempts):,} / {sum(each.written for each in attempts):,}",
            f"{sum(costs):.4g}" if costs else "",
        )  # fmt: skip


def _command(entry: Entry) -> str:
    """The command that makes the numbers again, where the same settings went for all of them."""
    identity = identity_of(entry)
    cells = [cell for cell in entry.cells if not cell.result.members and not cell.result.judge]
    if identity is None or not cells or any(cell.result.setting.elsewhere for cell in cells):
        return ""
    model = f"baseline:{identity.model}" if identity.engine == "baseline" else identity.model.rpartition("/")[2]
    tasks = ",".join(dict.fromkeys(cell.result.task for cell in cells))
    words = ["medeval", "run", "--model", model, "--tasks", tasks, *_options([cell.result.setting for cell in cells])]
    return shlex.join([*words, "--label", entry.name])


def _options(settings: Sequence[Setting]) -> list[str]:
    """What was wished for in every cell alike, where it is not as it comes."""
    one, plain, options = settings[0], Setting(), list[str]()
    if len({each.style for each in settings}) == 1:
        # What is usual hangs on the model's kind, which nobody is told here.
        options += ["--style", one.style]
    for name, option in WISHES:
        value = getattr(one, name)
        if value != getattr(plain, name) and all(getattr(each, name) == value for each in settings):
            options += [f"--{option}", str(value)]
    return options
