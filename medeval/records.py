"""The values that flow: typed, immutable, and the same thing in memory and in JSON."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Row = Mapping[str, Any]
"""One row of a benchmark as its makers wrote it: the one place where `Any` is allowed."""

Language = Literal["en", "zh"]
Style = Literal["letters", "options", "written", "reasoned"]
Order = Literal["given", "shuffled", "circular"]
Protocol = Literal["house", "lm-eval", "cmb-official", "mirage"]
Kind = Literal["base", "chat", "reasoning"]
Thinking = Literal["", "on", "off"]
"""Empty: the model has no switch, or nobody turned it."""
Unit = Literal["fraction", "plain"]
"""A fraction is printed per cent; what has a scale of its own, such as a perplexity, as it is."""
Status = Literal["scored", "unread", "truncated", "refused", "too_long", "nonfinite", "engine_error", "judge_error"]
FailureKind = Literal["too_long", "nonfinite", "engine_error", "judge_error"]

NOT_MEASURED: frozenset[Status] = frozenset({"nonfinite", "engine_error", "judge_error"})
"""Nobody knows what the model would have said: no score, and the cell is partial."""

ASKED_AGAIN: frozenset[Status] = frozenset({"engine_error", "judge_error"})
"""What a resumed run tries once more."""


# gc=False: no record is part of a cycle, and a run holds some hundred thousand of them.
class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value that flows. Its kinds say frozen and kw_only again, because type checkers do not inherit them."""


# --- what is asked about ------------------------------------------------------------------


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
    def labels(self) -> tuple[str, ...]:
        """The names of the options, in the order in which they are shown."""
        return tuple([option.label for option in self.options])

    @property
    def right(self) -> tuple[str, ...]:
        """The labels of the right options."""
        return self.target


# --- what goes to an engine and comes back ------------------------------------------------


class Decoding(Record, frozen=True, kw_only=True):
    """How a text is drawn. Every field is always sent, so that no server fills in its own."""

    max_tokens: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


class Message(Record, frozen=True, kw_only=True):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Choice(Record, frozen=True, kw_only=True):
    """A continuation whose log-probability is wanted."""

    label: str
    text: str


class Request(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What a talk asks: a plain text or messages. Which engine answers is the role's matter."""

    text: str = ""
    messages: tuple[Message, ...] = ()
    prefill: str = ""
    choices: tuple[Choice, ...] = ()
    decoding: Decoding
    thinking: Thinking = ""
    role: str = "model"


class AskedSample(Sample, tag="asked", omit_defaults=True, frozen=True, kw_only=True):
    """Requests that others have put in words, asked as they are."""

    requests: tuple[Request, ...]
    target: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[str, ...]:
        """What they take for right."""
        return self.target


class Response(Record, tag_field="kind", tag="response", omit_defaults=True, frozen=True, kw_only=True):
    """What an engine answered."""

    text: str = ""
    reasoning: str = ""
    logprobs: tuple[float, ...] = ()
    """One for each choice of the request, in its order."""
    greedy: tuple[int, ...] = ()
    """Places of the choices that the model would have written by itself, token by token."""
    below: tuple[int, ...] = ()
    """Places of the choices of which a server tells only that they are not likelier than their log-probability here."""
    finish: Literal["stop", "length"] = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Failure(Record, tag_field="kind", tag="failure", frozen=True, kw_only=True):
    """Why there is no answer."""

    failure: FailureKind
    reason: str


Reply = Response | Failure


class Answer(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What was read out of the replies, by which rule, from which span of the last text."""

    picked: tuple[str, ...] = ()
    """The labels that were read; empty when nothing could be."""
    rule: str = ""
    span: tuple[int, int] | None = None
    status: Status = "scored"


class Exchange(Record, frozen=True, kw_only=True):
    """A request, its words as a hash, and the reply."""

    request: Request
    asked: str
    reply: Reply


class Walk(Record, frozen=True, kw_only=True):
    """One sample's whole way: what was asked and replied, and what was read."""

    exchanges: tuple[Exchange, ...]
    answer: Answer


class Identity(Record, frozen=True, kw_only=True):
    """What answered: whatever could change a reply, and nothing that could not (batch size, devices)."""

    engine: str
    version: str
    model: str
    content: str = ""
    """A hash of the model's files, or of the file of predictions."""
    dtype: str = ""
    quantisation: str = ""
    adapter: str = ""
    max_length: int = 0
    arguments: str = ""
    """Arguments of the engine's own that could change a reply."""


# --- what is published --------------------------------------------------------------------


class Manner(Record, frozen=True, kw_only=True):
    """The way in which questions are put to a kind of model."""

    style: Style
    shots: int = 0
    chat: bool = False
    thinking: Thinking = ""
    decoding: Decoding | None = None
    """How texts are drawn; none where nothing is written."""


class Setting(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How a task is put; what differs from the plain protocol names the result's folder."""

    style: Style = "letters"
    chat: bool = False
    thinking: Thinking = ""
    system: str = ""
    prefill: str = ""
    shots: int = 0
    shots_from: str = ""
    """Where the solved examples come from, if not from the task's own pool: `sample`, or a file and its hash."""
    repeats: int = 1
    decoding: Decoding | None = None
    order: Order = "given"
    protocol: Protocol = "house"
    data: Literal["real", "sample"] = "real"
    limit: int = 0
    seed: int = 0
    elsewhere: bool = False
    """The texts were made outside medeval: nobody here knows the prompt."""


class SliceEstimate(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The same number over a part of the samples."""

    slice: str
    value: str
    n: int
    estimate: float
    low: float
    high: float


class Estimate(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A number with its interval, and what it does not rest on."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    method: str
    n: int
    """Samples the value rests on: read or not, but measured."""
    n_eff: float
    unread: int
    truncated: int
    refused: int
    too_long: int
    failed: int
    """Samples that were not measured: engine or judge errors, log-probabilities that are no numbers."""
    unit: Unit = "fraction"
    takes: int = 1
    """How often each sample was asked: with more than one, the counts above are of takes, and n is of samples."""
    slices: tuple[SliceEstimate, ...] = ()


class Result(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One cell: a task under a setting, answered by an entry. Fractions, never per cent."""

    schema_version: Literal[1] = 1
    task: str
    task_version: int
    entry: str
    setting: Setting
    members: tuple[str, ...] = ()
    """For a group: the cells it is made of."""
    data: str
    prompt: str
    journal_records: int
    journal: str
    headline: str
    estimates: tuple[Estimate, ...]
    letter_mass: float | None = None
    """Where letters are scored: the mean probability that the model gives to the choices together."""
    flags: tuple[str, ...]
    protocol: str
    conditions: str

    @property
    def signature(self) -> str:
        """What the number stands on: protocol ‖ conditions."""
        return f"{self.protocol} ‖ {self.conditions}"

    @property
    def first(self) -> Estimate:
        """The estimate that stands for the cell."""
        return next(estimate for estimate in self.estimates if estimate.metric == self.headline)


# --- JSON ---------------------------------------------------------------------------------

_encoder = msgspec.json.Encoder(order="deterministic")
_plain = msgspec.json.Encoder()


def to_json(value: object) -> bytes:
    r"""Encode a value; a lone surrogate, which UTF-8 cannot hold, is spelt out as `\udXXX`."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _plain.encode(_spelt_out(msgspec.to_builtins(value)))


def _spelt_out(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_spelt_out(key): _spelt_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt_out(item) for item in value]
    return value
