"""medeval data pull: what is missing of some tasks is fetched."""

import sys
import time
from typing import Annotated

import typer

from medeval.cli.options import Data, TaskPath

Tasks = Annotated[str, typer.Argument(help="Names of tasks and groups, with commas between.")]
OFTEN = 0.1
"""Seconds between two drawings."""


class Bytes:
    """How much of a file is here: drawn on a terminal, on standard error, and nowhere else."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._drawn = 0.0
        self._shown = sys.stderr.isatty()

    def __call__(self, done: int, whole: int) -> None:
        """Draw, ten times a second at most."""
        if self._shown and (time.monotonic() - self._drawn > OFTEN or done == whole):
            self._drawn = time.monotonic()
            of = f" of {whole / 1e6:.1f}" if whole else ""
            print(f"\r{self._said}: {done / 1e6:.1f}{of} MB\x1b[K", end="", file=sys.stderr, flush=True)

    def wipe(self) -> None:
        """Make room for the line that says it all."""
        if self._drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def pull(tasks: Tasks, data: Data = "", task_path: TaskPath = None) -> None:
    """Fetch what is missing of some tasks, solved examples included, so that runs need no connection."""
    from medeval.cli.places import wanted
    from medeval.cli.say import clean
    from medeval.errors import RequestError, raise_all
    from medeval.sources import check_pin

    files, faults = wanted(tasks, data, task_path, read=True)
    for file in files:
        drawn, here = Bytes(clean(file.said)), file.path is not None
        try:
            path = file.supply.fetch(file.folder, file.source, drawn)
            if file.supply.root != file.named.samples:
                check_pin(path, file.source)
            file.supply.hold(file.folder, (file.source,), file.form.read)
        except RequestError as fault:
            faults += [RequestError(f"{file.named.name}: {said}") for said in fault.faults]
            path = None
        drawn.wipe()
        if path is not None:
            state = "is there" if here else "fetched"
            print(clean(f"{file.named.name}: {path} ({state}, {path.stat().st_size:,} bytes)"), flush=True)
    raise_all(faults)
