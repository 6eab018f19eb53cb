"""The law of the house: floors, sizes, names, and a README that tells the truth."""

import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "medeval").rglob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIGHT = ("torch", "transformers", "vllm", "huggingface_hub", "numpy", "scipy", "sklearn", "pyarrow", "jinja2", "rich")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_import_points_down() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_modules_are_short() -> None:
    assert statistics.median(map(lines, MODULES)) <= 130
    assert {path.name: lines(path) for path in MODULES if lines(path) > 400} == {}


def test_a_verb_of_the_command_is_a_short_file() -> None:
    names = ("run", "tasks", "show", "score", "data", "doctor", "parity", "power", "judge", "duel", "cases",
             "board", "report", "declare", "compare", "check", "verify", "audit", "init", "exam", "bundle", "suggest",
             "fetching", "holding", "terms")  # fmt: skip
    verbs = [ROOT / "medeval" / "cli" / f"{name}.py" for name in names]
    assert {path.name: lines(path) for path in verbs if lines(path) > 60} == {}


@pytest.mark.parametrize("name", ["utils", "common", "helpers", "core", "manager", "misc"])
def test_there_are_no_drawers(name: str) -> None:
    assert not [path for path in MODULES if name in (path.stem, path.parent.name)]


def test_every_module_has_a_test_file_of_its_name() -> None:
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    rooms = {path.relative_to(ROOT / "medeval").parts[0].removesuffix(".py") for path in MODULES}
    missing = [
        room for room in rooms - {"__init__", "__main__"} if not any(name.startswith(f"test_{room}") for name in tests)
        and not (ROOT / "tests" / f"test_{room}").is_dir()
    ]  # fmt: skip
    assert missing == []


def test_only_the_command_prints_or_exits() -> None:
    talkers = [
        path.name for path in MODULES
        if "cli" not in path.parts and re.search(r"^\s*(?:print|sys\.exit|exit)\(", path.read_text(), re.MULTILINE)
    ]  # fmt: skip
    assert talkers == []


def test_any_stands_only_where_foreign_things_come_in() -> None:
    allowed = {
        "records/base.py", "sources/rows.py", "reports.py", "scoring/gathering.py", "scoring/scorer.py",
        "task/declaration.py", "task/loading.py",
        "metrics/base.py", "__init__.py", "prompts/chats.py", "engines/kinds.py", "engines/weights.py",
        "engines/pretrained/cuts.py", "engines/pretrained/known.py", "engines/hf/engine.py", "engines/hf/forward.py",
        "engines/hf/generation.py", "engines/hf/loading.py", "engines/vllm/arguments.py", "engines/vllm/engine.py",
        "engines/vllm/places.py", "engines/vllm/wire.py", "engines/vllm/worker.py", "cli/plans.py",
        "interop/lm_eval.py", "interop/marks.py", "interop/wordings.py", "engines/http/asking.py",
        "engines/http/places.py", "engines/http/reading.py", "prompts/wordings.py", "scoring/takes.py",
        "metrics/__init__.py", "metrics/bertscore.py", "metrics/encoder.py", "interop/modules.py",
        "interop/medeval_metrics/medeval_metrics.py", "board/marks.py",
    }  # fmt: skip
    users = {
        str(path.relative_to(ROOT / "medeval"))
        for path in MODULES
        if re.search(r"^from typing import .*\bAny\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users <= allowed


@pytest.mark.parametrize(
    "statement", ["import medeval", "from medeval import Task, metrics, prompts", "import medeval.cli"]
)
def test_starting_imports_nothing_heavy(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint([name for name in {LIGHT!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [
        *project["dependencies"],
        *[each for extra in project["optional-dependencies"].values() for each in extra],
    ]
    assert [each for each in wanted if not re.search(re.escape(f'"{each}"') + r",\s+# \w", text)] == []
    assert not [each for each in project["dependencies"] if each.startswith(("torch", "transformers", "vllm"))]


def test_the_tree_in_the_readme_is_the_tree_that_is_there() -> None:
    block = README.split("## The house", 1)[1].split("```")[1]
    named = {match[1].rstrip("/") for match in re.finditer(r"^\s*([\w./]+?)\s{2,}\S", block, re.MULTILINE)}
    there = {path.name for path in ROOT.rglob("*") if ".venv" not in path.parts}
    assert named
    assert {name for name in named if Path(name).name not in there} == set()
    assert {path.name.removesuffix(".py") for path in (ROOT / "medeval").iterdir() if path.name[0] not in "_."} <= {
        Path(name).name.removesuffix(".py") for name in named
    }


def test_every_command_in_the_readme_is_a_command() -> None:
    from medeval.cli import app

    verbs = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    named = set(re.findall(r"^(?:\$ )?medeval (\w+)", README, re.MULTILINE))
    assert named
    assert named <= verbs
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    made = set(re.findall(r"(?:^ +|`)make ([\w-]+)", README, re.MULTILINE))
    assert {"demo", "test", "check"} <= made <= targets


def test_nothing_of_the_machine_it_was_made_on_is_in_it() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    # The folder it lies in here, and folders of tools beside it.
    for name in tracked:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace") if (ROOT / name).is_file() else ""
        assert f"{ROOT.parent}/" not in text, name
        assert "." + "library" not in text, name
