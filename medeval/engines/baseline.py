"""Answers without reading: the floor that every model must clear.

`random` draws an option by seed, `majority` always gives the commonest right answer, `longest` the
longest option, `overlap` the option that shares most words with the question and its context.

A consultation is concluded at once.

Where a text is wanted, the lines of its source stand for options: `random` gives one of them, `longest` the longest,
`overlap` the whole source, and `majority` a reference of another sample, which shows what such texts look like and
knows nothing of this one. In a dialogue every turn is answered so, out of what it is about and what the turn asks.
"""

import hashlib
import re
from collections.abc import Mapping

from medeval.engines.base import Abilities, Ask, Immediate
from medeval.errors import RequestError
from medeval.records import ChoiceSample, DialogueSample, Identity, OpenSample, Reply, Response

RULES = ("random", "majority", "longest", "overlap")
CHOSEN, OTHER = 0.0, -10.0
Sheet = ChoiceSample | OpenSample | DialogueSample


class Baseline(Immediate):
    """An engine that follows a rule over the sheet of each question."""

    def __init__(self, rule: str, seed: int = 0) -> None:
        if rule not in RULES:
            raise RequestError(f"Unknown baseline {rule!r}. There are: {', '.join(RULES)}.")
        super().__init__()
        self.identity = Identity(engine="baseline", version="1", model=rule)
        self.abilities = Abilities(choices=True)
        self._rule = rule
        self._seed = seed
        self._sheets: Mapping[tuple[str, str, int], Sheet] = {}
        self._majority: dict[str, tuple[str, ...]] = {}
        self._others: dict[str, list[OpenSample | DialogueSample]] = {}

    def study(self, sheets: Mapping[tuple[str, str, int], Sheet]) -> None:
        """Take the questions by (task, sample, variant): a rule needs options and gold counts, not prompts."""
        self._sheets = sheets
        counts: dict[str, dict[tuple[str, ...], int]] = {}
        for (task, _, _), sample in sheets.items():
            if not isinstance(sample, ChoiceSample):
                self._others.setdefault(task, []).append(sample)
                continue
            golds = counts.setdefault(task, {(label,): 0 for label in sample.labels})
            golds[sample.target] = golds.get(sample.target, 0) + 1
        # max() keeps the first of equals, and the dict is in the order of the options.
        self._majority = {task: max(golds, key=golds.__getitem__) for task, golds in counts.items()}

    def answer(self, ask: Ask) -> Reply:
        """Give the option that the rule chooses."""
        sample = self._sheets[ask.task, ask.sample, ask.variant]
        if not isinstance(sample, ChoiceSample):
            return Response(text=self._compose(ask, sample))
        picked = self._choose(ask, sample)
        choices = ask.request.choices
        if choices:
            return Response(logprobs=tuple([CHOSEN if choice.label in picked else OTHER for choice in choices]))
        return Response(text=f"{'答案：' if sample.language == 'zh' else 'Answer: '}{', '.join(picked)}")

    def _choose(self, ask: Ask, sample: ChoiceSample) -> tuple[str, ...]:
        if self._rule == "majority":
            return self._majority[ask.task]
        if self._rule == "longest":
            return (max(sample.options, key=lambda option: len(option.text)).label,)
        if self._rule == "overlap":
            stem = _words(f"{sample.context} {sample.question}")
            return (max(sample.options, key=lambda option: len(stem & _words(option.text))).label,)
        return (sample.labels[self._drawn(ask) % len(sample.labels)],)

    def _compose(self, ask: Ask, sample: OpenSample | DialogueSample) -> str:
        if self._rule == "majority":
            others = self._others[ask.task]
            place = next(place for place, each in enumerate(others) if each.id == sample.id)
            return _reference(others[place - 1], ask.slot) if len(others) > 1 else ""
        source = _source(sample, ask.slot)
        lines = [line for line in source.splitlines() if line.strip()]
        if self._rule == "overlap":
            return source
        return max(lines, key=len) if self._rule == "longest" else lines[self._drawn(ask) % len(lines)]

    def _drawn(self, ask: Ask) -> int:
        turn = f"\n{ask.variant}" if ask.variant else ""
        slot = f"\nslot {ask.slot}" if ask.slot else ""
        drawn = hashlib.sha256(f"{self._seed}\n{ask.task}\n{ask.sample}{turn}{slot}".encode()).digest()
        return int.from_bytes(drawn[:8])


def _source(sample: OpenSample | DialogueSample, turn: int) -> str:
    """What an answer could be copied from."""
    if isinstance(sample, OpenSample):
        return sample.source or sample.stem
    return "\n".join(filter(None, [sample.context, sample.turns[turn].asked]))


def _reference(sample: OpenSample | DialogueSample, turn: int) -> str:
    """What would be a good answer to a sample, or to a turn of it."""
    if isinstance(sample, OpenSample):
        return sample.references[0] if sample.references else ""
    return sample.turns[min(turn, len(sample.turns) - 1)].reference


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_\u4e00-\u9fff]{3,}|[\u4e00-\u9fff]", text.lower()))
