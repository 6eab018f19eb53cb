"""The command `cases`: a page, Markdown beside it, and one sentence for what cannot be."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import cli
from tests.test_studies.shelves import cell, line

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Said:
    """Run the command in a folder with three entries, and tell how it ended and what it said."""
    monkeypatch.chdir(tmp_path)
    for entry, marks in (("one", (1.0, 0.0, 1.0)), ("two", (0.0, 0.0, 1.0)), ("other", (1.0, 1.0, 1.0))):
        lines = [line(name, mark) for name, mark in zip("abc", marks, strict=True)]
        cell(tmp_path / "reports", entry, lines, "mediq@written,sample", data="d2" if entry == "other" else "d1")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["medeval", "cases", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


def test_it_writes_a_page_and_markdown_and_tells_which_cases_they_show(said: Said, tmp_path: Path) -> None:
    assert said("one", "two", "--task", "mediq") == (
        0, "Those on which entries differ most, by accuracy: a\ncases.html\ncases.md\n", "",
    )  # fmt: skip
    assert (tmp_path / "cases.html").read_text(encoding="utf-8").count("<article>") == 2
    assert (tmp_path / "cases.md").read_text(encoding="utf-8").startswith("# Cases of mediq\n")


def test_it_takes_a_file_or_a_folder(said: Said, tmp_path: Path) -> None:
    (tmp_path / "there.md").mkdir()
    for out, name in (("new/x.md", "new/x"), ("new/y.html", "new/y"), ("v1.5", "v1.5/mediq-written")):
        code, told, _ = said("one", "--task", "mediq@written", "--out", out)
        assert (code, told.splitlines()[1:]) == (0, [f"{name}.html", f"{name}.md"])
        assert all((tmp_path / each).is_file() for each in told.splitlines()[1:])
    assert said("one", "--task", "mediq", "--out", "there.md")[1].splitlines()[1] == "there.md/mediq.html"


def test_cases_are_named_or_counted(said: Said) -> None:
    assert said("one", "two", "--task", "mediq", "--ids", "c, b")[1].startswith("Named one by one: c, b\n")
    assert said("one", "two", "--task", "mediq", "--most", "lowest", "--n", 2)[1].startswith(
        "Those with the lowest numbers, by accuracy: b, a\n"
    )


def test_the_same_command_writes_the_same_bytes(said: Said, tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        said("one", "two", "--task", "mediq")
        written.append([(tmp_path / name).read_bytes() for name in ("cases.html", "cases.md")])
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("nobody", "--task", "mediq"), 2, "nobody: no results of 'mediq' there; it has nothing."),
        (("one", "--task", "mediq", "--ids", "x"), 2, "mediq: no sample 'x' in every entry."),
        (("one", "--task", "mediq", "--out", "reports/one/mediq@written,sample/result.json"), 2, "cannot be written"),
        (("one", "other", "--task", "mediq"), 4, "one and other: answered other questions"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: tuple[str, ...], code: int, sentence: str, said: Said) -> None:
    ended, told, wrong = said(*words)
    assert (ended, told) == (code, "")
    assert sentence in wrong
    assert wrong.count("\n") == 1
    assert not list(Path().glob("cases.*"))


def test_nothing_that_is_printed_steers_a_terminal(said: Said, tmp_path: Path) -> None:
    cell(tmp_path / "reports", "odd", [line("\x1b[31m\u202ea", 1.0)], "medqa")
    assert said("odd", "--task", "medqa")[1].startswith("Those that fare worst, by accuracy: \ufffd[31m\ufffda\n")
