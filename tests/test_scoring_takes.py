"""Samples that were asked several times, held against the definitions, gone through subset by subset."""

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval import metrics
from medeval.arrange import lettered
from medeval.catalog import find
from medeval.records import Answer, ChoiceSample, Decoding, Option, Order, Setting, Status, Walk
from medeval.scoring.takes import Takes, _any_of
from medeval.sitting import Sitting

TASK = find().named("medqa").task


def questions(count: int) -> list[ChoiceSample]:
    """Questions of which A is right."""
    return [
        ChoiceSample(id=str(n), question=f"Question {n}?", options=lettered(("red", "green", "blue")), target=("A",))
        for n in range(count)
    ]


def sitting(samples: Sequence[ChoiceSample], repeats: int = 1, order: Order = "given") -> Sitting:
    setting = Setting(style="written", repeats=repeats, order=order, decoding=Decoding(temperature=0.7))
    return Sitting("exam", TASK, setting, samples=samples, form=TASK.forms[0], data="")


def said(word: str, status: Status = "scored") -> Walk:
    """A walk that picked the letters of a word; an empty one picked nothing."""
    if status == "scored" and not word:
        status = "unread"
    return Walk(exchanges=(), answer=Answer(picked=tuple(word), status=status))


def broken() -> Walk:
    return said("", "engine_error")


def of(rows: Sequence[Sequence[Walk | None]], order: Order = "given", repeats: int = 0) -> Takes:
    """Takes of samples, a row each."""
    table = sitting(questions(len(rows)), repeats or len(rows[0]), order)
    return Takes(table, [walk for row in rows for walk in row])


def firm(
    rows: Sequence[Sequence[float | None]], repeats: int = 0, order: Order = "given"
) -> dict[str, list[float | None]]:
    """What is told of how firm marks are, by name."""
    takes = of([[said("A")] * len(row) for row in rows], order, repeats)
    return dict(takes.firmness([mark for row in rows for mark in row]))


# --- repeats ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 9).flatmap(lambda n: st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n)))
def test_chances_of_k_takes_are_shares_of_all_that_could_be_drawn(marks: list[float]) -> None:
    found = firm([marks])
    powers = [int(name.removeprefix("pass_at_")) for name in found if name.startswith("pass_at_")]
    assert powers == sorted({power for power in (2, 4, 8) if power <= len(marks)} | {len(marks)})
    for k in powers:
        drawn = [*combinations(marks, k)]
        assert found[f"pass_at_{k}"] == [pytest.approx(sum(1.0 in each for each in drawn) / len(drawn))]
        assert found[f"all_of_{k}"] == [pytest.approx(sum(0.0 not in each for each in drawn) / len(drawn))]
    pairs = [*combinations(marks, 2)]
    assert found["flip_rate"] == [pytest.approx(sum(one != other for one, other in pairs) / len(pairs))]


@pytest.mark.parametrize(
    ("n", "right", "k", "known"),
    [(10, 3, 1, 0.3), (200, 5, 100, 0.970149), (5, 2, 2, 0.7), (4, 0, 4, 0.0), (4, 1, 4, 1.0)],
)
def test_pass_at_k_is_the_unbiased_estimate_of_the_paper(n: int, right: int, k: int, known: float) -> None:
    # 1 less the product of 1 - k/i for i from n - c + 1 to n, as the paper's code has it.
    product = 1.0
    for i in range(n - right + 1, n + 1):
        product *= max(0.0, 1 - k / i)
    assert _any_of(n, right, k) == pytest.approx(1 - product)
    assert _any_of(n, right, k) == pytest.approx(known, abs=0.002)


def test_where_fewer_takes_were_measured_than_are_drawn_nothing_is_told_of_the_sample() -> None:
    found = firm([[1.0, None, 0.0, 1.0], [None, None, None, 1.0], [0.0, 0.0, 0.0, 0.0]])
    # Of the first three takes are known: two of them right.
    assert found["pass_at_2"] == [1.0, None, 0.0]
    assert found["all_of_2"] == [pytest.approx(1 / 3), None, 0.0]
    assert found["pass_at_4"] == [None, None, 0.0]
    assert found["flip_rate"] == [pytest.approx(2 / 3), None, 0.0]


def test_graded_marks_are_neither_firm_nor_not() -> None:
    assert firm([[1.0, 0.5], [0.0, 1.0]]) == {}


def test_samples_asked_once_have_no_firmness() -> None:
    takes = Takes(sitting(questions(2)), [said("A"), said("B")])
    assert [*takes.firmness([1.0, 0.0])] == []


# --- variants, alone and with repeats -----------------------------------------------------------


def test_repeats_of_one_variant_are_drawn_among_themselves() -> None:
    # Three options, circular, two takes of each turn: right in both, in one, in none.
    found = firm([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]], 2, "circular")
    assert found["pass_at_2"] == [pytest.approx((1 + 1 + 0) / 3)]
    assert found["all_of_2"] == [pytest.approx((1 + 0 + 0) / 3)]
    assert found["flip_rate"] == [pytest.approx((0 + 1 + 0) / 3)]
    assert "consistency" in found


