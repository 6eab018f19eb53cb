"""Runs that are disturbed on purpose; started by test_reliability.py as processes of their own.

fault_runs.py kill FOLDER KILLS SEED    a run is killed again and again; prints what was lost, as JSON
fault_runs.py slow PAUSE ENOUGH ARGS... the medeval command, with an engine that pauses before every reply, as long as
                                        there is no file ENOUGH
"""

import functools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

import medeval
from medeval import catalog
from medeval.cli import main
from medeval.engines import base
from medeval.engines.base import Ask
from medeval.engines.scripted import Scripted
from medeval.journal import Journal, Line
from medeval.journal import file as journals
from medeval.planning import preparing
from medeval.records import Reply, Request, Response

GAP_SECONDS = 0.002
write = os.write


def letter(request: Request) -> Response:
    """Answer by the length of the prompt, so that replies differ."""
    best = len(request.text) % 4
    return Response(logprobs=tuple([-0.1 if number == best else -2.5 for number in range(4)]))


def gapped(fd: int, data: bytes) -> int:
    """Write every line of a journal, or a whole published file, in two halves with a gap to be killed in."""
    lines = bytes(data).splitlines(keepends=True)
    for piece in lines if len(lines) <= base.PER_TURN else [bytes(data)]:
        write(fd, piece[: len(piece) // 2])
        time.sleep(GAP_SECONDS)
        write(fd, piece[len(piece) // 2 :])
    return len(data)


class Logged(Scripted):
    """Notes every request that reaches it, before it answers."""

    def __init__(self, log: Path) -> None:
        super().__init__(letter)
        self._log = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def answer(self, ask: Ask) -> Reply:
        write(self._log, f"{ask.key}\n".encode())
        return super().answer(ask)


def one_life(folder: Path, life: str) -> None:
    """Run until the end, or until the killer comes; note what is asked and what is acknowledged."""
    acknowledged = os.open(folder / f"acknowledged-{life}", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    keys: list[str] = []
    append, sync = Journal.append, Journal._fsync

    def noted_append(self: Journal, lines: Sequence[Line], places: Sequence[str] = ()) -> None:
        append(self, lines, places)
        keys.extend(line.key for line in lines)

    def noted_sync(self: Journal, target: int) -> None:
        before = self.acknowledged
        sync(self, target)
        write(acknowledged, "".join(f"{key}\n" for key in keys[before:target]).encode())

    Journal.append, Journal._fsync = noted_append, noted_sync  # type: ignore[method-assign]
    journals.SYNC_SECONDS = 0.01
    base.PER_TURN = 3
    os.write = gapped  # type: ignore[assignment]
    evaluate(folder / "reports", Logged(folder / f"asked-{life}"), folder.parents[1])


def evaluate(reports: Path, engine: Scripted, exam: Path) -> None:
    medeval.evaluate(model=engine, tasks=["exam"], data=exam / "data", reports=reports, task_paths=[exam / "exam.py"])


def killed(folder: Path, life: int, dice: random.Random) -> bool:
    """Live once more, and be killed at a random moment; tell whether the run came to its end before."""
    child = os.fork()
    if child == 0:
        one_life(folder, f"{life:04d}")
        os._exit(0)
    time.sleep(dice.uniform(0, 0.2))
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == 0


def keys_in(path: Path) -> list[str]:
    # The note itself may be torn by the kill: its last line counts only with its end.
    return path.read_text().split("\n")[:-1] if path.exists() else []


def losses(folder: Path, lives: int) -> dict[str, int]:
    """Count what must not happen, over all lives of a run that came to its end."""
    journal = Journal(folder / "reports" / "scripted" / "exam" / "journal.jsonl", writable=False)
    held = {line.key for line in journal.lines()}
    journal.close()
    safe: set[str] = set()
    lost = twice = 0
    for life in range(lives):
        asked = keys_in(folder / f"asked-{life:04d}")
        twice += len(safe & set(asked)) + len(asked) - len(set(asked))
        safe |= set(keys_in(folder / f"acknowledged-{life:04d}"))
    lost = len(safe - held)
    return {"acknowledged": len(safe), "lost": lost, "asked_twice": twice}


def kill(exam: Path, kills: int, seed: int) -> None:
    """Kill runs until enough kills are done; every run is brought to its end and compared."""
    dice, home = random.Random(seed), exam / f"seed-{seed}"
    # Every life is to spend its time at work, and not in reading the same tasks again.
    vars(catalog).update(_load=functools.cache(catalog._load), entry_points=functools.cache(entry_points))
    evaluate(home / "undisturbed", Scripted(letter), exam)
    total = {"kills": 0, "rounds": 0, "acknowledged": 0, "lost": 0, "asked_twice": 0, "differing": 0}
    while total["kills"] < kills:
        folder = home / f"round-{total['rounds']}"
        folder.mkdir()
        life = 0
        while total["kills"] < kills:
            ended = killed(folder, life, dice)
            life += 1
            if ended:
                break
            total["kills"] += 1
        else:
            evaluate(folder / "reports", Scripted(letter), exam)
        for name, count in losses(folder, life).items():
            total[name] += count
        for name in ("result.json", "samples.jsonl"):
            files = [reports / "scripted" / "exam" / name for reports in (home / "undisturbed", folder / "reports")]
            total["differing"] += files[0].read_bytes() != files[1].read_bytes()
        total["rounds"] += 1
    print(json.dumps(total))


def slow(pause: float, enough: Path) -> None:
    """Run the command with an engine that takes its time, until it is told that this was enough."""

    def script(request: Request) -> Response:
        if not enough.exists():
            time.sleep(pause)
        return letter(request)

    base.PER_TURN = 4
    vars(preparing)["engine_for"] = lambda *_: Scripted(script)
    main()


if __name__ == "__main__":
    if sys.argv[1] == "kill":
        kill(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        pause, enough = float(sys.argv[2]), Path(sys.argv[3])
        sys.argv = ["medeval", *sys.argv[4:]]
        slow(pause, enough)
