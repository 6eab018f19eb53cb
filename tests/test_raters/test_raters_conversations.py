"""Conversations as raters see them: in the order in which they were said, and without names."""

from medeval.raters.conversations import BLACKED, Conversation, Said, blacked, conversation, item, language_of
from medeval.records import Message, Response
from medeval.scoring.shown import Exchanged
from tests.test_raters.rated import NOBODY, exchanged, line


def texts(found: Conversation | None) -> list[str]:
    assert found
    return [f"{turn.who[0]}:{turn.text}" for turn in found.turns]


OWN = line("d", exchanged("Fever?", "Since when?"), exchanged("Two days.", "See a doctor.", ("Fever?", "Since when?")))
GOLD = line("d", exchanged("Fever?", "Since when?"), exchanged("Two days.", "Rest.", ("Fever?", "How high?")))


def test_an_answer_comes_after_what_the_model_saw_before_it() -> None:
    assert texts(conversation(OWN, "answer")) == ["p:Fever?", "d:Since when?", "p:Two days.", "d:See a doctor."]
    assert texts(conversation(GOLD, "answer")) == ["p:Fever?", "d:How high?", "p:Two days.", "d:Rest."]


def test_a_dialogue_is_what_the_model_said_itself() -> None:
    assert texts(conversation(GOLD, "dialogue")) == ["p:Fever?", "d:Since when?", "p:Two days.", "d:Rest."]


def test_a_dialogue_in_plain_text_has_a_turn_a_reply() -> None:
    first = "患者：发热两天。\n医生："
    second = first + "体温多高？\n患者：三十八度。\n医生："
    found = line(
        "d", Exchanged(prompt=first, reply=Response(text="体温多高？")),
        Exchanged(prompt=second, reply=Response(text=" 多休息。")),
    )  # fmt: skip
    assert texts(conversation(found, "dialogue")) == ["p:发热两天。", "d:体温多高？", "p:三十八度。", "d:多休息。"]


def test_a_consultation_has_what_the_patient_said_and_nothing_that_was_asked_beside_it() -> None:
    found = line(
        "c", exchanged("Begin.", "Any pain?"), exchanged("All facts.", "Gout.", role="model:full"),
        exchanged("Any pain?", "In my toe.", role="patient"), exchanged("Judge this.", "Grade: 5", role="judge:strict"),
        exchanged("In my toe.", "It is gout."),
    )  # fmt: skip
    wanted = ["p:Begin.", "d:Any pain?", "p:In my toe.", "d:It is gout."]
    assert texts(conversation(found, "answer")) == texts(conversation(found, "dialogue")) == wanted


def test_system_prompts_solved_examples_and_reasoning_are_left_away() -> None:
    asked = exchanged("The question?", "<think>hm</think>An answer.", ("An example?", "Its answer."))
    asked = Exchanged(messages=(Message(role="system", content="Be kind."), *asked.messages), reply=asked.reply)
    assert texts(conversation(line("q", asked), "answer", 1)) == ["p:The question?", "d:An answer."]


def test_the_first_words_of_a_reply_that_were_put_into_the_mouth_are_shown() -> None:
    found = line("q", Exchanged(prompt="Note?", prefill="The note: ", reply=Response(text="all well.")))
    assert texts(conversation(found, "answer"))[-1] == "d:The note: all well."


def test_what_failed_cannot_be_rated() -> None:
    assert conversation(line("q", exchanged("Fever?", NOBODY)), "answer") is None
    assert conversation(line("q"), "answer") is None


def test_side_by_side_the_question_is_shown_once_in_the_shorter_wording() -> None:
    long = conversation(line("q", exchanged("Example. Example. Fever?", "Rest.")), "answer")
    short = conversation(line("q", exchanged("Fever?", "Drink.")), "answer")
    assert long
    assert short
    found = item("i", [long, short], "answer", line("q", references=("Both.",)), ())
    assert found.asked == (Said(who="patient", text="Fever?"),)
    assert [side[-1].text for side in found.sides] == ["Rest.", "Drink."]
    assert found.references == ("Both.",)


def test_what_two_dialogues_have_in_common_is_shown_once_and_each_goes_on_by_itself() -> None:
    other = line("d", exchanged("Fever?", "Since when?"), exchanged("Two days.", "Rest.", ("Fever?", "Since when?")))
    pair = [conversation(each, "answer") for each in (OWN, other)]
    found = item("i", [each for each in pair if each], "answer", OWN, ())
    assert [turn.text for turn in found.asked] == ["Fever?", "Since when?", "Two days."]
    assert [[turn.text for turn in side] for side in found.sides] == [["See a doctor."], ["Rest."]]
    whole = item("i", [each for each in pair if each], "dialogue", OWN, ())
    assert [[turn.text for turn in side] for side in whole.sides] == [
        ["Since when?", "Two days.", "See a doctor."], ["Since when?", "Two days.", "Rest."],
    ]  # fmt: skip


def test_names_are_blacked_out_where_a_model_says_them_and_only_whole_ones() -> None:
    said = conversation(
        line("q", exchanged("Are you med-7b?", "我是Med-7B助手. MED-7b is not med-7bx or intermed-7b.")), "answer"
    )
    assert said
    found = item("i", [said], "answer", line("q"), ["med-7b"])
    assert found.sides[0][0].text == f"我是{BLACKED}助手. {BLACKED} is not med-7bx or intermed-7b."
    assert found.asked[0].text == "Are you med-7b?"
    assert blacked([found]) == 1
    assert blacked([item("i", [said], "answer", line("q"), ["other"])]) == 0


def test_the_language_is_told_by_the_letters() -> None:
    assert language_of("患者男，24岁，WBC 14.2，右下腹痛12小时。") == "zh"
    assert language_of("The patient says 疼 and means pain.") == "en"
