"""Declared numbers: the project's own hold what they promise, and a bad file is told in a sentence a fault."""

from pathlib import Path

import pytest

from medeval.catalog import find, own_folder
from medeval.errors import RequestError
from medeval.parity import Declared, chosen, declared, references

HEAD = 'title = "A paper"\nsource = "Somebody, 2025"\nurl = "https://example.org/paper"\n'
NUMBER = 'task = "exam"\ntitle = "a model"\nmanner = "as they do"\nmetric = "accuracy"\npublished = "50.0"\nn = 12\n'
OUTPUTS = 'outputs = "told.jsonl"\n'
OWN = declared()


def file(folder: Path, text: str) -> Path:
    path = folder / "numbers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> tuple[str, ...]:
    with pytest.raises(RequestError) as refused:
        declared([path])
    return refused.value.faults


def test_a_file_is_a_source_and_a_table_is_a_number(tmp_path: Path) -> None:
    (found,) = declared([file(tmp_path, f"{HEAD}[first]\n{NUMBER}{OUTPUTS}")])
    assert (found.name, found.label, found.source.title) == ("first", "numbers-first", "A paper")
    assert (found.reference.published, found.reference.n, found.reference.unit) == ("50.0", 12, "per cent")


def test_a_folder_is_read_file_by_file_and_an_empty_one_is_told(tmp_path: Path) -> None:
    file(tmp_path, f"{HEAD}[first]\n{NUMBER}{OUTPUTS}[second]\n{NUMBER}model = 'baseline:majority'\n")
    assert [each.name for each in declared([tmp_path])] == ["first", "second"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusal(empty) == (f"{empty}: no references there. Name a .toml file, or a folder of them.",)
    assert refusal(tmp_path / "none.toml") == (
        f"{tmp_path / 'none.toml'}: no references there. Name a .toml file, or a folder of them.",
    )


def number(fields: str = OUTPUTS, head: str = HEAD, **changed: str) -> str:
    """A file with one number, of which some lines are others; an empty line is none."""
    lines = [changed.get(line.partition(" ")[0], line) for line in NUMBER.splitlines()]
    return "\n".join([head, "[a]", *lines, fields])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (number(OUTPUTS + "colour = 'red'"), "[a] contains unknown field `colour`."),
        (number(n=""), "[a] missing required field `n`."),
        (number(published="published = 50.0"), "[a] Expected `str`, got `float` at `published`."),
        (number(title=f"title = '{'a' * 45}'"), "[a] Expected `str` of length <= 44 at `title`."),
        (number(n="n = 0"), "[a] Expected `int` >= 1 at `n`."),
        (number(""), "[a] needs either outputs or a model, and not both."),
        (number(OUTPUTS + "model = 'baseline:random'"), "[a] needs either outputs or a model, and not both."),
        (number("model = 'baseline:random'\nfield = 'x'"),
         "[a] has rows, field, by_order, probabilities or tolerance, which are about outputs, and a model."),
        (number(OUTPUTS + "style = 'letters'"), "[a] has a style or shots, which are about a model, and outputs."),
        (number(OUTPUTS + "tolerance = 0.1"), "[a] Expected `str`, got `float` at `tolerance`."),
        (number("model = 'org/name'"),
         "[a] names a model of the hub and no style; say letters, options, written or reasoned."),
        (number(OUTPUTS + "count = 7"), "[a] has count 7 of n 12, which is 58.33, and published 50.0."),
        (number(OUTPUTS + "count = 13"), "[a] has count 13 of n 12, which is 108.33, and published 50.0."),
        (HEAD, "declares no number. A number is a table, [name], with task, published and so on."),
        (number(head=""), "missing required field `title`."),
        (number(head=f"{HEAD}n = 3"), "contains unknown field `n`."),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = file(tmp_path, text)
    assert refusal(path) == (f"{path}: {said}",)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("model = 'baseline:random'\nprobabilities = 'x'", "probabilities"),
        (OUTPUTS + "field = 'x'\nprobabilities = 'y'", "probabilities"),
        ("model = 'org/name'\nstyle = 'letters'\ntolerance = '0.2'", "tolerance"),
    ],
)
def test_a_field_that_would_be_passed_over_is_refused(tmp_path: Path, fields: str, named: str) -> None:
    (said,) = refusal(file(tmp_path, number(fields)))
    assert named in said.partition("[a]")[2]


