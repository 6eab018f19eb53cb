"""The questions of a sheet, whatever kind it is of, and everything that is wrong with it, told at once."""

from pathlib import Path

from tests.test_exams.books import (
    CHINESE,
    ENGLISH,
    EXAM,
    HEAD,
    HEAD_ZH,
    asked,
    book,
    faults,
    laid,
    lined,
    said,
    small,
)


def test_a_row_is_a_question_with_its_options_its_key_and_its_part(tmp_path: Path) -> None:
    found = asked(small(tmp_path))
    assert [(each.id, each.question, each.target, each.slices) for each in found] == [
        (f"{number:04d}", row[0], (row[5],), {"Ward": row[6]}) for number, row in enumerate(ENGLISH, 2)
    ]
    assert [(option.label, option.text) for option in found[0].options] == [
        ("A", "Rifampicin"), ("B", "Amiodarone"), ("C", "Carbamazepine"), ("D", "St John's wort"),
    ]  # fmt: skip
    assert {each.language for each in found} == {"en"}
    assert not any(each.several or each.cluster for each in found)


def test_every_kind_of_sheet_is_the_same_exam(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [HEAD_ZH, *CHINESE], code="gb18030")
    laid(tmp_path / "b.tsv", [HEAD_ZH, *CHINESE], mark="\t", code="utf-16")
    book(tmp_path / "c.xlsx", 题库=[HEAD_ZH, *CHINESE])
    lined(tmp_path / "d.jsonl", *[dict(zip(HEAD_ZH, row, strict=True)) for row in CHINESE])
    text = ('file = "FILE"\nlanguage = "zh"\nquestion = "题干"\noptions = ["选项A", "选项B", "选项C", "选项D"]\n'
            'answer = "正确答案"\nslices = ["科室"]\n')  # fmt: skip
    found = [asked(said(tmp_path, text, FILE=name)) for name in ("a.csv", "b.tsv", "c.xlsx", "d.jsonl")]
    assert found[0] == found[1] == found[2]
    # A record has no header above it: its first row is row 1.
    assert [each.id for each in found[3]] == ["0001", "0002", "0003", "0004"]
    assert [(each.question, each.options, each.target, each.slices) for each in found[3]] == [
        (each.question, each.options, each.target, each.slices) for each in found[0]
    ]
    assert {each.language for each in found[0]} == {"zh"}


# --- what is wrong ------------------------------------------------------------------------


def test_all_faults_of_a_sheet_are_told_at_once_with_row_and_column(tmp_path: Path) -> None:
    rows = [
        ("1", "", "x", "y", "z", "u", "A", "w"), ("2", "Second?", "x", "", "z", "u", "A", "w"),
        ("2", "Third?", "x", "y", "z", "u", "", "w"), ("4", "Fourth?", "x", "y", "z", "u", "E", "w"),
        ("", "Fifth?", "x", "x.", "z", "u", "B", "w"), ("6", "Sixth?", "x", "", "", "", "A", "w"),
        ("7", "Seventh?", "x", "y", "z", "", "D", ""), ("8", "Eighth?", "", "", "", "", "A", "w"),
        ("2", "Ninth?", "x", "y", "z", "u", "b", "w"),
    ]  # fmt: skip
    laid(tmp_path / "sheet.csv", [("No", *HEAD), *rows])
    missing = "is not among the options, read by letter"
    assert faults(said(tmp_path, EXAM + 'id = "No"\n', FILE="sheet.csv")) == [
        "sheet.csv, row 2, column 'Question' (B2): the question is missing.",
        "sheet.csv, row 3, column 'B' (D3): the option is empty, and others follow it.",
        "sheet.csv, row 4, column 'Answer' (G4): the answer is missing.",
        "sheet.csv, row 4, column 'No' (A4): the id '2' stands in row 3, 10 too.",
        f"sheet.csv, row 5, column 'Answer' (G5): 'E' {missing}: A (x), B (y), C (z), D (u).",
        "sheet.csv, row 6, column 'B' (D6): two options say 'x.'.",
        "sheet.csv, row 6, column 'No' (A6): the id is missing.",
        "sheet.csv, row 7, column 'A' (C7): there is 1 option, and two at least are needed.",
        f"sheet.csv, row 8, column 'Answer' (G8): 'D' {missing}: A (x), B (y), C (z).",
        "sheet.csv, row 9, column 'A' (C9): there are no options, and two at least are needed.",
        f"sheet.csv, row 9, column 'Answer' (G9): 'A' {missing}: none.",
    ]


def test_faults_of_a_workbook_are_told_by_the_rows_that_excel_shows(tmp_path: Path) -> None:
    made = book(tmp_path / "题库.xlsx", 须知=[["请先阅读"]], 题目=[["2026年考试"], [], HEAD_ZH, *CHINESE])
    sheet = made["题目"]
    sheet["F5"], sheet["A7"] = "Ｅ", None
    made.save(tmp_path / "题库.xlsx")
    text = ('file = "题库.xlsx"\nsheet = "题目"\nheader = 3\nlanguage = "zh"\nquestion = "题干"\nanswer = "正确答案"\n'
            'options = ["选项A", "选项B", "选项C", "选项D"]\n')  # fmt: skip
    there = "A (鱼精蛋白), B (维生素K), C (氨甲环酸), D (氟马西尼)"
    assert faults(said(tmp_path, text)) == [
        f"题库.xlsx, row 5, column '正确答案' (F5): 'Ｅ' is not among the options, read by letter: {there}.",
        "题库.xlsx, row 7, column '题干' (A7): the question is missing.",
    ]
