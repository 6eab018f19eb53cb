"""Engine processes that end, hang and muddle: real processes and a made-up model, so that no vLLM is needed."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="engines for weights need torch")
pytest.importorskip("transformers", reason="engines for weights need transformers")

from medeval.engines.vllm import Shape, arguments
from medeval.engines.vllm import hand as hands
from medeval.engines.weights import opened
from medeval.errors import EngineError, RequestError
from medeval.records import Failure, Reply, Request, Response
from tests.test_engines.test_vllm.faulty_worker import FaultyVLLM
from tests.test_engines.test_vllm.real import answered, arrived, gone, pids, replies, submit
from tests.test_engines.test_vllm.wide_models import tokens
from tests.tiny_engines import choosing, writing

MARK = " POISON"
Make = Callable[..., FaultyVLLM]


@pytest.fixture
def make(models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make engines with a fault; nothing of them is left at the end."""
    made: list[FaultyVLLM] = []
    groups: set[int] = set()
    monkeypatch.setattr(arguments, "installed", lambda: "0.0+cpu")

    class Watched(FaultyVLLM):
        """Remembers every process that it ever had."""

        def process(self, *words: Any) -> Any:  # type: ignore[override]
            one = FaultyVLLM.process(*words)
            groups.add(one.pid)
            return one

    def engine(shape: Shape | None = None, **fault: Any) -> FaultyVLLM:
        if "mark" in fault:
            fault["mark"] = tokens(models / "tiny-base", fault["mark"])
        monkeypatch.setenv("FAULT", json.dumps({"made_up": True} | fault))
        made.append(Watched(opened(models / "tiny-base"), dtype="float32", shape=shape))
        return made[-1]

    yield engine
    for one in made:
        one.close()
    assert groups
    assert gone([*groups])


def asked(count: int = 60) -> list[Request]:
    """Letters, texts of options, and texts."""
    kinds: list[Callable[[str], Request]] = [
        choosing, lambda text: choosing(text, " yes", " not at all"), lambda text: writing(text, 5),
    ]  # fmt: skip
    return [kinds[number % 3](f"Question: number {number}?\nAnswer:") for number in range(count)]


def told(make: Make, requests: list[Request]) -> list[Reply]:
    """What an engine says with which nothing is wrong."""
    return replies(make(), requests)


def test_the_made_up_model_tells_requests_apart(make: Make) -> None:
    found = answered(make(), asked())
    assert len({(reply.logprobs, reply.text) for reply in found}) > 50


def test_replies_that_are_muddled_doubled_and_missing_come_once_and_right(make: Make) -> None:
    wanted = told(make, asked(300))
    one = make(muddled=True, forgets=7)
    assert replies(one, asked(300)) == wanted
    assert one.notes == []


ENDS = {
    "exit": "the engine ended with 1: no more", "kill": "the engine ended by SIGKILL", "raise": "ValueError: poison",
    "hang": "the engine made no progress for 1 seconds",
}  # fmt: skip


@pytest.mark.parametrize("does", ENDS)
def test_a_request_that_ends_the_process_fails_alone(make: Make, does: str) -> None:
    # Every halving of what hangs takes a second of patience: of fewer there are fewer.
    count = 6 if does == "hang" else 30
    wanted = told(make, asked(count))
    one = make(Shape(patience=1.0), mark=MARK, does=does)
    requests, place = asked(count), count // 2 + 2
    requests.insert(place, writing(f"This is{MARK}", 4))
    found = replies(one, requests)
    assert found.pop(place) == Failure(failure="engine_error", reason=f"over this request {ENDS[does]}")
    assert found == wanted
    # Four pieces of work for every three requests, halved until one stands alone.
    assert set(one.notes) == {f"vLLM was begun anew: {ENDS[does]}."}
    assert 1 < len(one.notes) <= (5 if does == "hang" else 7)


def test_letters_and_options_may_be_the_poison_too(make: Make) -> None:
    wanted = told(make, asked(30))
    one = make(mark=MARK, does="exit")
    requests = [*asked(30), choosing(f"This is{MARK}"), choosing(f"And this{MARK}", " a longer one", " other")]
    found = replies(one, requests)
    assert found[:30] == wanted
    assert [reply.failure for reply in found[30:] if isinstance(reply, Failure)] == ["engine_error"] * 2


