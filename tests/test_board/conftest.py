"""Sites that several files of tests look at: built once, and never changed."""

from pathlib import Path

import pytest

from medeval import board
from tests import board_reports
from tests.payloads import PAYLOADS


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of runs as they happen."""
    return board_reports.shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="session")
def site(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of these."""
    out = tmp_path_factory.mktemp("site")
    board.build(shelf, out, version="1.0")
    return out


@pytest.fixture(scope="session")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of reports whose every text means harm."""
    out = tmp_path_factory.mktemp("wild")
    board.build(board_reports.hostile(tmp_path_factory.mktemp("hostile"), PAYLOADS), out, version="1.0")
    return out
