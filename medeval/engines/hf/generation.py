"""Texts drawn by transformers, every one by its own decoding and its own seed, whatever is drawn beside it."""

from collections.abc import Sequence
from typing import Any

from medeval.engines.base import Ask
from medeval.engines.pretrained import Tongue
from medeval.records import Decoding, Failure, Response


class Writer:
    """Writes the texts of a batch of requests."""

    def __init__(self, model: Any, tongue: Tongue, pad: int) -> None:
        import torch
        from transformers import GenerationConfig

        self._torch = torch
        self._model = model
        self._tongue = tongue
        self._pad = pad
        # The makers' own way of drawing would fill in whatever a request leaves at its plain value.
        model.generation_config = GenerationConfig()
        model.register_forward_pre_hook(self._within_context, with_kwargs=True)

    def write(self, asks: Sequence[Ask]) -> list[Response | Failure]:
        """Write until every text has come to its end."""
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        torch, prompts = self._torch, [ask.prompt.ids or () for ask in asks]
        longest = max(map(len, prompts))
        allowed = [
            min(ask.request.decoding.max_tokens, self._tongue.context - len(prompt))
            for ask, prompt in zip(asks, prompts, strict=True)
        ]
        padding = [longest - len(each) for each in prompts]
        ids = torch.tensor([[self._pad] * pad + list(each) for pad, each in zip(padding, prompts, strict=True)])
        mask = torch.tensor([[0] * pad + [1] * (longest - pad) for pad in padding])
        plain = GenerationConfig(
            max_new_tokens=max(allowed),
            do_sample=False,
            pad_token_id=self._pad,
            eos_token_id=list(self._tongue.ends) or None,
        )
        drawing = _Draw(torch, [ask.request.decoding for ask in asks], padding, longest)
        stops = _Stops(torch, self._tongue.tokenizer, [ask.request.decoding.stop for ask in asks], allowed, longest)
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids.to(self._model.device), attention_mask=mask.to(self._model.device),
                generation_config=plain, logits_processor=LogitsProcessorList([drawing]),
                stopping_criteria=StoppingCriteriaList([stops]),
            )[:, longest:].tolist()  # fmt: skip
        return [
            Failure(failure="nonfinite", reason="logits that are no numbers")
            if row in drawing.broken
            # What a row was given after its end, while others went on, is not its own.
            else self._tongue.response(ask, tokens[: stops.ended.get(row, len(tokens))])
            for row, (ask, tokens) in enumerate(zip(asks, written, strict=True))
        ]

    def _within_context(self, _model: Any, words: Any, named: Any) -> Any:
        """Keep rows that have ended, and only wait for others, from going beyond the last position there is."""
        if named.get("position_ids") is not None:
            named["position_ids"] = named["position_ids"].clamp(max=self._tongue.context - 1)
        return words, named


class _Draw:
    """Draws the next token of every row by its own decoding; the most likely one is then the one drawn."""

    def __init__(self, torch: Any, decodings: Sequence[Decoding], padding: Sequence[int], prompt: int) -> None:
        self._torch = torch
        self._decodings = decodings
        self._padding = padding
        self._prompt = prompt
        self._dice = [torch.Generator().manual_seed(decoding.seed) for decoding in decodings]
        self.broken: set[int] = set()
        """Rows whose logits were no numbers."""

    def __call__(self, ids: Any, scores: Any) -> Any:
        # The largest of a row is a number only if none of its logits is none, and one at least is finite.
        sound = scores.amax(-1).isfinite().tolist()
        for row, decoding in enumerate(self._decodings):
            if not sound[row]:
                self.broken.add(row)
                scores[row] = 0.0
                continue
            read = ids[row, self._padding[row] :]
            self._penalise(read, ids[row, self._prompt :], scores[row], decoding)
            if decoding.temperature > 0:
                chosen = self._choose(scores[row].float() / decoding.temperature, decoding, self._dice[row])
                scores[row] = -float("inf")
                scores[row, chosen] = 0.0
        return scores

    def _penalise(self, read: Any, written: Any, scores: Any, decoding: Decoding) -> None:
        if decoding.repetition_penalty != 1.0:
            seen = read.unique()
            value = scores[seen]
            penalty = decoding.repetition_penalty
            scores[seen] = self._torch.where(value < 0, value * penalty, value / penalty)
        if decoding.presence_penalty or decoding.frequency_penalty:
            seen, counts = written.unique(return_counts=True)
            scores[seen] -= decoding.presence_penalty + decoding.frequency_penalty * counts.to(scores.dtype)

    def _choose(self, scores: Any, decoding: Decoding, dice: Any) -> int:
        torch = self._torch
        chances, order = scores.softmax(-1).cpu().sort(descending=True, stable=True)
        kept = torch.ones_like(chances, dtype=torch.bool)
        if decoding.top_k > 0:
            kept[decoding.top_k :] = False
            chances = chances * kept / chances[: decoding.top_k].sum()
        if decoding.min_p > 0:
            kept &= chances >= decoding.min_p * chances[0]
        if decoding.top_p < 1:
            # What stands before a token is less than top_p: so the first is always kept.
            kept &= chances.cumsum(-1) - chances < decoding.top_p
        chances = chances * kept
        return int(order[torch.multinomial(chances, 1, generator=dice)])


class _Stops:
    """Tells which rows have come to their end: at their length, or at a stop string."""

    def __init__(
        self, torch: Any, tokenizer: Any, stops: Sequence[tuple[str, ...]], allowed: Sequence[int], prompt: int
    ) -> None:
        self._torch = torch
        self._tokenizer = tokenizer
        self._stops = stops
        self._allowed = allowed
        self._prompt = prompt
        self.ended: dict[int, int] = {}
        """How long every row was when it came to its end."""

    def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:
        written = ids.shape[1] - self._prompt
        for row, stops in enumerate(self._stops):
            if row not in self.ended and (written >= self._allowed[row] or self._stopped(ids[row], stops)):
                self.ended[row] = written
        done = [row in self.ended for row in range(len(self._stops))]
        return self._torch.tensor(done, device=ids.device)

    def _stopped(self, ids: Any, stops: tuple[str, ...]) -> bool:
        if not stops:
            return False
        # A token is one byte at least, so the last few hold the end of any stop string; four more for cut characters.
        last = max(len(stop.encode()) for stop in stops) + 4
        text = self._tokenizer.decode(ids[max(self._prompt, len(ids) - last) :].tolist(), skip_special_tokens=False)
        return any(stop in text for stop in stops)
