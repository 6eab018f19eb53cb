"""Tasks: what a declaration may say, which rows are read, and which of them may be shown as solved examples."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered
from medeval.catalog import find
from medeval.errors import DataError, TaskError
from medeval.metrics.choice import accuracy
from medeval.prompts import last_turn, question_choices, question_options, stem_options, write_a_letter
from medeval.readers import HOUSE, MIRAGE
from medeval.records import ChoiceSample, Message, OpenSample, Option, Row, Setting
from medeval.sources import Form, Hub, Local, Supply
from medeval.task import Task, own_exemplars
from tests.conftest import choice

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["id"] if "id" in row else row["_id"], question=row["question"],
        options=lettered(row["options"]), target=(row["answer"],),
    )  # fmt: skip


ORIGINAL = Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample)
EXAM = Task(
    title="A small exam", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=1 / 4, rows=2,
    folder="exam", forms=(ORIGINAL,), wordings={"letters": question_options, "written": write_a_letter},
    metrics=(accuracy,),
)  # fmt: skip
ROW = {"question": "Which?", "options": ["red", "green", "blue", "grey"], "answer": "B"}


def put(root: Path, *rows: object, name: str = "rows.jsonl") -> Path:
    path = root / "exam" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    return path


def refusal(task: Task, root: Path, *, sample: bool = True) -> tuple[str, ...]:
    with pytest.raises(DataError) as refused:
        task.load("exam", Supply.only(root), sample=sample)
    return refused.value.faults


def said(task: Task, name: str = "exam") -> list[str]:
    return [str(fault) for fault in task.faults(name)]


# --- the declaration ---


def test_a_sound_declaration_has_no_faults() -> None:
    assert said(EXAM, "exam_2") == []


@pytest.mark.parametrize("name", ["Exam", "med-qa", "a b", "", "../x", "医"])
def test_a_name_has_small_letters_digits_and_underscores_only(name: str) -> None:
    assert said(EXAM, name) == [f"Task {name!r}: a name has small letters, digits and underscores only."]


def test_a_branch_is_no_pin() -> None:
    hub = Hub(repo="a/b", path="rows.jsonl", revision="main")
    assert said(replace(EXAM, forms=(replace(ORIGINAL, files=(hub,)),))) == [
        "Task 'exam': revision 'main' is no commit. Pin the data to 40 hex digits, so that the number can be repeated."
    ]


def test_a_commit_is_a_pin() -> None:
    hub = Hub(repo="a/b", path="rows.jsonl", revision=COMMIT)
    assert said(replace(EXAM, forms=(replace(ORIGINAL, files=(hub,)),))) == []


@pytest.mark.parametrize("lacking", [{"metrics": ()}, {"forms": ()}, {"wordings": {}}])
def test_a_task_without_metric_form_or_wording_is_refused(lacking: dict[str, Any]) -> None:
    assert said(replace(EXAM, **lacking)) == ["Task 'exam' needs at least one form, one metric and one wording."]


@pytest.mark.parametrize("chance", [1.0, 25, -0.25])
def test_chance_is_a_fraction_below_one(chance: float) -> None:
    assert said(replace(EXAM, chance=chance)) == [f"Task 'exam': chance is {chance}, not a fraction below 1."]


def test_all_faults_of_a_declaration_are_told() -> None:
    assert len(said(replace(EXAM, chance=2, metrics=()), "No")) == 3


# --- rows ---


def test_rows_become_samples_in_their_order(tmp_path: Path) -> None:
    put(tmp_path, ROW, {**ROW, "answer": "D"})
    samples, form = EXAM.load("exam", Supply.only(tmp_path))
    assert [(sample.id, choice(sample).target) for sample in samples] == [("0000", ("B",)), ("0001", ("D",))]
    assert choice(samples[0]).options[1] == Option(label="B", text="green")
    assert form is ORIGINAL


def test_a_row_that_cannot_be_read_names_file_row_field_and_what_the_row_has(tmp_path: Path) -> None:
    put(tmp_path, ROW, {"question": "Which?", "options": ["x", "y"]})
    assert refusal(EXAM, tmp_path) == (
        "exam, rows.jsonl, row 2: no field 'answer'. The row has: question, options, _id.",
    )


def test_a_row_that_its_task_refuses_says_why(tmp_path: Path) -> None:
    def strict(row: Row) -> ChoiceSample:
        raise ValueError("cop is 7")

    put(tmp_path, {"cop": 7})
    assert refusal(replace(EXAM, forms=(replace(ORIGINAL, to_sample=strict),)), tmp_path) == (
        "exam, rows.jsonl, row 1: ValueError: cop is 7. The row has: cop, _id.",
    )


def test_five_faults_are_shown_and_the_rest_are_counted(tmp_path: Path) -> None:
    put(tmp_path, *[{**ROW, "answer": "E"}] * 8)
    faults = refusal(EXAM, tmp_path)
    assert [fault.partition(":")[0] for fault in faults[:5]] == [f"exam, rows.jsonl, row {n}" for n in range(1, 6)]
    assert faults[5:] == ("exam, rows.jsonl: 3 faults more.",)


def test_exactly_five_faults_are_all_shown(tmp_path: Path) -> None:
    put(tmp_path, *[{**ROW, "answer": "E"}] * 5)
    faults = refusal(EXAM, tmp_path)
    assert len(faults) == 5
    assert "row 5" in faults[4]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "E"}, "the right answer ('E',) is not among the options ('A', 'B', 'C', 'D')"),
        ({"options": ["red"], "answer": "A"}, "the options are ('A',), there must be two at least, and no label twice"),
        ({"question": " \n"}, "the question is empty"),
    ],
)
def test_a_sample_that_cannot_be_asked_is_refused(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    put(tmp_path, {**ROW, **change})
    assert refusal(EXAM, tmp_path) == (f"exam, rows.jsonl, row 1: {problem}.",)


def test_a_sample_without_any_right_answer_is_refused(tmp_path: Path) -> None:
    put(tmp_path, ROW)
    nothing = replace(ORIGINAL, to_sample=lambda row: replace(to_sample(row), target=()))
    assert "the right answer () is not among" in refusal(replace(EXAM, forms=(nothing,)), tmp_path)[0]


def test_doubled_ids_are_refused(tmp_path: Path) -> None:
    put(tmp_path, *[{**ROW, "id": name} for name in ("p", "q", "q", "r", "r", "r")])
    assert refusal(EXAM, tmp_path) == ("exam, rows.jsonl: 2 ids stand more than once, the first is 'q'.",)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    put(tmp_path)
    assert refusal(EXAM, tmp_path) == ("exam, rows.jsonl: no rows.",)


def test_another_number_of_rows_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, ROW)
    assert refusal(EXAM, tmp_path, sample=False) == (
        f"exam: {path} gives 1 rows, the task has 2. Get the original file.",
    )


def pinned(sha256: str) -> Task:
    return replace(EXAM, forms=(replace(ORIGINAL, files=(Local(path="rows.jsonl", sha256=sha256),)),))


def test_a_file_with_another_checksum_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, ROW, ROW)
    found = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    assert refusal(pinned("ab" * 32), tmp_path, sample=False) == (
        (
            f"{path}: sha256 is {found}…, the task pins abababababab…. "
            "Get the original file (a file of your own: rows.jsonl)."
        ),
    )


def test_the_pinned_file_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, ROW, ROW)
    samples, form = pinned(hashlib.sha256(path.read_bytes()).hexdigest()).load("exam", Supply.only(tmp_path))
    assert len(samples) == 2
    assert form.pinned


def test_sample_rows_are_neither_counted_nor_pinned(tmp_path: Path) -> None:
    put(tmp_path, ROW)
    samples, _ = pinned("ab" * 32).load("exam", Supply.only(tmp_path), sample=True)
    assert len(samples) == 1


def test_missing_files_are_named_with_what_to_do(tmp_path: Path) -> None:
    assert refusal(EXAM, tmp_path) == (
        (
            f"exam: a file of your own: rows.jsonl: not there (looked for {tmp_path}/exam/rows.jsonl). "
            "Put it there, or name the folder that has it with --data DIR, or try --data sample."
        ),
    )


@pytest.mark.parametrize(
    ("there", "form"), [((), "one"), (("b",), "two"), (("a", "b"), "one"), (("c",), "one"), (("c", "d"), "three")]
)
def test_the_first_form_that_is_all_there_is_chosen_else_the_first(
    tmp_path: Path, there: tuple[str, ...], form: str
) -> None:
    files = {"one": ("a",), "two": ("b",), "three": ("c", "d")}
    forms = [
        Form(name=name, files=tuple([Local(path=path) for path in paths]), to_sample=to_sample)
        for name, paths in files.items()
    ]
    for name in there:
        put(tmp_path, ROW, name=name)
    assert replace(EXAM, forms=tuple(forms)).form_in(Supply.only(tmp_path)).name == form


def made(**wrong: Any) -> Task:
    """The exam with samples that their author made of the wrong type."""
    return replace(EXAM, forms=(replace(ORIGINAL, to_sample=lambda row: replace(to_sample(row), **wrong)),))


def test_a_target_that_is_one_text_is_refused(tmp_path: Path) -> None:
    put(tmp_path, ROW)
    assert "row 1" in refusal(made(target="B"), tmp_path)[0]


def test_an_id_that_is_a_number_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {**ROW, "id": 7})
    assert "row 1" in refusal(EXAM, tmp_path)[0]


@pytest.mark.parametrize("value", [3, None])
def test_a_slice_that_is_no_text_is_refused(tmp_path: Path, value: object) -> None:
    put(tmp_path, ROW)
    assert "row 1" in refusal(made(slices={"part": value}), tmp_path)[0]


def test_a_question_that_is_no_text_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {**ROW, "question": None})
    assert "row 1" in refusal(EXAM, tmp_path)[0]


# --- texts ---


def to_open(row: Row) -> OpenSample:
    return OpenSample(
        id=row["_id"],
        messages=(Message(role="user", content=row["said"]),),
        references=(row["note"],),
        source=row["said"],
    )


VISIT = {"said": "[doctor] what hurts ?", "note": "Knee pain."}


def writing(**wrong: Any) -> Task:
    """A task that wants a text, of samples that their author made as they should not be."""
    form = replace(ORIGINAL, to_sample=lambda row: replace(to_open(row), **wrong))
    return replace(EXAM, chance=0.0, forms=(form,), wordings={"written": last_turn})


def test_rows_may_become_texts_that_are_wanted(tmp_path: Path) -> None:
    put(tmp_path, VISIT, {**VISIT, "note": "心悸。"})
    samples, _ = writing().load("exam", Supply.only(tmp_path))
    assert samples == (
        to_open({**VISIT, "_id": "0000"}), to_open({**VISIT, "note": "心悸。", "_id": "0001"}),
    )  # fmt: skip
    assert (
        writing().exemplars(replace(writing().forms[0], exemplars=(Local(path="rows.jsonl"),)), Supply.only(tmp_path))
        == samples
    )


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"id": 7}, "its id must be a text, found 7"),
        ({"messages": ()}, "nothing is asked: the last message must be the user's"),
        (
            {"messages": (Message(role="user", content="?"), Message(role="assistant", content="!"))},
            "nothing is asked: the last message must be the user's",
        ),
        ({"messages": (Message(role="user", content=" \n"),)}, "nothing is asked: the last message must be the user's"),
        ({"references": "Knee pain."}, "the references 'Knee pain.' are not a tuple of texts"),
        ({"references": ("Knee pain.", None)}, "the references ('Knee pain.', None) are not a tuple of texts"),
        ({"references": ()}, "it has no reference"),
        ({"references": ("", " \n")}, "it has no reference"),
        ({"slices": {"part": 3}}, "the slice 'part' is 3, not a text"),
    ],
)
def test_a_text_that_cannot_be_asked_for_or_held_against_anything_is_refused(
    tmp_path: Path, wrong: dict[str, Any], problem: str
) -> None:
    put(tmp_path, VISIT)
    assert refusal(writing(**wrong), tmp_path) == (f"exam, rows.jsonl, row 1: {problem}.",)


def test_rows_that_cannot_be_joined_are_refused(tmp_path: Path) -> None:
    put(tmp_path, ROW)
    joined = replace(ORIGINAL, join=lambda rows: [{**row, "gold": row["gold"]} for row in rows])
    assert "gold" in refusal(replace(EXAM, forms=(joined,)), tmp_path)[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chance": "x"}, "Expected `float`, got `str` - at `$.chance`"),
        ({"rows": "8"}, "Expected `int`, got `str` - at `$.rows`"),
        ({"slices": None}, "Expected `array`, got `null` - at `$.slices`"),
        ({"metrics": (accuracy, accuracy)}, "two metrics have one name"),
        ({"wordings": {"shouted": question_options}}, "'shouted' is no style. There are letters, options, written,"),
        ({"wordings": {"letters:loud": question_options}}, "'letters:loud' is no style."),
        ({"manners": {"clever": None}}, "Invalid enum value 'clever'"),
        ({"protocols": ("helm",)}, "Invalid enum value 'helm' - at `$.protocols[0]`"),
    ],
)
def test_a_declaration_that_breaks_its_promise_is_told(change: dict[str, Any], said: str) -> None:
    (fault,) = replace(find().named("medqa").task, **change).faults("medqa")
    assert said in str(fault)


def test_solved_examples_are_pinned_as_the_rows_are() -> None:
    hub = Hub(repo="a/b", path="train.jsonl", revision="main")
    (fault,) = said(replace(EXAM, forms=(replace(ORIGINAL, exemplars=(hub,)),)))
    assert "revision 'main' is no commit" in fault


# --- forms ---


def test_a_form_may_have_another_number_of_rows_than_its_task(tmp_path: Path) -> None:
    path = put(tmp_path, ROW, ROW, ROW)
    part = replace(EXAM, forms=(replace(ORIGINAL, rows=3),))
    assert len(part.load("exam", Supply.only(tmp_path))[0]) == 3
    put(tmp_path, ROW, ROW)
    assert refusal(part, tmp_path, sample=False) == (
        f"exam: {path} gives 2 rows, the task has 3. Get the original file.",
    )


def test_rows_are_read_letter_for_letter_where_that_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path, {**ROW, "question": " Which? "})
    stripped = replace(
        ORIGINAL, to_sample=lambda row: replace(to_sample(row), question=row["question"].strip()), exact=to_sample
    )
    task, supply = replace(EXAM, rows=1, forms=(stripped,)), Supply.only(tmp_path)
    assert choice(task.load("exam", supply)[0][0]).question == "Which?"
    assert choice(task.load("exam", supply, exact=True)[0][0]).question == " Which? "


def test_a_form_that_is_published_in_one_way_only_is_read_so_for_every_protocol(tmp_path: Path) -> None:
    put(tmp_path, ROW, ROW)
    supply = Supply.only(tmp_path)
    assert EXAM.load("exam", supply, exact=True) == EXAM.load("exam", supply)


def test_samples_with_slices_that_their_task_does_not_declare_are_refused(tmp_path: Path) -> None:
    put(tmp_path, ROW, ROW)
    with pytest.raises(TaskError) as refused:
        made(slices={"part": "x", "author": "y"}).load("exam", Supply.only(tmp_path))
    assert refused.value.faults == ("Task 'exam': its samples have slices that it does not declare: author, part.",)


HUB = Form(name="hub", files=(Hub(repo="a/b", path="rows.parquet", revision=COMMIT),), to_sample=to_sample)


@pytest.mark.parametrize(("offline", "form"), [(False, "hub"), (True, "original")])
def test_where_nothing_is_there_the_form_is_chosen_that_can_be_fetched(
    monkeypatch: pytest.MonkeyPatch, *, offline: bool, form: str
) -> None:
    for name in ("MEDEVAL_OFFLINE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    both = replace(EXAM, forms=(ORIGINAL, HUB))
    assert both.form_in(Supply(None, offline=offline)).name == form


# --- wordings and readers ---


def test_the_wording_for_a_chat_or_for_plain_text_stands_before_that_of_the_style() -> None:
    task = replace(EXAM, wordings={
        "letters": question_options, "letters:chat": write_a_letter, "written:plain": stem_options,
        "reasoned": question_choices, "reasoned:plain": question_options,
    })  # fmt: skip
    found = {
        (style, chat): task.wording(style, chat=chat)
        for style in ("letters", "written", "reasoned", "options")
        for chat in (False, True)
    }
    assert found == {
        ("letters", False): question_options, ("letters", True): write_a_letter,
        ("written", False): stem_options, ("written", True): None,
        ("reasoned", False): question_options, ("reasoned", True): question_choices,
        ("options", False): None, ("options", True): None,
    }  # fmt: skip


def test_protocol_mirage_has_a_reader_of_its_own() -> None:
    assert EXAM.reader_for(Setting(style="written")) is HOUSE
    assert EXAM.reader_for(Setting(style="written", protocol="mirage")) is MIRAGE


# --- solved examples ---


TRAINED = replace(ORIGINAL, exemplars=(Local(path="train.jsonl"),))


def test_solved_examples_are_read_as_the_rows_are_and_not_counted(tmp_path: Path) -> None:
    put(tmp_path, *[{**ROW, "answer": letter} for letter in "DCBA"], name="train.jsonl")
    shown = EXAM.exemplars(TRAINED, Supply.only(tmp_path))
    assert [(each.id, choice(each).target) for each in shown] == [
        ("0000", ("D",)), ("0001", ("C",)), ("0002", ("B",)), ("0003", ("A",)),
    ]  # fmt: skip


def test_files_of_solved_examples_are_joined_in_a_way_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, ROW, {**ROW, "answer": "C"}, name="train.jsonl")
    odd = replace(
        TRAINED, join=lambda rows: [], join_exemplars=lambda rows: [row for row in rows if row["_id"] > "0000"]
    )
    assert [choice(each).target for each in EXAM.exemplars(odd, Supply.only(tmp_path))] == [("C",)]


def test_solved_examples_from_another_file_than_the_pinned_one_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, ROW, name="train.jsonl")
    pinned_train = replace(ORIGINAL, exemplars=(Local(path="train.jsonl", sha256="ab" * 32),))
    with pytest.raises(DataError) as refused:
        EXAM.exemplars(pinned_train, Supply.only(tmp_path))
    assert refused.value.faults[0].startswith(f"{path}: sha256 is ")


def test_solved_examples_of_ones_own_have_the_shape_of_the_rows(tmp_path: Path) -> None:
    own = put(tmp_path, {**ROW, "answer": "D"}, name="mine.jsonl")
    shown = choice(*own_exemplars(own, ORIGINAL))
    assert (shown.question, shown.target) == ("Which?", ("D",))
    put(tmp_path, {"question": "Which?"}, name="mine.jsonl")
    with pytest.raises(DataError) as refused:
        own_exemplars(own, ORIGINAL)
    assert refused.value.faults == (f"{own}, row 1: no field 'options'. The row has: question, _id.",)
