"""A machine behind a wall, made on this one: wheels and a bundle outside, then everything inside without a network.

Inside is a network namespace with no way out, a fresh environment, and a home that nobody has used.
It takes some minutes and some 500 MB.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAM = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts

def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(id=row["_id"], question=row["question"], options=lettered(row["options"]), target=(row["key"],))

TASK = Task(
    title="A small exam", measures="Nothing.", paper="", licence="own", version=1, chance=1 / 4, rows=40,
    folder="exam", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options}, metrics=(metrics.accuracy,),
)
"""
BASELINES = ("baseline:majority", "baseline:overlap")
WALL = ("unshare", "--net", "--map-root-user")
RUN = ("--tasks", "exam", "--task-path", "exam.py")


def shown(*words: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command, and tell it, how long it took, and the last that it said."""
    line = [str(word) for word in words]
    print(f"$ {shlex.join(line)}".replace(f"{sys.prefix}/bin/", ""), flush=True)
    began = time.monotonic()
    done = subprocess.run(line, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    for told in said.splitlines()[-6:]:
        print(f"    {told[:160]}")
    print(f"    [{time.monotonic() - began:.1f} s]", flush=True)
    if done.returncode:
        sys.exit(f"The command above failed ({done.returncode}).\n{said}")
    return said


def outside(home: Path) -> None:
    """What is done where there is a network."""
    python = sys.executable
    # Wheels of everything, built where a project has none, in the versions that are tested together.
    shown(
        python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", home / "wheels",
        "--constraint", ROOT / "constraints" / "cpu.txt", ROOT, cwd=home,
    )  # fmt: skip
    (home / "exam.py").write_text(EXAM, encoding="utf-8")
    (home / "data" / "exam").mkdir(parents=True)
    rows = [
        {"question": f"What is {n} and {n}?", "options": [str(2 * n + d) for d in range(4)], "key": "ABCD"[n % 4]}
        for n in range(40)
    ]
    lines = "".join([json.dumps(row) + "\n" for row in rows])
    (home / "data" / "exam" / "rows.jsonl").write_text(lines, encoding="utf-8")
    medeval = (python, "-m", "medeval")
    for model in BASELINES:
        shown(*medeval, "run", "--model", model, *RUN, "--data", "data", "--reports", "outside", cwd=home)
    words = ("--data", "data", "--wheels", "wheels", "--inside", "--out", "b.tar.zst")
    shown(*medeval, "bundle", "export", *RUN, *words, cwd=home)
    shown("sha256sum", "b.tar.zst", cwd=home)


def inside(home: Path, outer: Path) -> None:
    """What is done where there is none, with the two files that were carried."""
    for name in ("b.tar.zst", "exam.py"):
        shutil.copy(outer / name, home / name)
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    medeval = home / "venv" / "bin" / "medeval"
    shown(*WALL, "sha256sum", "b.tar.zst", cwd=home, env=env)
    shown(*WALL, "tar", "--zstd", "-xf", "b.tar.zst", "wheels", cwd=home, env=env)
    shown(*WALL, sys.executable, "-m", "venv", "venv", cwd=home, env=env)
    pip = (home / "venv" / "bin" / "python", "-m", "pip", "--isolated", "--disable-pip-version-check", "install")
    shown(*WALL, *pip, "--quiet", "--no-index", "--find-links", "wheels", "medeval-harness", cwd=home, env=env)
    shown(*WALL, medeval, "bundle", "import", "b.tar.zst", cwd=home, env=env)
    for model in BASELINES:
        run = ("run", "--model", model, *RUN, "--offline", "--reports", "inside")
        shown(*WALL, medeval, *run, cwd=home, env=env)


def main() -> None:
    """Go through the wall, and hold both sides' numbers against each other."""
    if not shutil.which("unshare") or subprocess.run([*WALL, "true"], check=False).returncode:
        sys.exit("This machine makes no network namespaces for us: there is no wall to try.")
    with tempfile.TemporaryDirectory() as here:
        outer, inner = Path(here) / "outer", Path(here) / "inner"
        outer.mkdir()
        inner.mkdir()
        outside(outer)
        inside(inner, outer)
        found = sorted(outer.glob("outside/*/exam/result.json"))
        same = [path.read_bytes() == (inner / "inside" / path.relative_to(outer / "outside")).read_bytes()
                for path in found]  # fmt: skip
        size = (outer / "b.tar.zst").stat().st_size
        print(f"{sum(same)} of {len(BASELINES)} results are the same to the byte; the bundle has {size / 1e6:.0f} MB.")
        if same != [True] * len(BASELINES):
            sys.exit("The wall changed a number.")


if __name__ == "__main__":
    main()
