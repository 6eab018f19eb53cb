"""Without a network: a whole run and its board where there is none, and where nobody may open a socket."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from medeval import cli

RUN = ("run", "--model", "baseline:majority", "--tasks")
BOARD = ("board", "--reports", "reports", "--out", "site")


def apart() -> list[str]:
    """Words that start a command where there is no network, not even this machine's own address."""
    for words in (["unshare", "-rn"], ["unshare", "-n"]) if shutil.which("unshare") else ():
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    pytest.skip("this machine lets nobody make a network of their own (unshare -n)")


def done(home: Path, before: list[str], *words: str, **settings: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "MEDEVAL_OFFLINE"}
    said = subprocess.run(
        [*before, sys.executable, "-m", "medeval", *words], cwd=home, env={**environment, **settings},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_there_really_is_no_network_apart() -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9))"
    said = subprocess.run([*apart(), sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in said.stderr


@pytest.mark.parametrize(
    ("tasks", "words", "settings"), [("exams_en", ("--offline",), {}), ("pubmedqa", (), {"HF_HUB_OFFLINE": "1"})]
)
def test_a_whole_run_and_its_board_need_no_network(
    real: Path, tmp_path: Path, tasks: str, words: tuple[str, ...], settings: dict[str, str]
) -> None:
    """The published majority of PubMedQA is 55.2 %."""
    before = apart()
    said = done(tmp_path, before, *RUN, tasks, "--data", str(real), *words, **settings)
    assert "pubmedqa" in said
    assert " 55.20 " in said
    done(tmp_path, before, *BOARD)
    assert "55.2" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_the_sample_rows_need_no_network(tmp_path: Path) -> None:
    before = apart()
    done(tmp_path, before, *RUN, "exams_en", "--data", "sample")
    done(tmp_path, before, *BOARD)
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    "words", [("exams_en", "--data", "sample", "--offline"), ("exams_en,mediq", "--data", "sample")]
)
def test_offline_nobody_asks_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    opened: list[str] = []

    def refused(*args: object, **kwargs: object) -> NoReturn:
        opened.append(str(args))  # noted, because some would go on without
        raise OSError("a socket was asked for")

    monkeypatch.chdir(tmp_path)
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    for line in ((*RUN, *words), BOARD):
        monkeypatch.setattr("sys.argv", ["medeval", *line])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert not end.value.code, capsys.readouterr().err
    assert opened == []
    assert (tmp_path / "site" / "index.html").is_file()


def test_offline_what_is_missing_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["medeval", *RUN, "medqa,pubmedqa", "--offline"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr().err.splitlines()
    assert end.value.code == 2
    assert [line.split(":")[1].strip() for line in said] == ["medqa", "pubmedqa"]
    assert all("not on this machine, and nothing may be downloaded" in line for line in said)
