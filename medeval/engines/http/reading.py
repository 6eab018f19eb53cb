"""A server's JSON as a reply; what is not of the protocol's shape is no reply."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from medeval.errors import RequestError
from medeval.readers import traces
from medeval.records import Choice, Request, Response

NOT_TOLD = -9999.0
"""What vLLM's server writes for a log-probability that is none."""
BROKEN = ("abort", "error")
"""Ends that are none: the server let go of the text."""


def response(request: Request, data: bytes) -> Response:
    """Read a reply; ValueError if it is none."""
    try:
        whole = json.loads(data)
        choice, usage = whole["choices"][0], whole.get("usage") or {}
        read, written = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
        if choice.get("finish_reason") in BROKEN:
            raise ValueError(f"it ends with {choice['finish_reason']!r}")
        reasoning, text = _said(choice) if request.messages else ("", _text(choice["text"]))
        if request.choices:
            return _chosen(request.choices, *(_chat_list if request.messages else _text_list)(choice), read, written)
        finish: Literal["stop", "length"] = "length" if choice.get("finish_reason") == "length" else "stop"
    except (TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not reasoning:
        # A template that begins the trace is not seen here: a text cut short, without any mark, is taken for a trace.
        opened = traces.opens(request.prefill) or (request.thinking == "on" and finish == "length")
        reasoning, text = traces.split(text, opened=opened)
    return Response(text=text, reasoning=reasoning, finish=finish, prompt_tokens=read, completion_tokens=written)


def refusal(data: bytes) -> str:
    """What a server says is wrong: its message and the names that it gives; else all that it sent."""
    try:
        error = json.loads(data)["error"]
        names = [f"'{error[name]}'" for name in ("code", "param") if error.get(name)]
        return " ".join([str(error["message"]), *names])
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return data.decode("utf-8", "replace")


def cost(data: bytes) -> float:
    """What a server says that a reply cost, if it says so."""
    said = (json.loads(data).get("usage") or {}).get("cost")
    return float(said) if isinstance(said, int | float) else 0.0


def _said(choice: Mapping[str, Any]) -> tuple[str, str]:
    message = choice["message"]
    # A refusal is an answer, in words of its own or in a field of its own.
    text = message.get("content") or message.get("refusal") or ""
    return _text(message.get("reasoning") or message.get("reasoning_content") or ""), _text(text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text that is {value!r:.40}")
    return value


def _chat_list(choice: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    """The likeliest first tokens of a turn, and the one that was drawn."""
    first = _told(choice)["content"][0]
    listed = {str(each["token"]): _value(each["logprob"]) for each in first["top_logprobs"]}
    return listed | {str(first["token"]): _value(first["logprob"])}, str(first["token"])


def _text_list(choice: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    """The same of a plain text."""
    told = _told(choice)
    drawn = str(told["tokens"][0])
    listed = {str(token): _value(value) for token, value in told["top_logprobs"][0].items()}
    # Of two tokens that look the same a list by token shows the last; the drawn one's own value is told beside it.
    return listed | {drawn: _value(told["token_logprobs"][0])}, drawn


def _told(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is told of log-probabilities; a server that tells nothing of them will not the next time."""
    told: Mapping[str, Any] | None = choice.get("logprobs")
    if not told:
        raise RequestError("The server tells no log-probabilities of tokens. Ask with --style written.")
    return told


def _value(told: object) -> float:
    """A log-probability; one that is no number stays none, and is never taken for a small one."""
    return float(told) if isinstance(told, int | float) else math.nan


def _chosen(choices: Sequence[Choice], top: Mapping[str, float], first: str, read: int, written: int) -> Response:
    """Find every choice in the list; one that is not in it is not likelier than the last of the list."""
    top = {token: value for token, value in top.items() if not value <= NOT_TOLD}  # what is no number stays
    if not top:
        raise ValueError("an empty list of tokens")
    found = [_token(choice.text, top) for choice in choices]
    lowest = min([value for value in top.values() if not math.isnan(value)], default=math.nan)
    return Response(
        logprobs=tuple([lowest if token is None else top[token] for token in found]),
        greedy=tuple([place for place, token in enumerate(found) if token is not None and token == first]),
        below=tuple([place for place, token in enumerate(found) if token is None]),
        prompt_tokens=read, completion_tokens=written,
    )  # fmt: skip


def _token(text: str, top: Mapping[str, float]) -> str | None:
    """The token of a choice: its very text, or without its blank where the server shows none."""
    if text in top:
        return text
    # Some servers cut the blank off that a token begins with; where one is to be seen, "A" is another token than " A".
    cut = text.removeprefix(" ")
    return cut if cut in top and not any(token.startswith(" ") for token in top) else None
