"""What a sentence affirms and denies, word by word."""

import pytest

from medeval.casefile.units import sentences_of, units_of
from medeval.casefile.words import said, tells
from medeval.records import Language


@pytest.mark.parametrize(
    ("text", "language", "affirmed", "denied"),
    [
        ("He denied having a fever.", "en", set(), {"@fever"}),
        ("He denied fever, chills, and night sweats.", "en", set(), {"@fever", "@chills", "@night sweats"}),
        ("I have no fever, but I cough.", "en", {"@cough"}, {"@fever"}),
        ("No rash, and she has a cough.", "en", {"@cough"}, {"@rash"}),
        ("Fever is absent.", "en", set(), {"@fever"}),
        ("I don't have chest pain.", "en", set(), {"@chest pain"}),
        ("She has not lost any weight.", "en", set(), {"@weight loss"}),
        ("Shortness of breath without wheezing.", "en", {"@dyspnea"}, {"@wheezing"}),
        ("Haemoptysis and dyspnoea.", "en", {"@hemoptysis", "@dyspnea"}, set()),
        ("否认发热、盗汗，有咳嗽。", "zh", {"@cough"}, {"@fever", "@night sweats"}),
        ("无发热，咳嗽。", "zh", {"@cough"}, {"@fever"}),
        ("没有胸痛但是头晕。", "zh", {"@dizziness"}, {"@chest pain"}),
        ("四肢无力。", "zh", {"@weakness", "四肢"}, set()),
    ],
)  # fmt: skip
def test_what_is_denied_is_told_from_what_is_affirmed(
    text: str, language: Language, affirmed: set[str], denied: set[str]
) -> None:
    read = said(text, language)
    assert read.affirmed == affirmed
    assert read.denied == denied


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("coughing up of blood", "coughing up blood"), ("lost any weight", "lost weight"), ("发烧", "发热"),
        ("breathlessness", "short of breath"), ("belly pain", "abdominal pain"), ("拉肚子", "diarrhea"),
    ],
)  # fmt: skip
def test_two_ways_to_say_it_are_one_finding(one: str, other: str) -> None:
    assert said(one, "en").words == said(other, "en").words


@pytest.mark.parametrize(
    ("text", "number"), [("四十年", "40"), ("十二天", "12"), ("三个月", "3"), ("ten days", "10"), ("十年", "10")]
)
def test_numbers_in_words_are_numbers(text: str, number: str) -> None:
    assert units_of(text)[0] == number


@pytest.mark.parametrize(
    ("text", "holds"), [("No, never.", False), ("Yes, I do.", False), ("没有。", False), ("No cough.", True)]
)
def test_a_bare_yes_or_no_tells_nothing_by_itself(text: str, *, holds: bool) -> None:
    assert tells(text) is holds


def test_a_text_falls_into_sentences_whatever_ends_them() -> None:
    assert sentences_of("I cough. Since when?\nWeeks!  - ") == ("I cough.", "Since when?", "Weeks!")
    assert sentences_of("我咳嗽。两周了！3.5度") == ("我咳嗽。", "两周了！", "3.5度")
