"""chrF, held against sacrebleu."""

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.chrf import gather, shared
from tests.test_metrics.test_text.conftest import asked, said

TEXT = st.text("ab 患者。\n", max_size=25)
ROWS = st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4)


@settings(deadline=None, max_examples=100)
@given(ROWS)
def test_a_corpus_has_the_score_of_sacrebleu(rows: list[tuple[str, ...]]) -> None:
    texts, *references = [list(column) for column in zip(*rows, strict=True)]
    marks = np.array([shared(asked(*row[1:]), said(row[0])) for row in rows])
    expected = sacrebleu.CHRF().corpus_score(texts, references).score / 100
    assert gather(marks, np.ones(len(rows))) == pytest.approx(expected, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(ROWS)
def test_a_weight_is_how_often_a_text_is_there(rows: list[tuple[str, ...]]) -> None:
    texts, *references = [[*column, column[0]] for column in zip(*rows, strict=True)]
    marks = np.array([shared(asked(*row[1:]), said(row[0])) for row in rows])
    twice = np.ones((2, len(rows)))
    twice[1, 0] = 2
    found = gather(marks, twice)
    assert found.shape == (2,)
    assert found[1] == pytest.approx(sacrebleu.CHRF().corpus_score(texts, references).score / 100, rel=0, abs=1e-12)


def test_without_references_there_is_no_mark() -> None:
    assert shared(asked(), said("some words")) is None
