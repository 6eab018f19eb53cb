"""A comparison in words: the same rows for a terminal, for Markdown and for a page."""

from collections.abc import Iterator, Sequence
from typing import Literal

from medeval.comparing.comparison import CASES, Compared, Comparison, Refused, Shift, Versus
from medeval.comparing.contract import Change, Kind
from medeval.comparing.differences import Difference
from medeval.comparing.flips import Flip
from medeval.comparing.pace import Pace, tokens_per_second
from medeval.markdown import fence, plain, table
from medeval.records import Unit

HEAD = (
    "task", "metric", "base", "new", "difference", "95 % interval", "90 % interval", "b", "c", "p", "adjusted p",
    "sees", "n", "n eff", "flips", "verdict",
)  # fmt: skip
RIGHT = tuple(range(2, len(HEAD) - 1))
NONE = "–"
Way = Literal["declare", "model", "subset", "same"]
SHIFTS = {"written": "tokens written a sample", "cut": "replies cut off"}
FEW = 10
"""Clusters below which an interval is to be read with care."""


def number(value: float | None, unit: Unit, *, signed: bool = False) -> str:
    """Per cent with two digits, or with four figures what has a scale of its own; a true minus."""
    if value is None:
        return NONE
    text = f"{100 * value:.2f}" if unit == "fraction" else f"{value:.4g}"
    text = text.removeprefix("-") if not float(text) else text
    return (f"+{text}" if signed and value > 0 and float(text) else text).replace("-", "−")


