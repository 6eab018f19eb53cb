"""What stays at home, whatever state its files are in; and what is nobody's secret is told all the same."""

import itertools
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from medeval import board, reports
from medeval.board import shelf
from medeval.board.privacy import is_own, private
from medeval.board.shelf import Broken
from medeval.board.wishes import Options
from medeval.catalog import Catalog, Named, find
from medeval.records import Setting
from medeval.records.base import Order, Protocol, Style
from tests.test_board import shelves
from tests.test_board.conftest import VERSION
from tests.test_board.test_build import bytes_of

OWN = Setting(data="own")
MARKS = [1.0, 0.0, 1.0]
SECRET = "pharmacy"  # noqa: S105  the name of an exam
HURT = {
    "a torn manifest": {reports.MANIFEST: "{bad"},
    "a torn result": {reports.RESULT: "{bad"},
    "both torn": {reports.MANIFEST: "{bad", reports.RESULT: "{bad"},
    "no manifest, and a torn result": {reports.MANIFEST: None, reports.RESULT: "[]"},
    "no result, and a torn manifest": {reports.MANIFEST: "", reports.RESULT: None},
    "neither": {reports.MANIFEST: None, reports.RESULT: None, reports.JOURNAL: ""},
    "a version to come": {
        reports.RESULT: '{"schema_version": 1, "novelty": 1, "setting": {"data": "own", "other": 2}}',
        reports.MANIFEST: '{"schema_version": 9, "setting": {"data": "own"}}',
    },
    "torn samples": {reports.SAMPLES: "{"},
}


@pytest.fixture(scope="module")
def house() -> Catalog:
    return find(())


def hurt(cell: Path, files: dict[str, str | None]) -> Path:
    """Spoil files of a cell, or take them away."""
    for name, text in files.items():
        if text is None:
            (cell / name).unlink()
        else:
            (cell / name).write_text(text, encoding="utf-8")
    return cell


def own(root: Path, name: str = f"{SECRET}@written") -> Path:
    return shelves.cell(root, "one", shelves.lines(MARKS), name, setting=OWN, data="(own)")


def found(root: Path, house: Catalog) -> dict[str, bool]:
    """Of every place of some reports, whether it is somebody's own."""
    return {place.said: is_own(shelf.opened(place), root, house) for place in shelf.places(root)}


def test_what_is_private_is_known_whatever_is_left_of_an_entry(tmp_path: Path) -> None:
    for name, card in {"a": '{"private": true}', "b": "{}", "c": '{"private": tru', "d": '{"private": true}'}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "entry.json").write_text(card, encoding="utf-8")
    # A card that cannot be read may have said so.
    assert private(tmp_path, ("a", "b", "c", "none")) == {"a", "c"}


@pytest.mark.parametrize("files", HURT.values(), ids=HURT)
def test_an_exam_of_ones_own_is_known_whatever_is_left_of_it(
    tmp_path: Path, house: Catalog, files: dict[str, str | None]
) -> None:
    hurt(own(tmp_path), files)
    assert found(tmp_path, house) == {f"one/{SECRET}@written": True}


@pytest.mark.parametrize("files", HURT.values(), ids=HURT)
def test_a_public_board_names_no_exam_of_ones_own_and_counts_it(tmp_path: Path, files: dict[str, str | None]) -> None:
    hurt(own(tmp_path / "reports"), files)
    shelves.cell(tmp_path / "reports", "one", shelves.lines(MARKS))
    built = board.build(tmp_path / "reports", tmp_path / "site", Options(workers=1), version=VERSION)
    assert (built.results, built.kept, built.broken) == (1, 1, ())
    made = bytes_of(tmp_path / "site")
    assert not [name for name, data in made.items() if SECRET in name or SECRET.encode() in data]
    said = "Left out as private: results of exams of one’s own: 1; entries: 0."
    assert said in made["en/data.html"].decode()
    assert "作为私有内容未列出：自有考试的结果 1 个；条目 0 个。" in made["zh/data.html"].decode()
    assert "Everything there was read." not in made["en/data.html"].decode()
    built = board.build(
        tmp_path / "reports", tmp_path / "site", Options(workers=1, private=True), version=VERSION
    )  # fmt: skip
    assert built.kept == 0
    made = bytes_of(tmp_path / "site")
    assert SECRET in made["en/data.html"].decode() + made["data/results.json"].decode()
    assert "Left out as private" not in made["en/data.html"].decode()


