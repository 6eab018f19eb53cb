"""Requests that others have worded: asked as they are, all at once, and their replies left to whoever worded them."""

from typing import Any

import pytest

from medeval.records import Answer, AskedSample, Choice, Decoding, Failure, FailureKind, Reply, Request, Response
from medeval.talks.repeat import as_given

ONE = Decoding(max_tokens=1)
CHOICES = tuple([Choice(label=f"{place}", text=text) for place, text in enumerate((" yes", " no", "\nperhaps"))])
CHOSEN = Request(text="Is it?", choices=CHOICES, decoding=ONE)
TOLD = Request(text="It is", choices=CHOICES[:1], decoding=ONE)
WRITTEN = Request(text="Q: Why?\nA:", decoding=Decoding(max_tokens=9, stop=("\n",)))


def sample(*requests: Request) -> AskedSample:
    return AskedSample(id="0", requests=requests)


def answer(asked: AskedSample, *replies: Reply) -> Answer:
    talk = as_given(asked)
    assert next(talk) == asked.requests
    with pytest.raises(StopIteration) as end:
        talk.send(replies)
    found = end.value.value
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize("requests", [(CHOSEN,), (TOLD, CHOSEN, WRITTEN)])
def test_requests_are_asked_at_once_word_for_word(requests: tuple[Request, ...]) -> None:
    assert next(as_given(sample(*requests), seed=7)) == requests


def test_only_what_is_drawn_gets_a_seed() -> None:
    drawn = Request(text="?", decoding=Decoding(temperature=0.7))
    plain, seeded = next(as_given(sample(WRITTEN, drawn), seed=7))
    assert plain == WRITTEN
    assert (seeded.decoding.seed, seeded.decoding.temperature) == (7, 0.7)


@pytest.mark.parametrize(
    ("request_", "reply", "shown"),
    [
        (CHOSEN, {"logprobs": (-2.0, -1.0, -1.0)}, {"picked": ("no",), "rule": "likeliest"}),
        (CHOSEN, {"logprobs": (-2.0, -3.0, -1.0)}, {"picked": ("perhaps",), "rule": "likeliest"}),
        (TOLD, {"logprobs": (-2.0,), "greedy": (0,)}, {"picked": ("yes",), "rule": "greedy"}),
        (TOLD, {"logprobs": (-2.0,)}, {"rule": "greedy"}),
        (WRITTEN, {"text": "I cannot help with that."}, {"rule": "written"}),
    ],
)
def test_what_the_model_went_for_is_named_for_those_who_look(
    request_: Request, reply: dict[str, Any], shown: dict[str, Any]
) -> None:
    assert answer(sample(request_), Response(**reply)) == Answer(**shown)


def test_a_text_that_was_cut_off_is_scored_as_any_other() -> None:
    assert answer(sample(WRITTEN), Response(text="Because", finish="length")).status == "scored"


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error"])
def test_one_failure_is_the_status_of_the_whole(kind: FailureKind) -> None:
    failed = Failure(failure=kind, reason="why")
    assert answer(sample(CHOSEN, WRITTEN), Response(logprobs=(-1.0, -2.0, -3.0)), failed) == Answer(status=kind)
