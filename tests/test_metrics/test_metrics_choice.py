"""Metrics of picked answers, held against hand-made counts and scikit-learn."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, recall_score

from medeval.arrange import lettered, words
from medeval.metrics.base import Metric
from medeval.metrics.choice import (
    accuracy,
    chance_corrected,
    confusion,
    macro_f1,
    of_labels,
    partial_credit,
)
from medeval.records import Answer, ChoiceSample, Walk
from medeval.scoring.gathering import Gathered, gathered

LABELS = ("yes", "no", "maybe")
F1 = macro_f1(*LABELS)
BY_NAME = {each.name: each for each in of_labels(*LABELS)}
Pair = tuple[str, str]
"""What was right, and what was picked; an empty pick is none."""

MAJORITY = [(gold, "yes") for gold, count in zip(LABELS, (276, 169, 55), strict=True) for _ in range(count)]
"""The 500 golds of PubMedQA's test split, each answered yes."""

MIXED = [("yes", "yes"), ("yes", ""), ("no", "no"), ("no", "yes"), ("maybe", "")]


def sample(*target: str) -> ChoiceSample:
    return ChoiceSample(id="1", question="Is it?", options=words(*LABELS), target=target)


def walk(*picked: str) -> Walk:
    return Walk(exchanges=(), answer=Answer(picked=picked, status="scored" if picked else "unread"))


def marks_of(made: Metric, pairs: Sequence[Pair]) -> list[object]:
    return [made.mark(sample(gold), walk(*filter(None, [pick]))) for gold, pick in pairs]


def value(made: Metric, pairs: Sequence[Pair]) -> float:
    """What pairs come to, each counting once."""
    values = np.atleast_1d(made.gather(np.array(marks_of(made, pairs)), np.ones(len(pairs))))
    return float(values[made.part or 0])


def with_interval(pairs: Sequence[Pair], seed: int, made: Metric = F1) -> Gathered:
    (found,) = gathered([made], [(mark, sample("yes")) for mark in marks_of(made, pairs)], seed)
    return found


@pytest.mark.parametrize(
    ("target", "picked", "mark"),
    [
        (("yes",), ("yes",), 1.0),
        (("yes",), ("no",), 0.0),
        (("yes",), ("yes", "no"), 0.0),
        (("yes", "no"), ("yes", "no"), 1.0),
        (("yes", "no"), ("yes",), 0.0),
        (("no", "yes"), ("yes", "no"), 1.0),
    ],
)  # fmt: skip
def test_an_answer_is_right_if_it_picks_exactly_the_right_options(
    target: tuple[str, ...], picked: tuple[str, ...], mark: float
) -> None:
    assert accuracy.mark(sample(*target), walk(*picked)) == mark


@pytest.mark.parametrize(
    ("target", "picked", "credit"),
    [
        ("ABD", "ABD", 1.0),
        ("ABD", "DBA", 1.0),
        ("DB", "BD", 1.0),
        ("ABD", "AB", 2 / 3),
        ("ABD", "A", 1 / 3),
        ("ABD", "ABC", 1 / 3),  # two right, one wrong
        ("ABD", "ABCDE", 1 / 3),  # all of five: what is guessed takes away what was hit
        ("ABD", "CE", 0.0),
        ("ABD", "ACE", 0.0),  # never below nothing
        ("ABD", "", 0.0),
        ("B", "B", 1.0),
        ("B", "BC", 0.0),
        ("B", "ABCDE", 0.0),
        ("ABCDE", "ABCDE", 1.0),
        ("ABCDE", "ABCD", 4 / 5),
    ],
)
def test_partial_credit_is_right_letters_less_wrong_ones(target: str, picked: str, credit: float) -> None:
    asked = ChoiceSample(
        id="1", question="Which?", options=lettered("abcde"), target=tuple(target), several=len(target) > 1
    )
    assert partial_credit.mark(asked, walk(*picked)) == pytest.approx(credit)


