"""Choosing by log-probability: one request, and the likeliest label is the answer."""

import pytest

from medeval.arrange import lettered, words
from medeval.prompts import abstract_question, question_options
from medeval.records import Answer, Choice, ChoiceSample, Decoding, Failure, FailureKind, Reply, Request, Response
from medeval.talks.base import Talk
from medeval.talks.choose import letters

SAMPLE = ChoiceSample(
    id="0", question="Which vessel?", options=lettered(("aorta", "vein", "duct", "node")), target=("B",)
)


def answer(talk: Talk, reply: Reply) -> Answer:
    """Go the whole way with one reply."""
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((reply,))
    found = end.value.value
    assert isinstance(found, Answer)
    return found


def test_one_request_asks_for_every_letter_after_the_prompt() -> None:
    assert next(letters(SAMPLE, question_options)) == (
        Request(
            text="Question: Which vessel?\nA. aorta\nB. vein\nC. duct\nD. node\nAnswer:",
            choices=(
                Choice(label="A", text=" A"), Choice(label="B", text=" B"),
                Choice(label="C", text=" C"), Choice(label="D", text=" D"),
            ),
            decoding=Decoding(max_tokens=1),
        ),
    )  # fmt: skip


def test_words_are_asked_for_as_words() -> None:
    spoken = ChoiceSample(id="0", question="Safe?", options=words("yes", "no", "maybe"), target=("no",))
    (request,) = next(letters(spoken, abstract_question))
    assert request.text == "Question: Safe?\nAnswer:"
    assert [choice.text for choice in request.choices] == [" yes", " no", " maybe"]
    assert answer(letters(spoken, abstract_question), Response(logprobs=(-2.0, -3.0, -1.0))).picked == ("maybe",)


@pytest.mark.parametrize(
    ("logprobs", "label"),
    [
        ((-4.0, -0.1, -3.0, -9.0), "B"),
        ((-4.0, -3.0, -3.5, -0.001), "D"),
        ((-1.5, -1.5, -1.5, -1.5), "A"),
        ((-9.0, -1.5, -2.0, -1.5), "B"),
        ((-1e30, -1e300, -2e300, -3e300), "A"),
        ((-0.5, -0.5 + 1e-12, -1.0, -1.0), "B"),
    ],
)
def test_the_likeliest_is_picked_and_of_equals_the_first(logprobs: tuple[float, ...], label: str) -> None:
    expected = Answer(picked=(label,), rule="likeliest", status="scored")
    assert answer(letters(SAMPLE, question_options), Response(logprobs=logprobs)) == expected


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error", "judge_error"])
def test_a_failure_becomes_the_status_of_the_answer(kind: FailureKind) -> None:
    reply = Failure(failure=kind, reason="why")
    assert answer(letters(SAMPLE, question_options), reply) == Answer(picked=(), rule="", status=kind)
