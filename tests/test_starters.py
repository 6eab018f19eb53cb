"""Starters: what a nightly needs, written once into a user's repository, and never over what is theirs."""

import tomllib
from pathlib import Path

import pytest

from medeval import pages
from medeval.errors import ReportError, RequestError
from medeval.starters import CI, lay, texts
from tests.workflow_steps import mapping, workflow

PLACES = {".github/workflows/medeval-nightly.yml", ".github/workflows/medeval-replay.yml", "gate.toml"}


def test_they_are_written_where_github_looks_for_them(tmp_path: Path) -> None:
    assert {str(place.relative_to(tmp_path)) for place in lay(tmp_path, "1.2.3")} == PLACES
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == PLACES


def test_every_starter_has_a_place() -> None:
    assert {path.name for path in (pages.own_folder() / "templates" / "ci").iterdir()} == CI.keys()


def test_the_workflows_are_pinned_to_the_version_that_wrote_them(tmp_path: Path) -> None:
    lay(tmp_path, "1.2.3")
    for name in ("medeval-nightly.yml", "medeval-replay.yml"):
        assert mapping(workflow(tmp_path / ".github" / "workflows" / name)["env"])["VERSION"] == "1.2.3"


def test_but_for_the_version_they_are_the_files_that_come_with_medeval(tmp_path: Path) -> None:
    own = pages.own_folder() / "templates" / "ci"
    for (name, place), (there, text) in zip(CI.items(), texts(tmp_path, "1.2.3").items(), strict=True):
        assert there == tmp_path / place
        assert text.replace("1.2.3", "0.0.0") == (own / name).read_text(encoding="utf-8")


def test_the_gate_is_toml(tmp_path: Path) -> None:
    lay(tmp_path, "1.2.3")
    gate = tomllib.loads((tmp_path / "gate.toml").read_text(encoding="utf-8"))
    assert gate["version"] == 1
    assert [each["task"] for each in gate["gate"]] == gate["required"]


def test_what_is_there_and_otherwise_is_refused_all_of_it_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("mine = 1\n")
    (tmp_path / ".github" / "workflows" / "medeval-replay.yml").mkdir(parents=True)
    with pytest.raises(RequestError) as refused:
        lay(tmp_path, "1.2.3")
    assert len(refused.value.faults) == 2
    assert "medeval-replay.yml: is a folder" in refused.value.faults[0]
    assert "gate.toml: is there and is yours. --force" in refused.value.faults[1]
    assert (tmp_path / "gate.toml").read_text() == "mine = 1\n"
    assert not (tmp_path / ".github" / "workflows" / "medeval-nightly.yml").exists()


def test_writing_the_same_again_is_no_fault(tmp_path: Path) -> None:
    assert lay(tmp_path, "1.2.3") == lay(tmp_path, "1.2.3")


def test_force_writes_over_it_with_the_version_of_now(tmp_path: Path) -> None:
    lay(tmp_path, "1.2.3")
    (tmp_path / "gate.toml").write_text("mine = 1\n")
    with pytest.raises(RequestError):
        lay(tmp_path, "1.2.4")
    lay(tmp_path, "1.2.4", force=True)
    assert "1.2.4" in (tmp_path / ".github" / "workflows" / "medeval-nightly.yml").read_text()
    assert "mine" not in (tmp_path / "gate.toml").read_text()


def test_force_does_not_write_over_a_folder(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").mkdir()
    with pytest.raises(RequestError, match="is a folder"):
        lay(tmp_path, "1.2.3", force=True)


def test_a_file_where_a_folder_must_be_is_told(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("")
    with pytest.raises(RequestError, match=r"medeval-nightly\.yml: cannot be written, because .*\.github is no folder"):
        lay(tmp_path, "1.2.3")
    assert not (tmp_path / "gate.toml").exists()


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_the_root_must_be_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match=r"is no folder\. Name the root"):
        lay(tmp_path / name, "1.2.3")


def test_an_install_without_them_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "own_folder", lambda: tmp_path)
    with pytest.raises(ReportError, match=r"nightly\.yml: cannot be read .*Install medeval again"):
        lay(tmp_path, "1.2.3")
