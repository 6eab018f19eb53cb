"""Texts: as transformers alone writes them, each by its own decoding, whatever is written beside it."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from medeval.engines.hf import HF
from medeval.engines.hf.generation import _Draw
from medeval.errors import RequestError
from medeval.records import Decoding, Failure, Response
from tests import small_models
from tests.tiny_engines import (
    Plain,
    answered,
    chatting,
    choosing,
    engine,
    model_of,
    reading,
    replies,
    scripted,
    writing,
)

PROMPTS = [
    "Question: Which drug is given first?\nAnswer:", "The patient", "高血压患者首选的降压药是什么？答案：",
    "Aspirin, heparin and warfarin thin the blood. " * 6 + "Which", "What next?",
]  # fmt: skip


@pytest.fixture
def chat(models: Path) -> HF:
    return engine(models / "tiny-chat")


@pytest.fixture
def thinking(models: Path) -> HF:
    return engine(models / "tiny-thinking")


# --- greedy -------------------------------------------------------------------------------


def test_greedy_texts_are_those_of_transformers_one_at_a_time(base: HF, plain: Plain) -> None:
    found = answered(base, [writing(prompt, 24) for prompt in PROMPTS])
    assert [reply.text for reply in found] == [plain.greedy(prompt, 24) for prompt in PROMPTS]
    assert {reply.finish for reply in found} == {"length"}
    assert [(reply.prompt_tokens, reply.completion_tokens) for reply in found] == [
        (len(plain.ids(prompt)), 24) for prompt in PROMPTS
    ]


def test_every_text_is_as_long_as_it_may_be(base: HF, plain: Plain) -> None:
    found = answered(base, [writing(prompt, tokens) for prompt in PROMPTS for tokens in (1, 5, 17)])
    assert [reply.completion_tokens for reply in found] == [1, 5, 17] * len(PROMPTS)
    assert [reply.text for reply in found] == [plain.greedy(prompt, n) for prompt in PROMPTS for n in (1, 5, 17)]


def test_choices_and_texts_may_come_in_one_stream(base: HF, plain: Plain) -> None:
    requests = [ask for prompt in PROMPTS for ask in (choosing(prompt), writing(prompt, 6))]
    found = answered(base, requests)
    assert [reply.text for reply in found[1::2]] == [plain.greedy(prompt, 6) for prompt in PROMPTS]
    assert all(len(reply.logprobs) == 4 for reply in found[::2])


@pytest.mark.parametrize(
    "said",
    [
        {"repetition_penalty": 5.0}, {"no_repeat_ngram_size": 2}, {"num_beams": 3}, {"min_new_tokens": 30},
        {"do_sample": True, "temperature": 5.0}, {"do_sample": True, "top_k": 3}, {"stop_strings": ["e"]},
        {"suppress_tokens": list(range(300, 2000, 2))},
    ],
    ids=lambda said: list(said)[-1],
)  # fmt: skip
def test_the_models_own_configuration_of_decoding_is_left_out(
    base: HF, models: Path, tmp_path: Path, said: dict[str, Any]
) -> None:
    shutil.copytree(models / "tiny-base", tmp_path / "tiny")
    path = tmp_path / "tiny" / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | said), encoding="utf-8")
    requests = [writing(prompt, 24) for prompt in PROMPTS[:2]]
    assert replies(engine(tmp_path / "tiny"), requests) == replies(base, requests)


def test_a_text_ends_at_any_of_the_models_end_tokens(chat: HF) -> None:
    for end in (small_models.END, small_models.TURN_END):
        with scripted(chat, f"Aspirin.{end} and more"):
            (reply,) = answered(chat, [chatting("Which?")])
        assert (reply.text, reply.finish) == ("Aspirin.", "stop")
        assert reply.completion_tokens == len(chat._tongue.tokenizer("Aspirin.")["input_ids"]) + 1


def test_texts_of_all_lengths_end_by_themselves(base: HF) -> None:
    said = ("A", "The answer is B.", "", "因此选择丙。")
    with scripted(base, *said):
        found = answered(base, [writing("Which?", 30) for _ in said])
    assert sorted(reply.text for reply in found) == sorted(said)
    assert {reply.finish for reply in found} == {"stop"}


# --- stop strings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "stop", "kept"),
    [
        ("The answer is B.\n\nQuestion: another?", ("\n\nQ",), "The answer is B."),
        ("The answer is B because", ("wer is",), "The ans"),
        ("one two three four", ("three", "two"), "one "),
        ("答案是乙。下一题：还有什么", ("。下一",), "答案是乙"),
        ("答案是乙。下一题：还有什么", ("题",), "答案是乙。下一"),
        ("so it is 💊 then", ("💊",), "so it is "),
        ("\nAnswer: C\n", ("\n",), ""),
    ],
)
def test_a_text_ends_before_its_stop_string(base: HF, said: str, stop: tuple[str, ...], kept: str) -> None:
    tokens = len(base._tongue.tokenizer(said)["input_ids"])
    more = " and so on" * 30
    with scripted(base, said + more) as steps:
        (reply,) = answered(base, [writing("Which?", 100, stop=stop)])
    assert (reply.text, reply.finish) == (kept, "stop")
    # Nothing is written behind it.
    assert len(steps) <= tokens


def test_these_stop_strings_do_span_tokens(plain: Plain) -> None:
    pieces = [plain.tokenizer.decode([token]) for token in plain.ids("The answer is B because 答案是乙。下一题")]
    assert not any("wer is" in piece or "。下一" in piece for piece in pieces)
    assert "\ufffd" in "".join(pieces)  # characters that are cut by tokens


def test_a_stop_string_in_the_prompt_ends_nothing(base: HF) -> None:
    with scripted(base, "B because"):
        (reply,) = answered(base, [writing("The stop is here. The st", 20, stop=("stop", "op is"))])
    assert reply.text == "B because"


def test_every_text_has_its_own_stop_strings(base: HF) -> None:
    stops = [("two",), (), ("four", "three"), ("nothing",)]
    with scripted(base, "one two three four"):
        found = answered(base, [writing("Count:", 20, stop=stop) for stop in stops])
    assert [reply.text for reply in found] == ["one ", "one two three four", "one two ", "one two three four"]


# --- drawn --------------------------------------------------------------------------------


def drawn(seed: int, prompt: str = PROMPTS[0], tokens: int = 20, **how: Any) -> Any:
    return writing(prompt, tokens, seed=seed, **({"temperature": 1.0} | how))


def test_a_drawn_text_is_the_same_alone_and_beside_others(base: HF) -> None:
    requests = [
        drawn(7), drawn(7, PROMPTS[3], top_p=0.9), drawn(8, tokens=9), writing(PROMPTS[1], 30),
        drawn(7, PROMPTS[2], 40, top_k=5, temperature=0.6), drawn(9, PROMPTS[4], min_p=0.1, presence_penalty=0.5),
        drawn(10, PROMPTS[1], repetition_penalty=1.3), drawn(11, PROMPTS[2], frequency_penalty=0.7),
    ]  # fmt: skip
    together = answered(base, requests)
    assert together == [answered(base, [request])[0] for request in requests]
    assert together == answered(base, requests[::-1])[::-1]


def test_whatever_ends_a_text_it_is_the_same_alone_and_beside_others(base: HF) -> None:
    requests = [writing("Count:", 20, stop=("two",)), writing("Count:", 3), writing("Count:", 40)]
    with scripted(base, "one two three four five six seven eight"):
        together = answered(base, requests)
    alone = []
    for request in requests:
        with scripted(base, "one two three four five six seven eight"):
            alone += answered(base, [request])
    assert together == alone


def test_padding_counts_for_no_word_that_was_said_before(base: HF) -> None:
    # The token of the padding is the end token here. Punished for what was never said, it would not be drawn.
    end, other = base._tongue.tokenizer.eos_token_id, 500

    def say(own: Callable[..., Any], **named: Any) -> Any:
        found = own(**named)
        found.logits = torch.zeros_like(found.logits)
        found.logits[..., end], found.logits[..., other] = 3.0, 2.0
        return found

    model_of(base)
    with reading(base, say):
        found = answered(base, [writing(prompt, 4, repetition_penalty=2.0) for prompt in PROMPTS])
    assert [reply.text for reply in found] == [""] * len(PROMPTS)


def test_other_seeds_draw_other_texts(base: HF) -> None:
    texts = [reply.text for reply in answered(base, [drawn(seed) for seed in range(12)])]
    assert len(set(texts)) == 12
    assert texts == [reply.text for reply in answered(base, [drawn(seed) for seed in range(12)])]


def test_at_temperature_zero_no_seed_matters(base: HF) -> None:
    assert len({reply.text for reply in answered(base, [drawn(seed, temperature=0.0) for seed in range(4)])}) == 1


@pytest.mark.parametrize(
    "how", [{"top_k": 1}, {"top_p": 1e-9}, {"min_p": 1.0}, {"temperature": 1e-4}, {"top_k": 1, "temperature": 50.0}]
)
def test_what_leaves_one_token_to_draw_from_is_greedy(base: HF, plain: Plain, how: dict[str, float]) -> None:
    found = answered(base, [drawn(seed, prompt, 12, **how) for seed, prompt in enumerate(PROMPTS)])
    assert [reply.text for reply in found] == [plain.greedy(prompt, 12) for prompt in PROMPTS]


def test_penalties_are_those_of_transformers(base: HF, plain: Plain) -> None:
    for penalty in (1.05, 1.3, 3.0):
        found = answered(base, [writing(prompt, 16, repetition_penalty=penalty) for prompt in PROMPTS])
        wanted = [plain.greedy(prompt, 16, repetition_penalty=penalty) for prompt in PROMPTS]
        assert [reply.text for reply in found] == wanted


# --- one draw -----------------------------------------------------------------------------

CHANCES = (0.4, 0.3, 0.15, 0.1, 0.05)


def draws(count: int, **how: Any) -> Counter[int]:
    """How often each of five tokens is drawn, by so many seeds; its chances are known."""
    said = {"temperature": 1.0} | how
    decodings = [Decoding(max_tokens=1, seed=seed, **said) for seed in range(count)]
    scores = torch.tensor([CHANCES]).log().repeat(count, 1)
    chosen = _Draw(torch, decodings, [0] * count, 0)(torch.zeros((count, 0), dtype=torch.long), scores)
    return Counter(chosen.argmax(-1).tolist())


def as_transformers(**how: Any) -> list[float]:
    """The chances that transformers' own rules leave, in its own order."""
    rules = [
        TemperatureLogitsWarper(how.get("temperature", 1.0)), TopKLogitsWarper(how.get("top_k", 5)),
        TopPLogitsWarper(how.get("top_p", 1.0)), MinPLogitsWarper(how.get("min_p", 0.0)),
    ]  # fmt: skip
    scores = LogitsProcessorList(rules)(torch.zeros((1, 0), dtype=torch.long), torch.tensor([CHANCES]).log())
    chances: list[float] = scores.softmax(-1)[0].tolist()
    return chances


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ({}, 5), ({"top_k": 2}, 2), ({"top_k": 9}, 5), ({"top_p": 0.5}, 2), ({"top_p": 0.39}, 1), ({"top_p": 0.84}, 3),
        ({"top_p": 0.86}, 4), ({"min_p": 0.3}, 3), ({"min_p": 0.2}, 4), ({"temperature": 0.5}, 5),
        ({"temperature": 2.0, "top_k": 3}, 3),
        # What top_k leaves is the whole of which top_p takes its share: 0.4 of 0.7, and 0.4 of 0.85.
        ({"top_k": 2, "top_p": 0.5}, 1), ({"top_k": 3, "top_p": 0.8}, 2), ({"top_k": 4, "top_p": 0.6, "min_p": 0.2}, 2),
        ({"temperature": 0.6, "top_p": 0.95, "top_k": 3}, 3),
    ],
    ids=str,
)  # fmt: skip
def test_tokens_are_drawn_as_often_as_transformers_rules_say(how: dict[str, Any], kept: int) -> None:
    count = 800
    found, chances = draws(count, **how), as_transformers(**how)
    assert sum(chance > 0 for chance in chances) == kept
    assert len(found) == kept
    for token, chance in enumerate(chances):
        # Four and a half standard deviations of a binomial count.
        assert abs(found[token] - count * chance) <= 4.5 * (count * chance * (1 - chance)) ** 0.5


