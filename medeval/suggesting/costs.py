"""What a question takes at most: tokens that are read and written, and the seconds of both.

Prompts are measured on the project's sample rows; replies are taken to be as long as the protocol lets them be.
"""

from collections.abc import Sequence
from typing import Literal, Self

from medeval.catalog import Named
from medeval.engines.base import Abilities
from medeval.errors import DataError, RequestError
from medeval.protocols import Wish, said, setting_for
from medeval.records import CaseSample, DialogueSample, Kind, OpenSample, Record, Sample, Setting
from medeval.sources import Supply
from medeval.task import Task, Worded

Device = Literal["cpu", "gpu"]
RATES: dict[Device, float] = {"cpu": 10.0, "gpu": 1000.0}
"""Tokens written a second, where nobody says: on the low side for a model of some 8B weights, alone on a CPU, and in
batches on one GPU."""
READS = 10.0
"""How much faster a prompt is read than a reply is written: all of its tokens go through the model at once."""
CHARACTERS = {"en": 3.0, "zh": 1.0}
"""Characters of a text a token, on the low side: English words are split, a Chinese character is a token."""


class Cost(Record, frozen=True, kw_only=True):
    """What one question of a task takes at most."""

    asked: str
    """The protocol in words."""
    read: float
    """Tokens, of all its prompts together."""
    written: float

    def seconds(self, rate: float) -> float:
        """How long it takes, where so many tokens are written a second."""
        return (self.written + self.read / READS) / rate

    @classmethod
    def of(cls, named: Named, kind: Kind) -> Self:
        """Measure a task as the house's protocol asks a kind of model."""
        task = named.task
        setting = _setting(named.name, task, kind)
        wording = task.wording(setting.style, chat=setting.chat)
        if wording is None:
            raise RequestError(f"It has no wording for a {kind} model.")
        try:
            samples, _ = task.load(named.name, Supply.only(named.samples), sample=True)
        except DataError as error:
            raise RequestError("It has no sample rows that its prompts could be measured on.") from error
        longest = setting.decoding.max_tokens if setting.decoding else 1
        found = [_taken(task, each, wording(each), setting, longest) for each in samples]
        return cls(
            asked=said(setting), read=sum(read for read, _ in found) / len(found),
            written=sum(written for _, written in found) / len(found),
        )  # fmt: skip


def _setting(name: str, task: Task, kind: Kind) -> Setting:
    able = Abilities(choices=True, chat=kind != "base", kind=kind, thinking=kind == "reasoning")
    return setting_for(Wish(), able, name, task)


def _taken(task: Task, sample: Worded, prompt: str, setting: Setting, longest: int) -> tuple[float, float]:
    """Tokens read and written for one sample; what was said before is read again at every turn."""
    by = CHARACTERS[sample.language]
    # A solved example is about as long as the question before which it stands, and its answer.
    begun = (setting.shots + 1) * (len(prompt) + len(task.preamble)) / by + setting.shots * _answer(sample) / by
    if isinstance(sample, OpenSample):
        begun += sum(len(message.content) for message in sample.messages[:-1]) / by
    later = _turns(task, sample)
    read = sum(begun + sum(len(text) for text in later[:turn]) / by + turn * longest for turn in range(len(later) + 1))
    return read, (len(later) + 1) * longest


def _turns(task: Task, sample: Sample) -> Sequence[str]:
    """What is said to the model behind its first reply."""
    if isinstance(sample, DialogueSample):
        return [turn.asked for turn in sample.turns[1:]]
    if isinstance(sample, CaseSample):
        fact = max(sample.facts, key=len)
        return [fact] * task.budget
    return []


def _answer(sample: Sample) -> int:
    return len(sample.references[0]) if isinstance(sample, OpenSample) and sample.references else 0
