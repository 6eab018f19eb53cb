"""Weights through transformers; the only room that knows torch and transformers, and imports them late."""

from medeval.engines.hf.engine import HF

__all__ = ["HF"]
