"""The engine: requests are cut into tokens here, and computed by as many engine processes as are asked for."""

import itertools
import math
import select
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medeval.engines.base import Abilities, Ask, Rendered
from medeval.engines.pretrained import Cut, Tongue, known
from medeval.engines.vllm import arguments
from medeval.engines.vllm.adapters import adapter
from medeval.engines.vllm.hand import Hand
from medeval.engines.vllm.places import Shape, fits, places
from medeval.engines.vllm.process import Process
from medeval.engines.vllm.steps import Step, Told, steps, summed
from medeval.engines.vllm.wire import Done, Refused, Start, Work
from medeval.engines.weights import Weights
from medeval.errors import RequestError
from medeval.records import Decoding, Failure, Identity, Reply, Request, Response


class _Asked:
    """A request that is being computed."""

    __slots__ = ("ask", "cut", "missing", "told")

    def __init__(self, ask: Ask, cut: Cut | None, missing: dict[int, Step]) -> None:
        self.ask = ask
        self.cut = cut
        self.missing = missing
        self.told: dict[Step, Told] = {}


class VLLM:
    """A model run by vLLM; nothing is started before something is asked of it."""

    process: type[Process] = Process

    def __init__(self, weights: Weights, *, dtype: str = "", device: str = "", shape: Shape | None = None) -> None:
        shape = shape or Shape()
        self._shape = shape
        self._device = "cpu" if arguments.for_cpus(arguments.installed()) else known.device(device)
        if why := arguments.unusable(device, gpu=self._device != "cpu"):
            raise RequestError(f"{weights.folder}: {why}. 'medeval doctor' tells what is here; --engine hf needs less.")
        told = arguments.said(shape.engine_args)
        fits(shape, self._device)
        lora = adapter(Path(shape.lora)) if shape.lora else None
        self._tongue = Tongue(weights, shape.max_length)
        numbers = known.dtype(dtype, self._device)
        self._start = Start(
            arguments={
                # On a CPU nothing is gained by compiling a model anew at every start.
                "enforce_eager": self._device == "cpu", "enable_prefix_caching": True, **told,
                "model": str(weights.folder), "tokenizer": str(weights.folder), "load_format": "safetensors",
                "trust_remote_code": weights.code, "dtype": numbers, "disable_log_stats": True, "seed": 0,
                **({"max_model_len": shape.max_length} if shape.max_length else {}),
                **({"gpu_memory_utilization": shape.memory} if shape.memory else {}),
                **({"enable_lora": True, "max_lora_rank": lora.rank} if lora else {}),
                "tensor_parallel_size": shape.tensor_parallel, "pipeline_parallel_size": shape.pipeline_parallel,
            },
            adapter=str(lora.folder) if lora else "",
        )  # fmt: skip
        self.identity = Identity(
            engine="vllm", version=arguments.installed(), model=weights.folder.resolve().name,
            content=weights.content, dtype=numbers, quantisation=known.quantisation(self._tongue.config),
            adapter=lora.name if lora else "", max_length=self._tongue.context, arguments=arguments.telling(told),
        )  # fmt: skip
        nature = weights.nature
        self.abilities = Abilities(
            choices=True, greedy=True, chat=bool(nature.template), seeds=True, kind=nature.kind, told_by=nature.why,
            thinking=bool(nature.switch), decoding=nature.decoding,
        )  # fmt: skip
        self.sent = self.computed = 0
        """Pieces of work done, and tokens of prompts that were not in the cache."""
        self._hands: list[Hand] = []
        self._numbers = itertools.count()
        self._queue: deque[Work] = deque()
        self._asked: dict[int, _Asked] = {}
        self._ready: list[tuple[str, Reply]] = []

    @property
    def notes(self) -> Sequence[str]:
        """How often it had to be begun anew, and why."""
        return [f"vLLM was begun anew: {why}." for hand in self._hands for why in hand.ends]

    # --- what the runner calls ---

    def render(self, request: Request) -> Rendered:
        """Apply the chat template, if it is a chat, and cut the text into tokens."""
        return self._tongue.render(request)

    def submit(self, asks: Sequence[Ask]) -> None:
        """Take requests, and begin to load the model if it is the first time."""
        if not self._hands:
            self._hands = [
                Hand(lambda where=where: self.process(self._start, where), self._shape.patience)  # type: ignore[misc]
                for where in places(self._shape, self._device, self._tongue.config)
            ]
        for ask in asks:
            cut = self._tongue.cut(ask) if ask.request.choices else None
            if failure := self._tongue.too_long(ask) or (cut if isinstance(cut, Failure) else None):
                self._ready.append((ask.key, failure))
            elif isinstance(cut, Cut):
                self._choose(ask, cut)
            else:
                self._write(ask)
        # A process that is loaded begins at once, while the runner puts the next questions into words.
        self._share_out()

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Keep the processes fed, and hear what they have done."""
        until = time.monotonic() + timeout
        while True:
            self._share_out()
            # What is ready is handed over at once; it is only looked what else has come.
            self._listen(0.0 if self._ready else max(0.0, until - time.monotonic()))
            for hand in self._hands:
                for message in hand.news():
                    self._take_in(message)
            if self._ready or not self._asked or time.monotonic() >= until:
                ready, self._ready = self._ready, []
                return ready

    def close(self) -> None:
        """End every process."""
        for hand in self._hands:
            hand.close()
        self._hands = []

    # --- requests to work, and back ---

    def _choose(self, ask: Ask, cut: Cut) -> None:
        start = cut.start(ask.prompt.ids or ()) or ()
        asked = _Asked(ask, cut, {next(self._numbers): step for step in steps(cut)})
        for number, step in asked.missing.items():
            self._asked[number] = asked
            self._queue.append(Work(number, start + step.behind, step.wanted))

    def _write(self, ask: Ask) -> None:
        number, ids = next(self._numbers), ask.prompt.ids or ()
        self._asked[number] = _Asked(ask, None, {})
        drawn = _drawn(ask.request.decoding, self._tongue.context - len(ids), self._tongue.ends)
        self._queue.append(Work(number, ids, drawn=drawn))

    def _take_in(self, message: Done | Refused) -> None:
        asked = self._asked.pop(message.number, None)
        if asked is None:
            return  # another piece of the same request has failed
        self.sent += 1
        failure = _failure(message)
        if failure or isinstance(message, Refused):
            for number in asked.missing:
                self._asked.pop(number, None)
            self._ready.append((asked.ask.key, failure or Failure(failure="engine_error", reason="refused")))
            return
        prompt = len(asked.ask.prompt.ids or ())
        if asked.cut is None:
            self.computed += prompt - message.cached
            self._ready.append((asked.ask.key, self._tongue.response(asked.ask, message.tokens)))
            return
        step = asked.missing.pop(message.number)
        self.computed += prompt - asked.cut.back + len(step.behind) - message.cached
        values = [value for value in message.logprobs if value is not None]
        asked.told[step] = Told(values, message.tokens[0])
        if not asked.missing:
            logprobs, greedy = summed(asked.cut, asked.told)
            self._ready.append((asked.ask.key, Response(logprobs=logprobs, greedy=greedy, prompt_tokens=prompt)))

    def _share_out(self) -> None:
        """Give every process as much as the others, so that none is idle while another has a queue of its own."""
        waiting = len(self._queue) + sum(hand.owes for hand in self._hands)
        for hand in self._hands:
            hand.give(self._queue, math.ceil(waiting / len(self._hands)))

    def _listen(self, seconds: float) -> None:
        heard = [hand.process for hand in self._hands if hand.process]
        if heard:
            select.select(heard, [each for each in heard if each.waits], [], seconds)
            for each in heard:
                each.flush()


def _failure(message: Done | Refused) -> Failure | None:
    """What a process could not do, or did with numbers that are none."""
    if isinstance(message, Refused):
        long = "longer than the maximum" in message.reason or "maximum context length" in message.reason
        return Failure(failure="too_long" if long else "engine_error", reason=message.reason)
    if not message.sound or None in message.logprobs:
        return Failure(failure="nonfinite", reason="logits that are no numbers")
    return None


def _drawn(decoding: Decoding, room: int, ends: Sequence[int]) -> dict[str, Any]:
    """Say in vLLM's words how a text is drawn: every field, so that nobody else's default fills one in."""
    return {
        "max_tokens": min(decoding.max_tokens, room), "temperature": decoding.temperature,
        "top_p": decoding.top_p, "top_k": decoding.top_k, "min_p": decoding.min_p,
        "presence_penalty": decoding.presence_penalty, "frequency_penalty": decoding.frequency_penalty,
        "repetition_penalty": decoding.repetition_penalty,
        # A seed costs a generator of its own, and without chance there is nothing to be seeded.
        "seed": decoding.seed if decoding.temperature else None,
        "stop": list(decoding.stop), "stop_token_ids": list(ends),
    }  # fmt: skip
