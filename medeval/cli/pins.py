"""Pinned baselines on a terminal."""

from collections.abc import Sequence

from medeval.baselines import Baseline, Standing
from medeval.cli.say import clean, table
from medeval.comparing import private
from medeval.comparing.telling import number


def table_of(found: Sequence[Standing]) -> str:
    """One line a file."""
    if not found:
        return "No baseline is pinned there. `medeval baseline accept` pins one."
    rows: list[Sequence[str]] = [("file", "accepted", "cells", "takes", "entries", "reason", "")]
    for each in found:
        made = each.baseline
        told = ("", "", "", "", "") if made is None else (
            made.accepted, str(len(made.cells)), str(max([pin.takes for pin in made.cells], default=0)),
            ", ".join(made.entries), made.reason,
        )  # fmt: skip
        rows.append((each.file, *told, each.fault or "as it was written"))
    return table(rows, right=(2, 3))


def shown(made: Baseline) -> str:
    """Everything that is pinned, with how far two takes of a sample lie apart."""
    rows: list[Sequence[str]] = [("cell", "metric", "mean", "of takes", "n", "takes", "flips", "asked in")]
    for pin in made.cells:
        for place, each in enumerate(pin.numbers):
            estimate = next(one for one in pin.result.estimates if one.metric == each.metric)
            takes = ", ".join([number(value, estimate.unit) for value in each.values])
            flips = f"{100 * each.flips:.1f} %" if pin.takes > 1 and each.marks.takes else ""
            first = not place
            rows.append((
                pin.cell if first else "", each.metric, number(estimate.value, estimate.unit), takes, f"{pin.n:,}",
                str(pin.takes), flips, pin.result.protocol if first else "",
            ))  # fmt: skip
    said = f"{made.said}, accepted {made.accepted} of {', '.join(made.entries)}: {made.reason}"
    said = "\n".join([said, *private(pin.result for pin in made.cells)])
    return f"{clean(said)}\n\n{table(rows, right=(2, 4, 5, 6))}\n\nsha256 {made.checksum}"