def chance(p: float) -> str:
    """A p-value; below what matters only that it is."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def row(task: str, found: Difference) -> tuple[str, ...]:
    """A difference as a row of HEAD."""
    unit = found.unit
    # Marks that are no numbers are neither higher nor lower.
    counted = (f"{found.up}", f"{found.down}") if found.up or found.down or not found.flips else (NONE, NONE)
    return (
        task, found.slice or found.metric, number(found.base, unit), number(found.new, unit),
        number(found.difference, unit, signed=True), _between(found, found.low, found.high),
        _between(found, found.low90, found.high90), counted[0], counted[1], chance(found.p),
        chance(found.p_adjusted), number(found.seen, unit), f"{found.n:,}", f"{found.n_eff:,.0f}",
        f"{100 * found.flips:.1f}", found.word,
    )  # fmt: skip


def has_interval(found: Difference) -> bool:
    """Whether limits say anything: without a width they do only where nothing differs."""
    return not found.method.startswith("none") or not (found.difference or found.flips)


def rows(versus: Versus) -> Iterator[tuple[str, ...]]:
    """The numbers of every task."""
    for cell in versus.cells:
        for place, each in enumerate(cell.rows):
            yield row(title(cell) if not place else "", each)


def parts(cell: Compared) -> Iterator[tuple[str, ...]]:
    """The parts of one task, in points of the number that it is known by."""
    for place, each in enumerate(cell.slices):
        yield row(title(cell) if not place else "", each)


def title(cell: Compared | Refused) -> str:
    """A task, and what tells it from others of the same."""
    name = cell.new_cell.partition("/")[0]
    return f"{name} by {cell.judge}" if cell.judge else name


def lead(found: Comparison, versus: Versus) -> str:
    """The first sentence: what a reader came for."""
    if not versus.cells:
        why = "see why not" if versus.refused else "they have no task in common"
        return f"{versus.entry} against {found.base}: nothing was compared; {why}."
    every = [each for cell in versus.cells for each in cell.rows]
    if not every:
        return f"{versus.entry} against {found.base}: nothing was compared; no number has marks of single samples."
    words = [each.word for each in every]
    seen = [f"{words.count(word)} {word}" for word in ("worse", "better", "differs") if word in words]
    said = ", ".join(seen) or "no difference seen"
    counted = f"{_counted(every, 'number')} in {_counted(versus.cells, 'task')}"
    return f"{versus.entry} against {found.base}: {said}, of {counted}."


def _counted(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def notes(versus: Versus) -> Iterator[str]:
    """What is to be known beside the numbers."""
    tasks: dict[Change, list[str]] = {}
    for cell in versus.cells:
        for change in cell.treatment:
            tasks.setdefault(change, []).append(title(cell))
    for change, there in tasks.items():
        where = "" if len(there) == len(versus.cells) else f", in {', '.join(there)}"
        yield f"Treatment ({change.kind}{where}): {change}"
    if len(versus.together) > 1:
        yield f"Changed at once: {', '.join(versus.together)}. A difference belongs to all of them together."
    every = [each for cell in versus.cells for each in cell.rows]
    if any(each.beside for each in every):
        named = _counted([each for each in every if not each.beside], "number")
        yield (
            f"Adjusted by Holm over the {named} that tasks are known by; those told beside them, by "
            "Benjamini and Hochberg."
        )
    for cell in versus.cells:
        yield from _about(cell)
    if versus.only_base:
        yield f"Only the base has {', '.join(versus.only_base)}."
    if versus.only_new:
        yield f"Only {versus.entry} has {', '.join(versus.only_new)}."


def _about(cell: Compared) -> Iterator[str]:
    name = title(cell)
    if cell.only_base or cell.only_new:
        yield f"{name}: {cell.n:,} common samples; {cell.only_base:,} only in the base, {cell.only_new:,} only in new."
    if missing := cell.n - cell.rows[0].n if cell.rows else 0:
        yield f"{name}: {missing:,} samples were not measured on one of both sides, and are left out."
    if cell.untold:
        yield f"{name}: not compared, for want of marks of single samples: {', '.join(cell.untold)}."
    if cell.moved:
        yield f"{name}: " + ", ".join([f"{each.count} {each.base} → {each.new}" for each in cell.moved]) + "."
    if method := few(cell):
        yield f"{name}: few clusters ({method}); read its interval with care."
    if cell.repicked:
        yield f"{name}: another answer to {100 * cell.repicked:.1f} % of the samples, right or wrong."
    for shift in cell.shifts:
        yield f"{name}: {SHIFTS[shift.name]} {shifted(shift)}"


def shifted(shift: Shift) -> str:
    """A shift, with how much it is of what was."""
    if shift.name == "cut":
        return f"{100 * shift.base:.1f} % → {100 * shift.new:.1f} %."
    grown = f" ({100 * (shift.new / shift.base - 1):+.1f} %)" if shift.base else ""
    return f"{shift.base:.1f} → {shift.new:.1f}{grown}.".replace("(-", "(−")


def paces(base: Pace | None, new: Pace | None) -> Iterator[str]:
    """Speed and cost beside each other, where both are known."""
    if base is None or new is None:
        return
    one, two = tokens_per_second(base, new)
    tokens = f"{one:,.0f} → {two:,.0f} tokens a second, " if one and two else ""
    yield (
        f"Speed of the whole runs: {tokens}{base.replies_per_second:,.1f} → "
        f"{new.replies_per_second:,.1f} replies a second; two runs are no trend."
    )
    if base.cost is not None and new.cost is not None:
        yield f"Cost: {base.cost:.4g} → {new.cost:.4g}."


def ways(found: Refused) -> Iterator[tuple[Way, Kind]]:
    """What can be done about a refusal, kind by kind of what differs."""
    for kind in dict.fromkeys(each.kind for each in found.fields):
        if kind in ("prompt", "decoding", "reader"):
            yield "declare", kind
        elif kind == "model":
            yield "model", kind
        elif kind == "data" and not any(each.field.startswith("samples ") for each in found.fields):
            yield "subset", kind
        else:
            yield "same", kind


def few(cell: Compared) -> str:
    """How a number was compared that rests on few clusters; empty, if none does."""
    methods = [each.method for each in cell.rows if each.method.startswith("CR1 over ")]
    return next((method for method in methods if int(method.split()[2]) < FEW), "")


def refusal(versus: Versus, found: Refused) -> str:
    """Why one task cannot be compared, and what to do."""
    fields = "; ".join([f"{each.field} {each.base or NONE} / {each.new or NONE}" for each in found.fields])
    said = {
        "declare": "--treatment {} declares that it was changed on purpose",
        "model": "with --treatment engine the model must be the same",
        "subset": "--allow-subset compares the samples that both have", "same": "run both with the same {}",
    }  # fmt: skip
    advice = [said[what].format(kind) for what, kind in ways(found)]
    return f"{versus.entry}, {title(found)}: not comparable: {fields}. {_sentence(advice)}"


def _sentence(advice: Sequence[str]) -> str:
    text = "; ".join(dict.fromkeys(advice))
    return f"{text[0].upper() if not text.startswith('-') else text[0]}{text[1:]}."


def flip_line(flip: Flip, *, graded: bool) -> str:
    """A case in one line: what was answered, and what became of it."""
    one, two = ["".join(picked) or status for picked, status in (
        (flip.base_picked, flip.base_status), (flip.new_picked, flip.new_status))]  # fmt: skip
    # Where nothing is picked and all went well, the marks are all there is.
    said = [f"{one} → {two}"] if (one, two) != ("scored", "scored") else []
    said += [f"({flip.base:.3g} → {flip.new:.3g})" if said else f"{flip.base:.3g} → {flip.new:.3g}"] if graded else []
    return f"{flip.sample}: {' '.join(said)}" + (f"  [{flip.part}]" if flip.part else "")


def edited(flip: Flip) -> str:
    """Both texts in one: [-what went-] and {+what came+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "came": "{{+{}+}}"}
    return "".join([marks[kind].format(text) for kind, text in flip.edits])


