"""Criteria in a cell, a line each with what it is worth, and on a sheet of their own."""

from pathlib import Path

import pytest

from medeval.exams.criteria import in_cell, on_sheet, value
from medeval.exams.declared import Rubric
from medeval.records import RubricSample
from tests.test_exams.books import answered, book, faults, laid, lined, said

EXAM = 'file = "q.csv"\nquestion = "Question"\nid = "No"\n'
SHEET = EXAM + '[rubric]\nfile = "r.csv"\nquestion = "Q"\ncriterion = "Criterion"\npoints = "Points"\n'
QUESTIONS = [["No", "Question"], ["W1", "An INR of 8 under warfarin and no bleeding: what do you do?"],
             ["W2", "A child has swallowed iron tablets: what do you advise?"]]  # fmt: skip


def parts(cell: str) -> list[tuple[float, str]]:
    return [(each.points, each.text) for each in in_cell(cell)]


# --- in a cell ----------------------------------------------------------------------------


def test_each_line_is_a_criterion_and_a_number_before_a_colon_is_what_it_is_worth() -> None:
    cell = (
        "3: stops warfarin\n\n1.5：checks the INR within a day\n-2: gives vitamin K i.v. at once\n  asks of bleeding  "
    )
    assert parts(cell) == [
        (3.0, "stops warfarin"), (1.5, "checks the INR within a day"), (-2.0, "gives vitamin K i.v. at once"),
        (1.0, "asks of bleeding"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    ["2分：说明机制", "(2分)：说明机制", "（2分）：说明机制", "2 分: 说明机制", "[2]: 说明机制", "2 | 说明机制",
     "+2: 说明机制", "2 points: 说明机制", "2pt: 说明机制", "2.0：说明机制", "1. 2分：说明机制", "- 2: 说明机制",
     "• 2：说明机制"],
)  # fmt: skip
def test_points_are_read_in_both_languages(line: str) -> None:
    assert parts(line) == [(2.0, "说明机制")]


@pytest.mark.parametrize("line", ["-2: doubles the dose", "−2: doubles the dose", "（－2分）：doubles the dose"])
def test_what_must_not_be_done_is_below_nought_whatever_the_dash(line: str) -> None:
    assert parts(line) == [(-2.0, "doubles the dose")]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("1. stops warfarin", "stops warfarin"), ("2) stops warfarin", "stops warfarin"),
        ("• stops warfarin", "stops warfarin"), ("- stops warfarin", "stops warfarin"),
        ("10 mg are too much", "10 mg are too much"), ("2.5 mg are enough", "2.5 mg are enough"),
        ("Dose: 5 mg", "Dose: 5 mg"), ("-stops", "-stops"),
    ],
)  # fmt: skip
def test_bullets_and_doses_are_no_points(line: str, text: str) -> None:
    assert parts(line) == [(1.0, text)]


@pytest.mark.parametrize("line", ["5分钟内肌注肾上腺素", "3分之一的剂量"])
def test_minutes_are_no_points(line: str) -> None:
    assert parts(line) == [(1.0, line)]


@pytest.mark.parametrize(
    ("line", "points", "text"),
    [
        ("扣2分：未询问过敏史", -2.0, "未询问过敏史"),
        ("得2分：说明机制", 2.0, "说明机制"),
        ("说明机制，2分", 2.0, "说明机制"),
    ],
)
def test_points_that_are_given_or_taken_in_words(line: str, points: float, text: str) -> None:
    assert parts(line) == [(points, text)]


@pytest.mark.parametrize("line", ["1:1000 adrenaline, 0.5 mg i.m.", "8:00 is too late for the dose", "1:1 with saline"])
def test_a_dilution_or_a_time_is_no_number_of_points(line: str) -> None:
    assert parts(line) == [(1.0, line)]


@pytest.mark.parametrize(
    "line",
    ["说明机制（3分）", "说明机制 (3分)", "说明机制（3 分）。", "说明机制 (3 points)", "2、说明机制（3分）",
     "（3分）说明机制", "3分 说明机制", "(3 pts) 说明机制"],
)  # fmt: skip
def test_points_may_stand_at_the_end_or_before_no_colon(line: str) -> None:
    assert parts(line) == [(3.0, "说明机制")]


def test_a_chinese_bullet_needs_no_blank() -> None:
    assert parts("1、说明机制") == [(1.0, "说明机制")]


@pytest.mark.parametrize("cell", ["", "  ", "\n \n"])
def test_an_empty_cell_has_no_criterion(cell: str) -> None:
    assert parts(cell) == []


@pytest.mark.parametrize(
    ("text", "points"),
    [("3", 3.0), ("-2", -2.0), ("−2", -2.0), ("2.5", 2.5), ("+1", 1.0), ("3分", 3.0), ("3 分", 3.0), ("", None),
     ("two", None), ("3-4", None), ("1e3", None), ("nan", None), ("inf", None)],
)  # fmt: skip
def test_a_number_of_points_is_a_number(text: str, points: float | None) -> None:
    assert value(text) == points


