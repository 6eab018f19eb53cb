"""A real vLLM server beside the same model in process: what is asked through it is answered the same.

Two servers, of a base and of a chat model; a start takes a minute on a CPU.
"""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import medeval
from medeval.engines.hf import HF
from medeval.engines.http import HTTP, parted
from medeval.errors import RequestError
from medeval.evaluation import Evaluation
from medeval.records import Choice, Failure, Reply, Request, Response, Style
from tests import small_models, tiny_engines
from tests.test_engines.test_http.served import chatting, choosing, replies, writing

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("vllm") is None, reason="vLLM is not installed: see `make test-vllm`"
)
NEAR = 1e-4
START_SECONDS = 300
SOME = [
    f"Question {number}: which drug?\nA. aspirin\nB. heparin\nC. warfarin\nD. none\nAnswer:" for number in range(40)
]


class Served(NamedTuple):
    """A model, in process and served."""

    folder: Path
    address: str
    inside: HF

    def ask(self, requests: Sequence[Request]) -> list[Response]:
        """Ask the server for what must be answered."""
        found = replies(HTTP(self.address, "tiny"), requests)
        assert [reply for reply in found if isinstance(reply, Failure)] == []
        return [reply for reply in found if isinstance(reply, Response)]

    def same(self, requests: Sequence[Request]) -> list[Response]:
        """Ask both, and see that they say the same."""
        found = self.ask(requests)
        for ours, theirs in zip(found, tiny_engines.answered(self.inside, requests), strict=True):
            assert (ours.text, ours.finish, ours.prompt_tokens) == (theirs.text, theirs.finish, theirs.prompt_tokens)
            for place, (value, wanted) in enumerate(zip(ours.logprobs, theirs.logprobs, strict=True)):
                assert wanted <= value + NEAR if place in ours.below else value == pytest.approx(wanted, abs=NEAR)
        return found


def _lettered(folder: Path) -> None:
    """Make letters stand out, some of them among the likeliest tokens and some far below, hanging on the question."""
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    tokenizer, tensors = AutoTokenizer.from_pretrained(folder), load_file(folder / "model.safetensors")
    for letter in "ABCDE":
        for text in (letter, f" {letter}"):
            (token,) = tokenizer(text, add_special_tokens=False)["input_ids"]
            tensors["lm_head.weight"][token] *= 12
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


