"""What goes to an engine and comes back, and what is read of it."""

from typing import Literal

from msgspec.structs import replace

from medeval.records.base import FailureKind, Record, Status, Thinking


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
    """Who is asked: `model`, `patient`, `judge:NAME`; `model:WHAT` is the model, asked beside the conversation."""


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
    printed: bool = False
    """The log-probabilities are of the options among themselves, as somebody printed them: rounded, and left so."""
    finish: Literal["stop", "length"] = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Failure(Record, tag_field="kind", tag="failure", frozen=True, kw_only=True):
    """Why there is no answer."""

    failure: FailureKind
    reason: str


Reply = Response | Failure


class Verdict(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What a judge said of an answer by one criterion."""

    judge: str
    criterion: str
    """Its name, or its place among those of the sample."""
    turn: int = 0
    """Of the dialogue, or of the patient's replies."""
    grade: str = ""
    """One of the grading's grades; empty: there is no verdict."""
    expected: float | None = None
    """What the grades are worth in the mean, where a judge gives each its probability."""
    why: str = ""
    """By which rule the grade was read; or why there is none."""


class Answer(Record, omit_defaults=True, frozen=True, kw_only=True):
    """What was read out of the replies, by which rule, from which span of the last text."""

    picked: tuple[str, ...] = ()
    """The labels that were read; empty when nothing could be."""
    rule: str = ""
    span: tuple[int, int] | None = None
    status: Status = "scored"
    verdicts: tuple[Verdict, ...] = ()


class Exchange(Record, frozen=True, kw_only=True):
    """A request, its words as a hash, and the reply."""

    request: Request
    asked: str
    reply: Reply


class Walk(Record, frozen=True, kw_only=True):
    """One sample's whole way: what was asked and replied, and what was read."""

    exchanges: tuple[Exchange, ...]
    answer: Answer

    @property
    def text(self) -> str:
        """What the model said last, without its reasoning; empty where nothing was."""
        last = next((each for each in reversed(self.exchanges) if each.request.role == "model"), None)
        return last.reply.text if last and isinstance(last.reply, Response) else ""

    def saying(self, text: str) -> "Walk":
        """What the model said alone, as if its last words had been others; where it had none, all as it is."""
        if not self.text:
            return self
        *before, last = self.of("model")
        return replace(self, exchanges=(*before, replace(last, reply=replace(last.reply, text=text))))

    def of(self, role: str) -> tuple["Exchange", ...]:
        """The exchanges with one role."""
        return tuple([each for each in self.exchanges if each.request.role == role])


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
