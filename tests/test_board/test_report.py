"""The report of one entry: what a user opens right after a run, or while one is still going."""

import re
import shutil
from pathlib import Path

import pytest

from medeval import board, reports
from medeval.board.words import Tongue
from medeval.catalog import find
from medeval.errors import RequestError
from medeval.records import Result
from tests import board_reports
from tests.test_board import shelves
from tests.test_board.test_cells_pages import words_of


def page(root: Path, entry: str, tongue: Tongue = "en") -> str:
    """The report of an entry."""
    return board.report(root, entry, version="1.0", catalog=find(), tongue=tongue)


def test_a_report_has_every_number_of_its_entry_and_cases(shelf: Path) -> None:
    made = page(shelf, "birch-8b")
    text, count = words_of(made), 0
    for path in sorted((shelf / "birch-8b").rglob(reports.RESULT)):
        result = reports.read(path, Result)
        assert result is not None
        for each in result.estimates if not result.members else [result.first]:
            assert each.value is None or f"{100 * each.value:.1f}" in text or f"{each.value:.3g}" in text
            count += 1
        assert result.signature in text
    assert count > 60
    assert made.count('<details class="case') > 60
    assert re.search(r"Question: A [^<]*patient|A \d+-year-old", made)


def test_a_report_tells_of_no_other_entry(shelf: Path) -> None:
    made = page(shelf, "birch-8b")
    assert not [name for name in ("atlas-8b", "cedar-70b", "nightly", "hazel-broken") if name in made]


def test_of_many_cases_those_that_went_badly_are_shown(tmp_path: Path) -> None:
    there = [
        *[shelves.line(f"right {number}") for number in range(40)], shelves.line("lost", None, "engine_error"),
        shelves.line("mute", 0.0, "unread"), shelves.line("long", 0.0, "truncated"),
    ]  # fmt: skip
    shelves.cell(tmp_path, "one", there)
    made = page(tmp_path, "one")
    assert made.count('<details class="case') == 8
    for name in ("lost", "mute", "long"):
        assert f"<code>{name}</code>" in made


def test_whoever_has_the_reports_may_see_their_texts(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), "meddialog")
    assert "Question of 00?" in page(tmp_path, "one")


def test_links_lead_to_places_of_the_same_page(shelf: Path) -> None:
    made = page(shelf, "atlas-8b")
    ways = {*re.findall(r'href="([^"]+)"', made)}
    assert ways
    assert not [way for way in ways if not way.startswith("#")]
    assert {way[1:] for way in ways} <= {*re.findall(r' id="([^"]+)"', made)}


@pytest.mark.parametrize(("tongue", "lang", "words"), [("en", "en", "All metrics"), ("zh", "zh-Hans", "全部指标")])
def test_a_report_speaks_the_language_that_is_wished(shelf: Path, tongue: Tongue, lang: str, words: str) -> None:
    made = page(shelf, "birch-8b", tongue)
    assert f'<html lang="{lang}"' in made
    assert words in made


def test_while_a_cell_is_not_finished_its_replies_are_counted(shelf: Path) -> None:
    text = words_of(page(shelf, board_reports.UNFINISHED))
    assert "medqa@sample: in progress, 26 replies so far" in text


def test_a_torn_reply_is_not_counted_and_the_questions_are(tmp_path: Path, shelf: Path) -> None:
    folder = shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    (folder / reports.RESULT).unlink()
    whole = (shelf / "birch-8b" / "medqa@sample" / reports.JOURNAL).read_bytes().splitlines(keepends=True)
    (folder / reports.JOURNAL).write_bytes(b"".join(whole[:7]) + whole[7][:20])
    # MedQA has 1,273 questions, and no limit was set.
    assert "medqa: in progress, 7 replies so far, 1,273 questions to ask" in words_of(page(tmp_path, "one"))


def test_what_is_finished_stands_beside_what_is_not(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "one", shelves.lines([1.0, 1.0, 0.0]))
    (shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]), "pubmedqa") / reports.RESULT).unlink()
    text = words_of(page(tmp_path, "one"))
    assert "pubmedqa: in progress, 0 replies so far" in text
    assert "66.7" in text


def test_a_broken_result_is_told_and_is_no_progress(shelf: Path) -> None:
    text = words_of(page(shelf, board_reports.BROKEN))
    assert "hazel-broken/medqa@sample: result.json: Input data was truncated." in text
    assert "in progress" not in text


def test_a_manifest_that_cannot_be_read_hides_no_progress(tmp_path: Path) -> None:
    folder = shelves.cell(tmp_path, "one", shelves.lines([1.0, 0.0]))
    (folder / reports.RESULT).unlink()
    (folder / reports.MANIFEST).write_text("{", encoding="utf-8")
    assert "medqa: in progress, 0 replies so far" in words_of(page(tmp_path, "one"))


@pytest.mark.parametrize("slug", ["nobody", "empty", "file"])
def test_a_folder_that_is_none_is_a_wrong_request(tmp_path: Path, slug: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match=rf"{slug}: no results there, and none begun\. Name an entry's folder\."):
        page(tmp_path, slug)


def test_the_same_entry_gives_the_same_bytes_wherever_it_lies(shelf: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf / "birch-8b", tmp_path / "elsewhere" / "birch-8b")
    assert page(shelf, "birch-8b") == page(tmp_path / "elsewhere", "birch-8b")
