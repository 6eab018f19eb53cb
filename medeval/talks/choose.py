"""Multiple choice by log-probability: one request, and the likeliest option is the answer."""

from functools import lru_cache

from medeval.prompts import Wording
from medeval.records import Answer, Choice, ChoiceSample, Decoding, Failure, Reply, Request
from medeval.talks.base import Talk

ONE_TOKEN = Decoding(max_tokens=1)


def letters(sample: ChoiceSample, wording: Wording) -> Talk:
    """Ask for the log-probability of each option's label after the prompt."""
    labels = sample.labels
    (reply,) = yield (Request(text=wording(sample), choices=_continuations(labels), decoding=ONE_TOKEN),)
    return likeliest(reply, labels)


def likeliest(reply: Reply, labels: tuple[str, ...]) -> Answer:
    """Pick the likeliest label; of equals, the one that stands first."""
    if isinstance(reply, Failure):
        return Answer(status=reply.failure)
    best = reply.logprobs.index(max(reply.logprobs))
    return Answer(picked=(labels[best],), rule="likeliest")


@lru_cache(maxsize=256)
def _continuations(labels: tuple[str, ...]) -> tuple[Choice, ...]:
    # The blank belongs to the choice: "Answer:" is followed by " A", one token in most vocabularies.
    return tuple([Choice(label=label, text=f" {label}") for label in labels])
