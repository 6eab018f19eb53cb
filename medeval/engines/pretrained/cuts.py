"""Choices to tokens: where the prompt's tokens end, and which tokens make each continuation."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from medeval.records import Choice

TAIL = 64
"""Characters at the end of a prompt that decide how a continuation is cut into tokens."""


class Cut(NamedTuple):
    """How continuations go on with a prompt: its last `back` tokens merge with them, and are scored with them."""

    back: int
    tails: tuple[tuple[int, ...], ...]

    def start(self, prompt: tuple[int, ...]) -> tuple[int, ...] | None:
        """The tokens of a prompt that stand before every continuation; None if it merges with one as a whole."""
        return prompt[: len(prompt) - self.back] if self.back < len(prompt) else None


class Cutter:
    """Cuts continuations; a prompt that ends as another one did is cut like it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[tuple[str, tuple[Choice, ...]], Cut] = {}

    def cut(self, text: str, choices: tuple[Choice, ...]) -> Cut:
        """Cut a prompt and each of its continuations as one text, and split them where the prompt's tokens end."""
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


def common(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """Give the beginning that two rows of tokens share."""
    length = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), None)
    return tuple(one[: min(len(one), len(other)) if length is None else length])
