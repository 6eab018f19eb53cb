"""Nights of one label: a series with pages of their own, of which the newest alone stands on the board."""

import json
import re
from pathlib import Path

import pytest

from medeval import board
from medeval.board import history
from medeval.board.words import Words
from tests.test_board import shelves

MARKS = {"2026-01-29": [1.0] * 5 + [0.0] * 5, "2026-02-03": [1.0] * 6 + [0.0] * 4, "2026-03-04": [1.0] * 8 + [0.0] * 2}


def nights(root: Path, *days: str) -> None:
    """A cell a night."""
    for day in days or MARKS:
        shelves.cell(root, f"ours-{day}", shelves.lines(MARKS.get(day, [1.0, 0.0])))


def page(root: Path) -> tuple[history.Series, ...]:
    """What the page of nights tells."""
    return history.page(shelves.board(root), Words("en"))


def test_three_nights_are_one_series_in_the_order_of_days(tmp_path: Path) -> None:
    nights(tmp_path)
    (series,) = page(tmp_path)
    assert (series.name, series.dates) == ("ours", ("2026-01-29", "2026-02-03", "2026-03-04"))
    (line,) = series.lines
    assert [(night.date, night.value, night.href) for night in line.nights] == [
        ("2026-01-29", "50.0", "cell/ours-2026-01-29/medqa.html"),
        ("2026-02-03", "60.0", "cell/ours-2026-02-03/medqa.html"),
        ("2026-03-04", "80.0", "cell/ours-2026-03-04/medqa.html"),
    ]
    xs, ys = [x for x, _, _ in line.dots], [y for _, y, _ in line.dots]
    assert xs == [6.0, 120.0, 234.0]
    assert ys == sorted(ys, reverse=True), "more is further up"


def test_the_newest_night_stands_on_the_board_and_older_ones_have_pages_without_ranks(tmp_path: Path) -> None:
    nights(tmp_path)
    shelves.cell(tmp_path, "other", shelves.lines(MARKS["2026-01-29"]))
    there = shelves.board(tmp_path)
    assert there.old == {"ours-2026-01-29", "ours-2026-02-03"}
    assert [{row.slug for row in part.standings.rows} for part in there.parts] == [{"other", "ours-2026-03-04"}]
    assert {*there.ranks["medqa"].ranks} == {"other", "ours-2026-03-04"}
    board.build(tmp_path, tmp_path / "out", version="1.0")
    home = (tmp_path / "out" / "en" / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'data-entry="([^"]+)"', home)
    assert {*rows} == {"other", "ours-2026-03-04"}
    for day in MARKS:
        assert (tmp_path / "out" / "en" / "entry" / f"ours-{day}.html").is_file()
        assert (tmp_path / "out" / "en" / "cell" / f"ours-{day}" / "medqa.html").is_file()
    told = json.loads((tmp_path / "out" / "data" / "results.json").read_text(encoding="utf-8"))
    assert {each["slug"]: each["superseded"] for each in told["entries"]} == {
        "other": False, "ours-2026-01-29": True, "ours-2026-02-03": True, "ours-2026-03-04": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("older", "newer"), [("2026-01-09", "2026-01-10"), ("2026-02-28", "2026-10-01"), ("2026-09-30", "2026-10-01")]
)
def test_the_newest_night_is_the_latest_day_and_not_the_greatest_text(tmp_path: Path, older: str, newer: str) -> None:
    nights(tmp_path, older, newer)
    assert shelves.board(tmp_path).old == {f"ours-{older}"}


def test_days_are_told_with_and_without_hyphens(tmp_path: Path) -> None:
    for label in ("ours_20260129", "ours-2026-02-03"):
        shelves.cell(tmp_path, label, shelves.lines([1.0, 0.0]))
    (series,) = page(tmp_path)
    assert series.dates == ("2026-01-29", "2026-02-03")


def test_one_night_or_a_number_that_is_no_day_is_no_series(tmp_path: Path) -> None:
    for label in ("ours-2026-01-29", "theirs-2026-02-30", "step-20269999", "step-10000000", "plain"):
        shelves.cell(tmp_path, label, shelves.lines([1.0, 0.0]))
    assert page(tmp_path) == ()
    assert shelves.board(tmp_path).old == frozenset()


def test_a_column_with_one_night_has_no_line(tmp_path: Path) -> None:
    nights(tmp_path)
    shelves.cell(tmp_path, "ours-2026-02-03", shelves.lines([1.0, 0.0]), "pubmedqa")
    (series,) = page(tmp_path)
    assert [line.title.partition(" ")[0] for line in series.lines] == ["MedQA"]


def test_a_night_whose_number_is_doubted_says_so(tmp_path: Path) -> None:
    nights(tmp_path)
    (tmp_path / "ours-2026-02-03" / "medqa" / "samples.jsonl").unlink()
    (series,) = page(tmp_path)
    assert [night.flags for night in series.lines[0].nights] == [(), ("no samples file",), ()]
