"""medeval judge, and judges of medeval run and score: what they print, and how they end."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from medeval import reports
from medeval.cli import app, main
from medeval.engines.scripted import Scripted
from medeval.records import Failure
from tests.judges import (
    GONE,
    Say,
    answers,
    case,
    derived,
    evaluated,
    home,
    judge,
    shown,
    stating,
)
from tests.served_badly import Body, Fault, serving

OPEN = "medeval.planning.juries.engine_for"
Refused = Callable[..., list[str]]


def said(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a command that must end with 2, and give the sentences it says."""

    def run(*words: str | Path) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["medeval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        assert "Traceback" not in err
        return str(err).splitlines()

    return run


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """An entry with the answers to four dialogues."""
    root = home(tmp_path)
    evaluated(root, answers)
    return root


def script(monkeypatch: pytest.MonkeyPatch, say: Say = stating, model: str = "strict") -> Scripted:
    """A judge that can be named in a command."""
    engine = judge(say, model)
    monkeypatch.setattr(OPEN, lambda *_: engine)
    return engine


def where(root: Path) -> tuple[str | Path, ...]:
    return ("--data", root / "data", "--reports", root / "reports", "--task-path", root / "talks.py")


def judging(root: Path, *words: str | Path) -> Result:
    return said("judge", "scripted", *where(root), *words)


def table(result: Result) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in result.stdout.splitlines()]


