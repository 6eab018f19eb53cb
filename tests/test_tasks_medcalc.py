"""What others got wrong about MedCalc-Bench, and the real file of its first version."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.catalog import find
from medeval.engines.scripted import Scripted
from medeval.records import Estimate, OpenSample, Reply, Request, Result, Sample, Setting
from medeval.sitting import sit
from medeval.sources import Supply, read_rows
from medeval.task import Worded

CATALOG = find()
NAMES = ("medcalc", "medcalc_v1_2", "medcalc_v1_0")
TASK = CATALOG.named("medcalc").task
OWN = CATALOG.named("medcalc").samples


def own(name: str) -> tuple[Worded, ...]:
    return CATALOG.named(name).task.load(name, Supply.only(OWN), sample=True)[0]


def value(sample: Sample) -> OpenSample:
    assert isinstance(sample, OpenSample)
    return sample


def run(name: str, says: Callable[[OpenSample], str], tmp_path: Path, data: Path | str = "sample") -> Result:
    """Ask every question, and answer as a function of its sample."""
    task = CATALOG.named(name).task
    sample = data == "sample"
    supply = Supply.only(OWN if sample else Path(data))
    setting = Setting(data="sample" if sample else "real", style="written")
    sitting = sit(name, task, setting, supply)
    said = {next(sitting.talk(take))[0].text: says(value(take.sample)) for take in sitting.takes}

    def script(request: Request) -> Reply | str:
        return said[request.text]

    found = medeval.evaluate(
        model=Scripted(script), tasks=[name], data=data, reports=tmp_path, style="written", offline=True
    )  # fmt: skip
    return found.results[0]


def named(result: Result, metric: str) -> Estimate:
    return next(each for each in result.estimates if each.metric == metric)


# --- the shape of rows --------------------------------------------------------------------


def test_versions_are_tasks_of_their_own_with_files_of_their_own() -> None:
    tasks = [CATALOG.named(name).task for name in NAMES]
    assert [task.rows for task in tasks] == [1100, 1100, 1047]
    places = {(task.folder, task.forms[0].files[0].path) for task in tasks}
    assert len(places) == 3
    assert len({task.title for task in tasks}) == 3


def test_weeks_and_days_are_told_by_the_answer_and_not_by_the_output_type() -> None:
    rows = read_rows(OWN / "medcalc" / "test_data.csv") + read_rows(OWN / "medcalc_verified" / "test_data.csv")
    types = {row["Output Type"] for row in rows if "weeks" in row["Ground Truth Answer"]}
    assert types == {"integer", "date"}
    for name in NAMES:
        outputs = {value(sample).references[0]: sample.slices["output"] for sample in own(name)}
        assert {output for gold, output in outputs.items() if "weeks" in gold} == {"weeks and days"}
        assert {output for gold, output in outputs.items() if "/" in gold} == {"date"}


def test_every_kind_of_answer_and_every_category_is_among_our_rows() -> None:
    samples = own("medcalc")
    assert {sample.slices["output"] for sample in samples} == {"decimal", "integer", "date", "weeks and days"}
    assert {sample.slices["category"] for sample in samples} == {
        "lab test", "physical", "dosage", "date", "risk", "severity", "diagnosis",
    }  # fmt: skip
    golds = [value(sample).references[0] for sample in samples]
    assert "0" in golds
    assert [gold for gold in golds if gold.startswith("-") and "." in gold]


def test_an_output_type_that_nobody_knows_is_a_fault_of_the_row() -> None:
    row = {**read_rows(OWN / "medcalc_verified" / "test_data.csv")[0], "Output Type": "fraction"}
    with pytest.raises(ValueError, match="Output Type is 'fraction'"):
        TASK.forms[0].to_sample(row)


def test_templates_are_numbered_anew_for_every_calculator_and_are_one_cluster_each() -> None:
    rows = {row["Row Number"]: row for row in read_rows(OWN / "medcalc_verified" / "test_data.csv")}
    clusters = {sample.id: sample.cluster for sample in own("medcalc")}
    made = {key: row for key, row in rows.items() if row["Note Type"] == "Template"}
    assert len({row["Note ID"] for row in made.values()}) < len({row["Calculator ID"] for row in made.values()})
    for key, row in rows.items():
        assert clusters[key] == (f"template {row['Calculator ID']}" if key in made else row["Note ID"])
    assert Counter(clusters.values())["template 69"] == 2
    read = TASK.forms[0].to_sample
    # Notes by clinicians are numbered so too, and are no template.
    written = {**rows["1"], "Note ID": "1", "Note Type": "Extracted"}
    assert {read({**written, "Calculator ID": number}).cluster for number in ("2", "21")} == {"2-1", "21-1"}


def test_the_example_that_is_shown_is_of_the_same_calculator() -> None:
    sitting = sit("medcalc", TASK, Setting(data="sample", style="written", shots=1), Supply.only(OWN))
    shown = {value(each).slices["calculator"]: each for each in TASK.exemplars(TASK.forms[0], Supply.only(OWN))}
    for take in sitting.takes:
        (request,) = next(sitting.talk(take))
        example = value(shown[take.sample.slices["calculator"]])
        # In plain text the value goes on with the line that begins, and nothing is said twice.
        assert request.text.startswith(f"Patient: {example.stem}\nAnswer: {example.references[0]}\n\nPatient: ")


# --- what counts --------------------------------------------------------------------------


def test_lab_tests_count_like_every_other_category(tmp_path: Path) -> None:
    result = run("medcalc", lambda sample: f"Answer: {sample.references[0]}", tmp_path)
    assert result.first.value == 1.0
    wrong = run("medcalc", lambda sample: "Answer: -999", tmp_path / "wrong")
    assert wrong.first.value == 0.0
    assert named(wrong, "value_read").value == pytest.approx(24 / 28)  # a number is no date


def test_decimals_count_up_to_their_limits_and_scores_to_the_point(tmp_path: Path) -> None:
    def off(sample: OpenSample) -> str:
        gold = sample.references[0]
        output = sample.slices["output"]
        if output in {"decimal", "integer"}:
            return f"Answer: {float(gold) + 0.04 * abs(float(gold)) + (output == 'integer')}"
        return f"Answer: {gold}"

    result = run("medcalc", off, tmp_path)
    samples = own("medcalc")
    # 4 % off is right; one point more is wrong.
    scores = sum(sample.slices["output"] == "integer" for sample in samples)
    assert result.first.value == pytest.approx(1 - scores / len(samples))


def test_a_percentage_is_the_number_that_was_asked_for(tmp_path: Path) -> None:
    def says(sample: OpenSample) -> str:
        gold = sample.references[0]
        return f"Answer: {gold} %" if "sodium, as a percentage" in sample.stem else f"Answer: {gold}"

    assert run("medcalc", says, tmp_path).first.value == 1.0


@pytest.mark.parametrize(
    "dress",
    [
        "{}",
        "The note says 71 years, 66 kg and 01/01/2001, at 3 weeks and 2 days.\n\n**Answer: {}**",
        '{{"step_by_step_thinking": "71 years and 66 kg; 71 + 66 = 137", "answer": "{}"}}',
        "<think>Perhaps the answer is 9, or 02/02/2002, or 4 weeks and 4 days.</think>\nAnswer: {}",
        "$\\boxed{{{}}}$",
    ],
)
def test_the_gold_answer_is_right_in_every_dress(dress: str, tmp_path: Path) -> None:
    result = run("medcalc", lambda sample: dress.format(sample.references[0]), tmp_path)
    assert (result.first.value, named(result, "value_read").value) == (1.0, 1.0)


def test_the_total_of_a_score_is_not_taken_for_the_score(tmp_path: Path) -> None:
    def says(sample: OpenSample) -> str:
        gold = sample.references[0]
        # A score below nothing has no total.
        score = sample.slices["output"] == "integer" and not gold.startswith("-")
        return f"Answer: {gold}/15 (E3 V4 M5)" if score else f"Answer: {gold}"

    result = run("medcalc", says, tmp_path)
    assert result.first.value == 1.0


def test_nothing_that_a_model_writes_is_executed(tmp_path: Path) -> None:
    told = tmp_path / "told"
    result = run("medcalc", lambda _: f"Answer: __import__('pathlib').Path({str(told)!r}).write_text('x')", tmp_path)
    assert result.first.value == 0.0
    assert named(result, "value_read").value == 0.0
    assert not told.exists()


# --- the real file of v1.0 ----------------------------------------------------------------


def test_the_real_file_has_the_counts_of_its_categories_and_outputs(real: Path) -> None:
    samples, _ = CATALOG.named("medcalc_v1_0").task.load("medcalc_v1_0", Supply.only(real))
    assert Counter(sample.slices["category"] for sample in samples) == {
        "lab": 327, "risk": 240, "physical": 240, "severity": 80, "diagnosis": 60, "date": 60, "dosage": 40,
    }  # fmt: skip
    assert Counter(sample.slices["output"] for sample in samples) == {
        "decimal": 627, "integer": 360, "date": 40, "weeks and days": 20,
    }  # fmt: skip
    assert len({sample.slices["calculator"] for sample in samples}) == 55
    # 220 questions of 11 templates, 200 notes by clinicians, and 591 of others, about which several may ask.
    clusters = Counter(sample.cluster for sample in samples)
    assert sorted(count for name, count in clusters.items() if name.startswith("template ")) == [20] * 11
    assert len(clusters) == 11 + 200 + 591


def test_no_real_gold_lies_outside_of_its_own_limits_and_zeros_have_no_room(real: Path) -> None:
    samples, _ = CATALOG.named("medcalc_v1_0").task.load("medcalc_v1_0", Supply.only(real))
    decimals = [tuple(map(float, value(each).references)) for each in samples if each.slices["output"] == "decimal"]
    assert [each for each in decimals if not each[1] <= each[0] <= each[2]] == []
    assert sum(each == (0.0, 0.0, 0.0) for each in decimals) == 21
    rows = read_rows(real / "medcalc" / "test_data.csv")
    doubled = Counter((row["Patient Note"], row["Question"]) for row in rows)
    assert sorted(count for count in doubled.values() if count > 1) == [2, 2, 2, 2, 2, 2, 3]


def test_an_oracle_of_the_real_file_is_right_everywhere_and_one_that_is_off_nowhere(real: Path, tmp_path: Path) -> None:
    result = run("medcalc_v1_0", lambda sample: f"Answer: {sample.references[0]}", tmp_path, real)
    assert (result.first.value, result.first.n, result.first.failed) == (1.0, 1047, 0)
    assert named(result, "value_read").value == 1.0

    def off(sample: OpenSample) -> str:
        gold = sample.references[0]
        if sample.slices["output"] in {"decimal", "integer"}:
            return f"Answer: {float(gold) + abs(float(gold)) / 10 + 1}"
        return f"Answer: {re.sub(r'[0-9]+(?=[^0-9]*$)', lambda last: str(int(last[0]) + 1), gold)}"

    assert run("medcalc_v1_0", off, tmp_path / "off", real).first.value == 0.0
