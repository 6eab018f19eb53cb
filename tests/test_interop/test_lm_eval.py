"""Tasks of lm-eval through our engine and journal: every number is lm-eval's own, of every row and of all."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval.cli import say, walks
from medeval.evaluation import Evaluation, rescore
from medeval.openings import Means
from medeval.records import Estimate, Result
from medeval.reports import JOURNAL, RESULT, SAMPLES

KINDS = ("tiny_chosen", "tiny_blank", "tiny_told", "tiny_written", "tiny_shown@2", "tiny_marked")
NEAR = 1e-4
"""Log-probabilities of two programs in float32."""


@pytest.fixture(scope="session")
def theirs(models: Path, tasks: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What lm-eval itself makes of the tasks, with its own engine on the same weights."""
    out = tmp_path_factory.mktemp("theirs") / "numbers.json"
    script = Path(__file__).with_name("lm_eval_numbers.py")
    done = subprocess.run(
        [sys.executable, script, models / "tiny-base", tasks, out, *KINDS],
        env={**os.environ, "HF_HOME": str(out.parent / "cache")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def evaluate(models: Path, tasks: Path, root: Path, *names: str, shots: int | None = None) -> Evaluation:
    return medeval.evaluate(
        model=str(models / "tiny-base"), tasks=[f"lm-eval:{name}" for name in names], task_paths=[tasks],
        reports=root, offline=True, dtype="float32", device="cpu", shots=shots,
    )  # fmt: skip


@pytest.fixture(scope="session")
def ours(models: Path, tasks: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Result, Path]]:
    """What we make of them: by name, the result and its folder."""
    found: dict[str, tuple[Result, Path]] = {}
    root = tmp_path_factory.mktemp("ours")
    for shots in (None, 2):
        behind = f"@{shots}" if shots else ""
        names = [kind.removesuffix(behind) for kind in KINDS if ("@" in kind) == bool(shots)]
        made = evaluate(models, tasks, root, *names, shots=shots)
        for name, result, folder in zip(names, made.results, made.folders, strict=True):
            found[f"{name}{behind}"] = result, folder
    return found


def name_of(metric: str, passed: str) -> str:
    return metric if passed == "none" else f"{metric}_{passed.replace('-', '_').replace(' ', '_')}"


def samples(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / SAMPLES).read_text(encoding="utf-8").splitlines()]


def pairs(
    theirs: Mapping[str, Any], found: Mapping[str, tuple[Result, Path]]
) -> Iterator[tuple[str, str, float, Estimate]]:
    """Every number of lm-eval's, and ours."""
    for kind, (result, _) in found.items():
        known = {estimate.metric: estimate for estimate in result.estimates}
        values = {
            name_of(*key.split(",", 1)): value
            for key, value in theirs[kind]["results"].items()
            if "," in key and "_stderr," not in key
        }
        assert {*values} == {*known}, kind
        for name, value in values.items():
            yield kind, name, value, known[name]


def test_every_number_is_that_of_lm_eval(theirs: Mapping[str, Any], ours: Mapping[str, tuple[Result, Path]]) -> None:
    told = 0
    for kind, name, value, estimate in pairs(theirs, ours):
        assert estimate.value is not None
        if name in ("perplexity", "brier_score"):
            assert math.log(estimate.value) == pytest.approx(math.log(value), abs=NEAR), (kind, name)
        else:
            assert estimate.value == pytest.approx(value, abs=1e-9), (kind, name)
        told += 1
    assert told == 17


def texts(folder: Path) -> dict[int, str]:
    return {int(row["sample"]): row["exchanges"][0]["reply"].get("text", "") for row in samples(folder)}


