"""The nightly as it is run: every step of the workflows, from a clean clone to the verdict, on this machine."""

import json
import os
import re
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow_steps import Runner, committed, git, project

OWN, NIGHTLY, REPLAY = (f".github/workflows/{name}.yml" for name in ("nightly", "medeval-nightly", "medeval-replay"))
EXAM = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts

def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]), target=(row["answer"],)
    )

TASK = Task(
    title="An exam of the house", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=1 / 4,
    rows=ROWS, folder="exam", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options}, metrics=(metrics.accuracy,),
)
"""
ROWS = 200
OF_THE_EXAM = ("--tasks", "exam", "--task-path", "exam.py", "--data", "data")
GATE = """
version = 1
baseline = "my-model"
required = ["exam"]

[confirm]
alpha = 0.05

[[gate]]
task = "exam"
margin = 0.1

[[absolute]]
task = "*"
metric = "unread_rate"
max = 0.0

[[speed]]
metric = "replies_per_second"
"""
GOOD, BAD = "baseline:longest", "baseline:random"
"""The right option is always the longest one; who guesses is right in a quarter."""


def program(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def machine(home: Path, repository: Path) -> Runner:
    """A runner without a network: what medeval needs is lent by the environment that runs the tests."""
    # pip is lent too, so that making an environment need not unpack one.
    program(home / "bin" / "python3", f'exec "{sys.executable}" "$@" --without-pip')
    program(home / "bin" / "date", 'echo "$NIGHT"')
    (lent,) = site.getsitepackages()
    settings = {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "NIGHT": "2026-11-27",
        "PYTHONPATH": lent, "PYTHONDONTWRITEBYTECODE": "1", "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0", "PIP_FORCE_REINSTALL": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MEDEVAL_OFFLINE": "1", "MEDEVAL_CACHE": str(home / "medeval"), "HF_HOME": str(home / "hub"),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    return Runner(home=home, repository=repository, settings=settings)


def bad_steps(runner: Runner) -> dict[str, str]:
    return {name: outcome for name, outcome in runner.outcomes.items() if outcome != "success"}


def command(folder: Path, *words: str) -> None:
    """Run medeval as it stands in the checkout."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MEDEVAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "medeval", *words], cwd=folder, check=False, capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr


