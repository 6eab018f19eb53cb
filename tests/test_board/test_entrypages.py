"""The page of an entry: what it is, where it comes from, every number, and the command that makes them again."""

from pathlib import Path
from typing import Any

import pytest

from medeval.board import entrypages
from medeval.board.words import Words
from medeval.records import Setting
from tests.test_board import shelves


def page(root: Path, slug: str = "one") -> entrypages.Page:
    """The page of an entry in English."""
    there = shelves.board(root)
    return entrypages.page(there, there.entries[slug], Words("en"), there.homes)


def test_every_cell_is_a_line_and_examples_come_last(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0] * 3 + [0.0]), "pubmedqa")
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), "medmcqa", data="(sample)")
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    numbers = page(tmp_path).numbers
    assert [(each.title.partition(" (")[0], each.value, each.interval, each.n, each.sample) for each in numbers] == [
        ("MedQA", "50.0", "10.0 – 90.0", "2", False), ("PubMedQA", "75.0", "10.0 – 90.0", "4", False),
        ("MedMCQA", "50.0", "10.0 – 90.0", "2", True),
    ]  # fmt: skip
    assert (numbers[0].href, numbers[0].task_href) == ("../cell/one/medqa.html", "../task/medqa.html")


def test_a_rank_is_told_where_there_is_more_than_one(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0] * 38 + [0.0] * 2))
    assert [(each.rank, each.of) for each in page(tmp_path).numbers] == [("", 1)]
    shelves.cell(tmp_path, "two", shelves.lines([1.0] * 2 + [0.0] * 38))
    shelves.cell(tmp_path, "three", shelves.lines([1.0] * 3 + [0.0] * 37))
    assert [(each.rank, each.of) for each in page(tmp_path).numbers] == [("1", 3)]
    assert [(each.rank, each.of) for each in page(tmp_path, "two").numbers] == [("2–3", 3)]


def test_a_card_says_what_people_declared(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    shelves.declared(
        tmp_path, "one", about="A small model.", licence="MIT", stage="alignment", tags=["open", "8b"],
        url="https://example.org/one",
    )  # fmt: skip
    made = page(tmp_path)
    assert (made.lead, made.url) == ("A small model.", "https://example.org/one")
    facts = dict(made.facts)
    assert (facts["stage"], facts["tags"], facts["licence"]) == ("alignment", "open, 8b", "MIT")
    assert (facts["engine"], facts["model"]) == ("vllm 1", "one")
    assert "context" not in facts, "what nobody knows is not told"


def test_ancestors_are_followed_to_the_first_and_children_are_named(tmp_path: Path) -> None:
    for entry, parent in (("one", "middle"), ("middle", "root"), ("child", "one")):
        shelves.cell(tmp_path, entry, shelves.lines([1.0, 0.0]))
        shelves.declared(tmp_path, entry, parent=parent)
    made = page(tmp_path)
    assert made.parents == (("middle", "../entry/middle.html"), ("root", ""))
    assert made.children == (("child", "../entry/child.html"),)


def test_a_circle_of_parents_is_followed_once(tmp_path: Path) -> None:
    for entry, parent in (("one", "two"), ("two", "three"), ("three", "one")):
        shelves.cell(tmp_path, entry, shelves.lines([1.0, 0.0]))
        shelves.declared(tmp_path, entry, parent=parent)
    assert [name for name, _ in page(tmp_path).parents] == ["two", "three"]


def test_runs_tell_when_how_long_and_how_many_tokens(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0] * 200), spent=(12_000, 1234.56, 0.25))
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), "pubmedqa")
    assert page(tmp_path).runs == (("medqa", "2026-01-01 08:00", "1,234.6", "2,000 / 12,000", "0.25"),)


def test_a_group_has_its_number_beside_those_of_its_tasks(shelf: Path) -> None:
    made = page(shelf, "atlas-8b")
    ((name, value, interval),) = made.groups
    members = [float(each.value) for each in made.numbers if each.title.startswith("MMLU")]
    assert (name, len(members)) == ("mmlu_medical@sample", 6)
    assert float(value) == pytest.approx(sum(members) / 6, abs=0.1)
    low, high = map(float, interval.split(" – "))
    assert low < float(value) < high


def test_what_is_not_finished_is_named(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    (shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), "pubmedqa") / "result.json").unlink()
    assert page(tmp_path).unfinished == ("one/pubmedqa",)


# --- the command --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "options"),
    [
        ({}, " --style letters"),
        ({"style": "reasoned", "shots": 5, "limit": 20, "seed": 3}, " --style reasoned --shots 5 --limit 20 --seed 3"),
        (
            {"repeats": 3, "protocol": "mirage", "data": "sample"},
            " --style letters --repeats 3 --protocol mirage --data sample",
        ),
    ],
)
def test_the_command_says_what_differs_from_the_plain_way(tmp_path: Path, setting: Any, options: str) -> None:
    for task in ("medqa", "pubmedqa"):
        shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), task, setting=Setting(**setting))
    assert page(tmp_path).command == f"medeval run --model one --tasks medqa,pubmedqa{options} --label one"


def test_the_command_of_a_rule_names_it_as_one(shelf: Path) -> None:
    said = page(shelf, "baseline-longest").command
    assert said.startswith("medeval run --model baseline:longest --tasks cmb_exam,cmtmedqa_safety,medqa,")
    assert said.endswith(" --data sample --label baseline-longest")


def test_a_name_is_quoted_for_a_shell(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "One; rm -rf ~", shelves.lines([1.0, 0.0]))
    (slug,) = shelves.board(tmp_path).entries
    assert page(tmp_path, slug).command.endswith(" --label 'One; rm -rf ~'")


@pytest.mark.parametrize(
    ("setting", "option"),
    [
        ({"order": "shuffled", "shuffles": 4}, "--options shuffled --shuffles 4"),
        ({"wordings": 3}, "--wordings 3"),
        ({"system": "Be brief."}, "--system 'Be brief.'"),
        ({"prefill": "Well,"}, "--prefill Well,"),
    ],
)
def test_the_command_asks_the_same_questions(tmp_path: Path, setting: Any, option: str) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), setting=Setting(**setting))
    assert option in page(tmp_path).command


def test_texts_that_were_made_elsewhere_are_not_run_again(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "theirs", shelves.lines([1.0, 0.0]), setting=Setting(elsewhere=True))
    assert not page(tmp_path, "theirs").command.startswith("medeval run")


def test_what_was_answered_and_never_marked_is_told_and_has_no_number(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    shelves.cell(tmp_path, "one", shelves.lines([120.0, 80.0], "length"), "healthbench@written", "length", better="")
    made = page(tmp_path)
    assert (len(made.numbers), made.unmarked) == (1, ("healthbench@written",))
