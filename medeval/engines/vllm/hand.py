"""A hand at work: one engine process, what it owes, and what is suspected of ending it."""

import time
from collections import deque
from collections.abc import Callable

from medeval.engines.vllm.arguments import in_our_words
from medeval.engines.vllm.process import Process
from medeval.engines.vllm.wire import Alive, Broken, Done, FromProcess, Idle, Ready, Refused, Work
from medeval.errors import EngineError, RequestError

BATCHES = 2
"""That a process holds at most: enough to be never idle, few enough to be suspected one by one."""
STRIKES = 24
"""Ends of the process with little done in between, after which the run gives up."""
PARDONED = 256
"""Pieces of work done after which earlier ends no longer count."""
STARTING_SECONDS = 3600.0
ASKED_TWICE = 2
"""How often a piece of work is given again that the process says it never had."""


class Hand:
    """One engine process, begun anew when it ends."""

    def __init__(self, begin: Callable[[], Process], patience: float) -> None:
        self._begin = begin
        self._patience = patience
        self._process: Process | None = begin()
        self._heard = time.monotonic()
        self.context = 0
        """What the model reads, as the engine says; 0 until it is loaded."""
        self.ends: list[str] = []
        """Why it had to be begun anew."""
        self._at_once = 0
        self._was_ready = False
        self._owed: dict[int, Work] = {}
        self._given = 0
        self._suspects: list[list[Work]] = []
        self._tested = False
        self._lost: dict[int, int] = {}
        self._broken = ""
        self._strikes = 0
        self._done = 0

    @property
    def process(self) -> Process | None:
        """What select listens to."""
        return self._process

    @property
    def room(self) -> int:
        """How much more it can be given."""
        return 0 if not self.context or self._suspects or self._tested else BATCHES * self._at_once - len(self._owed)

    @property
    def owes(self) -> int:
        """How much it was given that is not done."""
        return len(self._owed) + sum(map(len, self._suspects))

    def give(self, queue: deque[Work], share: int | None = None) -> None:
        """Give it as much as there is room for, and no more than its share; suspects first, by halves and alone."""
        if not self.context:
            return
        if not self._owed:
            self._tested = bool(self._suspects)
            if self._tested:
                self._send(self._suspects.pop(0))
        count = min(self.room, len(queue))
        if share is not None:
            count = min(count, share - len(self._owed))
        if count > 0:
            self._send([queue.popleft() for _ in range(count)])

    def news(self) -> list[Done | Refused]:
        """What was done, or cannot be done; an end of the process is dealt with here."""
        found: list[Done | Refused] = []
        try:
            messages = self._process.receive() if self._process else []
        except EOFError:
            assert self._process is not None  # noqa: S101  it was just heard
            said = self._process.last_word()
            return self._over(self._broken or f"the engine {said}")
        if messages:
            self._heard = time.monotonic()
        elif (self._owed or not self.context) and time.monotonic() - self._heard > self._allowed:
            return self._over(f"the engine made no progress for {self._allowed:g} seconds")
        for message in messages:
            found += self._took(message)
        return found

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.end()
            self._process = None

    @property
    def _allowed(self) -> float:
        return self._patience if self.context else max(STARTING_SECONDS, self._patience)

    def _send(self, works: list[Work]) -> None:
        assert self._process is not None  # noqa: S101  there is a context, so there is a process
        if not self._owed:
            self._heard = time.monotonic()
        self._owed.update({work.number: work for work in works})
        self._given += len(works)
        self._process.send(works)

    def _took(self, message: FromProcess) -> list[Done | Refused]:
        if isinstance(message, Done | Refused):
            # What was told twice is heard once.
            if self._owed.pop(message.number, None) is None:
                return []
            self._done += 1
            if self._done > PARDONED:
                self._strikes = self._done = 0
            return [message]
        if isinstance(message, Ready):
            self.context, self._at_once, self._was_ready = message.context, message.at_once, True
        elif isinstance(message, Idle) and message.given == self._given and self._owed:
            return self._again()
        elif isinstance(message, Broken):
            self._broken = message.reason
        else:
            assert isinstance(message, Alive | Idle)  # noqa: S101  there are no others
        return []

    def _again(self) -> list[Done | Refused]:
        """Give once more what the process took and says nothing of."""
        lost, self._owed = [*self._owed.values()], {}
        for work in lost:
            self._lost[work.number] = self._lost.get(work.number, 0) + 1
        given_up = [work for work in lost if self._lost[work.number] > ASKED_TWICE]
        self._send([work for work in lost if self._lost[work.number] <= ASKED_TWICE])
        return [Refused(work.number, "the engine never answers this request") for work in given_up]

    def _over(self, why: str) -> list[Done | Refused]:
        """Begin anew; what the process owed is suspected, by halves, until what ended it stands alone."""
        if self._process:
            self._process.kill()
        self._process, ready, self._broken = None, bool(self.context), ""
        if not self._was_ready:
            raise RequestError(f"vLLM does not start: {in_our_words(why)}")
        self.ends.append(why)
        self._strikes += 1
        if self._strikes > STRIKES:
            raise EngineError(f"vLLM ended {self._strikes} times ({why}). The same command goes on where it stopped.")
        owed, self._owed = [*self._owed.values()], {}
        blamed = owed if self._tested and len(owed) == 1 and ready else []
        if owed and not blamed:
            middle = (len(owed) + 1) // 2
            self._suspects[:0] = [half for half in (owed[:middle], owed[middle:]) if half]
        self.context, self._given, self._heard, self._done = 0, 0, time.monotonic(), 0
        self._process = self._begin()
        return [Refused(work.number, f"over this request {why}") for work in blamed]
