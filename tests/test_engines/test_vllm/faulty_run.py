"""The medeval command over engine processes that go wrong on purpose, or are only slow: see faulty_worker.py."""

from medeval import openings
from medeval.cli import main
from medeval.engines import vllm
from medeval.engines.vllm import arguments
from tests.test_engines.test_vllm.faulty_worker import FAULT, FaultyVLLM

if __name__ == "__main__":
    if FAULT.get("made_up"):
        vars(arguments)["installed"] = lambda: "0.0+cpu"
        assert "installed" not in vars(openings), "it is looked up late"
    vars(vllm)["VLLM"] = FaultyVLLM
    main()
