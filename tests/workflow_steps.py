"""A workflow's job, run on this machine: its steps one after another, as GitHub's runner would run them.

Commands are run for real. What GitHub lends is imitated: the checkout is a clone, the cache and what is handed out are
folders. An expression that is not understood here stops the test.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_CALL = re.compile(r"(\w+)\((.*)\)")


def workflow(path: Path) -> dict[str, object]:
    """Read a workflow; `on` is a word there, and no truth value."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in read.items()}


def mapping(value: object) -> dict[str, object]:
    """Take a part of a workflow for what it is; what is not there is empty."""
    assert value is None or isinstance(value, dict)
    return value or {}


def listing(value: object) -> list[dict[str, object]]:
    """Take a list of parts for what it is."""
    assert isinstance(value, list)
    return value


def git(folder: Path, *words: str | Path) -> str:
    """Let git do something as nobody in particular."""
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def committed(folder: Path) -> Path:
    """Make a repository of a folder, with all that is in it in one commit."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


def project(folder: Path) -> Path:
    """The project as a repository: what is committed, and what would be."""
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return committed(folder)


@dataclass
class Runner:
    """A machine that runs jobs of one repository; cache and what was handed out outlive a job."""

    home: Path
    repository: Path
    settings: dict[str, str]
    """Of the machine; they stand below those of a workflow."""
    runs: int = 0
    """Machines that were handed out; a run that is begun again has a new one."""
    number: int = 0
    attempt: int = 1
    said: str = ""
    summary: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    looked_up: dict[str, str] = field(default_factory=dict)

    @property
    def temp(self) -> Path:
        return self.home / f"temp-{self.runs}"

    @property
    def workspace(self) -> Path:
        return self.home / f"work-{self.runs}"

    @property
    def handed_out(self) -> Path:
        return self.home / "artifacts" / str(self.number)

    def run(self, path: str, job: str, *, again: bool = False, **env: str) -> int:
        """Run a job of a clean clone, and tell with what code its first bad step left: that is the job's."""
        self.runs += 1
        self.number, self.attempt = (self.number, self.attempt + 1) if again else (self.number + 1, 1)
        self.said, self.summary, self.outcomes, self.codes = "", "", {}, {}
        git(self.home, "clone", "--quiet", self.repository, self.workspace)
        self.temp.mkdir()
        read = workflow(self.workspace / path)
        self.looked_up = {
            "github.run_id": str(self.number), "github.run_attempt": str(self.attempt), "runner.temp": str(self.temp),
            "github.token": "a token", "github.repository": "somebody/something",
        }  # fmt: skip
        self.environment = {
            **self.settings, "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": str(self.number), "CI": "true",
            "GITHUB_RUN_ATTEMPT": str(self.attempt), "RUNNER_TEMP": str(self.temp),
        }  # fmt: skip
        self.environment |= {name: str(value) for name, value in mapping(read.get("env")).items()} | env
        for step in listing(mapping(mapping(read["jobs"])[job])["steps"]):
            self._step(step)
        return next((code for code in self.codes.values() if code), 0)

    def _step(self, step: dict[str, object]) -> None:
        name, known = str(step["name"]), str(step.get("id", step["name"]))
        if not self._true(str(step.get("if", "success()"))):
            self.outcomes[name] = self.looked_up[f"steps.{known}.outcome"] = "skipped"
            return
        if "run" in step:
            code = self._command(str(step["run"]), known, mapping(step.get("env")))
        else:
            code = self._lent(str(step["uses"]), {key: str(told) for key, told in mapping(step.get("with")).items()})
        self.codes[name] = code
        self.outcomes[name] = self.looked_up[f"steps.{known}.outcome"] = "failure" if code else "success"

    def _command(self, script: str, known: str, env: dict[str, object]) -> int:
        """Run a command in bash as a runner does, and take what it writes into the runner's files."""
        files = {
            name: self.temp / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        }
        for file in files.values():
            file.write_text("")
        (self.temp / "step.sh").write_text(self._filled(script))
        own = {name: self._filled(str(value)) for name, value in env.items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", self.temp / "step.sh"], cwd=self.workspace,
            check=False, env=self.environment | own | {name: str(file) for name, file in files.items()},
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.said += done.stdout
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        pairs = {name: files[name].read_text().splitlines() for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
        self.environment |= dict(line.split("=", 1) for line in pairs["GITHUB_ENV"])
        outputs = dict(line.split("=", 1) for line in pairs["GITHUB_OUTPUT"])
        self.looked_up |= {f"steps.{known}.outputs.{name}": value for name, value in outputs.items()}
        for folder in files["GITHUB_PATH"].read_text().splitlines():
            self.environment["PATH"] = f"{folder}{os.pathsep}{self.environment['PATH']}"
        return done.returncode

    def _lent(self, action: str, how: dict[str, str]) -> int:
        """Imitate what GitHub lends; another action is not known here."""
        kind, how = action.partition("@")[0], {name: self._filled(text) for name, text in how.items()}
        match kind:
            case "actions/checkout":
                pass
            case "actions/cache/restore":
                self._restore(self.workspace / how["path"], how["restore-keys"].split())
            case "actions/cache/save":
                shutil.copytree(self.workspace / how["path"], self.home / "cache" / how["key"], symlinks=True)
            case "actions/upload-artifact":
                there = [*filter(Path.is_dir, map(self.workspace.joinpath, how["path"].split()))]
                for path in there:
                    # As there: paths stand below the folder that all have in common.
                    place = path.relative_to(os.path.commonpath(there))
                    shutil.copytree(path, self.handed_out / how["name"] / place, dirs_exist_ok=True)
            case "actions/download-artifact":
                shutil.copytree(self.handed_out / how["name"], self.workspace, dirs_exist_ok=True)
            case _:
                raise NotImplementedError(action)
        return 0

    def _restore(self, place: Path, keys: list[str]) -> None:
        """Bring back what was kept last under the first of some beginnings of keys."""
        for key in keys:
            kept = [path for path in (self.home / "cache").glob("*") if path.name.startswith(key)]
            if kept:
                last = max(kept, key=lambda path: tuple(map(int, path.name.split("-")[-2:])))
                shutil.copytree(last, place, symlinks=True, dirs_exist_ok=True)
                return

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self._value(found[1]), text)

    def _true(self, condition: str) -> bool:
        """Tell whether a step is run: where a condition says nothing of the state, all before must have gone well."""
        whole = _EXPRESSION.fullmatch(condition)
        condition = whole[1] if whole else condition
        if not re.search(r"\b(?:success|always|cancelled|failure)\(\)", condition):
            condition = f"success() && {condition}"
        return all(self._value(part) not in ("", "false") for part in condition.split(" && "))

    def _value(self, expression: str) -> str:
        for sign, same in ((" == ", True), (" != ", False)):
            left, found, right = expression.partition(sign)
            if found:
                return "true" if (self._value(left) == self._value(right)) is same else ""
        if expression.startswith("!"):
            return "" if self._value(expression[1:]) else "true"
        if expression[0] == expression[-1] == "'":
            return expression[1:-1]
        if call := _CALL.fullmatch(expression):
            return self._called(call[1], call[2])
        if expression.startswith("env."):
            return self.environment.get(expression[4:], "")
        return self.looked_up[expression]

    def _called(self, function: str, words: str) -> str:
        if function == "startsWith":
            text, start = [self._value(word) for word in words.split(", ")]
            return "true" if text.startswith(start) else ""
        states = {"always": True, "cancelled": False, "success": not any(self.codes.values())}
        return "true" if states[function] else ""