def is_graded(cell: Compared) -> bool:
    """Whether marks are grades."""
    return any(flip.base not in (0.0, 1.0) or flip.new not in (0.0, 1.0) for flip in cell.flips)


def markdown(found: Comparison, version: str) -> str:
    """All of it, for a report or a pull request."""
    return "\n".join(_markdown(found, version)).rstrip("\n") + "\n"


def _markdown(found: Comparison, version: str) -> Iterator[str]:
    for versus in found.news:
        yield from (f"# {plain(versus.entry)} against {plain(found.base)}", "", plain(lead(found, versus)), "")
        yield from table(HEAD, [*rows(versus)])
        yield from [f"- {plain(note)}" for note in (*notes(versus), *paces(found.base_pace, versus.pace))]
        yield from [f"- **{plain(refusal(versus, each))}**" for each in versus.refused]
        yield ""
        for cell in versus.cells:
            if cell.slices:
                yield from (f"## Parts of {plain(title(cell))}", "")
                yield from table(HEAD, [*parts(cell)])
            yield from _cases(cell)
    if found.cases:
        yield from ("## Who is right where", "")
        names = [found.base, *[versus.entry for versus in found.news]]
        yield from table(("task", "sample", *names), [
            (case.task, case.sample, *[NONE if mark is None else f"{mark:.3g}" for mark in case.marks])
            for case in found.cases
        ])  # fmt: skip
    for note in found.notes:
        yield from (f"**{plain(note)}**", "")
    yield f"medeval {version}. A difference in an exam is no evidence of clinical fitness."


def _cases(cell: Compared) -> Iterator[str]:
    for name, there in (("lost", cell.lost), ("gained", cell.gained)):
        if there:
            yield from (f"## Cases {name} in {plain(title(cell))}", "")
            for flip in there[:CASES]:
                yield f"- {plain(flip_line(flip, graded=is_graded(cell)))}"
                if flip.edits:
                    yield from ["", *[f"  {line}" for line in fence(edited(flip))], ""]
            yield from [f"- … and {len(there) - CASES:,} more; --json has all."] if len(there) > CASES else []
            yield ""


def _between(found: Difference, low: float, high: float) -> str:
    """Both limits; where there is no interval, and not because nothing differs, there are none."""
    if not has_interval(found):
        return NONE
    return f"{number(low, found.unit)} to {number(high, found.unit)}"
