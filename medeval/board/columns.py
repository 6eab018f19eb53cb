"""Columns: cells of one task that were asked and marked alike, and groups of such columns."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import numpy as np

from medeval import reports
from medeval.board.figures import Scale, scale
from medeval.board.marks import UNMEASURED, Floats
from medeval.board.shelf import Cell, Entry
from medeval.catalog import Catalog, Named
from medeval.errors import RequestError
from medeval.journal import fingerprint
from medeval.records import Better, Estimate, Record, Unit
from medeval.task import Task

OTHERS, OWN = "others", "own"
TAKEN = frozenset({
    "index", "all", "tasks", "compare", "lineage", "cost", "history", "method", "data", OTHERS, OWN,
})  # fmt: skip
"""Names of other pages."""
UNRANKED = ("not ranked", "partial")
LONGEST = 80
MOST = 8
"""Columns that a group's page shows; the page of all results has the others."""


class Group(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Tasks that stand on one page."""

    key: str
    title: str
    zh: str
    tasks: tuple[str, ...]
    metric: str = ""


class Column(Record, frozen=True, kw_only=True):
    """One task under one protocol, by one number."""

    key: str
    task: str
    title: str
    how: str
    """What differs from the plain protocol."""
    protocol: str
    metric: str
    judge: str
    is_main: bool
    """Whether it is the number that the task is known by."""
    better: Better
    unit: Unit
    n: int
    known: Task | None
    cells: Mapping[str, Cell]
    """By the entry's slug."""
    ranked: tuple[str, ...]
    """Entries whose numbers rest on the same samples, all of them measured; no baselines."""
    shared: tuple[str, ...]
    """The same, and baselines, and cells that are flagged: any two of them can be compared."""
    is_binary: bool
    """Whether every mark is right or wrong."""
    chance: float | None
    """What a guess is worth, where that is known."""
    axis: Scale
    """From where to where all that stands in it lies."""

    @property
    def told(self) -> str:
        """How it was asked and who marked it, as far as that differs from the plain way."""
        differs = [each for each in self.how.split(", ") if each != "sample"]
        return " · ".join(filter(None, [", ".join(differs), self.judge]))

    @property
    def named(self) -> str:
        """Its title, and what tells it from others of the same."""
        return f"{self.title} · {self.told}" if self.told else self.title

    @property
    def is_sample(self) -> bool:
        """Whether the rows are the project's own examples."""
        return "(sample)" in self.protocol

    @property
    def is_own(self) -> bool:
        """Whether it is an exam of somebody's own, which stays at home."""
        return "(own)" in self.protocol

    def estimate(self, slug: str) -> Estimate:
        """The number of one entry."""
        result = self.cells[slug].result
        return next(each for each in result.estimates if each.metric == self.metric)

    def marks(self, slugs: Sequence[str]) -> Floats:
        """What every sample is worth (samples, entries)."""
        found = [self.cells[slug].marks for slug in slugs]
        return np.column_stack([each.values[self.metric] for each in found if each is not None])


def groups(file: Path) -> tuple[Group, ...]:
    """Read which tasks stand together."""
    try:
        with open(file, "rb") as open_file:
            said = tomllib.load(open_file)
        found = tuple([msgspec.convert({**fields, "key": key}, Group) for key, fields in said.items()])
    except OSError as error:
        raise RequestError(f"{file}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, TypeError) as error:
        raise RequestError(
            f"{file}: {error}. A group has title, zh and tasks, as in medeval's columns.toml."
        ) from error
    if strange := [each.key for each in found if each.key in TAKEN or not re.fullmatch(r"[a-z][a-z0-9_]*", each.key)]:
        raise RequestError(
            f"{file}: a group cannot be called {strange[0]!r}. Take small letters, digits and underscores, and none "
            f"of the names of pages: {', '.join(sorted(TAKEN))}."
        )
    return found


def columns(
    entries: Sequence[Entry], catalog: Catalog, metric: str = "", old: frozenset[str] = frozenset()
) -> tuple[Column, ...]:
    """Sort cells into columns: those with most entries first, examples of our own last; `old` ones are not ranked."""
    alike: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for entry in entries:
        for cell in entry.cells:
            result = cell.result
            name = metric or result.headline
            first = next((each for each in result.estimates if each.metric == name), None)
            if first is None or not first.better or result.members or (metric and result.judge):
                continue
            alike.setdefault((result.protocol, name, result.judge), {})[entry.slug] = cell
    # Of several protocols with one name the one that most were asked in keeps it, so that links to it stay.
    plain = dict[str, tuple[str, str, str]]()
    for each, cells in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0])):
        plain.setdefault(_key(next(iter(cells.values())), metric), each)
    made = [_column(each, cells, catalog.tasks, (metric, plain, old)) for each, cells in sorted(alike.items())]
    return tuple(sorted(made, key=lambda column: (column.is_sample, -len(column.cells), column.key)))


