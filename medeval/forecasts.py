"""What a long run will take: told from a short probe, whose replies are kept as those of any other request."""

import time
from collections.abc import Callable, Mapping, Sequence

from medeval.engines.base import Engine
from medeval.journal import place
from medeval.records import Record, Response
from medeval.runner import Seat, play
from medeval.sitting import Take

PROBED = 8
"""Requests of a cell, spread evenly over it; the first of them also loads the weights."""
WRITES_MANY, CHOOSES_MANY = 64, 4000
"""With fewer requests left nobody needs a forecast."""


class Outlook(Record, frozen=True, kw_only=True):
    """What is left of a cell, by what its probe took."""

    task: str
    probed: int
    requests: int
    read: int
    """Tokens of the prompts."""
    written: int
    seconds: float


def outlooks(
    seats: Sequence[Seat], engines: Mapping[str, Engine], stopped: Callable[[], bool] = lambda: False
) -> tuple[Outlook, ...]:
    """Probe the cells of which much is left; their time is that of small batches, so no run takes longer."""
    if engines["model"].abilities.kind is None:
        return ()  # a baseline takes no time, and a recording none either
    found = []
    for seat in seats:
        open_takes = [
            (number, take) for number, take in enumerate(seat.sitting.takes) if _place(take) not in seat.journal
        ]
        if len(open_takes) < (CHOOSES_MANY if seat.sitting.setting.decoding is None else WRITES_MANY):
            continue
        step = len(open_takes) // PROBED
        first, *others = [number for number, _ in open_takes[:: step or 1]][:PROBED]
        play([seat], engines, only={first}, stopped=stopped)
        begun = time.monotonic()
        play([seat], engines, only={*others}, stopped=stopped)
        seconds = (time.monotonic() - begun) / len(others)
        replies = [_reply(seat, seat.sitting.takes[number]) for number in (first, *others)]
        left = len(open_takes) - len(replies)
        found.append(
            Outlook(
                task=seat.sitting.name, probed=len(replies), requests=left, seconds=left * seconds,
                read=left * sum(reply.prompt_tokens for reply in replies) // len(replies),
                written=left * sum(reply.completion_tokens for reply in replies) // len(replies),
            )
        )  # fmt: skip
    return tuple(found)


def _reply(seat: Seat, take: Take) -> Response:
    line = seat.journal.line(_place(take))
    return line.reply if line and isinstance(line.reply, Response) else Response()


def _place(take: Take) -> str:
    return place(take.sample.id, take.variant, take.repeat, "model", 0)
