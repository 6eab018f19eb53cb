"""Two entries question by question: the same numbers as the statistics, and what the script is handed to find them."""

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from medeval.board import pairs
from medeval.board.assembled import Board
from medeval.board.contents import mains
from medeval.stats import paired
from tests.test_board import shelves

ONE = np.array([1, 1, 1, 1, 0, 0, 1, 1, 1, 0], dtype=float)
TWO = np.array([1, 0, 0, 1, 1, 0, 1, 0, 1, 0], dtype=float)
"""Three that only the first has right, one that only the second has."""
LOW = np.array([0.5, 0.25, 1.0, 0.0, 0.75, 0.5])
HIGH = np.array([0.75, 0.5, 1.0, 0.5, 0.5, 1.0])
CLUSTERS = ("a", "a", "b", "b", "c", "c")


def packed(board: Board) -> Mapping[str, Any]:
    """What the script is handed of the one column there is."""
    (column,) = cast("list[Mapping[str, Any]]", pairs.packed(board, mains(board), {})["columns"])
    return column


def floats(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Decode numbers as the script does."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8")


# --- what is compared ---------------------------------------------------------------------------


def test_right_and_wrong_are_compared_by_tango_and_mcnemar() -> None:
    n, gap, low, high, p = pairs.compared(ONE, TWO, (), binary=True)
    limits = paired.tango(1, 3, 10)
    assert n == 10
    assert gap == pytest.approx(-0.2)
    assert (low, high) == (limits.low, limits.high)
    # Four of five outcomes of four tosses: the mid-p of one against three is 2 · (1 + 4/2) / 16.
    assert p == pytest.approx(0.375) == paired.mcnemar(1, 3).mid_p


@pytest.mark.parametrize("clusters", [(), CLUSTERS])
def test_grades_are_compared_by_t_and_clusters_count_as_one(clusters: tuple[str, ...]) -> None:
    found = paired.paired_t(LOW.tolist(), HIGH.tolist(), clusters or None)
    assert pairs.compared(LOW, HIGH, clusters, binary=False) == (6, found.value, found.low, found.high, found.p)
    assert found.value == pytest.approx(1.25 / 6)


def test_marks_of_clusters_are_never_compared_as_if_each_stood_alone() -> None:
    ten = [f"{place // 2}" for place in range(10)]
    found = paired.paired_t(ONE.tolist(), TWO.tolist(), ten)
    assert pairs.compared(ONE, TWO, ten, binary=True)[1:] == (found.value, found.low, found.high, found.p)


# --- what the script is handed ------------------------------------------------------------------


def test_bits_are_the_marks_and_count_from_the_lowest(tmp_path: Path) -> None:
    for entry, marks in (("one", ONE), ("two", TWO)):
        shelves.cell(tmp_path, entry, shelves.lines(marks.tolist()))
    column = packed(shelves.board(tmp_path))
    assert (column["kind"], column["n"], column["page"]) == ("bits", 10, 200)
    assert column["ids"] == [f"{place:02d}" for place in range(10)]
    for entry, marks in (("one", ONE), ("two", TWO)):
        data = np.frombuffer(base64.b64decode(column["bits"][entry]), dtype=np.uint8)
        assert np.unpackbits(data, bitorder="little")[:10].tolist() == marks.astype(int).tolist()
    # 1111 0011 10 from the lowest bit on.
    assert base64.b64decode(column["bits"]["one"]) == bytes([0b11001111, 0b01])


@pytest.mark.parametrize("clusters", [(), CLUSTERS])
def test_sums_of_products_give_the_interval_of_students_t(tmp_path: Path, clusters: tuple[str, ...]) -> None:
    third = np.array([0.1, 0.9, 0.4, 0.35, 0.8, 0.05])
    marks = {"high": HIGH, "low": LOW, "third": third}
    for entry, each in marks.items():
        shelves.cell(tmp_path, entry, shelves.lines(each.tolist(), "rouge1", clusters), metric="rouge1")
    column = packed(shelves.board(tmp_path))
    slugs, means, upper = column["slugs"], floats(column["means"]), floats(column["cross"])
    assert (column["kind"], slugs, len(upper)) == ("cross", ["high", "low", "third"], 6)
    cross = np.zeros((3, 3))
    cross[np.triu_indices(3)] = upper
    for one, first in enumerate(slugs):
        for two in range(one + 1, 3):
            found = paired.paired_t(marks[first].tolist(), marks[slugs[two]].tolist(), clusters or None)
            gap = means[two] - means[one]
            spread = cross[one, one] + cross[two, two] - 2 * cross[one, two]
            half = column["t"] * math.sqrt(column["scale"] * spread)
            assert gap == pytest.approx(found.value, abs=1e-9)
            assert (gap - half, gap + half) == pytest.approx((found.low, found.high), abs=1e-9)


def test_right_and_wrong_in_clusters_are_handed_over_as_sums_of_products(tmp_path: Path) -> None:
    for entry, marks in (("one", ONE[:6]), ("two", TWO[:6])):
        shelves.cell(tmp_path, entry, shelves.lines(marks.tolist(), clusters=CLUSTERS))
    column = packed(shelves.board(tmp_path))
    # Differences 0, -1 | -1, 0 | 1, 0 less their mean -1/6: by cluster -2/3, -2/3, 4/3.
    spread = floats(column["cross"])[[0, 2]].sum() - 2 * floats(column["cross"])[1]
    assert spread == pytest.approx(8 / 3)
    assert (column["t"], column["scale"]) == (pytest.approx(4.302652729911275), pytest.approx(3 / 2 / 36))


