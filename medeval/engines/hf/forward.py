"""One pass over a batch of rows: the log-probabilities wanted of their last positions, and no other logits."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

from medeval.engines.hf.batches import Row

SLIGHTLY = 32
"""Tokens that are rather read with every row than by a pass of their own."""


class Scores(NamedTuple):
    """What is known of a row: one value a wanted token of one position, or one of them all."""

    logprobs: list[float]
    greedy: list[bool]
    """Whether the model would have written that by itself, token by token."""


class Forward:
    """A model that reads rows; a shared beginning is read once, and its cache reused."""

    def __init__(self, model: Any, pad: int) -> None:
        import torch

        self._torch = torch
        self._model = model
        self._pad = pad
        self._shared: tuple[int, ...] = ()
        self._cache: Any = None
        self._shareable = True
        self._places: Any = None
        self._picked = False
        head = model.get_output_embeddings()
        if head is not None:
            head.register_forward_pre_hook(self._pick)

    def scores(self, rows: Sequence[Row], shared: tuple[int, ...]) -> list[Scores]:
        """Sum the log-probabilities of what is wanted of every row, and see whether it is what the model would say."""
        torch = self._torch
        with torch.inference_mode():
            cache = self._cache_for(shared, len(rows))
            begun = len(self._shared) if cache is not None else 0
            rest = [row.ids[begun:] for row in rows]
            longest, keep = max(map(len, rest)), max(len(row.wanted) for row in rows)
            # Padded to the right: no position ever sees what comes after it, so padding needs no mask, and without
            # one attention is at its fastest.
            ids = torch.tensor([[*each, *[self._pad] * (longest - len(each))] for each in rest])
            places = torch.tensor([[max(0, len(each) - keep + place) for place in range(keep)] for each in rest])
            logits = self._logits(ids, places, cache)
            logprobs = logits.float().log_softmax(-1)
            best = logprobs.argmax(-1).tolist()
            return [self._wanted(logprobs[number], best[number], row) for number, row in enumerate(rows)]

    def _logits(self, ids: Any, places: Any, cache: Any) -> Any:
        """Compute the logits of some places of every row, and of no others if that can be helped."""
        device = self._model.device
        self._places, self._picked = places.to(device), False
        try:
            logits = self._model(input_ids=ids.to(device), past_key_values=cache, use_cache=cache is not None).logits
            return logits if self._picked else self._at_places(logits)
        finally:
            self._places = None

    def _pick(self, _head: Any, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Before the widest of all layers: keep the places that something is wanted of."""
        if self._places is None or given[0].dim() != 3:
            return None
        self._picked = True
        return (self._at_places(given[0]), *given[1:])

    def _at_places(self, values: Any) -> Any:
        return values.gather(1, self._places[..., None].expand(-1, -1, values.shape[-1]))

    def _wanted(self, logprobs: Any, best: Sequence[int], row: Row) -> Scores:
        ends = logprobs[-len(row.wanted) :]
        if len(row.wanted) == 1:
            wanted = list(row.wanted[0])
            return Scores(ends[0, wanted].tolist(), [token == best[-1] for token in wanted])
        said = [position[0] for position in row.wanted]
        tokens = self._torch.tensor(said, device=ends.device)
        total = float(ends.gather(1, tokens[:, None]).double().sum())
        return Scores([total], [said == list(best[-len(said) :])])

    def _cache_for(self, shared: tuple[int, ...], rows: int) -> Any:
        """Read the shared beginning, unless it is the one read before, and lay it out for every row."""
        if not shared or not self._shareable:
            return None
        # What shares a little more than what was read before is no reason to read again.
        known = len(self._shared)
        if not known or shared[:known] != self._shared or len(shared) - known > SLIGHTLY:
            from transformers import DynamicCache

            self._shared, self._cache = (), None  # let go of the old one first
            cache = DynamicCache(config=self._model.config)
            self._logits(self._torch.tensor([shared]), self._torch.tensor([[len(shared) - 1]]), cache)
            # Layers with a window or a state of their own cannot be gone on with behind padding.
            self._shareable = all(type(layer).__name__ == "DynamicLayer" for layer in cache.layers)
            self._shared, self._cache = shared, cache
            if not self._shareable:
                self._shared, self._cache = (), None
                return None
        # Views, not copies: what is appended to them is written to memory of its own, and once only.
        laid_out = copy.copy(self._cache)
        laid_out.layers = [copy.copy(layer) for layer in self._cache.layers]
        for layer in laid_out.layers:
            layer.keys = layer.keys.expand(rows, -1, -1, -1)
            layer.values = layer.values.expand(rows, -1, -1, -1)
        return laid_out