def penalised(ids: list[int], scores: list[float], prompt: int, **how: Any) -> list[float]:
    found = torch.tensor([scores])
    _Draw(torch, [Decoding(max_tokens=1, **how)], [0], prompt)(torch.tensor([ids]), found)
    values: list[float] = found[0].tolist()
    return values


def test_the_repetition_penalty_divides_what_is_likely_and_multiplies_what_is_not() -> None:
    found = penalised([0, 1, 1], [2.0, -1.0, 0.5, -3.0], 2, repetition_penalty=2.0)
    assert found == [1.0, -2.0, 0.5, -3.0]
    theirs = RepetitionPenaltyLogitsProcessor(2.0)(torch.tensor([[0, 1, 1]]), torch.tensor([[2.0, -1.0, 0.5, -3.0]]))
    assert found == theirs[0].tolist()


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        # Token 0 stands in the prompt alone, 1 was written once, 2 twice, and 3 never.
        ({"presence_penalty": 0.5}, [1.0, 0.5, 0.5, 1.0]),
        ({"frequency_penalty": 0.25}, [1.0, 0.75, 0.5, 1.0]),
        ({"presence_penalty": 0.5, "frequency_penalty": 0.25}, [1.0, 0.25, 0.0, 1.0]),
        ({"presence_penalty": -1.0}, [1.0, 2.0, 2.0, 1.0]),
    ],
)
def test_presence_and_frequency_count_what_was_written(how: dict[str, float], wanted: list[float]) -> None:
    assert penalised([0, 1, 2, 1, 2, 2], [1.0] * 4, 3, **how) == wanted


