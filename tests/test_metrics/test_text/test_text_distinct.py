"""Distinct words and pairs: by hand, and against sets of the texts themselves."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.metrics.text.distinct import across, gather, no_interval, within
from medeval.records import Language
from tests.test_metrics.test_text.conftest import asked, said


@pytest.mark.parametrize(
    ("language", "text", "words", "pairs"),
    [
        ("en", "Rest, rest and rest again", 3 / 5, 1.0),
        ("en", "no no no no", 1 / 4, 1 / 3),
        ("zh", "好好休息，好好吃药", 5 / 8, 6 / 7),
        ("en", "yes", 1.0, 0.0),
        ("en", "", 0.0, 0.0),
    ],
)
def test_within_a_text_distinct_is_a_share_of_its_runs(
    language: Language, text: str, words: float, pairs: float
) -> None:
    sample, walk = asked("x", language=language), said(text)
    assert (within(1)(sample, walk), within(2)(sample, walk)) == pytest.approx((words, pairs))


def marks_of(texts: list[str], size: int) -> list[tuple[int, ...]]:
    marks = [across(size)(asked("x"), said(text)) for text in texts]
    assert all(isinstance(mark, tuple) for mark in marks)
    return marks  # type: ignore[return-value]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=5),
    st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=4),
)
def test_across_texts_a_run_is_distinct_once(texts: list[list[str]], drawn: list[list[int]]) -> None:
    weights = np.array(drawn, dtype=np.float64)[:, : len(texts)]
    found = gather(marks_of([" ".join(text) for text in texts], 2), weights)
    for value, times in zip(found, weights.astype(int), strict=True):
        pairs = [
            pair for text, number in zip(texts, times, strict=True) for _ in range(number)
            for pair in pairwise(text)
        ]  # fmt: skip
        assert value == (len(set(pairs)) / len(pairs) if pairs else 0.0)


def test_marks_of_one_length_and_of_several_are_gathered_alike() -> None:
    marks = marks_of(["a b c", "c d e"], 1)
    objects = np.empty(2, dtype=object)
    objects[:] = marks
    assert gather(objects, np.ones(2)) == gather(np.array(marks).tolist(), np.ones(2)) == 5 / 6


def test_there_is_no_interval_and_it_says_so() -> None:
    assert no_interval(marks_of(["a b", "b c"], 1), 0) == (3 / 4, 3 / 4, "none: draws repeat texts")


def test_the_number_of_a_run_is_the_same_in_another_process() -> None:
    program = "from medeval.metrics.text.distinct import _number; print(_number(('chest', 'pain')))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert marks_of(["chest pain"], 2) == [(int(found.stdout),)]
    assert int(found.stdout) < 2**53
