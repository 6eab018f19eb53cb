"""The pages of questions: each text once, dealt out to pages, with the names of those who had it right."""

from pathlib import Path

from medeval import board
from medeval.board import pairs, questions
from medeval.board.contents import mains
from tests.test_board import shelves


def jobs(root: Path) -> list[questions.Job]:
    """The pages of the one column there is."""
    there = shelves.board(root)
    (column,) = mains(there)
    return list(questions.jobs(there, column))


def test_a_question_stands_once_with_who_had_it_right(tmp_path: Path) -> None:
    for entry, marks in (("one", [1.0, 0.0, 0.0]), ("two", [1.0, 1.0, 0.0])):
        shelves.cell(tmp_path, entry, shelves.lines(marks))
    (job,) = jobs(tmp_path)
    sheet = questions.sheet(job)
    one, two = ("one", "../cell/one/medqa.html"), ("two", "../cell/two/medqa.html")
    assert [(each.case.id, each.number, each.of, each.right, each.wrong) for each in sheet.questions] == [
        ("00", 2, 2, (one, two), ()), ("01", 1, 2, (two,), (one,)), ("02", 0, 2, (), (one, two)),
    ]  # fmt: skip
    assert (sheet.number, sheet.pages, sheet.all) == (1, 1, 3)


def test_questions_are_dealt_out_by_two_hundred_and_keep_their_places(tmp_path: Path) -> None:
    marks = [float(place % 3 == 0) for place in range(401)]
    shelves.cell(tmp_path, "one", shelves.lines(marks))
    sheets = [questions.sheet(job) for job in jobs(tmp_path)]
    assert [(sheet.number, sheet.pages, len(sheet.questions)) for sheet in sheets] == [
        (1, 3, 200),
        (2, 3, 200),
        (3, 3, 1),
    ]
    assert [each.place for sheet in sheets for each in sheet.questions] == list(range(401))
    assert [each.number for sheet in sheets for each in sheet.questions] == [int(mark) for mark in marks]
    assert pairs.PAGE == 200, "links of pairs count by it"


def test_links_of_pairs_lead_to_the_question_that_they_name(tmp_path: Path) -> None:
    right = [1.0] * 250
    shelves.cell(tmp_path / "reports", "one", shelves.lines(right))
    shelves.cell(tmp_path / "reports", "two", shelves.lines([*right[:210], 0.0, *right[211:]]))
    board.build(tmp_path / "reports", tmp_path / "out", board.Options(workers=1), version="1.0")
    pages = tmp_path / "out" / "en"
    assert 'href="../question/medqa-2.html#q210"' in (pages / "pair" / "one--two.html").read_text(encoding="utf-8")
    assert 'id="q210"' in (pages / "question" / "medqa-2.html").read_text(encoding="utf-8")
    assert 'id="q210"' not in (pages / "question" / "medqa-1.html").read_text(encoding="utf-8")


def test_of_grades_nobody_is_said_to_have_them_right(tmp_path: Path) -> None:
    for entry in ("one", "two"):
        shelves.cell(tmp_path, entry, shelves.lines([1.0, 0.5, 0.0], "rouge1"), metric="rouge1")
    (job,) = jobs(tmp_path)
    assert {(each.of, each.right, each.wrong) for each in questions.sheet(job).questions} == {(0, (), ())}


def test_of_many_entries_only_the_number_is_told(tmp_path: Path) -> None:
    for number in range(questions.NAMED + 1):
        shelves.cell(tmp_path, f"e{number:02d}", shelves.lines([float(number % 2), 1.0]))
    (job,) = jobs(tmp_path)
    first, second = questions.sheet(job).questions
    assert (first.number, first.of, first.right, first.wrong) == (15, 31, (), ())
    assert (second.number, second.of) == (31, 31)


def test_entries_with_other_questions_are_not_counted(tmp_path: Path) -> None:
    for entry in ("one", "two"):
        shelves.cell(tmp_path, entry, shelves.lines([1.0, 0.0]))
    shelves.cell(tmp_path, "three", [shelves.line("x"), shelves.line("y")])
    (job,) = jobs(tmp_path)
    assert [name for name, _ in job.links] == ["one", "two"]
    assert [each.of for each in questions.sheet(job).questions] == [2, 2]


def test_where_no_entry_has_marks_there_are_no_questions(tmp_path: Path) -> None:
    (shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0])) / "samples.jsonl").unlink()
    assert jobs(tmp_path) == []


def test_what_models_said_is_not_on_the_pages_of_questions(shelf: Path, tmp_path: Path) -> None:
    board.build(shelf, tmp_path / "out", board.Options(tongues=("en",), workers=1), version="1.0")
    text = (tmp_path / "out" / "en" / "question" / "cmb_exam-written-sample-1.html").read_text(encoding="utf-8")
    assert text.count("<section") == 32
    assert 'class="turn asked"' in text
    assert 'class="turn model"' not in text
