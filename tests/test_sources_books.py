"""Workbooks as people keep them: merged cells, hidden sheets, and files that are not what they say."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from medeval.errors import DataError
from medeval.sources import read_sheet, sheets_of
from tests.test_exams.books import (
    ENGLISH,
    HEAD,
    SHORT,
    Rows,
    book,
    laid,
    ods,
    ole,
    refusal,
    rows,
    table,
    written,
    xls,
)


def test_every_kind_of_workbook_says_the_same(tmp_path: Path) -> None:
    cells: Rows = [["题干", "剂量", "key"], ["对乙酰氨基酚 <2 g & 无酒精？", 1.0, "B"], ["二甲双胍？", 0.5, "A"]]
    book(tmp_path / "a.xlsx", Exam=cells)
    book(tmp_path / "A.XLSX", Exam=cells)
    found = [
        read_sheet(path) for path in (
            tmp_path / "a.xlsx", tmp_path / "A.XLSX", ods(tmp_path / "a.ods", cells), xls(tmp_path / "a.xls", cells),
        )
    ]  # fmt: skip
    assert rows(found[0]) == [["对乙酰氨基酚 <2 g & 无酒精？", "1", "B"], ["二甲双胍？", "0.5", "A"]]
    assert found[1:] == found[:1] * 3


def test_a_workbook_is_counted_from_its_first_row_and_column_however_many_are_empty(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[])
    sheet = made["S"]
    sheet["B3"], sheet["D3"], sheet["B4"], sheet["D4"], sheet["B7"] = "q", "key", "one", "A", "two"
    made.save(tmp_path / "a.xlsx")
    found = read_sheet(tmp_path / "a.xlsx", header=3)
    assert found.lines == ((4, {"q": "one", "key": "A"}), (7, {"q": "two", "key": ""}))
    assert found.place(4, "key") == "row 4, column 'key' (D4)"


def test_cells_say_what_people_see_in_them(tmp_path: Path) -> None:
    said: list[object] = [
        1.0, 2, 0.25, -3.0, True, False, None, date(2026, 3, 1),
        datetime(2026, 3, 1, 8, 30),  # noqa: DTZ001  a sheet knows no zones
        time(8, 30), "a\u200bb\ufeff c\u00a0d", " x_x000D_\n y ", "ＩＮＲ", "e\u0301",
    ]  # fmt: skip
    book(tmp_path / "a.xlsx", S=[[f"c{place}" for place in range(len(said))], said])
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [[
        "1", "2", "0.25", "-3", "TRUE", "FALSE", "", "2026-03-01", "2026-03-01T08:30:00",
        "08:30:00", "ab c d", "x\n y", "ＩＮＲ", "é",
    ]]  # fmt: skip


def test_every_row_of_a_merged_cell_says_what_stands_in_it(tmp_path: Path) -> None:
    case = "A man of 68 takes warfarin; his INR is 5.2, and he does not bleed."
    made = book(tmp_path / "a.xlsx", S=[
        ["case", "q", "A", "B"], [case, "What is done first?", "x", "y"], [None, "And then?", "x", "y"],
        [None, "And at home?", "same", None], ["", "Another?", "x", "y"],
    ])  # fmt: skip
    made["S"].merge_cells("A2:A4")
    made["S"].merge_cells("C4:D4")
    made.save(tmp_path / "a.xlsx")
    found = read_sheet(tmp_path / "a.xlsx")
    assert [line.cells["case"] for line in found.lines] == [case, case, case, ""]
    assert [line.cells["B"] for line in found.lines] == ["y", "y", "same", "y"]


def test_the_first_sheet_that_can_be_seen_is_read_and_any_can_be_named(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", Hidden=[["x"], ["old"]], Deep=[["x"]], 题库=[["q"], ["one"]], Two=[["q"], ["two"]])
    made["Hidden"].sheet_state, made["Deep"].sheet_state = "hidden", "veryHidden"
    made.active = 2
    made.save(tmp_path / "a.xlsx")
    assert sheets_of(tmp_path / "a.xlsx") == ("题库", "Two")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [["one"]]
    assert rows(read_sheet(tmp_path / "a.xlsx", "Two")) == [["two"]]
    assert rows(read_sheet(tmp_path / "a.xlsx", "Hidden")) == [["old"]]
    assert refusal(tmp_path / "a.xlsx", "Tow").endswith("has no sheet 'Tow'. It has: Hidden, Deep, 题库, Two.")
    assert sheets_of(laid(tmp_path / "a.csv", SHORT)) == ()


def test_an_empty_sheet_is_told_by_its_name(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", Blank=[[None, ""], []])
    assert refusal(tmp_path / "a.xlsx") == f"{tmp_path / 'a.xlsx'}: the sheet 'Blank' is empty."


# --- files that are not what they say -----------------------------------------------------


def test_a_locked_workbook_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ole(EncryptionInfo=b"\4\0\4\0", EncryptedPackage=b"\0" * 64))
    assert refusal(path) == f"{path}: is locked with a password. Save a copy without one."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("text.xlsx", table([HEAD, *ENGLISH]).encode()), ("text.xls", table([HEAD, *ENGLISH]).encode()),
        ("text.ods", b"x"), ("empty.xlsx", b""), ("garbage.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
        ("garbage.xlsx", b"PK\3\4" + bytes(200)), ("page.xls", b"<html><table><tr><td>q</td></tr></table></html>"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_told_with_what_to_do(tmp_path: Path, name: str, data: bytes) -> None:
    path = written(tmp_path / name, data)
    said = refusal(path)
    assert said.startswith(f"{path}: ")
    assert "as .xlsx" in said
    assert "\n" not in said


def test_a_file_that_is_another_than_its_name_says_is_told_so(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=SHORT)
    data = (tmp_path / "a.xlsx").read_bytes()
    for name, known in {"a.xls": data, "a.csv": data, "t.xlsx": b"q,key\n1,A\n", "p.xls": b"<html><table>"}.items():
        path = written(tmp_path / name, known)
        try:
            assert rows(read_sheet(path)) == SHORT[1:]
        except DataError as fault:
            said = str(fault)
            assert not any(word in said for word in ("Cfb", "EOCD", "signature", "GB18030")), said
