"""How long a server asks to be left alone, by the two ways that RFC 9110 (10.2.3) has."""

import time
from email.utils import formatdate

import pytest

from medeval import pauses


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("", 0.0), ("soon", 0.0), ("Mon, 99 Foo", 0.0)]
)
def test_a_number_is_so_many_seconds_and_what_is_none_asks_for_nothing(said: str, seconds: float) -> None:
    assert pauses.wanted({"retry-after": said}) == seconds


def test_a_date_is_the_time_until_then() -> None:
    assert 50 < pauses.wanted({"retry-after": formatdate(time.time() + 60, usegmt=True)}) <= 60
    assert pauses.wanted({"retry-after": formatdate(time.time() - 60, usegmt=True)}) == 0.0


def test_without_a_word_of_it_there_is_no_pause() -> None:
    assert pauses.wanted({}) == 0.0
