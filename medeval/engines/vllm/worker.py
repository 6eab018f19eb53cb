"""The engine process: vLLM's own request loop, fed over a socket; run as `python -m medeval.engines.vllm.worker FD`."""

import ctypes
import math
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

from medeval.engines.vllm.wire import (
    Alive,
    Broken,
    Done,
    FromProcess,
    Idle,
    Line,
    Ready,
    Refused,
    Start,
    ToProcess,
    Work,
)

ALIVE_SECONDS = 1.0
PR_SET_PDEATHSIG = 1


class Loop:
    """vLLM's engine, and what it was given."""

    def __init__(self, start: Start) -> None:
        if start.arguments.get("enforce_eager"):
            # What is not compiled needs no compiler, which takes two seconds to do next to nothing.
            os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")
        from vllm import SamplingParams
        from vllm.engine.arg_utils import EngineArgs
        from vllm.sampling_params import RequestOutputKind
        from vllm.usage.usage_lib import UsageContext
        from vllm.v1.engine.llm_engine import LLMEngine

        if "logprob_token_ids" not in getattr(SamplingParams, "__struct_fields__", ()):
            raise RuntimeError("this vLLM cannot tell the log-probabilities of given tokens; 0.26 and newer can")
        _mend_for_cpus()
        self._params = SamplingParams
        self._last_only = RequestOutputKind.FINAL_ONLY
        # Else vLLM makes batches half as large as those of its own `LLM`, and on a large GPU an eighth.
        self._engine = LLMEngine.from_engine_args(EngineArgs(**start.arguments), UsageContext.LLM_CLASS)
        self._adapter: Any = None
        if start.adapter:
            from vllm.lora.request import LoRARequest

            self._adapter = LoRARequest("adapter", 1, start.adapter)
        self.context = int(self._engine.vllm_config.model_config.max_model_len)
        self.at_once = int(self._engine.vllm_config.scheduler_config.max_num_seqs)
        self._wanted: dict[str, tuple[int, ...]] = {}
        self._unsound: set[str] = set()
        self._listen_for_nans()

    @property
    def busy(self) -> bool:
        """Whether anything is left to compute."""
        return bool(self._engine.has_unfinished_requests())

    def add(self, work: Work) -> Refused | None:
        """Hand a piece of work to the engine."""
        name = str(work.number)
        how: dict[str, Any] = dict(work.drawn)
        if work.wanted:
            # Never `logprobs=k` beside it: one of the two would change the other's batch.
            how = {"max_tokens": 1, "temperature": 0.0, "logprob_token_ids": list(work.wanted), "flat_logprobs": True}
        try:
            params = self._params(
                **how, detokenize=bool(how.get("stop")), skip_special_tokens=False, output_kind=self._last_only
            )
            self._engine.add_request(name, {"prompt_token_ids": list(work.ids)}, params, lora_request=self._adapter)
        except Exception as error:  # noqa: BLE001  one request that is refused costs no other its reply
            return Refused(work.number, f"{type(error).__name__}: {error}"[:500])
        self._wanted[name] = work.wanted
        return None

    def step(self) -> Iterator[Done]:
        """Compute one batch."""
        for output in self._engine.step():
            if not output.finished:
                continue
            wanted, first = self._wanted.pop(output.request_id), output.outputs[0]
            yield Done(
                number=int(output.request_id), tokens=tuple(first.token_ids),
                logprobs=_of(wanted, first.logprobs) if wanted else (),
                cached=output.num_cached_tokens or 0, sound=output.request_id not in self._unsound,
            )  # fmt: skip
            self._unsound.discard(output.request_id)

    def shut(self) -> None:
        """End the processes of vLLM's own, where it has some."""
        self._engine.engine_core.shutdown()

    def _listen_for_nans(self) -> None:
        """Remember which requests had logits that are no numbers: vLLM counts them, and tells nobody."""
        core = self._engine.engine_core
        plain = core.get_output

        def get_output() -> Any:
            outputs = plain()
            for each in outputs.outputs:
                if getattr(each, "num_nans_in_logits", 0):
                    # Inside, a name has a tail of its own.
                    self._unsound.add(each.request_id.partition("-")[0])
            return outputs

        core.get_output = get_output


