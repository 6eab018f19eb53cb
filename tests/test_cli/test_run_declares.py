"""What is said of an entry on the command line: by `run` before anything is asked, by `declare` at any time."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from medeval import cli, evaluation
from medeval.entries import STAGES, Card, Declaration, card_of
from medeval.planning import Plan, prepare

Exam = Callable[[int], Path]
Said = Callable[..., tuple[int, str, str]]
RUN = ("run", "--model", "baseline:longest", "--tasks", "exam", "--label", "ours")


@pytest.fixture
def said(exam: Exam, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run the command beside a small exam, and tell how it ended and what it said."""
    monkeypatch.chdir(exam(12))
    monkeypatch.setenv("MEDEVAL_DATA", "data")

    def run(*words: str) -> tuple[int, str, str]:
        where = ("--task-path", "exam.py") if words[0] == "run" else ()
        monkeypatch.setattr("sys.argv", ["medeval", *words, *where])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


OURS = Path("reports/ours")


# --- run ---


def test_run_declares_what_it_is_told(said: Said) -> None:
    assert said(
        *RUN, "--parent", "Qwen/Qwen3-8B", "--stage", "instruction", "--tags", "medical, 8b,,",
        "--about", "医学 notes.", "--url", "https://example.org/ours", "--licence", "MIT", "--private",
    )[0] == 0  # fmt: skip
    assert card_of(OURS) == Card(
        parent="Qwen/Qwen3-8B", stage="instruction", tags=("medical", "8b"), about="医学 notes.",
        url="https://example.org/ours", licence="MIT", private=True,
    )  # fmt: skip


def test_run_without_a_word_declares_nothing(said: Said) -> None:
    assert said(*RUN)[0] == 0
    assert sorted(path.name for path in OURS.iterdir()) == ["exam", "report.html"]


def test_a_declaration_changes_no_result_and_no_reply(said: Said) -> None:
    said(*RUN)
    said(*RUN, "--reports", "others", "--parent", "base", "--tags", "zh", "--private")
    cell, other = OURS / "exam", Path("others/ours/exam")
    assert card_of(other.parent) == Card(parent="base", tags=("zh",), private=True)
    for name in ("manifest.json", "journal.jsonl", "samples.jsonl", "result.json"):
        assert (cell / name).read_bytes() == (other / name).read_bytes(), name
    assert json.loads((cell / "run.json").read_bytes())["derived"]


def test_a_finished_run_takes_a_declaration_and_asks_nothing(said: Said) -> None:
    said(*RUN, "--parent", "base")
    before = {path: path.stat().st_mtime_ns for path in (OURS / "exam").iterdir()}
    assert said(*RUN, "--stage", "merge")[0] == 0
    assert {path: path.stat().st_mtime_ns for path in (OURS / "exam").iterdir()} == before
    assert card_of(OURS) == Card(parent="base", stage="merge")


def test_a_dry_run_declares_nothing(said: Said) -> None:
    assert said(*RUN, "--parent", "base", "--dry-run")[0] == 0
    assert not Path("reports").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--tags", "medical,8B"),
            "--tags: '8B' is no tag. Take up to 24 of a-z, 0-9, dot, hyphen and underscore, such as 8b.",
        ),
        (("--url", "ftp://x"), "--url: 'ftp://x' is no address of the web. Say https://HOST/PATH."),
        (("--stage", "sft"), f"--stage: 'sft' is no stage. Say one of {', '.join(STAGES)}."),
        (("--parent", "Ours"), "--parent: 'Ours' is the entry itself. Name what it was made from."),
        (
            ("--about", "two\nlines"),
            r"--about: 'two\nlines' is not one line of at most 300 characters, without spaces around it.",
        ),
    ],
)
def test_what_cannot_be_declared_is_one_sentence_before_anything_runs(
    words: tuple[str, ...], sentence: str, said: Said
) -> None:
    assert said(*RUN, *words) == (2, "", f"medeval: {sentence}\n")
    assert not Path("reports").exists()


