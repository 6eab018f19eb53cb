"""The numbers as files: every one of them, the same in each form, and none that a spreadsheet takes for a formula."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from medeval import board, reports
from medeval.board import downloads
from medeval.records import Result
from tests import board_reports
from tests.test_board import shelves

NUMBERS = ("value", "low", "high", "n", "unread", "truncated", "refused", "too_long", "failed")


def made(root: Path) -> Mapping[str, bytes]:
    """Every file of a board's data."""
    out = root.with_name(f"{root.name}-site")
    board.build(root, out, board.Options(tongues=("en",), workers=1), version="1.0")
    return {path.name: path.read_bytes() for path in (out / "data").iterdir()}


def rows(data: bytes) -> list[dict[str, str]]:
    """Read a table as spreadsheets do."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


@pytest.fixture(scope="module")
def files(site: Path) -> Mapping[str, bytes]:
    """The data of a whole site."""
    return {path.name: path.read_bytes() for path in (site / "data").iterdir()}


def test_there_are_four_files_and_no_more(files: Mapping[str, bytes]) -> None:
    assert {*files} == {"results.json", "results.csv", "results.safe.csv", "signatures.txt"}


def test_every_number_of_every_result_is_in_the_json(files: Mapping[str, bytes], shelf: Path) -> None:
    told = {
        (each["entry"], each["task"], each["metric"], each["judge"], each["conditions"], each["protocol"]): each
        for each in json.loads(files["results.json"])["results"]
    }
    count = 0
    for path in sorted(shelf.rglob(reports.RESULT)):
        slug = path.relative_to(shelf).parts[0]
        if slug == board_reports.BROKEN or board_reports.CARDS.get(slug, {}).get("private"):
            continue
        result = reports.read(path, Result)
        assert result is not None
        for each in result.estimates:
            row = told[slug, result.task, each.metric, result.judge, result.conditions, result.protocol]
            assert [row[name] for name in NUMBERS] == [getattr(each, name) for name in NUMBERS]
            assert (row["unit"], row["better"], row["method"]) == (each.unit, each.better, each.method)
            count += 1
    assert count == len(told) > 300


def test_ranks_stand_beside_the_number_that_they_are_of(tmp_path: Path) -> None:
    for entry, right in (("one", 38), ("two", 20), ("three", 2)):
        shelves.cell(tmp_path, entry, shelves.lines([1.0] * right + [0.0] * (40 - right)))
    told = json.loads(made(tmp_path)["results.json"])
    assert [(each["entry"], each["rank_low"], each["rank_high"], each["ranked"]) for each in told["results"]] == [
        ("one", 1, 1, 3), ("three", 3, 3, 3), ("two", 2, 2, 3),
    ]  # fmt: skip
    (group,) = told["groups"]
    assert (group["group"], group["columns"]) == ("exams_en", ["medqa"])
    assert group["standings"] == [
        {"entry": "one", "low": 1, "high": 1, "tier": 1}, {"entry": "two", "low": 2, "high": 2, "tier": 2},
        {"entry": "three", "low": 3, "high": 3, "tier": 3},
    ]  # fmt: skip


def test_ranks_by_confidence_are_told_too(files: Mapping[str, bytes]) -> None:
    told = json.loads(files["results.json"])
    ranked = {each["entry"] for each in told["results"] if each["metric"] == "brier" and each["rank_low"] is not None}
    (group,) = [each for each in told["groups"] if each["group"] == "calibration"]
    assert ranked >= {row["entry"] for row in group["standings"]}


def test_the_json_names_what_it_is_made_by_and_what_could_not_be_read(files: Mapping[str, bytes]) -> None:
    told = json.loads(files["results.json"])
    assert (told["schema_version"], told["medeval"]) == (1, "1.0")
    unreadable = {each["place"]: (each["why"], each["unfinished"]) for each in told["unreadable"]}
    assert unreadable["gum-unfinished/medqa@sample"] == ("", True)
    assert unreadable["hazel-broken/medqa@sample"] == ("result.json: Input data was truncated.", False)
    child = next(each for each in told["entries"] if each["slug"] == "atlas-8b-tuned")
    assert (child["parent"], child["stage"], child["tags"]) == ("atlas-8b", "instruction", ["open", "medical", "8b"])


def test_rules_are_told_to_be_rules(files: Mapping[str, bytes]) -> None:
    told = json.loads(files["results.json"])["entries"]
    assert {each["slug"] for each in told if each["baseline"]} == {*board_reports.FLOORS}


def test_the_table_has_the_rows_of_the_json_with_every_digit(files: Mapping[str, bytes]) -> None:
    records, table = json.loads(files["results.json"])["results"], rows(files["results.csv"])
    assert len(table) == len(records)
    for record, row in zip(records, table, strict=True):
        assert [*row] == [*downloads.HEAD]
        assert {*row} == {*record}
        for name, value in record.items():
            read: Any = float(row[name]) if isinstance(value, int | float) else row[name]
            assert read == ("" if value is None else value)


def test_signatures_are_a_line_a_result(files: Mapping[str, bytes], shelf: Path) -> None:
    signed = dict(line.split("\t") for line in files["signatures.txt"].decode("utf-8").splitlines())
    result = reports.read(shelf / "atlas-8b" / "medqa@sample" / reports.RESULT, Result)
    assert result is not None
    assert signed["atlas-8b/medqa@sample"] == result.signature
    assert "atlas-8b/cmb_clin@written,sample/judged/strict" in signed


# --- spreadsheets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "   @x", "\u3000=1",
        "\ufeff=1", "\u200b=1", " \u200b =1", "\x00=1", "-", "=cmd|' /C calc'!A0",
    ],
)  # fmt: skip
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert downloads.guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "blank",
    ["\xa0", "\u2003", "\u202f", "\u200c", "\u200d", "\u2060", "\xad", "\x0b", "\x0c", "\x1f", "\u200e", "\u202a"],
)
def test_no_blank_hides_a_formula(blank: str) -> None:
    assert downloads.guarded(f"{blank}=1") == f"'{blank}=1"


@pytest.mark.parametrize("value", [-0.5, 0.25, 0, -3, None, "", "accuracy", "v1|letters", "a=b", "'=1", "a\t=1", "1"])
def test_numbers_and_plain_words_are_left_as_they_are(value: object) -> None:
    assert downloads.guarded(value) is value


def test_the_guarded_table_differs_in_apostrophes_alone(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0, -0.5], "gain"), metric="gain", conditions="=HYPERLINK(1)")
    files = made(tmp_path)
    (exact,), (safe,) = rows(files["results.csv"]), rows(files["results.safe.csv"])
    assert {name: (exact[name], safe[name]) for name in exact if exact[name] != safe[name]} == {
        "conditions": ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
    }  # fmt: skip
    assert float(safe["value"]) == pytest.approx(0.5 / 3)


@pytest.mark.parametrize("text", ["a,b", 'say "yes"', "two\nlines", "\u202ex", "中文", " "])
def test_any_text_comes_back_from_the_table(tmp_path: Path, text: str) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), conditions=text)
    (row,) = rows(made(tmp_path)["results.csv"])
    assert row["conditions"] == text


def test_a_carriage_return_breaks_no_row(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), conditions="two\rlines")
    files = made(tmp_path)
    assert [row["conditions"] for row in rows(files["results.csv"])] == ["two\rlines"]


def test_texts_of_harm_begin_no_row_and_no_formula(wild: Path) -> None:
    told = json.loads((wild / "data" / "results.json").read_text(encoding="utf-8"))
    safe = (wild / "data" / "results.safe.csv").read_bytes()
    table = list(csv.reader(io.StringIO(safe.decode("utf-8"), newline="")))
    assert len(table) == 1 + len(told["results"]) > 100
    assert not [value for row in table for value in row if value.startswith(("=", "@", "\t", "\r"))]
