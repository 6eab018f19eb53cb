"""Choices to steps and back: every token of every choice is asked for once, behind what it stands behind."""

import functools
import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.engines.pretrained import Cut
from medeval.engines.vllm.steps import MOST, Step, Told, steps, summed

Tail = tuple[int, ...]
TAILS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=5).map(tuple), min_size=1, max_size=9)
VOCABULARY = 400


@functools.cache
def row(behind: Tail) -> list[float]:
    """What a made-up model says behind some tokens: log-probabilities that sum up to one."""
    dice = random.Random(repr(behind))
    weights = [dice.random() for _ in range(VOCABULARY)]
    whole = sum(weights)
    return [math.log(weight / whole) for weight in weights]


def likeliest(behind: Tail) -> int:
    values = row(behind)
    return values.index(max(values))


def told(asked: Sequence[Step]) -> dict[Step, Told]:
    """The made-up model's answers."""
    return {step: Told([row(step.behind)[each] for each in step.wanted], likeliest(step.behind)) for step in asked}


def alone(tail: Tail) -> float:
    """A choice's log-probability, a token at a time."""
    return sum(row(tail[:place])[token] for place, token in enumerate(tail))


def test_letters_are_one_step() -> None:
    assert steps(Cut(0, ((5,), (6,), (7,), (8,)))) == [Step((), (5, 6, 7, 8))]


def test_a_letter_that_stands_for_two_choices_is_asked_for_once() -> None:
    assert steps(Cut(0, ((5,), (6,), (5,)))) == [Step((), (5, 6))]


def test_choices_of_several_tokens_are_a_tree_with_a_step_a_fork() -> None:
    assert steps(Cut(0, ((1, 2, 3), (1, 2, 4), (1, 5), (6,)))) == [
        Step((), (1, 6)), Step((1,), (2, 5)), Step((1, 2), (3, 4)),
    ]  # fmt: skip


def test_a_choice_that_begins_another_needs_no_step_of_its_own() -> None:
    assert steps(Cut(0, ((1, 2), (1,)))) == [Step((), (1,)), Step((1,), (2,))]


@pytest.mark.parametrize("count", [MOST - 1, MOST, MOST + 1, 3 * MOST])
def test_more_tokens_than_one_step_tells_of_take_more_steps(count: int) -> None:
    cut = Cut(0, tuple([(token,) for token in range(count)]))
    asked = steps(cut)
    assert len(asked) == math.ceil(count / MOST)
    assert max(len(step.wanted) for step in asked) <= MOST
    values, greedy = summed(cut, told(asked))
    assert values == pytest.approx([alone(tail) for tail in cut.tails])
    assert greedy == ((likeliest(()),) if likeliest(()) < count else ())


@settings(deadline=None)
@given(TAILS)
def test_nothing_is_asked_twice_and_nothing_is_left_out(tails: list[Tail]) -> None:
    asked = steps(Cut(0, tuple(tails)))
    nodes = [(*step.behind, token) for step in asked for token in step.wanted]
    assert len(nodes) == len(set(nodes))
    assert set(nodes) == {tail[: place + 1] for tail in tails for place in range(len(tail))}


@settings(deadline=None)
@given(TAILS)
def test_a_choice_is_worth_the_sum_of_its_tokens(tails: list[Tail]) -> None:
    cut = Cut(0, tuple(tails))
    values, _ = summed(cut, told(steps(cut)))
    assert values == pytest.approx([alone(tail) for tail in tails])


@settings(deadline=None)
@given(TAILS, st.randoms(use_true_random=False))
def test_the_order_in_which_steps_are_answered_changes_nothing(tails: list[Tail], dice: random.Random) -> None:
    cut = Cut(0, tuple(tails))
    asked = steps(cut)
    shuffled = dice.sample(asked, len(asked))
    assert summed(cut, told(shuffled)) == summed(cut, told(asked))


@settings(deadline=None)
@given(TAILS)
def test_a_choice_is_greedy_if_each_of_its_tokens_is_the_likeliest(tails: list[Tail]) -> None:
    path: Tail = ()
    for _ in range(3):
        path = (*path, likeliest(path))
    cut = Cut(0, (*tails, path, path[:1], (*path[:2], (path[2] + 1) % VOCABULARY)))
    _, greedy = summed(cut, told(steps(cut)))
    wanted = [all(likeliest(tail[:place]) == token for place, token in enumerate(tail)) for tail in cut.tails]
    assert greedy == tuple([number for number, each in enumerate(wanted) if each])
    assert {len(tails), len(tails) + 1} <= set(greedy)
    assert len(tails) + 2 not in greedy