def test_one_entry_alone_is_no_column_to_compare_in(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines(ONE.tolist()))
    board = shelves.board(tmp_path)
    assert pairs.packed(board, mains(board), {}) == {"entries": [{"slug": "one", "name": "one"}], "columns": []}


def test_questions_are_only_led_to_where_texts_are_shown(tmp_path: Path) -> None:
    for entry, marks in (("one", ONE), ("two", TWO)):
        shelves.cell(tmp_path, entry, shelves.lines(marks.tolist()))
    board = shelves.board(tmp_path)
    (column,) = mains(board)
    for shown, way, link in ((True, "question/medqa-{page}.html#q{i}", "../question/medqa-1.html#q1"), (False, "", "")):
        handed = cast("list[Mapping[str, Any]]", pairs.packed(board, [column], {"medqa": shown})["columns"])
        assert handed[0]["questions"] == way
        line = pairs.line(board, column, ("one", "two"), shown=shown)
        assert line.flips[0] == ("01", link, "first")


# --- two entries on a page ----------------------------------------------------------------------


def test_a_line_tells_both_numbers_what_lies_between_and_which_samples_make_it(tmp_path: Path) -> None:
    for entry, marks in (("one", ONE), ("two", TWO)):
        shelves.cell(tmp_path, entry, shelves.lines(marks.tolist()))
    board = shelves.board(tmp_path)
    (column,) = mains(board)
    line = pairs.line(board, column, ("one", "two"))
    assert (line.n, line.first, line.second, line.difference, line.p) == ("10", "70.0", "50.0", "−20.0", "0.375")
    assert [(name, who) for name, _, who in line.flips] == [
        ("01", "first"), ("02", "first"), ("07", "first"), ("04", "second"),
    ]  # fmt: skip
    assert (line.lost, line.won, line.word) == (3, 1, "tied")
    other = pairs.line(board, column, ("two", "one"))
    assert (other.difference, other.lost, other.won) == ("+20.0", 1, 3)


@pytest.mark.parametrize(
    ("better", "marks", "word"),
    [
        ("higher", (0.0, 1.0), "better"),
        ("higher", (1.0, 0.0), "worse"),
        ("lower", (0.0, 1.0), "worse"),
        ("lower", (1.0, 0.0), "better"),
        ("lower", (1.0, 1.0), "tied"),
    ],
)
def test_the_second_is_better_where_it_has_more_of_what_is_good(
    tmp_path: Path, better: Any, marks: tuple[float, float], word: str
) -> None:
    for entry, mark in zip(("one", "two"), marks, strict=True):
        shelves.cell(tmp_path, entry, shelves.lines([mark] * 12), better=better)
    board = shelves.board(tmp_path)
    assert pairs.line(board, mains(board)[0], ("one", "two")).word == word


def test_what_has_no_interval_is_not_told_apart(tmp_path: Path) -> None:
    for entry, mark in (("one", 0.25), ("two", 0.75)):
        shelves.cell(tmp_path, entry, shelves.lines([mark] * 12, "rouge1"), metric="rouge1")
    board = shelves.board(tmp_path)
    line = pairs.line(board, mains(board)[0], ("one", "two"))
    assert (line.difference, line.interval, line.word) == ("+50.0", "50.0 – 50.0", "tied")


def test_a_page_of_two_leaves_out_what_only_one_of_them_answered(tmp_path: Path) -> None:
    for entry, marks in (("one", ONE), ("two", TWO), ("three", ONE)):
        shelves.cell(tmp_path, entry, shelves.lines(marks.tolist()))
    shelves.cell(tmp_path, "one", shelves.lines(ONE.tolist()), "pubmedqa")
    shelves.cell(tmp_path, "three", shelves.lines(TWO.tolist()), "pubmedqa")
    board = shelves.board(tmp_path)
    for pair, titles in ((("one", "two"), ["MedQA"]), (("one", "three"), ["MedQA", "PubMedQA"])):
        made = pairs.page(board, pair, mains(board), {})
        assert [line.title.partition(" (")[0] for line in made.lines] == titles
        assert (made.first, made.second, made.live) == (*pair, f"../compare.html#a={pair[0]}&b={pair[1]}")


def test_neighbours_are_those_of_every_order_and_each_two_of_them_once(tmp_path: Path) -> None:
    # On medqa the order is a, b, c, on cmb_exam b, a: two entries that were met stay met, whichever goes first.
    for entry, medqa, cmb in (("a", 36, 4), ("b", 20, 36), ("c", 2, None)):
        shelves.cell(tmp_path, entry, shelves.lines([1.0] * medqa + [0.0] * (40 - medqa)))
        if cmb is not None:
            shelves.cell(tmp_path, entry, shelves.lines([1.0] * cmb + [0.0] * (40 - cmb)), "cmb_exam")
    board = shelves.board(tmp_path)
    orders = [[row.slug for row in part.standings.rows] for part in board.parts]
    assert orders == [["a", "b", "c"], ["b", "a"]]
    assert list(pairs.neighbours(board)) == [("a", "b"), ("b", "c")]
