"""A suite for what a model is to be used for: which tasks, how many questions, what they show, how long they take."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from medeval import licences
from medeval.catalog import Catalog, Named
from medeval.errors import RequestError
from medeval.records import Kind, Language, Record
from medeval.sources import Local
from medeval.suggesting.applications import Application, served
from medeval.suggesting.costs import CHARACTERS, RATES, READS, Cost
from medeval.suggesting.durations import duration
from medeval.suggesting.nearness import ordered
from medeval.suggesting.sharing import Asked, shared, short
from medeval.suggesting.sieve import allows
from medeval.suggesting.sights import DISAGREE, SPREAD, needed, sees
from medeval.suggesting.units import Unit, told_apart, units

Purpose = Literal["commercial", "research", "any"]
USEFUL = 0.05
"""The difference that a task is to see before the time goes to another, where nobody says: models that are worth a
comparison lie about so far apart."""


class Wish(Record, frozen=True, kw_only=True):
    """What a suite is for, and what it may take."""

    languages: tuple[Language, ...] = ("en", "zh")
    applications: tuple[Application, ...]
    kind: Kind = "chat"
    licence: Purpose = "any"
    seconds: float | None = None
    """None: as long as it takes."""
    rate: float = RATES["gpu"]
    """Tokens that are written a second."""
    see: float = 0.0
    """The difference that is to be seen, a fraction: no more questions than that takes. 0: all questions."""
    offline: bool = False
    """Only what is on this machine."""
    data: str = ""
    """The folder with original files, for the command."""

    @property
    def goal(self) -> float:
        """The difference that a task is to see before the next begins."""
        return self.see or USEFUL


class Choice(Record, frozen=True, kw_only=True):
    """A task, or the parts of one, and why it is here."""

    name: str
    title: str
    measures: str
    purposes: dict[Application, str]
    """By application, the capability that it asks for."""
    language: Language
    licence: str
    limit: int
    """Questions to be drawn of it, and of each of its parts; 0: all."""
    n: int
    rows: int
    sees: float
    """The smallest difference between two models that it shows, a fraction."""
    graded: bool
    judge: bool
    """Whether its own score takes a judge."""
    seconds: float
    read: int
    written: int
    asked: str


class Left(Record, frozen=True, kw_only=True):
    """What is no part of a suite, and why."""

    name: str
    why: str


class Short(Record, frozen=True, kw_only=True):
    """A task that the time keeps from seeing what it is to see, and what it would take."""

    name: str
    sees: float
    """1: there is no time for it at all, nor for another."""
    could: float
    """What it sees with the questions that it is to have."""
    seconds: float
    """What the suite takes with these."""


class Suite(Record, frozen=True, kw_only=True):
    """What was chosen, and what was not."""

    wish: Wish
    choices: tuple[Choice, ...]
    short: Short | None
    left: tuple[Left, ...]
    seconds: float
    commands: tuple[str, ...]
    assumptions: tuple[str, ...]


def suggest(catalog: Catalog, wish: Wish, *, here: Collection[str] = ()) -> Suite:
    """Choose; the same wish gives the same suite. `here` names the tasks whose files are on this machine."""
    left = {named.name: why for named in catalog.tasks.values() if (why := _unfit(named, wish, here))}
    kept, variants = told_apart([*units(catalog, [each for each in catalog.tasks.values() if each.name not in left])])
    costs: dict[str, Cost] = {}
    asked = []
    for unit in kept:
        try:
            known = [Cost.of(named, wish.kind) for named in unit.members]
        except RequestError as error:
            left[unit.name] = str(error)
            continue
        costs[unit.name] = known[0]
        goal = _limit(unit, wish.goal)
        each = tuple([cost.seconds(wish.rate) for cost in known])
        asked.append(Asked(unit=unit, each=each, goal=goal, most=goal if wish.see else unit.rows))
    asked = ordered(asked, wish.applications, wish.languages)
    limits = shared(asked, float("inf") if wish.seconds is None else wish.seconds)
    chosen = [one for one in asked if one.unit.name in limits]
    choices = [_choice(one, limits[one.unit.name], costs[one.unit.name], wish) for one in chosen]
    for one in asked:
        if one.unit.name not in limits:
            left[one.unit.name] = f"There is no time left for it: it takes up to {duration(one.seconds(one.goal))}."
    for name, first in variants.items():
        left[name] = f"Much the same as {first}, which is {'part of it' if first in limits else 'left out as well'}."
    # By application; within one in the order in which they are asked.
    choices.sort(key=lambda choice: min(map(wish.applications.index, choice.purposes)))
    return Suite(
        wish=wish, choices=tuple(choices), seconds=sum(choice.seconds for choice in choices),
        short=_short(asked, limits), left=tuple([Left(name=name, why=left[name]) for name in sorted(left)]),
        commands=tuple(_commands(choices, wish)), assumptions=tuple(_assumptions(wish)),
    )  # fmt: skip


def by_hand(named: Named) -> bool:
    """Whether a task has no form whose files can be fetched."""
    return all(any(isinstance(source, Local) for source in form.files) for form in named.task.forms)


def permitted(licence: str, purpose: Purpose) -> bool:
    """Whether a licence allows a purpose, as far as the project's list knows it."""
    if purpose == "commercial":
        return allows(licence, "commercial")
    # Without a licence all rights stay with the makers, for research as well.
    return purpose == "any" or (licences.of(licence).known and not licence.startswith("none given"))