def test_there_is_something_to_compare(theirs: Mapping[str, Any]) -> None:
    """Numbers that are all nought would be equal to anything."""
    for kind, name in (
        ("tiny_chosen", "acc,none"), ("tiny_chosen", "acc_norm,none"), ("tiny_chosen", "exact_match,none"),
        ("tiny_blank", "acc,none"), ("tiny_told", "acc,none"), ("tiny_shown@2", "acc,none"),
        ("tiny_written", "exact_match,first-word"), ("tiny_marked", "blank,none"),
    ):  # fmt: skip
        assert 0 < theirs[kind]["results"][name] < 1, (kind, name)
    assert theirs["tiny_written"]["results"]["bleu,as said"] > 0
    assert theirs["tiny_blank"]["results"]["mcc,none"] != 0
    assert theirs["tiny_chosen"]["results"]["acc,none"] != theirs["tiny_chosen"]["results"]["acc_norm,none"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_marked_as_lm_eval_marks_it(
    kind: str, theirs: Mapping[str, Any], ours: Mapping[str, tuple[Result, Path]]
) -> None:
    scores = {int(row["sample"]): row["scores"] for row in samples(ours[kind][1])}
    marks = 0
    for row in theirs[kind]["rows"]:
        for metric in row["metrics"]:
            mark = scores[row["doc_id"]].get(name_of(metric, row["filter"]))
            if isinstance(row[metric], int | float):
                assert mark == pytest.approx(float(row[metric]), abs=NEAR if metric == "perplexity" else 1e-9)
                marks += 1
    assert marks >= len(scores)
    assert {row["doc_id"] for row in theirs[kind]["rows"]} == {*scores}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("tiny_written", "tiny_marked")])
def test_every_log_probability_is_that_of_lm_eval_and_so_is_what_is_greedy(
    kind: str, theirs: Mapping[str, Any], ours: Mapping[str, tuple[Result, Path]]
) -> None:
    rows, greedy = {row["doc_id"]: row["resps"] for row in theirs[kind]["rows"]}, 0
    for row in samples(ours[kind][1]):
        (exchange,) = row["exchanges"]
        wanted = [resps[0] for resps in rows[int(row["sample"])]]
        assert exchange["reply"]["logprobs"] == pytest.approx([value for value, _ in wanted], abs=NEAR)
        assert exchange["reply"].get("greedy", []) == [place for place, (_, said) in enumerate(wanted) if said]
        greedy += sum(said for _, said in wanted)
    assert greedy > 0 or kind in ("tiny_blank", "tiny_shown@2")


