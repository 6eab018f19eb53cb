"""Numbers as pages show them: literal cases."""

import pytest
from msgspec.structs import replace

from medeval.board.figures import Scale, around, interval, number, ranks, scale, signed, ticks
from medeval.records import Unit
from tests.test_board.test_shelf import estimated

ONE = replace(estimated([1, 0]), value=0.5, low=0.25, high=0.75)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (0.0, "0.0"), (1.0, "100.0"), (0.5, "50.0"), (0.1234, "12.3"), (0.99949, "99.9"), (1.5, "150.0"),
        (-0.1, "−10.0"), (0.00049, "0.0"),
    ],
)  # fmt: skip
def test_a_fraction_is_told_per_cent_with_one_decimal(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (0.0, "0"), (7.0, "7"), (3.14159, "3.14"), (12.345, "12.3"), (0.012345, "0.0123"), (999.4, "999"),
        (1000.0, "1000"), (123456.7, "123457"), (-2.5, "−2.5"), (-4321.0, "−4321"), (1e6, "1000000"),
    ],
)  # fmt: skip
def test_what_has_a_scale_of_its_own_is_told_with_three_figures(value: float | None, shown: str) -> None:
    assert number(value, "plain") == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.012, "fraction", "+1.2"), (-0.012, "fraction", "−1.2"), (0.0, "fraction", "0.0"), (None, "fraction", "–"),
        (2.5, "plain", "+2.5"), (-2.5, "plain", "−2.5"),
    ],
)  # fmt: skip
def test_a_difference_always_tells_its_sign(value: float | None, unit: Unit, shown: str) -> None:
    assert signed(value, unit) == shown


def test_limits_are_told_with_what_stands_between_them() -> None:
    assert interval(0.25, 0.75) == "25.0 – 75.0"
    assert interval(-1.5, 2.25, "plain") == "−1.5 – 2.25"
    assert interval(None, 0.5) == interval(0.5, None) == "–"


def test_both_limits_stand_beside_a_number_as_short_as_can_be() -> None:
    assert around(ONE) == "25–75"
    assert around(replace(ONE, low=1.0, high=3.5, unit="plain")) == "1–3.5"
    assert around(replace(ONE, low=-0.2, high=0.1)) == "−20–10"
    assert around(replace(ONE, low=None)) == around(replace(ONE, high=None)) == ""


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (number(999.7, "plain"), "1000"),
        (around(replace(ONE, value=400.0, low=250.0, high=1550.0, unit="plain")), "250–1550"),
    ],
)
def test_no_number_of_a_usual_size_has_an_exponent(told: str, shown: str) -> None:
    assert told == shown


def test_ranks_are_a_range_or_one() -> None:
    assert [ranks(1, 1), ranks(1, 12), ranks(7, 9)] == ["1", "1–12", "7–9"]


# --- axes ---------------------------------------------------------------------------------------


def test_an_axis_holds_all_limits_and_chance_with_some_room() -> None:
    found = scale([ONE, replace(ONE, value=0.9, low=None, high=None)], 0.2)
    assert [found.low, found.high] == pytest.approx([0.2 - 0.042, 0.9 + 0.042])


def test_an_axis_of_nothing_goes_from_nothing_to_all() -> None:
    assert scale([], None) == scale([replace(ONE, value=None, low=None, high=None)], None) == Scale(low=0, high=1)


@pytest.mark.parametrize("value", [0.0, 0.4, -3.0, 1e6])
def test_an_axis_of_one_number_has_it_in_the_middle(value: float) -> None:
    found = scale([replace(ONE, value=value, low=value, high=value)], None)
    assert found.low < value < found.high
    assert found.at(value) == 50


def test_places_on_an_axis_go_from_nothing_to_its_width() -> None:
    axis = Scale(low=-1, high=3)
    assert [axis.at(value) for value in (-1, 0, 1, 3)] == [0, 25, 50, 100]
    assert (axis.at(-9), axis.at(9)) == (0, 100)
    assert axis.at(0, 460) == 115
    assert axis.at(0, 1) == 0.25


def test_places_are_told_as_classes_of_whole_numbers() -> None:
    axis = Scale(low=0, high=1)
    assert axis.spot(0.5, 0.252, 0.748, 0.25) == "d50 l25 h75 c25"
    assert axis.spot(None, 0.0, 1.0, None) == "l0 h100"
    assert axis.spot(1.7, None, None, -0.3) == "d100 c0"
    assert axis.spot(None, None, None, None) == ""


@pytest.mark.parametrize(
    ("low", "high", "unit", "labels"),
    [
        (0.0, 1.0, "fraction", ["20", "40", "60", "80", "100"]),
        (0.31, 0.74, "fraction", ["40", "50", "60", "70"]),
        (0.612, 0.634, "fraction", ["61.5", "62", "62.5", "63"]),
        (-0.03, 0.05, "fraction", ["−2", "0", "2", "4"]),
        (0.5, 9.5, "plain", ["2", "4", "6", "8"]),
        (120.0, 4800.0, "plain", ["1000", "2000", "3000", "4000"]),
        (-2.5, 2.5, "plain", ["−2", "−1", "0", "1", "2"]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, unit: Unit, labels: list[str]) -> None:
    axis = Scale(low=low, high=high)
    found = ticks(axis, unit)
    assert [label for _, label in found] == labels
    worth = 100 if unit == "fraction" else 1
    assert [axis.at(float(label.replace("−", "-")) / worth) for label in labels] == [place for place, _ in found]


@pytest.mark.parametrize("width", [1e-6, 3e-5, 0.0007, 0.05, 0.999, 1.0, 13.7, 480.0, 1e5, 3e6])
@pytest.mark.parametrize("low", [-0.3, 0.0, 0.123, 77.7])
def test_an_axis_has_one_to_six_ticks_all_of_them_on_it(low: float, width: float) -> None:
    axis = Scale(low=low, high=low + width)
    places = [place for place, _ in ticks(axis, "plain")]
    assert 1 <= len(places) <= 6
    assert places == sorted({*places})
    assert 0 <= places[0] <= places[-1] <= 100
