"""Which facts answer a question, and which a text states: literal pairs, in English and Chinese."""

import pytest

from medeval.casefile import domains_of, facts_in, told_by
from medeval.records import Language

ENGLISH = (
    "A 52-year-old man presented with a cough.",
    "The cough started three weeks ago.",
    "He denied having a fever.",
    "He has lost five kilograms.",
    "He takes lisinopril.",
    "He has smoked a pack a day for 30 years.",
    "His father died of lung cancer.",
    "He is allergic to penicillin.",
    "A chest X-ray showed a nodule in the right upper lobe.",
    "He returned from Thailand last month.",
)
CHINESE = (
    "患者，女，35岁，因腹痛就诊。", "腹痛从昨晚开始。", "否认发热。", "有恶心和呕吐。", "对青霉素过敏。",
    "母亲有糖尿病。", "目前服用二甲双胍。", "不吸烟。", "血常规示白细胞升高。",
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("When did the cough start?", 1), ("How long have you been coughing?", 1), ("Do you have a fever?", 2),
        ("Any fever or chills?", 2), ("Do you take any medicines?", 4),
        ("What medications are you on?", 4), ("Do you smoke?", 5), ("Any illness in your family?", 6),
        ("Are you allergic to anything?", 7), ("TEST: chest x-ray", 8),
    ],
)  # fmt: skip
def test_a_question_finds_the_fact_that_answers_it(question: str, place: int) -> None:
    assert place in told_by(question, ENGLISH, "en")


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("什么时候开始痛的？", 1), ("有没有发烧？", 2), ("恶心呕吐吗？", 3), ("对什么药物过敏？", 4),
        ("家里人有什么病吗？", 5), ("现在吃什么药？", 6), ("您抽烟吗？", 7), ("检查：血常规", 8),
    ],
)  # fmt: skip
def test_it_does_so_in_chinese(question: str, place: int) -> None:
    assert place in told_by(question, CHINESE, "zh")


@pytest.mark.parametrize("question", ["Do you have any hearing loss?", "Does your knee hurt?", "Is your urine dark?"])
def test_what_the_case_does_not_know_finds_nothing(question: str) -> None:
    assert told_by(question, ENGLISH, "en") == ()


def test_no_more_facts_are_told_than_are_wanted_and_always_the_same() -> None:
    question = "Tell me about your cough, fever, weight and medicines?"
    found = told_by(question, ENGLISH, "en", most=2)
    assert 0 < len(found) <= 2
    assert found == told_by(question, ENGLISH, "en", most=2)


@pytest.mark.parametrize(
    ("text", "language", "places"),
    [
        ("He denied having a fever.", "en", (2,)), ("No, I have no fever.", "en", (2,)),
        ("Yes, I have a fever.", "en", ()), ("I take lisinopril. My cough started three weeks ago.", "en", (1, 4)),
        ("I don't know.", "en", ()),
        ("没有发热。", "zh", (2,)), ("我发热了。", "zh", ()), ("不清楚。", "zh", ()), ("有恶心和呕吐。", "zh", (3,)),
    ],
)  # fmt: skip
def test_a_text_states_the_facts_that_it_does_not_turn_round(
    text: str, language: Language, places: tuple[int, ...]
) -> None:
    assert facts_in(text, ENGLISH if language == "en" else CHINESE, language) == places


@pytest.mark.parametrize(
    ("sentence", "language", "domain"),
    [
        ("Do you smoke?", "en", "tobacco"), ("She takes lisinopril daily.", "en", "medication"),
        ("Her mother had breast cancer.", "en", "family"), ("TEST: MRI of the head", "en", "imaging"),
        ("家族史如何？", "zh", "family"), ("喝酒吗？", "zh", "alcohol"), ("做过手术吗？", "zh", "past"),
    ],
)  # fmt: skip
def test_a_sentence_has_its_domain(sentence: str, language: Language, domain: str) -> None:
    assert domain in domains_of(sentence, language)
