"""The engine: requests are cut into tokens as they are rendered, queued, and computed a batch at a time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from medeval.engines.base import Abilities, Ask, Rendered
from medeval.engines.hf import loading
from medeval.engines.hf.batches import Budget, Group, Row, grouped, rows_of
from medeval.engines.hf.forward import Forward, Scores
from medeval.engines.hf.generation import Writer
from medeval.engines.pretrained import Tongue, known
from medeval.engines.weights import Weights
from medeval.records import Failure, Identity, Reply, Request, Response

# On a CPU more would only leave its caches; on a GPU less would leave it idle.
TOKENS_AT_ONCE = {"cpu": 1536, "cuda": 65_536}
NUMBERS_AT_ONCE = {"cpu": 1 << 24, "cuda": 1 << 30}
"""Logits of one batch, four bytes each."""
WRITTEN_AT_ONCE = {"cpu": 16, "cuda": 256}
"""Texts of one batch."""

T = TypeVar("T")


class HF:
    """A model of the transformers library; its weights are loaded when something is asked of it."""

    notes: Sequence[str] = ()

    def __init__(self, weights: Weights, *, dtype: str = "", device: str = "", max_length: int = 0) -> None:
        libraries = known.libraries(weights.folder)
        self._weights = weights
        self._tongue = Tongue(weights, max_length)
        self._device = known.device(device)
        self._dtype = known.dtype(dtype, self._device)
        self._vocabulary = int(self._tongue.config.get_text_config().vocab_size)
        self.identity = Identity(
            engine="hf", version=libraries, model=weights.folder.resolve().name, content=weights.content,
            dtype=self._dtype, quantisation=known.quantisation(self._tongue.config),
            max_length=self._tongue.context,
        )  # fmt: skip
        nature = weights.nature
        self.abilities = Abilities(
            choices=True, greedy=True, chat=bool(nature.template), seeds=True, kind=nature.kind, told_by=nature.why,
            thinking=bool(nature.switch), decoding=nature.decoding,
        )  # fmt: skip
        where = self._device.partition(":")[0]
        self._budget = Budget(TOKENS_AT_ONCE[where], NUMBERS_AT_ONCE[where])
        self._at_once = WRITTEN_AT_ONCE[where]
        self._loaded: tuple[Forward, Writer] | None = None
        self._incoming: list[Ask] = []
        self._groups: list[Group] = []
        self._texts: list[Ask] = []
        self._asks: dict[str, tuple[Ask, list[tuple[float, bool] | None]]] = {}
        self._ready: list[tuple[str, Reply]] = []

    # --- what the runner calls ---

    def render(self, request: Request) -> Rendered:
        """Apply the chat template, if it is a chat, and cut the text into tokens."""
        return self._tongue.render(request)

    def submit(self, asks: Sequence[Ask]) -> None:
        """Take requests; what is too long for the model is said at once."""
        for ask in asks:
            if failure := self._tongue.too_long(ask):
                self._ready.append((ask.key, failure))
            else:
                self._incoming.append(ask)

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Compute one batch."""
        if self._incoming:
            self._sort()
        if not self._ready:
            if self._groups:
                self._read_some()
            elif self._texts:
                self._write_some()
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Let the weights go."""
        self._loaded = None
        self._groups, self._texts = [], []

    # --- batches ---

    def _sort(self) -> None:
        """Sort what came in among what waits: choices by shared beginnings, texts by length, long ones first."""
        rows = [row for group in self._groups for row in group.rows]
        for ask in self._incoming:
            if not ask.request.choices:
                self._texts.append(ask)
                continue
            cut = self._tongue.cut(ask)
            if isinstance(cut, Failure):
                self._ready.append((ask.key, cut))
                continue
            self._asks[ask.key] = ask, [None] * len(ask.request.choices)
            rows += rows_of(ask, cut)
        self._incoming = []
        self._groups = grouped(rows)
        self._texts.sort(key=lambda ask: (len(ask.prompt.ids or ()), ask.key))

    def _read_some(self) -> None:
        group = self._groups[0]
        rest = len(group.rows[0].ids) - len(group.shared)
        count = self._budget.rows(rest, max(len(row.wanted) for row in group.rows[:64]) * self._vocabulary)
        batch = group.rows[:count]
        del group.rows[:count]
        if not group.rows:
            self._groups.pop(0)
        forward, _ = self._model()
        for row, scores in self._carefully(batch, lambda rows: forward.scores(rows, group.shared)):
            self._take_in(row, scores)

    def _take_in(self, row: Row, scores: Scores | Failure) -> None:
        """Put the scores of a row into its request, and answer the request when it has them all."""
        if row.key not in self._asks:
            return  # another of its rows has failed
        ask, found = self._asks[row.key]
        if isinstance(scores, Failure):
            del self._asks[row.key]
            self._ready.append((row.key, scores))
            return
        found[row.place : row.place + len(scores.logprobs)] = zip(scores.logprobs, scores.greedy, strict=True)
        if None not in found:
            del self._asks[row.key]
            known = [each for each in found if each is not None]
            response = Response(
                logprobs=tuple([value for value, _ in known]),
                greedy=tuple([place for place, (_, greedy) in enumerate(known) if greedy]),
                prompt_tokens=len(ask.prompt.ids or ()),
            )
            self._ready.append((row.key, response))

    def _write_some(self) -> None:
        batch = [self._texts.pop() for _ in range(min(self._at_once, len(self._texts)))]
        _, writer = self._model()
        for ask, response in self._carefully(batch, writer.write):
            self._ready.append((ask.key, response))

    def _carefully(self, batch: list[T], compute: Callable[[list[T]], list[Any]]) -> list[tuple[T, Any]]:
        """Compute a batch; where it fails compute its halves, so that one poisoned request costs no other its reply."""
        try:
            return list(zip(batch, compute(batch), strict=True))
        except Exception as error:  # noqa: BLE001  whatever a model raises is an engine's error, never a run's end
            if loading.out_of_memory(error):
                self._budget.halve()
                self._at_once = max(1, min(self._at_once, len(batch)) // 2)
            if len(batch) == 1:
                reason = f"{type(error).__name__}: {error}"[:500]
                return [(batch[0], Failure(failure="engine_error", reason=reason))]
        middle = len(batch) // 2
        return self._carefully(batch[:middle], compute) + self._carefully(batch[middle:], compute)

    def _model(self) -> tuple[Forward, Writer]:
        """Load the weights when they are first needed: not for a run that was finished before."""
        if self._loaded is None:
            model = loading.model(self._weights, self._tongue.config, self._dtype, self._device)
            pad = self._tongue.tokenizer.pad_token_id
            pad = (*self._tongue.ends, 0)[0] if pad is None else pad
            self._loaded = Forward(model, pad), Writer(model, self._tongue, pad)
        return self._loaded
