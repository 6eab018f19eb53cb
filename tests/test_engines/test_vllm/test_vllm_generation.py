"""Texts by the real vLLM: as transformers writes them, each by its own decoding."""

import math
from collections import Counter
from typing import Any

import pytest

from medeval.engines.hf import HF
from medeval.engines.vllm import VLLM
from medeval.records import Request
from tests.test_engines.test_vllm.real import answered, needed, same
from tests.tiny_engines import chatting, choosing, writing

pytestmark = needed
PROMPTS = [
    "Question: Which drug is given first?\nAnswer:", "The patient", "高血压患者首选的降压药是什么？答案：",
    "Aspirin, heparin and warfarin thin the blood. " * 6 + "Which", "What next?",
]  # fmt: skip


def drawn(seed: int, prompt: str = PROMPTS[0], tokens: int = 20, **how: Any) -> Request:
    return writing(prompt, tokens, seed=seed, **({"temperature": 1.0} | how))


# --- greedy -------------------------------------------------------------------------------


def test_greedy_texts_are_those_of_transformers(ours: VLLM, theirs: HF) -> None:
    requests = [writing(prompt, tokens) for prompt in PROMPTS for tokens in (1, 5, 17, 40)]
    found = answered(ours, requests)
    same(found, answered(theirs, requests))
    assert [reply.completion_tokens for reply in found] == [1, 5, 17, 40] * len(PROMPTS)


@pytest.mark.parametrize(
    "how",
    [
        {"repetition_penalty": 1.05}, {"repetition_penalty": 3.0}, {"presence_penalty": 0.8},
        {"frequency_penalty": 0.6}, {"presence_penalty": -0.5, "frequency_penalty": 1.5, "repetition_penalty": 1.2},
    ],
    ids=str,
)  # fmt: skip
def test_penalties_are_those_of_transformers(ours: VLLM, theirs: HF, how: dict[str, float]) -> None:
    requests = [writing(prompt, 24, **how) for prompt in PROMPTS]
    same(answered(ours, requests), answered(theirs, requests))


def test_a_text_ends_where_the_context_does(ours: VLLM, theirs: HF) -> None:
    requests = [writing(" no" * count, 30) for count in (2047, 2040, 2018, 2017)]
    found = answered(ours, requests)
    same(found, answered(theirs, requests))
    assert [(reply.completion_tokens, reply.finish) for reply in found] == [
        (1, "length"), (8, "length"), (30, "length"), (30, "length"),
    ]  # fmt: skip


# --- where a text stops -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "stop", "kept"),
    [
        ("Count red", (" four",), " one two three"), ("Count red", ("wo th",), " one t"),
        ("Count red", ("three", "two"), " one "), ("Count red", ("ou", "nothing"), " one two three f"),
        ("Count blue", ("患者",), "高血压"), ("Count blue", ("压患",), "高血"), ("Count blue", ("首",), "高血压患者"),
    ],
)  # fmt: skip
def test_a_text_ends_before_its_stop_string(
    talker: VLLM, parrot: HF, prompt: str, stop: tuple[str, ...], kept: str
) -> None:
    requests = [writing(prompt, 100, stop=stop)]
    found = answered(talker, requests)
    assert (found[0].text, found[0].finish) == (kept, "stop")
    same(found, answered(parrot, requests))


def test_a_stop_string_in_the_prompt_ends_nothing(talker: VLLM) -> None:
    (reply,) = answered(talker, [writing("The stop is here: none", 2, stop=("stop", "none", "neB"))])
    assert (reply.text, reply.finish) == ("B because", "length")


def test_every_text_has_its_own_stop_strings(talker: VLLM) -> None:
    stops = [("two",), ("four", "three"), ("nothing",), ()]
    found = answered(talker, [writing("Count red", 4, stop=stop) for stop in stops])
    assert [reply.text for reply in found] == [" one ", " one two ", " one two three four", " one two three four"]
    assert [reply.finish for reply in found] == ["stop", "stop", "length", "length"]


def test_whatever_a_random_model_says_it_stops_at_any_piece_of_it(ours: VLLM, theirs: HF) -> None:
    texts = [reply.text for reply in answered(theirs, [writing(prompt, 24) for prompt in PROMPTS])]
    requests = [
        writing(prompt, 24, stop=(text[first : first + length],))
        for prompt, text in zip(PROMPTS, texts, strict=True)
        for first, length in ((3, 1), (7, 4), (11, 9))
    ]
    found = answered(ours, requests)
    assert [(reply.text, reply.finish) for reply in found] == [
        (reply.text, reply.finish) for reply in answered(theirs, requests)
    ]
    assert {reply.finish for reply in found} == {"stop"}


@pytest.mark.parametrize(("prompt", "text"), [("So: The", " first drug is new."), ("<|turn|>assistant\n", "Answer: A")])
def test_a_text_ends_at_any_of_the_models_end_tokens(talker: VLLM, parrot: HF, prompt: str, text: str) -> None:
    requests = [writing(prompt, 60)]
    found = answered(talker, requests)
    assert (found[0].text, found[0].finish) == (text, "stop")
    same(found, answered(parrot, requests))


