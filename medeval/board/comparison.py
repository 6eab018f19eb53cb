"""The page of a comparison: what was changed, what came of it, and the cases that went another way."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from medeval.board import figures, flips, gaps, treatments
from medeval.board.press import Frame, Press, shown
from medeval.board.words import Tongue, Words
from medeval.comparing import Comparison, Versus
from medeval.comparing import telling as say
from medeval.comparing.comparison import Shift
from medeval.comparing.pace import Pace, tokens_per_second
from medeval.records import Record

if TYPE_CHECKING:
    from markupsafe import Markup

FILE = "comparison.html"
Row = tuple[str, str, str, str, str]


class Grid(Record, frozen=True, kw_only=True):
    """Who is right where, in one task."""

    task: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


class Against(Record, frozen=True, kw_only=True):
    """One entry against the base."""

    entry: str
    lead: "Markup"
    facts: tuple[tuple[str, str], ...]
    changes: tuple[treatments.Changed, ...]
    together: str
    """What was changed at once, where that is more than one thing."""
    refused: tuple[treatments.Kept, ...]
    advice: "tuple[Markup, ...]"
    only: "tuple[Markup, ...]"
    reach: str
    """How far the common axis goes to either side."""
    own_axes: bool
    lines: tuple[gaps.Line, ...]
    notes: "tuple[Markup, ...]"
    how: tuple[gaps.How, ...]
    protocols: tuple[tuple[str, str], ...]
    parts: tuple[gaps.Part, ...]
    moved: tuple[Row, ...]
    """Task, way before, way after, samples, their share."""
    shifts: tuple[Row, ...]
    """Task, what, before, after, change."""
    is_paced: bool
    cases: tuple[flips.Cases, ...]


def comparison(found: Comparison, *, version: str, tongue: Tongue = "en") -> str:
    """Make the page of entries that were held against a base."""
    words = Words(tongue)
    title = f"{found.base} → {', '.join([versus.entry for versus in found.news])}"
    frame = Frame(
        path=FILE, here="comparison", title=title, version=version, tongue=tongue, single=True,
        private=bool(found.notes),
    )  # fmt: skip
    made = Press(words).page(
        "comparison", frame, base=found.base, grids=tuple(_grids(found)),
        news=tuple([_against(found, number, words) for number in range(len(found.news))]),
        declared=_listed([words.said(f"thing_{each}") for each in found.treatments], words),
    )  # fmt: skip
    return made.decode("utf-8")


def _against(found: Comparison, number: int, words: Words) -> Against:
    versus = found.news[number]
    there = [(f"cases-{number}-{place}", cell) for place, cell in enumerate(versus.cells)]
    every = [each for cell in versus.cells for each in cell.rows]
    reaches, paced = gaps.axes(every), [*_paces(found.base_pace, versus.pace, words)]
    return Against(
        entry=versus.entry, lead=_lead(found, versus, words), facts=tuple(_facts(versus, words)),
        changes=tuple(treatments.changes(versus, words)),
        together=_listed([words.said(f"thing_{kind}") for kind in versus.together], words)
        if len(versus.together) > 1 else "",
        refused=tuple(treatments.refused(versus, words)), advice=treatments.advice(versus, words),
        only=tuple(treatments.only(found, versus, words)), reach=say.number(reaches.get("", 0.0), "fraction"),
        own_axes=bool({*reaches} - {""}),
        lines=tuple([
            gaps.line(each, say.title(cell), words, reaches, f"#{anchor}" if cell.flips else "")
            for anchor, cell in there for each in cell.rows
        ]),
        notes=tuple([note for cell in versus.cells for note in gaps.notes(cell, words)]),
        how=tuple([gaps.how(cell, each) for cell in versus.cells for each in cell.rows]),
        protocols=tuple([(say.title(cell), cell.protocol) for cell in versus.cells]),
        parts=tuple([gaps.parts(cell, words) for cell in versus.cells if cell.slices]),
        moved=tuple(_moved(versus, words)),
        shifts=(*_shifts(versus, words), *paced), is_paced=bool(paced),
        cases=tuple([flips.cases(cell, say.title(cell), anchor, words) for anchor, cell in there if cell.flips]),
    )  # fmt: skip


def _lead(found: Comparison, versus: Versus, words: Words) -> "Markup":
    names = {"new": words.listed((shown(versus.entry),)), "base": words.listed((shown(found.base),))}
    if not versus.cells:
        return words("versus_refused" if versus.refused else "versus_nothing", **names)
    every = [each.word for cell in versus.cells for each in cell.rows]
    counts = {key: every.count(word) for word, (key, _) in gaps.SIGNS.items()}
    said = [words.said(f"counted_{key}", count=count) for key, count in counts.items() if count]
    return words("versus_lead", said=_listed(said, words), **names)


def _facts(versus: Versus, words: Words) -> Iterator[tuple[str, str]]:
    changed = sum(len(cell.flips) for cell in versus.cells)
    counts = [
        ("versus_numbers", sum(len(cell.rows) for cell in versus.cells)), ("versus_tasks", len(versus.cells)),
        ("versus_samples", sum(cell.n for cell in versus.cells)), ("versus_flips", changed),
    ]  # fmt: skip
    for key, count in counts if versus.cells else ():
        yield f"{count:,}", words.said(key)
    if versus.refused:
        yield f"{len(versus.refused):,}", words.said("versus_kept")


def _listed(said: Sequence[str], words: Words) -> str:
    return words.said("list_comma").join(said)


def _moved(versus: Versus, words: Words) -> Iterator[Row]:
    for cell in versus.cells:
        for each in cell.moved:
            ways = words.said(f"way_{each.base}"), words.said(f"way_{each.new}")
            yield say.title(cell), *ways, f"{each.count:,}", f"{100 * each.count / cell.n:.1f} %"


def _shifts(versus: Versus, words: Words) -> Iterator[Row]:
    for cell in versus.cells:
        if cell.repicked:
            yield say.title(cell), words.said("shift_repicked"), "", "", f"{100 * cell.repicked:.1f} %"
        for shift in cell.shifts:
            yield (say.title(cell), words.said(f"shift_{shift.name}"), *_shifted(shift))


def _shifted(shift: Shift) -> tuple[str, str, str]:
    if shift.name == "cut":
        points = say.number(shift.new - shift.base, "fraction", signed=True)
        return f"{100 * shift.base:.1f} %", f"{100 * shift.new:.1f} %", points
    return f"{shift.base:,.1f}", f"{shift.new:,.1f}", _grown(shift.base, shift.new)


def _grown(base: float, new: float) -> str:
    return f"{100 * (new / base - 1):+.1f} %".replace("-", figures.MINUS) if base else say.NONE


def _paces(base: Pace | None, new: Pace | None, words: Words) -> Iterator[Row]:
    """Speed and cost, where both are known."""
    if base is None or new is None:
        return
    rows = [("replies", base.replies_per_second, new.replies_per_second, ",.1f")]
    one, two = tokens_per_second(base, new)
    if one and two:
        rows.insert(0, ("tokens", one, two, ",.0f"))
    if base.cost is not None and new.cost is not None:
        rows.append(("cost", base.cost, new.cost, ".4g"))
    for name, was, now, form in rows:
        yield "", words.said(f"pace_{name}"), format(was, form), format(now, form), _grown(was, now)


def _grids(found: Comparison) -> Iterator[Grid]:
    for task, group in groupby(found.cases, key=lambda case: case.task):
        there = [*group]
        binary = {mark for case in there for mark in case.marks} <= {0.0, 1.0, None}
        rows = [(case.sample, tuple([_mark(mark, binary=binary) for mark in case.marks])) for case in there]
        yield Grid(task=task, rows=tuple(rows))


def _mark(mark: float | None, *, binary: bool) -> str:
    if mark is None:
        return say.NONE
    return ("✓" if mark else "✗") if binary else f"{mark:.3g}"
