"""HEAD-QA: questions with images, numbers that count from 1, four and five options, and the points of the exam."""

import json
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.records import Answer, Request, Walk
from medeval.sources import Supply, read_rows
from tasks.headqa import POINTS
from tests.conftest import choice

NAMED = find().named("headqa")
TASK = NAMED.task
OWN = NAMED.samples / "headqa"
ORIGINAL, HUB = TASK.forms
TEST = "HEAD_EN/test_HEAD_EN.json"


def question(right: str, options: int = 4, image: str = "") -> dict[str, Any]:
    return {
        "qid": "7", "qtext": "Which? ", "ra": right, "image": image,
        "answers": [{"aid": number, "atext": f"Text {number}. "} for number in range(1, options + 1)],
    }  # fmt: skip


def exam(*questions: dict[str, Any], name: str = "Cuaderno_2016_1_M") -> dict[str, Any]:
    return {name: {"name": name, "data": list(questions), "category": "medicine", "year": "2016"}}


def loaded(tmp_path: Path, exams: dict[str, Any]) -> list[Any]:
    path = tmp_path / "headqa" / TEST
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": "1.0", "language": "en", "exams": exams}), encoding="utf-8")
    return [choice(sample) for sample in TASK.load("headqa", Supply.only(tmp_path), sample=True)[0]]


def test_questions_with_an_image_are_left_out_in_both_forms() -> None:
    raw = json.loads((OWN / TEST).read_text(encoding="utf-8"))["exams"]
    asked = [row["qtext"] for each in raw.values() for row in each["data"] if not row["image"]]
    assert len(asked) == 26
    assert sum(len(each["data"]) for each in raw.values()) == 28
    for form in TASK.forms:
        rows = list(form.join(read_rows(OWN / form.files[0].path)))
        assert [row["qtext"] for row in rows] == asked


def test_a_conversion_that_keeps_an_empty_image_has_none() -> None:
    rows = [
        {"image": {"bytes": None, "path": None}},
        {"image": None},
        {"image": {"bytes": b"\x89PNG", "path": "a.png"}},
    ]
    assert list(HUB.join(rows)) == rows[:2]


def test_both_forms_are_the_same_questions() -> None:
    mine, copy = [
        [form.to_sample(row) for row in form.join(read_rows(OWN / form.files[0].path))] for form in TASK.forms
    ]
    assert mine == copy
    assert {sample.slices["category"] for sample in mine} == {
        "biology", "chemistry", "medicine", "nursery", "pharmacology", "psychology",
    }  # fmt: skip
    assert {sample.slices["year"] for sample in mine} == {"2016", "2017"}


def test_a_question_with_the_number_of_another_exam_has_an_id_of_its_own(tmp_path: Path) -> None:
    exams = {**exam(question("1")), **exam(question("4"), name="Cuaderno_2017_1_M")}
    samples = loaded(tmp_path, exams)
    assert [(sample.id, sample.target) for sample in samples] == [
        ("Cuaderno_2016_1_M-7", ("A",)), ("Cuaderno_2017_1_M-7", ("D",)),
    ]  # fmt: skip


@pytest.mark.parametrize(("right", "options", "letter"), [("1", 4, "A"), ("4", 4, "D"), ("5", 5, "E")])
def test_the_answer_counts_from_one_whatever_the_number_of_options(
    right: str, options: int, letter: str, tmp_path: Path
) -> None:
    (sample,) = loaded(tmp_path, exam(question(right, options)))
    assert sample.target == (letter,)
    assert [option.text for option in sample.options] == [f"Text {number}." for number in range(1, options + 1)]


@pytest.mark.parametrize("right", ["0", "5"])
def test_an_answer_that_is_no_option_is_refused(right: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1: ValueError"):
        loaded(tmp_path, exam(question(right)))


def test_a_file_without_exams_is_told(tmp_path: Path) -> None:
    path = tmp_path / "headqa" / TEST
    path.parent.mkdir(parents=True)
    path.write_text('{"version": "1.0"}', encoding="utf-8")
    with pytest.raises(DataError, match=r"test_HEAD_EN\.json cannot be joined"):
        TASK.load("headqa", Supply.only(tmp_path), sample=True)


def test_solved_examples_have_as_many_options_as_the_questions() -> None:
    supply = Supply.only(NAMED.samples)
    shown = [choice(sample) for sample in TASK.exemplars(ORIGINAL, supply, sample=True)]
    assert {sample.labels for sample in shown} == {tuple("ABCD")}
    assert {sample.slices["year"] for sample in shown} == {"2015"}
    assert len(shown) == 6


# --- the points of the exam -----------------------------------------------------------------


def netas(gold: list[int], predicted: list[int]) -> int:
    """The score of the makers' eval.py; 0 is an answer left out."""
    return sum(3 if right == said else -1 if said else 0 for right, said in zip(gold, predicted, strict=True))


@pytest.mark.parametrize(("picked", "worth"), [(("B",), 3), (("A",), -1), ((), 0), (("A", "B"), -1)])
def test_an_answer_is_worth_what_the_exam_gives_for_it(picked: tuple[str, ...], worth: int) -> None:
    sample = ORIGINAL.to_sample({**question("2"), "name": "x", "category": "biology", "year": "2016"})
    assert POINTS.mark(sample, Walk(exchanges=(), answer=Answer(picked=picked))) == worth / 3


def test_a_run_has_the_points_that_the_makers_count(tmp_path: Path) -> None:
    # Every question is answered with B, but for those about cells, of which nothing is said.
    def script(request: Request) -> str:
        return "" if "cell" in request.text else "The answer is B."

    rows = list(ORIGINAL.join(read_rows(OWN / TEST)))
    gold = [int(row["ra"]) for row in rows]
    said = [0 if "cell" in " ".join([row["qtext"], *[each["atext"] for each in row["answers"]]]) else 2 for row in rows]
    found = medeval.evaluate(
        model=Scripted(script), tasks="headqa", data="sample", reports=tmp_path, style="written"
    ).results[0]
    values = {estimate.metric: estimate for estimate in found.estimates}
    assert 0 < said.count(0) == found.first.unread < len(said)
    assert values["exam_points"].value == pytest.approx(netas(gold, said) / (3 * len(gold)))
    assert values["exam_points"].value != values["accuracy"].value


def test_a_guess_among_four_is_worth_nothing() -> None:
    sample = ORIGINAL.to_sample({**question("2"), "name": "x", "category": "biology", "year": "2016"})
    walks = [Walk(exchanges=(), answer=Answer(picked=(letter,))) for letter in "ABCD"]
    assert sum(float(str(POINTS.mark(sample, walk))) for walk in walks) == pytest.approx(0.0)
