"""What a run shows while it goes: a line a task on a terminal, nothing anywhere else."""

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from medeval.cli.say import outlook_line
from medeval.evaluation import Progress
from medeval.forecasts import Outlook
from medeval.planning import Prepared
from medeval.scoring import Scored
from medeval.stats import wilson

WORTH_TELLING = 60
"""Seconds."""


class Live(Progress):
    """Live progress on standard error, so that standard output stays clean."""

    def __init__(self, prepared: Prepared) -> None:
        self._totals = {cell.sitting.name: len(cell.sitting.samples) for cell in prepared.cells}
        self._headlines = {cell.sitting.name: cell.sitting.task.metrics[0].name for cell in prepared.cells}
        self._done = dict.fromkeys(self._totals, 0)
        self._measured = dict.fromkeys(self._totals, 0)
        self._hits = dict.fromkeys(self._totals, 0.0)
        self._unread = dict.fromkeys(self._totals, 0)
        self._replies = dict.fromkeys(self._totals, 0)
        self._begun = self._drawn = time.monotonic()
        self._first: dict[str, tuple[float, int]] = {}
        self._last = dict.fromkeys(self._totals, self._begun)
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.live import Live as Screen

            self._screen = Screen(console=Console(stderr=True), auto_refresh=False)
            self._screen.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        if self._shown:
            self._draw()
            self._screen.stop()

    def ahead(self, outlooks: Sequence[Outlook]) -> None:
        """Tell what a long run will take, on a terminal or not: a log wants to know it too."""
        for outlook in outlooks:
            if outlook.seconds > WORTH_TELLING:
                print(outlook_line(outlook), file=sys.stderr)

    def replied(self, task: str, count: int) -> None:
        """Count replies, and draw ten times a second at most."""
        now = time.monotonic()
        # What a resumed task has done before its first reply took no time of the engine's.
        self._first.setdefault(task, (now if self._first else self._begun, self._done[task]))
        self._replies[task] += count
        self._last[task] = now
        if self._shown and now - self._drawn > 0.1:
            self._drawn = now
            self._draw()

    def scored(self, task: str, scored: Scored) -> None:
        """Count a sample in."""
        self._done[task] += 1
        mark = scored.scores.get(self._headlines[task])
        # What has a scale of its own is told at the end; a share of right answers is told while it grows.
        mark = mark if mark is not None and 0 <= mark <= 1 else None
        self._measured[task] += mark is not None
        self._hits[task] += mark or 0.0
        self._unread[task] += mark is not None and scored.status != "scored"

    def up_to_date(self, task: str) -> None:
        """Show a task that was finished before as done."""
        self._done[task] = self._totals[task]

    def lines(self) -> list[tuple[str, ...]]:
        """Tell how far every task is, and how well it goes."""
        rows: list[tuple[str, ...]] = []
        for name, total in self._totals.items():
            done = self._done[name]
            quality = ""
            if measured := self._measured[name]:
                low, high, _ = wilson(self._hits[name], measured)
                quality = f"{100 * self._hits[name] / measured:.1f} ({100 * low:.1f} to {100 * high:.1f})"
            # Until its last reply: the rate of a task that is done stands still.
            begun, before = self._first.get(name, (self._begun, done))
            seconds = max(self._last[name] - begun, 1e-3)
            rate = self._replies[name] / seconds
            left = f"{(total - done) * seconds / (done - before):.0f} s left" if done > before else ""
            rows.append((
                name, f"{done}/{total}", quality, f"not read {self._unread[name]}", f"{rate:.0f}/s",
                left if done < total else "done",
            ))  # fmt: skip
        return rows

    def _draw(self) -> None:
        from rich.table import Table

        grid = Table.grid(padding=(0, 2))
        for row in self.lines():
            grid.add_row(*row)
        self._screen.update(grid, refresh=True)
