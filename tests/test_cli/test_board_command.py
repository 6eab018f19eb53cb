"""The command `board`: what it prints, how it ends, and one sentence for what cannot be."""

import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import cli
from medeval.records import Setting
from tests.test_board import shelves

Said = Callable[..., tuple[int, str, str]]
MARKS = {"one": [1.0, 1.0, 0.0, 1.0], "two": [1.0, 0.0, 0.0, 1.0]}
TOLD = re.compile(r"2 entries, 2 results, (\d+) pages\nleaderboard/site/index\.html\n")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Said:
    """Run the command in a folder with two entries, and tell how it ended and what it said."""
    monkeypatch.chdir(tmp_path)
    for entry, marks in MARKS.items():
        shelves.cell(tmp_path / "reports", entry, shelves.lines(marks))

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["medeval", "board", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


def hurt(tmp_path: Path) -> None:
    """A result that is torn, and one that is not there yet."""
    torn = shelves.cell(tmp_path / "reports", "torn", shelves.lines([1.0, 0.0]))
    (torn / "result.json").write_text('{"schema_version": 1, "task"', encoding="utf-8")
    (shelves.cell(tmp_path / "reports", "two", shelves.lines([1.0, 0.0]), "pubmedqa") / "result.json").unlink()


# --- what it does -------------------------------------------------------------------------------


def test_it_builds_a_site_and_tells_how_large_it_is_and_where(said: Said, tmp_path: Path) -> None:
    code, out, err = said()
    assert (code, err) == (0, "")
    told = TOLD.fullmatch(out)
    assert told is not None
    files = [path for path in (tmp_path / "leaderboard" / "site").rglob("*") if path.is_file()]
    assert int(told[1]) == len(files) - 1
    assert said()[:2] == (0, out), "built again over itself"


def test_json_tells_the_same_and_nothing_else(said: Said, tmp_path: Path) -> None:
    hurt(tmp_path)
    code, out, err = said("--json", "--out", "there")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["entries"], told["results"], told["private"]) == (2, 2, 0)
    assert told["broken"] == [
        {"place": "torn/medqa", "unfinished": False, "why": "result.json: Input data was truncated."},
        {"place": "two/pubmedqa", "unfinished": True, "why": ""},
    ]
    assert (tmp_path / "there" / "index.html").is_file()


def test_what_is_unfinished_or_broken_is_told_and_stops_nothing(said: Said, tmp_path: Path) -> None:
    hurt(tmp_path)
    code, out, err = said()
    assert (code, TOLD.fullmatch(out) is not None) == (0, True)
    assert err.splitlines() == [
        "medeval: torn/medqa left out: result.json: Input data was truncated.",
        "medeval: two/pubmedqa is not finished; `medeval run` goes on",
    ]


def test_private_entries_are_counted_and_shown_if_they_are_asked_for(said: Said, tmp_path: Path) -> None:
    shelves.declared(tmp_path / "reports", "two", private=True)
    code, out, err = said()
    assert (code, out[:20]) == (0, "1 entries, 1 results")
    assert err == "medeval: 1 left out: private, or with an entry.json that cannot be read; --private shows them.\n"
    assert "two.html" not in {path.name for path in tmp_path.glob("leaderboard/site/en/entry/*")}
    code, out, err = said("--private")
    assert (code, out[:20], err) == (0, "2 entries, 2 results", "")


@pytest.mark.parametrize(("lang", "tongues"), [("both", {"en", "zh"}), ("en", {"en"}), ("zh", {"zh"})])
def test_the_languages_are_chosen(said: Said, tmp_path: Path, lang: str, tongues: set[str]) -> None:
    assert said("--lang", lang, "--out", "site")[0] == 0
    assert {path.name for path in (tmp_path / "site").iterdir() if path.is_dir()} == {"data", *tongues}


def test_a_single_file_is_all_that_is_written(said: Said, tmp_path: Path) -> None:
    assert said("--single-file", "board.html", "--lang", "zh") == (0, "board.html\n", "")
    made = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans"' in made
    assert sorted(path.name for path in tmp_path.iterdir()) == ["board.html", "reports"]


def test_a_single_file_too_tells_what_it_lacks(said: Said, tmp_path: Path) -> None:
    hurt(tmp_path)
    code, out, err = said("--single-file", "board.html")
    assert (code, out) == (0, "board.html\n")
    assert err.splitlines() == [
        "medeval: torn/medqa left out: result.json: Input data was truncated.",
        "medeval: two/pubmedqa is not finished; `medeval run` goes on",
    ]


def test_texts_and_cases_are_chosen(said: Said, tmp_path: Path) -> None:
    for words, shown in (((), 4), (("--cases", "1"), 1), (("--cases", "0"), 0), (("--texts", "none"), 0)):
        assert said("--out", "site", *words)[0] == 0
        page = (tmp_path / "site" / "en" / "cell" / "one" / "medqa.html").read_text(encoding="utf-8")
        assert page.count('<details class="case') == shown


def test_columns_of_ones_own_are_taken(said: Said, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[mine]\ntitle = "Of mine"\nzh = "我的"\ntasks = ["medqa"]\n', encoding="utf-8")
    assert said("--columns", "mine.toml")[0] == 0
    assert "Of mine" in (tmp_path / "leaderboard" / "site" / "en" / "index.html").read_text(encoding="utf-8")


def test_a_task_of_ones_own_has_its_title(said: Said, exam: Callable[[int], Path], tmp_path: Path) -> None:
    exam(4)
    shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0]), "exam")
    assert said("--task-path", "exam.py")[0] == 0
    page = (tmp_path / "leaderboard" / "site" / "en" / "cell" / "one" / "exam.html").read_text(encoding="utf-8")
    assert "A small exam" in page
    # Its licence, CC0-1.0, lets texts be shown.
    assert "Question of 00?" in page


