"""Open questions: their references, and judges that mark by the criteria of each."""

from pathlib import Path

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.records import ChoiceSample, Message, Request, RubricSample
from tests.test_exams.books import (
    answered,
    faults,
    laid,
    said,
)
from tests.test_exams.sittings import requests, run

CASE = "A woman of 55 has an eGFR of 25 mL/min and takes metformin."


def test_open_questions_have_one_or_more_references(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [
        ["q", "case", "r1", "r2"], ["What is the target?", CASE, "2 to 3", ""], ["What is INR?", "", "", "A ratio."],
    ])  # fmt: skip
    text = 'file = "a.csv"\nquestion = "q"\nreferences = ["r1", "r2"]\ncontext = "case"\n'
    first, second = answered(said(tmp_path, text))
    assert first.messages[-1].content == f"{CASE}\n\nWhat is the target?"
    assert (first.references, second.references) == (("2 to 3",), ("A ratio.",))
    assert (bool(first.cluster), second.cluster) == (True, "")


def test_faults_of_open_questions_are_told_at_once(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [["q", "r"], ["", "x"], ["What is INR?", ""], ["What is aPTT?", "A time."]])
    assert faults(said(tmp_path, 'file = "a.csv"\nquestion = "q"\nreferences = "r"\n')) == [
        "a.csv, row 2, column 'q' (A2): the question is missing.",
        "a.csv, row 3, column 'r' (B3): the reference is missing.",
    ]


def test_criteria_stand_beside_references(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [
        ["q", "c", "r"], ["An INR of 8?", "3: stops warfarin\n-2: doubles it", "Stop it."], ["Iron?", "", ""],
        ["Digoxin?", "-1: gives calcium", ""],
    ])  # fmt: skip
    text = 'file = "a.csv"\nquestion = "q"\ncriteria = "c"\nreferences = "r"\n'
    assert faults(said(tmp_path, text)) == [
        "a.csv, row 3, column 'c' (B3): there is no criterion for it.",
        "a.csv, row 4, column 'c' (B4): no criterion has points above 0.",
    ]
    laid(tmp_path / "a.csv", [["q", "c", "r"], ["An INR of 8?", "3: stops warfarin\n-2: doubles it", "Stop it."]])
    (found,) = answered(said(tmp_path, text))
    assert isinstance(found, RubricSample)
    assert [(each.points, each.text) for each in found.criteria] == [(3.0, "stops warfarin"), (-2.0, "doubles it")]
    assert found.references == ("Stop it.",)


# --- how they are asked and marked --------------------------------------------------------


def open_exam(folder: Path) -> Path:
    laid(
        folder / "a.csv", [["q", "r"], ["What is the INR?", "A ratio of clotting times."], ["What is aPTT?", "A time."]]
    )
    return said(folder, 'file = "a.csv"\nquestion = "q"\nreferences = "r"\n')


def test_an_open_answer_is_held_against_its_reference(tmp_path: Path) -> None:
    file = open_exam(tmp_path)
    right = {each.messages[-1].content: each.references[0] for each in answered(file)}
    result = run(file, lambda request: right[request.messages[-1].content], chat=True, style="written")
    assert {each.metric: each.value for each in result.estimates if not each.beside} == {
        "rouge1": 1.0, "rouge2": 1.0, "rougeL": 1.0, "rougeLsum": 1.0
    }  # fmt: skip
    assert result.flags == ("private",)
    mute = run(file, lambda _: "", chat=True, style="written", label="mute")
    assert (mute.first.value, mute.first.unread) == (0.0, 2)


def test_a_judge_marks_by_the_criteria_of_each_question_and_their_points(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [
        ["q", "c"], ["An INR of 8 without bleeding?", "3: stops warfarin\n-2: gives plasma"],
        ["Iron tablets swallowed?", "1: asks how many"],
    ])  # fmt: skip
    file = said(tmp_path, 'file = "a.csv"\nquestion = "q"\ncriteria = "c"\n')
    assert all(isinstance(each, RubricSample) for each in answered(file))
    heard: list[str] = []

    def judge(request: Request) -> str:
        text = request.messages[0].content
        heard.append(text)
        return "Grade: yes" if "stops warfarin" in text or "gives plasma" in text else "Grade: no"

    found = medeval.evaluate(
        model=Scripted(lambda _: "I stop warfarin and give plasma."), tasks=[str(file)], reports=tmp_path / "reports",
        style="written", chat=True, judges=(Scripted(judge, model="strict", choices=False),),
    )  # fmt: skip
    assert len(heard) == 3
    (judged,) = [each for each in found.results if each.judge]
    # (3 - 2) of 3 points, and 0 of 1.
    assert judged.first.value == pytest.approx((1 / 3 + 0) / 2)
    assert "private" in judged.flags


def test_a_case_is_a_part_of_what_is_asked_once(tmp_path: Path) -> None:
    laid(tmp_path / "a.csv", [["q", "case", "r"], ["What now?", "INR 8.", "Stop it."]])
    file = said(tmp_path, 'file = "a.csv"\nquestion = "q"\nreferences = "r"\ncontext = "case"\n')
    assert requests(file, "written", chat=True)[0].messages == (Message(role="user", content="INR 8.\n\nWhat now?"),)
    (sample,) = answered(file)
    assert not isinstance(sample, ChoiceSample)
