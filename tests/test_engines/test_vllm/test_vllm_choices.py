"""Log-probabilities of choices by the real vLLM: those of transformers, with one request a question."""

import random

import pytest

from medeval.engines.hf import HF
from medeval.engines.vllm import VLLM
from medeval.records import Choice, Failure, Request, Response
from tests.test_engines.test_vllm.real import NEAR, QUESTIONS, SHOTS, answered, needed, replies, same
from tests.test_engines.test_vllm.wide_models import POISON
from tests.tiny_engines import ONE, chatting, choosing, writing

pytestmark = needed
WORDS = (" yes", " no", " maybe")
TEXTS = (" heparin, given into a vein", " none", " a drug that lowers the pressure of the blood within hours")


def lettering(text: str, *letters: str) -> Request:
    """Ask for several letters at once, as CMB does."""
    choices = tuple([Choice(label=each, text=each) for each in letters])
    return Request(text=text, choices=choices, decoding=ONE)


@pytest.mark.parametrize("before", ["", SHOTS], ids=["alone", "behind solved examples"])
@pytest.mark.parametrize("continuations", [(), WORDS, TEXTS], ids=["letters", "words", "texts"])
def test_log_probabilities_are_those_of_transformers(
    ours: VLLM, theirs: HF, continuations: tuple[str, ...], before: str
) -> None:
    requests = [choosing(before + text, *continuations) for text in QUESTIONS]
    same(answered(ours, requests), answered(theirs, requests))


@pytest.mark.parametrize(
    ("prompt", "continuations"),
    [
        ("The answer is the h", ("eart", "and", "ip")), ("Give the patient war", ("farin", "ning", "d")),
        ("答案是高血", ("压", "糖", "管")), ("Answer: ", ("A", "B", "C", "D")),
        ("Answer:\n", ("\nA", "\nB", "\n\n\nC")),
        ("Answer:", (" no", " no doubt", " no doubt at all")), ("____", ("_", "__A")),
    ],
)  # fmt: skip
def test_where_a_choice_merges_with_the_prompt_or_begins_another_they_are_too(
    ours: VLLM, theirs: HF, prompt: str, continuations: tuple[str, ...]
) -> None:
    requests = [choosing(QUESTIONS[0][:-7] + prompt, *continuations)]
    same(answered(ours, requests), answered(theirs, requests))


def test_several_letters_may_be_one_choice(ours: VLLM, theirs: HF) -> None:
    several = ("A", "B", "C", "AB", "ABC", "ABCD", "BCDE", "E", "ABCDE")
    requests = [lettering(f"{text}以下是多项选择题。\n答案：", *several) for text in QUESTIONS]
    found = answered(ours, requests)
    same(found, answered(theirs, requests))
    assert all(len(reply.logprobs) == len(several) for reply in found)


def test_more_choices_than_one_step_tells_of_are_all_told(ours: VLLM, theirs: HF) -> None:
    (request,) = [
        choosing(QUESTIONS[0], *[f" {chr(letter)}{number}" for number in range(10) for letter in range(65, 91)])
    ]
    same(answered(ours, [request]), answered(theirs, [request]))


def test_what_the_model_would_have_written_by_itself_is_known(ours: VLLM, theirs: HF) -> None:
    for text in QUESTIONS[:3]:
        (written,) = answered(theirs, [writing(text, 3)])
        if "\ufffd" in written.text:
            continue
        requests = [choosing(text, written.text, " no")]
        found = answered(ours, requests)
        same(found, answered(theirs, requests))
        assert found[0].greedy == (0,)
    assert ours.abilities.greedy


def test_letters_take_one_request_a_question(ours: VLLM) -> None:
    before = ours.sent
    answered(ours, [choosing(text) for text in QUESTIONS])
    assert ours.sent - before == len(QUESTIONS)


def test_a_beginning_that_questions_share_is_read_once(ours: VLLM) -> None:
    beginning = "This is a beginning of its own. " + SHOTS
    requests = [choosing(f"{beginning}Question: number {number}?\nAnswer:") for number in range(80)]
    before = ours.computed
    found = answered(ours, requests)
    asked = sum(reply.prompt_tokens for reply in found)
    shared = len(ours.render(requests[0]).ids or ())
    assert shared > 3 * 128  # of which the cache keeps whole blocks
    # But for the first few, which are read at once, each reads its own question and less than a block.
    assert ours.computed - before < asked / 2
    again = ours.computed
    answered(ours, requests)
    assert ours.computed - again <= 80 * 128


def test_the_texts_of_options_share_their_question(ours: VLLM) -> None:
    long = choosing("Of a kind. " + QUESTIONS[5] + SHOTS, *TEXTS)
    before, sent = ours.computed, ours.sent
    (reply,) = answered(ours, [long])
    pieces = ours.sent - sent
    assert pieces > 10
    assert ours.computed - before < pieces * reply.prompt_tokens / 2


