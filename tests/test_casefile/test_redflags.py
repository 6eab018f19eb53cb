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
