"""A server's JSON as a reply; what is not of the protocol's shape is no reply."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from medeval.readers import traces
from medeval.records import Choice, Request, Response

NOT_TOLD = -9999.0
"""What vLLM's server writes for a log-probability that is none."""


def response(request: Request, data: bytes) -> Response:
    """Read a reply; ValueError if it is none."""
    try:
        whole = json.loads(data)
        choice, usage = whole["choices"][0], whole.get("usage") or {}
        read, written = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
        if request.choices:
            return _chosen(request.choices, *(_chat_list if request.messages else _text_list)(choice), read, written)
        reasoning, text = _said(choice) if request.messages else ("", _text(choice["text"]))
        finish: Literal["stop", "length"] = "length" if choice.get("finish_reason") == "length" else "stop"
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not reasoning:
        reasoning, text = traces.split(text, opened=traces.opens(request.prefill))
    return Response(text=text, reasoning=reasoning, finish=finish, prompt_tokens=read, completion_tokens=written)


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
    first = choice["logprobs"]["content"][0]
    listed = {str(each["token"]): float(each["logprob"]) for each in first["top_logprobs"]}
    return listed | {str(first["token"]): float(first["logprob"])}, str(first["token"])


def _text_list(choice: Mapping[str, Any]) -> tuple[dict[str, float], str]:
    """The same of a plain text."""
    told = choice["logprobs"]
    listed = {str(token): float(value) for token, value in told["top_logprobs"][0].items()}
    return listed, str(told["tokens"][0])


def _chosen(choices: Sequence[Choice], top: Mapping[str, float], first: str, read: int, written: int) -> Response:
    """Find every choice in the list; one that is not in it is not likelier than the last of the list."""
    top = {token: value for token, value in top.items() if value > NOT_TOLD}
    if not top:
        raise ValueError("an empty list of tokens")
    found = [_token(choice.text, top) for choice in choices]
    lowest = min(top.values())
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
