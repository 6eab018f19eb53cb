"""The catalogue: every task of the project, whether anybody has run it or not, and suites for the common cases."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from medeval import errata
from medeval.board import figures
from medeval.board.assembled import Board
from medeval.board.desk import Desk
from medeval.board.words import Words
from medeval.catalog import Catalog, Named, own_folder
from medeval.records import Language, Record
from medeval.suggesting import APPLICATIONS, Application, Choice, Suite, Wish, by_hand, sees, suggest, telling
from medeval.task import Capability, Task, TaskKind

HOURS = 2
"""What a suite of these pages may take."""
LICENCE = {
    "none given": "licence_none", "for research only": "licence_research",
    "not to be shown": "licence_hidden", "public domain": "licence_public", "registration": "licence_terms",
    "the texts belong to the sites that they were taken from": "licence_sites",
}  # fmt: skip
"""Parts of a licence that are no name but said by us, and how pages say them."""


class Entry(Record, frozen=True, kw_only=True):
    """A task."""

    name: str
    title: str
    href: str
    """Where its results are; empty: nobody has run it."""
    measures: str
    language: Language
    kind: TaskKind
    capabilities: tuple[Capability, ...]
    n: str
    chance: str
    sees: str
    licence: str
    by_hand: bool
    obtain: str
    traps: tuple[str, ...]
    faulty: int


class Section(Record, frozen=True, kw_only=True):
    """Tasks that measure the same before all."""

    key: str
    title: str
    entries: tuple[Entry, ...]


class Page(Record, frozen=True, kw_only=True):
    """The whole catalogue."""

    count: int
    sections: tuple[Section, ...]
    ways: tuple[tuple[str, tuple[tuple[str, tuple[Entry, ...]], ...]], ...]
    """Other orders: by what, and for each of its values the tasks."""


class Line(Record, frozen=True, kw_only=True):
    """A task of a suite."""

    choice: Choice
    licence: str
    sees: str
    n: str
    minutes: str


class Case(Record, frozen=True, kw_only=True):
    """A suite for one application in one language."""

    key: str
    language: Language
    lines: tuple[Line, ...]
    minutes: str
    commands: tuple[str, ...]
    short: str
    """What two hours are too short for; empty: nothing."""


Suites = Mapping[tuple[Application, Language], Suite]
_MADE: dict[object, Suites] = {}


def suites(catalog: Catalog) -> Suites:
    """A chat model on a GPU, for some hours, with whatever can be fetched."""
    own = _own(catalog)
    groups = {name: each for name, each in catalog.groups.items() if {*each.members} <= {one.name for one in own}}
    # Files of the project's own stay as they are while it runs: what they make is made once.
    key = tuple([(each.name, *_facts(each.task)) for each in own]), tuple(groups)
    if key not in _MADE:
        known = Catalog(tasks={named.name: named for named in own}, groups=groups)
        _MADE[key] = {
            (each, language): suggest(known, Wish(applications=(each,), languages=(language,), seconds=HOURS * 3600))
            for each in APPLICATIONS for language in get_args(Language)
        }  # fmt: skip
    return _MADE[key]


def written(board: Board, desk: Desk, found: Suites) -> Iterator[Path]:
    """Write both pages."""
    said = desk.words.said
    yield desk.write("catalogue", "catalogue.html", "tasks", said("catalogue_title"), page=page(board, desk.words))
    laid = [(each, cases(found, each, desk.words)) for each in APPLICATIONS]
    yield desk.write("suites", "suites.html", "tasks", said("suites_title"), page=laid, hours=HOURS)


def page(board: Board, words: Words) -> Page:
    """Lay out the catalogue."""
    entries = [_entry(board, named, words) for named in _own(board.catalog)]
    named = [each for each in get_args(Capability) if any(each == entry.capabilities[0] for entry in entries)]
    return Page(
        count=len(entries),
        sections=tuple([
            Section(
                key=f"measures-{each}", title=words.said(f"capability_{each}"),
                entries=tuple([entry for entry in entries if entry.capabilities[0] == each]),
            )
            for each in named
        ]),
        ways=(
            (words.said("fact_language"), _by(entries, words, "lang_", "language", get_args(Language))),
            (words.said("fact_kind"), _by(entries, words, "asked_", "kind", get_args(TaskKind))),
        ),
    )  # fmt: skip


def cases(found: Suites, application: Application, words: Words) -> tuple[Case, ...]:
    """Lay out the suites for an application."""
    return tuple([
        Case(
            key=f"{application}-{language}", language=language, minutes=_minutes(suite.seconds),
            commands=suite.commands, short=_short(suite, words),
            lines=tuple([
                Line(
                    choice=choice, licence=_licence(choice.licence, words), sees=telling.points(choice.sees),
                    minutes=_minutes(choice.seconds),
                    n=f"{choice.n:,}" if choice.n == choice.rows else f"{choice.n:,} / {choice.rows:,}",
                )
                for choice in suite.choices
            ]),
        )
        for (purpose, language), suite in found.items()
        if purpose == application
    ])  # fmt: skip


def _own(catalog: Catalog) -> list[Named]:
    """The project's own tasks: those of whoever builds the board may be nobody else's business."""
    return [each for each in catalog.tasks.values() if each.file.parent == own_folder() and each.task.capabilities]


def _entry(board: Board, named: Named, words: Words) -> Entry:
    task, listed = named.task, errata.known().get(named.name)
    page = next((key for key, each in sorted(board.columns.items()) if each.task == named.name and each.is_main), "")
    return Entry(
        name=named.name, title=task.title, href=f"task/{page}.html" if page else "", measures=task.measures,
        language=task.language, kind=task.kind, capabilities=task.capabilities, n=f"{task.rows:,}",
        chance=figures.number(task.chance) if task.chance else "",
        sees=telling.points(sees(task.rows, graded=not task.chance)), licence=_licence(task.licence, words),
        by_hand=by_hand(named), obtain=task.obtain, traps=task.traps,
        faulty=sum(len(item.ids) for item in listed.items) if listed else 0,
    )  # fmt: skip


def _facts(task: Task) -> tuple[object, ...]:
    """What of a task a suite shows and reckons with."""
    return task.title, task.measures, task.capabilities, task.language, task.licence, task.rows, task.chance


def _short(suite: Suite, words: Words) -> str:
    if not (found := suite.short):
        return ""
    said = "suite_short" if suite.choices else "suite_nothing"
    return words.said(
        said, hours=HOURS, name=found.name, sees=telling.points(found.sees), could=telling.points(found.could),
        minutes=f"{math.ceil(found.seconds / 60):,}",
    )  # fmt: skip


def _licence(licence: str, words: Words) -> str:
    """A licence; what is no name of one is said in the page's language."""
    parts = [words.said(LICENCE[part]) if part in LICENCE else part for part in licence.split("; ")]
    return words.said("licence_stop").join(parts)


def _by(
    entries: Sequence[Entry], words: Words, prefix: str, field: str, values: Sequence[str]
) -> tuple[tuple[str, tuple[Entry, ...]], ...]:  # fmt: skip
    found = [(value, [each for each in entries if getattr(each, field) == value]) for value in values]
    return tuple([(words.said(f"{prefix}{value}"), tuple(each)) for value, each in found if each])


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60)):,}"
