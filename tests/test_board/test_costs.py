"""What numbers took, and who is not beaten on both what it is worth and what it took."""

from pathlib import Path
from typing import Any

from medeval.board import costs
from medeval.board.contents import mains
from medeval.records import Setting
from tests.test_board import shelves

SPENT = {
    # Right of ten, tokens written, seconds.
    "cheap": (4, 100, 9.0), "dear": (9, 900, 1.0), "middle": (6, 300, 5.0), "beaten": (5, 300, 6.0),
    "twin": (6, 400, 5.0), "worst": (3, 950, 10.0),
}  # fmt: skip


def page(root: Path) -> costs.Page:
    """What the page of costs tells."""
    there = shelves.board(root)
    return costs.page(there, mains(there))


def front(made: costs.Page, of: str) -> list[str]:
    """Those that are told not to be beaten."""
    (plane,) = [each for each in made.planes if each.of == of]
    return [spot.name for spot in plane.spots if spot.front]


def shelf(root: Path, better: Any = "higher") -> None:
    """Entries of ten answers each."""
    for name, (right, tokens, seconds) in SPENT.items():
        marks = [1.0] * right + [0.0] * (10 - right)
        shelves.cell(root, name, shelves.lines(marks), spent=(tokens, seconds, None), better=better)


def test_the_front_is_what_nothing_beats_on_both(tmp_path: Path) -> None:
    shelf(tmp_path)
    made = page(tmp_path)
    assert front(made, "tokens") == ["cheap", "dear", "middle"]
    assert front(made, "seconds") == ["dear"]


def test_where_lower_is_better_the_front_is_of_the_low(tmp_path: Path) -> None:
    shelf(tmp_path, "lower")
    made = page(tmp_path)
    assert front(made, "tokens") == ["cheap", "worst"]
    assert [name for name in front(made, "seconds") if name != "twin"] == ["beaten", "cheap", "dear", "middle", "worst"]


def test_two_that_are_equal_on_both_do_not_beat_each_other(tmp_path: Path) -> None:
    for entry in ("one", "two"):
        shelves.cell(tmp_path, entry, shelves.lines([1.0] * 6 + [0.0] * 4), spent=(300, 5.0, None))
    shelves.cell(tmp_path, "low", shelves.lines([1.0] * 2 + [0.0] * 8), spent=(400, 6.0, None))
    assert front(page(tmp_path), "seconds") == ["one", "two"]


def test_each_line_tells_what_one_sample_took_and_the_best_come_first(tmp_path: Path) -> None:
    marks = [1.0] * 4 + [0.0] * 6
    shelves.cell(tmp_path, "low", shelves.lines(marks), spent=(12_345, 25.0, 0.5))
    shelves.cell(tmp_path, "high", shelves.lines([1.0] * 10), spent=(40, 5.0, None))
    lines = page(tmp_path).lines
    assert [
        (line.entry, line.value, line.tokens, line.read, line.seconds, line.cost, line.front) for line in lines
    ] == [
        ("high", "100.0", "4.0", "10.0", "0.5", "", "tokens seconds"),
        ("low", "40.0", "1,234.5", "10.0", "2.5", "0.05", ""),
    ]


def test_where_no_run_counted_anything_there_is_nothing(tmp_path: Path) -> None:
    for entry in ("one", "two"):
        shelves.cell(tmp_path, entry, shelves.lines([1.0, 0.0]))
    assert page(tmp_path) == costs.Page(planes=(), lines=())


def test_a_run_that_counted_no_tokens_has_not_spent_none(tmp_path: Path) -> None:
    for entry, right, tokens in (("silent", 5, 0), ("low", 4, 50), ("high", 9, 90)):
        marks = [1.0] * right + [0.0] * (10 - right)
        shelves.cell(tmp_path, entry, shelves.lines(marks), spent=(tokens, 1.0 + right, None))
    assert front(page(tmp_path), "tokens") == ["high", "low"]


def test_what_a_judge_wrote_is_no_answer(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "judged", shelves.lines([1.0] * 10), spent=(200, 10.0, None), others=5000)
    assert [line.tokens for line in page(tmp_path).lines] == ["20.0"]


def test_what_was_asked_five_times_took_no_more_an_answer(tmp_path: Path) -> None:
    takes = [shelves.line(f"{place:02d}", repeat=repeat) for place in range(10) for repeat in range(5)]
    shelves.cell(tmp_path, "once", shelves.lines([1.0] * 10), spent=(200, 10.0, None))
    shelves.cell(tmp_path, "often", takes, spent=(1000, 50.0, None))
    assert [(line.tokens, line.seconds) for line in page(tmp_path).lines] == [("20.0", "1")] * 2


def test_texts_that_were_made_elsewhere_took_what_nobody_knows(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "theirs", shelves.lines([1.0, 0.0]), spent=(0, 0.04, None), setting=Setting(elsewhere=True))
    assert page(tmp_path).lines == ()


def test_what_was_measured_in_part_beats_nobody(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "whole", shelves.lines([1.0] * 9 + [0.0]), spent=(900, 9.0, None))
    shelves.cell(tmp_path, "other", shelves.lines([1.0] * 8 + [0.0] * 2), spent=(950, 9.5, None))
    shelves.cell(tmp_path, "partial", shelves.lines([1.0] + [None] * 9), spent=(20, 1.0, None))
    assert [(line.entry, line.front) for line in page(tmp_path).lines if line.front] == [("whole", "tokens seconds")]


def test_a_failed_take_is_one_time_that_a_sample_was_asked(tmp_path: Path) -> None:
    takes = [shelves.line(f"{place}", repeat=repeat) for place in range(5) for repeat in range(4)]
    takes[3] = shelves.line("0", None, "engine_error", repeat=3)
    shelves.cell(tmp_path, "one", takes, spent=(400, 10.0, None), counts={"n": 5, "failed": 1})
    assert [(line.tokens, line.seconds) for line in page(tmp_path).lines] == [("20.0", "0.5")]


def test_rules_have_no_costs(shelf: Path) -> None:
    names = {line.entry for line in page(shelf).lines}
    assert "atlas-8b" in names
    assert not [name for name in names if name.startswith("baseline")]


def test_the_cells_of_one_run_share_its_seconds(tmp_path: Path) -> None:
    """Each cell tells the time since the run began; the last one's is the whole."""
    ten, thirty = shelves.lines([1.0, 0.0] * 5), shelves.lines([1.0, 0.0, 0.0] * 10)
    shelves.cell(tmp_path, "one", ten, "medqa", spent=(10, 6.0, None))
    shelves.cell(tmp_path, "one", thirty, "pubmedqa", spent=(30, 8.0, None))
    assert {line.seconds for line in page(tmp_path).lines} == {"0.2"}