def test_the_process_is_killed_in_mid_run_and_everything_is_answered_once(make: Make) -> None:
    wanted = told(make, asked(300))
    one = make(pause=0.01)
    submit(one, asked(300))
    found: dict[int, Reply] = {}
    kills = 0
    while len(found) < 300:
        for key, reply in one.replies(1.0):
            assert int(key) not in found
            found[int(key)] = reply
        if kills < 3 and len(found) > 60 * (kills + 1) and one._hands[0].context:
            os.kill(pids(one)[0], signal.SIGKILL)
            kills += 1
    assert one.replies(0.0) == []
    assert [found[number] for number in range(300)] == wanted
    assert one.notes == ["vLLM was begun anew: the engine ended by SIGKILL."] * 3


def test_a_process_that_is_stopped_is_begun_anew(make: Make) -> None:
    wanted = told(make, asked())
    one = make(Shape(patience=1.0), pause=0.01)
    submit(one, asked())
    found = dict(one.replies(10.0))
    stopped = pids(one)
    os.kill(stopped[0], signal.SIGSTOP)
    while len(found) < 60:
        found |= one.replies(1.0)
    assert [found[f"{number}"] for number in range(60)] == wanted
    assert one.notes == ["vLLM was begun anew: the engine made no progress for 1 seconds."]
    assert gone(stopped)


def test_of_several_processes_one_may_end_and_the_others_go_on(make: Make) -> None:
    wanted = told(make, asked(600))
    one = make(Shape(data_parallel=3), pause=0.01)
    submit(one, asked(600))
    found = dict(one.replies(10.0))
    assert len(set(pids(one))) == 3
    # One that is loaded: of a first start that fails the user is told.
    loaded = next(number for number, hand in enumerate(one._hands) if hand.context)
    os.kill(pids(one)[loaded], signal.SIGKILL)
    while len(found) < 600:
        found |= one.replies(1.0)
    assert [found[f"{number}"] for number in range(600)] == wanted
    assert one.notes == ["vLLM was begun anew: the engine ended by SIGKILL."]


def test_processes_share_even_what_one_of_them_could_take(make: Make) -> None:
    one = make(Shape(data_parallel=2), pause=0.01)
    replies(one, asked(3))
    while not all(hand.context for hand in one._hands):
        one._listen(1.0)
        assert [hand.news() for hand in one._hands] == [[], []]
    before = [hand._given for hand in one._hands]
    requests = [choosing(f"Question: number {number}?") for number in range(200)]
    submit(one, requests)
    one._share_out()
    assert min(hand._given - given for hand, given in zip(one._hands, before, strict=True)) >= 100
    arrived(one, 200)


def test_a_process_that_always_ends_is_given_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "STRIKES", 3)
    one = make(mark="Answer:", does="exit")
    with pytest.raises(EngineError) as found:
        replies(one, asked())
    assert found.value.faults == (
        "vLLM ended 4 times (the engine ended with 1: no more). The same command goes on where it stopped.",
    )


@pytest.mark.parametrize(
    ("loading", "why"), [("exit", "the engine ended with 1: no more"), ("raise", "ValueError: poison")]
)
@pytest.mark.parametrize("copies", [1, 2])
def test_a_model_that_cannot_be_loaded_is_a_wrong_request(make: Make, loading: str, why: str, copies: int) -> None:
    one = make(Shape(data_parallel=copies), loading=loading)
    with pytest.raises(RequestError) as found:
        replies(one, asked(3))
    assert found.value.faults == (f"vLLM does not start: {why}",)


def test_it_may_be_closed_at_any_moment(make: Make) -> None:
    make().close()  # nothing was asked
    loading = make()
    submit(loading, asked())
    loading.close()
    busy = make(pause=0.05)
    submit(busy, asked(300))
    assert busy.replies(10.0)
    busy.close()
    busy.close()


def test_prompts_of_many_tokens_reach_the_process(make: Make) -> None:
    found = replies(make(), [choosing(" no" * 2000 + f"{number}?") for number in range(60)])
    assert all(isinstance(reply, Response) for reply in found)
