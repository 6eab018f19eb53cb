"""The rooms of the statistics: loaded when they are named, and not before."""

import subprocess
import sys

import pytest

from medeval import stats

HEAVY = ("numpy", "scipy")


def after(code: str) -> list[str]:
    """What is loaded once a process of its own has run some code."""
    told = f"{code}\nimport sys\nprint(*[n for n in sys.modules if n in {HEAVY!r} or n.startswith('medeval.stats.')])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return sorted(done.stdout.split())


def test_naming_the_statistics_loads_the_intervals_of_means_alone() -> None:
    assert after("import medeval.stats") == ["medeval.stats.intervals"]


def test_the_interval_of_a_share_needs_nothing_heavy() -> None:
    assert after("from medeval import stats; stats.wilson(3, 7)") == ["medeval.stats.intervals"]


def test_a_room_is_loaded_when_it_is_named() -> None:
    assert after("from medeval import stats; stats.many") == ["medeval.stats.intervals", "medeval.stats.many"]
    assert {"medeval.stats.tables", "numpy"} <= {*after("from medeval import stats; stats.tables.counted")}


@pytest.mark.parametrize("room", stats.ROOMS)
def test_every_room_is_there_and_named_in_the_list_of_names(room: str) -> None:
    assert getattr(stats, room).__name__ == f"medeval.stats.{room}"
    assert room in stats.__all__


def test_a_name_that_is_no_room_is_an_error_of_the_usual_kind() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'cellar'"):
        _ = stats.cellar
    assert not hasattr(stats, "strength")


@pytest.mark.parametrize("name", ["Interval", "wilson", "student", "clustered", "clopper_pearson", "mean_of_means"])
def test_intervals_of_means_are_there_at_once(name: str) -> None:
    assert name in vars(stats)
