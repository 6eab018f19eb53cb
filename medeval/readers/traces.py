"""Reasoning traces: where they begin and end in a text, and what is left when they are taken off."""

import re

OPENED = ("<think>", "<thinking>", "<|begin_of_thought|>", "[THINK]", "<|channel|>analysis<|message|>")
CLOSED = (
    "<|end|><|start|>assistant<|channel|>final<|message|>", "</think>", "</thinking>", "<|end_of_thought|>", "[/THINK]",
    "<|channel|>final<|message|>",
)  # fmt: skip
_MARKS = re.compile("|".join(map(re.escape, (*CLOSED, *OPENED))))


def opens(prompt: str) -> bool:
    """Tell whether a prompt leaves the model inside a trace."""
    return begin(prompt) is None


def begin(text: str) -> int | None:
    """Where the answer begins: behind the last trace; None inside one that was never closed."""
    closed = max((text.rfind(mark) + len(mark) for mark in CLOSED if mark in text), default=0)
    return None if any(text.find(mark, closed) >= 0 for mark in OPENED) else closed


def split(text: str, *, opened: bool) -> tuple[str, str]:
    """Part what a model wrote into its reasoning and its answer; `opened`: its prompt had begun the trace."""
    start = begin(text)
    if start == 0 and opened:
        start = None
    if start is None:
        # Within a trace that never ends there is no answer; what stood before it is part of the thinking.
        return _MARKS.sub("", text).strip(), ""
    return _MARKS.sub("", text[:start]).strip(), text[start:].lstrip("\n") if start else text
