"""Bundles taken in: where everything goes, and that nothing is written over."""

import hashlib
import os
from pathlib import Path

import pytest

from medeval.bundles import take_in
from medeval.errors import DataError
from medeval.sources import Hub, Supply
from tests.test_bundles.forged import FILES, everything, listed, parts, tarred, written

ROWS = "data/exam/rows.jsonl"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return written(tmp_path / "b.tar.zst", parts())


def test_data_go_where_runs_look_and_papers_beside(bundle: Path, tmp_path: Path) -> None:
    there = take_in(bundle, tmp_path / "inside")
    mark = there.manifest.whole[:16]
    assert there.data == tmp_path / "inside" / "data"
    assert everything(tmp_path / "inside") == {
        ROWS: FILES[ROWS], f"bundles/{mark}/licences/exam.txt": FILES["licences/exam.txt"],
        f"bundles/{mark}/tasks.lock": b"", f"bundles/{mark}/manifest.json": listed(sorted(FILES.items())),
    }  # fmt: skip
    assert (there.added, there.there) == (4, 0)
    assert there.sha256 == hashlib.sha256(bundle.read_bytes()).hexdigest()
    assert [path.name for path in (tmp_path / "inside").iterdir() if path.name.startswith(".")] == []


def test_taking_it_in_twice_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    take_in(bundle, tmp_path / "inside")
    before = everything(tmp_path / "inside")
    again = take_in(bundle, tmp_path / "inside")
    assert (again.added, again.there) == (0, 4)
    assert everything(tmp_path / "inside") == before


def test_two_bundles_share_their_data(bundle: Path, tmp_path: Path) -> None:
    take_in(bundle, tmp_path / "inside")
    other = take_in(written(tmp_path / "c", parts({ROWS: FILES[ROWS], "data/exam/more": b""})), tmp_path / "inside")
    assert (other.added, other.there) == (2, 1)


def test_other_content_is_never_written_over_and_both_hashes_are_told(bundle: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    (inside / "data" / "exam").mkdir(parents=True)
    (inside / ROWS).write_bytes(b"mine")
    with pytest.raises(DataError) as caught:
        take_in(bundle, inside)
    for content in (b"mine", FILES[ROWS]):
        assert hashlib.sha256(content).hexdigest() in str(caught.value)
    assert everything(inside) == {ROWS: b"mine"}
    assert sorted(path.name for path in inside.iterdir()) == ["data"]


def test_all_that_is_in_the_way_is_told_at_once(tmp_path: Path) -> None:
    bundle = written(tmp_path / "b", parts({"data/a/x": b"", "data/b": b"", "data/c": b"1", "data/d": b""}))
    data = tmp_path / "inside" / "data"
    data.mkdir(parents=True)
    (data / "a").write_bytes(b"a file where a folder should be")
    (data / "b").mkdir()
    (data / "c").symlink_to(tmp_path / "nowhere")
    with pytest.raises(DataError) as caught:
        take_in(bundle, tmp_path / "inside")
    assert ["is no folder" in caught.value.faults[0], *["is no file" in each for each in caught.value.faults[1:]]] == [
        True, True, True,
    ]  # fmt: skip
    assert sorted(path.name for path in data.iterdir()) == ["a", "b", "c"]
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_turns_up_meanwhile_is_not_written_over(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, link = tmp_path / "inside", os.link

    def later(part: Path, home: Path) -> None:
        if home.name == "tasks.lock":
            home.write_bytes(b"another was quicker")
        link(part, home)

    monkeypatch.setattr("os.link", later)
    with pytest.raises(DataError, match="is there with other content"):
        take_in(bundle, inside)
    assert [*everything(inside).values()] == [b"another was quicker"]


def test_a_disk_without_second_names_will_do(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(part: Path, home: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    take_in(bundle, tmp_path / "inside")
    assert (tmp_path / "inside" / ROWS).read_bytes() == FILES[ROWS]


def test_a_full_disk_is_told_before_anything_is_written(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(DataError, match="has 10 bytes left, 845 are needed"):
        take_in(bundle, tmp_path / "deep" / "inside")
    assert not (tmp_path / "deep").exists()


def test_a_place_that_cannot_be_written_is_told(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "inside").write_bytes(b"a file")
    with pytest.raises(DataError, match="cannot be written"):
        take_in(bundle, tmp_path / "inside")
    assert (tmp_path / "inside").read_bytes() == b"a file"


def test_a_fault_in_the_last_file_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    honest = parts()
    bundle = written(tmp_path / "b", [*honest[:-2], tarred("tasks.lock", b"x"), honest[-1]])
    with pytest.raises(DataError):
        take_in(bundle, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()


@pytest.mark.parametrize("sha256", ["", hashlib.sha256(FILES[ROWS]).hexdigest()])
def test_files_of_hubs_are_found_in_the_cache_without_a_network(bundle: Path, tmp_path: Path, sha256: str) -> None:
    source = Hub(repo="org/exam", path="rows.jsonl", revision="0" * 40, sha256=sha256)
    there = take_in(bundle, tmp_path / "cache")
    found = Supply(None, offline=True, cache=there.data).fetch("exam", source)
    assert found.read_bytes() == FILES[ROWS]
