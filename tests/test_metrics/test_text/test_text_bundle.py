"""The bundle of metrics for texts."""

import subprocess
import sys

import numpy as np
import pytest

from medeval.metrics.text import TEXT
from medeval.records import Language
from tests.test_metrics.test_text.conftest import asked, said

NEITHER = {"length", "length_ratio", "copy_rate"}


def test_names_are_unique_and_each_says_what_it_is() -> None:
    names = [metric.name for metric in TEXT]
    assert len(set(names)) == len(names) == 21
    assert all(metric.about.endswith(".") for metric in TEXT)
    assert {metric.name for metric in TEXT if not metric.better} == NEITHER
    assert not any(metric.voted for metric in TEXT)


@pytest.mark.parametrize(
    ("language", "text", "words"), [("en", "Take one tablet daily.", 4), ("zh", "每日服用一片药。", 7)]
)
def test_a_text_that_is_its_reference_has_full_marks(language: Language, text: str, words: int) -> None:
    sample, walk = asked(text, language=language, source=text), said(text)
    for metric in TEXT:
        mark = metric.mark(sample, walk)
        if metric.interval:
            marks = np.empty(1, dtype=object)
            marks[0] = mark
        else:
            marks = np.array([mark], dtype=np.float64)
        values = metric.gather(marks, np.ones(1))
        value = float(values if metric.part is None else values[metric.part])
        if metric.name == "length":
            assert value == words
        elif metric.name == "meteor_no_synonyms":
            # One chunk of so many matches still costs a little.
            assert 0.99 < value < 1
        else:
            assert value == pytest.approx(1.0), metric.name


def test_declaring_them_loads_no_heavy_library() -> None:
    heavy = ("numpy", "scipy", "nltk", "sacrebleu", "rapidfuzz", "rouge_score")
    program = f"import sys, medeval.metrics.text; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
