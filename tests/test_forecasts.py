"""The forecast before a long run: told from a probe, whose replies are kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from medeval.cells import Opened
from medeval.engines.base import Abilities
from medeval.engines.scripted import Scripted
from medeval.evaluation import Progress, run
from medeval.forecasts import PROBED, WRITES_MANY, Outlook, outlooks
from medeval.planning import Plan, prepare
from medeval.records import Response
from medeval.reports import RUN, Run, read


class Told(Progress):
    def __init__(self) -> None:
        self.outlooks: tuple[Outlook, ...] = ()

    def ahead(self, outlooks: object) -> None:
        assert isinstance(outlooks, tuple)
        self.outlooks = outlooks


def model(kind: bool = True) -> Scripted:  # noqa: FBT002
    engine = Scripted(lambda _: Response(text="Answer: A", prompt_tokens=100, completion_tokens=7))
    engine.abilities = Abilities(choices=True, chat=True, kind="chat" if kind else None)
    return engine


def plan(home: Path, engine: Scripted, reports: Path) -> Plan:
    return Plan(
        model=engine, tasks=("exam",), data=str(home / "data"), task_paths=(home / "exam.py",), reports=reports,
        style="written",
    )  # fmt: skip


def test_a_long_run_is_told_of_and_no_reply_of_the_probe_is_asked_for_again(
    exam: Callable[[int], Path], tmp_path: Path
) -> None:
    home, engine, told = exam(200), model(), Told()
    found = run(prepare(plan(home, engine, tmp_path / "reports")), told)
    (outlook,) = told.outlooks
    left = 200 - PROBED
    assert (outlook.requests, outlook.read, outlook.written) == (left, 100 * left, 7 * left)
    assert outlook.seconds > 0
    assert engine.asked == 200
    attempt = read(found.folders[0] / RUN, Run)
    assert attempt is not None
    assert (attempt.attempts[-1].asked, attempt.attempts[-1].reused) == (200, 0)


@pytest.mark.parametrize(("rows", "kind"), [(WRITES_MANY - 1, True), (200, False)])
def test_nobody_is_told_of_a_short_run_or_of_one_without_a_model(
    rows: int, kind: bool, exam: Callable[[int], Path], tmp_path: Path
) -> None:
    told = Told()
    run(prepare(plan(exam(rows), model(kind), tmp_path / "reports")), told)
    assert told.outlooks == ()


def test_what_was_answered_before_is_not_forecast(exam: Callable[[int], Path], tmp_path: Path) -> None:
    home, engine = exam(200), model()
    prepared = prepare(plan(home, engine, tmp_path / "reports"))
    run(prepared)
    cell = Opened(prepared.cells[0])
    try:
        cell.begin(anew=True)
        assert outlooks([cell.seat], {"model": engine}) == ()
    finally:
        cell.close()
    assert engine.asked == 200
