"""METEOR without synonyms: the numbers of Lavie and Agarwal's formula, by hand."""

import pytest

from medeval.metrics.text.meteor import meteor
from medeval.records import Language
from tests.test_metrics.test_text.conftest import asked, said


def by_formula(matches: int, text: int, reference: int, chunks: int) -> float:
    """Their equations of 2007 with α 0.9, β 3 and γ 0.5."""
    precision, recall = matches / text, matches / reference
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    return mean * (1 - 0.5 * (chunks / matches) ** 3)


@pytest.mark.parametrize(
    ("reference", "text", "counts"),
    [
        ("the cat sat on the mat", "the cat sat on the mat", (6, 6, 6, 1)),
        # Three chunks at best; nltk takes the last free word each time, and crosses more.
        ("the cat sat on the mat", "on the mat sat the cat", (6, 6, 6, 6)),
        # "tablets" is matched by its stem.
        ("take two tablets", "two tablet", (2, 2, 3, 1)),
        # "car" and "automobile" share a synset of WordNet, and stay unmatched.
        ("the fast automobile", "the fast car", (2, 3, 3, 1)),
    ],
)  # fmt: skip
def test_words_and_stems_are_matched(reference: str, text: str, counts: tuple[int, int, int, int]) -> None:
    assert meteor(asked(reference), said(text)) == pytest.approx(by_formula(*counts))


def test_the_example_in_nltk_has_the_score_it_has_there() -> None:
    # No word of it has a synonym in the other text.
    sample = asked("It is a guide to action that ensures that the military will forever heed Party commands")
    text = "It is a guide to action which ensures that the military always obeys the commands of the party"
    assert meteor(sample, said(text)) == pytest.approx(0.6944, abs=5e-5)


@pytest.mark.parametrize(
    ("language", "reference", "text", "counts"),
    [
        ("zh", "患者服用阿司匹林", "患者服阿司匹林", (7, 7, 8, 2)),
        ("zh", "两片 tablets", "两片 tablet", (2, 3, 3, 1)),
        ("en", "两片 tablets", "两片 tablet", (3, 3, 3, 1)),
    ],
)
def test_chinese_is_matched_by_characters_and_without_stems(
    language: Language, reference: str, text: str, counts: tuple[int, int, int, int]
) -> None:
    assert meteor(asked(reference, language=language), said(text)) == pytest.approx(by_formula(*counts))


def test_the_best_reference_counts() -> None:
    best = meteor(asked("no pain at all", "severe headache"), said("severe headache"))
    assert best == meteor(asked("severe headache"), said("severe headache")) == pytest.approx(1 - 0.5 / 2**3)


def test_nothing_said_or_nothing_shared_is_worth_nothing() -> None:
    assert meteor(asked("severe headache"), said("")) == 0.0
    assert meteor(asked("severe headache"), said("none")) == 0.0


def test_without_references_there_is_no_mark() -> None:
    assert meteor(asked(), said("some words")) is None
