"""Questions with options: their key, whether several may be right, and what is wrong with them."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from tests.test_exams.books import (
    ENGLISH,
    EXAM,
    HEAD,
    SEVERAL,
    Rows,
    asked,
    book,
    faults,
    laid,
    lined,
    said,
    small,
)

LISTED = 'file = "a.jsonl"\nquestion = "q"\noptions = "o"\nanswer = "k"\n'


def typed(folder: Path, *kinds: tuple[str, str], several: str = 'several = "Type"\n') -> Path:
    """An exam whose rows have a key and a type each."""
    rows = [(*ENGLISH[number % 6][:5], key, kind) for number, (key, kind) in enumerate(kinds)]
    laid(folder / "sheet.csv", [(*HEAD[:6], "Type"), *rows])
    return said(folder, EXAM.replace("Ward", "Type") + several, FILE="sheet.csv")


# --- what they say ------------------------------------------------------------------------


def test_a_question_may_have_fewer_options_than_there_are_columns(tmp_path: Path) -> None:
    rows: Rows = [("Is codeine safe while breast-feeding?", "Yes", "No", "", "", "B", "Wards"), ENGLISH[0]]
    found = asked(small(tmp_path, rows))
    assert [each.labels for each in found] == [("A", "B"), ("A", "B", "C", "D")]


def test_options_of_json_lines_are_lists_mappings_or_texts(tmp_path: Path) -> None:
    lined(
        tmp_path / "a.jsonl", {"q": "Which antidote for heparin?", "o": ["vitamin K", "protamine"], "k": "B"},
        {"q": "Which for warfarin?", "o": {"A": "vitamin K", "B": "protamine"}, "k": "A"},
        {"q": "Which for iron?", "o": "A. naloxone\nB. deferoxamine", "k": ["B"]},
    )  # fmt: skip
    found = asked(said(tmp_path, LISTED))
    assert [[option.text for option in each.options] for each in found] == [
        ["vitamin K", "protamine"], ["vitamin K", "protamine"], ["naloxone", "deferoxamine"]
    ]  # fmt: skip
    assert [each.target for each in found] == [("B",), ("A",), ("B",)]


def test_fixed_choices_make_a_true_or_false_exam(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=[
        ["Statement", "Right"], ["Warfarin needs the INR.", True], ["Heparin is given by mouth.", False],
        ["Insulin lowers potassium.", "true"],
    ])  # fmt: skip
    text = 'file = "a.xlsx"\nquestion = "Statement"\nchoices = ["True", "False"]\nanswer = "Right"\n'
    found = asked(said(tmp_path, text))
    assert [each.target for each in found] == [("A",), ("B",), ("A",)]
    assert {tuple(option.text for option in each.options) for each in found} == {("True", "False")}


def test_chinese_right_and_wrong_are_choices_too(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [["题干", "答案"], ["肝素可口服。", "错"], ["华法林需监测INR。", "对"]], code="gb18030")
    text = 'file = "a.csv"\nlanguage = "zh"\nquestion = "题干"\nchoices = ["对", "错"]\nanswer = "答案"\n'
    assert [each.target for each in asked(said(tmp_path, text))] == [("B",), ("A",)]


# --- several right options ----------------------------------------------------------------


def test_one_row_with_several_right_options_makes_an_exam_in_which_any_may(tmp_path: Path) -> None:
    found = asked(small(tmp_path, [*ENGLISH, SEVERAL]))
    assert all(each.several for each in found)
    assert found[-1].target == ("A", "C")


@pytest.mark.parametrize(
    ("kind", "several"),
    [
        ("多选题", True), ("多项选择题", True), ("单选题", False), ("A1", False), ("X型题", True), ("True", True),
        ("yes", True), ("multiple response", True), ("Several", True), ("是", True), ("1", True), ("0", False),
        ("", False), ("否", False),
    ],
)  # fmt: skip
def test_a_column_may_say_which_questions_have_several(tmp_path: Path, kind: str, *, several: bool) -> None:
    (found,) = asked(typed(tmp_path, ("A", kind)))
    assert found.several is several


@pytest.mark.parametrize("kind", ["Multiple choice", "multichoice", "Multiple-choice question"])
def test_multiple_choice_has_one_right_option(tmp_path: Path, kind: str) -> None:
    (found,) = asked(typed(tmp_path, ("A", kind)))
    assert not found.several


@pytest.mark.parametrize("kind", ["不定项选择题", "X", "Select all that apply", "checkboxes"])
def test_further_names_of_questions_with_several_right_options(tmp_path: Path, kind: str) -> None:
    (found,) = asked(typed(tmp_path, ("A", kind)))
    assert found.several


def test_two_right_options_where_one_is_promised_are_told(tmp_path: Path) -> None:
    file = typed(tmp_path, ("AB", "多选"), ("AB", "单选"), ("C", "单选"))
    what = "'AB' names 2 options, and only one may be right here."
    assert faults(file) == [f"sheet.csv, row 3, column 'Answer' (F3): {what}"]
    assert faults(typed(tmp_path, ("C", ""), ("AB", ""), several="several = false\n")) == [
        f"sheet.csv, row 3, column 'Answer' (F3): {what}"
    ]
    assert all(each.several for each in asked(typed(tmp_path, ("C", ""), ("D", ""), several="several = true\n")))


# --- what is wrong ------------------------------------------------------------------------


def test_a_key_and_a_text_that_do_not_agree_are_told(tmp_path: Path) -> None:
    rows = [(*ENGLISH[0][:5], "B. Amiodarone", "w"), (*ENGLISH[1][:5], "B. aPTT", "w"), (*ENGLISH[2][:5], "C", "w")]
    (found,) = faults(small(tmp_path, rows))
    assert found.startswith(
        "sheet.csv, row 3, column 'Answer' (F3): 'B. aPTT' is not among the options, read by letter: "
    )


def test_a_text_among_letters_is_told_and_answer_as_decides(tmp_path: Path) -> None:
    rows = [ENGLISH[0], (*ENGLISH[1][:5], "aPTT", "w"), ENGLISH[2]]
    (found,) = faults(small(tmp_path, rows))
    assert "row 3" in found
    assert "'aPTT' is not among the options, read by letter" in found
    told = faults(small(tmp_path, rows, 'answer_as = "text"\n'))
    assert ["row 2" in told[0], "row 4" in told[1], len(told)] == [True, True, 2]


def test_more_options_than_letters_are_told(tmp_path: Path) -> None:
    lined(tmp_path / "a.jsonl", {"q": "Which?", "o": [f"drug {number}" for number in range(27)], "k": "A"})
    (found,) = faults(said(tmp_path, LISTED))
    assert found == "a.jsonl, row 1, column 'o': there are 27 options, and the alphabet has 26 letters."


def test_the_same_question_with_another_answer_is_told(tmp_path: Path) -> None:
    again = (*ENGLISH[1][:5], "C", "w")
    (found,) = faults(small(tmp_path, [*ENGLISH, again]))
    assert found == "sheet.csv, row 8, column 'Answer' (F8): row 3 asks the same, and has another answer."
    # The same with its options in another order is the same; of another case it is another question.
    question, first, second, *rest = ENGLISH[1]
    assert len(asked(small(tmp_path, [*ENGLISH, (question, second, first, *rest[:2], "B", "w")]))) == 7
    laid(tmp_path / "sheet.csv", [("Case", *HEAD), ("One.", *ENGLISH[1]), ("Two.", *again)])
    assert len(asked(said(tmp_path, EXAM + 'context = "Case"\n', FILE="sheet.csv"))) == 2


@pytest.mark.parametrize("made", [date(2026, 1, 2), datetime(2026, 1, 2), time(1, 10)])  # noqa: DTZ001  Excel's have none
def test_a_date_or_a_time_among_the_options_is_told(tmp_path: Path, made: object) -> None:
    book(tmp_path / "a.xlsx", S=[HEAD, ("How many tablets a day?", made, "3", "4", "5", "A", "w")])
    (found,) = faults(said(tmp_path, EXAM, FILE="a.xlsx"))
    assert found.startswith("a.xlsx, row 2, column 'A' (B2): ")
    # As a part, or an id, a date may well be meant.
    book(tmp_path / "a.xlsx", S=[HEAD, (*ENGLISH[0][:6], made)])
    assert len(asked(said(tmp_path, EXAM, FILE="a.xlsx"))) == 1


def test_per_cents_of_excel_are_asked_as_people_see_them(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[HEAD, ("Which glucose is isotonic?", 0.05, 0.1, 0.2, 0.125, "A", "w")])
    for cell, form in (("B2", "0%"), ("C2", "0%"), ("D2", "0.00%"), ("E2", "0.0%")):
        made["S"][cell].number_format = form
    made.save(tmp_path / "a.xlsx")
    (found,) = asked(said(tmp_path, EXAM, FILE="a.xlsx"))
    assert [option.text for option in found.options] == ["5%", "10%", "20%", "12.5%"]


def test_options_that_differ_in_case_alone_are_two_options(tmp_path: Path) -> None:
    genotypes = ("Which genotype is heterozygous?", "AA", "Aa", "aa", "XY")
    (found,) = asked(small(tmp_path, [(*genotypes, "B", "w")]))
    assert [option.text for option in found.options] == ["AA", "Aa", "aa", "XY"]
    # A key that is a text is taken as it stands, where it stands so.
    (found,) = asked(small(tmp_path, [(*genotypes, "aa", "w")], 'answer_as = "text"\n'))
    assert found.target == ("C",)


def test_a_key_of_numbers_among_options_that_are_numbers_is_told(tmp_path: Path) -> None:
    rows = [("How many lobes has the right lung?", "4", "3", "2", "1", "2", "w")]
    (found,) = faults(small(tmp_path, rows))
    assert found == (
        "sheet.csv, row 2, column 'Answer' (F2): '2' can be read by number and by text, "
        "and each names another option. Say answer_as."
    )
    assert asked(small(tmp_path, rows, 'answer_as = "number"\n'))[0].target == ("B",)
    assert asked(small(tmp_path, rows, 'answer_as = "text"\n'))[0].target == ("C",)
    # Where both mean the same option there is no doubt.
    same = [("How many lobes has the left lung?", "1", "2", "3", "4", "2", "w")]
    assert asked(small(tmp_path, same))[0].target == ("B",)


@pytest.mark.parametrize(
    ("cell", "stem"),
    [
        ("下列哪项是出血的表现？（　）\nA.瘀斑 B.高血压\nC.多尿 D.口渴", "下列哪项是出血的表现？（　）"),
        ("下列哪项是出血的表现？ A. 瘀斑 B. 高血压 C. 多尿 D. 口渴", "下列哪项是出血的表现？"),
        ("Which is a sign of bleeding?\nA) 瘀斑\nB) 高血压\nC) 多尿\nD) 口渴", "Which is a sign of bleeding?"),
    ],
)
def test_options_may_stand_in_the_cell_of_the_question(tmp_path: Path, cell: str, stem: str) -> None:
    lined(tmp_path / "a.jsonl", {"q": cell, "k": "A"})
    (found,) = asked(said(tmp_path, LISTED.replace('"o"', '"q"')))
    assert found.question == stem
    assert [option.text for option in found.options] == ["瘀斑", "高血压", "多尿", "口渴"]


def test_a_cell_that_holds_an_error_is_told_once(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[HEAD, *ENGLISH])
    made["S"]["A3"] = "=UNKNOWN()"
    made.save(tmp_path / "a.xlsx")
    (found,) = faults(said(tmp_path, EXAM, FILE="a.xlsx"))
    assert "holds a formula that was never computed" in found
