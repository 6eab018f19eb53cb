"""The key: every way in which people write down which option is right."""

from collections.abc import Sequence
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medeval.exams.answers import Keyed, Places, Way, read, way_of

OPTIONS = ("Amiodarone", "Rifampicin", "Carbamazepine", "Voriconazole")


def letters(said: str, options: Sequence[str] = OPTIONS) -> Places:
    return read((said, options), Way("letter"))


def numbers(said: str, *others: str) -> Places:
    every = keyed(said, *others)
    return read(every[0], way_of(every, "number"))


def texts(said: str, options: Sequence[str] = OPTIONS) -> Places:
    return read((said, options), Way("text"))


def keyed(*cells: str, options: Sequence[str] = OPTIONS) -> list[Keyed]:
    return [(cell, options) for cell in cells]


# --- by letter ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    ["B", "b", "b.", "B.", "B。", "B)", "(B)", "（B）", "[b]", "【B】", "Ｂ", "ｂ", "Ｂ．", "B、", "B,", " B ",
     "B. Rifampicin", "B) rifampicin", "(B) Rifampicin.", "b: RIFAMPICIN", "B．Rifampicin"],
)  # fmt: skip
def test_one_letter_is_read_however_it_is_written(said: str) -> None:
    assert letters(said) == (1,)


@pytest.mark.parametrize("said", ["B、Rifampicin", "B Rifampicin", "b  rifampicin", "（B） Rifampicin"])
def test_a_letter_and_its_text_may_be_parted_by_any_mark(said: str) -> None:
    assert letters(said) == (1,)


@pytest.mark.parametrize(
    "said",
    ["AC", "CA", "A,C", "A, C", "A、C", "A；C", "A;C", "A C", "A/C", "A|C", "A+C", "A&C", "A\nC", "a c", "ＡＣ",
     "Ａ，Ｃ", "A and C", "A和C", "A与C", "A 及 C", "(AC)", "AC.", "A,C,", "【A、C】"],
)  # fmt: skip
def test_several_letters_are_read_in_the_order_of_the_options(said: str) -> None:
    assert letters(said) == (0, 2)


@pytest.mark.parametrize(
    "said",
    ["", " ", "?", "E", "AE", "AZ", "B or C", "A or C", "都对", "以上都是", "无", "All of the above", "-",
     "B. Amiodarone", "B?", "1", "Rifampicin", "A-C"],
)  # fmt: skip
def test_what_names_no_option_for_sure_names_none(said: str) -> None:
    assert letters(said) == ()


def test_an_option_that_is_empty_is_not_named() -> None:
    assert letters("C", ("x", "y", "", "")) == ()
    assert letters("AC", ("x", "y", "", "z")) == ()
    assert read(("3", ("x", "y", "", "z")), Way("number")) == ()


def test_a_letter_that_stands_twice_is_a_slip() -> None:
    assert letters("AAC") == ()


@given(st.sets(st.integers(0, 25), min_size=1), st.sampled_from(["", ",", ", ", "、", " ", "/", "；"]), st.booleans())
def test_any_set_of_letters_comes_back(places: set[int], mark: str, small: bool) -> None:
    said = mark.join([ascii_uppercase[place] for place in sorted(places)])
    options = [f"option {place}" for place in range(26)]
    assert letters(said.lower() if small else said, options) == tuple(sorted(places))


# --- by number ----------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["2", " 2 ", "２", "②", "(2)", "[2]", "2)"])
def test_one_number_is_read_however_it_is_written(said: str) -> None:
    assert numbers(said) == (1,)
    assert numbers(said, "0") == (2,)


@pytest.mark.parametrize("said", ["1,3", "1、3", "3 1", "1;3", "1\n3", "1 and 3", "①、③"])
def test_several_numbers_are_read_where_something_parts_them(said: str) -> None:
    assert numbers(said) == (0, 2)
    assert numbers("13") == ()


@pytest.mark.parametrize("said", ["", "5", "13", "-1", "1.5", "B", "1st", "一", "1000", "9" * 5000])
def test_a_number_that_no_option_has_names_none(said: str) -> None:
    assert numbers(said) == ()


def test_numbers_begin_at_nought_if_any_of_them_is_nought() -> None:
    assert [numbers(said, "0", "3") for said in ("0", "1", "2", "3")] == [(0,), (1,), (2,), (3,)]
    assert [numbers(said, "1", "4") for said in ("1", "2", "4")] == [(0,), (1,), (3,)]


def test_a_nought_beside_other_numbers_counts() -> None:
    assert numbers("1,3", "0,2") == (1, 3)


def test_one_nought_among_numbers_that_reach_the_last_option_is_a_slip() -> None:
    assert numbers("1", "4", "2", "0") == (0,)
    assert numbers("0", "4", "2") == ()


@pytest.mark.parametrize("said", ["2.0", "2."])
def test_a_whole_number_may_have_a_point(said: str) -> None:
    assert numbers(said) == (1,)


# --- by text ------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["Rifampicin", "rifampicin", " RIFAMPICIN. ", "Ｒｉｆａｍｐｉｃｉｎ"])
def test_an_options_own_text_names_it_whatever_its_case(said: str) -> None:
    assert texts(said) == (1,)


@pytest.mark.parametrize("said", ["Amiodarone\nVoriconazole", "voriconazole; Amiodarone", "Amiodarone | Voriconazole"])
def test_several_texts_by_lines_or_marks(said: str) -> None:
    assert texts(said) == (0, 3)


@pytest.mark.parametrize("said", ["", "Rifamp", "Amiodarone\nErythromycin", "A", "Amiodarone; "])
def test_a_text_that_no_option_says_names_none(said: str) -> None:
    assert texts(said) == ()


def test_a_text_with_marks_of_lists_in_it_is_one_option() -> None:
    options = ("0.9 % NaCl; 500 mL", "0.9 % NaCl", "500 mL")
    assert texts("0.9 % NaCl; 500 mL", options) == (0,)


# --- which of them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "way"),
    [
        (("A", "C", "BD"), "letter"), (("1", "3", "4"), "number"), (("0", "3"), "number"),
        (("Amiodarone", "rifampicin"), "text"), (("A", "B", "Amiodarone"), "letter"),
        (("B. Rifampicin", "A. Amiodarone"), "letter"), (("", "2", ""), "number"), ((), "letter"), (("?",), "letter"),
    ],
)  # fmt: skip
def test_the_way_is_the_one_that_fits_the_most_rows(cells: tuple[str, ...], way: str) -> None:
    assert way_of(keyed(*cells)).by == way


def test_options_that_are_letters_or_numbers_themselves_do_not_mislead() -> None:
    groups = ("A", "B", "AB", "O")
    assert way_of(keyed("A", "AB", "O", options=groups)).by == "text"
    assert way_of(keyed("D", "C", "A", options=groups)).by == "letter"
    doses = ("5", "10", "15", "20")
    assert way_of(keyed("10", "5", "20", options=doses)).by == "text"
    assert way_of(keyed("2", "1", "4", options=doses)).by == "number"
