"""medeval suggest: a suite from options, from answers on a terminal, and sentences where neither makes one."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from medeval import catalog
from medeval.cli import wishes
from tests.model_folders import whole

Command = Callable[..., tuple[int, str, str]]
SHORT = ("suggest", "--for", "education", "--language", "en", "--time", "30m")


def test_a_suite_is_a_table_a_sum_reasons_and_commands(command: Command) -> None:
    code, out, err = command(*SHORT)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["task", "for", "language", "licence", "questions", "sees", "takes", "at", "most"]
    known = catalog.find()
    names = [line.split()[0] for line in lines[1 : lines.index("")]]
    assert names
    assert {*names} <= {*known.tasks, *known.groups}
    assert "min of 30 min: an estimate." in out
    assert "\n* 1,000 tokens are written a second" in out
    assert lines[-1].startswith("medeval run --model MODEL --kind chat --tasks ")


def test_the_same_in_json_and_in_markdown(command: Command) -> None:
    told = json.loads(command(*SHORT, "--json")[1])
    assert told["wish"]["seconds"] == 1800
    page = command(*SHORT, "--md")[1]
    assert page.startswith("# A suite for education in en\n")
    for choice in told["choices"]:
        assert f"- {choice['name']}".replace("_", "\\_") in page


def test_commands_that_are_suggested_can_be_run(command: Command, tmp_path: Path) -> None:
    told = json.loads(command("suggest", "--for", "documentation", "--see", "20", "--json")[1])
    for line in told["commands"]:
        words = line.replace("MODEL", "baseline:overlap").replace("--kind chat ", "").split()
        assert command(*words[1:], "--data", "sample", "--reports", tmp_path)[0] == 0
    ran = {path.name.partition("@")[0] for path in (tmp_path / "baseline-overlap").iterdir() if path.is_dir()}
    assert {choice["name"] for choice in told["choices"]} <= ran | {*catalog.find().groups}


def test_speed_and_device_change_how_long_it_takes(command: Command) -> None:
    seconds = [
        json.loads(command("suggest", "--for", "safety", *words, "--json")[1])["seconds"]
        for words in ([], ["--device", "cpu"], ["--tokens-per-second", "2000"])
    ]
    assert seconds[1] == pytest.approx(100 * seconds[0])
    assert seconds[2] == pytest.approx(seconds[0] / 2)


def test_a_model_is_looked_at_for_its_kind(command: Command, tmp_path: Path) -> None:
    model = whole(tmp_path / "model")
    told = json.loads(command("suggest", "--for", "education", "--model", model, "--json")[1])
    assert told["wish"]["kind"] == "base"
    assert all("--kind base" in line for line in told["commands"])


def test_what_is_no_folder_of_weights_does_not_tell_its_kind(command: Command) -> None:
    code, _, err = command("suggest", "--for", "education", "--model", "baseline:longest")
    assert code == 2
    assert err == (
        "medeval: --model baseline:longest: only a folder of weights tells its kind. Add --kind-of-model.\n"
    )  # fmt: skip


def test_only_what_is_here_is_taken_where_nothing_is_fetched(command: Command, tmp_path: Path) -> None:
    folder = catalog.own_folder() / "samples"
    code, out, _ = command("suggest", "--for", "education", "--offline-only", "--data", tmp_path)
    assert (code, out.splitlines()[0]) == (0, "Nothing fits.")  # and no time would change that
    told = json.loads(command("suggest", "--for", "education", "--offline-only", "--data", folder, "--json")[1])
    assert {"medqa", "medqa_mainland"} <= {choice["name"] for choice in told["choices"]}
    assert all(f"--data {folder} --offline" in line for line in told["commands"])


def test_all_that_is_wrong_is_told_at_once(command: Command) -> None:
    code, out, err = command("suggest", "--for", "eduction", "--language", "fr", "--time", "soon", "--see", "-1")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "medeval: --for eduction: unknown. There are: education, diagnosis, documentation, consultation, safety.",
        "medeval: --language fr: unknown. There are: en, zh.",
        "medeval: --see -1: a number above 0.",
        "medeval: --time soon: a number with its unit, such as 30m, 2h or 1d.",
    ]


@pytest.mark.parametrize("words", [
    ("--see", "100"), ("--see", "nan"), ("--see", "0"), ("--tokens-per-second", "inf"), ("--tokens-per-second", "0"),
])  # fmt: skip
def test_a_number_that_is_none_is_told(command: Command, words: tuple[str, str]) -> None:
    code, _, err = command("suggest", "--for", "safety", *words)
    assert code == 2
    assert words[0] in err


def test_without_a_terminal_it_says_which_options_there_are(command: Command) -> None:
    code, out, err = command("suggest")
    assert (code, out) == (2, "")
    for option in ("--for", "--language", "--kind-of-model", "--licence", "--time", "--device", "--see"):
        assert option in err


def test_what_else_is_wrong_is_told_beside_a_missing_purpose(command: Command, tmp_path: Path) -> None:
    code, _, err = command("suggest", "--language", "fr", "--time", "x", "--data", tmp_path / "none")
    told = err.splitlines()
    assert code == 2
    assert [line.split()[1] for line in told] == ["--for", "--language", "--data", "--time"]
    assert told[2] == f"medeval: --data {tmp_path / 'none'}: no such folder."


def test_sample_rows_are_a_place_to_look_in(command: Command) -> None:
    told = json.loads(command("suggest", "--for", "education", "--offline-only", "--data", "sample", "--json")[1])
    assert {"medqa", "medqa_mainland"} <= {choice["name"] for choice in told["choices"]}


def test_purposes_and_languages_stay_in_the_order_in_which_they_were_said(command: Command) -> None:
    wish = json.loads(command("suggest", "--for", "safety,diagnosis", "--language", "zh,en", "--json")[1])["wish"]
    assert (wish["applications"], wish["languages"]) == (["safety", "diagnosis"], ["zh", "en"])


def test_what_the_time_is_too_short_for_stands_under_the_sum(command: Command) -> None:
    lines = command("suggest", "--for", "education", "--language", "en", "--time", "30m")[1].splitlines()
    (place,) = [n for n, line in enumerate(lines) if "an estimate" in line]
    assert lines[place + 1].startswith("The time is too short for medqa, which sees ")
    nothing = command("suggest", "--for", "education", "--language", "en", "--device", "cpu", "--time", "2h")[1]
    assert nothing.startswith("Nothing fits. The time is too short for any task: medqa, the nearest, sees 5.0 points ")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Somebody who answers."""

    def answering(*answers: str | type[BaseException]) -> None:
        left = [*answers]

        def prompt(text: str, default: str = "") -> str:
            assert text
            answer = left.pop(0)
            if not isinstance(answer, str):
                raise answer
            return answer or default

        for stream in (sys.stdin, sys.stdout):
            monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(typer, "prompt", prompt)

    return answering


