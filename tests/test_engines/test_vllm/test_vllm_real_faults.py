"""The real vLLM in trouble: killed, stopped, poisoned; everything is answered once, and as if nothing had been."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from medeval.engines.hf import HF
from medeval.engines.vllm import VLLM, Shape
from medeval.engines.weights import opened
from medeval.records import Failure, Reply, Request, Response
from tests.test_engines.test_vllm.faulty_worker import FaultyVLLM
from tests.test_engines.test_vllm.real import SHOTS, answered, gone, needed, pids, replies, same, submit, vllm
from tests.test_engines.test_vllm.wide_models import tokens
from tests.tiny_engines import choosing, writing

pytestmark = needed
MARK = " POISON"


def asked(count: int) -> list[Request]:
    """Letters behind solved examples, and long texts."""
    return [
        choosing(f"{SHOTS}Question: number {number}?\nAnswer:") if number % 2 else writing(f"The patient {number}", 200)
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def struck(folders: Path) -> Iterator[VLLM]:
    """An engine that is done harm to; it is patient for five seconds."""
    one = vllm(folders / "tiny-base", patience=5.0)
    answered(one, asked(2))
    yield one
    one.close()


@pytest.mark.parametrize(
    ("blow", "why"),
    [(signal.SIGKILL, "the engine ended by SIGKILL"), (signal.SIGSTOP, "the engine made no progress for 5 seconds")],
)
def test_struck_in_mid_run_it_answers_everything_once(struck: VLLM, theirs: HF, blow: signal.Signals, why: str) -> None:
    requests, found = asked(400), dict[int, Reply]()
    submit(struck, requests)
    (before,) = pids(struck)
    while len(found) < len(requests):
        for key, reply in struck.replies(1.0):
            assert int(key) not in found
            found[int(key)] = reply
        if pids(struck) == [before] and len(found) >= 20:
            os.kill(before, blow)
    assert struck.replies(0.0) == []
    assert all(isinstance(reply, Response) for reply in found.values())
    assert struck.notes[-1].startswith(f"vLLM was begun anew: {why}")
    assert gone([before])
    some = [0, 1, 57, 58, 398, 399]
    same([reply for number in some if isinstance(reply := found[number], Response)],
         answered(theirs, [requests[number] for number in some]))  # fmt: skip


def test_muddled_doubled_missing_and_poisoned_it_answers_right(
    folders: Path, theirs: HF, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tokens(folders / "tiny-base", MARK)
    monkeypatch.setenv("FAULT", json.dumps({"muddled": True, "forgets": 3, "mark": mark, "does": "raise"}))
    one = FaultyVLLM(opened(folders / "tiny-base"), dtype="float32", shape=Shape())
    sound = asked(40)
    wanted = answered(theirs, sound)
    same(answered(one, sound), wanted)
    found = replies(one, [*sound[:2], choosing(f"This is{MARK}")])
    assert found.pop() == Failure(failure="engine_error", reason="over this request ValueError: poison")
    same([reply for reply in found if isinstance(reply, Response)], wanted[:2])
    # All three at once, and then the one alone.
    assert one.notes == ["vLLM was begun anew: ValueError: poison."] * 2
    one.close()
