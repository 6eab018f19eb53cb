"""Building: whole or not at all, over nothing of anybody else's, and the same bytes however it was done."""

import errno
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from medeval import board
from medeval.board import assembled, costs
from medeval.board.wishes import Options
from medeval.errors import ReportError, RequestError
from tests.test_board import shelves
from tests.test_board.conftest import VERSION

ENTRIES = {"one": [1.0, 1.0, 0.0, 1.0], "two": [1.0, 0.0, 0.0, 1.0], "three": [0.0, 0.0, 1.0, 0.0]}


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Reports of three entries on two tasks."""
    for entry, marks in ENTRIES.items():
        shelves.cell(tmp_path / "reports", entry, shelves.lines(marks))
        shelves.cell(tmp_path / "reports", entry, shelves.lines(marks[::-1]), "pubmedqa")
    return tmp_path / "reports"


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def build(reports: Path, out: Path, **how: object) -> dict[str, bytes]:
    """Build a site, and read all of it."""
    board.build(reports, out, Options(**{"workers": 1, **how}), version=VERSION)  # type: ignore[arg-type]
    return bytes_of(out)


def beside(out: Path) -> list[str]:
    """What else lies in the folder of a site."""
    return sorted(path.name for path in out.parent.iterdir() if path != out)


def test_without_a_single_result_there_is_still_a_page_to_open_that_says_what_is_broken(tmp_path: Path) -> None:
    shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0]))
    (tmp_path / "reports" / "one" / "medqa" / "result.json").write_text("{", encoding="utf-8")
    made = build(tmp_path / "reports", tmp_path / "site")
    assert b'href="en/data.html"' in made["index.html"]
    assert b'href="data.html"' in made["zh/index.html"]
    assert b"one/medqa" in made["en/data.html"]


def test_a_line_that_cannot_be_read_costs_its_cell_the_cases_and_nobody_else_anything(
    few: Path, tmp_path: Path
) -> None:
    path = few / "one" / "medqa" / "samples.jsonl"
    first, *rest = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([first.replace(b'"slices":', b'"sliced":'), *rest]))
    made = build(few, tmp_path / "site", texts="all")
    assert b"medqa/samples.jsonl: Object missing required field" in made["en/cell/one/medqa.html"]
    assert b'class="case' in made["en/cell/two/medqa.html"]
    assert b'class="case' in made["en/cell/one/pubmedqa.html"]
    assert b'class="case' in made["en/task/medqa.html"]


# --- the same bytes -----------------------------------------------------------------------------


def test_the_same_reports_give_the_same_bytes(few: Path, tmp_path: Path) -> None:
    one, two = build(few, tmp_path / "a"), build(few, tmp_path / "b")
    assert one == two
    assert len(one) > 50


def test_the_order_in_which_folders_were_made_changes_nothing(few: Path, tmp_path: Path) -> None:
    for entry in reversed(ENTRIES):
        for task in ("pubmedqa", "medqa"):
            shutil.copytree(few / entry / task, tmp_path / "turned" / entry / task)
    assert build(tmp_path / "turned", tmp_path / "b") == build(few, tmp_path / "a")


def test_several_processes_make_what_one_makes(few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = build(few, tmp_path / "a", workers=1)
    pools: list[int] = []

    def counted(count: int, mp_context: BaseContext) -> ProcessPoolExecutor:
        pools.append(count)
        return ProcessPoolExecutor(count, mp_context=mp_context)

    monkeypatch.setattr(assembled, "FEW", 2)
    monkeypatch.setattr(assembled, "ProcessPoolExecutor", counted)
    assert build(few, tmp_path / "b", workers=2) == one
    assert pools == [2, 2], "cells are read and pages are written by two"


def test_few_cells_are_read_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembled, "ProcessPoolExecutor", None)
    for count, jobs in ((1, 10_000), (8, assembled.FEW - 1)):
        with assembled.workers(count, jobs) as mapped:
            assert list(mapped(str, [1, 2])) == ["1", "2"]


# --- in its place -------------------------------------------------------------------------------


def test_it_tells_what_it_has_built(few: Path, tmp_path: Path) -> None:
    built = board.build(few, tmp_path / "out", Options(workers=1), version=VERSION)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert (built.entries, built.results, built.broken, built.private) == (3, 6, (), 0)
    assert built.pages == len(files) - 1, "all but the mark"
    assert beside(tmp_path / "out") == ["reports"]


def test_a_new_site_has_nothing_of_the_old_one(few: Path, tmp_path: Path) -> None:
    build(few, tmp_path / "out")
    (tmp_path / "out" / "en" / "old.html").write_text("old", encoding="utf-8")
    shutil.rmtree(few / "two")
    again = build(few, tmp_path / "out")
    assert not [name for name in again if "two" in name or name == "en/old.html"]
    assert beside(tmp_path / "out") == ["reports"]


def test_a_folder_of_somebody_else_is_refused_and_left_alone(few: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(RequestError, match=r"theirs: is there, and is no board .+ Name another --out\."):
        build(few, tmp_path / "theirs")
    assert bytes_of(tmp_path / "theirs") == {"thesis.txt": b"years of work"}
    assert beside(tmp_path / "theirs") == ["reports"]


def test_an_empty_folder_may_be_built_into_and_one_is_made(few: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert build(few, tmp_path / "empty") == build(few, tmp_path / "new" / "deep" / "site")


def test_reports_are_never_taken_for_a_site(few: Path) -> None:
    before = bytes_of(few)
    with pytest.raises(RequestError, match="is no board that medeval built"):
        build(few, few)
    assert bytes_of(few) == before


@pytest.mark.parametrize("old", [True, False])
def test_a_failure_in_the_middle_leaves_what_was_there(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, old: bool
) -> None:
    before = build(few, tmp_path / "out") if old else {}

    def fail(*_: object) -> Iterator[None]:
        raise ZeroDivisionError

    monkeypatch.setattr(costs, "page", fail)
    with pytest.raises(ZeroDivisionError):
        build(few, tmp_path / "out")
    assert (tmp_path / "out").exists() is old
    assert bytes_of(tmp_path / "out") == before
    assert beside(tmp_path / "out") == ["reports"]


def test_a_failure_while_it_is_put_in_its_place_leaves_what_was_there(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(few, tmp_path / "out")
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target == tmp_path / "out" and not path.name.endswith(".before"):
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ReportError, match=r"out: cannot be put in its place \(Permission denied\)\."):
        build(few, tmp_path / "out")
    assert bytes_of(tmp_path / "out") == before
    assert beside(tmp_path / "out") == ["reports"]


def test_reports_that_are_not_there_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"nowhere: is no folder of reports\. `medeval run` makes one\."):
        build(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match=r"empty: no results there\. `medeval run` makes some\."):
        build(tmp_path / "empty", tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


# --- options ------------------------------------------------------------------------------------


def test_one_language_is_built_alone(few: Path, tmp_path: Path) -> None:
    both = build(few, tmp_path / "both")
    for tongue, other in (("en", "zh"), ("zh", "en")):
        alone = build(few, tmp_path / tongue, tongues=(tongue,))
        assert {name.partition("/")[0] for name in alone} == {".medeval-site", "data", "index.html", tongue}
        assert {*alone} == {name for name in both if not name.startswith(f"{other}/")}
        assert not [name for name, data in alone.items() if f"{other}/".encode() in data and name.endswith(".html")]


def test_only_broken_and_unfinished_results_make_a_site_that_says_so(few: Path, tmp_path: Path) -> None:
    for path in few.rglob("result.json"):
        path.unlink()
    built = board.build(few, tmp_path / "out", Options(workers=1), version=VERSION)
    assert (built.entries, built.results, len(built.broken)) == (0, 0, 6)
    assert all(each.unfinished for each in built.broken)
    assert "There is no finished result yet." in (tmp_path / "out" / "en" / "index.html").read_text(encoding="utf-8")


def test_private_entries_are_left_out_unless_they_are_asked_for(few: Path, tmp_path: Path) -> None:
    shelves.declared(few, "two", private=True)
    public = build(few, tmp_path / "public")
    # "two" alone is an English word.
    assert not [name for name, data in public.items() if b"entry/two.html" in data or b">two<" in data or "two" in name]
    assert "en/entry/two.html" in build(few, tmp_path / "all", private=True)
    told = board.build(few, tmp_path / "public", Options(workers=1), version=VERSION)
    assert (told.entries, told.private) == (2, 1)


def test_columns_of_ones_own_choice_are_the_groups(few: Path, tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text(
        '[mine]\ntitle = "Mine"\nzh = "我的"\ntasks = ["pubmed*"]\n', encoding="utf-8"
    )
    made = build(few, tmp_path / "out", columns=tmp_path / "columns.toml")
    assert "Mine" in made["en/index.html"].decode()
    assert "我的" in made["zh/index.html"].decode()
    assert "en/others.html" in made, "what no group names stands together"


def test_a_full_disk_is_one_sentence_and_the_site_before_stays(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    board.build(few, site, Options(workers=1), version=VERSION)
    before, write = bytes_of(site), Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "cost.html":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReportError) as told:
        board.build(few, site, Options(workers=1), version=VERSION)
    said = f"{site}/en/cost.html: cannot be written (No space left on device). The site is as it was before."
    assert told.value.faults == (said,)
    assert bytes_of(site) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reports", "site"]


# --- everything in one file ---------------------------------------------------------------------


def test_a_single_file_needs_no_other_and_is_the_same_each_time(few: Path, tmp_path: Path) -> None:
    for name in ("a.html", "b/c.html"):
        board.single(few, tmp_path / name, Options(workers=1), version=VERSION)
    made = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert made == (tmp_path / "b" / "c.html").read_text(encoding="utf-8")
    for entry in ENTRIES:
        assert f'data-entry="{entry}"' in made
    assert "src=" not in made
    assert 'href="http' not in made
    assert beside(tmp_path / "a.html") == ["b", "reports"]


def test_a_single_file_in_the_place_of_a_folder_is_refused(few: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(RequestError, match=r"there: is a folder\. Name a file for the page\."):
        board.single(few, tmp_path / "there", Options(workers=1), version=VERSION)
