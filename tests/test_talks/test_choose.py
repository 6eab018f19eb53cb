"""Choosing by log-probability: one request, and the likeliest option is the answer."""

from collections.abc import Callable

import pytest

from medeval.arrange import lettered, rotated, words
from medeval.prompts import (
    Asking,
    abstract_question,
    question_only,
    question_only_zh,
    question_options,
    question_options_zh,
    reply_with_a_letter,
)
from medeval.records import (
    Answer,
    Choice,
    ChoiceSample,
    Decoding,
    Failure,
    FailureKind,
    Message,
    Reply,
    Request,
    Response,
    Setting,
)
from medeval.talks.base import Talk
from medeval.talks.choose import letters, likeliest, options

SAMPLE = ChoiceSample(
    id="0", question="Which vessel?", options=lettered(("aorta", "vein", "duct", "node")), target=("B",)
)
CHINESE = ChoiceSample(
    id="1", language="zh", question="哪个器官？", options=lettered(("心脏病", "肝", "a", "bb")), target=("B",)
)
SPOKEN = ChoiceSample(id="2", question="Safe?", options=words("yes", "no", "maybe"), target=("no",))
PLAIN = Asking(question_options, Setting(style="letters"))
TEXTS = Asking(question_only, Setting(style="options"))


def answer(talk: Talk, reply: Reply) -> Answer:
    """Go the whole way with one reply."""
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((reply,))
    found = end.value.value
    assert isinstance(found, Answer)
    return found


def asked(talk: Talk) -> Request:
    """The one request of a talk."""
    (request,) = next(talk)
    return request


def continuations(talk: Talk) -> list[str]:
    return [choice.text for choice in asked(talk).choices]


# --- letters ---


def test_one_request_asks_for_every_letter_after_the_prompt() -> None:
    assert next(letters(SAMPLE, PLAIN)) == (
        Request(
            text="Question: Which vessel?\nA. aorta\nB. vein\nC. duct\nD. node\nAnswer:",
            choices=(
                Choice(label="A", text=" A"), Choice(label="B", text=" B"),
                Choice(label="C", text=" C"), Choice(label="D", text=" D"),
            ),
            decoding=Decoding(max_tokens=1),
        ),
    )  # fmt: skip


def test_in_a_chat_the_bare_letter_stands_at_the_head_of_the_models_turn() -> None:
    chat = Asking(reply_with_a_letter, Setting(style="letters", chat=True, thinking="off"))
    assert next(letters(SAMPLE, chat)) == (
        Request(
            messages=(
                Message(
                    role="user",
                    content="Which vessel?\n\nA. aorta\nB. vein\nC. duct\nD. node\n\nReply with the letter only.",
                ),
            ),
            choices=tuple([Choice(label=label, text=label) for label in "ABCD"]),
            decoding=Decoding(max_tokens=1),
            thinking="off",
        ),
    )


@pytest.mark.parametrize(
    ("prefill", "chat", "text"),
    [
        ("The answer is", True, " B"),
        ("The answer is ", True, "B"),
        ("Answer:\n", True, "B"),
        ("答案：", True, "B"),
        (" Surely it is", False, " B"),
        (" ", False, "B"),
    ],
)
def test_behind_a_prefill_the_letter_goes_on_with_it(prefill: str, chat: bool, text: str) -> None:
    asking = Asking(question_options, Setting(style="letters", chat=chat, prefill=prefill))
    assert asked(letters(SAMPLE, asking)).prefill == prefill
    assert continuations(letters(SAMPLE, asking))[1] == text


def test_behind_a_full_width_colon_the_letter_needs_no_blank() -> None:
    asking = Asking(question_options_zh, Setting(style="letters"))
    assert asked(letters(CHINESE, asking)).text.endswith("\n答案：")
    assert continuations(letters(CHINESE, asking)) == ["A", "B", "C", "D"]


def test_words_are_asked_for_as_words() -> None:
    asking = Asking(abstract_question, Setting(style="letters"))
    assert asked(letters(SPOKEN, asking)).text == "Question: Safe?\nAnswer:"
    assert continuations(letters(SPOKEN, asking)) == [" yes", " no", " maybe"]
    assert answer(letters(SPOKEN, asking), Response(logprobs=(-2.0, -3.0, -1.0))).picked == ("maybe",)


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
    assert answer(letters(SAMPLE, PLAIN), Response(logprobs=logprobs)) == expected


# --- options ---


