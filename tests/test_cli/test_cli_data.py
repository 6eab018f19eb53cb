"""The verbs of data: fetched ahead, verified, locked; and whose eyes the token meets."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medeval.catalog import find, own_folder
from medeval.cli.fetching import Bytes
from medeval.errors import DataError
from medeval.sources import Pin, read_lock
from tests.conftest import EXAM
from tests.hub_server import COMMIT, TOKEN, Answer, HubServer, at_home, reached

Command = Callable[..., tuple[int, str, str]]
ROWS = b"".join([
    b'{"question": "Question %d?", "options": ["a", "b", "c", "d"], "answer": "%c", "part": "x"}\n' % pair
    for pair in enumerate(b"ABCDABCD")
])  # fmt: skip
OTHER = ROWS.replace(b"Question", b"question")
SHA, OTHER_SHA = (hashlib.sha256(data).hexdigest() for data in (ROWS, OTHER))


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home(tmp_path, monkeypatch)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with reached(monkeypatch) as server:
        server.repos["datasets/org/exam"] = {"rows.jsonl": ROWS, "shown.jsonl": ROWS}
        server.pages["/files/rows.jsonl"] = ROWS
        yield server


def task(home: Path, name: str, files: str, exemplars: str = "") -> Path:
    """Write a task whose files are where one says."""
    text = EXAM.replace("ROWS", "8").replace("Local,", "Hub, Local, Url,").replace('"exam"', f'"{name}"')
    text = text.replace('(Local(path="rows.jsonl"),)', f"({files},), exemplars=({exemplars})")
    text = text.replace('licence="CC0-1.0"', 'licence="MIT", obtain="Write to its makers."')
    (home / f"{name}.py").write_text(text, encoding="utf-8")
    return home / f"{name}.py"


def hub(path: str = "rows.jsonl", sha256: str = "") -> str:
    return f"Hub(repo='org/exam', path={path!r}, revision={COMMIT!r}, sha256={sha256!r})"


def url(server: HubServer, sha256: str = "", name: str = "rows.jsonl") -> str:
    return f"Url(url='{server.url}/files/{name}', sha256={sha256!r})"


def cells(table: str) -> list[list[str]]:
    return [line.split("  ") for line in table.splitlines()]


# --- pull ---------------------------------------------------------------------------------


def test_pull_fetches_what_is_missing_with_solved_examples_and_once(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", hub(), hub("shown.jsonl") + ",")
    code, out, _ = command("data", "pull", "one", "--task-path", path)
    snapshot = tmp_path / "hf/hub/datasets--org--exam/snapshots" / COMMIT
    assert code == 0
    assert out.splitlines() == [
        f"one: {snapshot}/rows.jsonl (fetched, {len(ROWS):,} bytes)",
        f"one: {snapshot}/shown.jsonl (fetched, {len(ROWS):,} bytes)",
    ]
    asked = len(server.asked)
    for verb in ("pull", "fetch"):
        code, out, _ = command("data", verb, "one", "--task-path", path)
        assert (code, out.count("(is there, ")) == (0, 2)
    assert len(server.asked) == asked


def test_every_fault_is_told_at_the_end_and_the_rest_is_fetched(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    paths = [
        task(tmp_path, "gone", url(server, name="none.jsonl")),
        task(tmp_path, "mine", "Local(path='rows.jsonl')"),
        task(tmp_path, "fine", url(server)),
        task(tmp_path, "other", hub(sha256=OTHER_SHA)),
    ]
    code, out, err = command(
        "data", "pull", "gone,mine,nobody,fine,other", *[word for path in paths for word in ("--task-path", path)]
    )
    assert code == 2
    assert out == f"fine: {tmp_path}/cache/data/fine/rows.jsonl (fetched, {len(ROWS):,} bytes)\n"
    said = err.splitlines()
    assert len(said) == 4
    assert said[0].startswith("medeval: Unknown task 'nobody'.")
    assert said[1].startswith(f"medeval: gone: {server.url}/files/none.jsonl: there is no file at this address (404).")
    assert "mine: a file of your own: rows.jsonl: not there" in said[2]
    assert "Write to its makers. Put it there, or name the folder that has it with --data DIR" in said[2]
    assert "other: hub:org/exam@cccccccc/rows.jsonl: what the hub gives is not the pinned file" in said[3]


def test_pull_does_not_take_a_wrong_file_in_a_folder_for_there(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", url(server, SHA))
    (tmp_path / "data" / "one").mkdir(parents=True)
    (tmp_path / "data" / "one" / "rows.jsonl").write_bytes(OTHER)
    code, _, err = command("data", "pull", "one", "--task-path", path, "--data", "data")
    assert code == 2
    assert f"sha256 is {OTHER_SHA[:12]}…, the task pins {SHA[:12]}…. Get the original file" in err


def test_the_old_name_of_pull_is_kept_and_not_shown(command: Command) -> None:
    _, out, _ = command("data", "--help")
    assert "pull" in out
    assert "\n  fetch" not in out


def test_bytes_are_drawn_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda terminal=terminal: terminal)
        drawn = Bytes("one/rows.jsonl")
        drawn(1_500_000, 3_000_000)
        drawn(1_500_001, 3_000_000)
        drawn(3_000_000, 3_000_000)
        drawn.wipe()
        said = capsys.readouterr().err
        assert said == (
            "\rone/rows.jsonl: 1.5 of 3.0 MB\x1b[K\rone/rows.jsonl: 3.0 of 3.0 MB\x1b[K\r\x1b[K" if terminal else ""
        )


# --- verify and lock ----------------------------------------------------------------------


def test_verify_tells_of_every_file_whether_it_is_still_the_same(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    paths = [
        task(tmp_path, "held", url(server, SHA)),
        task(tmp_path, "wrong", url(server, OTHER_SHA)),
        task(tmp_path, "mine", "Local(path='rows.jsonl')"),
        task(tmp_path, "away", hub(), "Local(path='shown.jsonl'),"),
        task(tmp_path, "locked", url(server)),
    ]
    words = [word for path in paths for word in ("--task-path", path)]
    for name in ("held", "wrong", "mine", "locked"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "rows.jsonl").write_bytes(ROWS)
    names = "held,wrong,mine,away,locked"
    assert command("data", "pull", "locked", "--data", "data", *words)[0] == 0
    code, out, err = command("data", "verify", names, "--data", "data", *words)
    assert code == 2
    rows = [list(filter(None, map(str.strip, row))) for row in cells(out)]
    assert rows == [
        ["file", "held by"],
        ["held/rows.jsonl", "ok", SHA[:12]],
        ["wrong/rows.jsonl", "changed", OTHER_SHA[:12]],
        ["mine/rows.jsonl", "not pinned", "none"],
        ["away/rows.jsonl", "not here", "revision cccccccc alone"],
        ["away/shown.jsonl", "not here", "none"],
        ["locked/rows.jsonl", "ok", f"{SHA[:12]}, locked here"],
    ]
    assert err == (
        f"medeval: wrong: data/wrong/rows.jsonl: sha256 is {SHA[:12]}…, the task pins {OTHER_SHA[:12]}…. "
        f"Get the original file ({server.url}/files/rows.jsonl).\n"
    )
    (tmp_path / "data" / "locked" / "rows.jsonl").write_bytes(OTHER)
    code, out, err = command("data", "verify", "locked", "--data", "data", *words)
    assert (code, "changed" in out) == (2, True)
    assert "`medeval data lock locked --renew --data data` takes the new one" in err


def test_verify_hashes_what_was_fetched(command: Command, server: HubServer, tmp_path: Path) -> None:
    path = task(tmp_path, "one", hub(sha256=SHA))
    command("data", "pull", "one", "--task-path", path)
    assert command("data", "verify", "one", "--task-path", path)[0] == 0
    (cached,) = (tmp_path / "hf").rglob("snapshots/*/rows.jsonl")
    cached.resolve().write_bytes(OTHER)
    assert command("data", "verify", "one", "--task-path", path)[0] == 2


def test_a_changed_file_is_refused_by_a_run_until_it_is_renewed(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", url(server))
    run = ("run", "--model", "baseline:majority", "--tasks", "one", "--task-path", path, "--data", "data")
    (tmp_path / "data" / "one").mkdir(parents=True)
    (tmp_path / "data" / "one" / "rows.jsonl").write_bytes(ROWS)
    code, out, _ = command(*run, "--label", "first")
    assert code == 0
    assert "(unpinned)" in out, "the mark in a signature means that no task pins it, locked or not"
    (line,) = read_lock(tmp_path / "cache" / "tasks.lock").values()
    assert (line.folder, line.name, line.sha256, line.bytes, line.rows) == ("one", "rows.jsonl", SHA, len(ROWS), 8)
    (tmp_path / "data" / "one" / "rows.jsonl").write_bytes(OTHER)
    code, _, err = command(*run, "--label", "second")
    assert (code, len(err.splitlines())) == (2, 1)
    assert (
        f"sha256 is {OTHER_SHA[:12]}…, locked at first use was {SHA[:12]}…. "
        f"`medeval data lock one --renew --data data` takes the new one ({tmp_path}/cache/tasks.lock has the old)."
    ) in err
    code, out, _ = command("data", "lock", "one", "--renew", "--data", "data", "--task-path", path)
    assert (code, out) == (0, f"one/rows.jsonl: {SHA[:12]} → {OTHER_SHA[:12]}\n")
    assert command(*run, "--label", "second")[0] == 0


def test_what_an_address_gives_otherwise_than_locked_is_not_kept_until_it_is_renewed(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", url(server))
    words = ("one", "--task-path", path)
    command("data", "pull", *words)
    cached = tmp_path / "cache" / "data" / "one" / "rows.jsonl"
    cached.unlink()  # as on another machine, which has the lock and no file
    server.pages["/files/rows.jsonl"] = OTHER
    code, _, err = command("data", "pull", *words)
    assert code == 2
    assert f"its sha256 is {OTHER_SHA[:12]}…, locked at first use was {SHA[:12]}…; it was not kept." in err
    assert "`medeval data lock one --renew` takes the new one" in err
    assert not cached.exists()
    code, out, _ = command("data", "lock", "--renew", *words)
    assert (code, out) == (0, f"one/rows.jsonl: {SHA[:12]} → {OTHER_SHA[:12]}\n")
    assert cached.read_bytes() == OTHER
    assert command("data", "pull", *words)[0] == 0


def test_lock_shows_what_is_shipped_and_what_was_locked_here(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", url(server))
    command("data", "pull", "one", "--task-path", path)
    code, out, _ = command("data", "lock", "pubmedqa,one", "--task-path", path)
    shipped, here = out.split(f"# {tmp_path}/cache/tasks.lock\n")
    assert code == 0
    assert shipped.startswith(f'# {own_folder()}/tasks.lock\n\n[[file]]\nfolder = "pubmedqa"\n')
    sources = [source for form in find().named("pubmedqa").task.forms for source in form.files]
    assert [source.sha256 in shipped for source in sources] == [True] * len(sources)
    assert f'sha256 = "{SHA}"\nbytes = {len(ROWS)}\nrows = 8\n' in here


def test_where_tells_what_holds_a_file(command: Command, server: HubServer, tmp_path: Path) -> None:
    files = f"{hub()}, {url(server, SHA)}, Local(path='mine.jsonl'), {url(server, name='new.jsonl')}"
    files += f", {url(server, name=f'{COMMIT}/at.jsonl')}, {url(server, name=f'x{COMMIT}.jsonl')}"
    path = task(tmp_path, "one", files)
    held = [
        line.split("  ")[-1].strip() for line in command("data", "where", "one", "--task-path", path)[1].splitlines()
    ]
    commit = "revision cccccccc alone"
    assert held == ["held by", commit, SHA[:12], "none", "none", commit, "none"]


def test_a_commit_in_an_address_holds_as_that_of_a_hub_does(command: Command) -> None:
    code, out, _ = command("data", "verify", "medec")
    held = [row[-1].strip() for row in cells(out)[1:]]
    assert (code, held) == (0, ["revision 49c59dcb alone"] * len(held))
    assert held


def test_what_is_no_file_is_told(command: Command, server: HubServer, tmp_path: Path) -> None:
    path = task(tmp_path, "one", url(server, SHA))
    there = tmp_path / "data" / "one" / "rows.jsonl"
    there.mkdir(parents=True)
    code, out, err = command("data", "verify", "one", "--task-path", path, "--data", "data")
    assert (code, "no file" in out) == (2, True)
    assert err == "medeval: one: data/one/rows.jsonl: is in the way and is no file. Move it away.\n"
    assert "no file, would be read" in command("data", "where", "one", "--task-path", path, "--data", "data")[1]
    for verb in ("verify", "where", "pull"):
        code, _, err = command("data", verb, "one", "--task-path", path, "--data", path)
        assert (code, err) == (
            2, f"medeval: {path}: is no folder. --data names the folder that has one/ in it.\n"
        )  # fmt: skip


def test_a_file_that_cannot_be_read_does_not_keep_others_from_being_verified(
    command: Command, server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = task(tmp_path, "one", f"{hub(sha256=SHA)}, {url(server, SHA)}")
    assert command("data", "pull", "one", "--task-path", path)[0] == 0
    real = Pin.other

    def other(pin: Pin, file: Path) -> str:
        if "snapshots" in file.parts:
            raise DataError(f"{file}: cannot be read (Input/output error).")
        return real(pin, file)

    monkeypatch.setattr(Pin, "other", other)
    code, out, err = command("data", "verify", "one", "--task-path", path)
    assert (code, [row[1:] for row in map(str.split, out.splitlines()[1:])]) == (
        2, [["cannot", "be", "read", SHA[:12]], ["ok", SHA[:12]]]
    )  # fmt: skip
    assert len(err.splitlines()) == 1


def test_without_a_connection_what_a_bundle_brought_is_verified(
    command: Command, server: HubServer, tmp_path: Path
) -> None:
    path = task(tmp_path, "one", hub(sha256=SHA))
    there = tmp_path / "cache" / "data" / "one" / "rows.jsonl"
    there.parent.mkdir(parents=True)
    there.write_bytes(OTHER)
    words = ("data", "verify", "one", "--task-path", path)
    assert "not here" in command(*words)[1]
    code, out, _ = command(*words, "--offline")
    assert (code, "changed" in out) == (2, True)
    assert server.asked == []


def test_sample_rows_are_held_by_nothing(command: Command) -> None:
    code, out, _ = command("data", "verify", "medqa,pubmedqa", "--data", "sample")
    assert code == 0
    assert "not pinned" in out
    assert "changed" not in out
    code, out, _ = command("data", "lock", "medqa", "--data", "sample", "--renew")
    assert (code, out) == (0, "")


# --- licences -----------------------------------------------------------------------------


def test_licences_are_told_of_every_task(command: Command) -> None:
    code, out, _ = command("data", "licences")
    assert code == 0
    told = {line.partition(" ")[0] for line in out.splitlines()}
    assert {*find().tasks} <= told
    assert "yes" in next(line for line in out.splitlines() if line.startswith("pubmedqa "))


def test_terms_that_are_to_be_accepted_are_told(command: Command, server: HubServer, tmp_path: Path) -> None:
    code, out, _ = command("data", "licences", "one", "--task-path", task(tmp_path, "one", hub()))
    assert code == 0
    head, row, _, terms, _, obtain = out.splitlines()
    assert head.split("  ")[0] == "task"
    assert row.split() == ["one", "MIT", "yes", "yes", "yes"]
    assert terms.startswith("MIT: MIT License.")
    assert obtain == "one: Write to its makers."


# --- the token ----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [Answer(401, "GatedRepo"), Answer(403), Answer(no_hub=True), None])
def test_the_token_is_neither_printed_nor_stored(server: HubServer, tmp_path: Path, answer: Answer | None) -> None:
    paths = [task(tmp_path, "one", hub()), task(tmp_path, "two", url(server))]
    if answer:
        server.fail("/resolve/", answer, times=20)
    environment = {**os.environ, "MEDEVAL_DEBUG": "1", "HF_DEBUG": "1"}
    environment.pop("MEDEVAL_OFFLINE", None)
    named = [str(word) for path in paths for word in ("--task-path", path)]
    said = b""
    for words in (("data", "pull", "one,two"), ("run", "--model", "baseline:majority", "--tasks", "two")):
        line = [sys.executable, "-m", "medeval", *words, *named]
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, check=False)
        said += done.stdout + done.stderr
    assert b"two: " in said
    assert TOKEN.encode() not in said
    assert {who for _, path, who in server.asked if "/resolve/" in path} == {f"Bearer {TOKEN}"}, "it was used"
    assert {who for _, path, who in server.asked if "/files/" in path} == {""}
    there = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (tmp_path / "reports").is_dir()
    assert [path for path in there if TOKEN.encode() in path.read_bytes()] == []