# --- on a sheet ---------------------------------------------------------------------------


def rubric(folder: Path, *rows: list[object]) -> Path:
    laid(folder / "q.csv", QUESTIONS)
    laid(folder / "r.csv", [["Q", "Criterion", "Points"], *rows])
    return said(folder, SHEET)


def test_criteria_go_to_the_question_that_they_name_in_their_order(tmp_path: Path) -> None:
    file = rubric(
        tmp_path, ["W2", "asks how many tablets", 2], ["W1", "stops warfarin", ""], ["W2", "makes the child vomit", -3]
    )
    first, second = answered(file)
    assert isinstance(first, RubricSample)
    assert isinstance(second, RubricSample)
    assert [(each.text, each.points) for each in first.criteria] == [("stops warfarin", 1.0)]
    assert [(each.text, each.points) for each in second.criteria] == [
        ("asks how many tablets", 2.0), ("makes the child vomit", -3.0)
    ]  # fmt: skip
    assert second.messages[-1].content == "A child has swallowed iron tablets: what do you advise?"


def test_a_workbook_has_both_sheets_and_a_question_may_be_merged_over_its_criteria(tmp_path: Path) -> None:
    made = book(
        tmp_path / "q.xlsx", Questions=[["No", "Question"], [1, "First?"], [2.0, "Second?"]],
        Rubric=[["t"], ["Q", "Criterion"], [1, "a"], [None, "b"], ["2", "c"]],
    )  # fmt: skip
    made["Rubric"].merge_cells("A3:A4")
    made.save(tmp_path / "q.xlsx")
    text = EXAM + '[rubric]\nsheet = "Rubric"\nheader = 2\nquestion = "Q"\ncriterion = "Criterion"\n'
    found = answered(said(tmp_path, text.replace("q.csv", "q.xlsx")))
    assert [[each.text for each in sample.criteria] for sample in found if isinstance(sample, RubricSample)] == [
        ["a", "b"], ["c"]
    ]  # fmt: skip


def test_what_is_wrong_with_a_rubric_is_told_all_at_once_with_rows_and_columns(tmp_path: Path) -> None:
    file = rubric(
        tmp_path, ["W1", "stops warfarin", "many"], ["", "asks about bleeding", 1], ["W1", "", 1],
        ["W2", "makes the child vomit", -3],
    )  # fmt: skip
    assert faults(file) == [
        "r.csv, row 2, column 'Points' (C2): 'many' is no number of points.",
        "r.csv, row 3, column 'Q' (A3): names no question.",
        "r.csv, row 4, column 'Criterion' (B4): has no criterion.",
        "q.csv, row 2, column 'No' (A2): there is no criterion for it.",
        "q.csv, row 3, column 'No' (A3): no criterion has points above 0.",
    ]


def test_a_criterion_of_an_unknown_question_is_told(tmp_path: Path) -> None:
    file = rubric(tmp_path, ["W1", "stops warfarin", 1], ["W2", "asks", 1], ["W3", "keeps the packet", 1])
    (found,) = faults(file)
    assert found.startswith("r.csv, row 4, column 'Q' (A4): ")
    assert "'W3'" in found


def test_missing_columns_of_a_rubric_are_told_together(tmp_path: Path) -> None:
    laid(tmp_path / "r.csv", [["Question", "Criterion"], ["W1", "stops warfarin"]])
    made = Rubric(question="Q", criterion="Criterion", points="Points")
    found = on_sheet(made, tmp_path / "r.csv")
    assert (found.criteria, found.whole) == ({}, False)
    assert found.faults == (
        "r.csv: there is no column 'Q'. It has: Question, Criterion.",
        "r.csv: there is no column 'Points'. It has: Question, Criterion.",
    )


def test_a_missing_column_is_not_told_again_for_every_question(tmp_path: Path) -> None:
    laid(tmp_path / "q.csv", QUESTIONS)
    laid(tmp_path / "r.csv", [["Question", "Criterion", "Points"], ["W1", "stops warfarin", 1]])
    assert len(faults(said(tmp_path, SHEET))) == 1


def test_a_rubric_that_is_not_there_hides_no_fault_of_the_questions(tmp_path: Path) -> None:
    laid(tmp_path / "q.csv", [*QUESTIONS, ["W3", ""]])
    found = faults(said(tmp_path, SHEET))
    assert any("r.csv" in fault for fault in found)
    assert any(fault == "q.csv, row 4, column 'Question' (B4): the question is missing." for fault in found)


def test_criteria_of_json_lines_may_be_a_list(tmp_path: Path) -> None:
    laid(tmp_path / "q.csv", QUESTIONS[:2])
    lined(tmp_path / "r.jsonl", {"Q": "W1", "Criterion": ["stops warfarin", "asks about bleeding"], "Points": 1})
    (sample,) = answered(said(tmp_path, SHEET.replace("r.csv", "r.jsonl")))
    assert isinstance(sample, RubricSample)
    assert not any("['" in each.text for each in sample.criteria)
