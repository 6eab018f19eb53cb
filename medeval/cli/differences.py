"""A comparison on a terminal."""

from collections.abc import Iterator

from medeval.cli.say import clean, table
from medeval.comparing import Compared, Comparison
from medeval.comparing.telling import (
    HEAD,
    NONE,
    RIGHT,
    edited,
    flip_line,
    is_graded,
    lead,
    notes,
    paces,
    parts,
    rows,
)

ROWS = 20
"""Rows of the table of who is right where; --json and --md have all."""
LONG = 600
"""Characters of a case."""


def told(found: Comparison, *, slices: bool, cases: int) -> str:
    """All of it, the most wanted first."""
    return "\n".join(_told(found, slices=slices, cases=cases)).rstrip("\n")


def _told(found: Comparison, *, slices: bool, cases: int) -> Iterator[str]:
    for versus in found.news:
        yield from (clean(lead(found, versus)), "")
        if not versus.cells:
            yield from [clean(note) for note in notes(versus)]
            continue
        # Columns that are as long as a line of a terminal are in --json and --md.
        yield from (_narrow([HEAD, *rows(versus)]), "")
        if slices:
            for cell in versus.cells:
                if cell.slices:
                    yield from (_narrow([HEAD, *parts(cell)]), "")
        yield from [clean(note) for note in (*notes(versus), *paces(found.base_pace, versus.pace))]
        yield ""
        for cell in versus.cells:
            yield from _cases(cell, cases)
    if found.cases:
        names = [found.base, *[versus.entry for versus in found.news]]
        said = [
            (case.task, case.sample, *[NONE if mark is None else f"{mark:.3g}" for mark in case.marks])
            for case in found.cases[:ROWS]
        ]  # fmt: skip
        yield table([("task", "sample", *names), *said], right=range(2, 2 + len(names)))
        if len(found.cases) > ROWS:
            yield f"… and {len(found.cases) - ROWS:,} more on which they differ; --json and --md have all."
        yield ""
    yield from [clean(note) for note in found.notes]


def _narrow(said: list[tuple[str, ...]]) -> str:
    kept = [place for place in range(len(HEAD)) if HEAD[place] not in ("90 % interval", "n eff")]
    return table(
        [[row[place] for place in kept] for row in said],
        right=[number for number, place in enumerate(kept) if place in RIGHT],
    )


def _cases(cell: Compared, cases: int) -> Iterator[str]:
    for name, there in (("lost", cell.lost), ("gained", cell.gained)):
        if there and cases:
            yield f"{clean(cell.new_cell)}: {len(there):,} {name}"
            for flip in there[:cases]:
                yield clean(f"  {flip_line(flip, graded=is_graded(cell))}")
                if flip.edits:
                    text = edited(flip)
                    shown = clean(text if len(text) <= LONG else f"…{text[-LONG:]}")
                    # What a model wrote must not look like a line of ours.
                    yield "    " + shown.replace("\n", "\n    ")
            yield ""
