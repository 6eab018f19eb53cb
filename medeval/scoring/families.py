"""Judges and the judged: a model is not to be trusted with its own answers, nor with those of its family."""

import re

from medeval.records import Identity

FAMILIES = (
    "baichuan", "bloom", "chatglm", "claude", "command", "deepseek", "falcon", "gemini", "gemma", "glm", "gpt",
    "granite", "grok", "huatuo", "internlm", "jamba", "kimi", "llama", "meditron", "minicpm", "minimax", "mistral",
    "mixtral", "olmo", "phi", "pythia", "qwen", "qwq", "smollm", "vicuna", "yi",
)  # fmt: skip
KIN = {"mixtral": "mistral", "chatglm": "glm", "vicuna": "llama", "meditron": "llama", "qwq": "qwen"}
"""Families that grew out of another."""
LONG = 5
"""Letters that make a name which is part of a word for no other reason."""


def kin(model: Identity, judge: Identity) -> str:
    """Tell how a judge is related to the model, as far as names and contents show it; empty: not at all."""
    # A server tells no content: there the name is all that is known.
    known = model.content and judge.content
    same = model.content == judge.content if known else model.model == judge.model
    if same and model.adapter == judge.adapter:
        return "the model itself"
    if shared := sorted(families_of(model.model) & families_of(judge.model)):
        return f"of the model's family ({shared[0]})"
    return ""


def families_of(name: str) -> frozenset[str]:
    """Find the names of families in that of a model, whole words but for a number behind; long ones in words, too."""
    words = {re.sub(r"[\d.]+$", "", word) for word in re.split(r"[^a-z0-9.]+|(?<=\d)(?=[a-z])", name.lower())}
    # MedGemma is a Gemma and BioMistral a Mistral, but not every word with "yi" in it is a Yi.
    within = [family for family in FAMILIES if len(family) >= LONG and any(family in word for word in words)]
    return frozenset([KIN.get(family, family) for family in FAMILIES if family in words or family in within])
