"""The small models, made once a session, whatever the number of processes."""

import fcntl
import os
from pathlib import Path

import pytest

from medeval.engines.hf import HF
from tests import small_models
from tests.tiny_engines import Plain, engine


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of tiny-base, tiny-chat and tiny-thinking."""
    torch = pytest.importorskip("torch", reason="engines for weights need torch")
    pytest.importorskip("transformers", reason="engines for weights need transformers")
    torch.set_num_threads(1)  # models as small as these only wait for each other's threads
    root = tmp_path_factory.getbasetemp()
    # Under xdist every process has a folder of its own, beside those of the others.
    root = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "models"
    root.mkdir(exist_ok=True)
    with open(root / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for kind in small_models.TEMPLATES:
            small_models.small(root, kind)
    return root


@pytest.fixture(scope="session")
def short(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a base model that reads 96 tokens."""
    made = small_models.tokenizer(small_models.sample_texts(), 2000)
    return small_models.write(tmp_path_factory.mktemp("short") / "tiny", "base", made, context=96)


@pytest.fixture(scope="session")
def plain(models: Path) -> Plain:
    """Give transformers alone, over the base model."""
    return Plain(models / "tiny-base")


@pytest.fixture
def base(models: Path) -> HF:
    """Give an engine over the base model that was asked nothing yet."""
    return engine(models / "tiny-base")
