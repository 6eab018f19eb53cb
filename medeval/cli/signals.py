"""Signals: the first one asks for an orderly end, the second one gets a quick one."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from medeval.errors import Interrupted

ASKING = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether a signal came."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            # The journal is safe at any moment: nothing is lost by going at once.
            os._exit(Interrupted.exit_code)

    before = {number: signal.signal(number, note) for number in ASKING}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
