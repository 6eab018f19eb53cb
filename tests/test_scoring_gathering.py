"""Many marks to values: what shares draws, what is drawn together, and what stands under which name."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.metrics import f1_score

from medeval import metrics
from medeval.arrange import words
from medeval.errors import TaskError
from medeval.metrics.base import Metric, of_list
from medeval.metrics.calibration import CALIBRATION
from medeval.metrics.choice import chance_corrected
from medeval.records import ChoiceSample, Walk
from medeval.scoring.gathering import Gathered, as_array, gathered
from medeval.stats import Interval, clustered, student, wilson

LABELS = ("yes", "no", "maybe")
OF_LABELS = metrics.of_labels(*LABELS)
F1 = metrics.macro_f1(*LABELS)
DICE = np.random.default_rng(0)
PAIRS = [(float(DICE.integers(3)), float(DICE.integers(-1, 3))) for _ in range(80)]
SURE = [(float(each), float(DICE.random() < each)) for each in DICE.beta(4, 2, 80)]


def sample(number: int = 0, cluster: str = "", **slices: str) -> ChoiceSample:
    return ChoiceSample(
        id=str(number), question="?", options=words(*LABELS), target=("yes",), cluster=cluster, slices=slices
    )


def marked(marks: Sequence[Any], clusters: int = 0) -> list[tuple[Any, ChoiceSample]]:
    """Marks of samples in so many clusters; with none every sample is one of its own."""
    return [(mark, sample(n, f"case {n % clusters}" if clusters else "")) for n, mark in enumerate(marks)]


def nothing(asked: ChoiceSample, walk: Walk) -> float:
    raise AssertionError


def own(**how: Any) -> Metric:
    return Metric(**{"name": "own", "about": "", "version": 1, "mark": nothing, **how})


# --- sharing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("clusters", [0, 4, 16])
def test_metrics_that_share_draws_have_the_values_that_they_have_alone(clusters: int) -> None:
    pairs = marked(PAIRS, clusters)
    together = gathered(OF_LABELS, pairs, 5, draws=200)
    alone = [gathered([metric], pairs, 5, draws=200)[0] for metric in OF_LABELS]
    assert together == alone
    assert len({each.value for each in together}) == len(OF_LABELS)


@pytest.mark.parametrize("clusters", [0, 16])
def test_metrics_of_several_kinds_keep_their_order(clusters: int) -> None:
    named = {metric.name: metric for metric in CALIBRATION}
    chosen = [named[name] for name in ("aurc", "ece_null", "auroc", "ece")]
    together = gathered(chosen, marked(SURE, clusters), 5, draws=200)
    assert together == [gathered([metric], marked(SURE, clusters), 5, draws=200)[0] for metric in chosen]
    assert gathered(chosen[::-1], marked(SURE, clusters), 5, draws=200) == together[::-1]


def test_metrics_that_share_marks_are_gathered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []
    plain = OF_LABELS[0].gather

    def listening(marks: Any, weights: Any) -> Any:
        shapes.append(weights.shape)
        return plain(marks, weights)

    gathered([replace(metric, gather=listening) for metric in OF_LABELS], marked(PAIRS), 0, draws=200)
    assert sum(shape[0] for shape in shapes if shape[0] > 1) <= 200 + len({*PAIRS})


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(80)), st.sampled_from([0, 4, 16]))
def test_the_order_of_samples_changes_no_bit(order: list[int], clusters: int) -> None:
    pairs = marked(PAIRS, clusters)
    first = gathered(OF_LABELS, pairs, 5, draws=100)
    assert gathered(OF_LABELS, [pairs[place] for place in order], 5, draws=100) == first


# --- values and their intervals -----------------------------------------------------------------


def test_right_and_wrong_have_wilson_and_graded_marks_student() -> None:
    (plain,), (graded,) = [
        gathered([metrics.accuracy], marked(marks), 0) for marks in ([1.0, 0.0, 1.0] * 9, [1.0, 0.5, 0.25] * 9)
    ]
    assert plain == Gathered(2 / 3, wilson(18, 27), 27.0)
    assert (graded.value, graded.worth) == pytest.approx((1.75 / 3, 27))
    assert graded.interval == student([1.0, 0.5, 0.25] * 9)


def test_a_mean_in_clusters_is_cr1_and_worth_less() -> None:
    marks = [1.0, 1.0, 0.0, 0.0] * 10
    (found,) = gathered([metrics.accuracy], marked(marks, 4), 0)
    interval, worth = clustered(marks, [f"case {n % 4}" for n in range(40)])
    # Of a share no more can be said than that it is one.
    assert interval.low < 0
    assert interval.high > 1
    assert found == Gathered(0.5, Interval(0.0, 1.0, "CR1 over 4 clusters"), worth)
    assert worth < 40


@pytest.mark.parametrize(("mark", "hits"), [(1.0, 12), (0.0, 0)])
def test_clusters_that_are_all_right_or_all_wrong_have_room_for_doubt(mark: float, hits: int) -> None:
    (found,) = gathered([metrics.accuracy], marked([mark] * 60, 12), 0)
    assert found == Gathered(mark, wilson(hits, 12)._replace(method="wilson over 12 clusters"), 12.0)


def test_a_share_has_no_limits_beyond_nothing_and_all_and_what_is_signed_has() -> None:
    grade = replace(metrics.accuracy, name="grade")
    marks = marked([0.0, 0.5, 1.0, 1.0])
    low, high, _ = student([0.0, 0.5, 1.0, 1.0])
    assert low < 0
    assert high > 1
    assert gathered([grade], marks, 0)[0].interval[:2] == (0.0, 1.0)
    assert gathered([replace(grade, signed=True)], marks, 0)[0].interval[:2] == (low, high)
    assert gathered([replace(grade, unit="plain")], marks, 0)[0].interval[:2] == (low, high)


def test_amounts_that_happen_to_be_nothing_are_not_taken_for_wrong() -> None:
    length = replace(metrics.accuracy, name="length", unit="plain", better="")
    assert gathered([length], marked([0.0] * 24), 0)[0].interval.method == "student"
    assert gathered([metrics.accuracy], marked([0.0] * 24), 0)[0].interval == wilson(0, 24)


def test_several_marks_of_a_sample_are_drawn_with_it() -> None:
    thrice = [(mark, sample(number)) for number, mark in enumerate(PAIRS) for _ in range(3)]
    (once,) = gathered([F1], marked(PAIRS), 0, draws=2_000)
    (pooled,) = gathered([F1], thrice, 0, pooled=True, draws=2_000)
    (apart,) = gathered([F1], thrice, 0, draws=2_000)
    assert pooled.value == pytest.approx(once.value)
    assert (once.worth, apart.worth) == (80.0, 240.0)
    assert pooled.worth == pytest.approx(80, rel=0.1)
    widths = [each.interval.high - each.interval.low for each in (once, pooled, apart)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    # Taken for samples of their own, three takes would seem surer by the root of three.
    assert widths[2] == pytest.approx(widths[0] / math.sqrt(3), rel=0.1)


@pytest.mark.parametrize(
    ("clusters", "method"),
    [(5, "jackknife over 5 clusters, Student's t"), (40, "BCa bootstrap"), (0, "BCa bootstrap")],
)
def test_what_is_no_mean_is_drawn_in_clusters_too(clusters: int, method: str) -> None:
    (found,) = gathered([F1], marked(PAIRS, clusters), 0, draws=200)
    targets, picks = zip(*PAIRS, strict=True)
    assert found.value == pytest.approx(f1_score(targets, picks, labels=range(3), average="macro", zero_division=0.0))
    assert found.interval.method == method
    assert 10 < found.worth <= 80


def test_over_chance_is_none_for_a_guess_and_all_for_a_model_that_knows() -> None:
    def value(right: Sequence[float], chances: Sequence[float]) -> float:
        marks = marked([*zip(right, chances, strict=True)])
        return gathered([chance_corrected], marks, 0, draws=50)[0].value

    assert value([1.0, 0.0, 0.0, 0.0], [0.25] * 4) == pytest.approx(0.0)
    assert value([1.0] * 4, [0.25, 0.25, 0.5, 0.2]) == pytest.approx(1.0)
    assert value([1.0, 1.0, 0.0, 0.0], [0.5, 0.25, 0.25, 0.2]) == pytest.approx((0.5 - 0.3) / (1 - 0.3))


def test_a_metric_with_few_draws_has_a_percentile_bootstrap_that_says_how_many() -> None:
    few = own(gather=of_list(lambda marks: sorted(marks)[len(marks) // 2]), draws=60)
    (found,) = gathered([few], marked([float(n) for n in range(21)]), 1)
    assert (found.value, found.interval.method) == (10.0, "percentile bootstrap, 60 draws")
    assert found.interval.low < 10.0 < found.interval.high


def test_a_function_of_a_list_is_given_every_mark_as_often_as_it_was_drawn() -> None:
    heard: list[list[float]] = []

    def listening(marks: list[float]) -> float:
        heard.append(sorted(marks))
        return math.fsum(marks)

    (found,) = gathered([own(gather=of_list(listening), draws=5)], marked([1.0, 1.0, 2.0, 4.0]), 0)
    assert found.value == 8.0
    assert [1.0, 1.0, 2.0, 4.0] in heard
    assert {len(marks) for marks in heard} == {4}
    assert {mark for marks in heard for mark in marks} == {1.0, 2.0, 4.0}


def test_a_function_that_refuses_a_draw_leaves_it_out_and_one_that_refuses_all_is_heard() -> None:
    def needs_two_kinds(marks: list[float]) -> float:
        if len({*marks}) < 2:
            raise TaskError("It takes two kinds.")
        return math.fsum(marks)

    picky = own(gather=of_list(needs_two_kinds), draws=100)
    (found,) = gathered([picky], marked([0.0, 1.0, 0.0]), 0)
    draws = int(found.interval.method.split()[2])
    assert 50 < draws < 90  # all three alike, or both kinds in two thirds of draws
    with pytest.raises(TaskError, match="two kinds"):
        gathered([picky], marked([1.0, 1.0]), 0)


# --- means of means -----------------------------------------------------------------------------

PARTS = {("x", "a"): 30, ("x", "b"): 20, ("y", "c"): 30}


def in_parts(marks: Sequence[Any], clusters: int = 0) -> list[tuple[Any, ChoiceSample]]:
    names = [key for key, count in PARTS.items() for _ in range(count)]
    return [
        (mark, sample(n, f"case {n % clusters}" if clusters else "", type=kind, **{"class": each}))
        for n, (mark, (kind, each)) in enumerate(zip(marks, names, strict=True))
    ]


def test_what_is_no_mean_has_a_mean_over_slices_as_well() -> None:
    over = metrics.mean_over(F1, "mean_f1", "type", "class")
    (found,) = gathered([over], in_parts(PAIRS), 3, draws=200)
    starts = [0, 30, 50, 80]
    x_a, x_b, y_c = [
        gathered([F1], marked(PAIRS[start:stop]), 3, draws=200)[0].value for start, stop in pairwise(starts)
    ]
    assert found.value == pytest.approx(((x_a + x_b) / 2 + y_c) / 2)
    assert (found.interval.method, found.worth) == ("MOVER", 80.0)


def test_a_mean_over_slices_stands_beside_its_plain_metric() -> None:
    marks = [float(n % 3 == 0) for n in range(80)]
    over = metrics.mean_over(metrics.accuracy, "mean_of_types", "type")
    plain, means = gathered([metrics.accuracy, over], in_parts(marks), 0)
    assert plain.value == pytest.approx(27 / 80)
    assert means.value == pytest.approx((17 / 50 + 10 / 30) / 2)
    assert gathered([over], in_parts(marks), 0) == [means]


def test_parts_of_a_mean_over_slices_know_of_clusters() -> None:
    marks = [float(n % 4 < 2) for n in range(80)]
    over = metrics.mean_over(metrics.accuracy, "mean_of_types", "type")
    (alone,), (together,) = [gathered([over], in_parts(marks, clusters), 0) for clusters in (0, 4)]
    assert together.value == alone.value
    assert together.worth < alone.worth == 80.0
    assert together.interval.low < alone.interval.low


# --- marks as numpy has them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "shape", "kind"),
    [
        ([1.0, 0.0], (2,), "f"),
        ([(1.0, 2.0), (0.0, 1.0)], (2, 2), "f"),
        ([(1.0, 2.0), (0.0,)], (2,), "O"),
        ([("a", 2.0), ("b", 1.0)], (2,), "O"),
        ([((1.0, 2.0), (3.0,)), ((1.0, 2.0), (3.0,))], (2,), "O"),
    ],
)
def test_marks_are_numbers_or_rows_of_numbers_or_things_that_only_their_metric_knows(
    marks: list[Any], shape: tuple[int, ...], kind: str
) -> None:
    found = as_array(marks)
    assert (found.shape, found.dtype.kind) == (shape, kind)
    assert [tuple(each) if kind == "f" and len(shape) > 1 else each for each in found] == marks


def test_marks_that_their_metric_keeps_to_itself_are_taken_as_they_are() -> None:
    found = as_array([(1.0, 2.0), (3.0, 4.0)], opaque=True)
    assert found.tolist() == [(1.0, 2.0), (3.0, 4.0)]
    assert found.dtype.kind == "O"
