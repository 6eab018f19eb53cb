"""One pass over a batch of rows: the log-probabilities wanted of their last positions, and no other logits."""

import copy
import inspect
from collections.abc import Sequence
from typing import Any

from medeval.engines.hf.batches import Row

SLIGHTLY = 32
"""Tokens that are rather read with every row than by a pass of their own."""


class Forward:
    """A model that reads rows; a shared beginning is read once, and its cache reused."""

    def __init__(self, model: Any, pad: int) -> None:
        import torch

        self._torch = torch
        self._model = model
        self._pad = pad
        # Nearly every architecture can leave the logits of all other positions out; the rest is cut after the fact.
        takes = inspect.signature(model.forward).parameters
        self._keeps = "logits_to_keep" in takes
        self._shared: tuple[int, ...] = ()
        self._cache: Any = None
        # Without positions of their own, rows behind padding would stand in the wrong places.
        self._shareable = "position_ids" in takes

    def logprobs(self, rows: Sequence[Row], shared: tuple[int, ...]) -> list[list[float]]:
        """Sum the log-probabilities for every row: one value a wanted token of one position, or one of them all."""
        torch = self._torch
        with torch.inference_mode():
            cache = self._cache_for(shared, len(rows))
            begun = len(self._shared) if cache is not None else 0
            rest = [row.ids[begun:] for row in rows]
            longest = max(map(len, rest))
            keep = max(len(row.wanted) for row in rows)
            # Padded to the left, so that the last position of every row is the last of the batch.
            ids = torch.tensor([[self._pad] * (longest - len(each)) + list(each) for each in rest])
            mask = torch.tensor([[1] * begun + [0] * (longest - len(each)) + [1] * len(each) for each in rest])
            ids, mask = ids.to(self._model.device), mask.to(self._model.device)
            more = {"logits_to_keep": keep} if self._keeps else {}
            if len({*map(len, rest)}) > 1 or begun:
                more["attention_mask"] = mask
                more["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)[:, begun:]
            logits = self._model(input_ids=ids, past_key_values=cache, use_cache=cache is not None, **more).logits
            logprobs = logits[:, -keep:].float().log_softmax(-1)
            return [self._wanted(logprobs[number], row) for number, row in enumerate(rows)]

    def _wanted(self, logprobs: Any, row: Row) -> list[float]:
        ends = logprobs[-len(row.wanted) :]
        if len(row.wanted) == 1:
            values: list[float] = ends[0, list(row.wanted[0])].tolist()
            return values
        tokens = self._torch.tensor([position[0] for position in row.wanted], device=ends.device)
        return [float(ends.gather(1, tokens[:, None]).double().sum())]

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
            ids = self._torch.tensor([shared]).to(self._model.device)
            more = {"logits_to_keep": 1} if self._keeps else {}
            self._model(input_ids=ids, past_key_values=cache, use_cache=True, **more)
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
