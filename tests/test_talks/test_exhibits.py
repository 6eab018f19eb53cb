"""Exhibits: what a judge is shown of every kind of walk."""

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered
from medeval.gradings import Per
from medeval.prompts import Asking, first_turn
from medeval.records import (
    Answer,
    ChoiceSample,
    Decoding,
    DialogueSample,
    Exchange,
    Failure,
    Message,
    OpenSample,
    Reply,
    Request,
    Response,
    Sample,
    Turn,
    Walk,
)
from medeval.talks.converse import conversed
from medeval.talks.exhibits import Exhibit, exhibits
from tests.consultations import BRIEF, CASE, CASE_ZH, CHAT, doctor, led, walked

OPEN = OpenSample(id="0", messages=(Message(role="user", content="May I fly?"),), references=("Yes.", "Mostly."))
TALK = DialogueSample(
    id="1", context="A man of 40.",
    turns=(Turn(asked="Why?", reference="Gout."), Turn(asked="Then?"), Turn(asked="And beer?", reference="None.")),
)  # fmt: skip
GOLD = replace(TALK, carried="gold")
PERS: tuple[Per, ...] = ("answer", "turn", "dialogue", "patient")


def walk(*said: Reply | str) -> Walk:
    replies = [Response(text=each) if isinstance(each, str) else each for each in said]
    return Walk(
        exchanges=tuple([Exchange(request=Request(decoding=Decoding()), asked="", reply=each) for each in replies]),
        answer=Answer(),
    )


def spoken(*said: str, sample: DialogueSample = TALK) -> Walk:
    left = list(said)
    return walked(conversed(sample, Asking(first_turn, CHAT), BRIEF), lambda _: left.pop(0))


def shown(per: Per, sample: Sample, of: Walk) -> list[Exhibit]:
    return list(exhibits(per, sample, of))


@pytest.mark.parametrize("per", ["answer", "turn"])
def test_a_text_is_shown_with_its_question_and_all_that_would_have_been_good(per: Per) -> None:
    assert shown(per, OPEN, walk("Yes, you may.")) == [
        Exhibit(0, "Yes, you may.", question="May I fly?", gold="Yes.\n\nMostly.")
    ]


def test_what_was_said_before_a_question_is_its_history_each_by_who_said_it() -> None:
    before = (
        Message(role="system", content="You are a doctor."), Message(role="user", content="I have a cold."),
        Message(role="assistant", content="Rest."),
    )  # fmt: skip
    sample = replace(OPEN, messages=(*before, *OPEN.messages), references=())
    (found,) = shown("answer", sample, walk("Yes."))
    assert found.history == "You are a doctor.\nPatient: I have a cold.\nDoctor: Rest."
    assert (found.question, found.gold, found.case) == ("May I fly?", "", "")
    (chinese,) = shown("answer", replace(sample, language="zh"), walk("可以。"))
    assert chinese.history == "You are a doctor.\n患者：I have a cold.\n医生：Rest."


def test_a_text_as_a_dialogue_is_one_question_and_one_answer() -> None:
    (found,) = shown("dialogue", OPEN, walk("Yes, you may."))
    assert (found.answer, found.gold) == ("Patient: May I fly?\nDoctor: Yes, you may.", "Yes.\n\nMostly.")


def test_every_turn_is_shown_after_what_the_model_said_before_it() -> None:
    assert shown("turn", TALK, spoken(" Sepsis. ", "Run.", "Some.")) == [
        Exhibit(0, "Sepsis.", "A man of 40.", "", "Why?", "Gout."),
        Exhibit(1, "Run.", "A man of 40.", "Patient: Why?\nDoctor: Sepsis.", "Then?", ""),
        Exhibit(
            2, "Some.", "A man of 40.", "Patient: Why?\nDoctor: Sepsis.\nPatient: Then?\nDoctor: Run.",
            "And beer?", "None.",
        ),
    ]  # fmt: skip


def test_where_the_benchmark_s_answers_are_carried_they_stand_before_a_turn() -> None:
    histories = [each.history for each in shown("turn", GOLD, spoken("Sepsis.", "Run.", "Some.", sample=GOLD))]
    assert histories == ["", "Patient: Why?\nDoctor: Gout.", "Patient: Why?\nDoctor: Gout.\nPatient: Then?\nDoctor: "]


def test_the_answer_of_a_dialogue_is_the_last_of_its_turns() -> None:
    said = spoken("Sepsis.", "Run.", "Some.")
    assert shown("answer", TALK, said) == shown("turn", TALK, said)[-1:]


