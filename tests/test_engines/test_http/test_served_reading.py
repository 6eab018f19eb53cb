"""A server's JSON as a reply; whatever is not of the protocol's shape is none."""

import json
import math
from typing import Any

import pytest

from medeval.engines.base import sound
from medeval.engines.http.reading import cost, refusal, response
from medeval.errors import RequestError
from medeval.records import Choice, Failure, Request, Response
from tests.test_engines.test_http.served import chatting, choosing, writing

LETTERS = tuple([Choice(label=each, text=each) for each in "ABCD"])


def plain(top: dict[str, float | None], drawn: str) -> bytes:
    told = {"tokens": [drawn], "token_logprobs": [top[drawn]], "top_logprobs": [top]}
    usage = {"prompt_tokens": 7, "completion_tokens": 1}
    return json.dumps({"choices": [{"text": drawn, "logprobs": told}], "usage": usage}).encode()


def chat(top: dict[str, float | None], drawn: str) -> bytes:
    listed = [{"token": token, "logprob": value} for token, value in top.items()]
    first = {"token": drawn, "logprob": top[drawn], "top_logprobs": listed}
    choice = {"message": {"content": drawn}, "logprobs": {"content": [first]}}
    return json.dumps({"choices": [choice]}).encode()


def message(finish: str = "stop", **said: Any) -> bytes:
    return json.dumps({"choices": [{"message": said, "finish_reason": finish}]}).encode()


def test_letters_are_found_in_the_list_and_one_outside_it_is_below_and_not_zero() -> None:
    found = response(choosing("Q"), plain({" B": -0.5, " A": -1.5, " the": -3.0}, " B"))
    assert found.logprobs == (-1.5, -0.5, -3.0, -3.0)
    assert (found.below, found.greedy) == ((2, 3), (1,))
    assert (found.prompt_tokens, found.completion_tokens) == (7, 1)


def test_the_same_is_read_from_a_chat() -> None:
    found = response(chatting("Q", choices=LETTERS), chat({"C": -0.25, "A": -2.0, " x": -4.0}, "C"))
    assert (found.logprobs, found.below, found.greedy) == ((-2.0, -4.0, -0.25, -4.0), (1, 3), (2,))


def test_a_letter_without_its_blank_is_another_token_where_blanks_are_shown() -> None:
    found = response(choosing("Q"), plain({"A": -0.5, " B": -1.0, "C": -2.0, " the": -3.0}, "A"))
    assert (found.logprobs, found.below, found.greedy) == ((-3.0, -1.0, -3.0, -3.0), (0, 2, 3), ())
    found = response(chatting("Q", choices=LETTERS), chat({" A": -0.5, "B": -1.0}, " A"))
    assert found.below == (0, 2, 3)


def test_where_a_server_shows_no_blanks_a_letter_is_known_without() -> None:
    found = response(choosing("Q"), plain({"A": -0.5, "B": -1.0, "the": -3.0}, "A"))
    assert (found.logprobs, found.below) == ((-0.5, -1.0, -3.0, -3.0), (2, 3))


def test_what_vllm_writes_for_no_number_is_no_log_probability() -> None:
    found = response(choosing("Q"), plain({" A": -0.5, " B": -9999.0}, " A"))
    assert (found.logprobs, found.below) == ((-0.5, -0.5, -0.5, -0.5), (1, 2, 3))
    with pytest.raises(ValueError, match="empty list"):
        response(choosing("Q"), plain({" A": -9999.0}, " A"))


@pytest.mark.parametrize("value", [None, math.nan])
def test_a_log_probability_that_is_no_number_is_never_clamped(value: float | None) -> None:
    top = {" A": -0.5, " B": value, " C": -2.0}
    for found in (
        response(choosing("Q"), plain(top, " A")),
        response(chatting("Q", choices=(Choice(label="B", text=" B"),)), chat(top, " A")),
    ):
        failure = sound(found, len(found.logprobs))
        assert isinstance(failure, Failure)
        assert failure.failure == "nonfinite"
    # It is no bound of what stands below the list either.
    found = response(choosing("Q", LETTERS[:1]), plain(top, " A"))
    assert (found.logprobs, found.below) == ((-2.0,), (0,))