@given(st.sets(st.sampled_from("ABCDE"), min_size=1), st.sets(st.sampled_from("ABCDE")))
def test_partial_credit_is_whole_only_for_what_is_accurate(target: set[str], picked: set[str]) -> None:
    asked = ChoiceSample(id="1", question="Which?", options=lettered("abcde"), target=tuple(sorted(target)))
    said = walk(*sorted(picked))
    credit = partial_credit.mark(asked, said)
    assert isinstance(credit, float)
    assert 0.0 <= credit <= 1.0
    assert (credit == 1.0) is (accuracy.mark(asked, said) == 1.0)


def test_an_unread_answer_counts_as_wrong() -> None:
    assert accuracy.mark(sample("yes"), walk()) == 0.0


def test_always_yes_on_pubmedqa_gives_the_known_accuracy_and_macro_f1() -> None:
    assert value(accuracy, MAJORITY) == pytest.approx(0.552)
    assert value(F1, MAJORITY) == pytest.approx(0.2371, abs=5e-5)


@pytest.mark.parametrize(
    ("picked", "places"),
    [(("yes",), (0, 0)), (("no",), (0, 1)), ((), (0, -1)), (("yes", "no"), (0, -1)), (("perhaps",), (0, -1))],
)
def test_macro_f1_marks_places_of_labels_and_a_pick_is_none_unless_it_is_one_label(
    picked: tuple[str, ...], places: tuple[int, int]
) -> None:
    assert F1.mark(sample("yes"), walk(*picked)) == places


@pytest.mark.parametrize("target", [("yes", "no"), ("perhaps",)])
def test_a_sample_without_one_right_label_of_these_has_no_part_in_macro_f1(target: tuple[str, ...]) -> None:
    assert F1.mark(sample(*target), walk("yes")) is None


def test_an_unread_answer_is_a_miss_for_its_class_and_never_a_class_of_its_own() -> None:
    # By hand: yes 2/(2+1+1), no 2/(2+1), maybe 0; a class of the unread would make it a mean of four.
    assert value(F1, MIXED) == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


def test_a_label_that_never_occurs_still_counts_in_the_mean() -> None:
    assert value(F1, [("yes", "yes"), ("no", "no")]) == pytest.approx(2 / 3)


answered = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from((*LABELS, ""))), min_size=1, max_size=60)


@settings(deadline=None, max_examples=50)
@given(answered)
def test_macro_f1_agrees_with_scikit_learn_on_any_pairs(pairs: list[Pair]) -> None:
    targets, picks = zip(*pairs, strict=True)
    truth = f1_score(targets, picks, labels=LABELS, average="macro", zero_division=0.0)
    assert value(F1, pairs) == pytest.approx(truth, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(any), min_size=1, max_size=4))
