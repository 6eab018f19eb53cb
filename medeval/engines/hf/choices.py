"""Choices to tokens: where the prompt's tokens end, and which tokens make each continuation."""

from typing import Any, NamedTuple

from medeval.engines.base import Ask
from medeval.engines.hf.batches import Row, common
from medeval.records import Choice

TAIL = 64
"""Characters at the end of a prompt that decide how a continuation is cut into tokens."""


class Cut(NamedTuple):
    """How continuations go on with a prompt: its last `back` tokens merge with them, and are scored with them."""

    back: int
    tails: tuple[tuple[int, ...], ...]


class Cutter:
    """Cuts continuations; a prompt that ends as another one did is cut like it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[tuple[str, tuple[Choice, ...]], Cut] = {}

    def rows(self, ask: Ask) -> list[Row]:
        """Make the rows of a request: one where every continuation is one token, else one a choice."""
        prompt, choices = ask.prompt.ids or (), ask.request.choices
        cut = self._cut(ask.prompt.text, choices)
        start = prompt[: len(prompt) - cut.back]
        if all(len(tail) == 1 for tail in cut.tails):
            return [Row(start, (tuple([tail[0] for tail in cut.tails]),), ask.key, 0)]
        return [
            Row(start + tail[:-1], tuple([(token,) for token in tail]), ask.key, place)
            for place, tail in enumerate(cut.tails)
        ]

    def _cut(self, text: str, choices: tuple[Choice, ...]) -> Cut:
        known = self._known.get((text[-TAIL:], choices))
        if known is not None:
            return known
        wholes = self._tokenizer([text + choice.text for choice in choices], add_special_tokens=False)["input_ids"]
        bare = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        kept = min([len(common(bare, whole)) for whole in wholes])
        # A continuation whose tokens are the beginning of another's still needs one token to be scored.
        kept = min([kept, *[len(whole) - 1 for whole in wholes]])
        cut = Cut(len(bare) - kept, tuple([tuple(whole[kept:]) for whole in wholes]))
        if len(self._known) > 4096:
            self._known.clear()
        self._known[text[-TAIL:], choices] = cut
        return cut
