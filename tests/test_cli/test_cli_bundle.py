"""medeval bundle: out of one machine, into another that has no network, and the numbers are the same."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

Command = Callable[..., tuple[int, str, str]]
BASELINES = ("majority", "overlap")


@pytest.fixture
def home(exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    home = exam(40)
    monkeypatch.setenv("MEDEVAL_CACHE", str(home / "own"))  # what comes in here is for no other test
    return home


@pytest.fixture
def walled(tmp_path: Path) -> Callable[..., str]:
    """Run the command where there is no network but the machine's own, and no cache of anybody."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("this machine makes no network namespaces for us")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "nobody"), "MEDEVAL_CACHE": str(tmp_path / "cache")}

    def run(*words: object, code: int = 0) -> str:
        done = subprocess.run(
            ["unshare", "-rn", sys.executable, "-m", "medeval", *map(str, words)],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    return run


def exported(command: Command, *words: object) -> Path:
    code, out, err = command("bundle", "export", "--tasks", "exam", "--task-path", "exam.py", "--out", "b", *words)
    assert (code, err) == (0, "")
    assert "files of one's own, which are code and are not in it: exam." in out
    return Path("b")


@pytest.mark.parametrize("where", ["the cache", "a folder"])
def test_numbers_behind_a_wall_are_the_same_to_the_byte(
    home: Path, command: Command, walled: Callable[..., str], where: str
) -> None:
    runs = [["run", "--model", f"baseline:{name}", "--tasks", "exam", "--task-path", "exam.py"] for name in BASELINES]
    for words in runs:
        assert command(*words, "--data", "data", "--reports", "outside")[0] == 0
    exported(command, "--data", "data")
    (home / "data").rename(home / "moved")
    assert "exam: a file of your own: rows.jsonl: not there" in walled(*runs[0], "--offline", code=2)
    into, data = ((), ()) if where == "the cache" else (("--into", "here"), ("--data", "here/data"))
    assert "Runs find them" in walled("bundle", "import", "b", *into)
    for words in runs:
        walled(*words, "--offline", "--reports", "inside", *data)
    for name in BASELINES:
        (before,), (after,) = [[*(home / side).glob(f"*{name}*/exam/result.json")] for side in ("outside", "inside")]
        assert before.read_bytes() == after.read_bytes()


def test_real_exams_are_the_same_behind_a_wall(
    real: Path, tmp_path: Path, command: Command, walled: Callable[..., str]
) -> None:
    run = ["run", "--model", "baseline:overlap", "--tasks", "pubmedqa", "--style", "letters"]
    assert command(*run, "--data", real, "--reports", "outside")[0] == 0
    words = ("--tasks", "pubmedqa", "--data", real, "--no-exemplars", "--out", "b")
    assert command("bundle", "export", *words)[0] == 0
    walled("bundle", "import", "b", "--into", "here")
    walled(*run, "--offline", "--reports", "inside", "--data", "here/data")
    (before,), (after,) = [[*(tmp_path / side).glob("*/pubmedqa/result.json")] for side in ("outside", "inside")]
    assert before.read_bytes() == after.read_bytes()


def test_what_was_written_is_told_with_its_sums_on_both_sides(home: Path, command: Command) -> None:
    _, out, _ = command("bundle", "export", "--tasks", "exam", "--task-path", "exam.py", "--data", "data", "--out", "b")
    summed = [line for line in out.splitlines() if line.startswith("sha256 ")]
    file, _, _ = subprocess.run(["sha256sum", "b"], capture_output=True, text=True, check=True).stdout.partition(" ")
    assert summed == [f"sha256 of the file:  {file}, as sha256sum tells it", summed[1]]
    assert summed[1].startswith("sha256 of its list:  ")
    for words in (("list", "b"), ("import", "b"), ("import", "b")):
        code, out, _ = command("bundle", *words)
        assert code == 0
        assert [line for line in out.splitlines() if line.startswith("sha256 ")] == summed
    assert "0 files are new, 5 were there already." in out
    told = json.loads(command("bundle", "list", "b", "--json")[1])
    assert (told["sha256"], told["whole"]) == (file, summed[1].split()[-1])


def test_a_bundle_that_is_there_is_not_written_over_unless_one_says_so(home: Path, command: Command) -> None:
    words = ("bundle", "export", "--tasks", "exam", "--task-path", "exam.py", "--data", "data", "--out", "b")
    Path("b").write_bytes(b"mine")
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err == "medeval: b: is there already. Choose another --out, or --force to write over it.\n"
    assert Path("b").read_bytes() == b"mine"
    assert command(*words, "--force")[0] == 0
    assert command("bundle", "list", "b")[0] == 0


@pytest.mark.parametrize("out", ["none/b", "data", ""])
def test_a_place_that_takes_no_bundle_is_a_wrong_request(home: Path, command: Command, out: str) -> None:
    code, _, err = command(
        "bundle", "export", "--tasks", "exam", "--task-path", "exam.py", "--data", "data", "--out", out
    )
    assert (code, len(err.splitlines())) == (2, 1)


def test_a_disk_that_fills_up_is_a_run_that_broke(
    home: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.write", full)
    code, _, err = command(
        "bundle", "export", "--tasks", "exam", "--task-path", "exam.py", "--data", "data", "--out", "b"
    )
    assert (code, err) == (
        3, "medeval: b: cannot be written (No space left on device). What was there before is untouched.\n"
    )  # fmt: skip
    assert not [path for path in home.iterdir() if path.name.startswith((".b", "b"))]


def test_a_list_is_json_for_machines(home: Path, command: Command) -> None:
    exported(command, "--data", "data")
    told = json.loads(command("bundle", "list", "b", "--json")[1])
    assert [each["path"] for each in told["files"]] == [
        "data/exam/rows.jsonl", "licences/exam.txt", "tasks.lock", "wheels.txt"
    ]  # fmt: skip
    assert told["files"][0]["bytes"] == (home / "data" / "exam" / "rows.jsonl").stat().st_size


def test_what_must_stay_inside_says_so_where_it_comes_in(home: Path, command: Command) -> None:
    file = home / "exam.py"
    file.write_text(file.read_text(encoding="utf-8").replace("CC0-1.0", "none given"), encoding="utf-8")
    words = ("--tasks", "exam", "--task-path", "exam.py", "--data", "data", "--out", "b")
    code, _, err = command("bundle", "export", *words)
    assert code == 2
    assert "--inside if the bundle stays within your organisation" in err
    assert not Path("b").exists()
    assert command("bundle", "export", *words, "--inside")[0] == 0
    assert "do not pass it on" in command("bundle", "import", "b")[1]


@pytest.mark.parametrize("data", [b"", b"Salted__nothing", b"x" * 1024, b"\x28\xb5\x2f\xfd\x00"])
def test_what_is_no_bundle_is_one_sentence_and_two(home: Path, command: Command, data: bytes) -> None:
    Path("b").write_bytes(data)
    for words in (("import", "b", "--into", "here"), ("list", "b")):
        code, out, err = command("bundle", *words)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert not Path("here").exists()


def test_unknown_tasks_are_told(home: Path, command: Command) -> None:
    code, _, err = command("bundle", "export", "--tasks", "medqua,exam", "--data", "data", "--out", "b")
    assert code == 2
    assert "Unknown task 'medqua'. Did you mean 'medqa'?" in err
    assert "Unknown task 'exam'" in err
