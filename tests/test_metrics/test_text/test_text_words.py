"""F1 of words and exact match, held against the script of MLQA, which is SQuAD's for several languages."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.words import exact_match, plain_words, token_f1
from medeval.records import Language
from tests.test_metrics.test_text.conftest import asked, said

# It ends in a word that is no article, and no digit: there the two are meant to differ.
ENGLISH = st.lists(st.sampled_from(["a", "The", "an", "pain", "Pain,", "(acute)", "no", "e.g.", "-"]), max_size=6).map(
    lambda words: "  ".join([*words, "Rest."])
)
CHINESE = st.text("患者疼痛。，、aB 『』！", min_size=0, max_size=10).map(lambda text: f"{text}痛")


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh", CHINESE)])
def test_scores_are_those_of_the_script_of_mlqa(language: Language, texts: st.SearchStrategy[str]) -> None:
    mlqa: Any = pytest.importorskip("lm_eval.tasks.mlqa.utils")

    @settings(deadline=None, max_examples=100)
    @given(texts, texts)
    def agree(reference: str, text: str) -> None:
        sample, walk = asked(reference, language=language), said(text)
        assert token_f1(sample, walk) == pytest.approx(mlqa.f1_score(text, reference, language))
        assert exact_match(sample, walk) == mlqa.exact_match_score(text, reference, language)

    agree()


@pytest.mark.parametrize(
    ("language", "reference", "text", "exact", "f1"),
    [
        ("en", "The left ventricle", "left ventricle.", 1.0, 1.0),
        ("en", "acute pain", "pain in the chest", 0.0, 2 / 5),
        ("en", "3.5 mg", "35 mg", 0.0, 1 / 2),
        ("en", "1,000 mg", "1000 mg", 1.0, 1.0),
        ("en", "1-2 tablets", "12 tablets", 0.0, 1 / 2),
        ("en", "-2.5", "2.5", 0.0, 0.0),
        ("en", ".5 mg", "5 mg", 0.0, 1 / 2),
        ("en", "hepatitis A", "hepatitis", 0.0, 2 / 3),
        ("en", "ﬁbrosis", "fibrosis", 1.0, 1.0),
        ("zh", "高血压", "高血压。", 1.0, 1.0),
        ("zh", "Ⅱ型糖尿病", "糖尿病", 0.0, 2 * 3 / (5 + 3)),
        ("zh", "１００ｍｇ", "100 mg", 1.0, 0.0),
        ("zh", "3.5毫克", "35毫克", 0.0, 2 / 3),
        ("en", "pain", "", 0.0, 0.0),
    ],
)  # fmt: skip
def test_short_answers_are_compared_as_a_physician_would(
    language: Language, reference: str, text: str, exact: float, f1: float
) -> None:
    sample, walk = asked(reference, language=language), said(text)
    assert exact_match(sample, walk) == exact
    assert token_f1(sample, walk) == pytest.approx(f1)


def test_the_best_reference_counts() -> None:
    sample = asked("acute pain", "chest pain", "none")
    assert exact_match(sample, said("Chest pain")) == token_f1(sample, said("Chest pain")) == 1.0


def test_symbols_that_are_no_punctuation_stay() -> None:
    assert plain_words("SpO₂ ≥ 95 ± 2", "en") == ("spo2", "≥", "95", "±", "2")


def test_without_references_there_is_no_mark() -> None:
    assert token_f1(asked(), said("some words")) is None
    assert exact_match(asked(), said("some words")) is None
