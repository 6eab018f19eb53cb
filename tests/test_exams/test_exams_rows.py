"""Rows of a sheet: what questions are called, what they share, which language they are in."""

from pathlib import Path

from tests.test_exams.books import (
    CHINESE,
    ENGLISH,
    EXAM,
    HEAD,
    asked,
    book,
    faults,
    laid,
    lined,
    said,
    small,
)

LISTED = 'file = "a.jsonl"\nquestion = "q"\noptions = "o"\nanswer = "k"\n'
CASE = "A woman of 55 has an eGFR of 25 mL/min and takes metformin."


def test_ids_are_those_of_the_sheet_as_people_see_them(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=[["No", *HEAD], [7.0, *ENGLISH[0]], ["007", *ENGLISH[1]]])
    assert [each.id for each in asked(said(tmp_path, EXAM + 'id = "No"\n', FILE="a.xlsx"))] == ["7", "007"]


def test_rows_keep_their_numbers_whatever_lies_between_them(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=[["Exam of 2026"], [], HEAD, ENGLISH[0], [], ENGLISH[1]])
    assert [each.id for each in asked(said(tmp_path, EXAM + "header = 3\n", FILE="a.xlsx"))] == ["0004", "0006"]


def test_questions_of_one_case_are_a_cluster_whether_cells_are_merged_or_left_empty(tmp_path: Path) -> None:
    rows = [(case, *row) for case, row in zip([CASE, "", "Another case.", ""], ENGLISH, strict=False)]
    made = book(tmp_path / "a.xlsx", S=[["Case", *HEAD], *rows])
    text = EXAM + 'context = "Case"\n'
    plain = asked(said(tmp_path, text, FILE="a.xlsx"))
    assert [each.context for each in plain] == [CASE, "", "Another case.", ""]
    assert plain[1].cluster == ""
    filled = asked(said(tmp_path, text + 'fill = ["Case"]\n', FILE="a.xlsx"))
    assert [each.context for each in filled] == [CASE, CASE, "Another case.", "Another case."]
    made["S"].merge_cells("A2:A3")
    made["S"].merge_cells("A4:A5")
    made.save(tmp_path / "a.xlsx")
    assert asked(said(tmp_path, text, FILE="a.xlsx")) == filled
    clusters = [each.cluster for each in filled]
    assert clusters[0] == clusters[1] != clusters[2] == clusters[3]
    assert all(clusters)


def test_a_cluster_can_be_named(tmp_path: Path) -> None:
    found = asked(small(tmp_path, more='cluster = "Ward"\n'))
    assert [each.cluster for each in found] == [row[6] for row in ENGLISH]


def test_each_question_may_have_its_language(tmp_path: Path) -> None:
    rows = [
        (*ENGLISH[0][:6], "English"),
        (*CHINESE[0][:6], "中文"),
        (*CHINESE[1][:6], "zh-CN"),
        (*ENGLISH[1][:6], "EN"),
    ]
    file = small(tmp_path, rows, 'language = "Ward"\n')
    assert [each.language for each in asked(file)] == ["en", "zh", "zh", "en"]


# --- what is wrong ------------------------------------------------------------------------


def test_columns_that_are_not_there_are_told_together_with_those_that_are(tmp_path: Path) -> None:
    laid(tmp_path / "sheet.csv", [("Stem", *HEAD[1:]), *ENGLISH])
    file = said(tmp_path, EXAM + 'id = "No"\nfill = ["Vignette"]\n', FILE="sheet.csv")
    has = "It has: 'Stem', 'A', 'B', 'C', 'D', 'Answer', 'Ward'."
    assert faults(file) == [
        f"sheet.csv: there is no column for question = 'Question'. {has}",
        f"sheet.csv: there is no column for id = 'No'. {has}",
        f"sheet.csv: there is no column for fill = 'Vignette'. {has}",
    ]  # fmt: skip


def test_a_column_that_nearly_is_there_is_guessed(tmp_path: Path) -> None:
    file = small(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace('"Answer"', '"answer"'), encoding="utf-8")
    assert "Did you mean 'Answer'" in faults(file)[0]


def test_a_language_that_is_neither_is_told_by_row(tmp_path: Path) -> None:
    file = small(
        tmp_path, [(*ENGLISH[0][:6], "fr"), (*ENGLISH[1][:6], ""), (*ENGLISH[2][:6], "en")], 'language = "Ward"\n'
    )
    assert faults(file) == [
        f"sheet.csv, row {row}, column 'Ward' (G{row}): {said!r} is no language that is known here: en or zh."
        for row, said in ((2, "fr"), (3, ""))
    ]


def test_a_sheet_with_nothing_below_its_header_is_told(tmp_path: Path) -> None:
    assert faults(small(tmp_path, [])) == ["sheet.csv: there is no row below its header."]


def test_a_title_that_was_never_computed_is_nobodys_fault(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=[['="Exam of "&2026'], HEAD, *ENGLISH])
    assert len(asked(said(tmp_path, EXAM + "header = 2\n", FILE="a.xlsx"))) == len(ENGLISH)


def test_errors_and_uncomputed_formulas_are_told_where_they_matter(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[[*HEAD, "Note"], *[(*row, "x") for row in ENGLISH[:3]]])
    sheet = made["S"]
    for cell, value in {"E2": "#REF!", "F3": "#N/A", "H2": "#NAME?"}.items():
        sheet[cell] = value
        sheet[cell].data_type = "e"
    sheet["A4"] = "=B4"
    made.save(tmp_path / "a.xlsx")
    found, what = faults(said(tmp_path, EXAM, FILE="a.xlsx")), "Open the file in Excel and save it"
    assert [fault for fault in found if "holds" in fault] == [
        "a.xlsx, row 2, column 'D' (E2): holds an error (#REF!).",
        "a.xlsx, row 3, column 'Answer' (F3): holds an error (#N/A).",
        f"a.xlsx, row 4, column 'Question' (A4): holds a formula that was never computed. {what}.",
    ]


def test_fields_where_a_text_is_wanted_are_told(tmp_path: Path) -> None:
    lined(tmp_path / "a.jsonl", {"q": {"stem": "Which antidote?"}, "o": ["x", "y"], "k": "A"})
    (found,) = faults(said(tmp_path, LISTED))
    assert found.startswith("a.jsonl, row 1, column 'q': ")