def test_a_board_that_left_nothing_out_says_so(tmp_path: Path) -> None:
    shelves.cell(tmp_path / "reports", "one", shelves.lines(MARKS))
    shelves.cell(tmp_path / "reports", "two", shelves.lines(MARKS))
    for hidden, said in (
        (False, "Everything there was read."),
        (True, "Left out as private: results of exams of one’s own: 0; entries: 1."),
    ):
        shelves.declared(tmp_path / "reports", "two", private=hidden)
        board.build(tmp_path / "reports", tmp_path / "site", Options(workers=1), version=VERSION)
        page = (tmp_path / "site" / "en" / "data.html").read_text(encoding="utf-8")
        assert [text in page for text in (said, "Everything there was read.")] == [True, not hidden]


@pytest.mark.parametrize("files", HURT.values(), ids=HURT)
@pytest.mark.parametrize("name", ["medqa", "medqa@sample", "exams_en", "lm-eval-medqa_4options@limit5"])
def test_a_benchmark_that_cannot_be_read_is_told_all_the_same(
    tmp_path: Path, house: Catalog, name: str, files: dict[str, str | None]
) -> None:
    known = {key: text and text.replace('"own"', '"real"') for key, text in files.items()}
    hurt(shelves.cell(tmp_path, "one", shelves.lines(MARKS), name), known)
    assert found(tmp_path, house) == {f"one/{name}": False}
    (place,) = shelf.places(tmp_path)
    assert isinstance(shelf.opened(place), Broken)


def test_every_name_that_a_cell_is_given_is_known_again(tmp_path: Path, house: Catalog) -> None:
    styles: tuple[Style, ...] = get_args(Style)
    protocols: tuple[Protocol, ...] = get_args(Protocol)
    orders: tuple[Order, ...] = get_args(Order)
    settings = [
        Setting(
            style=style, chat=chat, system="You are a doctor.", prefill="So", shots=shots, repeats=3, wordings=2,
            shots_from="mine.jsonl#1a2b3c4d", protocol=protocol, patient="rules", elsewhere=True, order=order,
            shuffles=shuffles, data="sample", limit=40,
        )
        for style, chat, shots, protocol, order, shuffles in itertools.product(
            styles, (False, True), (0, 5), protocols, orders, (1, 4)
        )
    ]  # fmt: skip
    settings += [Setting(shots=5, shots_from="sample"), Setting()]
    for name in {reports.cell_name("medqa", setting) for setting in settings}:
        assert not is_own(Broken(place=f"one/{name}", why="x"), tmp_path, house), name


@pytest.mark.parametrize(
    "name", ["pharmacy", "medqa@pharmacy", "medqa@sample,pharmacy", "medqa2", "pharmacy@sample", "lm-eval"]
)
def test_a_name_that_nobody_knows_is_private(tmp_path: Path, house: Catalog, name: str) -> None:
    assert is_own(Broken(place=f"one/{name}", why="x"), tmp_path, house)


def test_an_exam_that_was_named_to_the_board_is_no_less_private(tmp_path: Path, house: Catalog) -> None:
    named = Named(name=SECRET, task=house.tasks["medqa"].task, file=tmp_path / "pharmacy.toml", own=True)
    known = replace(house, tasks={**house.tasks, SECRET: named})
    assert is_own(Broken(place=f"one/{SECRET}", why="x"), tmp_path, known)


def test_what_a_judge_said_is_as_private_as_what_was_judged(tmp_path: Path, house: Catalog) -> None:
    for entry, name, setting in (("one", SECRET, OWN), ("two", "cmb_clin", Setting())):
        cell = shelves.cell(tmp_path, entry, shelves.lines(MARKS), name, setting=setting)
        judged = cell / reports.JUDGED / "strict"
        judged.mkdir(parents=True)
        (judged / reports.MANIFEST).write_text("{", encoding="utf-8")
        (judged / reports.RESULT).write_text("{", encoding="utf-8")
    assert found(tmp_path, house) == {
        "one/pharmacy": True, "one/pharmacy/judged/strict": True, "two/cmb_clin": False,
        "two/cmb_clin/judged/strict": False,
    }  # fmt: skip


def test_a_cell_that_is_an_entry_of_its_own_is_known_by_its_folder(tmp_path: Path, house: Catalog) -> None:
    for name in ("medqa", SECRET):
        (tmp_path / name).mkdir()
        (tmp_path / name / reports.RESULT).write_text("{", encoding="utf-8")
    assert found(tmp_path, house) == {"medqa/.": False, f"{SECRET}/.": True}
