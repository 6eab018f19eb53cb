"""Files that are no rows, whatever they are called: told by name, and by how they begin."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from medeval.errors import DataError
from medeval.sources import Hub, Local, Source, Supply, Url, count_rows, read_rows, unfit

ROWS = [{"q": "x"}, {"q": "y"}]


class Evil:
    """A pickle that leaves a trace if anybody opens it."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


def zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("rows.json", json.dumps(ROWS))
    return held.getvalue()


def tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as file:
        file.addfile(tarfile.TarInfo("rows.json"))
    return held.getvalue()


def saved() -> bytes:
    held = io.BytesIO()
    np.save(held, np.arange(3))
    return held.getvalue()


@pytest.mark.parametrize(
    "ending", [".pkl", ".pickle", ".pt", ".bin", ".joblib", ".npy", ".npz", ".py", ".PKL", ".json.pkl"]
)
def test_a_file_that_may_hold_a_program_is_refused_by_its_name(tmp_path: Path, ending: str) -> None:
    said = f"a file that ends in .{ending.lower().rpartition('.')[2]} may hold a program, which opening it would run"
    assert unfit(f"data/rows{ending}").startswith(f"{said}, and is refused. ")
    path = tmp_path / f"rows{ending}"
    path.write_text('{"q": "x"}\n')
    with pytest.raises(DataError, match=r"may hold a program, .+ Take rows as JSON, CSV or Parquet\.$"):
        read_rows(path)


@pytest.mark.parametrize("ending", [".zip", ".tar", ".gz", ".tgz", ".jsonl.gz", ".zst"])
def test_an_archive_is_refused_by_its_name(ending: str) -> None:
    assert unfit(f"rows{ending}").endswith(
        " is an archive, and is refused. Take rows as JSON, CSV or Parquet, unpacked."
    )


@pytest.mark.parametrize(
    "name", ["a.json", "a.jsonl", "a.csv", "a.parquet", "a.tsv", "a.txt", "exam.xlsx", "py", "a/zip"]
)
def test_a_file_that_may_hold_rows_is_not(name: str) -> None:
    assert unfit(name) == ""


@pytest.mark.parametrize(
    "source", [Hub(repo="o/r", path="a.pkl"), Url(url="http://127.0.0.1:9/a.zip"), Local(path="a.npy")]
)
def test_a_source_with_such_a_name_is_neither_fetched_nor_opened(tmp_path: Path, source: Source) -> None:
    (tmp_path / "exam").mkdir()
    for supply in (Supply.only(tmp_path), Supply(None)):
        with pytest.raises(DataError, match=r"a file that ends in \.(pkl|zip|npy) .+ and is refused\."):
            supply.fetch("exam", source)
        (tmp_path / "exam" / source.path).write_text("{}")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.parquet"])
def test_a_pickle_under_a_name_of_data_is_never_opened(tmp_path: Path, name: str, protocol: int) -> None:
    path, trace = tmp_path / name, tmp_path / "trace"
    path.write_bytes(pickle.dumps(Evil(trace), protocol=protocol))
    if protocol >= 2:
        with pytest.raises(DataError, match=r"this is a pickle, which is a program and is never opened\."):
            read_rows(path)
    elif name != "a.csv":  # those are text: a CSV of nonsense
        with pytest.raises(DataError):
            read_rows(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped(), r"an archive \(zip\)"),
        (gzip.compress(b"{}", mtime=0), r"an archive \(gzip\)"),
        (tarred(), r"an archive \(tar\)"),
        (saved(), "an array of NumPy"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE HTML>\n<title>404</title>", r"a page \(HTML\), not data"),
        (b"<html><p>Log in.", r"a page \(HTML\), not data"),
    ],
)
def test_other_things_under_a_name_of_data_are_called_what_they_are(tmp_path: Path, content: bytes, what: str) -> None:
    for name in ("a.json", "a.csv", "a.parquet"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=rf"{name}: this is {what}.* Get the file of rows that it stands for\."):
            read_rows(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.json", json.dumps(ROWS), 2),
        ("a.json", json.dumps({"data": ROWS}), 2),
        ("a.json", json.dumps({"1": ROWS[0], "2": ROWS[1], "3": ROWS[0]}), 3),
        ("a.json", json.dumps({"1": "yes"}), 1),
        ("a.jsonl", '{"q": "x"}\n', 1),
        ("a.jsonl", '{"q": ["x", "y"]}\n', 1),
        ("a.csv", "q\nx\ny\nz\n", 3),
    ],
)
def test_rows_of_a_file_are_counted(tmp_path: Path, name: str, content: str, rows: int) -> None:
    (tmp_path / name).write_text(content)
    assert count_rows(tmp_path / name) == rows


def test_a_file_without_a_header_is_counted_by_the_columns_of_its_task(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,A\ny,B\n")
    assert count_rows(tmp_path / "a.csv", ("q", "answer")) == 2
