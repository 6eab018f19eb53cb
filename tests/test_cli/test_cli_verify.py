"""medeval verify: what is printed, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import medeval
from medeval.cli.verify import verify as verb
from medeval.errors import RequestError
from medeval.reports import RESULT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("verified") / "reports"
    medeval.evaluate(model="baseline:majority", tasks="exams_en", data="sample", reports=reports)
    return reports


@pytest.fixture
def reports(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "reports"))


def verify(reports: Path, *words: str | Path) -> Result:
    app = typer.Typer()
    app.command()(verb)
    said = [*[str(word) for word in words], "--reports", str(reports)]
    return CliRunner().invoke(app, said, catch_exceptions=False)


def test_an_entry_that_agrees_is_a_table_and_exit_0(reports: Path) -> None:
    said = verify(reports, "baseline-majority", "--rescore", "--data", "sample")
    assert said.exit_code == 0
    assert said.stdout.splitlines() == [
        "entry              folder           samples  replies",
        "baseline-majority  exams_en@sample       77       77  agrees",
        "baseline-majority  medmcqa@sample        26       26  agrees",
        "baseline-majority  medqa@sample          26       26  agrees",
        "baseline-majority  pubmedqa@sample       25       25  agrees",
        "",
    ]


def test_what_does_not_agree_is_exit_4_and_a_sentence_a_fault(reports: Path) -> None:
    cell = reports / "baseline-majority" / "medqa@sample"
    text = (cell / RESULT).read_text(encoding="utf-8")
    (cell / RESULT).write_text(text.replace('"journal_records": 26', '"journal_records": 27'), encoding="utf-8")
    (cell / "mine\x1b[2J.txt").write_text("", encoding="utf-8")
    said = verify(reports, "baseline-majority/medqa@sample")
    assert said.exit_code == 4
    assert said.stdout.splitlines() == [
        "entry         folder        samples  replies",
        "medqa@sample  medqa@sample       26       26  does not agree",
        "",
        "note: medqa@sample/medqa@sample: folder: 'mine\\x1b[2J.txt' is none of medeval's files.",
        "fault: medqa@sample/medqa@sample: journal: holds 26 replies, and 27 stand in result.json.",
    ]


def test_json_holds_every_finding_and_the_same_exit_code(reports: Path) -> None:
    (reports / "baseline-majority" / "medqa@sample" / RESULT).write_bytes(b"\xff")
    said = verify(reports, "baseline-majority", "--json")
    assert said.exit_code == 4
    (entry,) = json.loads(said.stdout)
    assert (entry["entry"], entry["rescored"]) == ("baseline-majority", False)
    assert {each["where"] for each in entry["folders"]} == {
        "exams_en@sample", "medmcqa@sample", "medqa@sample", "pubmedqa@sample",
    }  # fmt: skip
    words = {each["what"]: each["word"] for folder in entry["folders"] if folder["where"] == "medqa@sample"
             for each in folder["findings"]}  # fmt: skip
    assert words == {"folder": "holds", "manifest": "holds", "journal": "holds", "result": "fault"}


def test_nothing_to_verify_is_exit_5(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert verify(reports, tmp_path / "empty").exit_code == 5


def test_unknown_entries_are_all_told_at_once(reports: Path) -> None:
    with pytest.raises(RequestError) as refused:
        verify(reports, "nobody", "baseline-majority", "neither")
    assert refused.value.faults == (
        f"nobody: no such entry in {reports}, and no such folder.",
        f"neither: no such entry in {reports}, and no such folder.",
    )
