"""What was said about a sample, turn by turn: what was asked of all entries alike once, and the rest of each."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec.structs import replace

from medeval.prompts.asking import SPEAKERS
from medeval.records import Message, Record, Reply, Response
from medeval.scoring import Scored
from medeval.scoring.shown import Exchanged

Kind = Literal["system", "asked", "given", "model", "patient", "beside", "reference"]
WHO: dict[Kind, str] = {
    "system": "System prompt", "asked": "Asked", "given": "Given answer", "model": "Model", "patient": "Patient",
    "reference": "A good answer",
}  # fmt: skip
BESIDE = {
    "model:full": "Knowing all facts at once", "model:none": "Knowing the opening alone",
    "model:probe": "Made to conclude after reply {number}",
}  # fmt: skip
SPOKEN: dict[str, Kind] = {"system": "system", "user": "asked", "assistant": "given"}
Noted = Literal["", "failed", "weighed", "empty", "cut"]
NOTES: dict[Noted, str] = {
    "": "", "failed": "No reply {detail}",
    "weighed": "Wrote nothing; log-probabilities of the options, in their order: {detail}",
    "empty": "An empty reply", "cut": "Cut off at its longest",
}  # fmt: skip
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"\r\n?")
_HAN, _LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[A-Za-z]")
HAN_WORD = 2
"""Letters that a Chinese character weighs, where it is asked of which language a text is."""


class Part(Record, frozen=True, kw_only=True):
    """A turn: who speaks, and what."""

    kind: Kind
    who: str
    before: str
    """The text as far as the place where something was read in it; all of it, where nothing was."""
    read: str = ""
    after: str = ""
    lang: str
    prefill: str = ""
    """What was put into the model's mouth."""
    reasoning: str = ""
    noted: Noted = ""
    detail: str = ""
    """What there is to say beside the kind of note."""

    @property
    def note(self) -> str:
        """What is to be known of it beside its text."""
        return NOTES[self.noted].format(detail=self.detail)

    @property
    def text(self) -> str:
        """The whole text."""
        return f"{self.before}{self.read}{self.after}"


def part(kind: Kind, text: str, who: str = "", span: tuple[int, int] | None = None) -> Part:
    """Make a turn of a text; what could steer a page or a terminal is shown, and steers nothing."""
    start, end = span or (len(text), len(text))
    return Part(
        kind=kind, who=who or WHO[kind], before=shown(text[:start]), read=shown(text[start:end]),
        after=shown(text[end:]), lang=language_of(text),
    )  # fmt: skip


def shown(text: str) -> str:
    """Make control characters and marks that turn the direction of writing visible."""
    return _STEERING.sub("\ufffd", _LINE_ENDS.sub("\n", text))


def language_of(text: str) -> str:
    """Tell Chinese from English, for fonts and for voices that read aloud."""
    return "zh-Hans" if HAN_WORD * len(_HAN.findall(text)) > len(_LATIN.findall(text)) else "en"


def opened(lines: Sequence[Scored]) -> tuple[tuple[Part, ...], list[tuple[Part, ...]]]:
    """What stood before the first word of each entry: what is common to all, and what each has of its own."""
    openings = [_opening(line) for line in lines]
    system = [[each for each in opening if each.kind == "system"] for opening in openings]
    asked = [[each for each in opening if each.kind != "system"] for opening in openings]
    common: list[Part] = []
    own: list[list[Part]] = [[] for _ in lines]
    if all(each == system[0] for each in system):
        common += system[0]
    else:
        own = system
    alike = _alike(asked)
    common += asked[0][:alike]
    rests = [each[alike:] for each in asked]
    if all(rests) and len({rest[0].kind for rest in rests}) == 1:
        texts = [rest[0].text for rest in rests]
        lines_of = [text.split("\n") for text in texts]
        number = _alike(lines_of)
        start = "\n".join(lines_of[0][:number]).rstrip()
        # A few words that happen to be the same are not the question.
        if start and 2 * len(start) >= min(map(len, texts)):
            common.append(replace(rests[0][0], before=start))
            tails = ["\n".join(each[number:]).strip("\n") for each in lines_of]
            rests = [
                [*([replace(first, before=tail)] if tail else []), *more]
                for (first, *more), tail in zip(rests, tails, strict=True)
            ]
    return tuple(common), [(*mine, *rest) for mine, rest in zip(own, rests, strict=True)]


