"""BLEU and GLEU, held against sacrebleu and nltk, on whole corpora and on weighted ones."""

from typing import Any, Literal

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.bleu import BLEU, GLEU, gather, shared, tokenizer
from medeval.records import Language
from tests.test_metrics.test_text.conftest import asked, said

LETTERS = {"en": "ab .,-3&\n", "zh": "患者服药 a。，3"}
TOKENIZERS: dict[str, Literal["13a", "zh"]] = {"en": "13a", "zh": "zh"}
LANGUAGES: tuple[Language, ...] = ("en", "zh")
CORPUS = st.sampled_from(LANGUAGES).flatmap(
    lambda language: st.tuples(
        st.just(language),
        st.lists(
            st.tuples(*[st.text(LETTERS[language], max_size=30).map(lambda text: text * 2)] * 3), min_size=1, max_size=4
        ),
    )
)
Corpus = tuple[Language, list[tuple[str, ...]]]


def marks_of(corpus: Corpus) -> Any:
    language, rows = corpus
    return np.array([shared(asked(*row[1:], language=language), said(row[0])) for row in rows])


@settings(deadline=None, max_examples=100)
@given(CORPUS)
def test_a_corpus_has_the_scores_of_sacrebleu(corpus: Corpus) -> None:
    language, rows = corpus
    texts, *references = [list(column) for column in zip(*rows, strict=True)]
    values = gather(marks_of(corpus), np.ones(len(rows)))
    for order in range(1, 5):
        judge = sacrebleu.BLEU(tokenize=TOKENIZERS[language], max_ngram_order=order)
        assert values[order - 1] == pytest.approx(judge.corpus_score(texts, references).score / 100, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(CORPUS)
def test_a_sentence_has_the_score_of_sacrebleu(corpus: Corpus) -> None:
    language, rows = corpus
    ours = marks_of(corpus)[:, BLEU[4].part]
    theirs = [
        sacrebleu.sentence_bleu(text, references, tokenize=TOKENIZERS[language]).score / 100
        for text, *references in rows
    ]
    assert ours == pytest.approx(theirs, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(CORPUS)
def test_a_corpus_has_the_gleu_of_nltk(corpus: Corpus) -> None:
    theirs: Any = pytest.importorskip("nltk.translate.gleu_score")
    language, rows = corpus
    words = [[tokenizer(language)(text.rstrip()).split() for text in row] for row in rows]
    expected = theirs.corpus_gleu([row[1:] for row in words], [row[0] for row in words])
    assert gather(marks_of(corpus), np.ones(len(rows)))[GLEU.part] == pytest.approx(expected, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(CORPUS, st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=3))
def test_a_weight_is_how_often_a_text_is_there(corpus: Corpus, drawn: list[list[int]]) -> None:
    language, rows = corpus
    weights = np.array(drawn, dtype=np.float64)[:, : len(rows)]
    values = gather(marks_of(corpus), weights)
    assert values.shape == (len(drawn), 5)
    for row, times in zip(values, weights.astype(int), strict=True):
        repeated = [each for each, number in zip(rows, times, strict=True) for _ in range(number)]
        if repeated:
            expected = gather(marks_of((language, repeated)), np.ones(len(repeated)))
            assert row == pytest.approx(expected, rel=0, abs=1e-12)
        else:
            assert (row == 0).all()


def test_gleu_is_that_of_the_example_in_nltk() -> None:
    first = asked(
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party",
        "It is the practical guide for the army always to heed the directions of the party",
    )
    second = asked("he was interested in world history because he read the book")
    texts = (
        "It is a guide to action which ensures that the military always obeys the commands of the party",
        "he read the book because he was interested in world history",
    )
    marks = np.array([shared(sample, said(text)) for sample, text in zip((first, second), texts, strict=True)])
    assert gather(marks, np.ones(2))[GLEU.part] == pytest.approx(0.5673, abs=5e-5)


def test_equal_texts_score_one_and_empty_ones_nothing() -> None:
    for language, text in [("en", "Take one tablet daily."), ("zh", "每日服用一片。")]:
        sample = asked(text, language=language)  # type: ignore[arg-type]
        full, empty = [np.array([shared(sample, said(each))]) for each in (text, "")]
        assert gather(full, np.ones(1)) == pytest.approx([1.0] * 5)
        assert gather(empty, np.ones(1)) == pytest.approx([0.0] * 5)
        assert [full[0, 12], empty[0, 12]] == pytest.approx([1.0, 0.0])


def test_without_references_there_is_no_mark() -> None:
    assert shared(asked(), said("some words")) is None
