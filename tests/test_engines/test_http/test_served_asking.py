"""How a request is put to a server: every field said, and put otherwise only where that changes nothing."""

from typing import Any

import pytest

from medeval.engines.http.asking import NEUTRAL, Dialect, asked, room_left
from medeval.errors import RequestError
from medeval.records import Choice, Decoding, Request
from tests.test_engines.test_http.served import chatting, choosing, writing

DRAWN: dict[str, Any] = {
    "temperature": 0.7, "top_p": 0.9, "top_k": 20, "min_p": 0.1, "presence_penalty": 0.2, "frequency_penalty": 0.3,
    "repetition_penalty": 1.1, "seed": 5,
}  # fmt: skip


def body(request: Request, dialect: Dialect | None = None, room: int = 0) -> dict[str, Any]:
    return asked(request, "tiny", dialect or Dialect(), room)[1]


def test_every_field_of_the_decoding_is_sent() -> None:
    found = body(Request(text="Hi", decoding=Decoding(max_tokens=9, stop=("\n",), **DRAWN)))
    wanted = {"model": "tiny", "prompt": "Hi", "max_tokens": 9, "stop": ["\n"], "n": 1, "stream": False}
    assert found == {**wanted, **DRAWN}


def test_fields_that_say_nothing_are_sent_too() -> None:
    found = body(writing("Hi"))
    assert found["repetition_penalty"] == 1.0
    assert found["top_k"] == -1
    assert NEUTRAL.keys() <= found.keys()


def test_a_chat_goes_to_its_own_path_with_its_thinking_switched() -> None:
    path, found = asked(chatting("Hi", thinking="off"), "tiny", Dialect())
    assert (path, found["messages"]) == ("/chat/completions", [{"role": "user", "content": "Hi"}])
    assert found["chat_template_kwargs"] == {"enable_thinking": False, "thinking": False}


def test_the_marks_of_a_trace_that_is_to_come_are_not_cut_out() -> None:
    assert body(chatting("Hi", thinking="on"))["skip_special_tokens"] is False
    assert "skip_special_tokens" not in body(chatting("Hi", thinking="off"))


def test_a_prefill_is_gone_on_with_and_begins_no_new_turn() -> None:
    found = body(chatting("Hi", prefill="Answer:"))
    assert found["messages"][-1] == {"role": "assistant", "content": "Answer:"}
    assert (found["continue_final_message"], found["add_generation_prompt"]) == (True, False)
    assert body(Request(text="Q", prefill=" A", decoding=Decoding()))["prompt"] == "Q A"


def test_letters_ask_for_the_likeliest_tokens_in_the_words_of_each_path() -> None:
    assert body(choosing("Q"))["logprobs"] == 20
    found = body(chatting("Q", choices=(Choice(label="A", text="A"),)))
    assert (found["logprobs"], found["top_logprobs"]) == (True, 20)


def test_a_smaller_list_is_learnt() -> None:
    dialect, request = Dialect(), choosing("Q")
    said = "Requested sample logprobs of 20, which is greater than max allowed: 5 (parameter=logprobs, value=20)"
    assert dialect.learn(body(request), said)
    assert body(request, dialect)["logprobs"] == 5
    assert not dialect.learn(body(request, dialect), said)


def test_all_that_left_before_it_was_learnt_learn_the_other_name_of_the_length() -> None:
    dialect, request = Dialect(), writing("Q")
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    early = [body(request, dialect) for _ in range(4)]
    assert [dialect.learn(each, said) for each in early] == [True] * 4
    late = body(request, dialect)
    assert (late["max_completion_tokens"], "max_tokens" in late) == (16, False)
    assert not dialect.learn(late, said)


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_a_field_that_a_server_does_not_know_is_left_out_where_it_says_nothing(name: str) -> None:
    dialect, request = Dialect(), writing("Q")
    for _ in range(2):  # all tokens may be said in two ways
        if name in body(request, dialect):
            assert dialect.learn(body(request, dialect), f"Unrecognized request argument supplied: {name}")
    assert name not in body(request, dialect)


def test_a_field_that_says_something_is_never_left_out_in_silence() -> None:
    drawn, dialect = writing("Q", top_k=20), Dialect()
    with pytest.raises(RequestError, match="takes no top_k, and 20 is asked for"):
        dialect.learn(body(drawn), "Unrecognized request argument supplied: top_k")
    for _ in range(2):
        dialect.learn(body(writing("Q"), dialect), "Unrecognized request argument supplied: top_k")
    assert body(drawn, dialect)["top_k"] == 20


def test_all_tokens_are_said_in_the_way_that_a_server_takes() -> None:
    dialect, request = Dialect(), writing("Q")
    early = [body(request) for _ in range(3)]
    assert all(dialect.learn(each, "top_k must be 0 or more") for each in early)
    assert body(request, dialect)["top_k"] == 0


@pytest.mark.parametrize(
    ("said", "wanted", "room"),
    [
        ("This model's maximum context length is 2048 tokens. However, your prompt contains at least 2049 input tokens",
         1, 0),
        ("max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)", 1, 0),
        ("max_tokens=4000 cannot be greater than max_model_len=2048. Please request fewer output tokens.", 4000, 2047),
        ("This model's maximum context length is 4096 tokens. However, you requested 4100 tokens (4 in the messages).",
         4096, 4092),
        ("maximum context length is 8192 tokens, however you requested 8200 (100 in your prompt; 8100 for", 8100, 8092),
        ("maximum context length of 2048 tokens. You requested a total of 4196: 100 tokens from the input", 4096, 1948),
        ("`inputs` tokens + `max_new_tokens` must be <= 2048. Given: 48 `inputs` tokens and 4096", 4096, 2000),
        ("max_tokens is too large: 5000. This model supports at most 4096 completion tokens.", 5000, 4096),
        ("maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens.", 16, 0),
        ("The input (3000 tokens) is longer than the model's context length (2048 tokens).", 16, 0),
        ("Input length (2049) exceeds model's maximum context length (2048).", 16, 0),
        ("the request exceeds the available context size. try increasing the context size", 16, 0),
        ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", 16, 0),
        ("The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).", 16, 0),
        ("Your request has the code context_length_exceeded", 16, 0),
        ("temperature must be positive", 16, None),
    ],
)  # fmt: skip
def test_what_is_left_to_be_written_is_read_from_a_refusal(said: str, wanted: int, room: int | None) -> None:
    assert room_left(said, wanted) == room


def test_no_more_is_asked_for_than_there_is_room() -> None:
    assert [body(writing("Q", 100), room=room)["max_tokens"] for room in (0, 7, 700)] == [100, 7, 100]
