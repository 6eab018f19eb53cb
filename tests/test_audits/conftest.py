"""Entries, run once and copied for every test."""

import json
import shutil
from pathlib import Path

import pytest

import medeval
from medeval.engines.scripted import Scripted
from tests import judges
from tests.conftest import EXAM
from tests.test_audits.damage import by_question

ROWS = 24
COLOURS = ("red", "green", "blue", "grey")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small exam, and the entry `model` that answered it in writing."""
    home = tmp_path_factory.mktemp("audited")
    (home / "exam.py").write_text(EXAM.replace("ROWS", str(ROWS)), encoding="utf-8")
    (home / "data" / "exam").mkdir(parents=True)
    rows = [
        {"question": f"Question {number}?", "options": [f"{number} {word}" for word in COLOURS],
         "answer": "ABCD"[number % 4], "part": "xy"[number % 2]}
        for number in range(ROWS)
    ]  # fmt: skip
    text = "".join([json.dumps(row) + "\n" for row in rows])
    (home / "data" / "exam" / "rows.jsonl").write_text(text, encoding="utf-8")
    engine = Scripted(by_question, model="one")
    medeval.evaluate(
        model=engine, tasks="exam", data=home / "data", reports=home / "reports", label="model",
        task_paths=[home / "exam.py"], style="written",
    )  # fmt: skip
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def entry(home: Path) -> Path:
    """The entry's folder."""
    return home / "reports" / "model"


@pytest.fixture(scope="session")
def two_exams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An entry of a group of exams."""
    reports = tmp_path_factory.mktemp("group")
    medeval.evaluate(model="baseline:majority", tasks="exams_en", data="sample", reports=reports)
    return reports / "baseline-majority"


@pytest.fixture
def grouped(two_exams: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(two_exams, tmp_path / two_exams.name))


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small talks, their answers, and two judges who were heard on them."""
    root = judges.home(tmp_path_factory.mktemp("judges"))
    judges.evaluated(root, judges.answers, judges.judge(), judges.judge(model="mild"))
    return root


@pytest.fixture
def talks(court: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(court, tmp_path / "court"))


@pytest.fixture
def heard(talks: Path) -> Path:
    """The entry's folder."""
    return talks / "reports" / "scripted"
