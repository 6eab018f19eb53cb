"""Sites that several files of tests look at: built once, and never changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from medeval import board
from medeval.board import TONGUES
from medeval.catalog import find
from tests import board_reports
from tests.browser import browser
from tests.payloads import PAYLOADS
from tests.test_board.visits import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Made = pytest.TempPathFactory
VERSION = "1.0"


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A browser; closed after each file of tests, as whatever runs in it keeps others from loops of their own."""
    with browser() as there:
        yield there


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """An empty page; that it goes through a test without an error of its own is part of every test."""
    with opened(chromium) as made:
        yield made


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: Made) -> Path:
    """Reports of runs as they happen."""
    return board_reports.shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def harm(tmp_path_factory: Made) -> Path:
    """Reports whose every text means harm."""
    return board_reports.hostile(tmp_path_factory.mktemp("harm"), PAYLOADS)


@pytest.fixture(scope="session")
def site(shelf: Path, tmp_path_factory: Made) -> Path:
    """The site of runs."""
    out = tmp_path_factory.mktemp("site")
    board.build(shelf, out, version=VERSION)
    return out


@pytest.fixture(scope="session")
def wild(harm: Path, tmp_path_factory: Made) -> Path:
    """The site of harm."""
    out = tmp_path_factory.mktemp("wild")
    board.build(harm, out, version=VERSION)
    return out


@pytest.fixture(scope="session")
def alone(shelf: Path, tmp_path_factory: Made) -> Path:
    """Pages that are no part of a site: a whole board, and one entry."""
    return _alone(shelf, "atlas-8b", tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="session")
def wild_alone(harm: Path, tmp_path_factory: Made) -> Path:
    """The same of harm."""
    return _alone(harm, "one", tmp_path_factory.mktemp("wild_alone"))


def _alone(reports: Path, entry: str, folder: Path) -> Path:
    for tongue in TONGUES:
        board.single(reports, folder / f"single-{tongue}.html", board.Options(tongues=(tongue,)), version=VERSION)
        page = board.report(reports, entry, version=VERSION, catalog=find(), tongue=tongue)
        (folder / f"report-{tongue}.html").write_text(page, encoding="utf-8")
    return folder
