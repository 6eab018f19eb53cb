"""Speed against the nights before: whether a night is slower than they foretell."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from medeval import reports
from medeval.comparing.pace import pace
from medeval.gates.files import FEWEST, Opened, Speed
from medeval.gates.verdicts import Line

ROUNDING = 1e-9
"""What a logarithm and its inverse may lose."""


def lines(opened: Opened, entry: Path, before: Sequence[Path]) -> tuple[list[Line], list[str]]:
    """Hold every speed to what the nights before foretell; what cannot be held yet is told, and stops nobody.

    Nights on machines of another kind, or of other tasks, foretell nothing.
    """
    own, how = pace(entry), run_of(entry)
    history = [found for path in before if run_of(path) == how and (found := pace(path)) is not None]
    made, notes = [], []
    for place, speed in enumerate(opened.gates.speed):
        speeds = [value for each in history[-speed.history :] if (value := getattr(each, speed.metric)) > 0]
        now = getattr(own, speed.metric) if own else 0.0
        if not now:
            notes.append(f"Speed is not told: this night counted no {speed.metric.split('_')[0]}.")
        elif len(speeds) < FEWEST:
            there = f"{len(speeds)} nights before of these tasks on such a machine"
            notes.append(f"Speed is not told yet: {there}; it takes {FEWEST}.")
        else:
            made.append(_line(speed, now, speeds, opened.line("speed", place)))
    return made, notes


def foretold(history: Sequence[float], level: float) -> float:
    """The speed that a further night falls below as rarely as the level says: Student's, of logarithms."""
    from scipy.special import stdtrit

    logs = [math.log(each) for each in history]
    count = len(logs)
    spread = stdev(logs) * math.sqrt(1 + 1 / count)
    return math.exp(fmean(logs) - float(stdtrit(count - 1, level)) * spread)


def run_of(entry: Path) -> tuple[str, ...]:
    """What was asked, and on what machine: nights are compared where both are the same."""
    runs = [(cell.name, reports.last_run(cell)) for cell in reports.cells(entry)]
    return tuple(sorted([f"{name}: {run.machine}, Python {run.python}" for name, run in runs if run]))


def _line(speed: Speed, now: float, speeds: Sequence[float], at: int) -> Line:
    low, middle = foretold(speeds, speed.level), math.exp(fmean([math.log(each) for each in speeds]))
    return Line(
        kind="speed", task="speed", metric=speed.metric, unit="plain",
        word="REGRESSED" if now < low * (1 - ROUNDING) else "NON_INFERIOR",
        why=f"{len(speeds)} nights before foretell at least {low:.4g} at {100 * speed.level:g} %", base=middle, new=now,
        gain=now - middle, low=low - middle, n=len(speeds), at=at,
    )  # fmt: skip
