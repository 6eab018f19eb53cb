"""The command: every verb's happy way, every fault as a sentence, and nothing that could steer a terminal."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

import medeval
from medeval import catalog
from medeval.cli import app, live, main, say
from medeval.planning import Plan, prepare
from medeval.records import Status
from medeval.scoring import Scored

Exam = Callable[[int], Path]
BASELINE = ("run", "--model", "baseline:majority", "--data", "sample")


class Said(NamedTuple):
    """How a command ended, and what it said."""

    code: object
    out: str
    err: str


def done(*words: str | Path) -> str:
    """What a command prints when all goes well."""
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


Refused = Callable[..., list[str]]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a command that must end with 2, and give the sentences it says."""

    def run(*words: str | Path) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["medeval", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert (end.value.code, out) == (2, "")
        assert "Traceback" not in err
        return str(err).splitlines()

    return run


def real(*words: str | Path, code: str = "", stdout: int = subprocess.PIPE) -> Said:
    """Run a command as a process of its own, in which some code may have done harm before."""
    start = ["-c", f"{code}\nfrom medeval.cli import main; main()"] if code else ["-m", "medeval"]
    ended = subprocess.run(
        [sys.executable, *start, *map(str, words)], stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    return Said(ended.returncode, ended.stdout or "", ended.stderr)


def predictions(path: Path, **odd: str) -> Path:
    """Texts for the 26 sample rows of medqa, last first; `_3` is what is said of row 0003, and all else is A."""
    rows = [{"id": f"{number:04d}", "text": odd.get(f"_{number}", "Answer: A")} for number in reversed(range(26))]
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    return path


def scored(tmp_path: Path, **odd: str) -> Path:
    """An entry made of predictions."""
    file = predictions(tmp_path / "theirs.jsonl", **odd)
    done("score", "--task", "medqa", "--predictions", file, "--data", "sample", "--reports", tmp_path / "reports")
    return tmp_path / "reports" / "theirs"


# --- run ---


def test_run_prints_a_table_and_what_each_number_stands_on(tmp_path: Path) -> None:
    lines = done(*BASELINE, "--tasks", "medqa", "--reports", tmp_path).splitlines()
    assert re.split(r"\s{2,}", lines[0]) == [
        "task", "metric", "value", "95 % interval", "n", "unread", "refused", "truncated", "too long", "failed",
    ]  # fmt: skip
    # Eight of the 26 sample rows have the commonest answer: 8/26, and its Wilson interval.
    assert re.split(r"\s{2,}", lines[1]) == [
        "medqa", "accuracy", "30.77", "16.50 to 49.99", "26", "0", "0", "0", "0", "0", "sample data",
    ]  # fmt: skip
    assert re.match(r"medqa\.v1\|letters\|0-shot\|n:26\|data:[0-9a-f]{8}\(sample\)\|.+ ‖ chat:no\|", lines[3])
    assert lines[4] == f"  {tmp_path}/baseline-majority/medqa@sample"


def test_run_takes_tasks_and_groups_with_commas_between(tmp_path: Path) -> None:
    found = json.loads(done(*BASELINE, "--tasks", "pubmedqa_closed,exams_en", "--reports", tmp_path, "--json"))
    assert [result["task"] for result in found] == ["pubmedqa_closed", "medqa", "medmcqa", "pubmedqa", "exams_en"]


def test_run_goes_on_with_every_option(exam: Exam) -> None:
    root = exam(12)
    done(
        "run", "--model", "baseline:longest", "--tasks", "exam", "--task-path", root / "exam.py",
        "--data", root / "data", "--reports", root / "reports", "--label", "Ours 1",
        "--style", "written", "--options", "shuffled", "--protocol", "mirage", "--limit", "6", "--seed", "3",
    )  # fmt: skip
    there = sorted(path.name for path in (root / "reports" / "ours-1").iterdir())
    assert there == ["exam@written,mirage,shuffled,limit6", "report.html"]


def test_a_dry_run_counts_requests_and_reuse_and_leaves_no_results(tmp_path: Path) -> None:
    command = (*BASELINE, "--tasks", "medqa,pubmedqa", "--reports", tmp_path, "--dry-run")
    rows = [line.split() for line in done(*command).splitlines()]
    assert rows[0] == ["task", "requests", "reused", "tokens"]
    assert [row[:4] for row in rows[1:]] == [["medqa", "26", "0", "about"], ["pubmedqa", "25", "0", "about"]]
    assert list(tmp_path.rglob("*")) == []

    done(*BASELINE, "--tasks", "medqa", "--reports", tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    ahead = json.loads(done(*command, "--json"))
    assert [(name, each["requests"], each["reused"]) for name, each in ahead.items()] == [
        ("medqa", 26, 26), ("pubmedqa", 25, 0),
    ]  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_engine_errors_end_with_3_and_what_to_do(tmp_path: Path) -> None:
    done(*BASELINE, "--tasks", "medqa", "--limit", "10", "--reports", tmp_path)
    replay = CliRunner().invoke(
        app,
        ["run", "--model", f"recorded:{tmp_path}/baseline-majority", "--tasks", "medqa", "--data", "sample",
         "--reports", str(tmp_path / "again"), "--json"],
    )  # fmt: skip
    assert replay.exit_code == 3
    assert replay.stderr == "medeval: 16 engine errors; run the same command to ask again.\n"
    assert json.loads(replay.stdout)[0]["estimates"][0]["failed"] == 16


# --- tasks and data ---


def test_tasks_lists_every_task_and_group() -> None:
    lines = done("tasks").splitlines()
    assert lines[0].split() == ["task", "rows", "language", "kind", "capabilities", "chance", "title"]
    names = [line.split()[0] for line in lines[1 : lines.index("")]]
    assert names == list(catalog.find().tasks)
    assert "exams_en: English medical exams (medqa, medmcqa, pubmedqa)" in lines


def test_tasks_are_facts_in_json() -> None:
    facts = json.loads(done("tasks", "--json"))
    assert facts["pubmedqa"]["rows"] == 500
    assert facts["pubmedqa"]["chance"] == "33.3 %"


def test_every_task_has_a_card_with_its_traps_and_prompts() -> None:
    for name, named in catalog.find().tasks.items():
        card = done("tasks", name)
        assert card.startswith(f"{name}\n  title: {named.task.title}\n")
        for words in (f"  licence: {named.task.licence}", *[f"    - {trap}" for trap in named.task.traps]):
            assert words in card
        for style in named.task.wordings:
            assert f"  prompt of style {style}, for one sample row:\n\n    " in card


def test_a_task_of_ones_own_is_listed(exam: Exam) -> None:
    assert "A small exam" in done("tasks", "--task-path", exam(4))


def test_a_task_of_ones_own_has_a_card(exam: Exam) -> None:
    assert "A small exam" in done("tasks", "exam", "--task-path", exam(4))


def test_data_where_tells_which_files_would_be_read() -> None:
    folder = catalog.own_folder() / "samples" / "medqa"
    rows = [re.split(r"\s{2,}", line) for line in done("data", "where", "medqa", "--data", "sample").splitlines()]
    assert rows[0] == ["form", "file", "held by"]
    assert rows[1] == [
        "original", f"{folder}/phrases_no_exclude_test.jsonl", "is there, would be read", "none"
    ]  # fmt: skip
    assert rows[2] == ["hf", f"{folder}/test.json", "missing", "none"]


def test_data_where_ends_with_2_if_files_are_missing(tmp_path: Path) -> None:
    said = real("data", "where", "medqa", "--data", tmp_path)
    assert said.code == 2
    assert "missing, would be read" in said.out
    assert "phrases_no_exclude_test.jsonl: not on this machine" in said.err


def test_the_version_is_told() -> None:
    assert done("--version") == f"medeval {medeval.__version__}\n"


# --- show ---


def test_show_prints_what_run_printed(tmp_path: Path) -> None:
    ran, page = done(*BASELINE, "--tasks", "pubmedqa", "--reports", tmp_path).rsplit("\n\n", 1)
    ran += "\n"
    assert page == f"{tmp_path / 'baseline-majority' / 'report.html'}\n"
    assert done("show", "baseline-majority", "--reports", tmp_path) == ran
    assert done("show", tmp_path / "baseline-majority") == ran
    assert done("show", "baseline-majority/pubmedqa@sample", "--reports", tmp_path) == ran


def test_show_in_json_is_what_was_published(tmp_path: Path) -> None:
    entry = scored(tmp_path)
    published = json.loads((entry / "medqa@written,elsewhere,sample" / "result.json").read_bytes())
    assert json.loads(done("show", entry, "--json")) == [published]


def test_show_lists_the_samples_of_a_status(tmp_path: Path) -> None:
    entry = scored(tmp_path, _3="I do not\nknow", _7="It depends.")
    assert done("show", entry, "--status", "unread").splitlines() == [
        "0003  unread  right B  picked -  I do not know", "0007  unread  right A  picked -  It depends.",
    ]  # fmt: skip
    assert len(done("show", entry, "--status", "scored").splitlines()) == 24


def test_show_gives_the_whole_way_of_one_sample(tmp_path: Path) -> None:
    whole = done("show", scored(tmp_path, _3="Surely. Answer: B"), "--sample", "0003")
    assert whole.startswith(
        "0003: scored, right B, picked B\nread by rule 'stated' at (16, 17)\n"
        "slices: negated no, step step2&3\naccuracy 1.0\n"
    )
    assert '\nGive the letter of the right option. End with a last line "Answer: X".\n' in whole
    assert whole.endswith("--- replied 1\nSurely. Answer: B\n")


def test_show_gives_every_slice(tmp_path: Path) -> None:
    lines = done("show", scored(tmp_path), "--slices").splitlines()
    parts = [re.split(r"\s{2,}", line) for line in lines[lines.index("", 4) + 2 :]]
    # One question of the 26 asks for the exception; all have less than 50 words, one language and one answer.
    assert [[part[1], part[2], part[3], part[6], *part[7:]] for part in parts] == [
        [name, value, "accuracy", n, "too few to compare"]
        for name, value, n in (
            ("negated", "no", "25"), ("negated", "other", "1"), ("step", "step1", "13"), ("step", "step2&3", "13"),
        )
    ]  # fmt: skip


def test_show_tells_what_is_beside_only_if_it_is_asked_for(tmp_path: Path) -> None:
    entry = scored(tmp_path, _3="I do not know")

    def told(*words: str) -> dict[str, str]:
        rows = [re.split(r"\s{2,}", line.strip()) for line in done("show", entry, *words).split("\n\n")[0].splitlines()]
        # Some have no interval, and so a cell less.
        return {row[0]: row[1] for row in ([*rows[1][1:-1]], *rows[2:])}

    plain, whole = told(), told("--metrics")
    assert [*plain] == ["accuracy"]
    assert {"accuracy", "chance_corrected", "macro_f1", "recall_A", "unread_rate", "language_kept"} <= {*whole}
    assert whole["accuracy"] == plain["accuracy"] == "30.77"
    # (8/26 - 1/4) / (3/4); one of 26 was not read.
    assert (whole["chance_corrected"], whole["unread_rate"]) == ("7.69", "3.85")
    assert "ece" not in whole, "a text has no probabilities"


def test_show_prints_tables_if_they_are_asked_for(tmp_path: Path) -> None:
    entry = scored(tmp_path, _3="I do not know")
    assert "confusion" not in done("show", entry)
    lines = done("show", entry, "--tables").splitlines()
    start = lines.index("medqa, confusion: Rows: what was right; columns: what was picked.")
    assert lines[start + 1].split() == ["right", "A", "B", "C", "D", "nothing"]
    rows = {line.split()[0]: [*map(int, line.split()[1:])] for line in lines[start + 2 : start + 6]}
    assert [*rows] == [*"ABCD"]
    # Row 0003 has B for its answer.
    assert (rows["A"], rows["B"][1:]) == ([8, 0, 0, 0, 0], [0, 0, 0, 1])
    assert sum(map(sum, rows.values())) == 26


def test_curves_are_tables_of_a_run_that_scores_letters(tmp_path: Path) -> None:
    done(*BASELINE, "--tasks", "medqa", "--reports", tmp_path)
    told = done("show", "baseline-majority", "--reports", tmp_path, "--tables", "--metrics")
    assert re.search(r"^medqa, reliability: ", told, re.MULTILINE)
    assert re.search(r"^medqa, risk_coverage: ", told, re.MULTILINE)
    # What has a scale of its own is printed as it is: sure of all, and right in 8 of 26.
    assert re.search(r"^ +ece +0\.69\d\d ", told, re.MULTILINE)


def test_slices_of_what_is_beside_are_told_with_it(tmp_path: Path) -> None:
    entry = scored(tmp_path)
    told = done("show", entry, "--slices", "--metrics")
    assert re.search(r"^medqa +step +step1 +chance_corrected ", told, re.MULTILINE)
    assert "too few to compare" in told


def test_show_lists_the_samples_of_an_entry_with_a_group(tmp_path: Path) -> None:
    done(*BASELINE, "--tasks", "exams_en", "--reports", tmp_path)
    assert done("show", tmp_path / "baseline-majority", "--status", "unread") == ""


# --- score ---


def test_score_makes_a_normal_result_of_predictions(tmp_path: Path) -> None:
    (result,) = json.loads(done("show", scored(tmp_path, _3="Answer: B"), "--json"))
    assert result["entry"] == "theirs"
    assert result["setting"]["elsewhere"] is True
    assert "|prompt:elsewhere|" in result["protocol"]
    # A is right for 8 of the 26 sample rows, and row 0003 is the one that was answered with B.
    assert result["estimates"][0]["value"] == pytest.approx(9 / 26)


def test_score_takes_another_field_and_rows_in_the_tasks_order(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text("said,text\n" + "".join([f"{'BA'[number != 3]},C\n" for number in range(26)]), encoding="utf-8")
    command = ("score", "--task", "medqa", "--predictions", file, "--data", "sample", "--reports", tmp_path / "reports")
    (result,) = json.loads(done(*command, "--by-order", "--field", "said", "--label", "Ours", "--json"))
    assert result["entry"] == "Ours"
    assert result["estimates"][0]["value"] == pytest.approx(9 / 26)


def test_score_derives_an_entry_again_to_the_byte(tmp_path: Path) -> None:
    done(*BASELINE, "--tasks", "medqa", "--reports", tmp_path)
    cell = tmp_path / "baseline-majority" / "medqa@sample"
    before = {name: (cell / name).read_bytes() for name in ("result.json", "samples.jsonl")}
    for name in before:
        (cell / name).unlink()
    (result,) = json.loads(done("score", "baseline-majority", "--reports", tmp_path, "--json"))
    assert {name: (cell / name).read_bytes() for name in before} == before
    assert result == json.loads(before["result.json"])
    assert done("score", cell) == done("show", cell)


def test_score_derives_groups_again_too(tmp_path: Path) -> None:
    done(*BASELINE, "--tasks", "exams_en", "--reports", tmp_path)
    found = json.loads(done("score", tmp_path / "baseline-majority", "--json"))
    assert "exams_en" in [result["task"] for result in found]


def test_score_makes_a_normal_result_of_probabilities(tmp_path: Path) -> None:
    file = tmp_path / "theirs.jsonl"
    # Surely A but for row 0003, which is right with 0.6.
    rows = [{"id": f"{n:04d}", "p": [0.1, 0.6, 0.2, 0.1] if n == 3 else [0.97, 0.01, 0.01, 0.01]} for n in range(26)]
    file.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    command = ("score", "--task", "medqa", "--predictions", file, "--data", "sample", "--reports", tmp_path / "reports")
    (result,) = json.loads(done(*command, "--probabilities", "p", "--json"))
    assert (result["setting"]["style"], result["setting"]["elsewhere"]) == ("letters", True)
    told = {each["metric"]: each["value"] for each in result["estimates"]}
    assert told["accuracy"] == pytest.approx(9 / 26)
    # Of one the distance is 0.4, and of the 25 others, of which eight are right, 0.97 - 8/25.
    assert told["ece"] == pytest.approx((0.4 + 25 * (0.97 - 8 / 25)) / 26)
    assert result["letter_mass"] == pytest.approx(1)


def test_probabilities_of_a_task_without_options_are_refused(refused: Refused, tmp_path: Path) -> None:
    file = predictions(tmp_path / "theirs.jsonl")
    said = refused("score", "--task", "aci_bench", "--predictions", file, "--probabilities", "text", "--data", "sample")
    assert said == ["medeval: aci_bench: it has no wording for style 'letters'; it has written."]


def notes(tmp_path: Path) -> Path:
    """The texts that a rule gives of the project's own visits, as another would hand them in."""
    done("run", "--model", "baseline:majority", "--data", "sample", "--tasks", "aci_bench_valid", "--reports", tmp_path)
    (cell,) = (tmp_path / "baseline-majority").glob("*/")
    lines = [json.loads(line) for line in (cell / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [{"id": line["sample"], "note": line["exchanges"][0]["reply"]["text"]} for line in lines]
    path = tmp_path / "notes.jsonl"
    path.write_text("".join([json.dumps(row) + "\n" for row in rows]), encoding="utf-8")
    return path


def test_a_metric_that_a_task_tells_anyway_can_be_named_and_changes_nothing(tmp_path: Path) -> None:
    command = (
        "score", "--task", "aci_bench_valid", "--predictions", notes(tmp_path), "--data", "sample", "--json",
        "--reports",
    )  # fmt: skip
    (plain,) = json.loads(done(*command, tmp_path / "plain"))
    (named,) = json.loads(done(*command, tmp_path / "named", "--metric", "chrf", "--metric", "bleu4"))
    assert named == plain
    assert [each["metric"] for each in plain["estimates"] if not each["beside"]] == [
        "rouge1", "rouge2", "rougeL", "rougeLsum",
    ]  # fmt: skip


# --- wrong input ---


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("tasks", "medqua"), r"Unknown task 'medqua'\. Did you mean 'medqa'\? 'medeval tasks' lists all \d+\."),
        (("tasks", "--task-path", "nowhere"), r"nowhere: no such file or folder of tasks\."),
        (("data", "where", "medqua"), r"Unknown task 'medqua'\. .+"),
        (("show", "nobody", "--reports", "nowhere"), r"nowhere/nobody: no results there\. Name an entry's folder, .+"),
        (("score", "nobody", "--reports", "nowhere"), r"nowhere/nobody: no results there\. Name an entry's folder, .+"),
        (
            ("score",),
            r"Name either an ENTRY to score again, or --task and --predictions, with --field or --probabilities\.",
        ),
        (
            ("score", "--task", "medqa", "--predictions", "x.jsonl", "--field", "a", "--probabilities", "b"),
            r"Name either an ENTRY .+",
        ),
        (("score", "mine", "--probabilities", "p"), r"An ENTRY is scored again as it was asked: only .*--metric.+"),
        (("power", "--task", "medqua"), r"Unknown task 'medqua'\. .+"),
        (("power", "--task", "exams_en"), r"'exams_en' is a group of tasks: .+"),
        (("power", "--task", "medqa", "--alpha", "0"), r"--alpha 0: it lies between 0 and 1\."),
        (("power", "--task", "medqa", "--power", "1"), r"--power 1: it lies between 0 and 1\."),
        (
            ("power", "--task", "medqa", "--baseline", "nobody", "--reports", "nowhere"),
            r"nowhere/nobody: no result of medqa there\. Name an entry's folder, or one of its cells\.",
        ),
        ((*BASELINE, "--tasks", "medqa", "--metric", "blue"), r"--metric blue: unknown\. There are evaluate:PATH.+"),
        (
            (*BASELINE, "--tasks", "medqa", "--metric", "bertscore:x#last"),
            r"--metric bertscore:x#last: 'last' is no layer\. .+",
        ),
        (
            (*BASELINE, "--tasks", "medqa", "--metric", "evaluate:nowhere"),
            r"evaluate:nowhere: there is no such file .+",
        ),
        ((*BASELINE, "--tasks", "medqa", "--metric", "chrf"), r"--metric chrf: .+"),
        (("score", "--task", "medqa"), r"Name either an ENTRY .+"),
        (("score", "--predictions", "x.jsonl"), r"Name either an ENTRY .+"),
        (("score", "mine", "--task", "medqa", "--predictions", "x.jsonl"), r"Name either an ENTRY .+"),
        (
            ("score", "--task", "medqa", "--predictions", "x.jsonl", "--data", "sample"),
            r"x\.jsonl: no such file of predictions\.",
        ),
        (("score", "mine", "--protocol", "mirage"), r"An ENTRY is scored again as it was asked: .+"),
        (("tasks", "exams_en"), r"'exams_en' is a group of tasks: medqa, medmcqa, pubmedqa\. Name one of them\."),
    ],
)
def test_wrong_input_is_one_sentence(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (said,) = refused(*words)
    assert re.fullmatch(f"medeval: {sentence}", said)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ((*BASELINE, "--tasks", "medqa", "--style", "shouted"), "'--style'"),
        ((*BASELINE, "--tasks", "medqa", "--limit", "-1"), "'--limit'"),
        ((*BASELINE,), "'--tasks'"),
        (("run", "--tasks", "medqa"), "'--model'"),
        (("power",), "'--task'"),
        (("power", "--task", "medqa", "--alpha", "small"), "'--alpha'"),
        (("evaluate",), "'evaluate'"),
        (("tasks", "--verbose"), "--verbose"),
    ],
)
def test_wrong_usage_names_what_is_wrong(refused: Refused, words: tuple[str, ...], wrong: str) -> None:
    said = refused(*words)
    assert said[0].startswith("Usage: ")
    assert said[-1].startswith("Error: ")
    assert wrong in said[-1]


def test_every_fault_is_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = real("run", "--model", "gpt", "--tasks", "medqua,", "--data", "sample", "--reports", tmp_path / "file" / "r")
    assert (said.code, said.out) == (2, "")
    assert [line.split()[:2] for line in said.err.splitlines()] == [
        ["medeval:", "Unknown"], ["medeval:", f"{tmp_path}/file/r:"], ["medeval:", "Model"],
    ]  # fmt: skip


def test_an_unexpected_exception_ends_with_3_and_one_sentence() -> None:
    said = real("tasks", code="import medeval.catalog as c; c.find = lambda paths: 1 / 0")
    assert said == Said(
        3, "", "medeval: ZeroDivisionError: division by zero. This is a fault of medeval itself; --debug shows where.\n"
    )


def test_debug_shows_where_it_came_from() -> None:
    said = real("--debug", "tasks", code="import medeval.catalog as c; c.find = lambda paths: 1 / 0")
    assert said.err.startswith("Traceback (most recent call last):\n")
    assert "ZeroDivisionError: division by zero\nmedeval: " in said.err


@pytest.mark.parametrize(("harm", "code"), [("1 / 0", 3), ("c.Catalog(tasks={}, groups={})", 2)])
def test_debug_changes_no_exit_code(harm: str, code: int) -> None:
    said = real("--debug", "tasks", "medqa", code=f"import medeval.catalog as c; c.find = lambda paths: {harm}")
    assert said.code == code


@pytest.mark.parametrize("words", [("--status", "unraed"), ("--sample", "9999")])
def test_a_status_or_sample_that_does_not_exist_is_refused(
    refused: Refused, tmp_path: Path, words: tuple[str, str]
) -> None:
    assert words[1] in " ".join(refused("show", scored(tmp_path), *words))


# --- JSON ---


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    run = (*BASELINE, "--tasks", "medqa", "--reports", tmp_path, "--json")
    for words in (
        (*run, "--dry-run"), run, ("tasks", "--json"), ("power", "--task", "medqa", "--json"),
        ("show", tmp_path / "baseline-majority", "--slices", "--json"),
        ("score", tmp_path / "baseline-majority", "--json"),
    ):  # fmt: skip
        assert json.loads(done(*words))


@pytest.mark.parametrize("words", [("tasks", "medqa"), ("show", "--sample", "0003"), ("show", "--status", "scored")])
def test_json_is_printed_wherever_it_can_be_asked_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    entry = [scored(tmp_path)] if words[0] == "show" else []
    assert json.loads(done(*words, *entry, "--json"))


# --- the terminal ---


STEERING = "\x1b]0;owned\x07 \x9b31m red \u202e\u2066 drawkcab \u2069\u200f\r over\x00 \x7f"


def steers(text: str) -> list[str]:
    return [letter for letter in text if letter != "\n" and (ord(letter) < 32 or 127 <= ord(letter) < 160)] + [
        letter for letter in text if letter in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ]


def test_what_a_model_wrote_cannot_steer_the_terminal(tmp_path: Path) -> None:
    entry = scored(tmp_path, _3=STEERING)
    for words in (("--sample", "0003"), ("--status", "unread")):
        shown = done("show", entry, *words)
        assert "drawkcab" in shown
        assert steers(shown) == []


def test_what_a_name_holds_cannot_steer_the_terminal(refused: Refused, tmp_path: Path) -> None:
    (said,) = refused("show", "nobody\x1b[31m\u202e", "--reports", tmp_path)
    assert steers(said) == []


def test_what_a_result_says_of_itself_cannot_steer_the_terminal(tmp_path: Path) -> None:
    entry = scored(tmp_path)
    file = entry / "medqa@written,elsewhere,sample" / "result.json"
    result = json.loads(file.read_bytes())
    file.write_text(json.dumps(result | {"conditions": STEERING}), encoding="utf-8")
    assert steers(done("show", entry)) == []


def test_every_mark_of_direction_is_taken_out() -> None:
    assert "\u061c" not in say.clean("a\u061cb")


def test_cleaning_leaves_text_alone() -> None:
    text = "5 µg/kg\n\t答案 é 😀 – “C”"
    assert say.clean(text) == text
    assert say.clean("a\x1b[1mb\u202ec") == "a\ufffd[1mb\ufffdc"


def test_a_table_is_aligned_by_the_width_on_a_terminal() -> None:
    rows = [("任务", "n", ""), ("medqa", "1273", "x"), ("医学考试", "9", ""), ("ＱＡ", "10", "")]
    assert say.table(rows, right=(1,)).splitlines() == [
        "任务         n",
        "medqa     1273  x",
        "医学考试     9",
        "ＱＡ        10",
    ]


def test_a_table_holds_nothing_that_steers() -> None:
    assert say.table([("a\x1b", "b")]) == "a\ufffd  b"


@pytest.mark.parametrize(("value", "said"), [(None, "-"), (0.0, "0.00"), (1.0, "100.00"), (0.27731, "27.73")])
def test_fractions_are_printed_per_cent(value: float | None, said: str) -> None:
    assert say.percent(value) == said


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_error(unbuffered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said = real("tasks", stdout=writing)
    finally:
        os.close(writing)
    assert said == Said(0, "", "")


# --- live ---


def mark(status: Status, value: float | None) -> Scored:
    return Scored(
        sample="0",
        status=status,
        target=("A",),
        picked=(),
        rule="",
        span=None,
        slices={},
        scores={"accuracy": value},
        marks={},
        exchanges=(),
    )


def watched(root: Path) -> live.Live:
    plan = Plan(
        model="baseline:random", tasks=("exam",), data=str(root / "data"), reports=root / "reports", task_paths=(root,)
    )
    return live.Live(prepare(plan))


def test_live_progress_tells_how_far_and_how_well(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    right = mark("scored", 1.0)
    clock = [100.0]
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    shown = watched(exam(8))
    assert shown.lines() == [("exam", "0/8", "", "not read 0", "0/s", "")]
    clock[0] = 110.0
    shown.replied("exam", 40)
    for scored_now in (right, right, right, mark("unread", 0.0)):
        shown.scored("exam", scored_now)
    # Three of four: Wilson's interval is 30.1 to 95.4 per cent.
    assert shown.lines() == [("exam", "4/8", "75.0 (30.1 to 95.4)", "not read 1", "4/s", "10 s left")]
    for _ in range(4):
        shown.scored("exam", right)
    clock[0] = 200.0
    assert shown.lines()[0][-2:] == ("4/s", "done"), "the rate of a task that is done stands still"


def test_live_progress_leaves_out_what_was_not_measured(exam: Exam) -> None:
    shown = watched(exam(4))
    shown.scored("exam", mark("scored", 1.0))
    shown.scored("exam", mark("engine_error", None))
    assert shown.lines()[0][2].startswith("100.0 (")