def fill_in(path: Path, settings: dict[str, str]) -> None:
    """Fill in a workflow's settings, as its user does."""
    text = path.read_text(encoding="utf-8")
    for name, value in settings.items():
        text, found = re.subn(rf"^  {name}: \S+", f"  {name}: {json.dumps(value)}", text, flags=re.MULTILINE)
        assert found == 1, name
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, committed."""
    return project(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory, house: Path) -> Path:
    """A repository with an exam of its own, the starters filled in, and a baseline of three runs."""
    place = tmp_path_factory.mktemp("users")
    build: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, house]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    (place / "data" / "exam").mkdir(parents=True)
    rows = [
        {"question": f"Question {number}?", "answer": "ABCD"[number % 4],
         "options": ["a long one, and right" if number % 4 == option else f"no {option}" for option in range(4)]}
        for number in range(ROWS)
    ]  # fmt: skip
    (place / "exam.py").write_text(EXAM.replace("ROWS", str(ROWS)))
    (place / "data" / "exam" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    command(place, "init", "ci")
    both = {"INSTALL": wheel.name, "TASKS": "exam", "TASK_PATH": "exam.py", "MEDEVAL_DATA": "data"}
    fill_in(place / REPLAY, both)
    fill_in(place / NIGHTLY, both | {"MODEL": GOOD})
    (place / "gate.toml").write_text(GATE)
    labels = [f"my-model-{number}" for number in (1, 2, 3)]
    for label in labels:
        command(place, "run", "--model", GOOD, "--label", label, *OF_THE_EXAM)
    command(place, "baseline", "accept", *labels, "--name", "my-model", "--reason", "the first one")
    (place / ".gitignore").write_text("/reports/*\n!/reports/baselines/\n")
    return committed(place)


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory, users: Path) -> Runner:
    """A runner after a night that equals the baseline; it broke before midnight, and was begun again after it."""
    runner = machine(tmp_path_factory.mktemp("runner"), users)
    assert runner.run(NIGHTLY, "night", MODEL="baseline:nobody") == 2, runner.said
    assert runner.outcomes["Run the model"] == "failure"
    assert runner.outcomes["Check against the baseline and last night"] == "skipped"
    runner.settings["NIGHT"] = "2026-11-28"
    assert runner.run(NIGHTLY, "night", again=True, SITE=str(runner.home / "served")) == 0, runner.said
    return runner


@pytest.fixture
def after(tmp_path: Path, equal: Runner) -> Runner:
    """The same machine for one test: what it kept, served and handed out is a copy."""
    shutil.copytree(equal.home, tmp_path / "runner", symlinks=True)
    runner = machine(tmp_path / "runner", equal.repository)
    runner.runs, runner.number = equal.runs, equal.number
    return runner


def test_the_project_s_own_night_is_green(tmp_path: Path, house: Path) -> None:
    runner = machine(tmp_path, house)
    assert runner.run(OWN, "night", MODEL="baseline:longest") == 0, runner.said
    assert bad_steps(runner) == {"Make the model": "skipped"}
    found = runner.handed_out / "night-1"
    assert (found / "verdict" / "verdict.json").is_file()
    assert (found / "night-site" / "index.html").is_file()
    assert (found / "nights" / "small-2026-11-27" / "gate_exam" / "journal.jsonl").is_file()


def test_recorded_answers_of_the_project_are_scored_again_to_the_same(tmp_path: Path, house: Path) -> None:
    runner = machine(tmp_path, house)
    assert runner.run(".github/workflows/ci.yml", "replay") == 0, runner.said
    assert bad_steps(runner) == {}


def test_a_night_that_equals_the_baseline_is_green(equal: Runner) -> None:
    assert bad_steps(equal) == {}
    assert equal.looked_up["steps.check.outputs.code"] == "0"
    assert "exam" in equal.summary
    verdict = equal.handed_out / "verdict-2"
    assert {path.name for path in verdict.iterdir()} >= {
        "verdict.json", "junit.xml", "summary.md", "comment.md", "badge.json", "badge.svg", "installed.txt",
    }  # fmt: skip


def test_a_night_that_is_run_again_after_midnight_goes_on_under_its_name(equal: Runner) -> None:
    assert equal.environment["ENTRY"] == "my-model-2026-11-27"
    assert {path.name for path in equal.handed_out.iterdir()} == {"verdict-1", "verdict-2", "night-2"}


def test_the_night_is_run_by_what_was_installed_and_that_brings_the_starters_along(
    equal: Runner, tmp_path: Path
) -> None:
    home = equal.temp / "medeval" / "bin"
    env = {"PYTHONPATH": equal.settings["PYTHONPATH"]}
    code: list[str | Path] = [home / "python", "-c", "import medeval; print(medeval.__file__)"]
    told = subprocess.run(code, check=True, capture_output=True, text=True, env=env, cwd=tmp_path)
    assert told.stdout.startswith(str(equal.temp))
    subprocess.run([home / "medeval", "init", "ci"], check=True, capture_output=True, env=env, cwd=tmp_path)
    assert all((tmp_path / name).is_file() for name in (NIGHTLY, REPLAY, "gate.toml"))


def test_night_and_board_are_handed_out_and_served(equal: Runner) -> None:
    (journal,) = equal.handed_out.rglob("my-model-2026-11-27/exam/journal.jsonl")
    assert len(journal.read_text().splitlines()) >= ROWS
    assert "my-model-2026-11-27" in (equal.home / "served" / "current" / "index.html").read_text(encoding="utf-8")
    assert (equal.home / "served" / "current").is_symlink()


def test_a_bad_night_is_red_names_cases_and_keeps_the_board_before(after: Runner) -> None:
    served = after.home / "served"
    before = (served / "current").resolve()
    (served / "builds" / "of-long-ago").mkdir()
    after.settings["NIGHT"] = "2026-11-29"
    assert after.run(NIGHTLY, "night", MODEL=BAD, SITE=str(served)) == 1, after.said
    assert bad_steps(after) == {"Check against the baseline and last night": "failure"}
    assert after.looked_up["steps.check.outputs.code"] == "1"
    assert "REGRESSED" in after.summary.upper()
    assert "::error file=gate.toml" in after.said
    found = re.search(r"lost ((?:\d{4}, )+\d{4})", after.summary)
    assert found, after.summary
    (samples,) = after.handed_out.rglob("my-model-2026-11-29/exam/samples.jsonl")
    marks = {each["sample"]: each["scores"]["accuracy"] for each in map(json.loads, samples.read_text().splitlines())}
    assert {marks[name] for name in found[1].split(", ")} == {0.0}
    assert (served / "previous").resolve() == before
    assert (served / "current").resolve() != before
    assert len([*(served / "builds").iterdir()]) == 2


def test_a_regressed_night_opens_an_issue_and_the_next_one_adds_to_it(after: Runner) -> None:
    gh = after.home / "bin" / "gh"
    program(gh, 'case "$2" in list) cat "$HOME/open";; *) echo "$1 $2 $3 $(cat comment.md)" >> "$HOME/told";; esac')
    handed = after.home / "artifacts" / "2" / "verdict-1"
    handed.mkdir(parents=True)
    (handed / "comment.md").write_text("medqa is worse")
    (after.home / "open").write_text("")
    assert after.run(NIGHTLY, "issue") == 0, after.said
    handed.rename(after.home / "verdict")
    (after.home / "artifacts" / "3").mkdir()
    (after.home / "verdict").rename(after.home / "artifacts" / "3" / "verdict-1")
    (after.home / "open").write_text("17\n")
    assert after.run(NIGHTLY, "issue") == 0, after.said
    assert (after.home / "told").read_text() == "issue create --title medqa is worse\nissue comment 17 medqa is worse\n"


def test_a_pull_request_scores_the_last_night_again_and_is_green(after: Runner) -> None:
    assert after.run(REPLAY, "replay") == 0, after.said
    assert bad_steps(after) == {}
    assert after.environment["ENTRY"] == "my-model-2026-11-27"
    assert (after.handed_out / "replay-1" / "verdict.json").is_file()


def test_a_pull_request_that_brings_better_scores_than_its_answers_is_red(after: Runner, tmp_path: Path) -> None:
    pull = tmp_path / "pull"
    git(tmp_path, "clone", "--quiet", after.repository, pull)
    command(pull, "run", "--model", BAD, "--label", "brought", *OF_THE_EXAM)
    samples = pull / "reports" / "brought" / "exam" / "samples.jsonl"
    better = samples.read_text().replace('"accuracy":0.0', '"accuracy":1.0')
    assert better != samples.read_text()
    samples.write_text(better)
    git(pull, "add", "--force", "reports/brought")
    git(pull, "commit", "--quiet", "--message", "Ours is the best")
    after.repository = pull
    assert after.run(REPLAY, "replay") == 4, after.said
    assert bad_steps(after)["Score every recorded answer again"] == "failure"
    assert "brought" in after.said


def test_a_pull_request_with_nothing_to_score_again_says_what_to_do(tmp_path: Path, users: Path) -> None:
    runner = machine(tmp_path, users)
    assert runner.run(REPLAY, "replay") == 5
    assert "::error::No night is recorded. Let the nightly run once" in runner.said
