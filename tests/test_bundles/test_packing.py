"""Bundles packed: what is in one, what is not, and what a licence forbids."""

import errno
import hashlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from medeval import catalog
from medeval.bundles import Packing, Seen, checked, pack, take_in
from medeval.bundles.wheels import versions
from medeval.errors import DataError, RequestError
from medeval.sources import Hub
from tests.hub_server import at_home
from tests.test_bundles.forged import unpacked

OWN = 'licence="CC0-1.0"'


def packing(home: Path, *names: str, **other: object) -> Packing:
    found = catalog.find([home] if (home / "exam.py").is_file() else [])
    return msgspec.structs.replace(
        Packing(tasks=tuple([found.named(name) for name in names]), data=str(home / "data"), version="0.0"), **other
    )


def under(home: Path, licence: str) -> Path:
    file = home / "exam.py"
    file.write_text(file.read_text(encoding="utf-8").replace(OWN, f'licence="{licence}"'), encoding="utf-8")
    return home


def refusal(wanted: Packing) -> tuple[str, ...]:
    out = Path(wanted.data) / "b"
    with pytest.raises(RequestError) as caught:
        pack(wanted, out)
    assert not out.exists()
    return caught.value.faults


@pytest.fixture
def home(exam: Callable[[int], Path]) -> Path:
    return exam(12)


def test_data_and_papers_are_in_it_and_the_code_of_others_is_not(home: Path) -> None:
    found = pack(packing(home, "exam"), home / "b")
    inside = unpacked(home / "b")
    assert [*inside] == ["manifest.json", "data/exam/rows.jsonl", "licences/exam.txt", "tasks.lock", "wheels.txt"]
    assert inside["data/exam/rows.jsonl"] == (home / "data" / "exam" / "rows.jsonl").read_bytes()
    assert found.size == (home / "b").stat().st_size
    (task,) = found.manifest.tasks
    assert (task.task, task.licence, task.carry, task.own) == ("exam", "CC0-1.0", "yes", False)
    assert checked(home / "b") == Seen(manifest=found.manifest, sha256=found.sha256)
    assert found.sha256 == hashlib.sha256((home / "b").read_bytes()).hexdigest()


def test_the_lock_says_what_each_file_is(home: Path) -> None:
    pack(packing(home, "exam"), home / "b")
    (line,) = tomllib.loads(unpacked(home / "b")["tasks.lock"].decode())["file"]
    said = subprocess.run(
        ["sha256sum", home / "data" / "exam" / "rows.jsonl"], capture_output=True, text=True, check=True
    )
    assert line == {
        "folder": "exam", "name": "rows.jsonl", "source": "yours", "sha256": said.stdout.split()[0],
        "bytes": (home / "data" / "exam" / "rows.jsonl").stat().st_size,
    }  # fmt: skip


def test_the_same_content_gives_the_same_bytes(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    pack(packing(home, "exam"), home / "b")
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(home, other, dirs_exist_ok=True)
    (other / "data" / "exam" / "rows.jsonl").touch(mode=0o600)
    pack(packing(other, "exam"), other / "c")
    assert (home / "b").read_bytes() == (other / "c").read_bytes()


def test_others_unpack_it(home: Path, tmp_path: Path) -> None:
    pack(packing(home, "exam"), home / "b")
    if not shutil.which("zstd") or not shutil.which("tar"):
        pytest.skip("no tar with zstd on this machine")
    said = subprocess.run(["tar", "--zstd", "-tvf", home / "b"], capture_output=True, text=True, check=True)
    assert said.stderr == ""
    assert {" ".join(line.split()[:2] + line.split()[3:5]) for line in said.stdout.splitlines()} == {
        "-rw-r--r-- 0/0 1970-01-01 00:00"
    }


def own_data(folder: Path, name: str) -> Path:
    """Lay a file under the names of a task's own files: what is unpinned may be anything."""
    task = catalog.find().named(name).task
    for source in (*task.forms[0].files, *task.forms[0].exemplars):
        path = folder / "data" / task.folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}\n")
    return folder


