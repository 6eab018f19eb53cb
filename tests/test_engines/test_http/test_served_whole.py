"""Whole runs over a served model: the key is nowhere, nothing is asked twice, and what is wrong is one sentence."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.cli import main
from medeval.engines.http import flow
from medeval.errors import RequestError
from medeval.evaluation import Evaluation
from tests.served_badly import Body, Fault, Server, refusal, serving

KEY = "sk-9f2c51d07ab3"
Said = tuple[object, str, str]
Command = Callable[..., Said]


@pytest.fixture(autouse=True)
def _shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "pause", lambda attempt, at_least=0.0: at_least + 0.002)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run the command on the sample rows of MedQA: how it ended, and what it said."""

    def run(model: str, *words: str) -> Said:
        place = ("--tasks", "medqa", "--data", "sample", "--reports", str(tmp_path / "reports"))
        monkeypatch.setattr(sys, "argv", ["medeval", "run", "--model", model, *place, *words])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        return (code, *capsys.readouterr())

    return run


def evaluated(server: Server, reports: Path) -> Evaluation:
    return medeval.evaluate(
        model=f"{server.url}#tiny", tasks="medqa", data="sample", reports=reports, style="written", label="mine"
    )


def journaled(reports: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in reports.rglob("journal.jsonl"))


def test_the_key_goes_to_the_server_and_nowhere_else(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THEIR_KEY", KEY)
    ways = [refusal(429, f"slow, {KEY}"), Fault(content=f"<p>{KEY}".encode()), refusal(500, KEY), refusal(400, KEY)]

    def script(body: Body, before: int) -> Fault | None:
        fault = ways[len(body["messages"][0]["content"]) % 4]
        # The first is answered, so that a refusal is a failure of its own.
        return fault if len(server.answered) and (fault.status == 400 or before < 2) else None

    with serving(script) as server:
        code, out, err = command(f"{server.url}#tiny", "--key-from", "THEIR_KEY")
        assert {each["Authorization"] for each in server.headers} == {f"Bearer {KEY}"}
        server.script = lambda body, before: refusal(401, f"no such key: {KEY}")
        fatal, more, last = command(f"{server.url}#tiny", "--key-from", "THEIR_KEY")
    assert (code, fatal) == (3, 2)
    assert "no such key: …" in last
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 5
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    assert KEY not in out + err + more + last


def test_the_key_is_in_no_word_of_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    from medeval.engines.http import HTTP

    monkeypatch.setenv("THEIR_KEY", KEY)
    one = HTTP("http://127.0.0.1:1/v1", "tiny", key_from="THEIR_KEY")
    assert KEY not in f"{one!r} {one.identity} {one.abilities} {vars(one)}"


def test_a_finished_run_asks_nothing(tmp_path: Path) -> None:
    with serving() as server:
        first = evaluated(server, tmp_path)
        came = sum(server.came.values())
        again = evaluated(server, tmp_path)
        assert sum(server.came.values()) == came == journaled(tmp_path) > 20
    assert again.results == first.results


def test_what_was_answered_before_a_run_broke_is_not_asked_again(tmp_path: Path) -> None:
    with serving(lambda body, before: None if len(server.answered) < 9 else refusal(401, "no more")) as server:
        with pytest.raises(RequestError, match="no more"):
            evaluated(server, tmp_path)
        kept = journaled(tmp_path)
        assert kept == sum(server.answered.values()) >= 9
        server.script = lambda body, before: None
        evaluated(server, tmp_path)
        assert set(server.answered.values()) == {1}
        assert journaled(tmp_path) == len(server.answered)


def test_a_run_that_was_killed_asks_only_for_what_it_had_not(tmp_path: Path) -> None:
    with serving(lambda body, before: Fault(lasts=0.3)) as server:
        words = ["run", "--model", f"{server.url}#tiny", "--tasks", "medqa", "--data", "sample", "--label", "mine"]
        words += ["--style", "written", "--reports", str(tmp_path), "--concurrency", "2"]
        running = subprocess.Popen(
            [sys.executable, "-m", "medeval", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while journaled(tmp_path) < 6:
            assert running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
        kept, came = journaled(tmp_path), sum(server.came.values())
        server.script = lambda body, before: None
        evaluated(server, tmp_path)
        whole = journaled(tmp_path)
        assert sum(server.came.values()) - came == whole - kept
        assert kept <= came <= kept + 2


def test_engine_errors_are_asked_again_by_the_same_command(command: Command) -> None:
    broken = {"now": True}
    with serving(
        lambda body, before: refusal(500, "oh") if broken["now"] and len(str(body["messages"])) % 2 else None
    ) as server:
        code, _, err = command(f"{server.url}#tiny")
        assert (code, "run the same command to ask again" in err) == (3, True)
        broken["now"], answered = False, dict(server.answered)
        code, _, _ = command(f"{server.url}#tiny")
        assert code == 0
        assert {server.answered[asked] for asked in answered} == {1}


def test_tokens_and_what_they_cost_are_kept(command: Command, tmp_path: Path) -> None:
    with serving() as server:
        code, _, err = command(f"{server.url}#tiny", "--kind", "base", "--price", "2,10")
        bodies = server.bodies
    assert code == 0
    assert {"logprobs", "prompt"} <= bodies[0].keys()
    (path,) = (tmp_path / "reports").rglob("run.json")
    (attempt,) = json.loads(path.read_text())["attempts"]
    read = sum(len(body["prompt"]) // 4 for body in bodies)
    assert (attempt["read"], attempt["written"]) == (read, len(bodies))
    assert attempt["cost"] == pytest.approx((2 * read + 10 * len(bodies)) / 1e6)
    assert "by the prices named" in err


def test_a_look_ahead_opens_no_connection(command: Command) -> None:
    assert command("http://127.0.0.1:1/v1#tiny", "--dry-run")[0] == 0


@pytest.mark.parametrize(
    ("model", "words", "says"),
    [
        ("http://127.0.0.1:1", ("--style", "written"), "no server answers there"),
        ("http://h:0/v1#x", (), "a server is named as"),
        ("http://me:passw0rd@h/v1#x", (), "--key-from VARIABLE"),
        ("https://api.example.org/v1#x", ("--offline",), "--offline opens connections to this very machine only"),
        ("http://127.0.0.1:1/v1#x", ("--key-from", "NO_SUCH_VARIABLE"), "--key-from NO_SUCH_VARIABLE"),
        ("http://127.0.0.1:1/v1#x", (), "no server answers there"),
        ("http://127.0.0.1:1/v1#x", ("--style", "options"), "single tokens only"),
        ("http://127.0.0.1:1/v1#x", ("--lora", "x"), "--lora is for vLLM"),
        ("baseline:random", ("--key-from", "X"), "--key-from is for a server"),
        ("http://127.0.0.1:1/v1#x", ("--price", "much"), "--price much"),
    ],
)
def test_what_is_wrong_is_one_sentence(command: Command, model: str, words: tuple[str, ...], says: str) -> None:
    code, out, err = command(model, *words)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
    assert "passw0rd" not in err
