"""An engine process that is none: it computes in no time, and goes wrong exactly as it is told to."""

from collections.abc import Callable, Sequence

from medeval.engines.vllm.wire import Done, FromProcess, Idle, Ready, Work

AT_ONCE = 256

Script = Callable[["ScriptedProcess", list[Work]], list[FromProcess]]
"""What a process makes of its next batch; an EOFError ends it."""


def compute(process: "ScriptedProcess", batch: list[Work]) -> list[FromProcess]:
    """Do what is asked, and no more."""
    return [done(work) for work in batch]


def done(work: Work) -> Done:
    """The reply to a piece of work; it can be told whose it is."""
    return Done(work.number, (work.number + 1,))


class ScriptedProcess:
    """What a hand and an engine see of a process."""

    pid = 0
    waits = False

    def __init__(self, script: Script = compute, *, batch: int = 64, loads: bool = True) -> None:
        self._script = script
        self._batch = batch
        self._loads = loads
        self._ready = self._ended = False
        self._told = True
        self.waiting: list[Work] = []
        self.given: list[list[Work]] = []
        self.life: list[str] = []

    def send(self, works: Sequence[Work]) -> None:
        """Take work."""
        self.waiting += works
        if works:
            self.given.append([*works])
            self._told = False

    def flush(self) -> None:
        """Nothing waits."""

    def fileno(self) -> int:
        """There is nothing to listen to."""
        return -1

    def receive(self) -> list[FromProcess]:
        """Get ready first; then compute a batch, or tell that there is nothing to do."""
        if self._ended:
            raise EOFError
        if not self._ready:
            self._ready = self._loads
            return [Ready(2048, AT_ONCE)] if self._loads else []
        if self.waiting:
            batch, self.waiting = self.waiting[: self._batch], self.waiting[self._batch :]
            try:
                return self._script(self, batch)
            except EOFError:
                self._ended = True
                raise
        if not self._told:
            self._told = True
            return [Idle(self.count)]
        return []

    @property
    def count(self) -> int:
        """How many pieces of work it was given."""
        return sum(map(len, self.given))

    def last_word(self) -> str:
        """How it ended."""
        return "ended with 1: poison"

    def end(self) -> None:
        """End it."""
        self._ended = True
        self.life.append("ended")

    def kill(self) -> None:
        """End it without a word."""
        self._ended = True
        self.life.append("killed")