def test_before_the_first_token_nothing_was_written() -> None:
    assert penalised([0, 1], [1.0, 1.0], 2, presence_penalty=2.0, frequency_penalty=2.0) == [1.0, 1.0]


def test_every_row_is_drawn_by_its_own_decoding() -> None:
    decodings = [Decoding(max_tokens=1, temperature=heat, top_k=1) for heat in (0.0, 1.0)]
    scores = torch.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    chosen = _Draw(torch, decodings, [0, 0], 0)(torch.zeros((2, 0), dtype=torch.long), scores)
    assert chosen.argmax(-1).tolist() == [2, 0]
    assert chosen[0].tolist() == [1.0, 2.0, 3.0]


# --- lengths and faults -------------------------------------------------------------------


def test_a_prompt_close_to_the_context_is_gone_on_with_as_far_as_there_is_room(short: Path) -> None:
    one = engine(short)
    found = answered(one, [writing(" no" * count, 50) for count in (95, 93, 40, 10)])
    assert [reply.completion_tokens for reply in found] == [1, 3, 50, 50]
    assert {reply.finish for reply in found} == {"length"}
    alone = Plain(short)
    assert [reply.text for reply in found] == [
        alone.greedy(" no" * count, tokens) for count, tokens in ((95, 1), (93, 3), (40, 50), (10, 50))
    ]


