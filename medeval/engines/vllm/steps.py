"""Choices to steps: which tokens are asked for behind which, so that no beginning is asked about twice.

Letters are one step: their tokens all stand right behind the prompt. Longer choices are a tree, of which every
fork is a step of its own; the prompt is read once, because the steps share it in the engine's cache.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from medeval.engines.pretrained import Cut

MOST = 128
"""Tokens that vLLM tells of in one step."""


class Step(NamedTuple):
    """What is asked behind a prompt."""

    behind: tuple[int, ...]
    wanted: tuple[int, ...]


class Told(NamedTuple):
    """What came of a step."""

    logprobs: Sequence[float]
    likeliest: int


def steps(cut: Cut) -> list[Step]:
    """Ask for every token of every choice, once for each beginning."""
    forks: dict[tuple[int, ...], dict[int, None]] = {}
    for tail in cut.tails:
        for place, token in enumerate(tail):
            forks.setdefault(tail[:place], {})[token] = None
    return [
        Step(behind, tuple(wanted)[first : first + MOST])
        for behind, wanted in forks.items()
        for first in range(0, len(wanted), MOST)
    ]


def summed(cut: Cut, told: Mapping[Step, Told]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The log-probability of every choice, and which of them the model would have written by itself."""
    known: dict[tuple[int, ...], float] = {}
    likeliest: set[tuple[int, ...]] = set()
    for step, (values, token) in told.items():
        known.update({(*step.behind, each): value for each, value in zip(step.wanted, values, strict=True)})
        likeliest.add((*step.behind, token))
    paths = [[tail[: place + 1] for place in range(len(tail))] for tail in cut.tails]
    greedy = [number for number, path in enumerate(paths) if likeliest.issuperset(path)]
    return tuple([sum(known[node] for node in path) for path in paths]), tuple(greedy)
