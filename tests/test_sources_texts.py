"""Tables as texts: the codes, the marks and the quotes that are about."""

from pathlib import Path

import pytest

from medeval.errors import DataError
from medeval.sources import read_sheet
from tests.test_exams.books import (
    CHINESE,
    HEAD_ZH,
    SHORT,
    laid,
    refusal,
    rows,
    table,
    written,
)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_is_read_in_every_code_that_excel_writes(tmp_path: Path, code: str) -> None:
    text = table([HEAD_ZH, *CHINESE])
    marked = text if code in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16") else "\ufeff" + text
    sheet = read_sheet(written(tmp_path / "bank.csv", marked.encode(code)))
    assert sheet.columns == HEAD_ZH
    assert rows(sheet) == [list(row) for row in CHINESE]


@pytest.mark.parametrize(
    ("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.txt", "\t")]
)
def test_what_parts_the_columns_is_seen_from_the_header(tmp_path: Path, name: str, mark: str) -> None:
    sheet = read_sheet(laid(tmp_path / name, SHORT, mark=mark))
    assert [list(sheet.columns), *rows(sheet)] == SHORT


def test_marks_within_quotes_part_nothing(tmp_path: Path) -> None:
    head = ["question, as it is asked, in full", "A", "B", "key"]
    assert read_sheet(laid(tmp_path / "a.csv", [head, SHORT[1]], mark=";")).columns == tuple(head)


def test_a_title_above_the_header_does_not_say_what_parts_the_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "Exam of 2026\r\n\r\n" + table(SHORT, ";"))
    assert read_sheet(path, header=3).columns == ("q", "A", "B", "key")


def test_line_ends_and_quotes_within_a_cell_stay_in_it_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'q,k\r\n"first\r\nsecond",A\r\n\r\n"say ""no"", please",B\r\n')
    assert read_sheet(path).lines == (
        (2, {"q": "first\nsecond", "k": "A"}), (4, {"q": 'say "no", please', "k": "B"})
    )  # fmt: skip


def test_ragged_rows_lack_their_last_cells_and_further_cells_get_a_column(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", "q,A,B,key\none,x,y\ntwo,x,y,A,a remark\n,,,\nthree\n"))
    assert sheet.columns[:4] == ("q", "A", "B", "key")
    assert len(sheet.columns) == 5
    assert [(line.number, *line.cells.values()) for line in sheet.lines] == [
        (2, "one", "x", "y", "", ""), (3, "two", "x", "y", "A", "a remark"), (5, "three", "", "", "", ""),
    ]  # fmt: skip


def test_a_quote_that_never_ends_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'q,key,note\none,A,"never ends\ntwo,B,\nthree,A,\n')
    assert "a.csv" in refusal(path)


@pytest.mark.parametrize("text", ["Give 5 µg at 37 °C\n", "Sjögren, Ménière\n"])
def test_an_old_western_code_page_is_no_chinese(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.csv", f"q,key\n{text}".encode("cp1252"))
    try:
        found = rows(read_sheet(path))
    except DataError as fault:
        assert "UTF-8" in str(fault)
    else:
        assert found == [[text.strip(), ""]]


def test_another_chinese_code_page_is_not_guessed(tmp_path: Path) -> None:
    assert "UTF-8" in refusal(written(tmp_path / "a.csv", "題幹,答案\n華法林的拮抗劑是什麼？,甲\n".encode("big5")))


def test_bytes_of_no_code_are_told_with_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"q,key\n\xff\xff\xff,A\n")
    assert refusal(path) == f"{path}: is in an old code page that is not known here. In Excel save it as 'CSV UTF-8'."


@pytest.mark.parametrize("text", ["", "\n\n", " , \n,\n"])
def test_an_empty_text_is_told(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.csv", text)
    assert refusal(path) == f"{path}: nothing is in it."