def test_of_two_tokens_that_look_the_same_the_drawn_one_counts() -> None:
    told = {"tokens": [" A"], "token_logprobs": [-0.5], "top_logprobs": [{" A": -6.0, " B": -1.0}]}
    data = json.dumps({"choices": [{"text": " A", "logprobs": told}]}).encode()
    assert response(choosing("Q"), data).logprobs == (-0.5, -1.0, -1.0, -1.0)


@pytest.mark.parametrize("said", [{"logprobs": None}, {}, {"logprobs": {}}])
def test_a_server_that_tells_no_log_probabilities_will_not_the_next_time(said: dict[str, Any]) -> None:
    data = json.dumps({"choices": [{"text": "A", "message": {"content": "A"}, **said}]}).encode()
    for request in (choosing("Q"), chatting("Q", choices=LETTERS)):
        with pytest.raises(RequestError, match="--style written"):
            response(request, data)


def test_nothing_is_read_within_a_trace_that_was_cut_short() -> None:
    cut = message("length", content="Answer: A would be one way to")
    assert response(chatting("Q", thinking="on"), cut) == Response(
        reasoning="Answer: A would be one way to", finish="length"
    )
    for request in (chatting("Q", thinking="off"), chatting("Q")):
        assert response(request, cut).text == "Answer: A would be one way to"
    assert response(chatting("Q", thinking="on"), message(content="A")).text == "A"


def test_a_text_has_its_reasoning_parted_and_its_tokens_counted() -> None:
    request = chatting("Q")
    assert response(request, message(content="C", reasoning_content="hm")) == Response(text="C", reasoning="hm")
    assert response(request, message(content="<think>hm</think>C")) == Response(text="C", reasoning="hm")
    assert response(request, message("length", content="C")).finish == "length"
    assert response(request, message(content=None, refusal="No.")).text == "No."
    assert response(request, message(content=None)).text == ""


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<html>Bad Gateway</html>", b"null", b"[]", b"{}", b'{"choices":[]}', b'{"choices":[{}]}', b"\xff\xfe",
        b'{"choices":[{"text":null}]}', b'{"choices":[{"text":7}]}', b'{"error":{"message":"overloaded"}}',
        b'{"choices":[{"text":"x"}],"usage":7}', b'{"choices":[{"tex', b"[" * 100_000,
        b'{"choices":[{"text":"half","message":{"content":"half"},"finish_reason":"abort"}]}',
        b'{"choices":[{"text":"half","message":{"content":"half"},"finish_reason":"error"}]}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("request_", [writing("Q"), choosing("Q"), chatting("Q")], ids=["text", "letters", "chat"])
def test_what_is_of_another_shape_is_no_reply(data: bytes, request_: Request) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever its words
        response(request_, data)


def test_what_a_reply_cost_is_the_servers_own_word() -> None:
    assert cost(b'{"usage":{"cost":0.25}}') == 0.25
    assert [cost(data) for data in (b"{}", b'{"usage":null}', b'{"usage":{"cost":"much"}}')] == [0.0] * 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"error":{"message":"no","param":"top_k","code":"unknown"}}', "no 'unknown' 'top_k'"),
        (b'{"error":{"message":"no","param":null,"code":400}}', "no '400'"),
        (b'{"object":"error","message":"no"}', '{"object":"error","message":"no"}'),
        (b'{"error":"no"}', '{"error":"no"}'),
        (b"<html>busy</html>", "<html>busy</html>"),
        (b"[" * 100_000, "[" * 100_000),
        (b"", ""),
    ],
    ids=["openai", "vllm", "vllm of old", "a word", "a page", "nested without end", "nothing"],
)
def test_what_is_wrong_is_read_from_a_refusal(data: bytes, said: str) -> None:
    assert refusal(data) == said