@pytest.mark.parametrize("kind", ["tiny_written", "tiny_marked"])
def test_every_text_is_that_of_lm_eval(
    kind: str, theirs: Mapping[str, Any], ours: Mapping[str, tuple[Result, Path]]
) -> None:
    assert texts(ours[kind][1]) == {row["doc_id"]: row["resps"][0][0] for row in theirs[kind]["rows"]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_prompt_is_that_of_lm_eval(
    kind: str, theirs: Mapping[str, Any], ours: Mapping[str, tuple[Result, Path]]
) -> None:
    prompts = {row["doc_id"]: row["arguments"][0][0] for row in theirs[kind]["rows"]}
    for row in samples(ours[kind][1]):
        prompt = prompts[int(row["sample"])]
        # Blanks at its end are the beginning of what is scored, here and there.
        assert row["exchanges"][0]["prompt"] == (prompt if "written" in row["rule"] else prompt.rstrip())
    assert kind != "tiny_shown@2" or all(prompt.count("Answer:") == 3 for prompt in prompts.values())


def test_a_question_is_asked_once_whatever_the_number_of_its_choices(ours: Mapping[str, tuple[Result, Path]]) -> None:
    for result, folder in ours.values():
        assert result.journal_records == len(samples(folder))


def test_the_signature_names_the_harness_its_version_and_that_of_the_task(
    ours: Mapping[str, tuple[Result, Path]],
) -> None:
    result, folder = ours["tiny_chosen"]
    first, second, third, *others = result.protocol.split("|")
    assert first == "lm-eval:tiny_chosen.v1"
    assert re.fullmatch(r"lm-eval-0\.4\.13:multiple_choice\.v1\.2#[0-9a-f]{8}", second)
    assert third == "0-shot"
    assert others[-4:] == ["acc:v1", "acc_norm:v1", "acc_bytes:v1", "exact_match:v1"]
    assert "chat:no" in result.conditions
    assert folder.name == "lm-eval-tiny_chosen"
    assert ours["tiny_shown@2"][1].name == "lm-eval-tiny_shown@2shot"
    assert "T:0|max:12" in ours["tiny_written"][0].conditions


def test_an_interval_is_that_of_a_mean_or_of_draws_and_says_which(ours: Mapping[str, tuple[Result, Path]]) -> None:
    methods = {
        (kind, estimate.metric): estimate.method for kind, (result, _) in ours.items() for estimate in result.estimates
    }
    assert methods["tiny_chosen", "acc"] == methods["tiny_written", "exact_match_first_word"] == "wilson"
    assert methods["tiny_marked", "length"] == "student"
    assert methods["tiny_told", "perplexity"] == "student, of the mean log-probability"
    assert methods["tiny_blank", "mcc"] == "percentile bootstrap, 40 draws"
    assert methods["tiny_written", "bleu_as_said"] == "percentile bootstrap, 100 draws"
    for result, _ in ours.values():
        for estimate in result.estimates:
            assert estimate.value is not None
            if estimate.low is None or estimate.high is None:
                assert estimate.method == "none: every draw gives the same"
            else:
                assert estimate.low <= estimate.value <= estimate.high, estimate


def test_what_is_no_fraction_is_printed_as_lm_eval_prints_it(ours: Mapping[str, tuple[Result, Path]]) -> None:
    table = say.results([result for result, _ in ours.values()], [folder for _, folder in ours.values()])
    for name in ("perplexity", "length", "bleu_as_said"):
        (estimate,) = [each for result, _ in ours.values() for each in result.estimates if each.metric == name]
        assert f"{name}  " in table
        assert f" {estimate.value:.4f} " in table
    (estimate,) = [each for each in ours["tiny_told"][0].estimates if each.metric == "acc"]
    assert f" {100 * (estimate.value or 0):.2f} " in table


def test_a_sample_is_shown_with_what_the_model_went_for(ours: Mapping[str, tuple[Result, Path]]) -> None:
    first = walks.told(walks.chosen([ours["tiny_chosen"][1]], None, "0001")[0], whole=True)
    assert "0001: scored, right 肝, picked 肝\n" in first
    assert "--- asked 1 (model)\nQuestion: 高血压患者首选的降压药是什么?\nAnswer:\n--- replied 1" in first


def test_the_same_command_asks_nothing_again(
    ours: Mapping[str, tuple[Result, Path]], models: Path, tasks: Path
) -> None:
    root = ours["tiny_told"][1].parents[1]
    before = (ours["tiny_told"][1] / RESULT).read_bytes()
    again = evaluate(models, tasks, root, "tiny_told")
    assert again.played == {}
    assert (ours["tiny_told"][1] / RESULT).read_bytes() == before


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    ours: Mapping[str, tuple[Result, Path]], models: Path, tasks: Path, tmp_path: Path
) -> None:
    folder = tmp_path / ours["tiny_chosen"][1].parent.name / "lm-eval-tiny_chosen"
    shutil.copytree(ours["tiny_chosen"][1], folder)
    journal = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    (folder / JOURNAL).write_bytes(b"".join(journal[:10]) + journal[10][:-9])
    (folder / RESULT).unlink()
    again = evaluate(models, tasks, tmp_path, "tiny_chosen")
    took = again.played["lm-eval:tiny_chosen"]
    assert (took.asked, took.reused) == (len(journal) - 10, 10)
    assert [each.value for each in again.results[0].estimates] == [
        each.value for each in ours["tiny_chosen"][0].estimates
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_scoring_the_journal_again_gives_the_same_bytes_and_needs_no_engine(
    kind: str, ours: Mapping[str, tuple[Result, Path]], tasks: Path, tmp_path: Path
) -> None:
    folder = tmp_path / ours[kind][1].name
    shutil.copytree(ours[kind][1], folder)
    before = {name: (folder / name).read_bytes() for name in (RESULT, SAMPLES)}
    for name in before:
        (folder / name).unlink()
    (found,) = rescore(folder, task_paths=[tasks], means=Means(offline=True)).results
    assert found == ours[kind][0]
    assert {name: (folder / name).read_bytes() for name in before} == before
