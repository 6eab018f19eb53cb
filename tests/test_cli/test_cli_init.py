"""medeval init: what it writes, what it says, and a sentence where it would write over something."""

from pathlib import Path

import pytest

from medeval import cli
from medeval.cells import own_version

PLACES = [".github/workflows/medeval-nightly.yml", ".github/workflows/medeval-replay.yml", "gate.toml"]


@pytest.fixture(autouse=True)
def _in_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def init(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["medeval", "init", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_it_names_what_it_wrote_and_what_is_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(monkeypatch, "ci") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == PLACES
    assert told[4].startswith("Next: ")
    assert all(Path(place).is_file() for place in PLACES)
    assert f'VERSION: "{own_version()}"' in Path(PLACES[0]).read_text(encoding="utf-8")


def test_it_writes_into_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert init(monkeypatch, "ci", "--folder", "there") == 0
    assert sorted(str(path.relative_to("there")) for path in Path("there").rglob("*.*ml")) == PLACES


def test_what_is_there_is_left_and_leaves_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("gate.toml").write_text("mine = 1\n")
    assert init(monkeypatch, "ci") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err
        == "medeval: gate.toml: is there and is yours. --force writes over it; `git diff` then shows what changed.\n"
    )
    assert Path("gate.toml").read_text() == "mine = 1\n"
    assert init(monkeypatch, "ci", "--force") == 0
    assert "family_alpha" in Path("gate.toml").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(monkeypatch, "ci", "--folder", "nowhere") == 2
    assert (
        capsys.readouterr().err == "medeval: nowhere: is no folder. Name the root of your repository with --folder.\n"
    )


def test_init_alone_is_no_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(monkeypatch) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "ci Write a nightly" in told
    assert "exam Guess what the columns" in told