def test_names_of_folders_cannot_steer_a_terminal(said: Said, tmp_path: Path) -> None:
    (tmp_path / "reports" / "x\x1b[31m\u202e" / "medqa").mkdir(parents=True)
    (tmp_path / "reports" / "x\x1b[31m\u202e" / "medqa" / "result.json").write_bytes(b'{"\x1b[2J": 1}')
    code, out, err = said()
    assert (code, TOLD.fullmatch(out) is not None) == (0, True)
    assert "medqa left out" in err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out + err)


def test_a_full_disk_is_one_sentence(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path), len(data))

    monkeypatch.setattr(Path, "write_bytes", full)
    code, out, err = said("--workers", "1")
    assert (code, out) == (3, "")
    assert re.fullmatch(
        r"medeval: leaderboard/site/\S+: cannot be written \(No space left on device\)\. .+ as it was before\.\n",
        err,
    )
    assert not [path for path in (tmp_path / "leaderboard").rglob("*") if path.is_file()]


def test_results_of_exams_of_ones_own_are_counted_and_not_named(said: Said, tmp_path: Path) -> None:
    exam = shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0]), "pharmacy", setting=Setting(data="own"))
    for name in ("manifest.json", "result.json"):
        (exam / name).write_text("{", encoding="utf-8")
        code, out, err = said()
        assert (code, TOLD.fullmatch(out) is not None) == (0, True)
        assert err == (
            "medeval: 1 left out: results of exams of your own, or of what nobody can tell; --private shows them.\n"
        )
    assert "pharmacy left out: " in said("--private")[2]


# --- what cannot be -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--reports", "nowhere"), r"nowhere: is no folder of reports\. `medeval run` makes one\."),
        (("--reports", "empty"), r"empty: no results there\. `medeval run` makes some\."),
        (("--reports", "file"), r"file: is no folder of reports\. `medeval run` makes one\."),
        (("--out", "file"), r"file: is there, and is no board that medeval built\. Name another --out\."),
        (("--out", "reports"), r"reports: is there, and is no board that medeval built\. Name another --out\."),
        (("--out", "file/site"), r"file: .+ \(Not a directory\)\. Choose another --out\."),
        (("--single-file", "empty"), r"empty: is a folder\. Name a file for the page\."),
        (("--columns", "nowhere.toml"), r"nowhere\.toml: cannot be read \(No such file or directory\)\."),
        (("--columns", "empty"), r"empty: cannot be read \(Is a directory\)\."),
        (
            ("--columns", "torn.toml"),
            r"torn\.toml: .+ A group has title, zh and tasks, as in medeval's columns\.toml\.",
        ),
        (("--columns", "flat.toml"), r"flat\.toml: .+ A group has title, zh and tasks, .+"),
        (("--columns", "lacks.toml"), r"lacks\.toml: .*`zh`.* A group has title, zh and tasks, .+"),
        (("--columns", "latin.toml"), r"latin\.toml: .+ A group has title, zh and tasks, .+"),
        (("--task-path", "nowhere.py"), r"nowhere\.py: no such file or folder of tasks\."),
    ],
)
def test_what_cannot_be_is_one_sentence(said: Said, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "torn.toml").write_text("[mine\n", encoding="utf-8")
    (tmp_path / "flat.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (tmp_path / "lacks.toml").write_text('[mine]\ntitle = "Mine"\ntasks = []\n', encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes('[mine]\ntitle = "Für uns"\n'.encode("latin-1"))
    before = sorted(tmp_path.rglob("*"))
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert re.fullmatch(f"medeval: {sentence}\n", err)
    left = {*tmp_path.rglob("*")} - {*before}
    assert not [path for path in left if path.is_file()], "nothing was written"


@pytest.mark.parametrize("key", ["compare", "data", "../out", "a/b", "index"])
def test_a_group_takes_no_other_page_away(said: Said, tmp_path: Path, key: str) -> None:
    groups = f'[first]\ntitle = "1"\nzh = "1"\ntasks = ["x"]\n["{key}"]\ntitle = "2"\nzh = "2"\ntasks = ["medqa"]\n'
    (tmp_path / "mine.toml").write_text(groups, encoding="utf-8")
    shelves.cell(tmp_path / "reports", "one", shelves.lines([1.0, 0.0]), "x")
    code, _, err = said("--columns", "mine.toml")
    assert (code, key in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [(("--lang", "fr"), "'--lang'"), (("--cases", "-1"), "'--cases'"), (("--workers", "0"), "'--workers'"),
     (("--texts", "some"), "'--texts'"), (("extra",), "(extra)")],
)  # fmt: skip
def test_wrong_usage_names_what_is_wrong(said: Said, words: tuple[str, ...], wrong: str) -> None:
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert err.startswith("Usage: ")
    assert wrong in err.splitlines()[-1]


def test_help_tells_every_option_and_the_exit_codes(said: Said) -> None:
    code, out, err = said("--help")
    assert (code, err) == (0, "")
    for option in (
        "--reports", "--out", "--single-file", "--lang", "--columns", "--cases", "--texts", "--private", "--workers",
        "--task-path", "--json",
    ):  # fmt: skip
        assert option in out
    assert "Exit codes: 0 done, 2 the request is wrong, 3 the site cannot be written." in " ".join(out.split())
