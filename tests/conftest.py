"""What tests share: the real data where it is there, and small exams made on the spot."""

import functools
import gc
import json
import os
import uuid
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from medeval import catalog
from medeval.records import ChoiceSample, Sample

# Tests run beside each other: threads of their own would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REAL = Path(__file__).parents[2] / "shared" / "data"
"""Original files of public benchmarks; beside the project, never in it."""

EXAM = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts

def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]),
        target=(row["answer"],), slices={"part": row["part"]},
    )

TASK = Task(
    title="A small exam", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=1 / 4, rows=ROWS,
    folder="exam", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options, "written": prompts.write_a_letter},
    metrics=(metrics.accuracy,), slices=("part",),
)
"""


def choice(sample: Sample) -> ChoiceSample:
    """Take a sample for what it is: a question with options."""
    assert isinstance(sample, ChoiceSample)
    return sample


@pytest.fixture
def real() -> Path:
    """The folder of real data; the test is skipped where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"no real benchmark data at {REAL}")
    return REAL


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the settings, the caches and the network of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("MEDEVAL_") and name != "MEDEVAL_WRITE_GOLDENS"]:
        monkeypatch.delenv(name)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    nowhere = tmp_path_factory.getbasetemp() / "nobody"
    monkeypatch.setenv("HF_HOME", str(nowhere / "huggingface"))
    monkeypatch.setenv("MEDEVAL_CACHE", str(nowhere / "medeval"))
    monkeypatch.setenv("MEDEVAL_LOCK", str(nowhere / f"{uuid.uuid4().hex}.lock"))
    monkeypatch.setenv("MEDEVAL_OFFLINE", "1")


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end: some ten thousand tests, and all they import."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _what_never_changes_is_looked_up_once() -> Iterator[None]:
    """Keep our own tasks and the list of plug-ins, which each of some thousand runs would read again from the disk."""
    load, kept, own = catalog._load, functools.cache(catalog._load), catalog.own_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "_load", lambda file: (kept if file.parent == own else load)(file))
        patch.setattr(catalog, "entry_points", functools.cache(entry_points))
        yield


@pytest.fixture(autouse=True, scope="session")
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """Let a file that is to be on the disk only be looked at: it must be open, and no test pulls the plug."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture
def exam(tmp_path: Path) -> Callable[[int], Path]:
    """Make `exam.py` and its data in a folder: question i has answer ABCD[i % 4] and part i % 3."""

    def make(rows: int) -> Path:
        (tmp_path / "exam.py").write_text(EXAM.replace("ROWS", str(rows)), encoding="utf-8")
        folder = tmp_path / "data" / "exam"
        folder.mkdir(parents=True, exist_ok=True)
        colours = ("red", "green", "blue", "grey")
        lines = [
            json.dumps({
                "question": f"Question {number}?", "options": [f"{number} {colour}" for colour in colours],
                "answer": "ABCD"[number % 4], "part": "xyz"[number % 3],
            })
            for number in range(rows)
        ]  # fmt: skip
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return make
