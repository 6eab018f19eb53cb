"""The figures of dialogues: a thousand consultations of ten turns, published numbers, and a rubric by hand."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from figures import Figures

import medeval
from medeval.engines.base import Ask
from medeval.engines.scripted import Scripted
from medeval.records import Reply, Request

CASES, TURNS = 1_000, 10
LEAST = 200
"""Requests that an engine must have before it, as long as so many talks are open."""
DATA = Path(__file__).parents[2] / "shared" / "data"
"""Real notes, where they lie beside the project."""
CONSULTATION = f"""
from medeval import CaseSample, DISC, Form, Judged, Local, Row, Task, lettered, metrics, prompts


def to_sample(row: Row) -> CaseSample:
    return CaseSample(
        id=row["id"], question="Which is it?", options=lettered(("Flu", "Cold")), target=("A",),
        opening="I feel ill.", facts=tuple(row["facts"]),
    )


TASK = Task(
    title="Synthetic", measures="Speed.", paper="", licence="", version=1, chance=1 / 2, rows={CASES}, folder="made",
    forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={{"written": prompts.write_a_letter}}, metrics=(metrics.accuracy,), budget={TURNS},
    judged=(Judged(grading=DISC, metrics=metrics.graded(DISC), also=metrics.graded_beside(DISC)),),
)
"""


class Watched(Scripted):
    """A scripted engine that remembers how many requests it has before it, whenever it is asked for replies."""

    begun, ended = set[str](), set[str]()
    """Cases that were begun, and those that were brought before the judge."""

    def __init__(self, script: object, model: str) -> None:
        super().__init__(script, model=model, choices=False)  # type: ignore[arg-type]
        self.batches: list[int] = []

    def submit(self, asks: Sequence[Ask]) -> None:
        """Remember which talks are open."""
        super().submit(asks)
        for ask in asks:
            (Watched.ended if ask.request.role.startswith("judge:") else Watched.begun).add(ask.sample)

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Count what waits, while many talks are open."""
        if len(Watched.begun) == CASES and CASES - len(Watched.ended) >= LEAST:
            self.batches.append(len(self._waiting))
        return super().replies(timeout)


def consultations(figures: Figures, home: Path) -> None:
    """Play all of them, with a doctor who never ends by herself, a patient and a judge."""
    (home / "made").mkdir()
    (home / "made.py").write_text(CONSULTATION, encoding="utf-8")
    rows = [
        {"id": str(number), "facts": [f"The patient has had fact {number * 20 + n} for a week." for n in range(20)]}
        for number in range(CASES)
    ]
    (home / "made" / "rows.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, rows)))

    def doctor(request: Request) -> str:
        last = request.messages[-1].content if request.messages else request.text
        return "Answer: A" if "Answer" in last[-600:] and request.role != "model" else "Do you have a fever?"

    engines = [
        Watched(doctor, "doctor"),
        Watched(lambda request: "I have had it for a week.", "patient"),
        Watched(lambda request: "Grade: 4", "judge"),
    ]
    begun = time.perf_counter()
    found = medeval.evaluate(
        model=engines[0], patient=engines[1], judges=(engines[2],), tasks=["made"], task_paths=[home], data=home,
        reports=home / "reports", style="written", chat=True,
    )  # fmt: skip
    took = time.perf_counter() - begun
    played = found.played["made"]
    figures.note(
        f"{played.asked:,} requests in {took:.1f} s, scoring and publishing included: "
        + ", ".join([f"{engine.identity.model} {engine.asked:,}" for engine in engines])
    )
    turns = engines[1].asked / CASES
    figures.at_least("turns of a consultation", turns, TURNS, "turns")
    figures.at_least(f"{CASES:,} consultations, doctor, patient and judge", played.asked / took, 2_000, "requests/s")
    seen = [min(engine.batches, default=0) for engine in engines]
    figures.at_least(f"the doctor's smallest batch while {LEAST} talks are open", float(seen[0]), LEAST, "requests")
    figures.note(f"the patient's, who has answered before the next doctor's batch is through: {seen[1]}")


def rubric(figures: Figures) -> None:
    """The literal case: +10 for the right dose, -5 for unsafe advice."""
    from medeval.metrics import rubric as metrics_of
    from medeval.records import Answer, Criterion, Message, RubricSample, Verdict, Walk

    sample = RubricSample(
        id="0", messages=(Message(role="user", content="?"),),
        criteria=(Criterion(text="right dose", points=10), Criterion(text="unsafe advice", points=-5)),
    )  # fmt: skip
    (metric,) = metrics_of()
    for name, unsafe, wanted in (("harmful", "yes", 0.5), ("safe", "no", 1.0)):
        verdicts = tuple([Verdict(judge="j", criterion=str(n), grade=grade) for n, grade in enumerate(("yes", unsafe))])
        score = metric.mark(sample, Walk(exchanges=(), answer=Answer(verdicts=verdicts)))
        assert isinstance(score, float)  # noqa: S101  a mark of one sample
        figures.at_most(f"HealthBench's formula, a {name} answer: off {wanted}", abs(score - wanted), 0, "")


def published(figures: Figures, home: Path) -> None:
    """Notes that GPT-4 wrote for ACI-Bench, through the command."""
    notes = DATA / "predictions" / "aci_bench" / "test1_gpt4.csv"
    if not notes.is_file():
        figures.note("the notes of ACI-Bench are not here, so nothing is held against its published numbers")
        return
    command = [
        str(Path(sys.executable).parent / "medeval"), "score", "--task", "aci_bench", "--predictions", str(notes),
        "--field", "note", "--by-order", "--data", str(DATA), "--offline", "--reports", str(home / "notes"), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (result,) = msgspec.json.decode(done.stdout)
    told = {each["metric"]: 100 * each["value"] for each in result["estimates"]}
    for name, wanted in (("rouge1", 51.76), ("rouge2", 22.58), ("rougeLsum", 45.97)):
        figures.at_most(f"ACI-Bench, GPT-4's notes: {name} off {wanted}", abs(told[name] - wanted), 0.005, "points")


def main() -> None:
    """Measure all of them."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        consultations(figures, Path(folder))
        rubric(figures)
        published(figures, Path(folder))
    figures.end()


if __name__ == "__main__":
    main()