def test_macro_f1_of_many_tables_agrees_with_scikit_learn_on_each(tables: list[list[int]]) -> None:
    rows, columns = np.indices((3, 4)).reshape(2, -1)
    # Every pair there is, counting as often as a table says: many tables in one go.
    pairs = np.column_stack([rows, np.where(columns == 3, -1, columns)]).astype(np.float64)
    found = F1.gather(pairs, np.array(tables, dtype=np.float64))[:, F1.part]
    truth = [
        f1_score(np.repeat(rows, each), np.repeat(columns, each), labels=(0, 1, 2), average="macro", zero_division=0.0)
        for each in tables
    ]
    assert found == pytest.approx(np.array(truth), rel=0, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(answered)
def test_the_other_figures_of_labels_agree_with_scikit_learn(pairs: list[Pair]) -> None:
    targets, picks = zip(*pairs, strict=True)
    recalls = recall_score(targets, picks, labels=LABELS, average=None, zero_division=0.0)
    there = [recall for label, recall in zip(LABELS, recalls, strict=True) if label in targets]
    said = {"labels": LABELS, "zero_division": 0.0}
    truth = {
        "weighted_f1": f1_score(targets, picks, average="weighted", **said),
        "micro_f1": f1_score(targets, picks, average="micro", **said),
        "balanced_accuracy": np.mean(there),
        "recall_spread": np.std(there),
        **{f"recall_{label}": recall for label, recall in zip(LABELS, recalls, strict=True) if label in targets},
    }
    assert {name: value(BY_NAME[name], pairs) for name in truth} == pytest.approx(truth, rel=0, abs=1e-12)


def test_a_label_that_is_never_right_has_no_recall() -> None:
    assert np.isnan(value(BY_NAME["recall_maybe"], [("yes", "maybe"), ("no", "no")]))
    assert not BY_NAME["recall_maybe"].defined


@pytest.mark.parametrize(
    ("pairs", "moved"),
    [
        ([("yes", "no"), ("no", "yes")], 0.0),  # all wrong, and no label favoured
        ([("yes", "yes"), ("no", "yes"), ("maybe", "yes")], 2 / 3),
    ],
)
def test_a_preference_is_what_would_have_to_move_for_picks_to_be_as_what_is_right(
    pairs: list[Pair], moved: float
) -> None:
    assert value(BY_NAME["preference"], pairs) == pytest.approx(moved)


def test_the_table_of_confusion_is_scikit_learns_with_what_was_not_read_behind_it() -> None:
    table = confusion(*LABELS)
    pairs = [*MIXED, *MAJORITY[::50], ("no", "maybe")]
    marks = np.array([table.mark(sample(gold), walk(*filter(None, [pick]))) for gold, pick in pairs])
    golds, picks = zip(*[(gold, pick or "nothing") for gold, pick in pairs], strict=True)
    columns = [*LABELS, "nothing"]
    truth = confusion_matrix(golds, picks, labels=columns)[: len(LABELS)]
    assert table.columns == ("right", *columns)
    assert table.rows(marks) == tuple([(label, *row) for label, row in zip(LABELS, truth.tolist(), strict=True)])


def test_the_interval_of_macro_f1_holds_its_value_and_is_a_bca_bootstrap() -> None:
    found = with_interval(MIXED * 20, 0)
    assert found.value == pytest.approx(value(F1, MIXED * 20))
    assert found.interval.low < found.value < found.interval.high
    assert found.interval.method == "BCa bootstrap"


@settings(deadline=None, max_examples=20)
@given(st.permutations(MIXED * 4))
def test_the_interval_of_macro_f1_does_not_depend_on_the_order_of_samples(pairs: list[Pair]) -> None:
    assert with_interval(pairs, 3) == with_interval(MIXED * 4, 3)


# --- over chance ---


def test_guessing_is_nothing_over_chance_and_all_right_is_one() -> None:
    thirds = [("yes", "yes"), ("no", "yes"), ("maybe", "yes")]
    assert value(chance_corrected, thirds) == pytest.approx(0, abs=1e-12)
    assert value(chance_corrected, [("yes", "yes"), ("no", "no")]) == pytest.approx(1)
    assert value(chance_corrected, [("yes", "no")]) == pytest.approx(-1 / 2)
    # With as many options everywhere it is a straight line of the accuracy: (0.552 - 1/3) / (2/3).
    assert value(chance_corrected, MAJORITY) == pytest.approx(0.328)


def test_the_chance_is_that_of_each_question_and_of_several_letters_that_of_every_set_of_them() -> None:
    four = ChoiceSample(id="1", question="?", options=lettered("abcd"), target=("A",))
    several = ChoiceSample(id="2", question="?", options=lettered("abcd"), target=("A", "B"), several=True)
    marks = [chance_corrected.mark(four, walk("A")), chance_corrected.mark(several, walk("A"))]
    assert marks == [(1.0, 1 / 4), (0.0, 1 / 15)]
    # One right less 19/60 by guessing, of two less as much.
    assert chance_corrected.gather(np.array(marks), np.ones(2)) == pytest.approx(41 / 101)


# --- what is told beside ---


def test_metrics_of_the_same_labels_share_their_marks() -> None:
    assert len({each.mark for each in of_labels(*LABELS)}) == 1
    assert of_labels(*LABELS)[0].mark is macro_f1(*LABELS).mark is confusion(*LABELS).mark
    assert of_labels("A", "B")[0].mark is not of_labels(*LABELS)[0].mark
