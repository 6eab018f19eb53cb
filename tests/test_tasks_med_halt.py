"""What others got wrong about Med-HALT: whose answer stands among the options, and what a wrong one costs."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.records import ChoiceSample, Estimate, Request, Result, Row, Setting
from medeval.sitting import sit
from medeval.sources import Supply, read_rows
from tests.conftest import choice

CATALOG = find()
TESTS = {"fct": "reasoning_FCT", "nota": "reasoning_nota", "fake": "reasoning_fake"}
OWN = CATALOG.named("med_halt_fct").samples
FILES = OWN / "med_halt"
NONE, UNKNOWN = "None of the above", "I do not know"


def rows_of(test: str) -> dict[str, Row]:
    return {row["_id"]: row for row in read_rows(FILES / TESTS[test] / f"{TESTS[test]}.csv")}


def samples_of(test: str) -> list[ChoiceSample]:
    name = f"med_halt_{test}"
    return [choice(each) for each in CATALOG.named(name).task.load(name, Supply.only(OWN), sample=True)[0]]


def reading(test: str) -> Callable[[Row], ChoiceSample]:
    to_sample = CATALOG.named(f"med_halt_{test}").task.forms[0].to_sample
    return lambda row: choice(to_sample(row))


def right(sample: ChoiceSample) -> str:
    return next(option.text for option in sample.options if option.label in sample.target)


def run(test: str, says: Callable[[ChoiceSample], str], tmp_path: Path) -> Result:
    """Answer every question of our own rows as a function of its sample."""
    name = f"med_halt_{test}"
    task = CATALOG.named(name).task
    sitting = sit(name, task, Setting(data="sample", style="written"), Supply.only(OWN))
    said = {next(sitting.talk(take))[0].text: says(choice(take.sample)) for take in sitting.takes}

    def script(request: Request) -> str:
        return said[request.text]

    found = medeval.evaluate(
        model=Scripted(script), tasks=[name], data="sample", reports=tmp_path, style="written"
    )  # fmt: skip
    return found.results[0]


def named(result: Result, metric: str) -> Estimate:
    return next(each for each in result.estimates if each.metric == metric)


# --- what stands in the options -----------------------------------------------------------


def test_what_the_student_says_is_no_option_and_no_gold() -> None:
    rows = rows_of("fct")
    told = {"right": 0, "wrong": 0}
    for sample in samples_of("fct"):
        row = rows[sample.id]
        assert f"'correct answer': {row['student_answer']!r}" in row["options"]
        assert len(sample.options) == row["options"].count("': ") - 1
        assert right(sample) == row["correct_answer"]
        assert sample.question.endswith(f"\nA student answers: {row['student_answer']}")
        assert sample.slices["student"] == ("right" if row["student_answer"] == row["correct_answer"] else "wrong")
        told[sample.slices["student"]] += 1
    assert told["wrong"] > told["right"] > 1


def test_a_student_whose_answer_stands_in_its_column_alone_is_heard_too() -> None:
    row = {**rows_of("fct")["0000"], "options": "{'0': 'a', '1': 'b'}", "correct_index": "1", "student_answer": "a"}
    sample = reading("fct")(row)
    assert (sample.question.rpartition("\n")[2], sample.target) == ("A student answers: a", ("B",))


def test_none_of_the_above_is_right_wherever_it_stands() -> None:
    samples = samples_of("nota")
    assert {right(sample) for sample in samples} == {NONE}
    assert {sample.target[0] for sample in samples} == set("ABCDE")
    assert {len(sample.options) for sample in samples} == {4, 5}


def test_where_two_options_are_none_of_the_above_the_one_that_came_for_the_answer_counts() -> None:
    row = {**rows_of("nota")["0000"], "options": str({"0": NONE, "1": "x", "2": NONE}), "correct_index": "2"}
    assert reading("nota")(row).target == ("C",)


def test_not_knowing_is_found_by_its_words_and_not_by_its_place() -> None:
    samples = samples_of("fake")
    assert {right(sample).rstrip(".") for sample in samples} == {UNKNOWN}
    last = [sample.target[0] == sample.labels[-1] for sample in samples]
    assert 0 < sum(last) < len(last)
    assert {len(sample.options) for sample in samples} == {5, 6, 7}


@pytest.mark.parametrize(
    ("texts", "target"),
    [
        (["x", "I don't know!", "y"], "B"),
        (["x", "Conceding defeat before this riddle", "y"], "B"),
        (["I do not know whether it flies", "y", "I do not know"], "C"),
    ],
)
def test_not_knowing_may_be_written_otherwise(texts: list[str], target: str) -> None:
    options = str({str(place): text for place, text in enumerate(texts)})
    assert reading("fake")({**rows_of("fake")["0000"], "options": options}).target == (target,)


def test_a_fake_question_without_not_knowing_is_a_fault_of_its_row() -> None:
    row = {**rows_of("fake")["0000"], "options": "{'0': 'x', '1': 'y'}"}
    with pytest.raises(ValueError, match="no option says that one does not know"):
        reading("fake")(row)


def test_a_file_of_fake_questions_is_not_taken_for_another_test() -> None:
    with pytest.raises(ValueError, match="correct_index is empty"):
        reading("nota")(rows_of("fake")["0000"])


# --- how the options are read -------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("{'0': 'Virchow\\'s triad', '1': \"Murphy's sign\"}", ["Virchow's triad", "Murphy's sign"]),
        ("{'0': 'The \"hat\" virus', '1': 'a, b: c'}", ['The "hat" virus', "a, b: c"]),
        ("{'1': 'second', '0': 'first', '10': 'last', '2': 'third'}", ["first", "second", "third", "last"]),
        ('{"0": "in JSON", "1": "null"}', ["in JSON", "null"]),
        ("{'0': 5, '1': 7.5}", ["5", "7.5"]),
        ("{'0': ' blanks ', '1': 'na\\u00efve\\xa0one'}", ["blanks", "naïve\xa0one"]),
    ],
)
def test_options_are_read_whatever_their_quotes_and_order(written: str, texts: list[str]) -> None:
    sample = reading("nota")({**rows_of("nota")["0000"], "options": written, "correct_index": "1.0"})
    assert [option.text for option in sample.options] == texts
    assert sample.target == ("B",)


def test_other_quotes_do_not_make_json_of_every_row() -> None:
    readable = 0
    for row in rows_of("nota").values():
        try:
            json.loads(row["options"].replace("'", '"'))
        except ValueError:
            continue
        readable += 1
    assert readable < len(rows_of("nota"))


@pytest.mark.parametrize(
    "written",
    ["__import__('os').system('true')", "{'0': open('x')}", "{'0': 'cut", "['a', 'b']", "", "(" * 5000, "{'0': nan}"],
)
def test_options_that_are_no_literal_texts_are_faults_told_by_their_row(written: str, tmp_path: Path) -> None:
    path = tmp_path / "med_halt" / "reasoning_nota" / "reasoning_nota.csv"
    path.parent.mkdir(parents=True)
    row = {"question": "?", "options": written, "correct_index": "0"}
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [*row])
        table.writeheader()
        table.writerow(row)
    with pytest.raises(DataError, match=r"med_halt_nota, reasoning_nota.csv, row 1: \w+: the options are"):
        CATALOG.named("med_halt_nota").task.load("med_halt_nota", Supply.only(tmp_path), sample=True)


# --- points -------------------------------------------------------------------------------


def test_points_are_the_mean_of_a_question_and_silence_costs_none(tmp_path: Path) -> None:
    places = {sample.id: number for number, sample in enumerate(samples_of("nota"))}

    def says(sample: ChoiceSample) -> str:
        number = places[sample.id]
        wrong = next(label for label in sample.labels if label not in sample.target)
        return "" if number < 6 else f"Answer: {wrong}" if number < 14 else f"Answer: {sample.target[0]}"

    result = run("nota", says, tmp_path)
    assert result.first.value == pytest.approx(10 / 24)
    assert result.first.unread == 6
    # The makers' sum over 100 would be 0.08, whatever the number of questions.
    assert named(result, "pointwise").value == pytest.approx((10 - 8 / 4) / 24)


def test_who_is_always_wrong_has_less_than_nothing(tmp_path: Path) -> None:
    result = run("fct", lambda each: f"Answer: {next(x for x in each.labels if x not in each.target)}", tmp_path)
    points = named(result, "pointwise")
    assert points.value == -0.25
    assert points.low is not None
    assert points.low <= -0.25


def test_who_believes_the_student_is_right_where_the_student_is(tmp_path: Path) -> None:
    def says(sample: ChoiceSample) -> str:
        said = sample.question.rpartition("A student answers: ")[2]
        return f"Answer: {next(option.label for option in sample.options if option.text == said)}"

    result = run("fct", says, tmp_path)
    rows = rows_of("fct").values()
    share = sum(row["student_answer"] == row["correct_answer"] for row in rows) / len(rows)
    assert result.first.value == pytest.approx(share)
    assert named(result, "pointwise").value == pytest.approx(share - (1 - share) / 4)


def test_to_concede_in_other_words_is_told_apart_and_ornament_is_no_concession(tmp_path: Path) -> None:
    ornate = ("absurd", "nonsensical")

    def concedes(sample: ChoiceSample) -> str:
        words = ("Conceding", "Admitting", "Acknowledging")
        other = [option.label for option in sample.options if option.text.startswith(words)]
        return f"Answer: {other[0] if other else sample.target[0]}"

    result = run("fake", concedes, tmp_path)
    conceding = sum("ing that" in row["options"] for row in rows_of("fake").values())
    assert named(result, "owned_up").value == 1.0
    assert result.first.value == pytest.approx(1 - conceding / 24)

    def decorated(sample: ChoiceSample) -> str:
        wrong = [option for option in sample.options if option.label not in sample.target]
        chosen = next((each for each in wrong if any(word in each.text for word in ornate)), wrong[0])
        return f"Answer: {chosen.label}"

    assert any(word in row["options"] for row in rows_of("fake").values() for word in ornate)
    ornament = run("fake", decorated, tmp_path / "ornate")
    assert (named(ornament, "owned_up").value, ornament.first.value) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("reply", "share"), [("I do not know.", 1.0), ("Answer: I do not know", 1.0), ("I don't know, dear.", 0.0)]
)
def test_not_knowing_counts_in_the_words_of_the_option(reply: str, share: float, tmp_path: Path) -> None:
    result = run("fake", lambda _: reply, tmp_path)
    assert (result.first.value, result.first.unread) == (share, round(24 * (1 - share)))


# --- the makers' examples -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "place"), [("fct", "reasoning_FCT"), ("nota", "Reasoning_Nota"), ("fake", "reasoning_Fake")]
)
def test_the_makers_examples_are_read_with_all_the_spellings_of_their_fields(test: str, place: str) -> None:
    task = CATALOG.named(f"med_halt_{test}").task
    shown = [choice(each) for each in task.exemplars(task.forms[0], Supply.only(OWN))]
    shots = json.loads((FILES / "prompts" / place / "shots.json").read_text(encoding="utf-8"))["shots"][0]
    for sample, shot in zip(shown, shots, strict=True):
        said = shot["Output"]
        assert right(sample) == (said.get("cop") or said.get("correct answer") or said.get("correct_answer"))
        assert sample.explanation == said["why_correct"]
    keys = {key for shot in shots for key in shot["Output"]}
    assert test != "fct" or {"correct answer", "correct_answer"} <= keys


def test_the_hub_and_the_makers_repository_hold_fake_questions_of_one_shape() -> None:
    hub, original = CATALOG.named("med_halt_fake").task.forms
    row = rows_of("fake")["0003"]
    assert hub.to_sample(row) == original.to_sample(row)


def test_every_wording_tells_what_the_makers_tell_and_none_hides_the_options() -> None:
    for test, told in (("fct", "may be wrong"), ("nota", "none of the other options"), ("fake", "do not know")):
        task = CATALOG.named(f"med_halt_{test}").task
        assert "options" not in task.wordings
        sample = samples_of(test)[0]
        for wording in task.wordings.values():
            assert told in wording(sample).partition("\n")[0]