def _unfit(named: Named, wish: Wish, here: Collection[str]) -> str:
    """Why a task cannot be part of it; empty if it can."""
    task = named.task
    if task.language not in wish.languages:
        return "It is in another language."
    if not served(task, wish.applications):
        return "It measures nothing that was asked for."
    if not permitted(task.licence, wish.licence):
        return f"Its licence does not clearly allow it: {task.licence}."
    if wish.offline and named.name not in here:
        return "Its files are not on this machine."
    if by_hand(named) and named.name not in here:
        return f"Its files have to be got by hand. {task.obtain}".strip()
    return ""


def _limit(unit: Unit, difference: float) -> int:
    """How many questions of each member show a difference; all, if not even they do."""
    n = needed(difference, unit.taken(unit.rows), graded=unit.graded)
    return 1 + bisect_left(range(1, unit.rows + 1), n, key=unit.taken)


def _short(asked: Sequence[Asked], limits: Mapping[str, int]) -> Short | None:
    """What the time keeps from its goal, if anything."""
    if not (found := short(asked, limits)):
        return None
    last = found[-1]
    name, taken, graded = last.unit.name, last.unit.taken, last.unit.graded
    return Short(
        name=name, sees=sees(taken(limits.get(name, 0)), graded=graded), could=sees(taken(last.goal), graded=graded),
        seconds=sum(one.seconds(one.goal) for one in found),
    )  # fmt: skip


def _choice(one: Asked, limit: int, cost: Cost, wish: Wish) -> Choice:
    unit, n = one.unit, one.unit.taken(limit)
    task = unit.first.task
    return Choice(
        name=unit.name, title=unit.title, measures=unit.measures, purposes=dict(served(task, wish.applications)),
        language=task.language, licence=task.licence, limit=0 if limit >= unit.rows else limit, n=n,
        rows=unit.taken(unit.rows), sees=sees(n, graded=unit.graded), graded=unit.graded, judge=bool(task.judged),
        seconds=one.seconds(limit), read=round(n * cost.read), written=round(n * cost.written), asked=cost.asked,
    )  # fmt: skip


def _commands(choices: Sequence[Choice], wish: Wish) -> Iterator[str]:
    """A command for every number of questions; all of them fill one folder of results."""
    for limit in sorted({choice.limit for choice in choices}):
        names = ",".join([choice.name for choice in choices if choice.limit == limit])
        parts = ["medeval run --model MODEL", f"--kind {wish.kind}", f"--tasks {names}"]
        parts += [f"--limit {limit} --seed 0"] if limit else []
        parts += [f"--data {wish.data}"] if wish.data else []
        yield " ".join([*parts, *(["--offline"] if wish.offline else [])])


def _assumptions(wish: Wish) -> Iterator[str]:
    if wish.seconds is not None:
        yield (
            f"A difference of {100 * wish.goal:g} points is worth seeing: each task is asked until it sees that, or "
            "has no more questions, before the next begins. What stands nearest to the purpose goes first, and of that "
            "what papers report most."
        )
    yield f"{wish.rate:,g} tokens are written a second, and prompts are read {READS:g} times as fast."
    yield (
        "Every reply is as long as its protocol lets it be; most are shorter. Prompts are as long as the project's "
        f"sample rows, at {CHARACTERS['en']:g} English characters or {CHARACTERS['zh']:g} Chinese one a token."
    )
    yield "Loading weights, judges, and files that are fetched first take time of their own."
    yield (
        f"Two models disagree on {100 * DISAGREE:g} % of the questions that are right or wrong; graded marks differ by "
        f"{SPREAD:g} from question to question. A difference is seen 80 % of the time, at 5 %, two-sided."
    )
