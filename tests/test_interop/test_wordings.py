"""What lm-eval wants, in requests of ours, and the replies in its shape again."""

from typing import Any

import pytest

from medeval.interop.wordings import amiss, decoding, requests_of, results_of
from medeval.records import Choice, Decoding, Exchange, Request, Response

CHOSEN, WRITTEN = "loglikelihood", "generate_until"


def asked(*wanted: tuple[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    return [(request.text, tuple([choice.text for choice in request.choices])) for request in requests_of(wanted)]


def test_continuations_of_one_prompt_make_one_request() -> None:
    (request,) = requests_of([(CHOSEN, ("Is it?", " yes")), (CHOSEN, ("Is it?", " no"))])
    assert request == Request(
        text="Is it?", decoding=Decoding(max_tokens=1),
        choices=(Choice(label="0", text=" yes"), Choice(label="1", text=" no")),
    )  # fmt: skip


def test_blanks_at_the_end_of_a_prompt_go_over_to_its_continuations() -> None:
    wanted = [(CHOSEN, ("Is it? \n", "yes")), (CHOSEN, ("Is it? ", " no"))]
    assert asked(*wanted) == [("Is it?", (" \nyes", "  no"))]


def test_other_prompts_make_other_requests_in_their_order() -> None:
    wanted = [(CHOSEN, ("It is a", " x")), (CHOSEN, ("It is b", " x")), (CHOSEN, ("It is a", " x"))]
    assert asked(*wanted) == [("It is a", (" x",)), ("It is b", (" x",)), ("It is a", (" x",))]


def test_a_text_is_asked_for_with_its_prompt_untouched() -> None:
    how = {"until": ["\n"], "max_gen_toks": 5}
    assert (
        list(requests_of([(WRITTEN, ("Q: ", how)), (WRITTEN, ("Q: ", how))]))
        == [Request(text="Q: ", decoding=Decoding(max_tokens=5, stop=("\n",)))] * 2
    )


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ({}, {"max_tokens": 256}),
        ({"until": "\n\n"}, {"max_tokens": 256, "stop": ("\n\n",)}),
        ({"until": None, "max_gen_toks": 7, "max_new_tokens": 9}, {"max_tokens": 7}),
        ({"max_new_tokens": "9", "max_completion_tokens": 8}, {"max_tokens": 9}),
        ({"until": ["", "x"]}, {"max_tokens": 256, "stop": ("x",)}),
        ({"do_sample": False, "temperature": 0.7}, {"max_tokens": 256}),
        ({"temperature": 0.7, "top_p": "0.9", "top_k": 5}, {
            "max_tokens": 256, "temperature": 0.7, "top_p": 0.9, "top_k": 5
        }),
        ({"do_sample": True, "min_p": 0.1, "repetition_penalty": 1.1}, {
            "max_tokens": 256, "min_p": 0.1, "repetition_penalty": 1.1
        }),
    ],
)  # fmt: skip
def test_generation_kwargs_are_read_as_lm_eval_reads_them(how: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert decoding(how) == Decoding(**wanted)


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        ("loglikelihood_rolling", ("text",), "it asks for loglikelihood_rolling"),
        (CHOSEN, (" \n", " x"), "it asks what goes on with an empty text"),
        (CHOSEN, ("x", ""), "it asks for the continuation '', which is no text"),
        (CHOSEN, ("x", 3), "it asks for the continuation 3, which is no text"),
        (WRITTEN, ("x", {"until": "y", "num_beams": 2, "grammar": "z"}), "its generation_kwargs have grammar, num_bea"),
    ],
)
def test_what_cannot_be_asked_is_said(kind: str, arguments: tuple[Any, ...], said: str) -> None:
    (found,) = amiss([(kind, arguments)])
    assert found.startswith(said)


def test_what_can_be_asked_is_not_amiss() -> None:
    idle = {"num_beams": 1, "stream": False, "do_sample": True}
    assert list(amiss([(CHOSEN, ("x", " y")), (WRITTEN, ("", idle))])) == []


def test_replies_come_back_one_a_wanted_thing_in_its_order() -> None:
    wanted = [
        (CHOSEN, ("a", " x")),
        (CHOSEN, ("a", " y")),
        (WRITTEN, ("b", {"until": ["!", "?"]})),
        (CHOSEN, ("c", "z")),
    ]
    replies = [
        Response(logprobs=(-1.5, -2.5), greedy=(1,)), Response(text="so? yes! no"), Response(logprobs=(-9.0,)),
    ]  # fmt: skip
    exchanges = [
        Exchange(request=request, asked="", reply=reply)
        for request, reply in zip(requests_of(wanted), replies, strict=True)
    ]
    assert list(results_of(exchanges)) == [(-1.5, False), (-2.5, True), "so", (-9.0, False)]
