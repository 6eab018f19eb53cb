"""Engines over the small random models, and what transformers alone says of the same: one text at a time, whole."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from medeval.engines.base import Ask
from medeval.engines.hf import HF
from medeval.engines.weights import opened
from medeval.records import Choice, Decoding, Failure, Kind, Message, Reply, Request, Response

ONE = Decoding(max_tokens=1)
LETTERS = tuple([Choice(label=label, text=f" {label}") for label in "ABCD"])


def engine(folder: Path, kind: Kind | None = None) -> HF:
    """Make an engine on the CPU."""
    return HF(opened(folder, kind=kind), dtype="float32", device="cpu")


def choosing(text: str, *continuations: str) -> Request:
    """Ask for the log-probabilities of letters, or of other continuations."""
    choices = tuple([Choice(label=f"{number}", text=each) for number, each in enumerate(continuations)])
    return Request(text=text, choices=choices or LETTERS, decoding=ONE)


def writing(text: str, tokens: int = 16, **decoding: Any) -> Request:
    """Ask for a text."""
    return Request(text=text, decoding=Decoding(max_tokens=tokens, **decoding))


def chatting(text: str, tokens: int = 16, thinking: Any = "", prefill: str = "", system: str = "") -> Request:
    """Ask for a reply in a chat."""
    said = [Message(role="system", content=system)] if system else []
    messages = (*said, Message(role="user", content=text))
    return Request(messages=messages, thinking=thinking, prefill=prefill, decoding=Decoding(max_tokens=tokens))


def submit(one: HF, requests: Sequence[Request], first: int = 0) -> None:
    """Submit requests under their numbers."""
    asks = []
    for number, request in enumerate(requests, first):
        asks.append(Ask(f"{number}", "", "exam", f"{number}", 0, f"{number}", 0, request, one.render(request)))
    one.submit(asks)


def arrived(one: HF) -> dict[int, Reply]:
    """Take replies until none comes; each comes once."""
    found: dict[int, Reply] = {}
    while batch := one.replies(0):
        for key, reply in batch:
            assert int(key) not in found
            found[int(key)] = reply
    return found


def replies(one: HF, requests: Sequence[Request]) -> list[Reply]:
    """Ask, and give the replies in the order of the requests."""
    submit(one, requests)
    found = arrived(one)
    assert sorted(found) == list(range(len(requests)))
    return [found[number] for number in range(len(requests))]


def answered(one: HF, requests: Sequence[Request]) -> list[Response]:
    """Ask for what must be answered, each and all."""
    found = replies(one, requests)
    assert [reply for reply in found if isinstance(reply, Failure)] == []
    return [reply for reply in found if isinstance(reply, Response)]


def model_of(one: HF) -> Any:
    """The model within an engine."""
    return one._model()[0]._model


class Plain:
    """Transformers alone: no batch, no padding, no cache kept."""

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.torch = torch
        self._known: dict[Request, list[float]] = {}
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def ids(self, text: str) -> list[int]:
        """Cut a text into tokens."""
        found: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    def sequence(self, ids: Sequence[int], start: int) -> float:
        """Sum the log-probabilities of the tokens from a place on, each behind all before it."""
        with self.torch.inference_mode():
            logprobs = self.model(self.torch.tensor([list(ids)])).logits[0].float().log_softmax(-1)
        return sum(float(logprobs[place - 1, ids[place]]) for place in range(start, len(ids)))

    def choices(self, request: Request) -> list[float]:
        """The log-probability of each continuation where none merges with the prompt."""
        if request not in self._known:
            before = self.ids(request.text)
            wholes = [self.ids(request.text + choice.text) for choice in request.choices]
            assert all(whole[: len(before)] == before for whole in wholes)
            self._known[request] = [self.sequence(whole, len(before)) for whole in wholes]
        return self._known[request]

    def greedy(self, prompt: str, tokens: int, **how: Any) -> str:
        """The text that `generate` writes."""
        ids = self.torch.tensor([self.ids(prompt)])
        with self.torch.inference_mode():
            found = self.model.generate(
                ids, attention_mask=self.torch.ones_like(ids), max_new_tokens=tokens, do_sample=False,
                pad_token_id=self.tokenizer.pad_token_id, **how,
            )  # fmt: skip
        text: str = self.tokenizer.decode(found[0, ids.shape[1] :], skip_special_tokens=True)
        return text


@contextmanager
def reading(one: HF, forward: Callable[..., Any]) -> Iterator[None]:
    """Put something between an engine and its model: it is handed the model's own forward, and what that is given."""
    model = model_of(one)
    own = model.forward

    @functools.wraps(own)
    def between(*words: Any, **named: Any) -> Any:
        return forward(own, *words, **named)

    model.forward = between
    try:
        yield
    finally:
        del model.forward


@contextmanager
def scripted(one: HF, *texts: str) -> Iterator[list[int]]:
    """Let a model write given texts, one a row, whatever it would say; the tokens read at every step are listed."""
    import torch

    tokenizer = one._tongue.tokenizer
    ends = [tokenizer.eos_token_id]
    scripts = [tokenizer(text, add_special_tokens=False)["input_ids"] + ends for text in texts]
    steps: list[int] = []

    def speak(own: Any, **named: Any) -> Any:
        found = own(**named)
        rows = found.logits.shape[0]
        logits = torch.full_like(found.logits, -30.0)
        for row in range(rows):
            script = scripts[row % len(scripts)]
            logits[row, -1, script[min(len(steps), len(script) - 1)]] = 30.0
        found.logits = logits
        steps.append(named["input_ids"].shape[1])
        return found

    with reading(one, speak):
        yield steps