def test_a_task_of_our_own_brings_prompts_and_the_words_of_its_judges(tmp_path: Path) -> None:
    named = catalog.find().named("cmb_clin")
    forms = [
        msgspec.structs.replace(form, files=tuple([msgspec.structs.replace(each, sha256="") for each in form.files]))
        for form in named.task.forms
    ]
    unpinned = msgspec.structs.replace(named.task, forms=tuple(forms))
    own_data(tmp_path, "cmb_clin")
    wanted = packing(tmp_path, tasks=(msgspec.structs.replace(named, task=unpinned),))
    assert pack(wanted, tmp_path / "b").manifest.tasks[0].own
    inside = unpacked(tmp_path / "b")
    assert {path for path in inside if path.startswith("judges/")} == {
        f"judges/{each.grading.name}/{name}" for each in named.task.judged
        for name in ("grade_en.md", "grade_zh.md", "grading.json")
    }  # fmt: skip
    assert msgspec.json.decode(inside["judges/cmb/grading.json"])["judge"] == "gpt-4"
    prompts = {path: text for path, text in inside.items() if path.startswith("prompts/cmb_clin/")}
    assert len(prompts) == len(named.task.wordings)
    told = inside["licences/cmb_clin.txt"].decode()
    assert all(part in told for part in (named.task.title, named.task.licence, named.task.paper))


@pytest.mark.parametrize(
    ("licence", "inside", "said"),
    [
        (
            "none given", False,
            ("No licence is given: Without a licence all rights stay with the makers: ask them. "
             "Leave it out, or --inside if the bundle stays within your organisation."),
        ),
        (
            "registration", True,
            ("Under terms that each user agrees to: Everybody who uses the files gets them from their owners. "
             "Leave it out."),
        ),
        (
            "all mine", True,
            "all mine: licences.toml does not know it: what it allows is for a person to read. Leave it out.",
        ),
    ],
)  # fmt: skip
def test_what_a_licence_forbids_is_refused(home: Path, licence: str, inside: bool, said: str) -> None:
    assert refusal(packing(under(home, licence), "exam", inside=inside)) == (f"exam: may not be passed on. {said}",)


def test_what_may_not_leave_a_house_is_carried_within_it_and_that_is_kept(home: Path) -> None:
    found = pack(packing(under(home, "none given"), "exam", inside=True), home / "b").manifest
    assert found.inside
    assert found.tasks[0].carry == "inside"
    assert "may be passed on: within one's own organisation" in unpacked(home / "b")["licences/exam.txt"].decode()


def test_all_faults_are_told_at_once(home: Path) -> None:
    (home / "data" / "exam" / "rows.jsonl").unlink()
    said = refusal(packing(under(home, "registration"), "exam", "medqa", wheels=home / "none", extras=("cake",)))
    assert [each.partition(":")[0] for each in (said[0], *said[2:])] == ["exam", "exam", "medqa", "medqa"]
    assert said[1].startswith("Unknown extra 'cake'. There are ")
    assert "Put it there, or name the folder that has it with --data DIR" in said[2]


