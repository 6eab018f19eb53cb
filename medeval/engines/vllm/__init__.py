"""Weights through vLLM: its request loop in a process of ours, so that whatever ends it does not end the run."""

from medeval.engines.vllm.engine import VLLM
from medeval.engines.vllm.places import Shape

__all__ = ["VLLM", "Shape"]
