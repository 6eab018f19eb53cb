"""Which cell is held against which: by name, and then by what there is one of on each side."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import reports
from medeval.comparing.pairing import Paired, paired
from medeval.comparing.sides import side, sides
from medeval.errors import DataError, ReportError, RequestError
from medeval.records import Result
from tests.test_comparing.made import SWORN, cell, lines


def entry(root: Path, name: str, *cells: str) -> Path:
    """An entry with cells; `cell/judge` is that of a judge."""
    for each in cells:
        home, _, judge = each.partition("/")
        sworn = replace(SWORN, judge=replace(SWORN.judge, name=judge)) if judge else None
        cell(root, name, lines([1.0, 0.0]), home, sworn=sworn)
    return root / name


def laid(root: Path, base: tuple[str, ...], new: tuple[str, ...]) -> Paired:
    return paired(sides(entry(root, "base", *base)), sides(entry(root, "new", *new)))


def names(found: Paired) -> list[tuple[str, str]]:
    return [(one.cell, two.cell) for one, two in found.pairs]


def test_cells_of_one_name_belong_together(tmp_path: Path) -> None:
    found = laid(tmp_path, ("medqa", "medqa@5shot", "pubmedqa"), ("medqa@5shot", "medqa", "medmcqa"))
    assert names(found) == [("medqa", "medqa"), ("medqa@5shot", "medqa@5shot")]
    assert (found.only_base, found.only_new) == (("pubmedqa",), ("medmcqa",))


def test_a_task_that_each_has_one_more_of_is_compared_however_it_was_asked(tmp_path: Path) -> None:
    found = laid(tmp_path, ("medqa", "medqa@5shot"), ("medqa", "medqa@written"))
    assert names(found) == [("medqa", "medqa"), ("medqa@5shot", "medqa@written")]


def test_where_there_are_several_nobody_chooses(tmp_path: Path) -> None:
    found = laid(tmp_path, ("medqa@5shot", "medqa@chat"), ("medqa@written",))
    assert names(found) == []
    assert (found.only_base, found.only_new) == (("medqa@5shot", "medqa@chat"), ("medqa@written",))


def test_a_judge_is_held_against_the_same_judge(tmp_path: Path) -> None:
    base = ("k_qa", "k_qa/strict", "k_qa/mild")
    found = laid(tmp_path, base, ("k_qa@5shot", "k_qa@5shot/strict", "k_qa@5shot/kind"))
    assert names(found) == [("k_qa", "k_qa@5shot"), ("k_qa/judged/strict", "k_qa@5shot/judged/strict")]
    assert (found.only_base, found.only_new) == (("k_qa/judged/mild",), ("k_qa@5shot/judged/kind",))


def test_pairs_stand_in_the_order_of_the_base(tmp_path: Path) -> None:
    found = laid(tmp_path, ("a@5shot", "b", "c@5shot", "d"), ("d", "c", "b", "a"))
    assert [one.cell for one, _ in found.pairs] == ["a@5shot", "b", "c@5shot", "d"]


def test_the_other_way_round_pairs_the_same(tmp_path: Path) -> None:
    there = sides(entry(tmp_path, "base", "a", "a@x", "b@x")), sides(entry(tmp_path, "new", "a", "b", "a@y", "c"))
    back = {(two.cell, one.cell) for one, two in paired(there[1], there[0]).pairs}
    assert back == {*names(paired(*there))} == {("a", "a"), ("a@x", "a@y"), ("b@x", "b")}


# --- what an entry has ---


def test_only_tasks_that_are_wanted_are_read(tmp_path: Path) -> None:
    folder = entry(tmp_path, "base", "medqa", "medqa@5shot", "pubmedqa")
    (folder / "pubmedqa" / reports.SAMPLES).write_text("torn", encoding="utf-8")
    assert [each.cell for each in sides(folder, ["medqa"])] == ["medqa", "medqa@5shot"]
    with pytest.raises(DataError, match=r"pubmedqa/samples\.jsonl: line 1"):
        sides(folder)


def test_one_cell_is_a_side_with_its_judges(tmp_path: Path) -> None:
    folder = entry(tmp_path, "base", "medqa", "medqa/strict", "pubmedqa")
    assert [each.cell for each in sides(folder / "medqa")] == ["medqa", "medqa/judged/strict"]


def test_groups_and_what_is_not_finished_are_no_sides(tmp_path: Path) -> None:
    folder = entry(tmp_path, "base", "medqa", "group", "open")
    group = reports.read(folder / "group" / reports.RESULT, Result)
    assert group is not None
    reports.publish(folder / "group" / reports.RESULT, replace(group, members=("medqa",)))
    (folder / "open" / reports.RESULT).unlink()
    assert [each.cell for each in sides(folder)] == ["medqa"]
    assert side(folder / "group") is None
    assert side(folder / "open") is None


def test_a_folder_without_results_is_a_wrong_request(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        with pytest.raises(RequestError, match=f"{name}: no results there"):
            sides(tmp_path / name)


def test_a_result_without_samples_is_said(tmp_path: Path) -> None:
    folder = entry(tmp_path, "base", "medqa")
    (folder / "medqa" / reports.SAMPLES).unlink()
    with pytest.raises(ReportError, match=r"samples\.jsonl: cannot be read"):
        sides(folder)