def test_one_request_asks_for_every_options_text_and_shows_none_of_them() -> None:
    assert next(options(SAMPLE, TEXTS)) == (
        Request(
            text="Question: Which vessel?\nAnswer:",
            choices=(
                Choice(label="A", text=" aorta"), Choice(label="B", text=" vein"),
                Choice(label="C", text=" duct"), Choice(label="D", text=" node"),
            ),
            decoding=Decoding(max_tokens=1),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asking", "texts"),
    [
        (Asking(question_only_zh, Setting(style="options")), ["心脏病", "肝", "a", "bb"]),
        (Asking(question_only, Setting(style="options", chat=True)), ["心脏病", "肝", "a", "bb"]),
        (TEXTS, [" 心脏病", " 肝", " a", " bb"]),
    ],
    ids=["behind a full-width colon", "at the head of a turn", "behind a colon"],
)
def test_a_text_is_joined_to_what_stands_before_it(asking: Asking, texts: list[str]) -> None:
    assert continuations(options(CHINESE, asking)) == texts


# What lm-eval 0.4.13 takes for the answer by acc_norm, asked about the same texts and numbers.
@pytest.mark.parametrize(
    ("texts", "logprobs", "label"),
    [
        (("Liver", "Pancreas", "Spleen", "Kidney"), (-5.0, -8.5, -6.5, -7.0), "A"),
        (("Liver", "Pancreas", "Spleen", "Kidney"), (-4.0, -8.0, -6.0, -6.0), "A"),
        (("Liver", "Pancreas", "Spleen", "Kidney"), (-6.0, -7.1, -7.1, -7.1), "B"),
        (("Liver", "Pancreas", "Spleen", "Kidney"), (-5.0, -8.0, -6.0, -6.0), "A"),
        (("心脏病", "肝", "a", "bb"), (-3.3, -1.0, -1.2, -2.0), "B"),
        (("心脏病", "肝", "a", "bb"), (-2.7, -1.0, -1.2, -2.0), "A"),
    ],
)
def test_the_likeliest_text_by_character_is_that_of_lm_evals_acc_norm(
    texts: tuple[str, ...], logprobs: tuple[float, ...], label: str
) -> None:
    sample = ChoiceSample(id="0", question="Which?", options=lettered(texts), target=("A",))
    expected = Answer(picked=(label,), rule="likeliest per character", status="scored")
    assert answer(options(sample, TEXTS), Response(logprobs=logprobs)) == expected


def test_the_blank_before_a_text_is_none_of_its_characters() -> None:
    # Over 2 and 4 characters -1.2 to -1.1; over 3 and 5 it would be -0.80 to -0.88, and the other way round.
    sample = ChoiceSample(id="0", question="Which?", options=lettered(("ab", "abcd")), target=("A",))
    assert answer(options(sample, TEXTS), Response(logprobs=(-2.4, -4.4))).picked == ("B",)


def test_an_option_without_a_text_is_weighed_as_one_of_a_single_character() -> None:
    sample = ChoiceSample(id="0", question="Which?", options=lettered(("", "ab")), target=("A",))
    assert answer(options(sample, TEXTS), Response(logprobs=(-1.0, -2.2))).picked == ("A",)
    assert answer(options(sample, TEXTS), Response(logprobs=(-1.2, -2.2))).picked == ("B",)


def test_options_that_have_changed_places_are_named_by_the_places_where_they_are_shown() -> None:
    turned = rotated(SAMPLE)[1]
    assert [(choice.label, choice.text) for choice in asked(options(turned, TEXTS)).choices] == [
        ("A", " vein"), ("B", " duct"), ("C", " node"), ("D", " aorta"),
    ]  # fmt: skip
    assert answer(options(turned, TEXTS), Response(logprobs=(-1.0, -9.0, -9.0, -9.0))).picked == ("A",)


# --- both ---


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error", "judge_error"])
@pytest.mark.parametrize("talk", [letters, options])
def test_a_failure_becomes_the_status_of_the_answer(
    kind: FailureKind, talk: Callable[[ChoiceSample, Asking], Talk]
) -> None:
    reply = Failure(failure=kind, reason="why")
    assert answer(talk(SAMPLE, PLAIN), reply) == Answer(picked=(), rule="", status=kind)


def test_a_choice_below_a_servers_list_is_never_the_answer() -> None:
    # The lowest of the list stands for what is below it, and may be equal to one that is in it.
    reply = Response(logprobs=(-9.0, -9.0, -9.0), below=(0, 2))
    assert likeliest(reply, ("A", "B", "C")) == Answer(picked=("B",), rule="likeliest")


def test_where_all_choices_are_below_the_list_nothing_was_read() -> None:
    reply = Response(logprobs=(-9.0, -9.0), below=(0, 1))
    assert likeliest(reply, ("A", "B")) == Answer(status="unread", rule="all below the list")
