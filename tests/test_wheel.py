"""The wheel: built, installed beside nothing of the checkout, and used."""

import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from medeval.catalog import find
from medeval.parity import declared

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; its dependencies are lent by the one that runs the tests."""
    home = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    asked: list[str | Path] = [python, "-c", "import site; print(site.getsitepackages()[0])"]
    packages = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", packages, wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    # A path in a .pth file is only searched: the editable install of the checkout beside it is not followed.
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    return python


def medeval(python: Path, home: Path, *words: str | Path) -> str:
    done = subprocess.run(
        [python, "-m", "medeval", *words], cwd=home, capture_output=True, text=True, check=False, env={"PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_is_used_and_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = "import medeval; print(medeval.__file__)"
    done = subprocess.run([installed, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(installed.parents[1]) in done.stdout


def test_the_wheel_lists_the_tasks(installed: Path, tmp_path: Path) -> None:
    said = medeval(installed, tmp_path, "tasks")
    listed = [line.split()[0] for line in said.partition("\n\n")[0].splitlines()[1:]]
    assert listed == [*find().tasks]
    groups = [line.partition(":")[0] for line in said.partition("\n\n")[2].splitlines()]
    assert groups == [*find().groups]


def test_the_wheel_runs_the_samples_of_every_task(installed: Path, tmp_path: Path) -> None:
    said = medeval(
        installed, tmp_path, "run", "--model", "baseline:majority", "--tasks", "all,mmlu_medical", "--data", "sample"
    )
    assert "macro_accuracy" in said
    there = {path.parent.name.partition("@")[0] for path in tmp_path.glob("reports/baseline-majority/*/result.json")}
    assert there == {*find().tasks, "mmlu_medical"}


def test_the_wheel_has_solved_examples_too(installed: Path, tmp_path: Path) -> None:
    said = medeval(
        installed, tmp_path, "run", "--model", "baseline:random", "--tasks", "cmb_exam,mmlu_medical_anatomy",
        "--data", "sample", "--shots", "5",
    )  # fmt: skip
    assert said.count("|5-shot|") == 2


def test_the_wheel_holds_published_numbers_against_ours_and_makes_a_page(installed: Path, tmp_path: Path) -> None:
    number = tmp_path / "floor.toml"
    number.write_text(
        'title = "A paper"\nsource = "Somebody"\n[floor]\ntask = "pubmedqa"\ntitle = "majority"\nmanner = "yes"\n'
        'metric = "accuracy"\npublished = "56.0"\nn = 25\nmodel = "baseline:majority"\n',
        encoding="utf-8",
    )
    said = medeval(
        installed, tmp_path, "parity", "--references", number, "--data", "sample", "--page", tmp_path / "parity.html"
    )
    assert "exact" in said
    assert "<style>" in (tmp_path / "parity.html").read_text(encoding="utf-8")
    code = "from medeval.parity import declared; print(*[each.label for each in declared()])"
    done = subprocess.run([installed, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [each.label for each in declared()]
