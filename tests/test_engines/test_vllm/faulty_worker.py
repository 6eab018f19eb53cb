"""An engine process that goes wrong on purpose; `FAULT` says how, as JSON, and whether there is a vLLM in it at all.

made_up     a model of a few sums instead of vLLM
pause       seconds that a step takes longer
muddled     replies come in another order, each twice, beside one that nobody asked for
forgets     every so many pieces of work are not told of, the first time
mark, does  over a prompt that ends with these tokens it ends: exit, kill, raise, hang
loading     what it does instead of loading the model: exit, raise
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from medeval.engines.vllm import VLLM, worker
from medeval.engines.vllm.process import Process
from medeval.engines.vllm.wire import Done, Refused, Start, Work

FAULT: dict[str, Any] = json.loads(os.environ.get("FAULT", "{}"))
A_STEP = 8
"""Pieces of work that the made-up model does at once, whatever it says."""


class Faulty(Process):
    """A process of this very module."""

    command = (str(Path(__file__)),)


class FaultyVLLM(VLLM):
    """vLLM's engine over such processes."""

    process = Faulty


def logprob(ids: tuple[int, ...], token: int) -> float:
    """What the made-up model says."""
    return -1.0 - (sum(ids) * 31 + len(ids) * 7 + token * 13) % 97 / 10


class MadeUp:
    """A model that needs no vLLM."""

    context = 2048
    at_once = 256

    def __init__(self, start: Start) -> None:
        self._works: list[Work] = []

    @property
    def busy(self) -> bool:
        return bool(self._works)

    def add(self, work: Work) -> Refused | None:
        self._works.append(work)
        return None

    def step(self) -> Iterator[Done]:
        works, self._works = self._works[:A_STEP], self._works[A_STEP:]
        for work in works:
            values = tuple([logprob(work.ids, token) for token in work.wanted])
            written = [(sum(work.ids) * (place + 3)) % 1000 + 300 for place in range(work.drawn.get("max_tokens", 0))]
            yield Done(work.number, (work.wanted[0],) if work.wanted else tuple(written), values)

    def shut(self) -> None:
        pass


def go_wrong(how: str) -> None:
    """End in one of the ways in which processes end."""
    if how == "raise":
        raise ValueError("poison")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "hang":
        time.sleep(1e6)
    sys.stderr.write("no more\n")
    os._exit(1)


def faulty(sound: Any) -> Any:
    """A loop like another one, but for its faults."""
    mark = tuple(FAULT.get("mark", ()))

    class Loop(sound):  # type: ignore[misc]
        def __init__(self, start: Start) -> None:
            if "loading" in FAULT:
                go_wrong(FAULT["loading"])
            super().__init__(start)
            self._marked: set[int] = set()
            self._forgotten: set[int] = set()

        def add(self, work: Work) -> Refused | None:
            if mark and work.ids[-len(mark) :] == mark:
                self._marked.add(work.number)
            refused: Refused | None = super().add(work)
            return refused

        def step(self) -> Iterator[Done]:
            time.sleep(FAULT.get("pause", 0))
            if self._marked:
                go_wrong(FAULT["does"])
            done = [*super().step()]
            if every := FAULT.get("forgets", 0):
                lost = {each.number for each in done if each.number % every == 0} - self._forgotten
                self._forgotten |= lost
                done = [each for each in done if each.number not in lost]
            if FAULT.get("muddled") and done:
                done = [Done(10**9, (1,)), *done[::-1], *done]
            yield from done

    return Loop


if __name__ == "__main__":
    vars(worker)["Loop"] = faulty(MadeUp if FAULT.get("made_up") else worker.Loop)
    worker.main()
