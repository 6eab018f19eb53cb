"""The lock: what was shipped is true, and what no task pins is never silently another file."""

import errno
import hashlib
import multiprocessing
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from medeval.catalog import find
from medeval.errors import DataError
from medeval.planning import supply as chosen
from medeval.sources import Hub, Local, Lock, Source, Supply, Url, content, line_of, lock_text, read_lock
from medeval.sources.locks import revision_of
from tests import shipped_lock
from tests.conftest import REAL

ROWS = b'{"q": "x"}\n{"q": "y"}\n'
SHA, OTHER = hashlib.sha256(ROWS).hexdigest(), hashlib.sha256(b"{}\n").hexdigest()
SOURCES = (
    Hub(repo="org/exam", path="rows.jsonl", revision="c" * 40),
    Url(url="https://x.org/d/rows.jsonl"),
    Local(path="rows.jsonl"),
)


def put(path: Path, data: bytes = ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def supply_of(home: Path, **how: bool) -> Supply:
    root = home / "data"
    return Supply(root, offline=True, lock=Lock(home / "my.lock", "exam_one", data=str(root), **how))


# --- what is shipped ----------------------------------------------------------------------


def test_the_shipped_lock_names_every_file_that_a_task_declares_and_no_other() -> None:
    declared = {line_of(folder, each).key: each.sha256 for folder, each, _ in shipped_lock.declared()}
    shipped = {key: line.sha256 for key, line in read_lock(shipped_lock.PATH).items()}
    assert shipped == declared, "run `make lock`"


def test_the_shipped_lock_is_what_make_lock_writes(real: Path) -> None:
    assert shipped_lock.PATH.read_text(encoding="utf-8") == lock_text(shipped_lock.made(real), shipped_lock.HEAD)


def test_bytes_and_rows_of_the_shipped_lock_are_those_of_pinned_files() -> None:
    lines = read_lock(shipped_lock.PATH).values()
    assert [line.name for line in lines if line.rows and not (line.bytes and line.sha256)] == []


# Counted by others: the papers and the pages of the benchmarks.
@pytest.mark.parametrize(
    ("folder", "name", "rows"),
    [
        ("medqa", "phrases_no_exclude_test.jsonl", 1273),
        ("medmcqa", "dev.json", 4183),
        ("pubmedqa", "ori_pqal.json", 1000),
        ("pubmedqa", "test_ground_truth.json", 500),
        ("cmb", "CMB-test-choice-answer.json", 11_200),
        ("aci_bench", "clinicalnlp_taskB_test1.json", 40),
        ("mmlu", "test/professional_medicine_test.csv", 272),
        ("k_qa", "questions_w_answers.jsonl", 201),
        ("mediq", "all_craft_md.jsonl", 140),
    ],
)
def test_rows_of_the_shipped_lock_are_the_published_ones(folder: str, name: str, rows: int) -> None:
    lines = read_lock(shipped_lock.PATH).values()
    assert {line.rows for line in lines if (line.folder, line.name) == (folder, name)} == {rows}


# --- what it looks like -------------------------------------------------------------------


def test_a_lock_is_toml_that_anybody_can_read(tmp_path: Path) -> None:
    supply = supply_of(tmp_path)
    put(tmp_path / "data" / "exam" / "rows.jsonl")
    supply.hold("exam", [SOURCES[0]])
    text = (tmp_path / "my.lock").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {
        "file": [
            {
                "folder": "exam", "name": "rows.jsonl", "source": "hub:org/exam", "revision": "c" * 40, "sha256": SHA,
                "bytes": 22, "rows": 2,
            }
        ]
    }  # fmt: skip
    assert text.startswith("# What files that no task pins were at first. `medeval data lock TASK --renew` takes ")


def test_the_commit_of_a_file_is_read_from_where_it_comes_from() -> None:
    commit = "0123456789abcdef" * 2 + "01234567"
    sources: dict[Source, str] = {
        Hub(repo="a/b", path="c", revision=commit): commit,
        Hub(repo="a/b", path="c"): "",
        Url(url=f"https://raw.githubusercontent.com/a/b/{commit}/c.csv"): commit,
        Url(url="https://raw.githubusercontent.com/a/b/main/c.csv"): "",
        Url(url=f"https://x.org/{commit}{commit[:24]}/c.csv"): "",  # a sha256, say, is no commit
        Url(url=f"https://x.org/c.csv?v={commit}"): "",
        Local(path=f"{commit}/c.csv"): "",
    }
    assert {source: revision_of(source) for source in sources} == sources
    line = line_of("a", Url(url=f"https://x.org/{commit}/c.csv"))
    assert line.revision == "", "the line of an address stays as it is: by it locks that are there are found"


def test_names_of_every_kind_come_back(tmp_path: Path) -> None:
    lines = [line_of("试", Local(path='a "b" \\ \t.csv')), line_of("exam", Url(url="https://x.org/?a=[1]&b='#'"))]
    put(tmp_path / "my.lock", lock_text(lines).encode())
    assert {*read_lock(tmp_path / "my.lock").values()} == {*lines}
    assert lock_text(lines) == lock_text(lines[::-1])


@pytest.mark.parametrize(
    "text", [b"[[file]]\nfolder = ", b"\xff", b"file = 7", b'[[file]]\nfolder = "a"', b'[[file]]\ncolour = "red"']
)
def test_a_damaged_lock_is_told(tmp_path: Path, text: bytes) -> None:
    put(tmp_path / "my.lock", text)
    with pytest.raises(DataError, match=r"my\.lock: the lock cannot be read \(.+\)\. Mend it, or delete it, and files"):
        supply_of(tmp_path).pin("exam", SOURCES[0])


# --- what it holds ------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
def test_a_file_that_no_task_pins_is_locked_at_its_first_use_and_refused_when_it_is_another(
    tmp_path: Path, source: Source
) -> None:
    path = put(tmp_path / "data" / "exam" / "rows.jsonl")
    supply = supply_of(tmp_path)
    assert supply.fetch("exam", source) == path
    supply.hold("exam", [source])
    assert supply_of(tmp_path).fetch("exam", source) == path
    put(path, b"{}\n")
    with pytest.raises(DataError) as caught:
        supply_of(tmp_path).fetch("exam", source)
    assert str(caught.value) == (
        f"{path}: sha256 is {OTHER[:12]}…, locked at first use was {SHA[:12]}…. `medeval data lock exam_one --renew "
        f"--data {tmp_path}/data` takes the new one ({tmp_path}/my.lock has the old)."
    )
    assert supply_of(tmp_path).renew("exam", source) == (SHA, OTHER)
    assert supply_of(tmp_path).fetch("exam", source) == path
    assert [line.rows for line in read_lock(tmp_path / "my.lock").values()] == [1]


def test_a_file_that_its_task_pins_is_none_of_the_locks_business(tmp_path: Path) -> None:
    put(tmp_path / "data" / "exam" / "rows.jsonl")
    put(tmp_path / "my.lock", b"damaged: nobody reads it")
    pinned = msgspec.structs.replace(SOURCES[1], sha256=SHA)
    supply = supply_of(tmp_path)
    supply.fetch("exam", pinned)
    supply.hold("exam", [pinned])
    assert supply.renew("exam", pinned) is None


def test_a_file_brought_along_to_a_task_of_ones_own_is_not_locked(tmp_path: Path) -> None:
    put(tmp_path / "data" / "exam" / "rows.jsonl")
    supply = supply_of(tmp_path, local=False)
    supply.hold("exam", SOURCES)
    assert {line.source for line in read_lock(tmp_path / "my.lock").values()} == {
        "hub:org/exam", "https://x.org/d/rows.jsonl",
    }  # fmt: skip


def test_another_revision_is_another_file(tmp_path: Path) -> None:
    path = put(tmp_path / "data" / "exam" / "rows.jsonl")
    supply_of(tmp_path).hold("exam", [SOURCES[0]])
    put(path, b"{}\n")
    newer = Hub(repo="org/exam", path="rows.jsonl", revision="d" * 40)
    assert supply_of(tmp_path).fetch("exam", newer) == path


def test_what_gives_no_rows_is_not_locked(tmp_path: Path) -> None:
    put(tmp_path / "data" / "exam" / "rows.jsonl", b"{")
    with pytest.raises(DataError, match="not JSON"):
        supply_of(tmp_path).hold("exam", [SOURCES[0]])
    assert not (tmp_path / "my.lock").exists()


def test_a_file_that_its_task_reads_in_a_way_of_its_own_is_counted_that_way(tmp_path: Path) -> None:
    put(tmp_path / "data" / "exam" / "rows.txt", b"one\n\ntwo\n\nthree\n")
    source = Url(url="https://x.org/rows.txt")
    supply_of(tmp_path).hold("exam", [source], lambda path: [{"q": part} for part in path.read_text().split("\n\n")])
    assert [line.rows for line in read_lock(tmp_path / "my.lock").values()] == [3]


def test_a_lock_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(old: Path, new: Path) -> NoReturn:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    put(tmp_path / "data" / "exam" / "rows.jsonl")
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DataError) as caught:
        supply_of(tmp_path).hold("exam", [SOURCES[0]])
    assert str(caught.value) == (
        f"{tmp_path}/my.lock: the lock cannot be written (Read-only file system). Name another file with MEDEVAL_LOCK."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["data"], "nothing half-written is left"


def test_what_one_run_has_just_locked_another_cannot_lock_as_something_else(tmp_path: Path) -> None:
    here, there = put(tmp_path / "a" / "rows.jsonl"), put(tmp_path / "b" / "rows.jsonl", b"{}\n")
    first, second = (Lock(tmp_path / "my.lock", "exam") for _ in range(2))
    assert not first.lines
    assert not second.lines, "both have looked before either wrote"
    first.take("exam", SOURCES[0], here)
    with pytest.raises(DataError, match="locked at first use was"):
        second.take("exam", SOURCES[0], there)


def _lock_some(home: str, number: int) -> None:
    lock = Lock(Path(home) / "my.lock", "exam")
    for each in range(5):
        lock.take("exam", Local(path=f"{number}-{each}.jsonl"), Path(home) / "rows.jsonl")


def test_several_processes_write_one_lock(tmp_path: Path) -> None:
    put(tmp_path / "rows.jsonl")
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_lock_some, args=(str(tmp_path), number)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {name for _, name, _, _ in read_lock(tmp_path / "my.lock")} == {
        f"{number}-{each}.jsonl" for number in range(3) for each in range(5)
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.lock", "rows.jsonl"], "nothing is left beside it"


# --- where runs meet it -------------------------------------------------------------------


def test_loading_rows_locks_what_no_task_pins_once_it_was_found_good(
    tmp_path: Path, exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDEVAL_LOCK", str(tmp_path / "my.lock"))
    folder = exam(8)
    text = (
        (folder / "exam.py").read_text().replace("Local(path=", "Hub(repo='org/exam', path=").replace("Local,", "Hub,")
    )
    (folder / "exam.py").write_text(text)
    named = find([folder]).named("exam")
    rows = folder / "data" / "exam" / "rows.jsonl"
    whole = rows.read_bytes()
    rows.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    with pytest.raises(DataError, match="gives 7 rows, the task has 8"):
        named.task.load("exam", chosen(str(folder / "data"), named))
    assert not (tmp_path / "my.lock").exists(), "what is not what the task says is not held"
    rows.write_bytes(whole)
    named.task.load("exam", chosen(str(folder / "data"), named))
    (line,) = read_lock(tmp_path / "my.lock").values()
    assert (line.source, line.sha256, line.rows) == ("hub:org/exam", hashlib.sha256(whole).hexdigest(), 8)
    rows.write_bytes(whole.replace(b"red", b"RED"))
    with pytest.raises(DataError, match=r"exam: .+ `medeval data lock exam --renew --data .+` takes the new one"):
        named.task.load("exam", chosen(str(folder / "data"), named))


def test_sample_rows_and_files_of_ones_own_are_not_locked(
    tmp_path: Path, exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDEVAL_LOCK", str(tmp_path / "my.lock"))
    named = find([exam(8)]).named("exam")
    named.task.load("exam", chosen(str(tmp_path / "data"), named))
    assert chosen("sample", find().named("mediq")).lock is None
    assert not (tmp_path / "my.lock").exists()


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"MEDEVAL_LOCK": "/team/my.lock"}, "/team/my.lock"),
        ({"MEDEVAL_CACHE": "/big"}, "/big/tasks.lock"),
        ({"MEDEVAL_CACHE": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/medeval/tasks.lock"),
    ],
)
def test_the_lock_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], place: str
) -> None:
    monkeypatch.delenv("MEDEVAL_LOCK", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    lock = chosen("", find().named("medqa")).lock
    assert lock is not None
    assert lock.path == Path(place)


# --- hashing ------------------------------------------------------------------------------


def test_a_file_that_lies_still_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "rows.jsonl")
    hashed: list[str] = []
    digest = hashlib.file_digest

    def counted(file: BufferedReader, kind: str) -> object:
        hashed.append(kind)
        return digest(file, kind)

    monkeypatch.setattr("hashlib.file_digest", counted)
    assert content(path) == content(path) == SHA
    assert len(hashed) == 2, "it was written a moment ago, and may be written again unseen"
    later = time.time_ns() + 10**10
    monkeypatch.setattr("time.time_ns", lambda: later)
    assert content(path) == content(path) == SHA
    assert len(hashed) == 3
    put(path, b"{}\n")
    assert content(path) == OTHER


REPORT = """
    import hashlib, sys
    counted = []
    digest = hashlib.file_digest
    hashlib.file_digest = lambda file, kind: counted.append(file.name) or digest(file, kind)
    from medeval import cli
    sys.argv = ["medeval", "run", "--model", "baseline:majority", "--tasks", "medqa", "--data", {data!r}, "--offline"]
    try:
        cli.main()
    except SystemExit as end:
        assert not end.code
    print([str(name) for name in counted if str(name).startswith({data!r})])
"""


@pytest.mark.skipif(not REAL.is_dir(), reason="no real benchmark data beside the project")
def test_a_run_on_pinned_files_hashes_each_once_and_locks_nothing(tmp_path: Path) -> None:
    code = "\n".join(line.removeprefix("    ") for line in REPORT.format(data=str(REAL)).splitlines())
    environment = {**os.environ, "MEDEVAL_LOCK": str(tmp_path / "my.lock")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == str([str(REAL / "medqa" / "phrases_no_exclude_test.jsonl")])
    assert not (tmp_path / "my.lock").exists()
