"""Sheets as people keep them: codes, marks, merged cells, hidden sheets, and files that are not what they say."""

import datetime
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from pyarrow import parquet

from medeval.errors import DataError
from medeval.sources import Sheet, grid_of, read_sheet, sheets_of
from medeval.sources import sheets as module
from tests.test_exams.books import CHINESE, ENGLISH, HEAD, HEAD_ZH, Rows, book, laid, lined, ods, ole, table, xls

CELLS = [["q", "A", "B", "key"], ["Is 1,5 mg the dose?", "yes", "no", "A"]]


def refusal(path: Path, sheet: str = "", header: int = 1) -> str:
    with pytest.raises(DataError) as caught:
        read_sheet(path, sheet, header)
    return str(caught.value)


def rows(sheet: Sheet) -> list[list[object]]:
    return [list(line.cells.values()) for line in sheet.lines]


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- texts --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_is_read_in_every_code_that_excel_writes(tmp_path: Path, code: str) -> None:
    text = table([HEAD_ZH, *CHINESE])
    marked = text if code in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16") else "\ufeff" + text
    sheet = read_sheet(written(tmp_path / "bank.csv", marked.encode(code)))
    assert sheet.columns == HEAD_ZH
    assert rows(sheet) == [list(row) for row in CHINESE]


@pytest.mark.parametrize(
    ("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t"), ("a.txt", "\t"), ("a.csv", "，")]
)
def test_what_parts_the_columns_is_seen_from_the_header(tmp_path: Path, name: str, mark: str) -> None:
    sheet = read_sheet(laid(tmp_path / name, CELLS, mark=mark))
    assert [list(sheet.columns), *rows(sheet)] == CELLS


def test_marks_within_quotes_part_nothing(tmp_path: Path) -> None:
    head = ["question, as it is asked, in full", "A", "B", "key"]
    assert read_sheet(laid(tmp_path / "a.csv", [head, CELLS[1]], mark=";")).columns == tuple(head)


@pytest.mark.xfail(strict=True, reason="U3: the mark is taken from the first line, which is a title")
def test_a_title_above_the_header_does_not_say_what_parts_the_columns(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "Exam of 2026\r\n\r\n" + table(CELLS, ";"))
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


@pytest.mark.xfail(strict=True, reason="S10: an open quote takes all that follows into its cell")
def test_a_quote_that_never_ends_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", 'q,key,note\none,A,"never ends\ntwo,B,\nthree,A,\n')
    assert "a.csv" in refusal(path)


@pytest.mark.parametrize("text", ["Give 5 µg at 37 °C\n", "Sjögren, Ménière\n"])
@pytest.mark.xfail(strict=True, reason="S1: cp1252 is taken for GB18030, and µg becomes 礸")
def test_an_old_western_code_page_is_no_chinese(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.csv", f"q,key\n{text}".encode("cp1252"))
    try:
        found = rows(read_sheet(path))
    except DataError as fault:
        assert "UTF-8" in str(fault)
    else:
        assert found == [[text.strip(), ""]]


@pytest.mark.xfail(strict=True, reason="S1: Big5 is taken for GB18030, and comes as characters of private use")
def test_another_chinese_code_page_is_not_guessed(tmp_path: Path) -> None:
    assert "UTF-8" in refusal(written(tmp_path / "a.csv", "題幹,答案\n華法林的拮抗劑是什麼？,甲\n".encode("big5")))


def test_bytes_of_no_code_are_told_with_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"q,key\n\xff\xff\xff,A\n")
    assert refusal(path) == f"{path}: is neither UTF-8 nor GB18030. Save it as UTF-8."


@pytest.mark.parametrize("text", ["", "\n\n", " , \n,\n"])
def test_an_empty_text_is_told(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "a.csv", text)
    assert refusal(path) == f"{path}: nothing is in it."


# --- columns ------------------------------------------------------------------------------


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


