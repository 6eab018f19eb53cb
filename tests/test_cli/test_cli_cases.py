"""The command `cases`: a page, Markdown beside it, and one sentence for what cannot be."""

from pathlib import Path

import pytest

from medeval import cli
from tests.test_studies.test_studies import concluding, entry


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["medeval", "cases", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    told = capsys.readouterr()
    return int(end.value.code or 0), told.out, told.err


def test_it_writes_a_page_and_markdown_and_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry(tmp_path, "one", concluding("A"))
    out = tmp_path / "pages" / "cases.html"
    code, told, _ = said(monkeypatch, capsys, "one", "--task", "mediq", "--reports", tmp_path, "--out", out, "--n", 2)
    assert (code, told.split()) == (0, [str(out), str(out.with_suffix(".md"))])
    assert out.read_text(encoding="utf-8").count("<article>") == 2
    assert out.with_suffix(".md").read_text(encoding="utf-8").startswith("# Cases of mediq\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody", "--task", "mediq"), "nobody: no results of 'mediq' there"),
        (("one", "--task", "mediq", "--ids", "x"), "no sample 'x' in every entry"),
        (("one", "--task", "mediq", "--out", "."), "is a folder. Name a file for the page."),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_2(
    words: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    entry(tmp_path, "one", concluding("A"))
    code, told, wrong = said(monkeypatch, capsys, *words, "--reports", tmp_path)
    assert (code, told) == (2, "")
    assert sentence in wrong
    assert wrong.count("\n") == 1
