"""Bundles read: the honest one, and every kind of other."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from medeval.bundles import checked, take_in
from medeval.bundles.heads import head
from medeval.errors import DataError
from tests.test_bundles.forged import FILES, everything, listed, packed, parts, tarred, written

ROWS = "data/exam/rows.jsonl"


def refusal(path: Path) -> str:
    """Take a bundle in, which must be refused in one sentence or more, and leave nothing behind."""
    inside = path.parent / "inside"
    with pytest.raises(DataError) as caught:
        take_in(path, inside)
    assert not inside.exists()
    with pytest.raises(DataError):
        checked(path)
    assert all(str(path) in fault for fault in caught.value.faults)
    return str(caught.value).replace(f"{path}: ", "")


@pytest.mark.parametrize("path", ["a.txt", "d" * 90 + "/" + "n" * 90, "data/测试/题.jsonl", "é" * 50])
@pytest.mark.parametrize("size", [0, 1, 511, 8**11 - 1])
def test_the_head_of_a_file_is_the_one_that_python_writes(path: str, size: int) -> None:
    info = tarfile.TarInfo(path)
    info.size = size
    assert head(path, size) == info.tobuf(tarfile.USTAR_FORMAT)


def test_an_honest_bundle_is_read(tmp_path: Path) -> None:
    found = checked(written(tmp_path / "b", parts())).manifest
    assert [piece.path for piece in found.files] == sorted(FILES)
    assert found.size == sum(map(len, FILES.values()))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (tarfile.SYMTYPE, "a symbolic link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"), (tarfile.FIFOTYPE, "a FIFO"), (tarfile.DIRTYPE, "a folder"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"), (tarfile.XHDTYPE, "an extended header"),
        (tarfile.XGLTYPE, "an extended header"), (tarfile.GNUTYPE_LONGNAME, "a long name"), (b"\0", "a file"),
        (tarfile.CONTTYPE, "a file"),
    ],
)  # fmt: skip
def test_only_plain_files_are_taken(tmp_path: Path, kind: bytes, said: str) -> None:
    list_, rows, *rest = parts()
    odd = tarred(ROWS, FILES[ROWS], kind, "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else "")
    assert f"stands {said} " in refusal(written(tmp_path / "a", [list_, odd, *rest]))
    assert f"stands {said} " in refusal(written(tmp_path / "b", [list_, odd, rows, *rest]))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../evil", "data/../../evil", "data/./x", "data//x", "data/x/", "data\\..\\x", "C:/x",
        "data/C:x", "data/a\0b", "data/a\nb", "data/\x1b[2J", "data/\u202egnp", "data/x.", "data/x ", "data/ x",
        "data/.bashrc", "", ".", "data", "readme.txt", "manifest.json", "data/e\u0301", "medeval/task.py",
        "prompts/x.py", "licences/x.html", "wheels/x.pth", "data/x.pkl", "data/x.py", "data/" + "x" * 101,
        "data/" + "x" * 156 + "/x",
    ],
)  # fmt: skip
def test_only_plain_names_are_taken(tmp_path: Path, path: str) -> None:
    content = b"evil"
    list_ = listed([("data/fine", content), (path, content)])
    body = [tarred("data/fine", content), tarred("data/odd", content), bytes(1024)]
    said = refusal(written(tmp_path / "b", [tarred("manifest.json", list_), *body]))
    assert said.startswith(repr(path)[:200])
    assert said.endswith("Nothing was taken from it.")


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    list_ = listed([("data/odd", b"")]).replace(b"odd", b"\\ud800")
    assert "manifest.json is none" in refusal(written(tmp_path / "b", [tarred("manifest.json", list_), bytes(1024)]))


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["data/a", "data/a"], "'data/a' stands there 2 times"),
        (["data/A", "data/a"], "'data/a' and 'data/A' differ in capitals alone"),
        (["data/A/x", "data/a/y"], "'data/a' and 'data/A' differ in capitals alone"),
        (["data/STRASSE", "data/straße"], "'data/straße' and 'data/STRASSE' differ in capitals alone"),
        (["data/a", "data/a/b"], "'data/a' is a file and a folder"),
        (["data/b", "data/a"], "its manifest.json is not in order"),
    ],
)
def test_names_mean_one_file_each(tmp_path: Path, paths: list[str], said: str) -> None:
    list_ = tarred("manifest.json", listed([(path, b"") for path in paths]))
    assert said in refusal(written(tmp_path / "b", [list_, *[tarred(path, b"") for path in paths], bytes(1024)]))


def test_every_fault_of_the_names_is_told_at_once(tmp_path: Path) -> None:
    list_ = tarred("manifest.json", listed([("../a", b""), ("/b", b"")]))
    assert len(refusal(written(tmp_path / "b", [list_, bytes(1024)])).splitlines()) == 2


ODD: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "a file that the list does not name": (
        lambda all_: [*all_[:-1], tarred("data/more", b""), all_[-1]], "more in it than its list names"),
    "a file twice": (lambda all_: [*all_[:2], *all_[1:]], "stands a file 'data/exam/rows.jsonl'"),
    "a file left out": (lambda all_: [all_[0], *all_[2:]], "stands a file 'licences/exam.txt'"),
    "files in another order": (lambda all_: [all_[0], all_[2], all_[1], *all_[3:]], "stands a file"),
    "no list": (lambda all_: all_[1:], "begins with a file 'data/exam/rows.jsonl', not with its list"),
    "the list last": (lambda all_: [*all_[1:-1], all_[0], all_[-1]], "not with its list"),
    "nothing but an end": (lambda all_: all_[-1:], "begins with its end"),
    "other content": (
        lambda all_: [all_[0], all_[1].replace(b"Why", b"Who"), *all_[2:]],
        "data/exam/rows.jsonl: its sha256 is "),
    "a file that anybody may write": (
        lambda all_: [all_[0], tarred(ROWS, FILES[ROWS], mode=0o777), *all_[2:]], "stands a file"),
    "a file that runs as root": (
        lambda all_: [all_[0], tarred(ROWS, FILES[ROWS], mode=0o4755), *all_[2:]], "stands a file"),
    "something between two files": (
        lambda all_: [all_[0], all_[1][:-1] + b"x", *all_[2:]], "something stands between two files"),
    "a longer file": (
        lambda all_: [all_[0], tarred(ROWS, FILES[ROWS] + bytes(1 << 22)), *all_[2:]], "stands a file"),
    "no end": (lambda all_: all_[:-1], "ends too early"),
    "half an end": (lambda all_: [*all_[:-1], bytes(512)], "ends too early"),
    "something after its end": (lambda all_: [*all_, b"x"], "more in it than its list names"),
    "a bomb after its end": (lambda all_: [*all_, *[bytes(1 << 20)] * 64], "more in it than its list names"),
    "a list without end": (
        lambda _: [head("manifest.json", 1 << 30), *[b" " * (1 << 20)] * 32], "its list has 1073741824 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_otherwise_than_its_list_is_refused(tmp_path: Path, name: str) -> None:
    change, said = ODD[name]
    assert said in refusal(written(tmp_path / "b", change(parts())))


@pytest.mark.parametrize(
    "said",
    [
        {"format": 2}, {"files": [{"path": "data/x", "bytes": -1, "sha256": "0" * 64}]},
        {"files": [{"path": "data/x", "bytes": 8**11, "sha256": "0" * 64}]},
        {"files": [{"path": "data/x", "bytes": 0, "sha256": "0" * 63 + "\n"}]}, {"more": 1}, {"whole": "0" * 64},
        {"files": [{"path": "data/x", "bytes": 0, "sha256": "0" * 64, "mode": 511}]},
        {"tasks": [{"task": "x"}]},
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(tmp_path: Path, said: dict[str, object]) -> None:
    list_ = tarred("manifest.json", listed([], **said))
    assert "manifest.json is n" in refusal(written(tmp_path / "b", [list_, bytes(1024)]))


@pytest.mark.parametrize("text", [b"", b"{}", b"[" * 100_000, b"\xff", b"null", b" " + listed([])])
def test_a_list_that_is_no_json_of_ours_is_refused(tmp_path: Path, text: bytes) -> None:
    said = refusal(written(tmp_path / "b", [tarred("manifest.json", text), bytes(1024)]))
    assert "manifest.json is n" in said


def test_a_bomb_is_never_unpacked_further_than_its_list(tmp_path: Path) -> None:
    # 4 GiB of nothing, packed in some hundred thousand bytes, where a small file should begin.
    packing = zstandard.ZstdCompressor(level=1).compressobj()
    zeros = bytes(1 << 24)
    data = packing.compress(parts()[0]) + b"".join([packing.compress(zeros) for _ in range(256)]) + packing.flush()
    path = tmp_path / "b"
    path.write_bytes(data)
    assert len(data) < 1 << 20
    assert "stands its end" in refusal(path)


def test_a_window_that_would_take_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b"
    path.write_bytes(packed(parts(), window=27))
    assert "cannot be unpacked (" in refusal(path)
    assert "memory" in refusal(path)


def test_a_bundle_cut_anywhere_is_refused(tmp_path: Path) -> None:
    data, path = packed(parts()), tmp_path / "b"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(DataError):
            checked(path)
    path.write_bytes(data[:-1])
    assert refusal(path).startswith("ends too early")


@pytest.mark.parametrize("bits", [0x01, 0x80, 0xFF])
def test_a_bundle_with_any_byte_changed_is_refused_or_the_same(tmp_path: Path, bits: int) -> None:
    data, path = bytearray(packed(parts())), tmp_path / "b"
    path.write_bytes(data)
    honest, same = checked(path).manifest, 0
    for place in range(len(data)):
        data[place] ^= bits
        path.write_bytes(data)
        try:
            found = checked(path)
            assert found.manifest == honest
            assert found.sha256 == hashlib.sha256(data).hexdigest(), "what is the same is told apart by the file's sum"
            same += 1
        except DataError as fault:
            assert len(fault.faults) == 1
        data[place] ^= bits
    assert same < 16


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no bundle of medeval: it is empty"), (b"Salted__" + bytes(range(256)), "is no bundle of medeval"),
        (b"".join(parts()), "is no bundle of medeval"), (b"PK\x03\x04", "is no bundle of medeval"),
        (b"\x28\xb5\x2f\xfd" + b"garbage" * 99, "cannot be unpacked"), (b"\x28\xb5\x2f\xfd", "ends too early"),
        (packed(parts()) + b"x", "more in it than its list"), (packed(parts()) * 2, "more in it than its list"),
        (packed(parts()) + b"\x50\x2a\x4d\x18\x01\0\0\0x", "more in it than its list"),
        (b"\x50\x2a\x4d\x18\x01\0\0\0x" + packed(parts()), "is no bundle of medeval"),
        (packed([b"hello"]), "ends too early"),
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused_in_one_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "b"
    path.write_bytes(data)
    told = refusal(path)
    assert said in told
    assert "\n" not in told


def test_an_archive_of_another_library_with_extensions_is_refused(tmp_path: Path) -> None:
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
            info = tarfile.TarInfo("manifest.json")
            info.size, info.mtime = len(listed([])), 1.5
            archive.addfile(info, io.BytesIO(listed([])))
        assert "not with its list" in refusal(written(tmp_path / "b", [buffer.getvalue()]))


def test_a_folder_or_nothing_at_all_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(DataError, match="cannot be read"):
            checked(path)
    assert everything(tmp_path) == {}
