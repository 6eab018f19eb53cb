"""The contract of engines: what a sound reply is, and that nothing is lost or doubled."""

import math

import pytest
from msgspec.structs import replace

from medeval.engines.base import PER_TURN, Abilities, Ask, Immediate, Rendered, sound
from medeval.records import Decoding, Failure, Identity, Message, Reply, Request, Response, to_json
from medeval.reports import from_json


class Echo(Immediate):
    """Answers with the name of the sample."""

    identity = Identity(engine="echo", version="1", model="echo")
    abilities = Abilities(choices=False)

    def answer(self, ask: Ask) -> Reply:
        return Response(text=ask.sample)


class Turns(Echo):
    """Answers with the variant of the sample."""

    def answer(self, ask: Ask) -> Reply:
        return Response(text=f"{ask.variant}")


def ask(number: int) -> Ask:
    request = Request(text="Which?", decoding=Decoding())
    return Ask(
        f"key {number}", "words", "exam", f"{number}", 0, f"place {number}", 0, request, Rendered("Which?", None)
    )


# --- sound ---


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_log_probability_that_is_no_number_is_a_failure(number: float, position: int) -> None:
    logprobs = [-0.5, -1.5, -2.5]
    logprobs[position] = number
    assert sound(Response(logprobs=tuple(logprobs)), 3) == Failure(
        failure="nonfinite", reason=f"log-probabilities {tuple(logprobs)}"
    )


def test_infinities_that_would_cancel_out_are_a_failure() -> None:
    assert isinstance(sound(Response(logprobs=(math.inf, -math.inf)), 2), Failure)


@pytest.mark.parametrize("logprobs", [(-1e-320, -745.2), (0.0, -1e30), (-0.0,), (3.5, -2.0)])
def test_an_extreme_log_probability_is_never_clamped(logprobs: tuple[float, ...]) -> None:
    reply = Response(logprobs=logprobs)
    assert sound(reply, len(logprobs)) is reply


@pytest.mark.parametrize(
    "reply",
    [
        Response(text="Answer: C"), Response(text="答案是C 😀"), Response(), Response(logprobs=(-1.0, -2.0)),
        Failure(failure="too_long", reason="9,000 tokens"),
    ],
)  # fmt: skip
def test_a_good_reply_is_left_alone(reply: Reply) -> None:
    assert sound(reply, len(getattr(reply, "logprobs", ()))) is reply


@pytest.mark.parametrize(("given", "wanted"), [(0, 4), (3, 4), (5, 4), (4, 0)])
def test_another_number_of_log_probabilities_than_choices_is_an_engine_error(given: int, wanted: int) -> None:
    reply = sound(Response(logprobs=(-1.0,) * given), wanted)
    assert reply == Failure(failure="engine_error", reason=f"{given} log-probabilities for {wanted} choices")


def test_half_surrogates_are_spelt_out_so_that_the_journal_gives_back_the_same() -> None:
    reply = sound(Response(text="答 \ud83d C", completion_tokens=3), 0)
    assert reply == Response(text="答 \\ud83d C", completion_tokens=3)
    assert from_json(to_json(reply), Response, "here") == reply


@pytest.mark.parametrize("text", ["C", "答案是C"])
def test_half_surrogates_in_the_reasoning_are_spelt_out_too(text: str) -> None:
    reply = sound(Response(text=text, reasoning="so \ud83d"), 0)
    assert from_json(to_json(reply), Response, "here") == reply


# --- immediate engines ---


def test_everything_is_handed_over_exactly_once() -> None:
    engine, count = Echo(), 2 * PER_TURN + 7
    engine.submit([ask(number) for number in range(100)])
    engine.submit([ask(number) for number in range(100, count)])
    replies: list[tuple[str, Reply]] = []
    while arrived := engine.replies(0):
        assert len(arrived) <= PER_TURN
        replies += arrived
    assert replies == [(f"key {number}", Response(text=f"{number}")) for number in range(count)]
    assert engine.replies(0) == []


def test_what_is_submitted_between_two_turns_is_answered_too() -> None:
    engine = Echo()
    engine.submit([ask(1)])
    assert [key for key, _ in engine.replies(0)] == ["key 1"]
    engine.submit([ask(2)])
    assert [key for key, _ in engine.replies(0)] == ["key 2"]


def test_a_text_is_rendered_as_it_is_and_messages_one_after_another() -> None:
    plain = Request(text="Question: Why?\nAnswer:", prefill=" The", decoding=Decoding())
    assert Echo().render(plain) == Rendered("Question: Why?\nAnswer: The", None)
    talk = (Message(role="system", content="Be brief."), Message(role="user", content="Why?"))
    assert Echo().render(Request(messages=talk, decoding=Decoding())) == Rendered("Be brief.\n\nWhy?", None)
    begun = Request(messages=talk, prefill="Since", decoding=Decoding())
    assert Echo().render(begun) == Rendered("Be brief.\n\nWhy?Since", None)


@pytest.mark.parametrize(("ids", "tokens"), [((5, 7, 5), 3), ((), 0), (None, None)])
def test_what_is_rendered_is_as_long_as_its_tokens_if_the_engine_knows_them(
    ids: tuple[int, ...] | None, tokens: int | None
) -> None:
    assert Rendered("Which?", ids).tokens == tokens


def test_an_engine_that_says_nothing_of_itself_can_do_nothing_more_than_choose() -> None:
    assert Abilities(choices=True) == Abilities(
        choices=True, chat=False, seeds=False, kind=None, told_by="", thinking=False, decoding=None
    )


def test_a_request_in_several_variants_keeps_each_apart() -> None:
    turns = [replace(ask(1), key=f"turn {variant}", variant=variant) for variant in range(3)]
    engine = Turns()
    engine.submit(turns)
    assert engine.replies(0) == [(f"turn {variant}", Response(text=f"{variant}")) for variant in range(3)]