def turns(line: Scored) -> Iterator[Part]:
    """The conversation from the model's first word on, as the model saw it."""
    models = [each for each in line.exchanges if each.role == "model"]
    before, heard = None, ""
    for each in line.exchanges:
        if each.role == "patient":
            heard = _text(each.reply)
            yield _noted(part("patient", heard), each.reply)
        elif each.role == "model":
            if before is not None:
                yield from _between(before, each, heard)
            span = line.span if each is models[-1] else None
            reasoning = each.reply.reasoning if isinstance(each.reply, Response) else ""
            made = _noted(part("model", _text(each.reply), span=span), each.reply)
            yield replace(made, prefill=shown(each.prefill), reasoning=shown(reasoning))
            before, heard = each, ""


def beside(line: Scored) -> Iterator[Part]:
    """What the model was asked beside the conversation, which it never sees in it."""
    numbers: Counter[str] = Counter()
    for each in line.exchanges:
        if each.role.startswith("model:"):
            numbers[each.role] += 1
            who = BESIDE.get(each.role, each.role).format(number=numbers[each.role])
            yield _noted(part("beside", _text(each.reply), who), each.reply)


def _opening(line: Scored) -> list[Part]:
    first = next((each for each in line.exchanges if each.role == "model"), None)
    if first is None:
        return []
    if first.messages:
        return [part(SPOKEN[turn.role], turn.content) for turn in first.messages]
    return [part("asked", first.prompt)]


def _alike(rows: Sequence[Sequence[object]]) -> int:
    """How many of the first members all have in common."""
    for place, members in enumerate(zip(*rows, strict=False)):
        if any(member != members[0] for member in members):
            return place
    return min(map(len, rows))


def _between(before: Exchanged, now: Exchanged, heard: str) -> Iterator[Part]:
    """What the model was told between two of its answers, beside what a patient is shown to have said."""
    said = _text(before.reply).strip()
    if not now.messages:
        if text := _told(now.prompt, before.prompt, said, heard):
            yield part("asked", text)
        return
    known = _alike([before.messages, now.messages])
    new: tuple[Message, ...] = now.messages[known:]
    if new and new[0].role == "assistant":
        # Where the benchmark's answers are carried on, another stands here than the model gave.
        if new[0].content.strip() not in said:
            yield part("given", new[0].content, "The benchmark's answer, put in its place")
        new = new[1:]
    for turn in new:
        text = turn.content.strip().removeprefix(heard.strip()) if heard.strip() else turn.content
        if text.strip():
            yield part(SPOKEN[turn.role], text.strip())


def _told(now: str, before: str, said: str, heard: str) -> str:
    """What a transcript in plain text has more than the one before it."""
    new = now.removeprefix(before).strip().removeprefix(said).strip()
    if heard.strip():
        new = new.rpartition(heard.strip())[2].strip()
    for asks, answers in SPEAKERS.values():
        new = new.removesuffix(answers).removeprefix(asks).strip()
    return new


def _text(reply: Reply) -> str:
    return reply.text if isinstance(reply, Response) else ""


def _noted(made: Part, reply: Reply) -> Part:
    """Add what is to be known of a reply beside its text."""
    if not isinstance(reply, Response):
        return replace(made, noted="failed", detail=f"({reply.failure}): {shown(reply.reason)}")
    if reply.logprobs and not reply.text:
        weighed = " · ".join([f"{value:.3f}".replace("-", "−") for value in reply.logprobs])
        return replace(made, noted="weighed", detail=weighed)
    if not reply.text.strip():
        return replace(made, noted="empty")
    return replace(made, noted="cut") if reply.finish == "length" else made
