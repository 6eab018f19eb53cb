"""The commands `report` and `show --html`: the page of an entry, where it was wished, and one sentence for the rest."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import cli
from tests.test_board import shelves

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Said:
    """Run a command in a folder with two entries, and tell how it ended and what it said."""
    monkeypatch.chdir(tmp_path)
    for entry, marks in (("one", [1.0, 1.0, 0.0]), ("Two 2", [0.0, 0.0, 1.0])):
        shelves.cell(tmp_path / "reports", entry, shelves.lines(marks))

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["medeval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


@pytest.mark.parametrize("name", ["one", "reports/one", "one/medqa"])
def test_it_writes_the_page_into_the_entrys_folder(said: Said, tmp_path: Path, name: str) -> None:
    assert said("report", name) == (0, "reports/one/report.html\n", "")
    made = (tmp_path / "reports" / "one" / "report.html").read_text(encoding="utf-8")
    assert "66.7" in made
    assert "Question of 00?" in made


def test_an_entry_is_found_by_its_label(said: Said) -> None:
    assert said("report", "Two 2") == (0, "reports/two-2/report.html\n", "")


def test_a_report_of_before_is_no_cell_and_the_bytes_are_the_same(said: Said, tmp_path: Path) -> None:
    page = tmp_path / "reports" / "one" / "report.html"
    said("report", "one")
    before = page.read_bytes()
    assert said("report", "one")[0] == 0
    assert page.read_bytes() == before


def test_the_page_is_written_where_it_is_wished(said: Said, tmp_path: Path) -> None:
    assert said("report", "one", "--out", "deep/er/x.html", "--lang", "zh") == (0, "deep/er/x.html\n", "")
    assert '<html lang="zh-Hans"' in (tmp_path / "deep" / "er" / "x.html").read_text(encoding="utf-8")
    assert not (tmp_path / "reports" / "one" / "report.html").exists()


def test_reports_may_lie_elsewhere(said: Said, tmp_path: Path) -> None:
    shutil.move(tmp_path / "reports", tmp_path / "theirs")
    assert said("report", "one", "--reports", "theirs") == (0, "theirs/one/report.html\n", "")


def test_show_writes_the_same_page(said: Said, tmp_path: Path) -> None:
    said("report", "one", "--out", "a.html")
    assert said("show", "one", "--html", "b.html") == (0, "b.html\n", "")
    # A page tells its own name nowhere.
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_an_entry_that_is_still_going_has_a_page_that_says_so(said: Said, tmp_path: Path) -> None:
    (tmp_path / "reports" / "one" / "medqa" / "result.json").unlink()
    assert said("report", "one") == (0, "reports/one/report.html\n", "")
    made = (tmp_path / "reports" / "one" / "report.html").read_text(encoding="utf-8")
    assert "in progress, 0 replies so far" in made


def test_a_result_that_cannot_be_read_is_told_on_the_page(said: Said, tmp_path: Path) -> None:
    (tmp_path / "reports" / "one" / "medqa" / "result.json").write_text("{", encoding="utf-8")
    assert said("report", "one")[::2] == (0, "")
    made = (tmp_path / "reports" / "one" / "report.html").read_text(encoding="utf-8")
    assert "one/medqa: result.json: Input data was truncated." in made


def test_the_result_of_a_group_leads_to_the_page_of_its_entry(said: Said) -> None:
    assert said("run", "--model", "baseline:majority", "--tasks", "mmlu_medical", "--data", "sample")[0] == 0
    for cell in ("mmlu_medical_anatomy@sample", "mmlu_medical@sample"):
        assert said("report", f"baseline-majority/{cell}") == (0, "reports/baseline-majority/report.html\n", "")


@pytest.mark.parametrize(
    "words", [("report", "{}"), ("report", "{}", "--out", "x.html"), ("show", "{}", "--html", "x.html")]
)
@pytest.mark.parametrize("name", ["nobody", "empty"])
def test_an_entry_that_is_none_is_one_sentence(said: Said, tmp_path: Path, words: tuple[str, ...], name: str) -> None:
    (tmp_path / "reports" / "empty").mkdir()
    code, out, err = said(*[word.format(name) for word in words])
    assert (code, out) == (2, "")
    assert err == f"medeval: reports/{name}: no results there, and none begun. Name an entry's folder.\n"
    assert not [*tmp_path.rglob("*.html")]


@pytest.mark.parametrize("words", [("report", "one", "--out", "there"), ("show", "one", "--html", "there")])
def test_a_page_in_the_place_of_a_folder_is_refused(said: Said, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "there").mkdir()
    assert said(*words) == (2, "", "medeval: there: is a folder. Name a file for the page.\n")


def test_a_page_below_a_file_is_refused_and_the_right_option_is_named(said: Said, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, out, err = said("report", "one", "--out", "file/x.html")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"medeval: file: .+ \(Not a directory\)\. .+\n", err)
    assert "--reports" not in err


def test_help_warns_of_licences(said: Said) -> None:
    code, out, err = said("report", "--help")
    assert (code, err) == (0, "")
    assert "see to licences before it is passed on" in " ".join(out.split())


def test_a_run_whose_page_cannot_be_written_is_done_all_the_same(said: Said, tmp_path: Path) -> None:
    (tmp_path / "reports" / "mine" / "report.html").mkdir(parents=True)
    code, out, err = said(
        "run", "--model", "baseline:random", "--tasks", "pubmedqa", "--data", "sample", "--label", "mine"
    )  # fmt: skip
    assert (code, "pubmedqa" in out) == (0, True)
    assert err.endswith("there is no page of it: reports/mine/report.html: is a folder. Name a file for the page.\n")
