"""ROUGE, held against rouge-score text by text, and against what ACI-Bench published."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.rouge import KINDS, ROUGE, rouge
from medeval.metrics.text.tokens import words_of
from tests.test_metrics.test_text.conftest import asked, said

# Few words and many lines, so that there are often several longest common subsequences.
NOTES = st.lists(st.text("abc ", max_size=8).map(" ".join), max_size=6).map("\n".join)


class ByWords:
    """Our Chinese words, for rouge-score to count."""

    def tokenize(self, text: str) -> list[str]:
        return list(words_of(text, "zh"))


def notes_of(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["encounter_id"]: row["note"] for row in csv.DictReader(file)}


def theirs(*references: str, text: str, chinese: bool = False) -> list[float]:
    scorer: Any = pytest.importorskip("rouge_score.rouge_scorer")
    made = scorer.RougeScorer(list(KINDS), tokenizer=ByWords() if chinese else None)
    return [score.fmeasure for score in made.score_multi(references, text).values()]


@settings(deadline=None, max_examples=300)
@given(NOTES, NOTES)
def test_every_score_is_that_of_rouge_score(reference: str, text: str) -> None:
    assert rouge(asked(reference), said(text)) == pytest.approx(theirs(reference, text=text), rel=0, abs=1e-12)


@settings(deadline=None, max_examples=100)
@given(st.lists(NOTES, min_size=2, max_size=4), NOTES)
def test_of_several_references_each_score_takes_its_best(references: list[str], text: str) -> None:
    assert rouge(asked(*references), said(text)) == pytest.approx(theirs(*references, text=text), rel=0, abs=1e-12)


@settings(deadline=None, max_examples=200)
@given(st.text("患者服用阿司匹林。 \n", max_size=40), st.text("患者服用阿司匹林。 \n", max_size=40))
def test_chinese_scores_are_those_of_rouge_score_on_characters(reference: str, text: str) -> None:
    ours = rouge(asked(reference, language="zh"), said(text))
    assert ours == pytest.approx(theirs(reference, text=text, chinese=True), rel=0, abs=1e-12)


@pytest.mark.parametrize("line", ["", "a", "a b", " ".join("abcde" * 60)])
def test_odd_texts_are_scored_as_rouge_score_does(line: str) -> None:
    for reference, text in [(line, line), (line, "b a"), ("b a\n\nb", line), (f"{line}\n" * 3, f"\n{line}")]:
        assert rouge(asked(reference), said(text)) == pytest.approx(theirs(reference, text=text), rel=0, abs=1e-12)


def test_equal_chinese_sentences_score_one() -> None:
    assert rouge(asked("患者有高血压病史。", language="zh"), said("患者有高血压病史")) == (1.0, 1.0, 1.0, 1.0)
    assert rouge(asked("患者有高血压病史。"), said("患者有高血压病史")) == (1.0, 1.0, 1.0, 1.0)


def test_the_union_counts_what_lin_counted_in_2004() -> None:
    # Section 3.2 of "ROUGE: A Package for Automatic Evaluation of Summaries": w1 w2 w3 w5, four of five.
    four = rouge(asked("w1 w2 w3 w4 w5"), said("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5"))
    assert isinstance(four, tuple)
    recall, precision = 4 / 5, 4 / 10
    assert four[3] == pytest.approx(2 * recall * precision / (recall + precision))


def test_nothing_said_is_worth_nothing_and_counts() -> None:
    assert rouge(asked("some words"), said("")) == (0.0, 0.0, 0.0, 0.0)


def test_without_references_there_is_no_mark() -> None:
    assert rouge(asked(), said("some words")) is None


def test_the_four_share_their_marks() -> None:
    assert [(each.name, each.part, each.mark is rouge) for each in ROUGE] == [
        ("rouge1", 0, True), ("rouge2", 1, True), ("rougeL", 2, True), ("rougeLsum", 3, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "published"),
    [("test1_gpt4.csv", (51.76, 22.58, 45.97)), ("test1_bart_large_full.csv", (41.76, 19.20, 34.70))],
)
def test_notes_of_aci_bench_have_the_published_scores(real: Path, file: str, published: tuple[float, ...]) -> None:
    references = notes_of(real / "aci_bench/clinicalnlp_taskB_test1.csv")
    notes = notes_of(real / "predictions/aci_bench" / file)
    assert references.keys() == notes.keys()
    marks = np.array([rouge(asked(text), said(notes[name])) for name, text in references.items()])
    values = 100 * marks.mean(axis=0)
    assert tuple(values[[0, 1, 3]].round(2)) == published