def test_faults_of_a_declaration_are_told_with_all_others(said: Said) -> None:
    code, _, told = said(
        "run", "--model", "baseline:longest", "--tasks", "exam,nothing", "--tags", "A,b c", "--url", "x"
    )
    assert (code, [line.split(": ")[1].split()[0] for line in told.splitlines()]) == (
        2, ["Unknown", "--tags", "--tags", "--url"],
    )  # fmt: skip


def test_a_broken_card_stops_only_who_would_add_to_it(said: Said) -> None:
    said(*RUN)
    (OURS / "entry.json").write_text('{"parents": "x"}', encoding="utf-8")
    assert said(*RUN)[0] == 0
    assert said(*RUN, "--parent", "base") == (
        2, "", "medeval: reports/ours/entry.json: Object contains unknown field `parents`.\n",
    )  # fmt: skip


def test_a_script_declares_as_the_command_does(exam: Exam) -> None:
    root = exam(4)
    evaluation.evaluate(
        model="baseline:random", tasks="exam", data=root / "data", reports=root / "reports", label="ours",
        task_paths=[root], declared=Declaration(parent="base", tags=("zh",)),
    )  # fmt: skip
    assert card_of(root / "reports" / "ours") == Card(parent="base", tags=("zh",))


def test_a_plan_that_was_checked_has_written_nothing(exam: Exam) -> None:
    root = exam(4)
    plan = Plan(
        model="baseline:random", tasks=("exam",), data=str(root / "data"), reports=root / "reports", label="ours",
        task_paths=(root,), declared=Declaration(parent="base"),
    )  # fmt: skip
    assert prepare(plan).declared == Declaration(parent="base")
    assert not (root / "reports").exists()


# --- declare ---


def test_declare_adds_to_an_entry_and_shows_it(said: Said) -> None:
    said(*RUN, "--parent", "base")
    assert said("declare", "ours", "--tags", "zh,8b", "--private", "--about", "A rule.") == (
        0, "parent: base\ntags: zh, 8b\nabout: A rule.\nprivate: yes\nreports/ours/entry.json\n", "",
    )  # fmt: skip
    assert said("declare", "reports/ours", "--parent", "", "--no-private", "--tags", "") == (
        0, "about: A rule.\nreports/ours/entry.json\n", "",
    )  # fmt: skip
    assert card_of(OURS) == Card(about="A rule.")
    assert said("declare", "ours", "--about", "") == (0, "Nothing is declared.\n", "")


def test_declare_without_a_word_shows_what_is_there(said: Said) -> None:
    said(*RUN)
    assert said("declare", "ours") == (0, "Nothing is declared.\n", "")
    assert sorted(path.name for path in OURS.iterdir()) == ["exam", "report.html"]
    said("declare", "ours", "--licence", "MIT")
    assert json.loads(said("declare", "ours", "--json")[1]) == {
        "schema_version": 1, "parent": "", "stage": "", "tags": [], "about": "", "url": "", "licence": "MIT",
        "private": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody", "--parent", "x"), "reports/nobody: no results there. Name an entry's folder."),
        (("ours/exam", "--parent", "x"), "reports/ours/exam: is one cell. Name an entry's folder."),
        (("ours", "--parent", "ours"), "--parent: 'ours' is the entry itself. Name what it was made from."),
        (("ours", "--stage", "x"), f"--stage: 'x' is no stage. Say one of {', '.join(STAGES)}."),
        (("ours", "--url", "file:///x"), "--url: 'file:///x' is no address of the web. Say https://HOST/PATH."),
    ],
)
def test_what_declare_cannot_do_is_one_sentence(words: tuple[str, ...], sentence: str, said: Said) -> None:
    said(*RUN)
    assert said("declare", *words) == (2, "", f"medeval: {sentence}\n")
    assert sorted(path.name for path in OURS.iterdir()) == ["exam", "report.html"]


def test_the_help_names_every_stage(said: Said) -> None:
    for verb in ("run", "declare"):
        told = " ".join(said(verb, "--help")[1].split())
        assert f"What was done to the parent: {', '.join(STAGES)}." in told
