"""A cell's folder: what makes a finished one be looked at again."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medeval
from medeval.engines.scripted import Scripted
from medeval.records import Reply, Request, Response
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
