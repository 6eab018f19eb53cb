"""Multiple choice by log-probability: one request, and the likeliest option is the answer."""

import math
from functools import lru_cache

from medeval.prompts import Asking
from medeval.records import Answer, Choice, ChoiceSample, Decoding, Failure, Reply
from medeval.talks.base import Talk

ONE_TOKEN = Decoding(max_tokens=1)


def letters(sample: ChoiceSample, asking: Asking) -> Talk:
    """Ask for the log-probability of each option's label after the prompt."""
    question, labels = asking.question(sample), sample.labels
    choices = _continuations(labels, asking.glue(question))
    (reply,) = yield (asking.request(question, ONE_TOKEN, choices),)
    return likeliest(reply, labels)


def options(sample: ChoiceSample, asking: Asking) -> Talk:
    """Ask for the log-probability of each option's text, and weigh it by the text's length."""
    question = asking.question(sample)
    blank = asking.glue(question)
    choices = tuple([Choice(label=option.label, text=blank + option.text) for option in sample.options])
    (reply,) = yield (asking.request(question, ONE_TOKEN, choices),)
    # By characters, as lm-eval's acc_norm: else the shortest option would win too often.
    return likeliest(reply, sample.labels, [max(1, len(option.text)) for option in sample.options])


def likeliest(reply: Reply, labels: tuple[str, ...], lengths: list[int] | None = None) -> Answer:
    """Pick the likeliest label; of equals, the one that stands first."""
    if isinstance(reply, Failure):
        return Answer(status=reply.failure)
    if len(reply.below) == len(labels):
        return Answer(status="unread", rule="all below the list")
    # A choice below a server's list is less likely than every one in it.
    weights = [-math.inf if place in reply.below else value for place, value in enumerate(reply.logprobs)]
    if lengths:
        weights = [each / length for each, length in zip(weights, lengths, strict=True)]
    best = weights.index(max(weights))
    return Answer(picked=(labels[best],), rule="likeliest per character" if lengths else "likeliest")


@lru_cache(maxsize=256)
def _continuations(labels: tuple[str, ...], blank: str) -> tuple[Choice, ...]:
    # The blank belongs to the choice: "Answer:" is followed by " A", one token in most vocabularies.
    return tuple([Choice(label=label, text=blank + label) for label in labels])
