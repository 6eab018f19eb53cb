"""A verdict in words: the rows of its table, and what is to be known beside them."""

from collections.abc import Iterator

from medeval.comparing.telling import NONE, chance, number
from medeval.gates.nights import UNSTABLE
from medeval.gates.verdicts import Line, Verdict

HEAD = (
    "gate", "number", "baseline", "night", "change", "interval", "margin", "sees", "n", "b", "c", "p", "Holm p", "word",
    "why",
)  # fmt: skip
RIGHT = tuple(range(2, 13))
NAMED = 10
"""Samples that are named beside a table."""


def row(line: Line) -> tuple[str, ...]:
    """One gate. A loss is below 0, whichever way the number is better."""
    unit = line.unit
    interval = (
        NONE if line.low is None or line.high is None else f"{number(line.low, unit)} to {number(line.high, unit)}"
    )
    # Marks that are no numbers are neither higher nor lower.
    counted = line.kind == "margin" and line.gain is not None and bool(line.up or line.down or not line.flips)
    return (
        line.cell or line.task, line.metric, number(line.base, unit), number(line.new, unit),
        number(line.gain, unit, signed=True), interval, number(line.margin, unit), number(line.seen, unit),
        f"{line.n:,}" if line.n else NONE, f"{line.up}" if counted else NONE, f"{line.down}" if counted else NONE,
        NONE if line.p is None else chance(line.p), NONE if line.p_adjusted is None else chance(line.p_adjusted),
        line.word, line.why,
    )  # fmt: skip


def notes(verdict: Verdict) -> Iterator[str]:
    """What is to be known beside the table."""
    for each in verdict.treatment:
        yield f"Differs from the baseline: {each}."
    for line in verdict.lines:
        if line.second is not None:
            found = line.second
            said = "came out again" if found.confirmed else "did not come out again"
            yield (
                f"{line.name}: the loss {said}: {number(found.difference, line.unit, signed=True)} "
                f"({number(found.low, line.unit)} to {number(found.high, line.unit)}), p {chance(found.p)}."
            )
        if line.last is not None:
            found_ = line.last
            yield (
                f"{line.name} against {found_.entry}: {number(found_.difference, line.unit, signed=True)} "
                f"({number(found_.low, line.unit)} to {number(found_.high, line.unit)}), p {chance(found_.p)}."
            )
        if line.turns >= UNSTABLE:
            said = f"{line.name}: unstable: its word changed {line.turns} times with nothing else changed."
            advice = (
                f" It sees {number(line.seen, line.unit)}, and {100 * line.flips:.1f} % flip: take more samples or "
                "takes, and not a wider margin."
            )
            yield said + (advice if line.kind == "margin" else "")
    yield from verdict.notes


def lost(verdict: Verdict) -> Iterator[str]:
    """The samples that a red gate is about."""
    for line in verdict.lines:
        if line.lost and line.word in ("REGRESSED", "INCONCLUSIVE"):
            more = f" and {line.lost_count - NAMED:,} more" if line.lost_count > NAMED else ""
            yield f"{line.name}: lost {', '.join(line.lost[:NAMED])}{more}"
