"""What raters see of a scored sample: what was asked, what was said, and none of the names of those who said it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Literal, NamedTuple

from medeval.gradings import Per
from medeval.prompts.asking import SPEAKERS
from medeval.readers import traces
from medeval.records import Language, Message, Record, Response
from medeval.scoring import Scored
from medeval.scoring.shown import Exchanged

BLACKED = "████"
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


class Said(Record, frozen=True, kw_only=True):
    """One turn of a conversation."""

    who: Literal["patient", "doctor"]
    text: str


class Conversation(NamedTuple):
    """A whole conversation; its first `opening` turns stood there before the model said anything."""

    turns: tuple[Said, ...]
    opening: int


class Item(Record, frozen=True, kw_only=True):
    """One thing to rate: what all sides share, and the end of the conversation on each side."""

    id: str
    language: Language
    asked: tuple[Said, ...]
    sides: tuple[tuple[Said, ...], ...]
    references: tuple[str, ...]


def conversation(line: Scored, per: Per, shots: int = 0) -> Conversation | None:
    """Put a sample's exchanges in the order in which they were said; none where the model could not answer.

    To grade a dialogue, all that the model said is wanted. To grade its last answer, what it saw before it is, which
    may be the benchmark's answers.
    """
    heard = [each for each in line.exchanges if each.role in ("model", "patient")]
    models = [each for each in heard if each.role == "model"]
    if not models or not all(isinstance(each.reply, Response) for each in heard):
        return None
    opening = _asked(models[0], shots)
    if len(models) == 1 or (per == "answer" and len(heard) == len(models) and models[0].messages):
        seen = _asked(models[-1], shots)
        return Conversation((*seen, _answer(models[-1])), len(opening))
    turns = [*opening, _answer(models[0])]
    for before, each in pairwise(heard):
        if each.role == "patient":
            turns.append(Said(who="patient", text=_spoken(each)))
        else:
            turns += [] if before.role == "patient" else [Said(who="patient", text=_new(before, each))]
            turns.append(_answer(each))
    return Conversation(tuple(turns), len(opening))


def item(identity: str, found: Sequence[Conversation], per: Per, line: Scored, names: Iterable[str]) -> Item:
    """Lay conversations beside each other; what a benchmark asks is the same for all, however it was worded."""
    first = min(found, key=lambda each: sum(len(turn.text) for turn in each.turns[: each.opening]))
    shared = first.turns[: first.opening]
    rests = [each.turns[each.opening :] for each in found]
    if per != "dialogue":
        # What went before the last answers is shown once, as far as it is the same.
        alike = tuple([turns[0] for turns in takewhile(_is_one, zip(*[rest[:-1] for rest in rests], strict=False))])
        shared, rests = (*shared, *alike), [rest[len(alike) :] for rest in rests]
    hidden = tuple(names)
    sides = tuple([tuple([_blind(turn, hidden) for turn in rest]) for rest in rests])
    references = line.references or tuple(filter(None, [", ".join(line.target)]))
    shared = tuple([_blind(turn, hidden) for turn in shared])
    said = " ".join([turn.text for turn in shared[-1:]])
    return Item(id=identity, language=language_of(said), asked=shared, sides=sides, references=references)


def language_of(text: str) -> Language:
    """Tell the language by its letters; a Chinese character weighs as much as a short word."""
    return "zh" if 4 * len(_CHINESE.findall(text)) > len(_LATIN.findall(text)) else "en"


def _asked(exchange: Exchanged, shots: int) -> tuple[Said, ...]:
    """What stood before a reply, without solved examples and instructions of the system."""
    if not exchange.messages:
        return (Said(who="patient", text=_unlabelled(exchange.prompt)),)
    turns = [each for each in exchange.messages if each.role != "system"]
    return tuple([_turn(each) for each in turns[2 * shots :]])


def _turn(message: Message) -> Said:
    return Said(who="doctor" if message.role == "assistant" else "patient", text=message.content)


def _answer(exchange: Exchanged) -> Said:
    begun = "" if traces.opens(exchange.prefill) else exchange.prefill
    return Said(who="doctor", text=begun + _spoken(exchange))


def _spoken(exchange: Exchanged) -> str:
    text = exchange.reply.text if isinstance(exchange.reply, Response) else ""
    return traces.split(text, opened=False)[1].strip()


def _new(before: Exchanged, now: Exchanged) -> str:
    """What was asked since the model's last turn."""
    if now.messages:
        return now.messages[-1].content
    said = before.reply.text.strip() if isinstance(before.reply, Response) else ""
    return _unlabelled(now.prompt.removeprefix(before.prompt).strip().removeprefix(said).strip())


def _unlabelled(text: str) -> str:
    """Take the words off that say who speaks, where a plain text holds one turn."""
    for asks, answers in SPEAKERS.values():
        if text.startswith(asks) and text.count(asks) == 1:
            return text.removeprefix(asks).removesuffix(answers).strip()
    return text


def _is_one(turns: tuple[Said, ...]) -> bool:
    return len(set(turns)) == 1


def _blind(turn: Said, names: Sequence[str]) -> Said:
    """Black out the names in what a model said; nobody else knows them."""
    if turn.who == "patient" or not names:
        return turn
    return Said(who=turn.who, text=_any_of(names).sub(BLACKED, turn.text))


def _any_of(names: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, names), key=lambda name: (-len(name), name))
    # A Chinese character beside a name is no part of it.
    return re.compile(f"(?<![A-Za-z0-9])(?:{'|'.join(longest_first)})(?![A-Za-z0-9])", re.IGNORECASE)


def blacked(items: Iterable[Item]) -> int:
    """Count the items in which a name was blacked out."""
    return sum(any(BLACKED in turn.text for turn in _turns(each)) for each in items)


def _turns(each: Item) -> Iterator[Said]:
    yield from each.asked
    for side in each.sides:
        yield from side