def grouped(wanted: Sequence[Group], found: Sequence[Column]) -> Iterator[tuple[Group, tuple[Column, ...]]]:
    """Deal columns out to groups: exams of one's own first, and last what no group names."""
    own = tuple([column for column in found if column.is_own and column.is_main])
    if own:
        # Who has an exam of their own has a board for its sake.
        yield Group(key=OWN, title="Exams of our own", zh="自有考试", tasks=()), own
    found = [column for column in found if not column.is_own]
    left = {column.key for column in found}
    for group in wanted:
        there = [
            column for pattern in group.tasks for column in found
            if fnmatchcase(column.task, pattern) and (column.metric == group.metric if group.metric else column.is_main)
        ]  # fmt: skip
        there = [*{column.key: column for column in there}.values()]
        left -= {column.key for column in there}
        if there:
            # What rests on the real data goes before examples, and what most entries have before the rest.
            yield group, tuple(sorted(there, key=lambda column: (column.is_sample, -len(column.cells))))
    others = tuple([column for column in found if column.key in left and column.is_main])
    if others:
        yield Group(key=OTHERS, title="Other tasks", zh="其他任务", tasks=()), others


def _key(cell: Cell, metric: str) -> str:
    """A name for links: the task and what differs, the judge, and the number where it is not the task's own."""
    result = cell.result
    said = reports.cell_name(result.task, result.setting)
    plain = re.sub(r"[^a-z0-9_.-]+", "-", said.lower()).strip("-.")[:LONGEST] or _mark(said)
    return "-".join(filter(None, [plain, reports.slug(result.judge) if result.judge else "", metric]))


def _mark(*said: str) -> str:
    return fingerprint("\n".join(said).encode("utf-8", "replace"))[:6]


def _column(
    alike: tuple[str, str, str],
    cells: dict[str, Cell],
    tasks: Mapping[str, Named],
    how: tuple[str, Mapping[str, tuple[str, str, str]], frozenset[str]],
) -> Column:
    (protocol, name, judge), (metric, plain, old) = alike, how
    one = next(iter(cells.values()))
    key, task = _key(one, metric), one.result.task
    known = tasks[task].task if task in tasks else None
    estimate = next(each for each in one.result.estimates if each.metric == name)
    chance = known.chance or None if known and name == "accuracy" else None
    now = {slug: cell for slug, cell in cells.items() if slug not in old}
    differs = reports.cell_name(task, one.result.setting).partition("@")[2]
    return Column(
        key=key if plain[key] == alike else f"{key}-{_mark(*alike)}",
        task=task, title=known.title if known else task, how=differs.replace(",", ", "),
        protocol=protocol, metric=name, judge=judge, is_main=not metric, better=estimate.better, unit=estimate.unit,
        n=max(each.result.first.n for each in cells.values()), known=known, cells=cells,
        ranked=_ranked(now, name), shared=_shared(now, name), is_binary=_binary(cells, name),
        chance=chance, axis=_axis(cells, name, chance),
    )  # fmt: skip


def _ranked(cells: Mapping[str, Cell], metric: str) -> tuple[str, ...]:
    """Those of the shared ones that are models, and are not flagged as unfit for it."""
    return _shared({slug: cell for slug, cell in cells.items() if _is_fit(cell)}, metric)


def _is_fit(cell: Cell) -> bool:
    unmeasured = cell.marks is not None and not UNMEASURED.isdisjoint(cell.marks.statuses.tolist())
    return not cell.is_floor and not unmeasured and not any(flag.startswith(UNRANKED) for flag in cell.result.flags)


def _shared(cells: Mapping[str, Cell], metric: str) -> tuple[str, ...]:
    """Those with a mark for every sample, of the samples that most of them answered."""
    whole: dict[str, list[str]] = {}
    for slug, cell in cells.items():
        values = cell.marks.values.get(metric) if cell.marks is not None else None
        if cell.marks is not None and values is not None and len(values) > 1 and bool(np.isfinite(values).all()):
            whole.setdefault(cell.marks.key, []).append(slug)
    largest = max(map(len, whole.values()), default=0)
    return tuple(next((slugs for slugs in whole.values() if len(slugs) == largest), ()))


def _binary(cells: Mapping[str, Cell], metric: str) -> bool:
    every = [cell.marks.values.get(metric) for cell in cells.values() if cell.marks is not None]
    return all(each is not None and bool(np.isin(each[np.isfinite(each)], (0.0, 1.0)).all()) for each in every)


def _axis(cells: Mapping[str, Cell], metric: str, chance: float | None) -> Scale:
    """One number alone stands between nothing and all."""
    every = [each for cell in cells.values() for each in cell.result.estimates if each.metric == metric]
    return Scale(low=0.0, high=1.0) if len(every) == 1 and every[0].unit == "fraction" else scale(every, chance)
