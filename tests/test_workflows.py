"""Workflows, the project's own and those a user copies: linted, pinned, of least rights, and of commands there are."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from medeval import cli
from medeval.cli.init import NEXT
from tests.workflow_steps import ROOT, listing, mapping, workflow

OWN = ROOT / ".github" / "workflows"
COPIED = ROOT / "leaderboard" / "templates" / "ci"
FILES = [OWN / "ci.yml", OWN / "nightly.yml", COPIED / "nightly.yml", COPIED / "replay.yml"]
BIN = Path(sys.executable).parent
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")


def steps(path: Path) -> Iterator[dict[str, object]]:
    for job in mapping(workflow(path)["jobs"]).values():
        yield from listing(mapping(job)["steps"])


def scripts(path: Path) -> list[str]:
    return [str(step["run"]) for step in steps(path) if "run" in step]


def done(*words: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, check=False, capture_output=True, text=True, input=text)


def named(text: str) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """The commands of medeval in a script: the words before the first option or name, and all options."""
    for found in re.finditer(r"\bmedeval (?=[a-z])([^\n|;)]*)", text.replace("\\\n", " ")):
        words = re.findall(r'"[^"]*"|[^\s"{}]+', found[1])
        options = {re.sub(r"^.*?(?=--)", "", word) for word in words if re.search(r"(?:^|:\+)--\w", word)}
        yield tuple(word for word in words[:2] if re.fullmatch("[a-z]+", word)), options


def wrong(text: str) -> list[str]:
    """What a script asks of medeval that it does not have."""
    faults = []
    for words, options in named(text):
        command: object = typer.main.get_command(cli.app)
        for word in words:
            verbs = getattr(command, "commands", None)
            if verbs is not None:
                command = verbs.get(word)
        if command is None:
            faults.append(f"medeval {' '.join(words)}: no such verb")
            continue
        there = {name for each in vars(command)["params"] for name in (*each.opts, *each.secondary_opts)}
        faults += [f"medeval {' '.join(words)}: no {option}" for option in sorted(options - there)]
    return faults


def test_no_workflow_is_left_out() -> None:
    assert {*OWN.iterdir(), *COPIED.glob("*.yml")} == set(FILES)


@every_file
def test_a_workflow_is_what_githubs_schema_says(path: Path) -> None:
    checked = done(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    assert checked.returncode == 0, checked.stdout


@every_file
def test_zizmor_finds_nothing_in_a_workflow(path: Path) -> None:
    checked = done(BIN / "zizmor", "--offline", "--no-progress", "--persona=pedantic", path)
    assert checked.returncode == 0, checked.stdout


def test_the_linters_find_what_is_wrong(tmp_path: Path) -> None:
    """A linter that is only ever silent could as well be absent."""
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: pull_request_target\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v6\n      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    found = done(BIN / "zizmor", "--offline", "--no-progress", bad).stdout
    assert all(name in found for name in ("template-injection", "unpinned-uses", "dangerous-triggers", "artipacked"))
    bad.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    step: []\n")
    assert done(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", bad).returncode == 1


@every_file
def test_every_action_is_pinned_by_its_commit_with_the_version_beside_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"^\s*(?:- )?uses: (.+)$", text, re.MULTILINE)
    assert used
    assert [use for use in used if not re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_one_version_of_an_action_has_one_commit_everywhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    pins = {
        (name.split("/")[1], commit, version) for name, commit, version in re.findall(r"(\S+)@(\w{40}) # (\S+)", text)
    }
    assert len(pins) == len({name for name, _, _ in pins})


@every_file
def test_a_workflow_may_read_and_no_more(path: Path) -> None:
    read = workflow(path)
    assert read["permissions"] == {"contents": "read"}
    more = {
        name: mapping(job)["permissions"]
        for name, job in mapping(read["jobs"]).items()
        if "permissions" in mapping(job)
    }
    assert more == ({"issue": {"issues": "write"}} if path == COPIED / "nightly.yml" else {})


def test_the_job_that_may_write_an_issue_runs_nothing_of_the_repository() -> None:
    job = mapping(mapping(workflow(COPIED / "nightly.yml")["jobs"])["issue"])
    assert [str(step.get("uses", "")).partition("@")[0] for step in listing(job["steps"])] == [
        "actions/download-artifact",
        "",
    ]
    assert "vars.MEDEVAL_ISSUE == 'yes'" in str(job["if"])
    assert job["runs-on"] == "ubuntu-latest"


@every_file
def test_no_credential_stays_behind_and_every_job_ends(path: Path) -> None:
    read = workflow(path)
    assert "concurrency" in read
    assert all(int(str(mapping(job)["timeout-minutes"])) <= 360 for job in mapping(read["jobs"]).values())
    checkouts = [step for step in steps(path) if str(step.get("uses")).startswith("actions/checkout@")]
    assert checkouts
    assert all(mapping(step["with"])["persist-credentials"] is False for step in checkouts)


@every_file
def test_what_was_found_is_handed_out_on_red_too(path: Path) -> None:
    uploads = [step for step in steps(path) if str(step.get("uses")).startswith("actions/upload-artifact@")]
    assert uploads
    assert all("always()" in str(step["if"]) for step in uploads)


def test_a_pull_request_is_given_no_secret_and_no_machine_of_ones_own() -> None:
    read, text = workflow(COPIED / "replay.yml"), (COPIED / "replay.yml").read_text(encoding="utf-8")
    assert read["on"] == {"pull_request": None}
    assert {mapping(job)["runs-on"] for job in mapping(read["jobs"]).values()} == {"ubuntu-latest"}
    # Neither reaches a pull request of a fork; what rests on one would fail just there.
    assert not re.search(r"secrets\.|vars\.|github\.token", text)


@every_file
def test_a_script_is_bash_and_nothing_is_put_into_its_text(path: Path) -> None:
    for script in scripts(path):
        assert "${{" not in script
        checked = done("bash", "-n", text=script)
        assert (checked.returncode, checked.stderr) == (0, ""), script


@every_file
def test_every_command_of_medeval_in_a_workflow_is_one_with_every_option(path: Path) -> None:
    commands = "\n".join(scripts(path))
    told = re.findall(r"^#\s{3,}(medeval .*?)(?:\s{3,}.*)?$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert wrong("\n".join([commands, *told])) == []


def test_a_verb_or_an_option_that_is_not_there_is_seen() -> None:
    text = 'exec medeval runn --model x\nmedeval run --model x \\\n ${A:+--task-pth "$A"} $B || code=$?\n'
    text += "medeval data fetsh"
    assert wrong(text) == [
        "medeval runn: no such verb",
        "medeval run: no --task-pth",
        "medeval data fetsh: no such verb",
    ]


def test_what_init_says_is_next_can_be_done() -> None:
    assert {words[0] for words, _ in named(NEXT)} == {"run", "baseline", "check"}
    assert wrong(NEXT) == []


def test_every_target_and_file_that_the_project_s_own_workflows_name_is_there() -> None:
    text = "\n".join(script for path in FILES if path.parent == OWN for script in scripts(path))
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    made = set(re.findall(r"\bmake ([\w-]+)", text))
    assert {"check", "test", "test-vllm"} <= made <= targets
    files = set(re.findall(r"(?:tests|constraints|benchmarks|\.github)/[\w/.-]+\.\w+", text))
    assert {"constraints/cpu.txt", "tests/replay/gate.toml", ".github/gate.toml"} <= files
    assert [name for name in files if not (ROOT / name).is_file()] == []


def test_workflows_agree_on_what_both_say() -> None:
    night, replay = [mapping(workflow(COPIED / name)["env"]) for name in ("nightly.yml", "replay.yml")]
    both = night.keys() & replay.keys()
    assert {"TASKS", "NAME", "VERSION"} <= both
    assert {name: night[name] for name in both} == {name: replay[name] for name in both}
    gate = tomllib.loads((COPIED / "gate.toml").read_text(encoding="utf-8"))
    assert gate["baseline"] == night["NAME"]
    assert gate["required"] == str(night["TASKS"]).split(",")
