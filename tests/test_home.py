"""Where the project's own files are; never in a folder of the same name that is somebody else's."""

from pathlib import Path

import pytest

from medeval import home


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "medeval"
    folder.mkdir()
    monkeypatch.setattr(home, "PACKAGE", folder)
    return folder


def test_in_a_checkout_they_lie_beside_the_package() -> None:
    assert home.tasks() == Path(__file__).parents[1] / "tasks"


def test_in_a_wheel_they_lie_in_the_package(package: Path) -> None:
    (package / "_tasks").mkdir()
    assert home.tasks() == package / "_tasks"


@pytest.mark.parametrize("project", ["", 'name = "another"', 'name = "medeval"'])
def test_the_tasks_of_another_project_are_none_of_ours(package: Path, project: str) -> None:
    (package.parent / "tasks").mkdir()
    (package.parent / "tasks" / "licences.toml").write_text("", encoding="utf-8")
    if project:
        (package.parent / "pyproject.toml").write_text(f"[project]\n{project}\n", encoding="utf-8")
    assert home.tasks() is None
