"""Every task of the project is tested by existing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.catalog import Named, find
from medeval.engines.scripted import Scripted
from medeval.errors import DataError
from medeval.records import ChoiceSample, Failure, Reply, Request, Response, Result, Setting, Style
from medeval.sources import read_rows
from medeval.task import sit

CATALOG = find()
GOLDENS = Path(__file__).parent / "goldens" / "prompts"
every_task = pytest.mark.parametrize("named", CATALOG.tasks.values(), ids=lambda named: named.name)

# What must come out on the real data: published majorities, and the longest option where it is published.
FLOORS = {
    ("majority", "medqa", "accuracy"): 27.73,
    ("majority", "pubmedqa", "accuracy"): 55.20,
    ("majority", "pubmedqa", "macro_f1"): 23.71,
    ("majority", "medmcqa", "accuracy"): 32.23,
    ("longest", "medmcqa", "accuracy"): 30.86,
}


def sample_run(named: Named, script: Callable[[Request], Reply | str], tmp_path: Path, style: Style) -> Result:
    found = medeval.evaluate(model=Scripted(script), tasks=[named.name], data="sample", reports=tmp_path, style=style)
    return found.results[0]


@every_task
def test_there_are_sample_rows_of_our_own_and_exemplars(named: Named) -> None:
    samples, form = named.task.load(named.name, named.samples, sample=True)
    assert len(samples) >= 24
    shown = named.task.exemplars(form, named.samples)
    assert len(shown) >= 5
    assert not {each.question for each in shown} & {sample.question for sample in samples}


@every_task
def test_the_golden_prompts_are_what_is_asked(named: Named) -> None:
    samples, _ = named.task.load(named.name, named.samples, sample=True)
    for style, wording in named.task.wordings.items():
        golden = GOLDENS / f"{named.name}.{style}.txt"
        asked = "\n=====\n".join(wording(sample) for sample in samples[:3]) + "\n"
        if os.environ.get("MEDEVAL_WRITE_GOLDENS"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(asked, encoding="utf-8")
        assert asked == golden.read_text(encoding="utf-8")


@every_task
@pytest.mark.parametrize("style", ["letters", "written"])
def test_an_oracle_scores_best_on_every_metric(named: Named, style: Style, tmp_path: Path) -> None:
    sitting = sit(named.name, named.task, Setting(data="sample", style=style), named.samples)
    right = {named.task.wordings[style](sample): sample.target[0] for sample in sitting.samples}

    def script(request: Request) -> Reply | str:
        target = right[request.text]
        if not request.choices:
            return f"The answer is {target}."
        return Response(logprobs=tuple([0.0 if choice.label == target else -9.0 for choice in request.choices]))

    result = sample_run(named, script, tmp_path, style)
    assert [estimate.value for estimate in result.estimates] == [1.0] * len(named.task.metrics)
    assert result.first.unread == result.first.failed == 0


@every_task
def test_a_mute_model_is_all_unread_and_wrong(named: Named, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: "", tmp_path, "written")
    assert result.first.unread == result.first.n
    assert result.first.value == 0.0


@every_task
def test_a_broken_engine_is_no_wrong_answer(named: Named, tmp_path: Path) -> None:
    result = sample_run(named, lambda _: Failure(failure="engine_error", reason="gone"), tmp_path, "written")
    assert (result.first.value, result.first.n) == (None, 0)
    assert f"partial: {result.first.failed} not measured" in result.flags


@every_task
def test_guessing_lands_near_the_declared_chance(named: Named, tmp_path: Path) -> None:
    hits = asked = 0.0
    for seed in range(40):
        found = medeval.evaluate(
            model="baseline:random", tasks=[named.name], data="sample", reports=tmp_path / str(seed), seed=seed
        )
        first = found.results[0].first
        hits += (first.value or 0.0) * first.n
        asked += first.n
    chance = named.task.chance
    assert abs(hits / asked - chance) < 4 * (chance * (1 - chance) / asked) ** 0.5


@every_task
def test_the_real_data_load_and_have_as_many_rows_as_declared(named: Named, real: Path) -> None:
    samples, form = named.task.load(named.name, real)
    assert len(samples) == named.task.rows
    assert form.pinned


@pytest.mark.parametrize("rule", ["majority", "longest"])
def test_the_floors_come_out_on_the_real_data(rule: str, real: Path, tmp_path: Path) -> None:
    found = medeval.evaluate(model=f"baseline:{rule}", tasks=["exams_en"], data=real, reports=tmp_path)
    values = {
        (rule, result.task, estimate.metric): round(100 * (estimate.value or 0), 2)
        for result in found.results
        for estimate in result.estimates
    }
    wanted = {key: value for key, value in FLOORS.items() if key[0] == rule}
    assert {key: values[key] for key in wanted} == wanted


def test_pubmedqa_asks_the_official_five_hundred_and_never_shows_the_conclusion(real: Path) -> None:
    named = CATALOG.named("pubmedqa")
    samples, _ = named.task.load("pubmedqa", real)
    truth = {row["_id"]: row["value"] for row in read_rows(real / "pubmedqa" / "test_ground_truth.json")}
    assert {sample.id: sample.target[0] for sample in samples} == truth
    rows = {row["_id"]: row for row in read_rows(real / "pubmedqa" / "ori_pqal.json")}
    assert list(rows)[-500:] != [sample.id for sample in samples]
    for sample in samples:
        for wording in named.task.wordings.values():
            assert rows[sample.id]["LONG_ANSWER"] not in wording(sample)


def test_both_forms_of_medmcqa_mean_the_same_option() -> None:
    original, hub = CATALOG.named("medmcqa").task.forms
    row = {"_id": "0", "id": "s1", "question": "?", "subject_name": "Skin", **{f"op{x}": x for x in "abcd"}}
    for form, third in ((original, 3), (hub, 2)):
        sample = form.to_sample({**row, "cop": third})
        assert isinstance(sample, ChoiceSample)
        assert sample.target == ("C",)
    for form, wrong in ((original, 0), (original, 5), (hub, -1), (hub, 4)):
        with pytest.raises(ValueError, match="cop is"):
            form.to_sample({**row, "cop": wrong})


def test_a_hidden_test_answer_of_medmcqa_is_told_apart(tmp_path: Path) -> None:
    # The hub's test split carries -1 for every answer.
    from pyarrow import Table, parquet

    row = {"id": "s1", "question": "?", "subject_name": "Skin", "cop": -1, **{f"op{x}": x for x in "abcd"}}
    path = tmp_path / "medmcqa" / "data" / "validation-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    parquet.write_table(Table.from_pylist([row]), path)
    with pytest.raises(DataError, match="row 1: ValueError: cop is -1"):
        CATALOG.named("medmcqa").task.load("medmcqa", tmp_path, sample=True)


def test_the_two_options_with_one_text_of_medmcqa_are_counted(real: Path) -> None:
    samples, _ = CATALOG.named("medmcqa").task.load("medmcqa", real)
    assert sum(len({option.text for option in sample.options}) < 4 for sample in samples) == 21


def test_the_stray_quotes_of_medqa_are_gone_and_whole_quotations_are_not(real: Path) -> None:
    samples, _ = CATALOG.named("medqa").task.load("medqa", real)
    texts = [option.text for sample in samples for option in sample.options]
    assert not [text for text in texts if text.endswith('"') and text.count('"') % 2]
    assert sum(text.startswith('"') for text in texts) == 12
