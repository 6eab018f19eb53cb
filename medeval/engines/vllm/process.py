"""An engine process from the outside: started in a session of its own, heard, and ended whatever state it is in."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from medeval.engines.vllm.wire import FromProcess, Line, Start, Work

# No word about our users to anyone, no chatter, and everything in one process where one device is used.
ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
    "VLLM_LOGGING_LEVEL": "ERROR", "VLLM_COMPUTE_NANS_IN_LOGITS": "1", "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
}  # fmt: skip
LAST_LINES = 4096
"""Bytes of the log that are looked through for a last word."""


class Process:
    """One engine process and the line to it."""

    command: Sequence[str] = ("-m", "medeval.engines.vllm.worker")

    def __init__(self, start: Start, environment: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed when the process is ended
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module, and no word of anyone else's
                [sys.executable, "-P", *self.command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
                # A signal from the keyboard is for the run, which ends the process in its own time.
                start_new_session=True,
                # The user's own settings stand before ours; the modules are those of this very process.
                env={**ENVIRONMENT, **os.environ, **environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip
        self._line: Line[FromProcess] = Line(ours, FromProcess)
        self._line.send([start])

    @property
    def pid(self) -> int:
        """Its number, which is that of its group too."""
        return self._process.pid

    def fileno(self) -> int:
        """For select."""
        return self._line.fileno()

    @property
    def waits(self) -> bool:
        """Whether it has not taken all that was said to it."""
        return self._line.waits

    def send(self, works: Sequence[Work]) -> None:
        """Give it work; what it does not take now is kept for later."""
        with contextlib.suppress(ConnectionError):  # that it has ended is heard where it is listened to
            self._line.send(works)

    def flush(self) -> None:
        """Give it what it did not take before."""
        self.send(())

    def receive(self) -> list[FromProcess]:
        """Hear what it says; EOFError when it has ended."""
        return self._line.receive()

    def last_word(self) -> str:
        """How it ended, and the last that it wrote."""
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            code = 0
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - LAST_LINES))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        return f"{how}{': ' if lines else ''}{lines[-1].strip()[:300] if lines else ''}"

    def end(self) -> None:
        """End it and every process that it began; a process that was stopped or hangs is ended too."""
        self._line.close()
        for seconds in (3, 10):
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._kill()
            else:
                break
        self._kill()  # what it began may have outlived it
        self._process.wait()
        self._log.close()

    def kill(self) -> None:
        """End it without a word."""
        self._kill()
        self.end()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
