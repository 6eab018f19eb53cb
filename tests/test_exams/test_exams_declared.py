"""What a declaration may say, what it may not, and the schema by which editors know it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest

from medeval.catalog import own_folder
from medeval.errors import DataError
from medeval.exams import Exam, schema
from medeval.exams.declared import declared
from tests.test_exams.books import said

LEAST = 'file = "a.csv"\nquestion = "q"\n'
CHOICE = LEAST + 'options = ["A", "B"]\nanswer = "key"\n'
OPEN = LEAST + 'references = "ref"\n'


def refused(folder: Path, text: str) -> list[str]:
    """What is wrong with a declaration, without its name."""
    path = said(folder, text)
    with pytest.raises(DataError) as caught:
        declared(path)
    assert all(fault.startswith(f"{path}: ") for fault in caught.value.faults)
    return [fault.removeprefix(f"{path}: ") for fault in caught.value.faults]


def read(folder: Path, text: str) -> Exam:
    return declared(said(folder, text))


# --- what it says -------------------------------------------------------------------------


def test_ten_lines_are_an_exam(tmp_path: Path) -> None:
    exam = read(tmp_path, CHOICE + 'slices = ["Ward"]\nsheet = "题库"\nheader = 3\nlanguage = "zh"\nid = "no"\n')
    assert (exam.kind, exam.option_columns, exam.header) == ("choice", ("A", "B"), 3)
    assert exam.columns() == (
        ("question", "q"), ("answer", "key"), ("id", "no"), ("options", "A"), ("options", "B"), ("slices", "Ward"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ('options = "all"\nanswer = "key"', "choice"),
        ('choices = ["right", "wrong"]\nanswer = "key"', "choice"),
        ('references = "ref"', "open"),
        ('references = ["ref1", "ref2"]', "open"),
        ('criteria = "points"', "rubric"),
        ('criteria = "points"\nreferences = "ref"', "rubric"),
        ('id = "no"\n[rubric]\nquestion = "no"\ncriterion = "text"', "rubric"),
    ],
)
def test_what_is_asked_is_seen_from_what_is_named(tmp_path: Path, more: str, kind: str) -> None:
    assert read(tmp_path, LEAST + more).kind == kind


def test_a_language_that_is_none_names_a_column_and_several_may_be_a_word_or_a_column(tmp_path: Path) -> None:
    named = read(tmp_path, CHOICE + 'language = "lang"\nseveral = "type"\n').columns()
    assert {("language", "lang"), ("several", "type")} < {*named}
    for text in ('language = "en"\nseveral = true\n', 'language = "zh"\nseveral = false\n'):
        assert {word for word, _ in read(tmp_path, CHOICE + text).columns()} == {"question", "answer", "options"}


def test_a_file_with_the_mark_of_windows_editors_is_read(tmp_path: Path) -> None:
    path = tmp_path / "exam.toml"
    path.write_text(CHOICE.replace('"q"', '"题干"'), encoding="utf-8-sig", newline="\r\n")
    assert declared(path).question == "题干"


# --- what is wrong, all at once -----------------------------------------------------------


def test_unknown_words_are_told_together_each_with_a_guess(tmp_path: Path) -> None:
    text = CHOICE + 'lang = "en"\nslice = ["x"]\nexplanaton = "x"\nzzzz = 1\n'
    found = refused(tmp_path, text)
    assert found[:3] == [
        "nothing is called 'lang' here. Did you mean 'language'?",
        "nothing is called 'slice' here. Did you mean 'slices'?",
        "nothing is called 'explanaton' here. Did you mean 'explanation'?",
    ]
    assert found[3].startswith("nothing is called 'zzzz' here. There are: file, title, ")
    assert len(found) == 4


def test_unknown_words_of_a_rubric_are_told_with_their_table(tmp_path: Path) -> None:
    text = LEAST + 'id = "no"\n[rubric]\nquestion = "no"\ncriterion = "text"\npoint = "p"\n'
    assert refused(tmp_path, text) == ["nothing is called 'rubric.point' here. Did you mean 'points'?"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('question = "q"\n', ("file is not given. Name the file.",)),
        ('file = "a.csv"\n', ("question is not given. Name the column.",)),
        (CHOICE.replace('"q"', '""'), ("question: ",)),
        (CHOICE.replace('"q"', "3"), ("question: ", "int")),
        (CHOICE + "header = 0\n", ("header: ", "1")),
        (CHOICE + 'header = "3"\n', ("header: ", "int")),
        (CHOICE + 'slices = "Ward"\n', ("slices: ",)),
        (CHOICE + 'answer_as = "letters"\n', ("answer_as: ", "letters")),
        (LEAST + 'id = "no"\n[rubric]\nquestion = "no"\n', ("rubric.criterion is not given. Name the column.",)),
        (LEAST + 'criteria = "c"\nrubric = "sheet"\n', ("rubric: ",)),
    ],
)
def test_a_wrong_type_is_told_with_the_word_it_stands_at(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (found,) = refused(tmp_path, text)
    assert found.startswith(words[0])
    assert all(word in found for word in words)
    assert found.endswith(".")
    assert "$" not in found


def test_what_is_not_given_is_told_together(tmp_path: Path) -> None:
    assert refused(tmp_path, "") == [
        "file is not given. Name the file.", "question is not given. Name the column.",
    ]  # fmt: skip


def test_unknown_words_and_a_wrong_type_are_told_together(tmp_path: Path) -> None:
    found = refused(tmp_path, CHOICE + 'lang = "en"\nheader = "3"\n')
    assert len(found) == 2
    assert "'lang'" in found[0]
    assert found[1].startswith("header: ")


def test_several_wrong_types_are_told_together(tmp_path: Path) -> None:
    found = refused(tmp_path, CHOICE + 'header = "3"\nslices = "Ward"\nseveral = 3\nfill = "case"\n')
    assert sorted(fault.partition(":")[0] for fault in found) == ["fill", "header", "several", "slices"]


def test_a_name_is_refused_in_words(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, CHOICE + 'name = "My Exam"\n')
    assert "letters, digits" in found


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", ["neither options nor choices"]),
        ('options = ["A", "B"]\n', ["options and no answer"]),
        ('options = ["A"]\nanswer = "key"\n', ["one column of options in a list"]),
        ('choices = ["right"]\nanswer = "key"\n', ["one choice"]),
        ('options = "o"\nchoices = ["a", "b"]\nanswer = "key"\n', ["options and choices"]),
        ('options = "o"\nanswer = "key"\nreferences = "r"\n', ["Make two exams of it"]),
        ('references = "r"\nanswer = "key"\n', ["Open questions have references"]),
        ('references = "r"\nseveral = true\n', ["Open questions have references"]),
        ('criteria = "c"\n[rubric]\nquestion = "x"\ncriterion = "y"\n', ["criteria and a rubric", "by id"]),
        ('choices = ["a"]\ncriteria = "c"\n', ["no answer", "Make two exams", "one choice"]),
        ('references = "r"\n[prompt]\nwritten = "x"\nspoken = "x"\nloud = "x"\n', ["prompt.spoken", "prompt.loud"]),
    ],
)
def test_what_does_not_go_together_is_told_all_at_once(tmp_path: Path, more: str, words: list[str]) -> None:
    found = refused(tmp_path, LEAST + more)
    assert len(found) == len(words)
    assert all(word in fault for word, fault in zip(words, found, strict=True))


@pytest.mark.parametrize("text", ["file = a.csv\n", CHOICE + 'question = "again"\n', "[rubric\n", "\x00"])
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    (found,) = refused(tmp_path, text)
    assert found.startswith("cannot be read (")


def test_a_file_in_another_code_or_none_at_all_is_told(tmp_path: Path) -> None:
    path = tmp_path / "exam.toml"
    for made in (lambda: path.write_bytes('file = "题库.csv"'.encode("gb18030")), path.unlink, path.mkdir):
        made()
        with pytest.raises(DataError, match=r"exam\.toml: cannot be read \("):
            declared(path)


# --- the schema ---------------------------------------------------------------------------


def test_the_schema_beside_the_tasks_is_the_one_that_is_made() -> None:
    text = (own_folder() / "exam.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_word_is_explained_in_the_schema() -> None:
    made: Any = schema()
    assert {*made["properties"]} == {*Exam.__struct_fields__}
    rubric = made["$defs"]["Rubric"]["properties"]
    for name, field in [*made["properties"].items(), *rubric.items()]:
        words = [field, *field.get("allOf", ()), *field.get("anyOf", ()), field.get("items", {})]
        assert name == "rubric" or name in ("question", "criterion") or any("description" in each for each in words), (
            name
        )


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (CHOICE, True),
        (OPEN + 'prompt = "{{ question }}"\n', True),
        (OPEN + '[prompt]\nwritten = "{{ question }}"\n', True),
        (CHOICE + "several = true\n", True),
        (CHOICE + 'lang = "en"\n', False),
        (CHOICE + 'header = "3"\n', False),
        (CHOICE + 'name = "My Exam"\n', False),
        (LEAST + 'id = "no"\n[rubric]\nquestion = "no"\n', False),
        ('question = "q"\n', False),
    ],
)
def test_the_schema_takes_and_refuses_what_the_reader_does(tmp_path: Path, text: str, *, right: bool) -> None:
    said_so = jsonschema.Draft202012Validator(schema()).is_valid(tomllib.loads(text))
    assert said_so is right
    if right:
        read(tmp_path, text)
    else:
        refused(tmp_path, text)