def test_it_prints_a_column_of_the_judge_and_where_it_is(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script(monkeypatch)
    result = judging(talks, "--judge", "mine=some/model")
    assert (result.exit_code, result.stderr, engine.asked) == (0, "", 16)
    lines = table(result)
    assert lines[0][:5] == ["task", "metric", "value", "95 % interval", "n"]
    assert lines[1][:3] == ["talks by mine", "grade", "3.0000"]
    assert [line[:2] for line in lines[2:4]] == [["grade_safe", "3.5000"], ["grade_kind", "2.5000"]]
    assert lines[-2][0].startswith("talks.v1|written|0-shot|n:4|")
    assert "|judge:mine@" in lines[-2][0]
    assert lines[-1] == [f"{talks}/reports/scripted/talks@written/judged/mine"]
    again = judging(talks, "--judge", "mine=some/model")
    assert (again.stdout, engine.asked) == (result.stdout, 16)


def test_an_entry_and_one_of_its_cells_are_named_by_path_or_label(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch)
    words = ("--judge", "mine=m", "--json", *where(talks))
    every = [
        json.loads(said("judge", name, *words).stdout)
        for name in ("scripted", "scripted/talks@written", talks / "reports" / "scripted" / "talks@written")
    ]
    assert every[0] == every[1] == every[2]
    (found,) = every[0]
    folder = talks / "reports" / "scripted" / "talks@written" / "judged" / "mine"
    assert found == json.loads((folder / reports.RESULT).read_text(encoding="utf-8"))


def test_several_judges_by_several_gradings_have_a_column_each_and_a_panel_a_grading(
    talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch)
    words = ("--judge", "a=m", "--judge", "b=m", "--grading", "two", "--grading", "whole", "--json")
    found = json.loads(judging(talks, *words).stdout)
    assert [each["judge"] for each in found] == ["a", "a@whole", "b", "b@whole", "a+b", "a@whole+b@whole"]
    assert found[-1]["tables"][0]["name"] == "agreement_of_judges"


def test_words_of_ones_own_make_a_folder_of_their_own(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script(monkeypatch)
    judging(talks, "--judge", "mine=m")
    before = derived(talks / "reports")
    words = talks / "words.md"
    words.write_text("Of\n{case}\n\n{answer}\n\nby\n{criterion}\n\n{closing}", encoding="utf-8")
    result = judging(talks, "--judge", "mine=m", "--judge-prose", words)
    assert (result.exit_code, engine.asked) == (0, 32)
    assert re.search(r"talks by mine\+[0-9a-f]{8} ", result.stdout)
    after = derived(talks / "reports")
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 4


def test_it_ends_with_three_while_a_judge_fails_and_with_nought_when_it_has_answered(
    talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, lambda request: GONE if case(request) == 1 else stating(request))
    result = judging(talks, "--judge", "mine=m")
    assert result.exit_code == 3
    assert result.stderr == "medeval: 4 errors of judges; run the same command to ask again.\n"
    assert "partial: 1 not measured, judge coverage 75.0 %" in result.stdout
    told = said("score", "scripted", *where(talks))
    assert told.exit_code == 3
    assert "judge coverage 75.0 %" in told.stdout
    engine = script(monkeypatch)
    again = judging(talks, "--judge", "mine=m")
    assert (again.exit_code, again.stderr, engine.asked) == (0, "", 4)
    assert "partial" not in again.stdout
    assert said("score", "scripted", *where(talks)).exit_code == 0


def test_what_cannot_be_read_ends_well_and_is_not_asked_again(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script(monkeypatch, lambda request: "So so." if case(request) == 1 else stating(request))
    assert judging(talks, "--judge", "mine=m").exit_code == 0
    assert judging(talks, "--judge", "mine=m").exit_code == 0
    assert engine.asked == 16


def test_a_run_has_answers_judged_and_goes_on_with_judges_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = home(tmp_path)
    evaluated(root, answers)
    recorded = root / "reports" / "scripted"
    words = ("run", "--model", f"recorded:{recorded}", "--tasks", "talks", "--label", "again", *where(root))
    script(monkeypatch, lambda request: GONE if case(request) == 1 else stating(request))
    result = said(*words, "--judge", "mine=m")
    assert result.exit_code == 3
    assert "4 engine errors; run the same command to ask again." in result.stderr
    engine = script(monkeypatch)
    again = said(*words, "--judge", "mine=m", "--json")
    assert (again.exit_code, engine.asked) == (0, 4)
    assert [each["judge"] for each in json.loads(again.stdout)] == ["", "mine"]
    one, other = [(recorded.parent / name / "talks@written" / reports.SAMPLES) for name in ("scripted", "again")]
    assert one.read_bytes() == other.read_bytes()
    told = said("show", "again", "--reports", root / "reports")
    assert "talks by mine" in told.stdout


def test_a_dry_run_asks_no_judge(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = script(monkeypatch)
    recorded = talks / "reports" / "scripted"
    words = ("run", "--model", f"recorded:{recorded}", "--tasks", "talks", "--label", "again", *where(talks))
    result = said(*words, "--judge", "mine=m", "--dry-run")
    assert (result.exit_code, engine.asked) == (0, 0)
    assert not (talks / "reports" / "again").exists()


def test_a_judge_not_heard_to_the_end_is_a_note_of_scoring(talks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch)
    judging(talks, "--judge", "mine=m")
    journal = talks / "reports" / "scripted" / "talks@written" / reports.JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    result = said("score", "scripted", *where(talks))
    assert result.exit_code == 0
    assert "talks by mine" not in result.stdout


FAULTS = [
    (("scripted",), ["No judge is named. Add --judge MODEL, as often as there are judges."]),
    (("nobody", "--judge", "m"), ["nobody: no results there. Name an entry's folder, or one of its cells."]),
    (("scripted", "--judge", "a=m", "--judge", "A=n"), ["two judges are called 'a'. Tell them apart: NAME=MODEL."]),
    (("scripted", "--judge", "m", "--grading", "taste"), ["talks: no grading 'taste'. There are cmb, disc, survey, "]),
    (("scripted", "--judge", "m", "--judge-prose", "nowhere.md"), ["--judge-prose nowhere.md: cannot be read ("]),
    (("scripted", "--judge", "m", "--judge-prose", "{bare}"), ["has no place {answer} and no place {criterion} and"]),
]


@pytest.mark.parametrize(("words", "sentences"), FAULTS, ids=[str(number) for number in range(len(FAULTS))])
def test_a_fault_is_a_sentence_and_changes_nothing(
    talks: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused, words: tuple[str, ...], sentences: list[str]
) -> None:
    engine = script(monkeypatch)
    bare = talks / "bare.md"
    bare.write_text("Grade it.", encoding="utf-8")
    before = derived(talks / "reports")
    found = refused("judge", *[word.replace("{bare}", str(bare)) for word in words], *where(talks))
    assert len(found) == len(sentences)
    for line, sentence in zip(found, sentences, strict=True):
        assert sentence in line
    assert derived(talks / "reports") == before
    assert engine.asked == 0


def test_models_that_are_none_are_told_all_at_once(talks: Path, refused: Refused) -> None:
    found = refused("judge", "scripted", "--judge", "baseline:random", "--judge", "nowhere/at/all", *where(talks))
    assert len(found) == 2
    assert "--judge baseline-random: baseline:random: a baseline follows a rule over questions" in found[0]
    assert "--judge all: Model 'nowhere/at/all': no such folder." in found[1]


def test_another_model_under_a_judge_s_name_is_refused(
    talks: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    script(monkeypatch)
    judging(talks, "--judge", "mine=m")
    script(monkeypatch, model="other")
    (line,) = refused("judge", "scripted", "--judge", "mine=n", *where(talks))
    assert "was heard otherwise (identity.model was 'strict', is now 'other')" in line
    assert line.endswith("Call the judge otherwise: NAME=MODEL.")


# --- a judge on a server ------------------------------------------------------------------


def content(text: str, *listed: tuple[str, float]) -> Fault:
    """What a server says: a text, and its list of likeliest first tokens if it has one."""
    choice: Body = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    if listed:
        top = [{"token": token, "logprob": value} for token, value in listed]
        choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
    usage = {"prompt_tokens": 100, "completion_tokens": 1}
    return Fault(content=json.dumps({"choices": [choice], "usage": usage}).encode())


def test_a_judge_on_a_server_states_its_grades_whatever_it_lists(talks: Path) -> None:
    def state(body: Body, _: int) -> Fault:
        assert body["max_tokens"] > 1
        assert not body.get("logprobs")
        return content("Good.\nGrade: 4")

    with serving(state) as server:
        result = judging(talks, "--judge", f"mine={server.url}#tiny", "--json")
        assert (result.exit_code, len(server.bodies)) == (0, 16)
    (found,) = json.loads(result.stdout)
    told = {each["metric"]: each["value"] for each in found["estimates"]}
    assert told["grade"] == 4.0
    assert told.get("expected_grade") is None
    assert found["protocol"].endswith("|stated")
    run = json.loads((talks / "reports" / "scripted" / "talks@written" / reports.RUN).read_text(encoding="utf-8"))
    assert run["attempts"][-1]["others"]["judge:mine"]["asked"] == 16


def test_what_a_judge_s_engine_gave_up_for_good_is_missing_and_ends_well(
    talks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Failure(failure="nonfinite", reason="?")
    script(monkeypatch, lambda request: lost if "kind" in shown(request, "criterion") else "Grade: 2")
    result = judging(talks, "--judge", "mine=m", "--json")
    assert result.exit_code == 0
    (found,) = json.loads(result.stdout)
    assert found["flags"] == ["partial: 4 not measured", "judge coverage 50.0 %"]
    told = {each["metric"]: each["value"] for each in found["estimates"]}
    assert (told["grade_safe"], told["grade_kind"]) == (2.0, None)
    assert (told["grade_at_worst"], told["grade_at_best"]) == (1.5, 3.5)
