"""An adapter over a model: the real vLLM says what the merged model says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medeval.engines.hf import HF
from medeval.engines.vllm import VLLM
from tests.test_engines.test_vllm import wide_models
from tests.test_engines.test_vllm.conftest import hf
from tests.test_engines.test_vllm.real import NEAR, QUESTIONS, SHOTS, answered, needed, same, vllm
from tests.tiny_engines import choosing, writing

pytestmark = needed


@pytest.fixture(scope="module")
def lora(folders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wide_models.adapter(tmp_path_factory.mktemp("lora") / "nurse", folders / "tiny-base")


@pytest.fixture(scope="module")
def adapted(folders: Path, lora: Path) -> Iterator[VLLM]:
    one = vllm(folders / "tiny-base", lora=str(lora))
    yield one
    one.close()


def test_an_adapter_makes_of_a_model_what_merging_it_would(
    adapted: VLLM, theirs: HF, folders: Path, lora: Path, tmp_path: Path
) -> None:
    merged = hf(wide_models.merged(folders / "tiny-base", lora, tmp_path / "merged"))
    requests = [ask for text in QUESTIONS for ask in (choosing(text), choosing(SHOTS + text), writing(text, 12))]
    found = answered(adapted, requests)
    same(found, answered(merged, requests))
    plain = answered(theirs, requests)
    # It makes a difference in every one of them.
    assert all(
        max(abs(one - other) for one, other in zip(left.logprobs, right.logprobs, strict=True)) > 100 * NEAR
        for left, right in zip(found, plain, strict=True)
        if left.logprobs
    )
    assert all(left.text != right.text for left, right in zip(found, plain, strict=True) if left.text)


def test_the_adapter_is_part_of_the_identity(adapted: VLLM, ours: VLLM, lora: Path) -> None:
    assert adapted.identity.adapter.startswith("nurse#")
    assert adapted.identity.content == ours.identity.content
    assert ours.identity.adapter == ""
