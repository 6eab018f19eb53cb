"""On how much of the machine the real vLLM runs, and what its engine is told: the answers stay the same."""

import os
from pathlib import Path

import pytest

from medeval.engines.hf import HF
from medeval.records import Failure, Response
from tests.test_engines.test_vllm.real import QUESTIONS, SHOTS, alive, answered, gone, needed, pids, replies, same, vllm
from tests.tiny_engines import choosing, writing

pytestmark = needed
REQUESTS = [
    ask for text in QUESTIONS for ask in (choosing(text), choosing(SHOTS + text, " yes", " not so"), writing(text, 8))
]


def test_two_copies_share_the_questions_and_say_the_same(folders: Path, theirs: HF) -> None:
    one = vllm(folders / "tiny-base", data_parallel=2)
    same(answered(one, REQUESTS * 5), answered(theirs, REQUESTS) * 5)
    groups = pids(one)
    assert len(set(groups)) == 2
    assert [hand.ends for hand in one._hands] == [[], []]
    one.close()
    assert gone(groups)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two cores are needed, one for each part of the model")
def test_a_model_in_two_parts_says_the_same(folders: Path, theirs: HF, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_CPU_OMP_THREADS_BIND", "0|1")
    one = vllm(folders / "tiny-base", tensor_parallel=2)
    same(answered(one, REQUESTS), answered(theirs, REQUESTS))
    (group,) = pids(one)
    assert len(alive(group)) > 2  # vLLM has begun some of its own
    one.close()
    assert gone([group])


def test_a_shorter_context_and_arguments_of_vllms_own_reach_it(folders: Path, theirs: HF) -> None:
    one = vllm(folders / "tiny-base", max_length=64, engine_args=("max-num-seqs=2", "block_size=32"))
    told = one._start.arguments
    assert (told["max_model_len"], told["max_num_seqs"], told["block_size"]) == (64, 2, 32)
    assert one.identity.max_length == 64
    # How many are computed at once changes no answer.
    assert one.identity.arguments == ""
    requests = [
        choosing(QUESTIONS[0]),
        choosing(" no" * 63),
        choosing(" no" * 64),
        writing(" no" * 60, 30),
        choosing("Q:"),
    ]
    found = replies(one, requests)
    assert found.pop(2) == Failure(failure="too_long", reason="64 tokens, and the model reads 64")
    written = found.pop(2)
    assert isinstance(written, Response)
    assert (written.completion_tokens, written.finish) == (4, "length")
    whole = answered(theirs, [*requests[:2], requests[4], writing(" no" * 60, 4)])
    same([*[reply for reply in found if isinstance(reply, Response)], written], whole)
    assert one._hands[0].context == 64
    one.close()


def test_what_changes_answers_is_part_of_the_identity(folders: Path) -> None:
    one = vllm(folders / "tiny-base", engine_args=("max_num_seqs=2", "kv_cache_dtype=fp8"), memory=0.5)
    assert one.identity.arguments == 'kv_cache_dtype="fp8"'
    assert one._start.arguments["gpu_memory_utilization"] == 0.5
