"""The root of every value that flows, and the words that a field may hold."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Row = Mapping[str, Any]
"""One row of a benchmark as its makers wrote it: the one place where `Any` is allowed."""

Language = Literal["en", "zh"]
Style = Literal["letters", "options", "written", "reasoned"]
Order = Literal["given", "shuffled", "circular"]
Protocol = Literal["house", "lm-eval", "cmb-official", "mirage"]
Kind = Literal["base", "chat", "reasoning"]
Thinking = Literal["", "on", "off"]
"""Empty: the model has no switch, or nobody turned it."""
Unit = Literal["fraction", "plain"]
"""A fraction is printed per cent; what has a scale of its own, such as a perplexity, as it is."""
Better = Literal["higher", "lower", ""]
"""Empty: a number tells something, and neither way is better."""
Status = Literal["scored", "unread", "truncated", "refused", "too_long", "nonfinite", "engine_error", "judge_error"]
FailureKind = Literal["too_long", "nonfinite", "engine_error", "judge_error"]

NOT_MEASURED: frozenset[Status] = frozenset({"nonfinite", "engine_error", "judge_error"})
"""Nobody knows what the model would have said: no score, and the cell is partial."""

ASKED_AGAIN: frozenset[Status] = frozenset({"engine_error", "judge_error"})
"""What a resumed run tries once more."""


# gc=False: no record is part of a cycle, and a run holds some hundred thousand of them.
class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value that flows. Its kinds say frozen and kw_only again, because type checkers do not inherit them."""
