"""medeval duel: what it prints, and how it ends."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from medeval.cli.duel import duel
from medeval.engines.scripted import Scripted
from medeval.errors import RequestError
from medeval.records import Failure
from tests.test_duels.scripts import Say, entry, judge, long, longer, short

VERB = typer.Typer(pretty_exceptions_enable=False)
VERB.command()(duel)
OPEN = "medeval.planning.juries.engine_for"


def said(tmp_path: Path, *words: str) -> Result:
    common = ("--task", "aci_bench", "--reports", str(tmp_path))
    return CliRunner().invoke(VERB, [*words, *common], catch_exceptions=False)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two entries, of which b is the shorter."""
    for label, say in (("a", long), ("b", short)):
        entry(tmp_path, label, say)
    return tmp_path


def script(monkeypatch: pytest.MonkeyPatch, say: Say) -> Scripted:
    """A judge that can be named in a command."""
    engine = judge(say)
    monkeypatch.setattr(OPEN, lambda *_: engine)
    return engine


def test_it_prints_pairs_and_strengths_and_what_they_stand_on(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script(monkeypatch, longer)
    result = said(two, "a", "b", "--judge", "mine=some/model", "--anchor", "b")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [re.split(r"\s{2,}", line.strip()) for line in result.stdout.splitlines()]
    assert lines[0] == ["aci_bench: 1 pair of entries on 24 samples by mine"]
    assert lines[1][:7] == ["entry", "against", "criterion", "wins", "ties", "losses", "win rate"]
    assert lines[2] == ["a", "b", "overall", "24", "0", "0", "100.00", "86.20 to 100.00", "<0.001", "0"]
    assert lines[5][:3] == ["overall", "a", lines[5][2]]
    assert lines[6] == ["b", "1000", "anchor"]
    assert ["both orders agree: 100.00 % (86.20 to 100.00), n 24"] in lines
    assert ["coverage: 100.00 % of 24 judgments, 0 settled unasked"] in lines
    assert any(line[0].startswith("note: overall: a never lost to the others") for line in lines)
    assert lines[-2][0].startswith("aci_bench.v1|n:24|data:")
    assert lines[-1] == [f"{two}/duels/aci_bench@sample/mine"]
    again = said(two, "a", "b", "--judge", "mine=some/model", "--anchor", "b")
    assert again.stdout == result.stdout
    assert engine.asked == 48


def test_json_is_what_is_published(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, longer)
    words = ("a", "b", "--judge", "mine=m", "--grading", "survey", "--criterion", "safe, overall", "--limit", "6")
    (found,) = json.loads(said(two, *words, "--json").stdout)
    assert [(each["criterion"], each["wins"]) for each in found["pairs"]] == [("overall", 6), ("safe", 6)]
    (folder,) = (two / "duels" / "aci_bench@sample,limit6").iterdir()
    assert found == json.loads((folder / "result.json").read_text(encoding="utf-8"))


def test_it_ends_with_three_while_a_judge_fails(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, lambda _: Failure(failure="engine_error", reason="gone"))
    result = said(two, "a", "--against", "reference", "--judge", "mine=m")
    assert result.exit_code == 3
    assert result.stderr == "medeval: 48 errors of judges; run the same command to ask again.\n"
    assert re.search(r"^a +reference +overall +0 +0 +0 +- +- +24$", result.stdout, re.MULTILINE)
    assert "coverage: 0.00 % of 24 judgments" in result.stdout
    assert "note: overall: no comparison with a has an outcome, so there are no strengths." in result.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("a", "--judge", "m"), "A duel takes two: name another ENTRY"),
        (("a", "b"), "No judge is named. Add --judge MODEL"),
        (("a", "c", "--judge", "m"), "no results of aci_bench there"),
        (("a", "b", "--judge", "m", "--anchor", "c"), "--anchor c: is not among the entries, which are a, b"),
        (("a", "b", "--judge", "m", "--judge", "m"), "two judges are called 'm'"),
    ],
)
def test_a_fault_is_a_sentence(
    two: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], why: str
) -> None:  # fmt: skip
    script(monkeypatch, longer)
    with pytest.raises(RequestError) as fault:
        said(two, *words)
    assert fault.value.exit_code == 2
    assert why in str(fault.value)
