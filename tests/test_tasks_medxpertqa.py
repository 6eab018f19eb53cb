"""MedXpertQA: options that stand twice in its rows, and the two shapes of one row."""

import json
from pathlib import Path

import pytest

from medeval.catalog import find
from medeval.errors import DataError
from medeval.records import Setting
from medeval.sitting import sit
from medeval.sources import Supply, read_rows
from tests.conftest import choice

NAMED = find().named("medxpertqa")
TASK = NAMED.task
LETTERS = "ABCDEFGHIJ"
OPTIONS = {letter: f"Finding {number}" for number, letter in enumerate(LETTERS, 1)}
ROW = {
    "id": "Text-0",
    "question": "A man coughs.\nWhat is found?\nAnswer Choices: "
    + " ".join([f"({letter}) {text}" for letter, text in OPTIONS.items()]),
    "options": OPTIONS, "label": "I", "medical_task": "Diagnosis", "body_system": "Other / NA",
    "question_type": "Reasoning",
}  # fmt: skip


def test_the_options_are_cut_off_the_question() -> None:
    sample = choice(TASK.forms[0].to_sample(ROW))
    assert sample.question == "A man coughs.\nWhat is found?"
    assert {option.label: option.text for option in sample.options} == OPTIONS
    assert (sample.target, sample.labels) == (("I",), tuple(LETTERS))


@pytest.mark.parametrize("way", TASK.wordings)
def test_no_prompt_of_the_sample_rows_shows_an_option_twice(way: str) -> None:
    samples, _ = TASK.load("medxpertqa", Supply.only(NAMED.samples), sample=True)
    for sample in map(choice, samples):
        prompt = TASK.wordings[way](sample)
        assert "Answer Choices" not in prompt
        once = 0 if way == "options" else 1
        assert {prompt.count(f"{option.label}. {option.text}\n") for option in sample.options} == {once}
        assert {prompt.count(f"({option.label}) ") for option in sample.options} == {0}


def test_rows_as_the_makers_prepare_them_are_the_same_samples(tmp_path: Path) -> None:
    hub, prepared = TASK.forms
    path = NAMED.samples / "medxpertqa" / "Text" / "test.jsonl"
    rows = read_rows(path)
    file = tmp_path / "medxpertqa" / "medxpertqa_text_input.jsonl"
    file.parent.mkdir()
    with open(file, "w", encoding="utf-8") as lines:
        for row in rows:
            listed = [{"letter": letter, "content": text} for letter, text in row["options"].items()]
            print(json.dumps({**row, "options": listed, "label": [row["label"]]}), file=lines)
    samples, form = TASK.load("medxpertqa", Supply.only(tmp_path), sample=True)
    assert form == prepared
    assert samples == tuple([hub.to_sample(row) for row in rows])


def test_every_part_has_rows_of_our_own() -> None:
    samples, _ = TASK.load("medxpertqa", Supply.only(NAMED.samples), sample=True)
    found = {part: {sample.slices[part] for sample in samples} for part in TASK.slices}
    assert found["medical_task"] == {"Basic Science", "Diagnosis", "Treatment"}
    assert found["question_type"] == {"Reasoning", "Understanding"}
    assert found["body_system"] == {
        "Cardiovascular", "Digestive", "Endocrine", "Integumentary", "Lymphatic", "Muscular", "Nervous", "Other / NA",
        "Reproductive", "Respiratory", "Skeletal", "Urinary",
    }  # fmt: skip


def test_five_solved_examples_name_letters_beyond_e() -> None:
    sitting = sit("medxpertqa", TASK, Setting(data="sample", style="letters", shots=5), Supply.only(NAMED.samples))
    (request,) = next(sitting.talk(sitting.takes[0]))
    assert request.text.count("\nAnswer: ") == 5
    assert "\nAnswer: J\n\nQuestion: " in request.text


def test_files_of_the_hub_are_pinned_by_content_and_by_commit() -> None:
    (file,), (dev,) = TASK.forms[0].files, TASK.forms[0].exemplars
    assert TASK.forms[0].pinned
    assert file.sha256 != dev.sha256
    assert getattr(file, "revision", "") == getattr(dev, "revision", "") == "7e7c465a68eb2b866926bfa59c8c9d17a8daba65"


def test_a_label_that_is_none_of_the_options_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "medxpertqa" / "Text" / "test.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**ROW, "options": {"A": "One", "B": "Two"}}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 1: the right answer \('I',\) is not among the options"):
        TASK.load("medxpertqa", Supply.only(tmp_path), sample=True)
