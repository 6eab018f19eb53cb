"""What the columns of a sheet probably are: in both languages, with titles above, and in sheets nobody tidied up."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from medeval.errors import DataError
from medeval.exams.declared import Exam
from medeval.exams.guessing import guessed
from medeval.exams.headings import means, option_of
from tests.test_exams.books import CHINESE, ENGLISH, HEAD, HEAD_ZH, Rows, book, laid, lined

LONG = "A sentence that is long enough to be an answer in words, number"


def told(path: Path) -> dict[str, object]:
    """What was guessed, but for what every exam has."""
    exam, plain = guessed(path), Exam(file="", question="")
    fields = {name: getattr(exam, name) for name in exam.__struct_fields__}
    return {
        name: value for name, value in fields.items()
        if value != getattr(plain, name) and name not in ("file", "title", "question")
    } | {"question": exam.question}  # fmt: skip


def repeated(rows: Rows, times: int = 3) -> Rows:
    """Rows again and again, each question another."""
    return [(f"{row[0]} ({number})", *row[1:]) for number in range(times) for row in rows]


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        guessed(path)
    return str(caught.value)


# --- headings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "word"),
    [
        ("Question", "question"), ("QUESTION_TEXT", "question"), ("Stem", "question"), ("题干", "question"),
        ("题目（必填）", "question"), ("题目内容：", "question"), ("Answer Key", "answer"),
        ("correct_answer", "answer"),
        ("正确答案 ", "answer"), ("答案*", "answer"), ("答案（字母）", "answer"), ("No.", "id"),
        ("#", "id"), ("题号", "id"),
        ("Case", "context"), ("共用题干", "context"), ("Rationale", "explanation"), ("解析", "explanation"),
        ("题型", "several"), ("Type", "several"), ("选项", "options"), ("Model answer", "references"),
        ("评分标准", "criteria"), ("Correct Choice", "answer"), ("Ward", ""), ("", ""), ("备注", ""),
    ],
)  # fmt: skip
def test_what_a_heading_usually_means(heading: str, word: str) -> None:
    assert means(heading) == word


@pytest.mark.parametrize(
    ("heading", "mark"),
    [
        ("A", "A"), ("b.", "B"), ("(C)", "C"), ("Option D", "D"), ("option_e", "E"), ("选项A", "A"), ("A选项", "A"),
        ("选项 B", "B"), ("Choice 1", "1"), ("Answer 2", "2"), ("opa", "A"), ("选项一", "1"), ("备选答案A", "A"),
        ("Answer", ""), ("Age", ""), ("Z", ""), ("Ward A", ""), ("11", ""), ("选项", ""), ("", ""),
    ],
)  # fmt: skip
def test_which_option_a_heading_names(heading: str, mark: str) -> None:
    assert option_of(heading) == mark


# --- exams with options -------------------------------------------------------------------


def test_a_plain_english_sheet_is_understood(tmp_path: Path) -> None:
    path = laid(tmp_path / "a.csv", [("No", *HEAD), *[(place, *row) for place, row in enumerate(repeated(ENGLISH))]])
    assert told(path) == {
        "question": "Question", "options": ("A", "B", "C", "D"), "answer": "Answer", "id": "No", "slices": ("Ward",),
    }  # fmt: skip


def test_a_chinese_workbook_with_titles_instructions_and_types_is_understood(tmp_path: Path) -> None:
    head = ("序号", "题型", "共用题干", *HEAD_ZH, "解析")
    rows = [(place, ["单选题", "多选题"][place % 2], "", *row[:5], "A" if place % 2 else row[5], row[6], "略")
            for place, row in enumerate(repeated(CHINESE))]  # fmt: skip
    made = book(
        tmp_path / "药学部题库.xlsx", 须知=[["请先阅读"], ["勿外传"]], 题库=[["2026年药学部考试"], [], head, *rows]
    )
    made["题库"].merge_cells("A1:K1")
    made.save(tmp_path / "药学部题库.xlsx")
    found = told(tmp_path / "药学部题库.xlsx")
    assert re.fullmatch("exam_[0-9a-f]{6}", str(found.pop("name"))), "no letters of ours are in its own"
    assert found == {
        "sheet": "题库", "header": 3, "language": "zh", "question": "题干",
        "options": ("选项A", "选项B", "选项C", "选项D"), "answer": "正确答案", "several": "题型", "id": "序号",
        "context": "共用题干", "fill": ("共用题干",), "explanation": "解析", "slices": ("题型", "科室"),
    }  # fmt: skip


def test_exams_with_other_chinese_names_have_other_names(tmp_path: Path) -> None:
    names = [
        guessed(laid(tmp_path / f"{stem}.csv", [HEAD_ZH, *CHINESE], code="gb18030")).name
        for stem in ("心内科", "急诊科", "心内科 2026")
    ]
    assert names[0] != names[1]
    assert names[2] == "", "digits are enough for a name"


def test_multiple_choice_is_no_word_for_several(tmp_path: Path) -> None:
    rows = [(*row[:6], "Multiple choice" if place % 2 else "True/False") for place, row in enumerate(repeated(ENGLISH))]
    found = told(laid(tmp_path / "a.csv", [(*HEAD[:6], "Type"), *rows]))
    assert "several" not in found
    assert found["slices"] == ("Type",)


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_a_title_above_a_table_of_text_is_passed_over(tmp_path: Path, mark: str) -> None:
    path = laid(tmp_path / "a.csv", [["Exam of 2026"], [], HEAD, *ENGLISH], mark=mark)
    assert told(path)["header"] == 3


def test_a_row_of_small_numbers_and_letters_is_no_header(tmp_path: Path) -> None:
    rows = [("How many mmol are in 1 g of KCl, about?", "7", "13", "20", "27", "2"),
            ("How many half-lives to a steady state, about?", "1", "2", "3", "5", "4")]  # fmt: skip
    path = laid(tmp_path / "a.csv", [("Item text", "I", "II", "III", "IV", "Key"), *rows])
    assert guessed(path).header == 1


def test_options_in_one_cell_are_seen_by_their_heading_or_by_what_is_in_them(tmp_path: Path) -> None:
    rows = [[row[0], "\n".join([f"{mark}. {text}" for mark, text in zip("ABCD", row[1:5], strict=True)]), row[5]]
            for row in ENGLISH]  # fmt: skip
    for heading in ("Options", "Possible ways to go on"):
        path = laid(tmp_path / "a.csv", [["Question", heading, "Answer"], *rows])
        assert told(path) == {"question": "Question", "options": heading, "answer": "Answer"}


def test_json_lines_and_parquet_are_seen_by_their_fields(tmp_path: Path) -> None:
    rows = [{"question": row[0], "options": list(row[1:5]), "answer": row[5]} for row in ENGLISH]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    fields = {"question": "question", "options": "options", "answer": "answer"}
    assert told(tmp_path / "a.parquet") == told(lined(tmp_path / "a.jsonl", *rows)) == fields
    columns = {f"op{mark}": list(row) for mark, row in zip("abcd", zip(*[row[1:5] for row in ENGLISH], strict=True),
                                                           strict=True)}  # fmt: skip
    table = pa.table({"question": [row[0] for row in ENGLISH], **columns, "cop": [1, 0, 2, 3, 0, 2]})
    parquet.write_table(table, tmp_path / "b.parquet")
    assert told(tmp_path / "b.parquet") == {
        "question": "question", "options": ("opa", "opb", "opc", "opd"), "answer": "cop"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "choices"),
    [
        (("TRUE", "FALSE"), ("TRUE", "FALSE")), (("no", "maybe", "yes"), ("yes", "no", "maybe")),
        (("错", "对"), ("对", "错")), (("No", "Yes"), ("Yes", "No")), (("harmful", "helpful"), ("harmful", "helpful")),
    ],
)  # fmt: skip
def test_a_few_short_words_again_and_again_are_choices(
    tmp_path: Path, cells: tuple[str, ...], choices: tuple[str, ...]
) -> None:
    rows = [(f"Statement {number} about warfarin.", cells[number % len(cells)]) for number in range(12)]
    found = told(laid(tmp_path / "a.csv", [("Question", "Answer"), *rows]))
    assert found == {"question": "Question", "choices": choices, "answer": "Answer", "answer_as": "text"}


def test_columns_that_are_not_in_order_are_no_options(tmp_path: Path) -> None:
    rows = [(f"Question {number}?", "x", "y", f"{LONG} {number}") for number in range(6)]
    found = told(laid(tmp_path / "a.csv", [("Question", "B", "D", "Answer"), *rows]))
    assert found["references"] == "Answer"
    assert "options" not in found


def test_a_question_without_a_known_heading_is_the_longest_column(tmp_path: Path) -> None:
    rows = [(number, row[0], *row[1:6]) for number, row in enumerate(ENGLISH)]
    path = laid(tmp_path / "a.csv", [("Lfd", "What is asked", *HEAD[1:6]), *rows])
    assert guessed(path).question == "What is asked"


def test_numbers_that_stand_twice_are_no_ids_but_one_slip_is_left_to_be_told(tmp_path: Path) -> None:
    rows = repeated(ENGLISH, 5)
    for ids, named in ((range(30), "No"), ([1] * 30, ""), ([*range(29), 3], "No"), ([""] * 30, "")):
        path = laid(tmp_path / "a.csv", [("No", *HEAD), *[(each, *row) for each, row in zip(ids, rows, strict=True)]])
        assert guessed(path).id == named


def test_parts_are_few_short_values(tmp_path: Path) -> None:
    head = (*HEAD, "Level", "Author", "Note", "Empty", "Same")
    rows = [(*row, ["easy", "hard"][place % 2], f"Dr {place}", LONG, "", "x")
            for place, row in enumerate(repeated(ENGLISH))]  # fmt: skip
    assert guessed(laid(tmp_path / "a.csv", [head, *rows])).slices == ("Ward", "Level")


# --- open questions -----------------------------------------------------------------------


def test_long_answers_are_references_and_points_are_criteria(tmp_path: Path) -> None:
    rows = [(f"Question {number}?", f"{LONG} {number}", "2: names it\n-1: wrong dose") for number in range(6)]
    open_ = laid(tmp_path / "a.csv", [("Question", "Answer"), *[row[:2] for row in rows]])
    assert told(open_) == {"question": "Question", "references": "Answer"}
    judged = laid(tmp_path / "b.csv", [("题目", "参考回答", "评分标准"), *rows])
    assert told(judged) == {"question": "题目", "references": "参考回答", "criteria": "评分标准"}


# --- what cannot be guessed ---------------------------------------------------------------


def test_a_sheet_without_answers_says_which_columns_there_are(tmp_path: Path) -> None:
    path = laid(tmp_path / "a.csv", [("Question", "Remark"), ("What is INR?", "hard"), ("What is aPTT?", "easy")])
    said = refusal(path)
    assert said.startswith(f"{path}: no column looks like answers.")
    assert "Question, Remark" in said
    assert "答案" in said


def test_a_sheet_without_rows_or_questions_is_told(tmp_path: Path) -> None:
    assert "no row below its header" in refusal(laid(tmp_path / "a.csv", [HEAD]))
    same = [("same", "A"), ("same", "B"), ("same", "A")]
    assert "no column looks like questions" in refusal(laid(tmp_path / "b.csv", [("x", "Answer"), *same]))
    book(tmp_path / "c.xlsx", Empty=[])
    assert "'Empty' is empty" in refusal(tmp_path / "c.xlsx")
    assert "o such file" in refusal(tmp_path / "d.xlsx")


def test_an_empty_sheet_beside_others_is_passed_over(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", Cover=[], Bank=[HEAD, *ENGLISH])
    assert guessed(tmp_path / "a.xlsx").sheet == "Bank"


def test_of_several_sheets_the_one_that_names_most_is_taken_the_first_of_equals(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", Notes=[["Question", "who asked"], ["Which room?", "B"]], New=[HEAD, *ENGLISH],
         Old=[HEAD, *ENGLISH[:2]])  # fmt: skip
    assert guessed(tmp_path / "a.xlsx").sheet == "New"


# --- what a stranger brought ----------------------------------------------------------------


def test_options_in_the_cell_of_the_question_are_seen(tmp_path: Path) -> None:
    rows = [
        (f"第{number}题：哪项正确？（　）\nA.出血 B.高血压\nC.糖尿病 D.冠心病", "AB"[number % 2]) for number in range(6)
    ]
    book(tmp_path / "a.xlsx", S=[("题干", "答案"), *rows])
    found = told(tmp_path / "a.xlsx")
    assert (found["question"], found["options"], found["answer"]) == ("题干", "题干", "答案")


def test_letters_without_options_are_no_open_questions(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", S=[("Question", "Answer"), ("Which drug?", "A"), ("Which dose?", "C"), ("When?", "BD")])
    assert "look like letters of options, and no column looks like options" in refusal(tmp_path / "a.xlsx")


@pytest.mark.parametrize(("said", "wanted"), [("√×", ("√", "×")), ("对错", ("对", "错"))])
def test_four_rows_of_right_and_wrong_are_seen(tmp_path: Path, said: str, wanted: tuple[str, ...]) -> None:
    book(tmp_path / "a.xlsx", S=[("题干", "答案"), *[(f"第{n}句话。", said[n % 2]) for n in range(4)]])
    found = told(tmp_path / "a.xlsx")
    assert (found["choices"], found["answer_as"]) == (wanted, "text")
    # Both are choices, even if only one of them is ever right.
    book(tmp_path / "b.xlsx", S=[("题干", "答案"), *[(f"第{n}句话。", said[0]) for n in range(4)]])
    assert told(tmp_path / "b.xlsx")["choices"] == wanted


def test_a_case_that_is_shared_by_name_fills_the_rows_below_it(tmp_path: Path) -> None:
    head = ("共用题干", *HEAD_ZH)
    rows = [("病例一" if number % 2 == 0 else "", *row) for number, row in enumerate(CHINESE)]
    book(tmp_path / "a.xlsx", S=[head, *rows])
    assert told(tmp_path / "a.xlsx")["fill"] == ("共用题干",)


def test_a_doubled_id_on_a_small_sheet_leaves_the_ids_what_they_are(tmp_path: Path) -> None:
    rows = [(name, *row) for name, row in zip("1234", CHINESE, strict=True)]
    book(tmp_path / "a.xlsx", S=[("题号", *HEAD_ZH), *rows, ("1", *CHINESE[0])])
    assert told(tmp_path / "a.xlsx")["id"] == "题号"


def test_two_rows_of_headings_are_seen(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", S=[
        ("题干", "选项", None, None, None, "答案"), (None, "A", "B", "C", "D", None), *[row[:6] for row in CHINESE],
    ])  # fmt: skip
    for cells in ("A1:A2", "B1:E1", "F1:F2"):
        made["S"].merge_cells(cells)
    made.save(tmp_path / "a.xlsx")
    found = told(tmp_path / "a.xlsx")
    assert (found["header"], found["options"], found["answer"]) == (2, ("A", "B", "C", "D"), "答案")
