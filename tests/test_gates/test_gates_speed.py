"""Speed against the nights before, on machines of one kind."""

import math
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest
from scipy.stats import t

from medeval.gates import Verdict
from medeval.gates.speed import foretold
from tests.nights import checked, hurried, marked, night

GATE = '[[speed]]\nmetric = "tokens_per_second"\nhistory = 20\nlevel = 0.99\n'
BEFORE = (100_000, 104_000, 98_000, 101_000, 99_000, 102_000)


def told(root: Path, tokens: int, before: tuple[int, ...] = BEFORE, machine: str = "One H100") -> Verdict:
    for place, each in enumerate(before):
        hurried(night(root, f"model-2026-11-{place + 1:02}", marked(6, 10)), each, machine=machine)
    hurried(night(root, "model-2026-11-30", marked(6, 10)), tokens)
    return checked(root, "model-2026-11-30", GATE, None)


def limit(speeds: tuple[int, ...]) -> float:
    """By hand: the mean of logarithms, less Student's quantile times the spread of one more."""
    logs = [math.log(each / 100) for each in speeds]
    wide = stdev(logs) * math.sqrt(1 + 1 / len(logs))
    return math.exp(fmean(logs) - float(t.ppf(0.99, len(logs) - 1)) * wide)


@pytest.mark.parametrize(("off", "word"), [(-0.02, "REGRESSED"), (0.02, "NON_INFERIOR"), (0.5, "NON_INFERIOR")])
def test_a_night_is_slow_below_what_the_nights_before_foretell(tmp_path: Path, off: float, word: str) -> None:
    least = limit(BEFORE)
    assert foretold([each / 100 for each in BEFORE], 0.99) == pytest.approx(least)
    (line,) = told(tmp_path, round(100 * least * (1 + off))).lines
    assert (line.word, line.n) == (word, 6)
    assert (line.base or 0) + (line.low or 0) == pytest.approx(least)


def test_equal_speeds_are_not_slower_than_each_other(tmp_path: Path) -> None:
    (line,) = told(tmp_path, 10_000, (10_000,) * 5).lines
    assert line.word == "NON_INFERIOR"


def test_four_nights_foretell_nothing_and_stop_nobody(tmp_path: Path) -> None:
    found = told(tmp_path, 10, BEFORE[:4])
    assert found.lines == ()
    assert "Speed is not told yet: 4 nights before of these tasks on such a machine; it takes 5." in found.notes


def test_nights_on_another_machine_foretell_nothing(tmp_path: Path) -> None:
    found = told(tmp_path, 10, machine="Two A100")
    assert any("0 nights before" in note for note in found.notes)


def test_a_night_that_counted_nothing_says_so(tmp_path: Path) -> None:
    night(tmp_path, "model-2026-11-30", marked(6, 10))
    found = checked(tmp_path, "model-2026-11-30", GATE, None)
    assert "Speed is not told: this night counted no tokens." in found.notes


def test_only_so_many_nights_are_looked_back_at(tmp_path: Path) -> None:
    before = (900_000, 10_000, *BEFORE[:5])
    told(tmp_path, 90_000, before)
    short = checked(tmp_path, "model-2026-11-30", GATE.replace("20", "5"), None).lines[0]
    long = checked(tmp_path, "model-2026-11-30", GATE.replace("20", "7"), None).lines[0]
    assert (short.n, short.word) == (5, "REGRESSED")
    assert (long.n, long.word) == (7, "NON_INFERIOR")


def test_replies_are_counted_too(tmp_path: Path) -> None:
    told(tmp_path, 1)
    (line,) = checked(tmp_path, "model-2026-11-30", '[[speed]]\nmetric = "replies_per_second"\n', None).lines
    assert (line.metric, line.new, line.word) == ("replies_per_second", 1.0, "NON_INFERIOR")


def test_what_is_foretold_is_missed_as_rarely_as_the_level_says() -> None:
    dice = np.random.default_rng(11)
    speeds = np.exp(dice.normal(5, 0.03, size=(2_000, 11)))
    below = np.mean([row[-1] < foretold(row[:-1].tolist(), 0.95) for row in speeds])
    assert below == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 2_000))


def test_it_was_worked_by_hand() -> None:
    """Of 90, 100, 110, 100 and 100: mean of logarithms 4.60316, spread 0.071001, t(4; 0.99) 3.74695."""
    by_hand = math.exp(4.60316 - 3.74695 * 0.071001 * math.sqrt(6 / 5))
    assert by_hand == pytest.approx(74.57, abs=0.01)
    assert foretold([90, 100, 110, 100, 100], 0.99) == pytest.approx(by_hand, rel=1e-4)