def test_on_a_terminal_a_few_questions_are_asked(command: Command, terminal: Callable[..., None]) -> None:
    terminal("safety", "zh", "", "30m")
    told = json.loads(command("suggest", "--json")[1])
    assert told["wish"] == {
        "languages": ["zh"], "applications": ["safety"], "kind": "chat", "licence": "any", "seconds": 1800.0,
        "rate": 1000.0, "see": 0.0, "offline": False, "data": "",
    }  # fmt: skip


def test_what_was_said_is_not_asked_again(command: Command, terminal: Callable[..., None]) -> None:
    terminal("education", "0")
    told = json.loads(command("suggest", "--language", "en", "--kind-of-model", "base", "--json")[1])
    assert (told["wish"]["kind"], told["wish"]["seconds"]) == ("base", None)


def test_an_answer_that_is_none_is_told(command: Command, terminal: Callable[..., None]) -> None:
    terminal("wit", "en", "", "2h")
    code, _, err = command("suggest")
    assert code == 2
    assert "--for wit: unknown" in err
    terminal("safety", "en", "tall")
    code, _, err = command("suggest")
    assert code == 2
    assert "kind of model tall: unknown. There are: base, chat, reasoning." in err


def test_nobody_is_asked_where_what_was_said_is_wrong(command: Command, terminal: Callable[..., None]) -> None:
    terminal()
    code, _, err = command("suggest", "--language", "fr")
    assert (code, err) == (2, "medeval: --language fr: unknown. There are: en, zh.\n")


def test_whoever_breaks_off_has_no_traceback(command: Command, terminal: Callable[..., None]) -> None:
    terminal("safety", typer.Abort)
    code, out, _ = command("suggest")
    assert code != 0
    assert out == ""


def test_a_suite_has_no_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec.structs import replace

    from medeval.suggesting import Wish, suggest

    suite = suggest(catalog.find(), Wish(applications=("safety",)))
    bad = replace(suite, choices=(replace(suite.choices[0], title="A\x1b[2Jtask"),))
    assert "\x1b" not in wishes.told(bad)
