"""Figures of tables, held against scikit-learn and hand-made counts."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score

from medeval.stats.tables import counted, f1_of_labels, figures

Floats = npt.NDArray[np.float64]

NAMES = ("balanced", "macro", "weighted", "micro", "spread", "preference")
PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=60)
"""Targets and picks of four labels; a pick of -1 is none."""


def figured(pairs: list[tuple[int, int]], labels: int = 4) -> dict[str, float]:
    marks = np.array(pairs, dtype=np.float64)
    found = figures(counted(marks, np.ones((1, len(marks))), labels))[0].tolist()
    return dict(zip([*NAMES, *[f"recall_{label}" for label in range(labels)]], found, strict=True))


def f1(pairs: list[tuple[int, int]], average: str | None, labels: int = 4) -> npt.NDArray[np.float64]:
    targets, picks = zip(*pairs, strict=True)
    found: Floats = f1_score(targets, picks, labels=range(labels), average=average, zero_division=0.0)
    return found


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_the_three_kinds_of_f1_agree_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    found = figured(pairs)
    for name in ("macro", "weighted", "micro"):
        assert found[name] == pytest.approx(f1(pairs, name), rel=0, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_the_f1_of_each_label_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    marks = np.array(pairs, dtype=np.float64)
    found = f1_of_labels(counted(marks, np.ones(len(marks)), 4))
    assert found == pytest.approx(f1(pairs, None), rel=0, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_recalls_and_their_mean_and_spread_are_those_of_the_labels_that_occur(pairs: list[tuple[int, int]]) -> None:
    targets, picks = zip(*pairs, strict=True)
    found, there = figured(pairs), sorted({*targets})
    truth = recall_score(targets, picks, labels=there, average=None, zero_division=0.0)
    assert [found[f"recall_{label}"] for label in there] == pytest.approx(truth.tolist(), abs=1e-12)
    # scikit-learn's balanced accuracy is this mean, and warns where a pick is no label that is ever right.
    assert found["balanced"] == pytest.approx(float(truth.mean()), abs=1e-12)
    assert found["spread"] == pytest.approx(float(truth.std()), abs=1e-12)


def test_a_label_that_is_never_right_has_no_recall_and_an_f1_of_nothing() -> None:
    found = figured([(0, 0), (1, 1), (1, 0)], labels=3)
    assert np.isnan(found["recall_2"])
    assert (found["recall_0"], found["recall_1"], found["balanced"]) == (1.0, 0.5, 0.75)
    assert found["macro"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_always_yes_on_pubmedqa_has_the_known_macro_f1() -> None:
    found = figured([(0, 0)] * 276 + [(1, 0)] * 169 + [(2, 0)] * 55, labels=3)
    assert found["macro"] == pytest.approx(0.2371, abs=5e-5)
    assert found["micro"] == pytest.approx(0.552)
    assert (found["balanced"], found["spread"]) == pytest.approx((1 / 3, 2**0.5 / 3))
    # Of its picks, those that should have been no and maybe.
    assert found["preference"] == pytest.approx((169 + 55) / 500)


def test_an_unread_answer_lowers_recall_and_no_precision() -> None:
    found = figured([(0, 0), (0, -1), (1, 1), (1, 0), (2, -1)], labels=3)
    # By hand: 2/(2+1+1), 2/(2+1), 0; two of three picks are right, of five questions.
    assert found["macro"] == pytest.approx((2 / 4 + 2 / 3 + 0) / 3)
    assert found["micro"] == pytest.approx(2 * 2 / (5 + 3))


@pytest.mark.parametrize(
    ("pairs", "moved"),
    [
        ([(0, 0), (1, 1), (2, 2), (3, 3)], 0.0),
        ([(0, 3), (1, 2), (2, 1), (3, 0)], 0.0),
        ([(0, 0), (1, 0), (2, 0), (3, 0)], 0.75),
        ([(0, 0), (1, 0), (2, 2), (3, 3)], 0.25),
        ([(0, 0), (1, -1), (2, -1), (3, -1)], 0.75),
        ([(0, -1), (1, -1)], 0.0),
    ],
)
def test_preference_is_the_share_of_picks_that_would_have_to_move(pairs: list[tuple[int, int]], moved: float) -> None:
    assert figured(pairs)["preference"] == pytest.approx(moved)


@settings(deadline=None, max_examples=40)
@given(PAIRS, st.data())
def test_a_weight_is_as_many_samples(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)).filter(any))
    marks = np.array(pairs, dtype=np.float64)
    repeated = marks.repeat(times, axis=0)
    tables = counted(marks, np.array([times, times], dtype=np.float64), 4)
    truth = counted(repeated, np.ones(len(repeated)), 4)
    assert tables.shape == (2, 4, 5)
    assert (tables == truth).all()
    assert figures(tables)[1] == pytest.approx(figures(truth), rel=0, abs=1e-12, nan_ok=True)


@settings(deadline=None, max_examples=20)
@given(PAIRS.flatmap(st.permutations))
def test_the_order_of_samples_changes_no_bit(pairs: list[tuple[int, int]]) -> None:
    assert np.array_equal([*figured(pairs).values()], [*figured(sorted(pairs)).values()], equal_nan=True)


def test_many_tables_at_once_are_each_what_it_is_alone() -> None:
    tables = np.random.default_rng(0).integers(0, 6, size=(3, 5, 4, 5)).astype(np.float64)
    together = figures(tables)
    assert together.shape == (3, 5, 10)
    alone = [[figures(table) for table in row] for row in tables]
    assert together == pytest.approx(np.array(alone), rel=0, abs=1e-15, nan_ok=True)