def test_a_dialogue_as_a_whole_is_what_was_asked_and_what_the_model_said() -> None:
    for sample in (TALK, GOLD):
        (found,) = shown("dialogue", sample, spoken("Sepsis.", "Run.", "Some.", sample=sample))
        assert found == Exhibit(
            0,
            "Patient: Why?\nDoctor: Sepsis.\nPatient: Then?\nDoctor: Run.\nPatient: And beer?\nDoctor: Some.",
            "A man of 40.", gold="Gout.\n\nNone.",
        )  # fmt: skip


def test_a_turn_that_failed_for_good_and_those_after_it_are_empty() -> None:
    said = walk("Sepsis.", Failure(failure="too_long", reason="9 tokens"))
    found = shown("turn", TALK, said)
    assert [(each.turn, each.answer, each.question) for each in found] == [
        (0, "Sepsis.", "Why?"), (1, "", "Then?"), (2, "", "And beer?"),
    ]  # fmt: skip


def consulted() -> Walk:
    return led(doctor("How old are you?", "TEST: uric acid", "It is gout.\nANSWER: A"))


def test_a_consultation_is_shown_with_the_whole_case_and_up_to_the_doctor_s_last_word() -> None:
    (found,) = shown("answer", CASE, consulted())
    assert found.case == "\n".join(CASE.facts)
    assert (found.question, found.gold, found.answer) == ("What is it?", "Gout", "It is gout.\nANSWER: A")
    assert found.history == (
        "Patient: A man of 50 has a painful toe.\nDoctor: How old are you?\n"
        "Patient: Yes.\nDoctor: TEST: uric acid\nPatient: Yes."
    )


def test_a_consultation_as_a_whole_has_all_turns_and_nothing_of_what_is_asked_beside_it() -> None:
    (found,) = shown("dialogue", CASE, consulted())
    assert found.answer == (
        "Patient: A man of 50 has a painful toe.\nDoctor: How old are you?\n"
        "Patient: Yes.\nDoctor: TEST: uric acid\nPatient: Yes.\nDoctor: It is gout.\nANSWER: A"
    )
    assert (found.case, found.gold, found.question) == ("\n".join(CASE.facts), "Gout", "")
    # The script says B from the opening alone, and D after each reply.
    assert "Answer: " not in found.answer


def test_what_a_patient_says_is_shown_after_the_doctor_s_question_and_with_the_case() -> None:
    case = "\n".join(CASE.facts)
    assert shown("patient", CASE, consulted()) == [
        Exhibit(0, "Yes.", case, "", "How old are you?"), Exhibit(1, "Yes.", case, "", "TEST: uric acid"),
    ]  # fmt: skip


def test_who_concludes_at_once_has_heard_the_opening_alone() -> None:
    said = led(doctor("ANSWER: A"))
    (found,) = shown("answer", CASE, said)
    assert found.history == "Patient: A man of 50 has a painful toe."
    assert shown("patient", CASE, said) == []


def test_a_chinese_consultation_is_told_in_chinese() -> None:
    said = led(doctor("您多大年纪？", "答案：A"), sample=CASE_ZH)
    (found,) = shown("dialogue", CASE_ZH, said)
    assert found.answer == "患者：男，50岁，脚趾疼痛。\n医生：您多大年纪？\n患者：Yes.\n医生：答案：A"
    assert found.gold == "痛风"


def test_a_question_with_options_is_shown_with_its_passage_and_the_right_option() -> None:
    sample = ChoiceSample(
        id="2", question="Which?", context="A passage.", options=lettered(("Gout", "Sepsis")), target=("B",)
    )
    assert shown("answer", sample, walk("B")) == [Exhibit(0, "B", "A passage.", "", "Which?", "Sepsis")]


@pytest.mark.parametrize("per", PERS)
@pytest.mark.parametrize("sample", [OPEN, TALK, GOLD, CASE], ids=["open", "talk", "gold", "case"])
def test_a_walk_on_which_nothing_was_said_has_nothing_but_empty_answers(sample: Sample, per: Per) -> None:
    failed = walk(Failure(failure="too_long", reason="9 tokens"))
    found = shown(per, sample, failed)
    assert len(found) == {"patient": 0, "turn": 3 if isinstance(sample, DialogueSample) else 1}.get(per, 1)
    said = {each.answer.replace("Patient:", "").replace("Doctor:", "").strip() for each in found}
    assert said <= {"", "May I fly?", "Why?", "A man of 50 has a painful toe."}, "a dialogue has its questions"
