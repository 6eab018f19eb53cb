"""A text of the model's own: one request after what was said before, and the text is the answer."""

import pytest

from medeval.prompts import Asking, last_turn
from medeval.records import (
    Answer,
    Decoding,
    Failure,
    FailureKind,
    Message,
    OpenSample,
    Reply,
    Request,
    Response,
    Setting,
    Status,
)
from medeval.talks.compose import composed

BRIEF = Decoding(max_tokens=256)
FIRST = (Message(role="user", content="I have a cough."), Message(role="assistant", content="For how long?"))
LAST = Message(role="user", content="For three weeks. What should I do?")
ALONE = OpenSample(id="0", messages=(LAST,), references=("See a doctor.",))
TALKING = OpenSample(id="1", messages=(*FIRST, LAST), references=("See a doctor.",))


def asked(sample: OpenSample, setting: Setting, shown: tuple[OpenSample, ...] = ()) -> Request:
    (request,) = next(composed(sample, Asking(last_turn, setting, shown), BRIEF))
    return request


def answer(reply: Reply, sample: OpenSample = ALONE) -> Answer:
    """Go the whole way with one reply."""
    talk = composed(sample, Asking(last_turn, Setting(style="written")), BRIEF)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((reply,))
    found = end.value.value
    assert isinstance(found, Answer)
    return found


# --- what is asked ------------------------------------------------------------------------------


def test_as_plain_text_the_question_stands_alone() -> None:
    assert asked(ALONE, Setting(style="written")) == Request(text=LAST.content, decoding=BRIEF)


def test_as_plain_text_what_was_said_before_stands_before_the_question_with_its_speakers() -> None:
    request = asked(TALKING, Setting(style="written"))
    said = "Patient: I have a cough.\nDoctor: For how long?\nPatient: For three weeks. What should I do?\nDoctor:"
    assert request.text == said
    assert request.decoding.stop == ("\nPatient:",)
    assert request.messages == ()


def test_in_a_chat_every_turn_is_its_speakers() -> None:
    request = asked(TALKING, Setting(style="written", chat=True))
    assert request.messages == (*FIRST, LAST)
    assert request.text == ""


def test_in_a_chat_the_system_and_solved_examples_come_before_the_conversation() -> None:
    shown = OpenSample(
        id="2", messages=(Message(role="user", content="My knee hurts."),), references=("Rest it.", "Ice.")
    )
    setting = Setting(style="written", chat=True, system="You are a doctor.", prefill="Well,", thinking="off")
    request = asked(TALKING, setting, (shown,))
    assert request.messages == (
        Message(role="system", content="You are a doctor."),
        Message(role="user", content="My knee hurts."),
        Message(role="assistant", content="Rest it."),
        *FIRST,
        LAST,
    )
    assert (request.prefill, request.thinking) == ("Well,", "off")


def test_as_plain_text_they_come_before_it_too() -> None:
    shown = OpenSample(
        id="2", messages=(Message(role="user", content="My knee hurts."),), references=("Rest it.", "Ice.")
    )
    request = asked(TALKING, Setting(style="written", system="You are a doctor."), (shown,))
    assert request.text == (
        "You are a doctor.\n\nMy knee hurts.\n\nRest it.\n\n"
        "Patient: I have a cough.\nDoctor: For how long?\nPatient: For three weeks. What should I do?\nDoctor:"
    )


def test_the_text_is_drawn_as_the_talk_is_told_and_nothing_is_chosen_from() -> None:
    request = asked(ALONE, Setting(style="written"))
    assert request.decoding == BRIEF
    assert request.choices == ()


# --- what comes of it ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["See a doctor.", "请尽快就医。", "0", "  I'm sorry, but I can't help with that."])
def test_a_text_is_its_own_answer_whatever_it_says(text: str) -> None:
    assert answer(Response(text=text)) == Answer(rule="text", status="scored")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Response(text=""), Answer(status="unread")),
        (Response(text=" \n\t\u3000"), Answer(status="unread")),
        (Response(text="", reasoning="The patient coughs, so …"), Answer(status="unread")),
        (Response(text="You should see a", finish="length"), Answer(status="truncated", rule="text")),
        (Response(text="", finish="length"), Answer(status="truncated", rule="text")),
    ],
    ids=["empty", "blank", "thoughts alone", "cut off", "cut off before a word"],
)
def test_an_empty_text_is_unread_and_one_that_was_cut_off_says_so(reply: Response, expected: Answer) -> None:
    assert answer(reply) == expected


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error", "judge_error"])
def test_a_failure_becomes_the_status_of_the_answer(kind: FailureKind) -> None:
    status: Status = kind
    assert answer(Failure(failure=kind, reason="why"), TALKING) == Answer(status=status)
