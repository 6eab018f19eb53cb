"""A request as a server wants it: every field of the decoding said, so that it fills in none of its own."""

import re
from typing import Any

from medeval.engines.http.places import line
from medeval.errors import RequestError
from medeval.records import Request

TOP = 20
"""Likeliest tokens that are asked for, where the server gives as many."""
NEUTRAL: dict[str, object] = {
    "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0,
    "top_p": 1.0, "seed": 0, "stop": None,
}  # fmt: skip
"""Fields that some servers do not know, and at which value they say nothing."""
_UNKNOWN = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|not support|unexpected|extra|not permitted|not allowed|invalid|only the",
    re.IGNORECASE,
)
# In the words of vLLM, OpenAI, SGLang and TGI.
_CONTEXT = re.compile(
    r"(?:context length(?: of| is)?|max_model_len|context window)\D{0,4}(\d+)"
    r"|`inputs` tokens \+ `max_new_tokens` must be <= (\d+)",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(\d+) (?:input tokens|in (?:the|your) (?:messages|prompt)|prompt tokens|tokens from the input|`inputs`)"
    r"|(?:Input length|The input) \((\d+)|resulted in (\d+) tokens"
)
_WRITES = re.compile(r"at most (\d+) completion tokens")
# llama.cpp, Anthropic, Mistral, Gemini and TGI; the last is vLLM's word for a prompt that fills the context to its last
# place, for nobody asks for no token.
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|exceeds the available context|prompt is too long|too many tokens"
    r"|too large for model|input token count.*exceeds|`inputs` must have less|must be at least 1, got 0",
    re.IGNORECASE,
)
_MOST = re.compile(r"(?:max(?:imum)?|at most|less than or equal to|<=|up to)\D{0,40}(\d+)", re.IGNORECASE)


class Dialect:
    """What a server turned out to want otherwise; learnt once, for all requests."""

    def __init__(self) -> None:
        self.left_out: set[str] = set()
        self.length = "max_tokens"
        self.top = TOP
        self.every = -1
        """How "all tokens" is said of top_k: SGLang and older vLLM refuse 0, others refuse -1."""

    def learn(self, body: dict[str, Any], said: str) -> bool:
        """Learn from a refusal; True if the same request can be put better now."""
        # Others may have left before it was learnt: what counts is how this one was put.
        if "max_completion_tokens" in said and "max_tokens" in body:
            self.length = "max_completion_tokens"
            return True
        asked = body.get("top_logprobs") or (body.get("logprobs") if "prompt" in body else None)
        most = _MOST.search(said)
        if asked and "logprobs" in said and most and 0 < int(most[1]) < asked:
            self.top = int(most[1])
            return True
        if body.get("top_k") == -1 and re.search(r"\btop_k\b", said):
            self.every = 0
            return True
        for name, neutral in NEUTRAL.items():
            if name in body and re.search(rf"\b{name}\b", said) and _UNKNOWN.search(said):
                if body[name] != neutral:
                    raise RequestError(f"The server takes no {name}, and {body[name]} is asked for ({line(said)}).")
                self.left_out.add(name)
                return True
        return False


def asked(request: Request, name: str, dialect: Dialect, room: int = 0) -> tuple[str, dict[str, Any]]:
    """Give the path of a request and its body; `room`: what there is left to be written, where that is known."""
    drawn = request.decoding
    tokens = min(drawn.max_tokens, room) if room else drawn.max_tokens
    body: dict[str, Any] = {
        "model": name, dialect.length: tokens, "temperature": drawn.temperature, "top_p": drawn.top_p,
        "top_k": drawn.top_k or dialect.every, "min_p": drawn.min_p, "presence_penalty": drawn.presence_penalty,
        "frequency_penalty": drawn.frequency_penalty, "repetition_penalty": drawn.repetition_penalty,
        "seed": drawn.seed, "stop": list(drawn.stop) or None, "n": 1, "stream": False,
    }  # fmt: skip
    for each in dialect.left_out:
        # Only what says nothing: another task's value may say something, and is refused then.
        if body[each] == NEUTRAL[each]:
            del body[each]
    if not request.messages:
        if request.choices:
            body["logprobs"] = dialect.top
        return "/completions", {**body, "prompt": request.text + request.prefill}
    messages = [{"role": each.role, "content": each.content} for each in request.messages]
    if request.choices:
        body |= {"logprobs": True, "top_logprobs": dialect.top}
    if request.prefill:
        # Words of vLLM's and SGLang's, which others refuse; leaving them out would begin a new turn.
        messages.append({"role": "assistant", "content": request.prefill})
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if request.thinking:
        if request.thinking == "on":
            # In some vocabularies the marks of a trace are special tokens, which vLLM cuts out of a text.
            body["skip_special_tokens"] = False
        on = request.thinking == "on"
        body["chat_template_kwargs"] = {"enable_thinking": on, "thinking": on}
    return "/chat/completions", {**body, "messages": messages}


def room_left(said: str, wanted: int) -> int | None:
    """Read from a refusal how much could be written; 0: the prompt alone is too long; None: it is no such refusal."""
    if writes := _WRITES.search(said):
        return int(writes[1])
    context, prompt = _number(_CONTEXT, said), _number(_PROMPT, said)
    if not context:
        return 0 if _TOO_LONG.search(said) else None
    if prompt:
        return max(0, context - prompt)
    # Nothing is said of the prompt: more was wanted than the model could write behind none.
    return context - 1 if wanted >= context else 0


def _number(words: re.Pattern[str], said: str) -> int:
    found = words.search(said)
    return int(next(filter(None, found.groups()))) if found else 0
