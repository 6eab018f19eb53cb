"""Marks packed into text, and back again."""

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.baselines.packed import Packed, numbers, of_numbers, of_owners, of_wholes, owners, wholes
from medeval.errors import ComparisonError
from medeval.records import to_json

MARK = st.one_of(st.sampled_from([0.0, 1.0, np.nan]), st.floats(allow_nan=False, width=64))


@st.composite
def taken(draw: st.DrawFn, mark: st.SearchStrategy[float] = MARK) -> list[list[float]]:
    takes = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(mark, min_size=takes, max_size=takes), min_size=1, max_size=40))


@settings(max_examples=80, deadline=None)
@given(taken())
def test_numbers_come_back_as_they_were_but_for_samples_that_a_take_has_no_mark_of(takes: list[list[float]]) -> None:
    array = np.array(takes)
    packed = of_numbers(array)
    back = numbers(packed, len(array))
    known = np.isfinite(array).all(axis=1)
    assert back.shape == array.shape
    assert np.array_equal(back[known], array[known])
    assert np.isnan(back[~known]).all()
    assert (packed.known == "") == bool(known.all())


@settings(max_examples=40, deadline=None)
@given(taken(st.sampled_from([0.0, 1.0])))
def test_right_and_wrong_takes_a_bit_a_sample(takes: list[list[float]]) -> None:
    packed = of_numbers(np.array(takes))
    assert packed.form == "bits"
    assert [len(base64.b64decode(take)) for take in packed.takes] == [(len(takes) + 7) // 8] * len(takes[0])


def test_the_packing_of_bits_is_one_that_others_can_read() -> None:
    packed = of_numbers(np.array([[1.0], [0], [1], [0], [0], [0], [0], [0], [1]]))
    assert packed.takes == (base64.b64encode(bytes([0b10100000, 0b10000000])).decode(),)


def test_doubles_are_little_endian() -> None:
    packed = of_numbers(np.array([[0.5, 0.25], [1.0, 0.0]]))
    assert packed.form == "floats"
    assert np.frombuffer(base64.b64decode(packed.takes[0]), "<f8").tolist() == [0.5, 1.0]


def test_a_baseline_of_a_thousand_questions_is_a_few_lines_of_text() -> None:
    dice = np.random.default_rng(1)
    packed = of_numbers((dice.random((1_273, 3)) < 0.7).astype(float))
    assert len(to_json(packed)) < 800


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.none() | st.tuples(st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([-1.0, 1.0])) |
                         st.tuples(st.text(max_size=3)), min_size=3, max_size=3), min_size=1, max_size=30))  # fmt: skip
def test_marks_that_are_no_numbers_come_back_take_by_take(
    samples: list[list[tuple[float | str | None, ...] | None]],
) -> None:
    takes = list(zip(*samples, strict=True))
    back = wholes(of_wholes(takes), len(samples))
    for place, marks in enumerate(samples):
        wanted = [None] * 3 if None in marks else marks
        assert [take[place] for take in back] == wanted


def test_clusters_come_back_as_the_same_partition() -> None:
    names = ["b", "a", "b", "", "c", "a"]
    back = owners(of_owners(names), len(names))
    assert len({*zip(names, back, strict=True)}) == len({*names}) == len({*back})
    assert of_owners(()) == ""
    assert owners("", 6) == ()


@pytest.mark.parametrize("n", [8, 17, 1_000])
def test_marks_of_another_number_of_samples_are_told_and_not_guessed(n: int) -> None:
    bits = of_numbers(np.ones((9, 1)))
    with pytest.raises(ComparisonError, match=f"bytes for {n:d} samples"):
        numbers(bits, n)
    floats = of_numbers(np.full((9, 1), 0.5))
    with pytest.raises(ComparisonError, match="bytes for"):
        numbers(floats, n)
    with pytest.raises(ComparisonError, match="bytes for"):
        owners(of_owners([*"abcdefghi"]), n)


def test_what_is_no_base64_is_told() -> None:
    with pytest.raises(ComparisonError, match="cannot be read"):
        numbers(Packed(form="bits", takes=("/w=!",)), 8)


def test_a_kind_that_is_not_listed_is_told() -> None:
    packed = of_wholes([[(1.0,), (2.0,)]])
    with pytest.raises(ComparisonError, match="not listed"):
        wholes(Packed(form="kinds", takes=packed.takes, kinds=packed.kinds[:1]), 2)


def test_more_kinds_than_two_bytes_can_name_are_no_traceback() -> None:
    many: list[tuple[float | str | None, ...]] = [(float(place),) for place in range(70_000)]
    assert wholes(of_wholes([many]), len(many))[0][-1] == (69_999.0,)
