"""Sheets of every kind: the names of their columns, the places of their cells, and records as sheets."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from medeval.errors import DataError
from medeval.sources import grid_of, read_sheet
from medeval.sources.sheets import letter
from tests.test_exams.books import (
    SHORT,
    laid,
    lined,
    refusal,
    rows,
    written,
)


def test_two_columns_of_one_name_are_told_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_sheet(written(tmp_path / "a.csv", "q,A,A,key,key\none,x,y,A,B\n"))
    assert [fault.rpartition(", ")[2] for fault in caught.value.faults] == [
        "row 1: two columns are called 'A'. Rename one.", "row 1: two columns are called 'key'. Rename one.",
    ]  # fmt: skip


def test_names_of_columns_are_on_one_line_and_empty_columns_are_none(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", '"q\n(stem)",,  key ,\none,,A,\n'))
    assert sheet.columns == ("q (stem)", "key")
    assert sheet.letters == {"q (stem)": "A", "key": "C"}


def test_a_column_without_a_name_takes_the_name_of_no_other(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", ",q,A,B,key\n0,one,x,y,A\n"))
    assert sheet.lines[0].cells.items() >= {"q": "one", "A": "x", "B": "y", "key": "A"}.items()


def test_a_cell_is_named_as_a_spreadsheet_names_it(tmp_path: Path) -> None:
    sheet = read_sheet(laid(tmp_path / "a.csv", [[f"c{place}" for place in range(30)], ["x"] * 30]))
    assert sheet.place(2, "c0") == "row 2, column 'c0' (A2)"
    assert sheet.place(7, "c27") == "row 7, column 'c27' (AB7)"
    assert [letter(place) for place in (25, 26, 51, 52, 701, 702)] == ["Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_header_further_down_than_the_sheet_is_told(tmp_path: Path) -> None:
    path = laid(tmp_path / "a.csv", SHORT)
    said = f"{path}: there is no row 9 to take the names of columns from; it has 2 rows."
    assert refusal(path, header=9) == said


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.jsonl", "a.parquet", "a.ods"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    said = refusal(tmp_path / name)
    assert said.startswith(f"{tmp_path / name}: ")
    assert "o such file" in said


@pytest.mark.parametrize("name", ["exam.docx", "exam.pdf", "exam", "exam.numbers"])
def test_other_kinds_are_told_which_there_are(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "x")
    assert refusal(path) == (
        f"{path}: files of this kind are not read. Save it as one of .xlsx, .xlsm, .xls, .xlsb, .ods, .csv, .tsv, "
        ".txt, .jsonl, .json, .parquet."
    )
    with pytest.raises(DataError, match="files of this kind are not read"):
        grid_of(path)


# --- records ------------------------------------------------------------------------------


def test_lists_and_mappings_of_json_lines_stay_what_they_are(tmp_path: Path) -> None:
    path = lined(
        tmp_path / "a.jsonl",
        {"q": " one\u200b ", "o": ["x", 2, None, 0.5], "n": 1.0, "right": True},
        {"q": "two", "o": {"A": "x", "B": 3}, "right": False, "more": None},
    )
    assert read_sheet(path).lines == (
        (1, {"q": "one", "o": ["x", "2", "", "0.5"], "n": "1", "right": "TRUE", "more": ""}),
        (2, {"q": "two", "o": {"A": "x", "B": "3"}, "n": "", "right": "FALSE", "more": ""}),
    )
    assert read_sheet(path).place(2, "q") == "row 2, column 'q'"


def test_json_and_parquet_say_the_same(tmp_path: Path) -> None:
    cells = [{"q": "one", "o": ["x", "y"], "k": 0}, {"q": "two", "o": ["x", "y", "z"], "k": 2}]
    parquet.write_table(pa.Table.from_pylist(cells), tmp_path / "a.parquet")
    written(tmp_path / "a.json", '[{"q": "one", "o": ["x", "y"], "k": 0}, {"q": "two", "o": ["x", "y", "z"], "k": 2}]')
    found = read_sheet(lined(tmp_path / "a.jsonl", *cells))
    assert found == read_sheet(tmp_path / "a.parquet") == read_sheet(tmp_path / "a.json")
    assert rows(found) == [["one", ["x", "y"], "0"], ["two", ["x", "y", "z"], "2"]]


def test_what_is_no_record_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 2: not JSON" in refusal(written(tmp_path / "a.jsonl", '{"q": "one"}\n{q\n'))
    assert "not an object with fields" in refusal(written(tmp_path / "b.jsonl", "[1, 2]\n"))
    assert refusal(written(tmp_path / "c.jsonl", "")).endswith("nothing is in it.")
    assert "cannot be read" in refusal(written(tmp_path / "d.parquet", b"PAR1"))


def test_options_that_are_records_of_their_own_keep_their_fields(tmp_path: Path) -> None:
    options = [{"key": "A", "value": "x"}, {"key": "B", "value": "y"}]
    assert rows(read_sheet(lined(tmp_path / "a.jsonl", {"q": "one", "o": options}))) == [["one", options]]