def test_one_variant_that_was_measured_too_seldom_silences_the_sample() -> None:
    found = firm([[1.0, 1.0, 1.0, None, 0.0, 0.0], [1.0] * 6], 2, "circular")
    assert found["pass_at_2"] == [None, 1.0]


def test_turns_of_the_options_alone_have_a_consistency_and_no_chances() -> None:
    assert [*firm([[1.0, 0.0, 0.0]], 1, "circular")] == ["consistency"]


def consistency(rows: Sequence[Sequence[Walk]], repeats: int = 1) -> list[float | None]:
    takes = of(rows, "circular", repeats)
    return next(marks for name, marks in takes.firmness([1.0] * sum(map(len, rows))) if name == "consistency")


@pytest.mark.parametrize(
    ("answers", "firm"),
    [
        # Turned by one, what was A stands at C, then at B.
        (("A", "C", "B"), 1.0),
        (("B", "A", "C"), 1.0),  # firm, though wrong
        (("A", "A", "A"), 0.0),  # a liking for a place
        (("A", "C", "C"), 0.0),
        (("A", "C", ""), 0.0),
        (("", "", ""), 0.0),  # nothing is not the same as the same
        (("AB", "AC", "BC"), 1.0),
        (("AB", "CA", "CB"), 1.0),  # the order in which letters are named says nothing
    ],
)
def test_an_answer_is_consistent_that_picks_the_same_option_wherever_it_stands(
    answers: tuple[str, ...], firm: float
) -> None:
    assert consistency([[said(each) for each in answers]]) == [firm]


def test_consistency_is_of_all_takes_of_all_variants() -> None:
    firm_one = [said(each) for each in ("A", "A", "C", "C", "B", "B")]
    once_astray = [*firm_one[:5], said("A")]
    assert consistency([firm_one, once_astray], 2) == [1.0, 0.0]


def test_consistency_is_told_only_where_every_take_was_measured() -> None:
    assert consistency([[said("A"), said("C"), broken()], [said("A"), said("C"), said("B")]]) == [None, 1.0]


def test_right_in_every_take_is_told_only_where_every_take_was_measured() -> None:
    takes = of([[said("A")] * 3] * 4)
    marks = [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, None, 1.0, 0.0, None, 0.0]
    assert takes.every(marks) == [1.0, 0.0, None, None]


def test_a_first_question_whose_options_stay_put_hides_no_variants_of_the_others() -> None:
    fixed = ChoiceSample(
        id="fixed", question="Which?", target=("A",),
        options=tuple([Option(label=label, text=f"all of the above {label}", anchored=True) for label in "ABC"]),
    )  # fmt: skip
    table = sitting([fixed, *questions(1)], 1, "circular")
    walks = [said("A"), said("A"), said("C"), said("B")]
    assert len(table.takes) == 4
    names = [name for name, *_ in Takes(table, walks).firmness([1.0] * 4)]
    assert names == ["consistency"]


# --- means and votes ----------------------------------------------------------------------------


def test_the_mean_of_a_sample_is_over_the_takes_that_were_measured() -> None:
    takes = of([[said("A")] * 3] * 3)
    marks = [1.0, 0.0, None, None, None, None, 0.5, 0.5, 1.0]
    assert takes.means(marks, None) == [0.5, None, pytest.approx(2 / 3)]
    pairs = [(9.0, mark) if mark is not None else None for mark in marks]
    assert takes.means(pairs, 1) == [0.5, None, pytest.approx(2 / 3)]


@pytest.mark.parametrize(
    ("answers", "mark"),
    [
        ("AAB", 1.0), ("BBA", 0.0), ("ABC", 1.0), ("BCA", 0.0), ("ABBA", 1.0), ("BAAB", 0.0), ("B??", 0.0),
        ("??A", 1.0), ("???", 0.0), ("!BA", 0.0), ("!!A", 1.0), ("!!!", None),
    ],
)  # fmt: skip
def test_the_majority_is_marked_and_of_equals_what_was_picked_first(answers: str, mark: float | None) -> None:
    # A question mark could not be read, an exclamation mark was not measured.
    row = [broken() if each == "!" else said("" if each == "?" else each) for each in answers]
    assert of([row]).voted(metrics.accuracy) == [mark]


def test_a_vote_is_for_an_option_wherever_it_stands() -> None:
    # Turned by one, A stands at C, then at B: two of three are for it, under three letters.
    assert of([[said("A"), said("C"), said("C")]], "circular", 1).voted(metrics.accuracy) == [1.0]
    assert of([[said("A"), said("A"), said("A")]], "circular", 1).voted(metrics.accuracy) == [1.0]
    assert of([[said("B"), said("A"), said("A")]], "circular", 1).voted(metrics.accuracy) == [0.0]


def test_a_walk_that_is_not_in_yet_has_no_part() -> None:
    takes = of([[None, said("A"), said("A")], [None, None, None]])
    assert takes.voted(metrics.accuracy) == [1.0, None]
