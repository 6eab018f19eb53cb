"""Heads, boxes and rows as the board's table holds them, made of cells on disk."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.board import tables
from medeval.board.assembled import Board, assembled
from medeval.board.columns import Group
from medeval.board.tables import Box, Table
from medeval.board.words import Words
from medeval.catalog import Catalog, find
from medeval.records import Setting
from tests.test_board.test_columns import NOBODY
from tests.test_board.test_ranking import share
from tests.test_board.test_shelf import estimated, put, put_judge

EN, ZH = Words("en"), Words("zh")
EXAMS = Group(key="exams", title="Exams", zh="考试", tasks=("*",))
SAMPLE = Setting(data="sample")


def board(folder: Path, catalog: Catalog = NOBODY, wanted: Sequence[Group] = (EXAMS,)) -> Board:
    return assembled(folder, catalog, wanted, 1)


def table(made: Board, words: Words = EN) -> Table:
    return tables.table(made, made.parts[0].shown, words, "../", {})


def box(folder: Path, entry: str = "atlas", words: Words = EN, column: str = "medqa") -> Box:
    made = board(folder)
    return tables.box(made.columns[column], entry, made, words, "../")


# --- heads --------------------------------------------------------------------------------------


def test_a_head_tells_what_was_asked_of_how_many_and_what_that_can_show(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa@5shot", share(60), setting=Setting(shots=5))
    put(tmp_path / "birch" / "medqa@5shot", share(60, start=20), setting=Setting(shots=5))
    made = board(tmp_path, find())
    (column,) = made.columns.values()
    head = tables.head(column, made, EN, "../")
    assert (head.key, head.title, head.how) == ("medqa-5shot", "MedQA", "accuracy · USMLE, 4 options · 5shot")
    # Forty of two hundred are had right by one alone: 8.8 points show, as test_ranking works out.
    assert (head.about, head.better, head.href) == ("n 200 · sees 8.8 points", "higher", "../task/medqa-5shot.html")
    assert head.flags == ()
    assert tables.head(column, made, ZH, "").about == "n 200 · 可辨 8.8 点"


def test_what_has_a_scale_of_its_own_sees_no_points(tmp_path: Path) -> None:
    for name, values in {"atlas": [6.0, 4.0] * 100, "birch": [4.0, 6.0] * 100}.items():
        told = replace(estimated(values, "length"), unit="plain")
        put(tmp_path / name / "notes", values, task="notes", headline="length", estimates=(told,))
    made = board(tmp_path)
    assert tables.head(made.columns["notes"], made, EN, "").about == "n 200 · sees 0.397"


def test_a_head_of_one_entry_tells_nothing_of_differences(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", [1.0, 0.0] * 1234)
    made = board(tmp_path)
    assert tables.head(made.columns["medqa"], made, EN, "").about == "n 2,468"


def test_examples_are_flagged_in_the_head_and_not_again_in_every_box(tmp_path: Path) -> None:
    for name in ("atlas", "birch"):
        put(tmp_path / name / "medqa@sample", [1, 0], setting=SAMPLE, protocol="medqa(sample)", flags=("sample data",))
    made = board(tmp_path)
    column = made.columns["medqa-sample"]
    head = tables.head(column, made, ZH, "")
    assert (head.flags, head.how) == (("示例数据",), "accuracy")
    assert tables.box(column, "atlas", made, ZH, "").flags == ()
    assert tables.flagged(column.cells["atlas"], column.estimate("atlas"), ZH) == ("示例数据",)


def test_a_judge_who_was_not_held_against_raters_is_flagged_until_one_criterion_admits_it(tmp_path: Path) -> None:
    put_judge(put(tmp_path / "atlas" / "cmb_clin", [1, 0], task="cmb_clin"), [1, 0], task="cmb_clin")
    made = board(tmp_path)
    column = made.columns["cmb_clin-strict"]
    assert tables.head(column, made, EN, "").flags == ("judge not admitted",)
    assert tables.head(column, made, EN, "").how == "accuracy · strict"
    assert tables.head(made.columns["cmb_clin"], made, EN, "").flags == ()
    said = {"value": 0.7, "low": 0.6, "high": 0.8, "n": 60, "bar": 0.6}
    (tmp_path / "raters").mkdir()
    for admitted in (False, True):
        told = {"strict": {"safe": {**said, "admitted": False}, "professional": {**said, "admitted": admitted}}}
        (tmp_path / "raters" / "admissions.json").write_text(json.dumps(told), encoding="utf-8")
        flags = tables.head(column, board(tmp_path), ZH, "").flags
        assert flags == (() if admitted else ("评审未获认可",))


def test_results_of_a_version_that_a_task_no_longer_has_are_flagged(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", [1, 0], task_version=7)
    made = board(tmp_path, find())
    assert tables.head(made.columns["medqa"], made, EN, "").flags == ("version 7 of the task, which is now 1",)
    put(tmp_path / "atlas" / "medqa", [1, 0], task_version=1)
    made = board(tmp_path, find())
    assert tables.head(made.columns["medqa"], made, EN, "").flags == ()


# --- boxes --------------------------------------------------------------------------------------


def test_a_box_holds_a_number_its_interval_its_rank_and_its_page(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", share(180), conditions="seed:7|hf-5")
    put(tmp_path / "birch" / "medqa", share(60))
    # Wilson's interval of 180 of 200 is 85.1 – 93.4, and that of 60 is 24.1 – 36.7: the axis goes from 19.9 to 97.6.
    assert box(tmp_path) == Box(
        text="90.0", around="85–93", sort="0.9", spot="d90 l84 h95", is_top=True, rank="1",
        href="../cell/atlas/medqa.html", conditions="seed:7|hf-5",
    )  # fmt: skip
    assert (box(tmp_path, "birch").rank, box(tmp_path, "birch").is_top) == ("2", False)


def test_whoever_may_be_the_best_is_marked_also_where_less_is_better(tmp_path: Path) -> None:
    for name, values in {"atlas": [0.9, 0.8] * 50, "birch": [0.2, 0.1] * 50}.items():
        told = estimated(values, "loss", "lower")
        put(tmp_path / name / "notes", values, task="notes", headline="loss", estimates=(told,))
    assert [box(tmp_path, name, column="notes").is_top for name in ("atlas", "birch")] == [False, True]


def test_all_who_may_be_the_best_are_marked(tmp_path: Path) -> None:
    for name, right in {"atlas": 101, "birch": 100, "cedar": 20}.items():
        put(tmp_path / name / "medqa", share(right))
    there = [box(tmp_path, name) for name in ("atlas", "birch", "cedar")]
    assert [(each.rank, each.is_top) for each in there] == [("1–2", True), ("1–2", True), ("3", False)]


def test_whoever_is_alone_in_a_column_is_not_marked_as_its_best(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "medqa", [1, 0])
    assert (box(tmp_path).rank, box(tmp_path).is_top) == ("1", False)


def test_an_entry_that_was_not_run_has_an_empty_box_and_one_without_a_value_has_a_dash(tmp_path: Path) -> None:
    nothing = replace(estimated([None, None]), value=None, low=None, high=None, method="nothing measured")
    put(tmp_path / "atlas" / "medqa", [None, None], estimates=(nothing,))
    put(tmp_path / "birch" / "other", [1, 0], task="other")
    assert box(tmp_path, "birch") == Box()
    found = box(tmp_path)
    assert (found.text, found.around, found.sort, found.spot, found.rank) == ("–", "", "", "", "")


def test_flags_of_a_number_stand_with_it(tmp_path: Path) -> None:
    told = replace(estimated(share(90)), unread=3)
    own = Setting(system="You are a doctor.")
    put(
        tmp_path / "atlas" / "medqa@system-x", share(90), estimates=(told,), setting=own, protocol="p",
        flags=("truncated: 7.5 %", "not ranked", "of my own"),
    )  # fmt: skip
    (column,) = board(tmp_path).columns
    assert box(tmp_path, column=column).flags == ("7.5 % cut off", "not ranked", "of my own", "3 unread", "own prompt")
    assert box(tmp_path, column=column, words=ZH).flags[:2] == ("7.5% 被截断", "不参与排名")


@pytest.mark.parametrize(
    ("unread", "takes", "flags"), [(2, 1, ()), (3, 1, ("3 unread",)), (8, 4, ()), (9, 4, ("9 unread",))]
)
def test_answers_that_nobody_could_read_are_flagged_above_one_in_a_hundred(
    tmp_path: Path, unread: int, takes: int, flags: tuple[str, ...]
) -> None:
    told = replace(estimated(share(90)), unread=unread, takes=takes)
    put(tmp_path / "atlas" / "medqa", share(90), estimates=(told,))
    assert box(tmp_path).flags == flags


def test_a_number_in_doubt_says_so_and_is_not_ranked(tmp_path: Path) -> None:
    (put(tmp_path / "atlas" / "medqa", [1, 0]) / "samples.jsonl").unlink()
    claimed = replace(estimated([1, 0]), value=0.99)
    put(tmp_path / "birch" / "medqa", [1, 0], estimates=(claimed,))
    put(tmp_path / "cedar" / "medqa", [1, 0], estimates=(replace(estimated([1, 0]), n=7),))
    assert [box(tmp_path, name).flags for name in ("atlas", "birch", "cedar")] == [
        ("no samples file",), ("samples give another number",), ("samples do not match",),
    ]  # fmt: skip
    assert [box(tmp_path, name, ZH).flags for name in ("atlas", "birch")] == [
        ("缺少样本文件",),
        ("样本算出的数字不同",),
    ]
    assert [box(tmp_path, name).rank for name in ("atlas", "birch", "cedar")] == ["", "", ""]


def test_the_page_of_a_cell_is_called_without_what_a_link_cannot_hold(tmp_path: Path) -> None:
    put_judge(put(tmp_path / "atlas" / "cmb_exam@written,5shot,sample", [1, 0]), [1, 0])
    put(tmp_path / "birch", [1, 0], entry="birch", protocol="alone")
    there = {
        cell.place.said: tables.cell_page(cell) for entry in board(tmp_path).entries.values() for cell in entry.cells
    }
    assert there == {
        "atlas/cmb_exam@written,5shot,sample": "cell/atlas/cmb_exam-written-5shot-sample.html",
        "atlas/cmb_exam@written,5shot,sample/judged/strict": "cell/atlas/cmb_exam-written-5shot-sample-by-strict.html",
        "birch/.": "cell/birch/cell.html",
    }


# --- rows ---------------------------------------------------------------------------------------


def test_rows_with_a_rank_stand_in_its_order_then_those_without_then_the_rules(tmp_path: Path) -> None:
    for name in ("atlas", "birch", "cedar", "elm"):
        put(tmp_path / name / "medqa", [1, 0, 1], task="medqa", protocol="p")
    put(tmp_path / "baseline-random" / "medqa", [0, 0, 1], engine="baseline", protocol="p")
    made = board(tmp_path, find())
    order = {name: tables.plain(made.entries[name], EN, "") for name in ("elm", "birch")}
    found = tables.table(made, made.parts[0].shown, EN, "", order)
    assert [row.slug for row in found.rows] == ["elm", "birch", "atlas", "cedar"]
    assert [row.slug for row in found.floors] == ["baseline-random"]
    assert found.chances == ("25.0",)
    assert all(len(row.boxes) == len(found.heads) == 1 for row in (*found.rows, *found.floors))


def test_what_a_guess_is_worth_is_told_only_where_that_is_known_of_some_column(tmp_path: Path) -> None:
    put(tmp_path / "atlas" / "notes", [1, 0], task="notes")
    assert table(board(tmp_path, find())).chances == ()
    put(tmp_path / "atlas" / "medqa", [1, 0])
    assert sorted(table(board(tmp_path, find())).chances) == ["", "25.0"]


def test_only_the_newest_night_of_a_series_has_a_row(tmp_path: Path) -> None:
    for day in ("2026-01-02", "2026-01-10", "2026-01-09"):
        put(tmp_path / f"nightly-{day}" / "medqa", [1, 0])
    (row,) = table(board(tmp_path)).rows
    assert (row.slug, row.note) == ("nightly-2026-01-10", "night of 2026-01-10")


def test_a_row_tells_what_was_declared_of_its_entry(tmp_path: Path) -> None:
    for name, card in {
        "atlas": {"parent": "root-8b", "stage": "instruction", "tags": ["zh", "8b"]}, "birch": {"tags": ["open", "8b"]},
    }.items():  # fmt: skip
        put(tmp_path / name / "medqa", [1, 0])
        (tmp_path / name / "entry.json").write_text(json.dumps(card), encoding="utf-8")
    found = table(board(tmp_path), ZH)
    first, second = found.rows
    assert (first.name, first.href, first.parent) == ("atlas", "../entry/atlas.html", "root-8b")
    assert (first.about, second.about) == (("zh", "8b", ZH.said("stage_instruction")), ("open", "8b"))
    assert found.tags == ("8b", "open", "zh")
    assert (first.tier, first.shape, first.rank, first.starts) == (0, "", "", False)