# --- drawn --------------------------------------------------------------------------------


def test_a_drawn_text_is_the_same_alone_and_beside_others_and_again(ours: VLLM) -> None:
    requests = [
        drawn(7), drawn(7, PROMPTS[3], top_p=0.9), drawn(8, tokens=9), writing(PROMPTS[1], 30),
        drawn(7, PROMPTS[2], 40, top_k=5, temperature=0.6), drawn(9, PROMPTS[4], min_p=0.1, presence_penalty=0.5),
        drawn(10, PROMPTS[1], repetition_penalty=1.3), choosing(PROMPTS[0]), drawn(0),
    ]  # fmt: skip
    together = answered(ours, requests)
    same([answered(ours, [request])[0] for request in requests], together)
    same(answered(ours, requests[::-1])[::-1], together)


def test_other_seeds_draw_other_texts(ours: VLLM) -> None:
    texts = [reply.text for reply in answered(ours, [drawn(seed) for seed in range(12)])]
    assert len(set(texts)) == 12
    assert texts == [reply.text for reply in answered(ours, [drawn(seed) for seed in range(12)])]


def test_at_temperature_zero_no_seed_matters(ours: VLLM) -> None:
    found = answered(ours, [drawn(seed, temperature=0.0) for seed in range(4)])
    assert len({reply.text for reply in found}) == 1


@pytest.mark.parametrize("how", [{"top_k": 1}, {"top_p": 1e-9}, {"min_p": 1.0}, {"top_k": 1, "temperature": 2.0}])
def test_what_leaves_one_token_to_draw_from_is_greedy(ours: VLLM, how: dict[str, float]) -> None:
    plain = answered(ours, [writing(prompt, 12) for prompt in PROMPTS])
    same(answered(ours, [drawn(seed, prompt, 12, **how) for seed, prompt in enumerate(PROMPTS)]), plain)


@pytest.mark.parametrize("how", [{}, {"temperature": 0.5}, {"top_k": 6}, {"min_p": 0.7, "temperature": 2.0}], ids=str)
def test_tokens_are_drawn_as_often_as_the_model_says(ours: VLLM, theirs: HF, how: dict[str, Any]) -> None:
    count = 500
    found = Counter(reply.text for reply in answered(ours, [drawn(seed, tokens=1, **how) for seed in range(count)]))
    # Words that came, and can be told from all others by their text.
    words = [text for text, _ in found.most_common() if text.isascii() and text.strip() and len(text) > 3][:12]
    assert len(words) > 1
    (reply,) = answered(theirs, [choosing(PROMPTS[0], *words)])
    weights = [math.exp(value / how.get("temperature", 1.0)) for value in reply.logprobs]
    whole = sum(found[word] for word in words)
    for word, weight in zip(words, weights, strict=True):
        # Those that came most often came a little too often.
        chance = weight / sum(weights)
        assert abs(found[word] - whole * chance) <= 4.5 * (whole * chance * (1 - chance)) ** 0.5


# --- chats and reasoning ------------------------------------------------------------------


def test_reasoning_is_split_off(talker: VLLM, parrot: HF) -> None:
    requests = [chatting("Which drug?", 40, "on"), chatting("Which drug?", 4, "on")]
    found = answered(talker, requests)
    same(found, answered(parrot, requests))
    assert (found[0].text, found[0].reasoning, found[0].finish) == ("Answer: A", "Aspirin thins blood", "stop")
    assert (found[1].text, found[1].reasoning, found[1].finish) == ("", "Aspirin", "length")


def test_a_trace_that_the_prompt_begins_is_split_off_too(talker: VLLM, parrot: HF) -> None:
    requests = [chatting("Which drug?", 40, "on", prefill="<think>"), chatting("Which?", 3, "on", prefill="<think>")]
    found = answered(talker, requests)
    same(found, answered(parrot, requests))
    assert [(reply.text, reply.reasoning) for reply in found] == [("Answer: A", "Aspirin thins blood"), ("", "Aspirin")]


def test_without_thinking_the_whole_text_is_the_answer(talker: VLLM, parrot: HF) -> None:
    requests = [chatting("Which drug?", 40, "off", prefill="So: The"), chatting("Which?", 2, "off", prefill="So: none")]
    found = answered(talker, requests)
    same(found, answered(parrot, requests))
    assert [(reply.text, reply.reasoning) for reply in found] == [(" first drug is new.", ""), ("B because", "")]


def test_the_template_and_its_switch_are_what_the_model_reads(talker: VLLM) -> None:
    on, off = [talker.render(chatting("Which?", thinking=said, system="Be brief.")).text for said in ("on", "off")]
    head = "<|turn|>system\nBe brief.<|turn_end|>\n<|turn|>user\nWhich?<|turn_end|>\n<|turn|>assistant\n"
    assert (on, off) == (head, f"{head}<think>\n\n</think>\n\n")
    assert talker.abilities.thinking
    assert (talker.abilities.kind, talker.abilities.chat) == ("reasoning", True)
