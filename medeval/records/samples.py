"""What is asked about."""

from collections.abc import Mapping

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
        """What is asked, by which a question is told from another."""
        return self.question

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


class AskedSample(Sample, tag="asked", omit_defaults=True, frozen=True, kw_only=True):
    """Requests that others have put in words, asked as they are."""

    requests: tuple[Request, ...]
    target: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[str, ...]:
        """What they take for right."""
        return self.target
