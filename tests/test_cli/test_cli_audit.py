"""medeval audit: what is printed, and how it ends."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import medeval
from medeval.cli.audit import audit as verb
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.records import Response

TASKS = ("medqa", "pubmedqa")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audits") / "reports"
    medeval.evaluate(model="baseline:random", tasks=TASKS, data="sample", reports=folder)
    for label, tokens in (("short", 10), ("long", 20)):
        medeval.evaluate(
            model=writing(tokens), tasks="medqa", data="sample", reports=folder, label=label, style="written"
        )
    return folder


def writing(tokens: int) -> Scripted:
    reply = Response(text="Answer: A", completion_tokens=tokens)
    return Scripted(lambda _: reply)


def audit(reports: Path, *words: str) -> Result:
    app = typer.Typer()
    app.command()(verb)
    return CliRunner().invoke(
        app, [*words, "--data", "sample", "--reports", str(reports)], catch_exceptions=False, env={"COLUMNS": "200"}
    )


def test_all_that_was_done_holds_is_a_table_and_exit_0(reports: Path) -> None:
    said = audit(reports, "baseline-random", "--model", "baseline:random")
    assert said.exit_code == 0
    *table, empty, seed = said.stdout.splitlines()
    same = "0 of 20 differ; so many by flips alone (3.2 %, measured elsewhere): p 1, 0.01 at least is allowed."
    assert [" ".join(line.split()) for line in table] == [
        "check cell",
        "scored again holds 2 cells and groups: hashes, signatures and scores agree.",
        f"asked again medqa@sample holds {same}",
        f"asked again pubmedqa@sample holds {same}",
        "output lengths not done no cell writes texts.",
        "ends of replies not done no cell writes texts.",
    ]
    assert empty == ""
    assert seed.startswith("samples drawn by the seed ")


def test_replies_that_are_too_short_are_exit_4(reports: Path) -> None:
    said = audit(reports, "short", "--baseline", "long", "--json")
    assert said.exit_code == 4
    found = json.loads(said.stdout)
    assert [(line["check"], line["word"]) for line in found["lines"]] == [
        ("scored again", "holds"), ("asked again", "not done"), ("output lengths", "does not hold"),
        ("ends of replies", "told"),
    ]  # fmt: skip
    assert audit(reports, "short", "--baseline", "short").exit_code == 0


def test_another_model_is_refused(reports: Path) -> None:
    with pytest.raises(RequestError, match="was answered by another model"):
        audit(reports, "baseline-random", "--model", "baseline:majority")


def test_an_engine_is_opened_as_the_options_say(reports: Path) -> None:
    with pytest.raises(RequestError, match="--memory is for vLLM, and this model is run by baseline"):
        audit(reports, "baseline-random", "--model", "baseline:random", "--memory", "0.5")
