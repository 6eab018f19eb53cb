"""Metrics of picked answers, held against hand-made counts and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from medeval.arrange import lettered, words
from medeval.metrics.choice import accuracy, macro_f1, macro_f1_of_tables, partial_credit
from medeval.records import Answer, ChoiceSample, Walk

LABELS = ("yes", "no", "maybe")
F1 = macro_f1(*LABELS)

MAJORITY = [(gold, "yes") for gold, count in zip(LABELS, (276, 169, 55), strict=True) for _ in range(count)]
"""The 500 golds of PubMedQA's test split, each answered yes."""

MIXED = [("yes", "yes"), ("yes", ""), ("no", "no"), ("no", "yes"), ("maybe", "")]


def sample(*target: str) -> ChoiceSample:
    return ChoiceSample(id="1", question="Is it?", options=words(*LABELS), target=target)


def walk(*picked: str) -> Walk:
    return Walk(exchanges=(), answer=Answer(picked=picked, status="scored" if picked else "unread"))


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
    marks = [accuracy.mark(sample(gold), walk(pick)) for gold, pick in MAJORITY]
    assert accuracy.gather(marks) == pytest.approx(0.552)
    assert F1.gather(MAJORITY) == pytest.approx(0.2371, abs=5e-5)


@pytest.mark.parametrize(
    ("picked", "pair"),
    [(("no",), ("yes", "no")), ((), ("yes", "")), (("yes", "no"), ("yes", ""))],
)
def test_macro_f1_marks_a_pair_whose_pick_is_empty_unless_it_is_one_label(
    picked: tuple[str, ...], pair: tuple[str, str]
) -> None:
    assert F1.mark(sample("yes"), walk(*picked)) == pair


def test_an_unread_answer_is_a_miss_for_its_class_and_never_a_class_of_its_own() -> None:
    # By hand: yes 2/(2+1+1), no 2/(2+1), maybe 0; a class of the unread would make it a mean of four.
    assert F1.gather(MIXED) == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)


def test_a_label_that_never_occurs_still_counts_in_the_mean() -> None:
    assert F1.gather([("yes", "yes"), ("no", "no")]) == pytest.approx(2 / 3)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from((*LABELS, ""))), min_size=1, max_size=60))
def test_macro_f1_agrees_with_scikit_learn_on_any_pairs(pairs: list[tuple[str, str]]) -> None:
    targets, picks = zip(*pairs, strict=True)
    truth = f1_score(targets, picks, labels=LABELS, average="macro", zero_division=0.0)
    assert F1.gather(pairs) == pytest.approx(truth, rel=0, abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(any), min_size=1, max_size=4))
def test_macro_f1_of_many_tables_agrees_with_scikit_learn_on_each(tables: list[list[int]]) -> None:
    several = np.array(tables, dtype=np.float64).reshape(-1, 3, 4)
    rows, columns = np.indices((3, 4)).reshape(2, -1)
    truth = [
        f1_score(np.repeat(rows, each), np.repeat(columns, each), labels=(0, 1, 2), average="macro", zero_division=0.0)
        for each in tables
    ]
    assert macro_f1_of_tables(several) == pytest.approx(np.array(truth), rel=0, abs=1e-12)


def test_the_interval_of_macro_f1_holds_its_value_and_is_a_bca_bootstrap() -> None:
    interval = F1.interval(MIXED * 20, 0)
    assert interval.low < F1.gather(MIXED * 20) < interval.high
    assert interval.method == "BCa bootstrap"


@settings(deadline=None, max_examples=20)
@given(st.permutations(MIXED * 4))
def test_the_interval_of_macro_f1_does_not_depend_on_the_order_of_samples(pairs: list[tuple[str, str]]) -> None:
    assert F1.interval(pairs, 3) == F1.interval(MIXED * 4, 3)
