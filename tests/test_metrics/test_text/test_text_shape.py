"""Lengths and copies, by hand."""

import pytest

from medeval.metrics.text.shape import copy_rate, length, length_ratio
from tests.test_metrics.test_text.conftest import asked, said


def test_length_counts_words_and_in_chinese_characters() -> None:
    assert length(asked("x"), said("Take 2 tablets, daily.")) == 4
    assert length(asked("x", language="zh"), said("每日服用2片。")) == 6
    assert length(asked("x"), said("")) == 0


@pytest.mark.parametrize(
    ("references", "ratio"),
    [
        (("a b",), 2.0),
        (("a b", "a b c d e"), 4 / 5),
        (("a b c d e", "a b c"), 4 / 3),  # as close: the shorter one
        (("a b", ""), 2.0),
        (("...",), None),
        ((), None),
    ],
)  # fmt: skip
def test_the_ratio_is_to_the_closest_reference(references: tuple[str, ...], ratio: float | None) -> None:
    assert length_ratio(asked(*references), said("one two three four")) == ratio


@pytest.mark.parametrize(
    ("source", "text", "rate"),
    [
        ("the patient has a mild cough", "The patient has a cough.", 1 / 2),
        ("the patient has a mild cough", "the patient has a mild cough", 1.0),
        ("cough mild a has patient the", "the patient has a mild cough", 0.0),
        ("the patient has a mild cough", "mild cough", None),
        ("the patient has a mild cough", "", None),
        ("", "the patient has a cough", None),
    ],
)
def test_copied_is_what_stands_in_the_source_four_words_long(source: str, text: str, rate: float | None) -> None:
    assert copy_rate(asked("x", source=source), said(text)) == rate


def test_chinese_copies_are_told_by_characters() -> None:
    assert copy_rate(asked("x", language="zh", source="医生，我头痛三天了"), said("患者头痛三天了。")) == 2 / 4
