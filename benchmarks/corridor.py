"""The figures of the corridor: start-up, 100,000 questions, resuming, the cost of the journal, reading, the tests."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from figures import Figures

QUESTIONS = 100_000
ROUNDS = 4
TASK = """
from medeval import ChoiceSample, Form, Local, Row, Task, lettered, metrics, prompts


def to_sample(row: Row) -> ChoiceSample:
    return ChoiceSample(
        id=row["_id"], question=row["question"], options=lettered(row["options"]), target=("ABCD"[row["answer"]],)
    )


TASK = Task(
    title="Synthetic", measures="Speed.", paper="", licence="", version=1, chance=1 / 4, rows=ROWS, folder="synthetic",
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"letters": prompts.question_options}, metrics=(metrics.accuracy,),
)
"""
PIECES = (
    "(",
    "A",
    "\n",
    "Answer: ",
    "答案是",
    "A, ",
    "A and ",
    "A、B、",
    "best next ",
    "I would ",
    "\n\nA. ",
    "correct ",
    "<think>",
)


def make_exam(home: Path, rows: int) -> None:
    """Write a task of synthetic questions of some 230 characters, and its rows."""
    (home / "data" / "synthetic").mkdir(parents=True)
    (home / "synthetic.py").write_text(TASK.replace("ROWS", str(rows)), encoding="utf-8")
    with open(home / "data" / "synthetic" / "rows.jsonl", "w", encoding="utf-8") as file:
        for number in range(rows):
            question = f"Question {number}: " + "a patient presents with findings " * 6
            options = [f"finding {number % 97 + place} of the kidney" for place in range(4)]
            file.write(json.dumps({"question": question, "options": options, "answer": number % 4}) + "\n")


def play(home: Path, rate: float = 0.0) -> None:
    """Play the exam in this process, and print what it took; with a rate, replies come no faster than that a second."""
    import medeval
    from medeval.engines.base import Ask
    from medeval.engines.scripted import Scripted
    from medeval.journal import Journal
    from medeval.records import Reply, Response

    class Paced(Scripted):
        """A script that keeps to a rate."""

        def answer(self, ask: Ask) -> Reply:
            due = begun + self.asked / rate if rate else 0.0
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            return super().answer(ask)

    if os.environ.get("WITHOUT_JOURNAL"):
        _forget(Journal)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine = Paced(lambda _: Response(logprobs=(-0.1, -3.0, -4.0, -5.0), prompt_tokens=100, completion_tokens=1))
    begun = time.perf_counter()
    medeval.evaluate(
        model=engine,
        tasks=["synthetic"],
        data=home / "data",
        reports=home / "reports",
        task_paths=[home / "synthetic.py"],
    )
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "asked": engine.asked, "peak_kb": after, "grown_kb": after - before}))


def _forget(journal: type) -> None:
    """Take writing and syncing out of the journal, for the comparison: it keeps its index only."""
    journal._write = lambda self, data: None  # type: ignore[attr-defined]
    journal._fsync = lambda self, target: setattr(self, "_synced", target)  # type: ignore[attr-defined]


def timed(words: Sequence[str | Path], times: int = 5) -> float:
    """Run a command some times, and take the median."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def played(home: Path, rate: float = 0.0, **environment: str) -> dict[str, float]:
    """Play in a fresh process."""
    words = [sys.executable, __file__, "--play", str(home), str(rate)]
    done = subprocess.run(words, check=True, capture_output=True, text=True, env={**os.environ, **environment})
    found: dict[str, float] = json.loads(done.stdout)
    return found


def start_up(figures: Figures) -> None:
    """`medeval --help` and `medeval tasks`."""
    command = Path(sys.executable).parent / "medeval"
    timed([command, "--help"], 1)
    figures.at_most("medeval --help", timed([command, "--help"]), 0.3, "s")
    figures.at_most("medeval tasks", timed([command, "tasks"]), 0.5, "s")


def throughput(figures: Figures, home: Path) -> None:
    """The whole run, and the same command again, by turns; the best of each, since others use the machine too."""
    first, again = [], []
    for turn in range(ROUNDS):
        folder = home / str(turn)
        make_exam(folder, QUESTIONS)
        first.append(played(folder))
        again.append(played(folder))
    seconds = min(found["seconds"] for found in first)
    resumed = min(found["seconds"] for found in again)
    figures.at_least("100,000 questions, whole run", QUESTIONS / seconds, 20_000, "questions/s")
    figures.at_most("peak memory", max(found["peak_kb"] for found in first) / 1e6, 0.6, "GB")
    grown = max(found["grown_kb"] for found in first)
    figures.at_most("memory a question", grown * 1024 / QUESTIONS, 2_048, "bytes")
    figures.at_most("resuming that run complete, share of its time", resumed / seconds, 1 / 3, "")
    figures.at_most("requests of the resumed run", sum(found["asked"] for found in again), 0, "")


def journal_cost(figures: Figures, home: Path) -> None:
    """The journal against none, side by side, at 1,000 replies a second."""
    times: dict[str, list[float]] = {"": [], "1": []}
    for turn in range(3):
        for without, seconds in times.items():
            folder = home / f"{turn}{without}"
            make_exam(folder, 5_000)
            seconds.append(played(folder, 1_000.0, **({"WITHOUT_JOURNAL": without} if without else {}))["seconds"])
    cost = statistics.median(times[""]) / statistics.median(times["1"]) - 1
    figures.at_most("journal against none at 1,000 replies/s", 100 * cost, 3, "%")


def reading(figures: Figures) -> None:
    """The slowest of some floods of 100,000 characters."""
    from medeval.readers import HOUSE
    from medeval.records import ChoiceSample, Option, Response

    options = tuple([Option(label=label, text=f"drug {label}") for label in "ABCD"])
    sample = ChoiceSample(id="0", question="?", options=options, target=("A",))
    HOUSE.read(Response(text="The answer is A."), sample)
    slowest = 0.0
    for piece in PIECES:
        begun = time.perf_counter()
        HOUSE.read(Response(text=(piece * 100_000)[:100_000]), sample)
        slowest = max(slowest, time.perf_counter() - begun)
    figures.at_most("reading a flood of 100,000 characters, the slowest", 1000 * slowest, 100, "ms")


def tests(figures: Figures) -> None:
    """What `make test` runs."""
    begun = time.perf_counter()
    words = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"]
    subprocess.run(words, cwd=Path(__file__).parents[1], check=True, capture_output=True)
    figures.at_most("make test", time.perf_counter() - begun, 360, "s")


def main() -> None:
    """Measure everything."""
    figures = Figures()
    start_up(figures)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        throughput(figures, Path(folder) / "many")
        journal_cost(figures, Path(folder) / "paced")
    reading(figures)
    tests(figures)
    figures.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--play"]:
        play(Path(sys.argv[2]), float(sys.argv[3]))
    else:
        main()
