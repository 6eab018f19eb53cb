"""A cell's folder: what makes a finished one be looked at again."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.evaluation import rescore
from medeval.records import Failure, Reply, Request, Response
from medeval.reports import JOURNAL, RESULT, RUN, SAMPLES


@pytest.mark.parametrize("name", [RESULT, SAMPLES, RUN])
def test_what_was_taken_away_or_changed_is_made_again_without_asking(exam: Callable[[int], Path], name: str) -> None:
    home = exam(12)
    engine = Scripted(lambda _: Response(logprobs=(-0.1, -1.0, -1.0, -1.0)))

    def play() -> None:
        medeval.evaluate(
            model=engine, tasks="exam", data=home / "data", reports=home / "reports", task_paths=[home / "exam.py"]
        )

    play()
    cell = home / "reports" / "scripted" / "exam"
    whole = {part: (cell / part).read_bytes() for part in (RESULT, SAMPLES)}
    for harmed in (None, b"{"):
        (cell / name).unlink()
        if harmed is not None:
            (cell / name).write_bytes(harmed)
        play()
        assert {part: (cell / part).read_bytes() for part in whole} == whole
    assert engine.asked == 12


def test_a_line_put_behind_the_journal_of_a_finished_run_is_noticed(exam: Callable[[int], Path]) -> None:
    home = exam(12)
    engine = Scripted(lambda _: Response(logprobs=(-0.1, -1.0, -1.0, -1.0)))
    where = {"data": home / "data", "reports": home / "reports", "task_paths": [home / "exam.py"]}
    medeval.evaluate(model=engine, tasks="exam", **where)  # type: ignore[arg-type]
    cell = home / "reports" / "scripted" / "exam"
    shutil.copy(cell / JOURNAL, home / "kept")
    with open(cell / JOURNAL, "ab") as file:
        file.write(b"0000 half a line")
    medeval.evaluate(model=engine, tasks="exam", **where)  # type: ignore[arg-type]
    assert (cell / JOURNAL).read_bytes() == (home / "kept").read_bytes()
    assert engine.asked == 12


class Backwards(Scripted):
    """Answers what was asked last first."""

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        return super().replies(timeout)[::-1]


@pytest.mark.parametrize("how", [{"options": "circular"}, {"style": "written", "temperature": 0.7, "repeats": 3}])
def test_lines_and_numbers_stand_in_the_order_of_the_takes_whatever_came_first(
    exam: Callable[[int], Path], how: dict[str, Any]
) -> None:
    def said(request: Request) -> Reply:
        logprobs = tuple([-float(len(choice.text + request.text) % 7) for choice in request.choices])
        return Response(text=f"Answer: {'ABCD'[request.decoding.seed % 4]}", logprobs=logprobs)

    home, found = exam(12), []
    for engine in (Scripted(said), Backwards(said)):
        reports = home / type(engine).__name__
        (cell,) = medeval.evaluate(
            model=engine, tasks="exam", data=home / "data", reports=reports, task_paths=[home / "exam.py"], **how
        ).folders
        found.append({name: (cell / name).read_bytes() for name in (RESULT, SAMPLES)})
    assert found[0] == found[1]
    lines = [json.loads(line) for line in found[0][SAMPLES].splitlines()]
    told = [(line["sample"], line["variant"], line["repeat"]) for line in lines]
    assert len(told) == len({*told}) == (48 if "options" in how else 36)
    assert told == sorted(told)


LATE = """
from msgspec.structs import replace

def share(texts):
    whole = sum(map(len, texts))
    return [len(text) / whole for text in texts]

LATE = metrics.Metric(
    name="share", about="Share of all that was written.", version=1, mark=lambda sample, walk: walk.text, settle=share
)
TASK = replace(TASK, also=(LATE,))
"""


@pytest.mark.parametrize("kind", [Scripted, Backwards])
def test_marks_that_are_made_of_all_samples_together_stand_in_their_lines(
    exam: Callable[[int], Path], kind: type[Scripted]
) -> None:
    home = exam(12)
    (home / "exam.py").write_text((home / "exam.py").read_text(encoding="utf-8") + LATE, encoding="utf-8")

    def said(request: Request) -> Reply:
        number = int(request.text.partition("Question ")[2].partition("?")[0])
        # A letter, and as many dots as the number of the question; the last breaks.
        return Failure(failure="engine_error", reason="gone") if number == 11 else Response(text="A" + "." * number)

    found = medeval.evaluate(
        model=kind(said), tasks="exam", data=home / "data", reports=home / "reports", task_paths=[home / "exam.py"],
        style="written",
    )  # fmt: skip
    (folder,) = found.folders
    lines = [json.loads(line) for line in (folder / SAMPLES).read_text(encoding="utf-8").splitlines()]
    assert [line["sample"] for line in lines] == [f"{number:04d}" for number in range(12)]
    wanted = [(number + 1) / 66 for number in range(11)]
    assert [line["scores"]["share"] for line in lines] == pytest.approx([*wanted, None])
    estimate = found.results[0].estimates[-1]
    assert (estimate.metric, estimate.n) == ("share", 11)
    assert estimate.value == pytest.approx(1 / 11)
    whole = {name: (folder / name).read_bytes() for name in (RESULT, SAMPLES)}
    for name in whole:
        (folder / name).unlink()
    rescore(folder, str(home / "data"), [home / "exam.py"])
    assert {name: (folder / name).read_bytes() for name in whole} == whole


NOTES = """
from medeval import Form, Local, Message, OpenSample, Row, Task, metrics, prompts

def to_sample(row: Row) -> OpenSample:
    asked = (Message(role="user", content=row["question"]),)
    return OpenSample(id=row["_id"], messages=asked, references=(row["options"][0],))

TASK = Task(
    title="Small notes", measures="Nothing.", paper="", licence="CC0-1.0", version=1, chance=0.0, rows=4,
    folder="exam", forms=(Form(name="original", files=(Local(path="rows.jsonl"),), to_sample=to_sample),),
    wordings={"written": prompts.last_turn}, metrics=metrics.ROUGE,
)
"""


def test_a_metric_more_is_told_of_a_finished_run_without_asking_and_less_again_when_it_is_not_wanted(
    exam: Callable[[int], Path],
) -> None:
    home = exam(4)
    (home / "notes.py").write_text(NOTES, encoding="utf-8")
    asked, told, protocols = [], [], set()
    for more in ((), ("exact_match",), ()):
        engine = Scripted(lambda _: "0 red")
        (result,) = medeval.evaluate(
            model=engine, tasks="notes", data=home / "data", reports=home / "reports", task_paths=[home / "notes.py"],
            style="written", metrics=more,
        ).results  # fmt: skip
        asked.append(engine.asked)
        told.append({estimate.metric: estimate.value for estimate in result.estimates if estimate.beside})
        protocols.add(result.protocol)
    assert asked == [4, 0, 0]
    assert told == [{}, {"exact_match": 1 / 4}, {}]
    assert len(protocols) == 1
