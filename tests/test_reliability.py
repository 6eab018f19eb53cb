"""What survives: kills, signals, races, full disks. The pass marks are those of the design."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.engines import base
from medeval.engines.scripted import Scripted
from medeval.errors import ReportError
from medeval.journal import Journal
from medeval.records import Request, Response, Result
from medeval.reports import MANIFEST, RESULT, RUN, SAMPLES, Manifest, Run, read

HERE = Path(__file__).parent
KILLS, KILLERS = 300, 3
ENOUGH = "enough"
"""The file that ends all pauses of the runs beside it."""


def letter(request: Request) -> Response:
    best = len(request.text) % 4
    return Response(logprobs=tuple([-0.1 if number == best else -2.5 for number in range(4)]))


def evaluate(home: Path, reports: str) -> Path:
    medeval.evaluate(
        model=Scripted(letter),
        tasks=["exam"],
        data=home / "data",
        reports=home / reports,
        task_paths=[home / "exam.py"],
    )
    return home / reports / "scripted" / "exam"


def command(home: Path, pause: float, *more: str) -> "subprocess.Popen[str]":
    words = ["run", "--model", "slow", "--tasks", "exam", "--task-path", str(home / "exam.py"), *more]
    where = ["--data", str(home / "data"), "--reports", str(home / "reports")]
    return subprocess.Popen(
        [sys.executable, str(HERE / "fault_runs.py"), "slow", str(pause), str(home / ENOUGH), *words, *where],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_lines(journal: Path, count: int) -> None:
    for _ in range(3000):
        if journal.is_file() and journal.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.01)
    raise AssertionError(f"{journal} never held {count} lines")


def test_three_hundred_kills_lose_nothing_and_ask_nothing_twice(exam: Callable[[int], Path]) -> None:
    home = exam(400)
    # Whoever kills mostly waits for the moment to do it: several wait at once.
    words = [sys.executable, str(HERE / "fault_runs.py"), "kill", str(home), str(KILLS // KILLERS)]
    killers = [
        subprocess.Popen([*words, str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for seed in range(KILLERS)
    ]
    total = Counter[str]()
    for killer in killers:
        told, said = killer.communicate()
        assert killer.returncode == 0, said
        total.update(json.loads(told))
    assert total["kills"] == KILLS
    assert total["acknowledged"] > 400, "the kills came too early to prove anything"
    assert (total["lost"], total["asked_twice"], total["differing"]) == (0, 0, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1], ids=lambda number: number.name)
def test_a_signal_ends_the_run_in_order_and_the_same_command_goes_on(
    exam: Callable[[int], Path], number: signal.Signals
) -> None:
    home = exam(200)
    running = command(home, 0.02)
    journal = home / "reports" / "slow" / "exam" / "journal.jsonl"
    wait_for_lines(journal, 8)
    running.send_signal(number)
    _, said = running.communicate(timeout=10)
    assert running.returncode == 75
    assert said.count("\n") == 1
    assert "Run the same command to go on" in said
    assert not (journal.parent / RESULT).exists()
    kept = journal.read_bytes()
    again = command(home, 0)
    _, said = again.communicate(timeout=60)
    assert (again.returncode, said) == (0, "")
    assert journal.read_bytes().startswith(kept)
    plain = evaluate(home, "undisturbed")
    assert (journal.parent / SAMPLES).read_bytes() == (plain / SAMPLES).read_bytes()


def test_of_two_resumers_one_goes_on_and_the_other_leaves_with_3(exam: Callable[[int], Path]) -> None:
    home = exam(400)
    first = command(home, 0.02)
    wait_for_lines(home / "reports" / "slow" / "exam" / "journal.jsonl", 8)
    second = command(home, 0.02)
    _, said = second.communicate(timeout=10)
    assert first.poll() is None, "the other must leave while the first is still at work"
    assert second.returncode == 3
    assert "another medeval is writing here" in said
    (home / ENOUGH).touch()
    _, said = first.communicate(timeout=60)
    assert (first.returncode, said) == (0, "")


def test_of_two_that_start_at_once_exactly_one_goes_on(exam: Callable[[int], Path]) -> None:
    home = exam(400)  # eight seconds of work, so that a slow start of the second is no excuse
    for turn in range(2):
        (home / ENOUGH).unlink(missing_ok=True)
        both = [command(home, 0.02, "--label", f"turn{turn}") for _ in range(2)]
        while all(one.poll() is None for one in both):
            time.sleep(0.01)
        (home / ENOUGH).touch()
        for one in both:
            one.communicate(timeout=60)
        assert sorted(one.returncode for one in both) == [0, 3]


def test_a_full_disk_at_any_write_tears_no_published_file_and_can_be_resumed(
    exam: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = exam(40)
    plain = evaluate(home, "undisturbed")
    monkeypatch.setattr(base, "PER_TURN", 1)
    write = os.write
    refused = 0
    for last in range(1, 51):
        count = 0

        def full(fd: int, data: bytes, last: int = last) -> int:
            nonlocal count
            count += 1
            if count >= last:
                # Half of the k-th write still fits, as on a real disk.
                if count == last and len(data) > 1:
                    return write(fd, bytes(data)[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(fd, data)

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            try:
                evaluate(home, f"full-{last}")
            except ReportError as error:
                refused += 1
                assert error.exit_code == 3
                assert "No space left on device" in str(error)
        cell = home / f"full-{last}" / "scripted" / "exam"
        assert not list(cell.glob(".*.tmp"))
        for name, kind in ((MANIFEST, Manifest), (RESULT, Result), (RUN, Run)):
            read(cell / name, kind)  # raises if it is torn
        if (cell / SAMPLES).exists():
            assert (cell / SAMPLES).read_bytes() == (plain / SAMPLES).read_bytes()
        assert evaluate(home, f"full-{last}") == cell
        for name in (RESULT, SAMPLES):
            assert (cell / name).read_bytes() == (plain / name).read_bytes()
    assert refused >= 40, "the disk was hardly ever full"


def test_a_finished_run_repeated_sends_no_request(exam: Callable[[int], Path]) -> None:
    home = exam(30)
    cell = evaluate(home, "reports")
    before = {path.name: path.read_bytes() for path in cell.iterdir()}
    engine = Scripted(letter)
    medeval.evaluate(
        model=engine, tasks=["exam"], data=home / "data", reports=home / "reports", task_paths=[home / "exam.py"]
    )
    assert engine.asked == 0
    assert {path.name: path.read_bytes() for path in cell.iterdir()} == before


def test_a_journal_that_lost_its_tail_is_asked_only_for_the_rest(exam: Callable[[int], Path]) -> None:
    home = exam(30)
    cell = evaluate(home, "reports")
    result = (cell / RESULT).read_bytes()
    whole = (cell / "journal.jsonl").read_bytes()
    (cell / "journal.jsonl").write_bytes(whole[: len(whole) // 2])
    journal = Journal(cell / "journal.jsonl", writable=False)
    left = len(journal)
    journal.close()
    engine = Scripted(letter)
    medeval.evaluate(
        model=engine, tasks=["exam"], data=home / "data", reports=home / "reports", task_paths=[home / "exam.py"]
    )
    assert engine.asked == 30 - left
    assert (cell / RESULT).read_bytes() == result