@contextmanager
def _serving(root: Path, kind: str) -> Iterator[Served]:
    folder = small_models.small(root, kind, heads=2)
    _lettered(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--model", str(folder), "--served-model-name", "tiny", "--dtype", "float32", "--max-model-len", "2048"]
    words += ["--enforce-eager", "--host", "127.0.0.1", "--port", str(port)]
    more = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    more |= {"VLLM_NO_USAGE_STATS": "1", "OMP_NUM_THREADS": "1"}
    with open(root / f"{kind}.log", "wb") as log, subprocess.Popen(
        [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *words],
        stdout=log, stderr=subprocess.STDOUT, env=os.environ | more, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, root / f"{kind}.log")
            yield Served(folder, f"http://127.0.0.1:{port}/v1", tiny_engines.engine(folder))
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  this very machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _serving(tmp_path_factory.mktemp("base"), "base") as served:
        yield served


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _serving(tmp_path_factory.mktemp("chat"), "chat") as served:
        yield served


def lettering(text: str, prefill: str = "", blank: str = "") -> Request:
    choices = tuple([Choice(label=each, text=blank + each) for each in "ABCDE"])
    return chatting(text, 1, choices=choices, prefill=prefill)


def some_told(found: Sequence[Response]) -> None:
    """See that a test has proved something: letters in the list, and letters below it."""
    places = sum(len(reply.logprobs) for reply in found)
    assert 0 < sum(len(reply.below) for reply in found) < places


def test_letters_of_a_text_are_those_of_the_model_in_process(base: Served) -> None:
    found = base.same([choosing(text) for text in SOME])
    some_told(found)
    assert {reply.completion_tokens for reply in found} == {1}


def test_letters_without_a_blank_are_other_letters(base: Served) -> None:
    bare = tuple([Choice(label=each, text=each) for each in "ABCDE"])
    some_told(base.same([choosing(text, bare) for text in SOME]))


def test_letters_of_a_chat_are_those_of_the_model_in_process(chat: Served) -> None:
    some_told(chat.same([lettering(text) for text in SOME]))
    some_told(chat.same([lettering(text, prefill="Answer:", blank=" ") for text in SOME]))


def test_written_texts_are_those_of_the_model_in_process(base: Served, chat: Served) -> None:
    base.same([writing(text, 12) for text in SOME])
    base.same([writing(text, 12, repetition_penalty=1.3) for text in SOME[:10]])
    chat.same([chatting(text, 12) for text in SOME])


def test_a_repetition_penalty_has_its_effect(base: Served) -> None:
    plain = base.ask([writing(text, 24) for text in SOME[:10]])
    assert plain != base.ask([writing(text, 24, repetition_penalty=1.8) for text in SOME[:10]])


def test_a_prefill_is_gone_on_with(chat: Served) -> None:
    found = chat.same([chatting(text, 12, prefill="The answer is") for text in SOME[:10]])
    assert found != chat.ask([chatting(text, 12) for text in SOME[:10]])


def test_a_seed_draws_the_same_again_and_another_draws_otherwise(base: Served) -> None:
    drawn = [writing(text, 12, temperature=1.0, seed=7) for text in SOME[:10]]
    first = base.ask(drawn)
    assert base.ask(drawn) == first
    assert base.ask([writing(text, 12, temperature=1.0, seed=8) for text in SOME[:10]]) != first


def test_a_prompt_that_is_too_long_is_told_and_costs_no_other_its_reply(base: Served, chat: Served) -> None:
    lengths = (10, 2047, 2048, 2049, 5000)
    for found in (
        replies(HTTP(base.address, "tiny"), [choosing(" no" * length) for length in lengths]),
        replies(HTTP(base.address, "tiny"), [writing(" no" * length, 9) for length in lengths]),
    ):
        assert [_kind(reply) for reply in found] == ["", "", "too_long", "too_long", "too_long"]
    found = replies(HTTP(chat.address, "tiny"), [chatting(" no" * length, 9) for length in (10, 2049, 5000)])
    assert [_kind(reply) for reply in found] == ["", "too_long", "too_long"]


def _kind(reply: Reply) -> str:
    return reply.failure if isinstance(reply, Failure) else ""


def test_more_than_the_context_holds_is_asked_for_as_far_as_it_goes(base: Served) -> None:
    (reply,) = base.ask([writing(" no" * 2000, 4000)])
    assert (reply.completion_tokens, reply.finish) == (48, "length")


def test_a_name_that_is_not_served_is_one_sentence(base: Served) -> None:
    with pytest.raises(RequestError, match="no 'other'") as fault:
        replies(HTTP(base.address, "other"), [writing("Hi")])
    assert len(fault.value.faults) == 1
    assert parted(base.address) == (base.address, "tiny")


def _run(model: str, reports: Path, style: Style) -> Evaluation:
    return medeval.evaluate(
        model=model, tasks="medqa", data="sample", reports=reports, label="mine", kind="base", style=style,
        max_tokens=24 if style == "written" else None,
    )  # fmt: skip


@pytest.mark.parametrize("style", ["letters", "written"])
def test_a_whole_run_picks_what_the_model_in_process_picks(base: Served, tmp_path: Path, style: Style) -> None:
    served = _run(f"{base.address}#tiny", tmp_path / "served", style)
    inside = _run(f"hf:{base.folder}", tmp_path / "inside", style)
    assert (served.unsettled, inside.unsettled) == (0, 0)
    ours, theirs = [_samples(each.folders[0]) for each in (served, inside)]
    assert ours.keys() == theirs.keys()
    below = [name for name in ours if ours[name]["rule"] == "all below the list"]
    assert len(below) < len(ours) / 2
    for name in ours.keys() - set(below):
        assert [ours[name][field] for field in ("picked", "status", "span")] == [
            theirs[name][field] for field in ("picked", "status", "span")
        ]


def _samples(folder: Path) -> dict[str, dict[str, object]]:
    found = [json.loads(line) for line in (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
    return {each["sample"]: each for each in found}