def test_a_poisoned_text_fails_alone(base: HF, plain: Plain) -> None:
    mark = plain.ids(" POISON")[0]

    def read(own: Callable[..., Any], **named: Any) -> Any:
        if named["input_ids"].shape[1] > 1 and (named["input_ids"] == mark).any():
            raise ValueError("poison")
        return own(**named)

    prompts = [*PROMPTS[:2], "This is POISON", *PROMPTS[2:]]
    assert not any(mark in plain.ids(prompt) for prompt in PROMPTS)
    model_of(base)
    with reading(base, read):
        found = replies(base, [writing(prompt, 6) for prompt in prompts])
    assert found.pop(2) == Failure(failure="engine_error", reason="ValueError: poison")
    assert [reply.text for reply in found if isinstance(reply, Response)] == [plain.greedy(each, 6) for each in PROMPTS]


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_text_whose_logits_are_no_numbers_is_no_text(base: HF, plain: Plain, temperature: float) -> None:
    mark = plain.ids(" POISON")[0]

    def read(own: Callable[..., Any], **named: Any) -> Any:
        found = own(**named)
        found.logits[(named["input_ids"] == mark).any(-1)] = torch.nan
        return found

    requests = [writing(prompt, 6, temperature=temperature) for prompt in ("This is POISON", PROMPTS[0])]
    (wanted,) = answered(base, requests[1:])
    with reading(base, read):
        first, second = replies(base, requests)
    assert second == wanted
    assert isinstance(first, Failure)
    assert first.failure == "nonfinite"


def test_texts_that_do_not_fit_are_written_in_halves(models: Path, plain: Plain) -> None:
    one, tries = engine(models / "tiny-base"), [0]

    def limited(own: Callable[..., Any], **named: Any) -> Any:
        if named["input_ids"].shape[0] > 3:
            tries[0] += 1
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return own(**named)

    requests = [drawn(number, PROMPTS[number % 5], 3) for number in range(24)]
    wanted = answered(one, requests)
    with reading(one, limited):
        assert answered(one, requests) == wanted
        known = tries[0]
        assert 0 < known < 10
        assert answered(one, requests[:10]) == wanted[:10]
    assert tries[0] == known