@pytest.mark.xfail(strict=True, reason="U1: the index that pandas writes is called A, as the option is")
def test_a_column_without_a_name_takes_the_name_of_no_other(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", ",q,A,B,key\n0,one,x,y,A\n"))
    assert sheet.lines[0].cells.items() >= {"q": "one", "A": "x", "B": "y", "key": "A"}.items()


def test_a_cell_is_named_as_a_spreadsheet_names_it(tmp_path: Path) -> None:
    sheet = read_sheet(laid(tmp_path / "a.csv", [[f"c{place}" for place in range(30)], ["x"] * 30]))
    assert sheet.place(2, "c0") == "row 2, column 'c0' (A2)"
    assert sheet.place(7, "c27") == "row 7, column 'c27' (AB7)"
    assert [module.letter(place) for place in (25, 26, 51, 52, 701, 702)] == ["Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_header_further_down_than_the_sheet_is_told(tmp_path: Path) -> None:
    path = laid(tmp_path / "a.csv", CELLS)
    said = f"{path}: there is no row 9 to take the names of columns from; it has 2 rows."
    assert refusal(path, header=9) == said


# --- workbooks ----------------------------------------------------------------------------


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
        1.0, 2, 0.25, -3.0, True, False, None, datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 8, 30),
        datetime.time(8, 30), "a\u200bb\ufeff c\u00a0d", " x_x000D_\n y ", "ＩＮＲ", "e\u0301",
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
    assert sheets_of(laid(tmp_path / "a.csv", CELLS)) == ()


def test_an_empty_sheet_is_told_by_its_name(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", Blank=[[None, ""], []])
    assert refusal(tmp_path / "a.xlsx") == f"{tmp_path / 'a.xlsx'}: the sheet 'Blank' is empty."


def test_a_formula_says_what_was_computed_last(tmp_path: Path) -> None:
    book(tmp_path / "b.xlsx", S=[["q", "A"], ["What is 2 + 2?", "=2+2"]])
    _patched(tmp_path / "b.xlsx", tmp_path / "a.xlsx", "<v></v>", "<v>4</v>")
    assert rows(read_sheet(tmp_path / "a.xlsx")) == [["What is 2 + 2?", "4"]]


@pytest.mark.parametrize("broken", ["=2+2", "#REF!", "#N/A"])
@pytest.mark.xfail(strict=True, reason="S8: errors, and formulas that were never computed, come as empty cells")
def test_a_cell_with_an_error_or_an_uncomputed_formula_is_not_empty(tmp_path: Path, broken: str) -> None:
    made = book(tmp_path / "a.xlsx", S=[["q", "A", "B"], ["one", "x", "y"], ["two", "x", broken]])
    made["S"]["B2"].value = "x"
    if broken[0] == "#":
        made["S"]["C3"].data_type = "e"
    made.save(tmp_path / "a.xlsx")
    try:
        assert rows(read_sheet(tmp_path / "a.xlsx"))[1][2] not in ("", None)
    except DataError as fault:
        assert "C3" in str(fault)


@pytest.mark.xfail(strict=True, reason="S9: raised digits become plain ones, and 10⁹ becomes 109")
def test_raised_digits_are_not_lost(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[["q"], ["x"]])
    raised = TextBlock(InlineFont(vertAlign="superscript"), "9")
    made["S"]["A2"] = CellRichText("Platelets of 100 x 10", raised, "/L")
    made.save(tmp_path / "a.xlsx")
    try:
        assert rows(read_sheet(tmp_path / "a.xlsx")) in ([["Platelets of 100 x 10⁹/L"]], [["Platelets of 100 x 10^9/L"]])
    except DataError as fault:
        assert "A2" in str(fault)


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


@pytest.mark.xfail(strict=True, reason="U2: what it is instead is said in the words of libraries")
def test_a_file_that_is_another_than_its_name_says_is_told_so(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=CELLS)
    data = (tmp_path / "a.xlsx").read_bytes()
    for name, known in {"a.xls": data, "a.csv": data, "t.xlsx": b"q,key\n1,A\n", "p.xls": b"<html><table>"}.items():
        path = written(tmp_path / name, known)
        try:
            assert rows(read_sheet(path)) == CELLS[1:]
        except DataError as fault:
            said = str(fault)
            assert not any(word in said for word in ("Cfb", "EOCD", "signature", "GB18030")), said


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book(tmp_path / "a.xlsx", S=CELLS)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/image1.bin", bytes(40 << 20))
    assert (tmp_path / "a.xlsx").stat().st_size < 100_000
    assert rows(read_sheet(tmp_path / "a.xlsx")) == CELLS[1:]
    monkeypatch.setattr(module, "LARGEST", 32 << 20)
    assert "would unpack to" in refusal(tmp_path / "a.xlsx")
    assert "would unpack to" in refusal(tmp_path / "a.xlsx", "S")


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


@pytest.mark.xfail(strict=True, reason="S3: a mapping within a list becomes Python's own way to write it")
def test_options_that_are_records_of_their_own_are_not_shown_as_python(tmp_path: Path) -> None:
    path = lined(tmp_path / "a.jsonl", {"q": "one", "o": [{"key": "A", "value": "x"}, {"key": "B", "value": "y"}]})
    try:
        assert "{'key'" not in str(read_sheet(path).lines[0].cells["o"][0])  # type: ignore[index]
    except DataError as fault:
        assert "row 1" in str(fault)


def _patched(old: Path, new: Path, was: str, now: str) -> None:
    """Put another text into a sheet's XML: what only Excel writes."""
    with zipfile.ZipFile(old) as packed, zipfile.ZipFile(new, "w") as copy:
        for name in packed.namelist():
            data = packed.read(name)
            copy.writestr(name, data.replace(was.encode(), now.encode()) if name.startswith("xl/work") else data)
