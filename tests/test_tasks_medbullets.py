"""Medbullets: four options and five, in the makers' shape and in that of the hub's copy."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from medeval.catalog import find
from medeval.errors import DataError
from medeval.sources import Supply, read_rows
from tasks.medbullets import COMMIT
from tests.conftest import choice

CATALOG = find()
NAMES = {"medbullets": 5, "medbullets_4options": 4}
OWN = CATALOG.named("medbullets").samples / "medbullets"
every_number = pytest.mark.parametrize(("name", "options"), NAMES.items())


@every_number
def test_every_question_has_as_many_options_as_its_task_says(name: str, options: int) -> None:
    task = CATALOG.named(name).task
    samples, _ = task.load(name, Supply.only(CATALOG.named(name).samples), sample=True)
    assert {len(choice(sample).options) for sample in samples} == {options}
    assert task.chance == pytest.approx(1 / options)
    assert {metric.name for metric in task.also if metric.name.startswith("recall_")} - {"recall_spread"} == {
        f"recall_{letter}" for letter in "ABCDE"[:options]
    }


@every_number
def test_the_copy_of_the_hub_is_the_same_questions(name: str, options: int) -> None:
    # The copy has an empty fifth option where there are four, and calls the letter `answer`.
    original, hub = CATALOG.named(name).task.forms
    mine = [original.to_sample(row) for row in read_rows(OWN / original.files[0].path)]
    rows = read_rows(OWN / hub.files[0].path)
    assert {row["options"]["E"] == "" for row in rows} == {options == 4}
    assert [hub.to_sample(row) for row in rows] == mine


def test_letters_of_the_four_are_not_those_of_the_five() -> None:
    golds = []
    for number in (5, 4):
        with open(OWN / f"medbullets_op{number}.csv", encoding="utf-8", newline="") as file:
            golds.append({row["question"]: (row["answer_idx"], row["answer"]) for row in csv.DictReader(file)})
    five, four = golds
    assert five.keys() == four.keys()
    assert {question: said for question, (_, said) in five.items()} == {key: said for key, (_, said) in four.items()}
    assert sum(five[question][0] != four[question][0] for question in five) > 0


@every_number
def test_the_right_letter_stands_at_the_right_text(name: str, options: int) -> None:
    form = CATALOG.named(name).task.forms[0]
    for row in read_rows(OWN / form.files[0].path):
        sample = choice(form.to_sample(row))
        (right,) = [option.text for option in sample.options if option.label in sample.target]
        assert right == row["answer"]


@every_number
def test_explanations_name_no_letter_of_another_order(name: str, options: int) -> None:
    form = CATALOG.named(name).task.forms[0]
    for row in read_rows(OWN / form.files[0].path):
        sample = choice(form.to_sample(row))
        assert "Incorrect Answers" in row["explanation"]
        assert sample.explanation
        assert not re.search(r"\bAnswers? [A-E1-5]\b", sample.explanation)


def test_questions_that_point_at_a_figure_are_told_apart() -> None:
    task = CATALOG.named("medbullets").task
    samples, _ = task.load("medbullets", Supply.only(OWN.parent), sample=True)
    found = Counter(sample.slices["figure"] for sample in samples)
    assert found == {"mentioned": 3, "none": 23}
    form = task.forms[0]
    row = {**read_rows(OWN / "medbullets_op5.csv")[0], "question": "Figure skating hurts her. Why?"}
    assert form.to_sample(row).slices == {"figure": "none"}


def test_files_are_named_by_a_commit_and_there_are_no_solved_examples() -> None:
    assert re.fullmatch("[0-9a-f]{40}", COMMIT)
    for name, options in NAMES.items():
        original, hub = CATALOG.named(name).task.forms
        assert original.files[0].said.endswith(f"/{COMMIT}/medbullets/medbullets_op{options}.csv")
        assert original.exemplars == hub.exemplars == ()


def test_a_file_with_cells_that_nobody_named_is_refused(tmp_path: Path) -> None:
    # An older commit of the makers has four empty cells at the end of every row.
    lines = (OWN / "medbullets_op4.csv").read_text(encoding="utf-8")
    path = tmp_path / "medbullets" / "medbullets_op4.csv"
    path.parent.mkdir()
    path.write_text(re.sub(r'"\n(?=https://|\Z)', '",,,,\n', lines), encoding="utf-8")
    with pytest.raises(DataError, match="row 1: more cells than the header names"):
        CATALOG.named("medbullets_4options").task.load("medbullets_4options", Supply.only(tmp_path), sample=True)
