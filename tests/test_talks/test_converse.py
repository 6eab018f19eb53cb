"""A dialogue in fixed turns: whose answers are carried on, and what becomes of a turn that fails."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from medeval.prompts import Asking, first_turn
from medeval.records import (
    Answer,
    Decoding,
    DialogueSample,
    Failure,
    FailureKind,
    Message,
    Reply,
    Request,
    Response,
    Setting,
    Turn,
)
from medeval.talks.converse import conversed

BRIEF = Decoding(max_tokens=64, stop=("#",))
OWN = DialogueSample(
    id="0", context="A man of 40 with a cough.",
    turns=(Turn(asked="What is it?", reference="Flu."), Turn(asked="What to do?", reference="Rest."),
           Turn(asked="How long?", reference="A week.")),
)  # fmt: skip
GOLD = replace(OWN, carried="gold")
CHAT, PLAIN = Setting(style="written", chat=True), Setting(style="written")


def played(
    replies: Sequence[Reply], sample: DialogueSample = OWN, setting: Setting = CHAT
) -> tuple[list[Request], Answer | None]:
    """All that is asked while replies last, and the answer if the talk ends."""
    talk = conversed(sample, Asking(first_turn, setting), BRIEF)
    (request,) = next(talk)
    asked = [request]
    for reply in replies:
        try:
            (request,) = talk.send((reply,))
        except StopIteration as end:
            return asked, end.value
        asked.append(request)
    return asked, None


def said(*texts: str) -> list[Reply]:
    return [Response(text=text) for text in texts]


def contents(request: Request) -> list[str]:
    return [turn.content for turn in request.messages]


def test_the_first_question_comes_behind_the_case_and_later_ones_behind_what_the_model_said() -> None:
    asked, answer = played(said(" A cold. ", "Tea.", "Days."))
    first = "A man of 40 with a cough.\nWhat is it?"
    assert [contents(request) for request in asked] == [
        [first],
        [first, "A cold.", "What to do?"],
        [first, "A cold.", "What to do?", "Tea.", "How long?"],
    ]
    assert [turn.role for turn in asked[-1].messages] == ["user", "assistant"] * 2 + ["user"]
    assert answer == Answer(status="scored", rule="text")


def test_gold_answers_stand_there_instead_where_the_benchmark_carries_its_own() -> None:
    asked, _ = played(said("A cold.", "Tea.", "Days."), GOLD)
    assert contents(asked[-1])[1::2] == ["Flu.", "Rest."]


def test_in_plain_text_it_is_a_transcript_that_stops_at_the_others_turn() -> None:
    asked, _ = played(said("A cold.", "Tea."), setting=PLAIN)
    first = "Patient: A man of 40 with a cough.\nWhat is it?\nDoctor:"
    assert asked[0].text == first
    assert asked[2].text == f"{first} A cold.\nPatient: What to do?\nDoctor: Tea.\nPatient: How long?\nDoctor:"
    assert {request.decoding.stop for request in asked} == {("#", "\nPatient:")}


def test_a_chinese_transcript_names_its_speakers_in_chinese() -> None:
    asked, _ = played(said("感冒。"), replace(OWN, language="zh", context="男，40岁，咳嗽。"), PLAIN)
    assert asked[1].text.startswith("患者：男，40岁，咳嗽。\nWhat is it?\n医生：感冒。\n患者：")
    assert asked[1].decoding.stop == ("#", "\n患者：")


def test_a_chat_needs_no_other_stop() -> None:
    asked, _ = played(said("A cold."))
    assert {request.decoding for request in asked} == {BRIEF}


@pytest.mark.parametrize("kind", ["engine_error", "too_long", "nonfinite"])
def test_a_failure_in_the_middle_ends_the_talk_as_it(kind: FailureKind) -> None:
    asked, answer = played([*said("A cold."), Failure(failure=kind, reason="gone")])
    assert len(asked) == 2
    assert answer == Answer(status=kind)


def test_one_empty_turn_is_told_as_unread_and_the_others_are_asked_all_the_same() -> None:
    asked, answer = played(said("A cold.", "  ", "Days."))
    assert contents(asked[2])[3] == ""
    assert answer == Answer(status="unread")


def test_one_turn_that_was_cut_off_is_told() -> None:
    _, answer = played([Response(text="A co", finish="length"), *said("Tea.", "Days.")])
    assert answer == Answer(status="truncated", rule="text")


def test_the_same_replies_go_the_same_way() -> None:
    replies = said("A cold.", "Tea.", "Days.")
    assert played(replies) == played(replies)
    assert played(replies)[0][0].messages == (Message(role="user", content="A man of 40 with a cough.\nWhat is it?"),)
