"""An exam of one's own from the sheet to the number, as a pharmacist does it: init exam, run, score."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_exams.books import CHINESE, ENGLISH, EXAM, HEAD, HEAD_ZH, SEVERAL, book, laid, lined, said, small

Command = Callable[..., tuple[int, str, str]]
MAJORITY = ("run", "--model", "baseline:majority")


def result(folder: Path, entry: str = "baseline-majority", cell: str = "exam") -> Path:
    return folder / "reports" / entry / cell / "result.json"


# --- init exam ----------------------------------------------------------------------------


def test_from_a_workbook_to_a_number_in_two_commands(command: Command, tmp_path: Path) -> None:
    rows = [(place, ["单选题", "多选题"][place == 4], *row) for place, row in enumerate(CHINESE, 1)]
    several = (5, "多选题", "可致QT间期延长的药物有？", "氟哌啶醇", "阿莫西林", "红霉素", "蒙脱石散", "A、C", "心内")
    book(tmp_path / "药学部题库.xlsx", 题库=[["2026年药学部考试"], [], ("序号", "题型", *HEAD_ZH), *rows[:3], several])
    code, out, err = command("init", "exam", "药学部题库.xlsx")
    assert code == 0
    text = (tmp_path / "药学部题库.toml").read_text(encoding="utf-8")
    assert out.startswith(text)
    assert err == "medeval: written to 药学部题库.toml. Is every column what it is taken for?\n"
    asked = out.removeprefix(text)
    assert asked.count("as a chat model is asked") == 3
    assert "A. 纳洛酮\nB. 氟马西尼\nC. 乙酰半胱氨酸\nD. 鱼精蛋白\n" in asked
    assert out.endswith("Next: medeval run --model MODEL --tasks '药学部题库.toml'\n")
    code, out, err = command(*MAJORITY, "--tasks", "药学部题库.toml")
    assert (code, err) == (0, err)
    assert "private" in out
    assert ".v1|written|0-shot|n:4|data:" in out
    assert "(own)|" in out


def test_what_is_wrong_in_the_sheet_is_listed_and_the_file_is_written_to_be_mended(
    command: Command, tmp_path: Path
) -> None:
    rows = [(*ENGLISH[0][:5], "", "w"), ENGLISH[1], (*ENGLISH[2][:5], "E", "w"), ("", *ENGLISH[3][1:])]
    laid(tmp_path / "bank.csv", [HEAD, *rows])
    code, out, err = command("init", "exam", "bank.csv")
    assert code == 2
    assert out == (tmp_path / "bank.toml").read_text(encoding="utf-8") + "\n"
    assert err.splitlines()[0].startswith("medeval: written to bank.toml.")
    there = "A (Naloxone), B (Flumazenil), C (Acetylcysteine), D (Protamine)"
    assert [line.partition(": ")[2] for line in err.splitlines()[1:4]] == [
        "bank.csv, row 2, column 'Answer' (F2): the answer is missing.",
        f"bank.csv, row 4, column 'Answer' (F4): 'E' is not among the options, read by letter: {there}.",
        "bank.csv, row 5, column 'Question' (A5): the question is missing.",
    ]
    # The same is said when it is run, until it is mended.
    code, _, err = command(*MAJORITY, "--tasks", "bank.toml")
    assert code == 2
    assert err.count("bank.csv, row ") == 3
    laid(tmp_path / "bank.csv", [HEAD, *ENGLISH])
    assert command(*MAJORITY, "--tasks", "bank.toml")[0] == 0


def test_a_declaration_that_is_there_is_nobody_elses(command: Command, tmp_path: Path) -> None:
    laid(tmp_path / "bank.csv", [HEAD, *ENGLISH])
    (tmp_path / "bank.toml").write_text("mine = 1\n")
    code, out, err = command("init", "exam", "bank.csv")
    assert (code, out) == (2, "")
    assert err == "medeval: bank.toml: is there and is yours. --force writes over it, --out names another.\n"
    assert command("init", "exam", "bank.csv", "--out", "other.toml")[0] == 0
    assert (tmp_path / "bank.toml").read_text() == "mine = 1\n"
    assert command("init", "exam", "bank.csv", "--force")[0] == 0
    assert (tmp_path / "bank.toml").read_text() == (tmp_path / "other.toml").read_text()


@pytest.mark.parametrize("name", ["nothing.xlsx", "nothing.csv", "exam.docx", "locked.xlsx", "text.xlsx", "."])
def test_a_sheet_that_cannot_be_read_leaves_nothing_behind(command: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / "exam.docx").write_bytes(b"x")
    (tmp_path / "locked.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    laid(tmp_path / "text.xlsx", [HEAD, *ENGLISH])
    code, out, err = command("init", "exam", name)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert not [*tmp_path.glob("*.toml")]


def test_signs_that_steer_a_terminal_are_not_printed(command: Command, tmp_path: Path) -> None:
    row = ("Which is right?\x1b]0;owned\x07 \x1b[2J", "x\x1b[31m", *ENGLISH[0][2:])
    laid(tmp_path / "bank.csv", [HEAD, row, *ENGLISH])
    code, out, err = command("init", "exam", "bank.csv")
    assert code == 0
    assert "\x1b" not in out + err
    assert "\x07" not in out + err


# --- run ----------------------------------------------------------------------------------


def test_an_exam_runs_beside_tasks_and_sample_data_is_for_them_alone(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    assert command(*MAJORITY, "--tasks", "exam.toml", "--label", "first")[0] == 0
    code, out, _ = command(*MAJORITY, "--tasks", "exam.toml,medqa", "--data", "sample", "--label", "second")
    assert code == 0
    lines = out.splitlines()
    assert next(line for line in lines if line.startswith("exam ")).endswith("private")
    assert next(line for line in lines if line.startswith("medqa ")).endswith("sample data")
    first, second = [
        json.loads(result(tmp_path, label).read_text(encoding="utf-8").replace(f'"{label}"', '""'))
        for label in ("first", "second")
    ]
    assert first == second


def test_a_task_path_names_an_exam_so_that_its_name_can_be_used(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    code, out, _ = command(*MAJORITY, "--tasks", "exam", "--task-path", "exam.toml")
    assert code == 0
    assert "(own)|" in out
    assert command(*MAJORITY, "--tasks", "exam.toml", "--task-path", "exam.toml")[0] == 0


def test_a_dry_run_counts_and_writes_nothing(command: Command, tmp_path: Path) -> None:
    small(tmp_path, [*ENGLISH, SEVERAL])
    code, out, _ = command(*MAJORITY, "--tasks", "exam.toml", "--dry-run")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("exam")] == [["exam", "7"]]
    assert not (tmp_path / "reports").exists()


def test_limits_orders_and_examples_are_told_in_the_folder_and_in_the_signature(
    command: Command, tmp_path: Path
) -> None:
    laid(tmp_path / "examples.csv", [HEAD, *ENGLISH[3:]])
    small(tmp_path, ENGLISH[:3], 'examples = "examples.csv"\n')
    for words, cell, line in (
        (("--limit", 2), "exam@limit2", "limited to 2"), (("--shots", 3), "exam@3shot", "|3-shot|"),
        (("--options", "shuffled"), "exam@shuffled", "|letters-shuffled|"),
        (("--shots", 1, "--shots-from", "sheet.csv"), "exam@1shot", "|1-shot|"),
    ):  # fmt: skip
        code, out, err = command(*MAJORITY, "--tasks", "exam.toml", *words)
        assert code == 0, err
        assert line in out
        assert f"reports/baseline-majority/{cell}" in out


@pytest.mark.parametrize("name", ["medqa", "mmlu_medical", "all"])
def test_a_name_that_is_taken_is_told_with_what_to_add(command: Command, tmp_path: Path, name: str) -> None:
    laid(tmp_path / "sheet.csv", [HEAD, *ENGLISH])
    said(tmp_path, EXAM, f"{name}.toml", FILE="sheet.csv")
    code, out, err = command(*MAJORITY, "--tasks", f"{name}.toml")
    assert (code, out) == (2, "")
    whose = "a group" if name == "mmlu_medical" else "another task"
    assert err == (
        f"medeval: {name}.toml: its name {name!r} is that of {whose}. Add a line such as name = 'my_exam'.\n"
    )


def test_two_exams_of_one_name_are_not_taken_for_one(command: Command, tmp_path: Path) -> None:
    for folder, rows in (("cardiology", ENGLISH[:2]), ("nephrology", ENGLISH[4:])):
        (tmp_path / folder).mkdir()
        small(tmp_path / folder, rows)
    code, _, err = command(*MAJORITY, "--tasks", "cardiology/exam.toml,nephrology/exam.toml")
    assert code == 2
    assert "nephrology/exam.toml" in err
    assert "name" in err


def test_the_same_exam_named_twice_is_run_once(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    code, out, _ = command(*MAJORITY, "--tasks", "exam.toml,./exam.toml", "--dry-run")
    assert code == 0
    assert len([line for line in out.splitlines() if line.startswith("exam")]) == 1


def test_faults_of_several_exams_and_unknown_tasks_are_told_together(command: Command, tmp_path: Path) -> None:
    small(tmp_path, [(*ENGLISH[0][:5], "", "w")])
    said(tmp_path, 'questoin = "x.csv"\n', "other.toml")
    code, out, err = command(*MAJORITY, "--tasks", "exam.toml,other.toml,nothing.toml,medqaa")
    assert (code, out) == (2, "")
    for words in ("row 2", "'questoin' here. Did you mean 'question'?", "nothing.toml: cannot be read", "'medqaa'"):
        assert words in err


@pytest.mark.parametrize("name", ["bank.xlsx", "bank.csv", "题库.xlsx"])
def test_a_sheet_that_is_named_as_a_task_is_told_what_to_do(command: Command, tmp_path: Path, name: str) -> None:
    book(tmp_path / "bank.xlsx", S=[HEAD, *ENGLISH])
    code, _, err = command(*MAJORITY, "--tasks", name)
    assert code == 2
    assert "medeval init exam" in err
    assert name in err


# --- what it says of itself, and again ----------------------------------------------------


def test_an_exam_can_be_looked_at_with_a_prompt_before_it_is_run(command: Command, tmp_path: Path) -> None:
    small(tmp_path, ENGLISH, 'title = "Antidotes"\n')
    code, out, _ = command("tasks", "exam.toml")
    assert code == 0
    assert "  title: Antidotes" in out
    assert "  rows: 6" in out
    assert "  licence: own" in out
    assert "Which new drug best explains an INR of 3.8 under warfarin?" in out


def test_scored_again_it_is_the_same_to_the_byte(command: Command, tmp_path: Path) -> None:
    small(tmp_path, [*ENGLISH, SEVERAL])
    assert command(*MAJORITY, "--tasks", "exam.toml")[0] == 0
    path = result(tmp_path, cell="exam@written")
    was = path.read_bytes()
    path.write_bytes(b"{}")
    code, out, err = command("score", "baseline-majority", "--task-path", "exam.toml")
    assert code == 0, err
    assert "private" in out
    assert path.read_bytes() == was
    assert json.loads(was)["setting"]["data"] == "own"


def test_scored_again_from_another_folder_it_is_the_same_too(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    assert command(*MAJORITY, "--tasks", "exam.toml")[0] == 0
    was = result(tmp_path).read_bytes()
    (tmp_path / "archive").mkdir()
    for name in ("exam.toml", "sheet.csv"):
        shutil.move(tmp_path / name, tmp_path / "archive" / name)
    code, _, err = command("score", "baseline-majority/exam", "--task-path", "archive/exam.toml")
    assert code == 0, err
    assert result(tmp_path).read_bytes() == was


def test_scored_again_without_its_file_it_says_which_word_is_missing(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    assert command(*MAJORITY, "--tasks", "exam.toml")[0] == 0
    code, _, err = command("score", "baseline-majority/exam")
    assert code == 2
    assert "--task-path" in err


def test_a_sheet_that_changed_since_is_not_scored(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    assert command(*MAJORITY, "--tasks", "exam.toml")[0] == 0
    was = result(tmp_path).read_bytes()
    small(tmp_path, ENGLISH[1:])
    code, _, err = command("score", "baseline-majority/exam", "--task-path", "exam.toml")
    assert code == 2
    assert "the data was " in err
    assert result(tmp_path).read_bytes() == was


def test_answers_that_were_made_elsewhere_are_scored(command: Command, tmp_path: Path) -> None:
    small(tmp_path)
    lined(tmp_path / "answers.jsonl", *[
        {"id": f"{number:04d}", "output": f"Answer: {row[5]}"} for number, row in enumerate(ENGLISH, 2)
    ])  # fmt: skip
    code, out, err = command("score", "--task", "exam.toml", "--predictions", "answers.jsonl")
    assert code == 0, err
    assert next(line for line in out.splitlines() if line.startswith("exam")).split()[1:3] == ["accuracy", "100.00"]
    assert "private" in out
