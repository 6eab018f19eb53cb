"""What the tests of the real vLLM share; vLLM itself is never imported here, but only by the engine's own process."""

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from medeval.engines.base import Ask, Engine
from medeval.engines.vllm import VLLM, Shape
from medeval.engines.weights import opened
from medeval.records import Failure, Reply, Request, Response

THERE = find_spec("vllm") is not None
needed = pytest.mark.skipif(not THERE, reason="vLLM is not installed: see `make test-vllm`")
NEAR = 1e-4
"""Far more than rounding in float32 makes in another order, and far less than a wrong token or position would."""


def vllm(folder: Path, **shape: Any) -> VLLM:
    """Make an engine on the CPU; nothing is started yet."""
    return VLLM(opened(folder), dtype="float32", shape=Shape(**shape))


def submit(one: Engine, requests: Sequence[Request], first: int = 0) -> None:
    """Submit requests under their numbers."""
    one.submit([
        Ask(f"{number}", "", "exam", f"{number}", 0, f"{number}", 0, request, one.render(request))
        for number, request in enumerate(requests, first)
    ])  # fmt: skip


def arrived(one: Engine, count: int) -> dict[int, Reply]:
    """Take replies until all have come; each comes once."""
    found: dict[int, Reply] = {}
    while len(found) < count:
        for key, reply in one.replies(1.0):
            assert int(key) not in found
            found[int(key)] = reply
    assert one.replies(0.0) == []
    return found


def replies(one: Engine, requests: Sequence[Request]) -> list[Reply]:
    """Ask, and give the replies in the order of the requests."""
    submit(one, requests)
    found = arrived(one, len(requests))
    return [found[number] for number in range(len(requests))]


def answered(one: Engine, requests: Sequence[Request]) -> list[Response]:
    """Ask for what must be answered, each and all."""
    found = replies(one, requests)
    failures = [reply for reply in found if isinstance(reply, Failure)]
    assert not failures, failures[:3]
    return [reply for reply in found if isinstance(reply, Response)]


def same(found: Sequence[Response], wanted: Sequence[Response]) -> None:
    """See that two engines say the same: texts to the letter, numbers but for rounding."""
    assert [list(reply.logprobs) for reply in found] == [
        pytest.approx(list(reply.logprobs), abs=NEAR) for reply in wanted
    ]
    plain = [
        [(reply.greedy, reply.text, reply.reasoning, reply.finish, reply.prompt_tokens, reply.completion_tokens)
         for reply in each]
        for each in (found, wanted)
    ]  # fmt: skip
    assert plain[0] == plain[1]


def alive(group: int) -> list[str]:
    """The processes of a group or session that are left, zombies aside; looked up in /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # it has just ended
        state, _, process_group, session = rest.split()[:4]
        if state not in "ZX" and group in (int(process_group), int(session)):
            found.append(f"{folder.name} {name}")
    return found


def pids(one: VLLM) -> list[int]:
    """The engine's processes."""
    return [hand.process.pid for hand in one._hands if hand.process]


def gone(groups: Sequence[int]) -> bool:
    """Whether all processes of some groups end within a generous while."""
    for _ in range(3000):
        if not any(alive(group) for group in groups):
            return True
        time.sleep(0.01)
    return False


QUESTIONS = [
    f"Question: {words}?\nA. aspirin\nB. heparin\nC. warfarin\nD. none\nAnswer:"
    for words in (
        "Which drug", "Which drug is given first", "高血压患者首选的降压药是什么", "What", "Why " * 40,
        "A 61-year-old man with heart failure comes for a visit. " * 9 + "What next",
    )
]  # fmt: skip
SHOTS = "".join(
    f"Question: What is example number {number}?\nA. one\nB. two\nC. three\nD. four\nAnswer: {letter}\n\n"
    for number, letter in enumerate("ABCDABCDABCD")
)