# --- chats and reasoning ------------------------------------------------------------------


def test_a_chat_is_put_into_the_models_own_template(chat: HF, models: Path) -> None:
    found = chat.render(chatting("Which drug?", system="Be brief.", prefill="The"))
    assert found.text == (
        "<|turn|>system\nBe brief.<|turn_end|>\n<|turn|>user\nWhich drug?<|turn_end|>\n<|turn|>assistant\nThe"
    )
    turn = chat._tongue.tokenizer.convert_tokens_to_ids(small_models.TURN)
    assert found.ids is not None
    assert found.ids.count(turn) == 3  # the marks are single tokens
    alone = Plain(models / "tiny-chat")
    (reply,) = answered(chat, [chatting("Which drug?", 12, prefill="The")])
    prompt = "<|turn|>user\nWhich drug?<|turn_end|>\n<|turn|>assistant\nThe"
    assert reply.text == alone.greedy(prompt, 12, eos_token_id=alone.model.generation_config.eos_token_id)


def test_reasoning_is_split_off(thinking: HF) -> None:
    with scripted(thinking, "<think>\nAspirin thins the blood.\n</think>\n\nAnswer: A"):
        (reply,) = answered(thinking, [chatting("Which drug?", 40, "on")])
    assert (reply.text, reply.reasoning, reply.finish) == ("Answer: A", "Aspirin thins the blood.", "stop")


def test_a_trace_that_never_ends_holds_no_answer(thinking: HF) -> None:
    with scripted(thinking, "<think>\nThe answer might be A, or else"):
        (reply,) = answered(thinking, [chatting("Which drug?", 8, "on")])
    assert (reply.text, reply.finish) == ("", "length")
    assert reply.reasoning.startswith("The answer")


def test_a_trace_that_the_prompt_begins_is_split_off_too(thinking: HF) -> None:
    with scripted(thinking, "Aspirin thins the blood.\n</think>\n\nAnswer: A"):
        (reply,) = answered(thinking, [chatting("Which drug?", 40, "on", prefill="<think>\n")])
    assert (reply.text, reply.reasoning) == ("Answer: A", "Aspirin thins the blood.")
    with scripted(thinking, "Aspirin thins the blood, so the answer is A"):
        (reply,) = answered(thinking, [chatting("Which drug?", 40, "on", prefill="<think>\n")])
    assert (reply.text, reply.reasoning) == ("", "Aspirin thins the blood, so the answer is A")


def test_without_thinking_the_whole_text_is_the_answer(thinking: HF) -> None:
    with scripted(thinking, "Answer: A"):
        (reply,) = answered(thinking, [chatting("Which drug?", 40, "off")])
    assert (reply.text, reply.reasoning) == ("Answer: A", "")


def test_the_switch_changes_what_the_model_reads(thinking: HF, chat: HF) -> None:
    on, off, unsaid = [thinking.render(chatting("Which?", thinking=said)).text for said in ("on", "off", "")]
    head = "<|turn|>user\nWhich?<|turn_end|>\n<|turn|>assistant\n"
    assert (on, off, unsaid) == (head, f"{head}<think>\n\n</think>\n\n", head)
    assert thinking.abilities.thinking
    assert not chat.abilities.thinking
    assert (thinking.abilities.kind, chat.abilities.kind) == ("reasoning", "chat")


def test_a_system_prompt_that_a_template_refuses_is_a_wrong_request(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "tiny-chat", tmp_path / "tiny")
    refusing = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        + small_models.CHAT
    )
    (tmp_path / "tiny" / "chat_template.jinja").write_text(refusing, encoding="utf-8")
    one = engine(tmp_path / "tiny")
    assert one.render(chatting("Which?")).text.startswith("<|turn|>user")
    with pytest.raises(RequestError, match="System role not supported") as refused:
        one.render(chatting("Which?", system="Be brief."))
    assert refused.value.faults == (f"{tmp_path}/tiny: the chat template fails (System role not supported).",)


def test_marks_of_the_vocabulary_are_no_part_of_a_text(chat: HF) -> None:
    with scripted(chat, "Aspirin<|turn|> first"):
        (reply,) = answered(chat, [chatting("Which?", 12)])
    assert "<|turn_end|>" not in reply.text
    assert reply.text.startswith("Aspirin")