@pytest.fixture
def bare(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine with a network and no file of any hub; what would be fetched."""
    at_home(home, monkeypatch)
    fetched: list[str] = []

    def fetch(source: Hub, *_: object) -> NoReturn:
        fetched.append(source.path)
        raise DataError(f"{source.path}: is not fetched in a test.")

    monkeypatch.setattr("medeval.sources.hub.fetched", fetch)
    return fetched


def test_nothing_is_fetched_for_a_bundle_that_is_refused_anyway(home: Path, bare: list[str]) -> None:
    (fault,) = refusal(packing(under(home, "registration"), "medqa", "exam"))
    assert fault.startswith("exam: may not be passed on.")
    (home / "b").touch()
    for out, force in ((home / "b", False), (home / "none" / "b", False), (home / "data", True)):
        with pytest.raises(RequestError) as caught:
            pack(packing(home, "medqa", force=force), out)
        assert len(caught.value.faults) == 1
    assert bare == []
    assert len(refusal(packing(home, "medqa"))) == len(bare) > 0, "the same is fetched where nothing is wrong"


def test_what_is_brought_along_is_missed_even_so(home: Path, bare: list[str]) -> None:
    (home / "data" / "exam" / "rows.jsonl").unlink()
    said = refusal(packing(under(home, "registration"), "medqa", "exam"))
    assert [each.partition(":")[0] for each in said] == ["exam", "exam"]
    assert bare == []


def test_without_a_connection_what_is_missing_is_told(home: Path, bare: list[str]) -> None:
    said = refusal(packing(home, "medqa", offline=True))
    assert all("not on this machine, and nothing may be downloaded" in each for each in said)
    assert bare == []


def test_a_place_that_takes_no_file_is_told_in_a_sentence(home: Path) -> None:
    (home / "b").write_bytes(b"mine")
    os.mkfifo(home / "pipe")
    for out, force, said in (
        (home / "data", True, f"{home}/data: is a folder. Name a file, as --out {home}/data/bundle.tar.zst."),
        (home / "none" / "b", True, f"{home}/none: no such folder. Make it, or choose another --out."),
        (home / "b" / "c", True, f"{home}/b: no such folder. Make it, or choose another --out."),
        (home / "b", False, f"{home}/b: is there already. Choose another --out, or --force to write over it."),
        (home / "pipe", True, f"{home}/pipe: is there and is no file. Choose another --out."),
        (
            home / ("x" * 300),
            True,
            f"{home / ('x' * 300)}: cannot be written (File name too long). Choose another --out.",
        ),
    ):
        with pytest.raises(RequestError) as caught:
            pack(packing(home, "exam", force=force), out)
        assert caught.value.faults == (said,)
        assert caught.value.exit_code == 2
    assert (home / "b").read_bytes() == b"mine"
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_takes_nothing_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    assert refusal(packing(home, "exam")) == (
        f"{home}/data/b: cannot be written (Permission denied). Choose another --out.",
    )


def test_a_file_that_is_there_is_written_over_where_one_says_so(home: Path) -> None:
    (home / "b").write_bytes(b"mine")
    assert pack(packing(home, "exam", force=True), home / "b").sha256 == checked(home / "b").sha256


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    own_data(tmp_path, "medqa")
    (fault, *_) = refusal(packing(tmp_path, "medqa"))
    assert "sha256 is " in fault
    assert "the task pins" in fault


def test_sample_rows_are_not_packed(home: Path) -> None:
    with pytest.raises(RequestError, match="Sample rows come with medeval itself"):
        pack(packing(home, "exam", data="sample"), home / "b")


def test_two_files_of_one_name_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (named,) = packing(home, "exam").tasks
    form = named.task.forms[0]
    other = msgspec.structs.replace(
        named, name="other",
        task=msgspec.structs.replace(
            named.task, forms=(msgspec.structs.replace(form, files=(Hub(repo="a/b", path="rows.jsonl"),)),)
        ),
    )  # fmt: skip
    cached = home / "hub" / "datasets--a--b" / "snapshots" / "main" / "rows.jsonl"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"{}")
    monkeypatch.setenv("HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setenv("MEDEVAL_CACHE", str(home))
    with pytest.raises(RequestError, match="Pack the two apart"):
        pack(packing(home, tasks=(named, other), data=""), home / "b")


def test_a_file_that_changes_under_our_hands_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from medeval.bundles import packing as module

    rows, real = home / "data" / "exam" / "rows.jsonl", module._compressor

    def late() -> object:
        rows.write_bytes(rows.read_bytes().replace(b"Question", b"Answers_"))
        return real()

    monkeypatch.setattr(module, "_compressor", late)
    with pytest.raises(DataError, match="was changed while it was packed"):
        pack(packing(home, "exam"), home / "b")
    assert not [path for path in home.iterdir() if path.name.startswith((".b", "b"))]


def test_what_medeval_runs_on_is_listed_by_version() -> None:
    found = versions(())
    assert {name: found[name] for name in ("medeval-harness", "msgspec", "typer", "huggingface-hub")} == {
        name: version(name) for name in ("medeval-harness", "msgspec", "typer", "huggingface-hub")
    }
    assert found["anyio"] == version("anyio")  # needed by what httpx2 needs
    assert "pytest" not in found
    assert "pytest" in versions(("dev",))


def test_a_wheelhouse_comes_along_and_what_it_lacks_is_told(home: Path) -> None:
    house = home / "house"
    house.mkdir()
    for name in ("msgspec-0.20.0-cp311-cp311-linux_x86_64.whl", "rouge_score-0.1.2.tar.gz", "notes.txt"):
        (house / name).write_bytes(name.encode())
    found = pack(packing(home, "exam", wheels=house), home / "b")
    assert {path for path in unpacked(home / "b") if path.startswith("wheels/")} == {
        "wheels/msgspec-0.20.0-cp311-cp311-linux_x86_64.whl", "wheels/rouge_score-0.1.2.tar.gz"
    }  # fmt: skip
    assert {"msgspec", "rouge-score"} & {*found.lacking} == set()
    assert {"typer", "medeval-harness"} <= {*found.lacking}
    there = take_in(home / "b", home / "inside")
    assert len([*(there.papers / "wheels").iterdir()]) == 2


def test_a_wheelhouse_without_wheels_is_refused(home: Path) -> None:
    (home / "empty").mkdir()
    assert "no wheels are there" in refusal(packing(home, "exam", wheels=home / "empty"))[0]
    assert "no such folder" in refusal(packing(home, "exam", wheels=home / "nowhere"))[0]
