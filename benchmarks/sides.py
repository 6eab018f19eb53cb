"""A side of a comparison: a process that keeps a model warm, and does what it is told, a line of JSON at a time.

Each side has a process, so that nothing of one is in the memory, the threads or the surroundings of the other.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LAST_WORDS = 4000
"""Characters of a side's log that are shown when it ends where it should not."""
QUIET = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
    "VLLM_LOGGING_LEVEL": "WARNING",
}  # fmt: skip
ON_A_CPU = {"VLLM_CPU_KVCACHE_SPACE": "1"}
"""GiB, as medeval chooses for a small model; vLLM's own default is nearly all memory, which two cannot have."""
IN_PROCESS = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
"""vLLM's core in the process that uses it, as in medeval's engine process."""


class Side:
    """A side as the benchmark sees it."""

    def __init__(self, program: str, home: Path, *words: str, **environment: str) -> None:
        self.name = program
        self._log = home / f"{program}-{time.monotonic_ns()}.log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name(f"{program}.py")), str(home), *words],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                env={**os.environ, **QUIET, **environment}, start_new_session=True,
            )  # fmt: skip

    def tell(self, does: str, **said: Any) -> Any:
        """Have something done, and hear what came of it."""
        assert self._process.stdin  # noqa: S101  it was asked for
        assert self._process.stdout  # noqa: S101  the same
        try:
            self._process.stdin.write(json.dumps({"does": does, **said}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            answer = ""
        else:
            answer = self._process.stdout.readline()
        if not answer:
            code = self._process.wait()
            log = self._log.read_text(encoding="utf-8", errors="replace")
            sys.exit(f"{log[-LAST_WORDS:]}\n{self.name} ended with {code} over {does!r}.")
        return json.loads(answer)

    def close(self) -> None:
        """Hang up, upon which it ends."""
        assert self._process.stdin  # noqa: S101  it was asked for
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(made: Callable[[Path, list[str]], Mapping[str, Callable[..., Any]]]) -> None:
    """Be a side: do what is told until the other side hangs up."""
    # vLLM, and what it rests on, print what they like.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as telling:
        os.dup2(2, 1)
        doings = made(Path(sys.argv[1]), sys.argv[2:])
        for line in sys.stdin:
            said = json.loads(line)
            found = doings[said.pop("does")](**said)
            print(json.dumps(found), file=telling, flush=True)
