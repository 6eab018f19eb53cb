"""How fast an entry was answered, and what it took: read from the circumstances of its runs."""

from collections.abc import Iterator
from pathlib import Path

from medeval import reports
from medeval.records import Record


class Pace(Record, frozen=True, kw_only=True):
    """The work of an entry's runs, and their time."""

    seconds: float
    replies: int
    read: int
    """Tokens of prompts, and of what was written."""
    written: int
    cost: float | None

    @property
    def writes(self) -> bool:
        """Whether texts were written: a choice that is scored writes a token a question at most."""
        return self.written > 2 * self.replies

    @property
    def tokens_per_second(self) -> float:
        """Tokens that were written, or where choices were scored all of them; nothing, where nobody counted."""
        return self.tokens_of(writing=self.writes)

    def tokens_of(self, *, writing: bool) -> float:
        """Tokens a second: of those written, or of all."""
        tokens = self.written if writing else self.read + self.written
        return tokens / self.seconds if self.seconds else 0.0

    @property
    def replies_per_second(self) -> float:
        """The same of replies."""
        return self.replies / self.seconds if self.seconds else 0.0


def tokens_per_second(base: Pace, new: Pace) -> tuple[float, float]:
    """Of both the same tokens, or whichever says less would seem the faster."""
    writing = base.writes and new.writes
    return base.tokens_of(writing=writing), new.tokens_of(writing=writing)


def pace(entry: Path) -> Pace | None:
    """Add up what the model did in every start of a run; nothing, where nobody was asked anything."""
    # All cells of a run share its time, which each of them tells from its start to its own end.
    seconds: dict[str, float] = {}
    replies = written = read = 0
    costs: list[float] = []
    for attempt in _attempts(entry):
        if attempt.asked:
            seconds[attempt.started] = max(seconds.get(attempt.started, 0.0), attempt.seconds)
        others = attempt.others.values()
        replies += attempt.asked - sum(each.asked for each in others)
        written += attempt.written - sum(each.written for each in others)
        read += attempt.read - sum(each.read for each in others)
        costs += [attempt.cost] if attempt.cost is not None else []
    whole = sum(seconds.values())
    if not replies or not whole:
        return None
    return Pace(seconds=whole, replies=replies, read=read, written=written, cost=sum(costs) if costs else None)


def _attempts(entry: Path) -> Iterator[reports.Attempt]:
    for cell in reports.cells(entry):
        run = reports.last_run(cell)
        yield from run.attempts if run else ()
