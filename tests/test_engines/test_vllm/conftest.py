"""Engines that many tests share: a start takes longer than a hundred questions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from medeval.engines.hf import HF
from medeval.engines.vllm import VLLM
from medeval.engines.weights import opened
from tests.test_engines.test_vllm import wide_models
from tests.test_engines.test_vllm.real import gone, pids, vllm

# Behind each of these words the talker goes on so; its texts end where it is told, by either of its end tokens.
SAYS = {
    "<|turn|>assistant\n": "<think>Aspirin thins blood</think>Answer: A<|turn_end|>",
    " red": " one two three four five",
    " blue": "高血压患者首",
    " The": " first drug is new.<|end|>",
    " none": "B because",
}


def hf(folder: Path) -> HF:
    """The same model run by transformers."""
    return HF(opened(folder), dtype="float32", device="cpu")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the models: tiny-base, tiny-thinking, talker, and one like it of which a word is poisoned."""
    torch = pytest.importorskip("torch", reason="engines for weights need torch")
    pytest.importorskip("transformers", reason="engines for weights need transformers")
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("wide")
    _, thinking = [wide_models.wide(root, kind) for kind in ("base", "thinking")]
    wide_models.poisoned(wide_models.scripted(thinking, root / "talker", SAYS), root / "poisoned")
    return root


@pytest.fixture(scope="session")
def ours(folders: Path) -> Iterator[VLLM]:
    """Give vLLM over the base model."""
    one = vllm(folders / "tiny-base")
    yield one
    groups = pids(one)
    one.close()
    assert gone(groups)


@pytest.fixture(scope="session")
def theirs(folders: Path) -> HF:
    """Give transformers over the same model."""
    return hf(folders / "tiny-base")


@pytest.fixture(scope="session")
def talker(folders: Path) -> Iterator[VLLM]:
    """Give vLLM over a model that says what it is told to, with a switch of thinking and a poisoned word."""
    one = vllm(folders / "poisoned")
    yield one
    one.close()


@pytest.fixture(scope="session")
def parrot(folders: Path) -> HF:
    """Give transformers over the same talker, in full health."""
    return hf(folders / "talker")