@pytest.mark.parametrize("tolerance", ["-0.1", "0.1 %", "1e-4", "."])
def test_a_tolerance_is_written_in_digits(tmp_path: Path, tolerance: str) -> None:
    (said,) = refusal(file(tmp_path, number(f"{OUTPUTS}tolerance = '{tolerance}'")))
    assert "[a] Expected `str` matching regex" in said


@pytest.mark.parametrize("published", ["fifty", "50.", "-3", "50 %", "1e2", ""])
def test_a_published_number_is_written_in_digits(tmp_path: Path, published: str) -> None:
    path = file(tmp_path, number(published=f"published = '{published}'"))
    (said,) = refusal(path)
    assert said.startswith(f"{path}: [a] Expected `str` matching regex")


@pytest.mark.parametrize("outputs", ["../told.jsonl", "/etc/told.jsonl", "a/../../told.jsonl"])
def test_outputs_lie_in_the_folder_that_the_user_names(tmp_path: Path, outputs: str) -> None:
    path = file(tmp_path, number(f"outputs = '{outputs}'"))
    assert refusal(path) == (
        f"{path}: [a] has outputs at '{outputs}', which must lie in the folder that the user names.",
    )


@pytest.mark.parametrize("url", ["http://example.org", "javascript:alert(1)", "https://a b", 'https://a"b'])
def test_only_safe_addresses_are_linked_to(tmp_path: Path, url: str) -> None:
    path = file(tmp_path, number(head=HEAD.replace('"https://example.org/paper"', f"'{url}'")))
    assert refusal(path) == (f"{path}: url is {url!r}. Only https:// is linked to; else leave it away.",)


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = file(tmp_path, "title = \n")
    (said,) = refusal(path)
    assert said.startswith(f"{path}: cannot be read (Invalid value (at line 1,")


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    one = file(tmp_path, f"{number(OUTPUTS + 'colour = 1')}\n[b]\n{NUMBER}outputs = 3\n")
    two = tmp_path / "other.toml"
    two.write_text(number(""), encoding="utf-8")
    assert refusal(tmp_path) == (
        f"{one}: [a] contains unknown field `colour`.",
        f"{one}: [b] Expected `str`, got `int` at `outputs`.",
        f"{two}: [a] needs either outputs or a model, and not both.",
    )


def test_numbers_of_one_task_can_be_chosen() -> None:
    assert {each.reference.task for each in chosen(OWN, ["pubmedqa"])} == {"pubmedqa"}
    assert chosen(OWN, []) == OWN
    with pytest.raises(RequestError, match=r"No number is declared for medqua\. There are: aci_bench, medmcqa, medqa"):
        chosen(OWN, ["medqua"])


def test_no_number_of_the_projects_own_waits_for_anything() -> None:
    assert [each.label for each in OWN if each.reference.needs] == []


def test_a_tolerance_is_only_where_the_makers_way_is_not_known_in_full() -> None:
    assert {each.label: each.reference.tolerance for each in OWN if each.reference.tolerance} == {
        "mistral_medqa-ece": "0.0002", "mistral_medqa-auroc": "0.0002",
    }  # fmt: skip


def test_a_rule_that_draws_nothing_is_held_to_the_last_decimal() -> None:
    held = {each.label: each.reference.same for each in OWN}
    assert held["pubmedqa-majority-accuracy"] == "outputs"
    assert held["mirage-gpt-4-32k-medqa"] == "outputs"
    assert held["lm_eval-medgemma-27b-medqa"] == "model"


# --- the project's own ---


def test_the_projects_own_references_stand_beside_its_tasks_and_are_none() -> None:
    assert references.own_folder() == own_folder() / "parity"
    assert "parity" not in find().tasks
    assert len({each.label for each in OWN}) == len(OWN)


@pytest.mark.parametrize("each", OWN, ids=lambda each: each.label)
def test_a_reference_is_of_a_known_task_and_metric_or_waits_for_one(each: Declared) -> None:
    tasks, reference = find().tasks, each.reference
    named = tasks.get(reference.task)
    there = named is not None and reference.metric in {
        metric.name for metric in (*named.task.metrics, *named.task.also)
    }
    # What arrives waits no longer: whoever adds the metric takes the line `needs` out.
    assert there != bool(reference.needs), each.place
    if there:
        assert reference.n == tasks[reference.task].task.rows
    assert each.source.url
