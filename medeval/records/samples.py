"""What is asked about."""

from collections.abc import Mapping
from typing import Literal

from medeval.records.base import Language, Record
from medeval.records.exchanges import Message, Request


class Option(Record, omit_defaults=True, frozen=True, kw_only=True):
    """One way to answer; `anchored` keeps its place when options are shuffled."""

    label: str
    text: str
    anchored: bool = False
    origin: str = ""
    """The label it had before the options changed places."""


# Defaults are left out, so that a field that is added later changes no fingerprint of data.
class Sample(Record, tag_field="kind", omit_defaults=True, frozen=True, kw_only=True):
    """One row in the shape that everything after it understands."""

    id: str
    cluster: str = ""
    """Samples that share a passage, case or dialogue share this name; empty: a cluster of its own."""
    language: Language = "en"
    slices: Mapping[str, str] = {}

    @property
    def right(self) -> tuple[str, ...]:
        """What would have been right, where that can be said in a word or two."""
        return ()


class ChoiceSample(Sample, tag="choice", omit_defaults=True, frozen=True, kw_only=True):
    """A question with options, of which `target` are right."""

    question: str
    context: str = ""
    options: tuple[Option, ...]
    target: tuple[str, ...]
    several: bool = False
    """Whether the item says that more than one option may be right."""
    explanation: str = ""
    """Why the target is right, where a solved example says so."""

    @property
    def stem(self) -> str:
        """What is asked, by which a question is told from another: of many cases the same is asked."""
        return f"{self.context}\n{self.question}" if self.context else self.question

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the options, in the order in which they are shown."""
        return tuple([option.label for option in self.options])

    @property
    def right(self) -> tuple[str, ...]:
        """The labels of the right options."""
        return self.target


class OpenSample(Sample, tag="open", omit_defaults=True, frozen=True, kw_only=True):
    """A question that is answered in a text, which is held against texts that would be good."""

    messages: tuple[Message, ...]
    """What is asked, in the words of the benchmark; the last turn is the user's."""
    references: tuple[str, ...]
    source: str = ""
    """The text that the answer is to be about, where there is one; what is copied out of it is counted."""

    @property
    def stem(self) -> str:
        """What is asked, by which a question is told from another."""
        return "\n".join([message.content for message in self.messages])


class Turn(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What is asked in one turn of a dialogue, and what a good answer to it is."""

    asked: str
    reference: str = ""


class DialogueSample(Sample, tag="dialogue", omit_defaults=True, frozen=True, kw_only=True):
    """A dialogue whose questions are fixed, and whose answers are the model's."""

    context: str = ""
    """What the dialogue is about, where there is something to read first, such as a case."""
    turns: tuple[Turn, ...]
    carried: Literal["own", "gold"] = "own"
    """Which answers stand before a later question: those that the model gave, or those of the benchmark."""

    @property
    def stem(self) -> str:
        """What is asked, by which a dialogue is told from another."""
        return "\n".join([self.context, *[turn.asked for turn in self.turns]])


class CaseSample(ChoiceSample, tag="case", omit_defaults=True, frozen=True, kw_only=True):
    """A patient whose diagnosis, one of the options, is to be found by asking."""

    opening: str
    """What the patient says unasked."""
    facts: tuple[str, ...]
    """All that can be found out, a sentence each; what the opening says is among them."""

    @property
    def stem(self) -> str:
        """What is asked, by which a case is told from another."""
        return f"{self.opening}\n{self.question}"


class Criterion(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What an answer is held against."""

    text: str
    chinese: str = ""
    """The same for Chinese answers; empty: the same text for both."""
    name: str = ""
    """What numbers are called by; empty: it belongs to one sample alone."""
    points: float = 1.0
    """What it is worth where it is met; less than nothing where it should not be."""
    tags: tuple[str, ...] = ()


class RubricSample(OpenSample, tag="rubric", omit_defaults=True, frozen=True, kw_only=True):
    """A question whose answer is held against criteria of its own; references may be missing."""

    references: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...]


class AskedSample(Sample, tag="asked", omit_defaults=True, frozen=True, kw_only=True):
    """Requests that others have put in words, asked as they are."""

    requests: tuple[Request, ...]
    target: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[str, ...]:
        """What they take for right."""
        return self.target
