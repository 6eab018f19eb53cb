"""How many requests at once: more while all goes well, half as many when it does not."""

import random

import pytest

from medeval.engines.http.level import FIRST, GROWING, LONGEST, Level, pause


def test_it_begins_low_and_rises_by_one_a_round() -> None:
    level = Level(64)
    assert level.now == FIRST
    for wanted in range(FIRST + 1, 20):
        for _ in range(wanted):
            level.went_well()
        assert level.now >= wanted


def test_it_doubles_every_round_until_the_first_fault_and_rises_by_one_after_it() -> None:
    level = Level(64)
    for _ in range(FIRST):
        level.went_well()
    assert level.now == 2 * FIRST
    level.went_wrong(level.epoch)
    for _ in range(FIRST):
        level.went_well()
    assert FIRST <= level.now <= FIRST + 1


@pytest.mark.parametrize("most", [1, 2, 7])
def test_it_never_rises_above_the_most_nor_falls_below_one(most: int) -> None:
    level, dice = Level(most), random.Random(1)
    for _ in range(2000):
        if dice.random() < 0.9:
            level.went_well()
        else:
            level.went_wrong(level.epoch)
        assert 1 <= level.now <= most


def test_what_was_under_way_together_halves_it_once() -> None:
    level = Level(64)
    for _ in range(3000):
        level.went_well()
    assert level.now == 64
    epoch = level.epoch
    for _ in range(64):
        level.went_wrong(epoch)
    assert level.now == 32


def test_pauses_grow_are_drawn_and_have_an_end() -> None:
    for attempt in range(40):
        drawn = {pause(attempt) for _ in range(50)}
        assert len(drawn) > 1
        assert all(0 <= each <= min(LONGEST, GROWING * 2**attempt) for each in drawn)


def test_what_a_server_names_is_waited_for_and_more_but_no_hours() -> None:
    assert all(30 <= pause(0, 30.0) <= 30 + GROWING for _ in range(50))
    assert pause(0, 1e9) <= 600 + GROWING
