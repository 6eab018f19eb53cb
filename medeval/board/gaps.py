"""Differences as rows of a table: what each number was and is, and a picture of what lies between."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from medeval.board import figures
from medeval.board.press import shown
from medeval.board.words import Words
from medeval.comparing import Compared
from medeval.comparing import telling as say
from medeval.comparing.differences import Difference, Word
from medeval.records import Better, Record

if TYPE_CHECKING:
    from markupsafe import Markup

SIGNS: Mapping[Word, tuple[str, str]] = {
    "worse": ("worse", "▼"), "better": ("better", "▲"), "differs": ("differs", "◆"),
    "no difference seen": ("unseen", "○"), "not compared": ("uncompared", "–"),
}  # fmt: skip
"""How words and colours call a verdict, and a sign that needs no colour."""
WIDTH = 120
"""Of the axis that differences are drawn along."""
NARROWEST = 1e-9
"""What an axis reaches at least, where nothing differs at all."""


class Line(Record, frozen=True, kw_only=True):
    """A number of a task or of one of its parts, before and after."""

    task: str
    name: str
    better: Better
    base: str
    new: str
    difference: str
    wide: str
    """Limits at 95 %, and at 90 %."""
    narrow: str
    spot: tuple[float, ...]
    """Where the difference is and its limits, those at 95 % first, along an axis whose middle is nothing."""
    up: str
    down: str
    p: str
    adjusted: str
    seen: str
    n: str
    worth: str
    flips: str
    word: str
    sign: str
    href: str
    """Where its cases are, if there are some."""


class Part(Record, frozen=True, kw_only=True):
    """The parts of a task, and how far their axis goes to either side."""

    task: str
    reach: str
    lines: tuple[Line, ...]


class How(Record, frozen=True, kw_only=True):
    """By what a number was compared."""

    task: str
    metric: str
    method: str
    exact: str
    signs: str


def axes(found: Sequence[Difference]) -> Mapping[str, float]:
    """How far axes go: one for all shares, and of each number that has a scale of its own another."""
    made: dict[str, float] = {}
    for each in found:
        name = _axis(each)
        limits = [abs(limit) for limit in _limits(each) if isfinite(limit)]
        made[name] = max([made.get(name, NARROWEST), *limits])
    return made


def _axis(found: Difference) -> str:
    return "" if found.unit == "fraction" else found.metric


def _limits(found: Difference) -> tuple[float, float, float, float, float]:
    return found.difference, found.low, found.high, found.low90, found.high90


def line(found: Difference, task: str, words: Words, reaches: Mapping[str, float], href: str = "") -> Line:
    """Lay out a row; its texts are those of the terminal."""
    reach = reaches[_axis(found)]
    axis = figures.Scale(low=-reach, high=reach)
    told = dict(zip(say.HEAD, say.row(task, found), strict=True))
    (word, sign), limits = SIGNS[found.word], _limits(found)
    low, high, low90, high90 = [say.number(limit, found.unit) for limit in limits[1:]]
    known = say.has_interval(found)
    return Line(
        task=task, name=found.slice or found.metric, better=found.better, base=told["base"], new=told["new"],
        difference=told["difference"], wide=words.said("between", low=low, high=high) if known else say.NONE,
        narrow=words.said("between", low=low90, high=high90) if known else "",
        spot=tuple([axis.at(each, WIDTH) for each in limits]),
        up=told["b"], down=told["c"], p=told["p"],
        # What is too small to be compared is not of the family.
        adjusted=told["adjusted p"] if found.word != "not compared" else say.NONE,
        seen=told["sees"], n=told["n"], worth=told["n eff"], flips=told["flips"], word=word, sign=sign, href=href,
    )  # fmt: skip


def parts(cell: Compared, words: Words) -> Part:
    """Lay out the parts of a task, on an axis of their own."""
    reaches, task = axes(cell.slices), say.title(cell)
    return Part(
        task=task, reach=say.number(max(reaches.values()), cell.slices[0].unit),
        lines=tuple([line(each, task, words, reaches) for each in cell.slices]),
    )  # fmt: skip


def how(cell: Compared, found: Difference) -> How:
    """Say by what a number was compared."""
    exact, signs = [say.NONE if p is None else say.chance(p) for p in (found.p_exact, found.p_signs)]
    return How(
        task=say.title(cell), metric=found.metric, method=found.method, exact=exact, signs=signs
    )  # fmt: skip


def notes(cell: Compared, words: Words) -> "Iterator[Markup]":
    """What is to be known of a task before its numbers are believed."""
    task = words.listed((shown(say.title(cell)),))
    if cell.only_base or cell.only_new:
        counts = {"count": cell.n, "base": cell.only_base, "new": cell.only_new}
        yield words("note_common", task=task, **{name: f"{count:,}" for name, count in counts.items()})
    if missing := cell.n - cell.rows[0].n if cell.rows else 0:
        yield words("note_unmeasured", task=task, count=f"{missing:,}")
    if method := say.few(cell):
        yield words("note_few", task=task, method=method)
    if cell.untold:
        yield words("note_untold", task=task, names=", ".join(cell.untold))
