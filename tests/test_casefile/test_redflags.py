"""Red flags are findings that are affirmed."""

import pytest

from medeval.casefile.redflags import red_flags_in
from medeval.records import Language


@pytest.mark.parametrize(
    ("sentence", "language", "count"),
    [
        ("She has crushing chest pain.", "en", 1), ("He denied chest pain.", "en", 0), ("She has a cold.", "en", 0),
        ("He coughed up blood and lost weight.", "en", 2), ("It was the worst headache of her life.", "en", 1),
        ("患者胸痛伴呼吸困难。", "zh", 2), ("否认胸痛。", "zh", 0), ("黑便两天。", "zh", 1),
    ],
)  # fmt: skip
def test_a_sentence_affirms_its_flags(sentence: str, language: Language, count: int) -> None:
    assert len(red_flags_in(sentence, language)) == count


@pytest.mark.parametrize(
    ("sentence", "language", "flags"),
    [
        ("He has a fever and a petechial rash.", "en", {"fever with rash"}),
        ("He has a fever, but no rash.", "en", set()),
        ("He has a fever. A rash appeared today.", "en", {"fever with rash"}),
        ("Her left arm is weak.", "en", {"focal weakness"}),
        ("She feels weak and tired. Her left ear itches.", "en", set()),
        ("She is pregnant and has vaginal bleeding.", "en", {"bleeding in pregnancy"}),
        ("His father coughed up blood.", "en", set()),
        ("He feels numb around the anus: saddle anesthesia, with urinary retention.", "en",
         {"saddle anesthesia", "loss of bladder or bowel control"}),
        ("He has had a kidney transplant.", "en", {"immunosuppression"}),
        ("Her lips and tongue: lip swelling after a bee sting.", "en", {"anaphylaxis"}),
        ("他突然晕倒。", "zh", {"syncope"}), ("颈项强直，发热。", "zh", {"neck stiffness"}),
        ("右侧肢体无力，言语不清。", "zh", {"focal weakness"}), ("她有轻生的念头。", "zh", {"suicidal ideation"}),
    ],
)  # fmt: skip
def test_each_flag_has_its_name(sentence: str, language: Language, flags: set[str]) -> None:
    assert red_flags_in(sentence, language) == flags


@pytest.mark.parametrize(
    ("question", "language", "flag"),
    [
        ("Have you had any chest pain?", "en", "chest pain"), ("He denied coughing up blood.", "en", "hemoptysis"),
        ("有没有晕倒过？", "zh", "syncope"), ("否认胸痛。", "zh", "chest pain"),
    ],
)  # fmt: skip
def test_a_question_or_a_denial_touches_its_flag(question: str, language: Language, flag: str) -> None:
    assert red_flags_in(question, language, denied=True) == {flag}
