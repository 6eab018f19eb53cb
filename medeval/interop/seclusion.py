"""Foreign code in seclusion: it prints nothing, warns nobody, draws by our seeds, and goes online only if it may."""

import io
import logging
import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout

OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_EVALUATE_OFFLINE")
SEEDS = (0, 1234)
"""Of Python's dice and of numpy's, as lm-eval throws them at its start."""


@contextmanager
def secluded(*, offline: bool = False) -> Iterator[None]:
    """Run foreign code so that nothing of it is seen, and nothing of it stays behind."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(redirect_stdout(io.StringIO()))
        stack.enter_context(redirect_stderr(io.StringIO()))
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        if offline:
            stack.enter_context(_offline())
        stack.enter_context(_dice())
        yield


@contextmanager
def _offline() -> Iterator[None]:
    """Open no connection: said to libraries that come by the environment, to those that are here by their word."""
    before = {name: os.environ.get(name) for name in OFFLINE}
    words = [
        vars(sys.modules[name]) for name in ("huggingface_hub.constants", "datasets.config") if name in sys.modules
    ]
    said = [word.get("HF_HUB_OFFLINE") for word in words]
    os.environ.update(dict.fromkeys(OFFLINE, "1"))
    for word in words:
        word["HF_HUB_OFFLINE"] = True
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})
        for word, value in zip(words, said, strict=True):
            word["HF_HUB_OFFLINE"] = value


@contextmanager
def _dice() -> Iterator[None]:
    """Throw the dice that everybody shares from the same beginning, and give them back as they lay."""
    import numpy as np

    python, numbers = random.getstate(), np.random.get_state()  # noqa: NPY002  the dice that foreign code throws
    random.seed(SEEDS[0])
    np.random.seed(SEEDS[1])  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)  # noqa: NPY002
