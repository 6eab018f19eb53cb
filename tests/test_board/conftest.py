"""Sites that several files of tests look at: built once, and never changed."""

from pathlib import Path

import pytest

from medeval import board
from medeval.board import TONGUES
from medeval.catalog import find
from tests import board_reports
from tests.payloads import PAYLOADS

Made = pytest.TempPathFactory
VERSION = "1.0"


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