# --- one stream ---------------------------------------------------------------------------


def test_letters_and_texts_in_one_stream_are_what_they_are_apart(ours: VLLM, theirs: HF) -> None:
    requests = [ask for text in QUESTIONS for ask in (choosing(text), writing(text, 6), choosing(text, *TEXTS))]
    together = answered(ours, requests)
    same(together, answered(theirs, requests))
    for kind in range(3):
        same(answered(ours, requests[kind::3]), together[kind::3])


def test_nothing_hangs_on_order_or_on_what_is_asked_beside_it(ours: VLLM, theirs: HF) -> None:
    requests = []
    for number in range(100):
        text = f"{SHOTS if number % 3 else ''}Question: number {number}, {'very ' * (number % 11)}so?\nAnswer:"
        drawn = writing(text, 5, temperature=1.0, seed=number) if number % 2 else writing(text, 3 + number % 5)
        requests += [choosing(text), drawn, choosing(text, *WORDS)]
    wanted = answered(ours, requests)
    greedy = [number for number, each in enumerate(requests) if not each.decoding.temperature]
    same([wanted[number] for number in greedy[:60]], answered(theirs, [requests[number] for number in greedy[:60]]))
    for seed in range(2):
        order = random.Random(seed).sample(range(len(requests)), len(requests))
        same(answered(ours, [requests[number] for number in order]), [wanted[number] for number in order])
    alone = random.Random(2).sample(range(len(requests)), 6)
    same([answered(ours, [requests[number]])[0] for number in alone], [wanted[number] for number in alone])


def test_in_a_chat_the_choices_follow_the_head_of_the_answer(talker: VLLM, parrot: HF) -> None:
    requests = [
        Request(
            messages=chatting("Which?").messages, choices=tuple([Choice(label=each, text=each) for each in "ABCD"]),
            decoding=ONE, thinking=thinking, prefill=prefill,
        )
        for thinking in ("on", "off") for prefill in ("", "Answer:")
    ]  # fmt: skip
    same(answered(talker, requests), answered(parrot, requests))


# --- what is no number --------------------------------------------------------------------


def test_logits_that_are_no_numbers_are_told_and_harm_no_other(talker: VLLM, parrot: HF) -> None:
    sound = [choosing(f"Question: which is number {number}?\nAnswer:") for number in range(40)]
    sound += [writing(f"Number {number}: The", 8) for number in range(20)]
    wanted = answered(parrot, sound)
    requests: list[Request] = [*sound]
    bad = {
        5: choosing(f"Question: is {POISON} this\nAnswer:"), 30: choosing(f"{POISON}\nAnswer:", *TEXTS),
        50: writing(f"Is {POISON} it", 12), 52: writing(f"Is {POISON} it drawn", 12, temperature=1.0, seed=4),
    }  # fmt: skip
    for number, request in sorted(bad.items()):
        requests.insert(number, request)
    # Again and again: memory in which such values lay is used by others then.
    for _ in range(3):
        found = replies(talker, requests)
        assert {number: reply for number, reply in enumerate(found) if isinstance(reply, Failure)} == dict.fromkeys(
            bad, Failure(failure="nonfinite", reason="logits that are no numbers")
        )
        same([reply for reply in found if isinstance(reply, Response)], wanted)


# --- too long -----------------------------------------------------------------------------


def test_a_prompt_that_is_too_long_is_told_and_costs_no_other_its_reply(ours: VLLM, theirs: HF) -> None:
    assert ours.identity.max_length == 2048
    requests = [choosing(f"Number {number}:") for number in range(1000)]
    requests[700] = choosing(" no" * 2048)
    requests[701] = choosing(" no" * 2047)
    found = replies(ours, requests)
    assert found.pop(700) == Failure(failure="too_long", reason="2048 tokens, and the model reads 2048")
    requests.pop(700)
    assert all(isinstance(reply, Response) for reply in found)
    few = [0, 1, 500, 700, 998]
    same([reply for number in few if isinstance(reply := found[number], Response)],
         answered(theirs, [requests[number] for number in few]))  # fmt: skip


def test_a_choice_may_reach_to_the_last_place_of_the_context(ours: VLLM, theirs: HF) -> None:
    requests = [choosing(" no" * 2046, " yes yes", " no")]
    same(answered(ours, requests), answered(theirs, requests))
    # One further transformers still reads; vLLM always wants room for a token of its own.
    (reply,) = replies(ours, [choosing(" no" * 2047, " yes yes", " no")])
    assert isinstance(reply, Failure)
    assert reply.failure == "too_long"


def test_a_choice_that_goes_beyond_the_context_is_too_long(ours: VLLM) -> None:
    assert replies(ours, [choosing(" no" * 2040, " yes" * 20, " no")]) == [
        Failure(failure="too_long", reason="a choice goes beyond the context")
    ]


def test_how_near_is_near() -> None:
    assert pytest.approx(1.0, abs=NEAR) != 1.001
