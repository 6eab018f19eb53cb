"""Sites that several files of tests look at: built once, and never changed."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
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
ALONE = board.Options(workers=1)
"""Without further processes: tests run beside each other as it is."""


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


def once(made: Made, name: str, make: Callable[[Path], object]) -> Path:
    """Make a folder for all processes that run tests beside each other; the others wait for the first."""
    base = made.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: Made) -> Path:
    """Reports of runs as they happen."""
    return once(tmp_path_factory, "shelf", board_reports.shelf)


@pytest.fixture(scope="session")
def harm(tmp_path_factory: Made) -> Path:
    """Reports whose every text means harm."""
    return once(tmp_path_factory, "harm", lambda folder: board_reports.hostile(folder, PAYLOADS))


@pytest.fixture(scope="session")
def site(shelf: Path, tmp_path_factory: Made) -> Path:
    """The site of runs."""
    return once(tmp_path_factory, "site", lambda out: board.build(shelf, out, ALONE, version=VERSION))


@pytest.fixture(scope="session")
def wild(harm: Path, tmp_path_factory: Made) -> Path:
    """The site of harm."""
    return once(tmp_path_factory, "wild", lambda out: board.build(harm, out, ALONE, version=VERSION))


@pytest.fixture(scope="session")
def alone(shelf: Path, tmp_path_factory: Made) -> Path:
    """Pages that are no part of a site: a whole board, and one entry."""
    return once(tmp_path_factory, "alone", lambda folder: _alone(shelf, "atlas-8b", folder))


@pytest.fixture(scope="session")
def wild_alone(harm: Path, tmp_path_factory: Made) -> Path:
    """The same of harm."""
    return once(tmp_path_factory, "wild_alone", lambda folder: _alone(harm, "one", folder))


def _alone(reports: Path, entry: str, folder: Path) -> None:
    for tongue in TONGUES:
        how = board.Options(tongues=(tongue,), workers=1)
        board.single(reports, folder / f"single-{tongue}.html", how, version=VERSION)
        page = board.report(reports, entry, version=VERSION, catalog=find(), tongue=tongue)
        (folder / f"report-{tongue}.html").write_text(page, encoding="utf-8")