def _mend_for_cpus() -> None:
    """Mend what vLLM 0.32 does on a CPU alone."""
    from vllm.platforms import current_platform

    if not current_platform.is_cpu():
        return
    from vllm.v1.kv_cache_interface import KVCacheConfig
    from vllm.v1.worker.cpu_model_runner import CPUModelRunner

    # What is masked is multiplied by nought there, and what is no number stays none: from a request with such
    # values they would come into all that are given its memory later, unless it is wiped before.
    KVCacheConfig.needs_kv_cache_zeroing = property(lambda _: True)
    plain = CPUModelRunner.sample_tokens

    def sample_tokens(runner: Any, *words: Any) -> Any:
        """Let only those draw whose prompt is read to its end: undoing what others draw fails."""
        dice, batch = runner.input_batch.generators, runner.input_batch.num_reqs
        kept = {place: dice.pop(place) for place in [*dice] if runner.discard_request_mask.np[:batch][place]}
        try:
            return plain(runner, *words)
        finally:
            dice.update(kept)

    CPUModelRunner.sample_tokens = sample_tokens


def _of(wanted: tuple[int, ...], told: Any) -> tuple[float | None, ...]:
    """Take the wanted values out of the only position: behind that of the drawn token, in their order."""
    tokens = tuple(told.token_ids[1 : 1 + len(wanted)])
    if tokens != wanted:
        raise RuntimeError(f"vLLM told the log-probabilities of tokens {tokens} for {wanted}")
    values = told.logprobs[1 : 1 + len(wanted)]
    return tuple([value if math.isfinite(value) else None for value in values])


def serve(line: Line[ToProcess]) -> None:
    """Take work, compute, and tell what came of it, until the other side hangs up."""
    start = next(_heard(line))
    assert isinstance(start, Start)  # noqa: S101  the first thing that is ever said
    loop = Loop(start)
    line.send([Ready(loop.context, loop.at_once)])
    given, told, spoke = 0, True, time.monotonic()
    try:
        while True:
            _wait(line, busy=loop.busy)
            for work in line.receive():
                assert isinstance(work, Work)  # noqa: S101  nothing else is said later
                given, told = given + 1, False
                if refused := loop.add(work):
                    line.send([refused])
            if loop.busy:
                done: list[FromProcess] = list(loop.step())
                if not done and time.monotonic() - spoke > ALIVE_SECONDS:
                    done = [Alive()]
                if done:
                    spoke = time.monotonic()
                    line.send(done)
            if not loop.busy and not told:
                line.send([Idle(given)])
                told = True
    except EOFError:
        loop.shut()


def _heard(line: Line[ToProcess]) -> Iterator[ToProcess]:
    while True:
        _wait(line, busy=False)
        yield from line.receive()


def _wait(line: Line[ToProcess], *, busy: bool) -> None:
    """Wait until something is said, unless there is something to do; what is to be said leaves meanwhile."""
    readable = False
    while not readable:
        sending = [line] if line.waits else []
        ready, able, _ = select.select([line], sending, [], 0 if busy else None)
        readable = bool(ready) or busy
        if able:
            line.flush()


def _die_with_parent() -> None:
    """End when the run ends, however it ends; nothing on a GPU outlives it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Serve the socket of this number."""
    _die_with_parent()
    line: Line[ToProcess] = Line(socket.socket(fileno=int(sys.argv[1])), ToProcess)
    code = 0
    try:
        serve(line)
    except Exception as error:  # noqa: BLE001  whatever ends it, its last word is heard
        line.send([Broken(f"{type(error).__name__}: {error}"[:2000])])
        sys.excepthook(*sys.exc_info())  # into the log
        code = 1
    sys.stderr.flush()
    # Threads of libraries may keep Python from ending, and there is nothing left to be tidied up.
    os._exit(code)


if __name__ == "__main__":
    main()
