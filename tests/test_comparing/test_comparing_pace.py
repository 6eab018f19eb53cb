"""How fast an entry was answered: what the model did, and the time of its runs."""

from pathlib import Path

from medeval.comparing.pace import Pace, pace
from medeval.comparing.telling import paces
from medeval.reports import RUN, Attempt, Spending
from tests.test_comparing.made import cell, lines

FIRST, SECOND = "2026-01-01T08:00:00+00:00", "2026-01-02T08:00:00+00:00"


def attempt(  # noqa: PLR0917
    started: str = FIRST, seconds: float = 10.0, asked: int = 100, read: int = 5_000, written: int = 2_000,
    cost: float | None = None, judge: int = 0,
) -> Attempt:  # fmt: skip
    """One start; `judge`: requests of a judge among them, of 10 tokens read and 5 written each."""
    heard = {"judge:strict": Spending(asked=judge, reused=0, read=10 * judge, written=5 * judge)} if judge else {}
    return Attempt(
        started=started, seconds=seconds, asked=asked + judge, reused=0, read=read + 10 * judge,
        written=written + 5 * judge, cost=cost, others=heard,
    )  # fmt: skip


def paced(root: Path, *cells: tuple[Attempt, ...], name: str = "base") -> Pace | None:
    for place, attempts in enumerate(cells):
        cell(root, name, lines([1.0, 0.0]), f"task{place}", attempts=attempts)
    return pace(root / name)


def test_cells_of_one_run_share_its_time(tmp_path: Path) -> None:
    found = paced(tmp_path, (attempt(seconds=8.0),), (attempt(seconds=20.0, asked=50),))
    assert found is not None
    assert (found.seconds, found.replies, found.written) == (20.0, 150, 4_000)
    assert (found.tokens_per_second, found.replies_per_second) == (200.0, 7.5)


def test_starts_of_a_run_add_up(tmp_path: Path) -> None:
    found = paced(tmp_path, (attempt(cost=0.5), attempt(SECOND, 5.0, 20, 100, 400, cost=0.25)))
    assert found is not None
    assert (found.seconds, found.replies, found.written, found.cost) == (15.0, 120, 2_400, 0.75)


def test_a_start_that_asked_nothing_took_no_time(tmp_path: Path) -> None:
    found = paced(tmp_path, (attempt(), attempt(SECOND, 500.0, 0, 0, 0)))
    assert found is not None
    assert found.seconds == 10.0


def test_what_judges_did_is_not_the_models_work(tmp_path: Path) -> None:
    found = paced(tmp_path, (attempt(judge=30),))
    assert found is not None
    assert (found.replies, found.read, found.written, found.cost) == (100, 5_000, 2_000, None)


def test_where_choices_are_scored_reading_is_the_work(tmp_path: Path) -> None:
    found = paced(tmp_path, (attempt(written=100),))
    assert found is not None
    assert (found.writes, found.tokens_per_second) == (False, 510.0)


def test_nobody_asked_and_nothing_known_have_no_pace(tmp_path: Path) -> None:
    assert paced(tmp_path, (attempt(asked=0, read=0, written=0),)) is None
    assert paced(tmp_path, (), name="unknown") is None
    assert paced(tmp_path, (attempt(seconds=0.0),), name="timeless") is None


def test_a_damaged_run_is_not_needed(tmp_path: Path) -> None:
    folder = cell(tmp_path, "base", lines([1.0]), attempts=[attempt()])
    (folder / RUN).write_text("torn", encoding="utf-8")
    assert pace(tmp_path / "base") is None


def test_speed_and_cost_are_told_where_both_are_known(tmp_path: Path) -> None:
    base = paced(tmp_path, (attempt(cost=0.5),))
    new = paced(tmp_path, (attempt(written=4_000, cost=0.125),), name="new")
    assert [*paces(base, new)] == [
        "Speed of the whole runs: 200 → 400 tokens a second, 10.0 → 10.0 replies a second; two runs are no trend.",
        "Cost: 0.5 → 0.125.",
    ]
    assert [*paces(base, None)] == [*paces(None, new)] == []


def test_the_tokens_of_both_are_of_the_same_kind(tmp_path: Path) -> None:
    """A model that answers in two tokens reads more than it writes, and so does one that answers in four."""
    short = paced(tmp_path, (attempt(read=50_000, written=200),))
    long = paced(tmp_path, (attempt(read=50_000, written=400),), name="new")
    (said,) = paces(short, long)
    assert said.startswith(
        ("Speed of the whole runs: 20 → 40 tokens a second", "Speed of the whole runs: 5,020 → 5,040 tokens a second")
    )
