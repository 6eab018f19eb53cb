"""The way of every talk, gone once more with the replies of the journal."""

from collections.abc import Iterator

from medeval.errors import DataError, ReportError
from medeval.journal import Journal, Line, asked, place
from medeval.records import Exchange, Walk
from medeval.sitting import Sitting


def walks(sitting: Sitting, journal: Journal) -> Iterator[Walk]:
    """Go every talk's way again with the replies of the journal; no engine is needed."""
    for take in sitting.takes:
        sample = take.sample
        talk = sitting.talk(take)
        exchanges: list[Exchange] = []
        slots: dict[str, int] = {}
        requests = next(talk)
        while True:
            replies = []
            for request in requests:
                slot = slots.get(request.role, 0)
                slots[request.role] = slot + 1
                line = _line(
                    sitting, journal, place(sample.id, take.variant, take.repeat, request.role, slot), asked(request)
                )
                replies.append(line.reply)
                exchanges.append(Exchange(request=request, asked=line.asked, reply=line.reply))
            try:
                requests = talk.send(tuple(replies))
            except StopIteration as end:
                yield Walk(exchanges=tuple(exchanges), answer=end.value)
                break


def _line(sitting: Sitting, journal: Journal, where: str, words: str) -> Line:
    line = journal.line(where)
    sample = where.split("\n", 1)[0]
    if line is None:
        raise ReportError(
            f"{journal.path}: sample {sample!r} has no reply yet. `medeval run` as it was started goes on first."
        )
    if line.asked != words:
        raise DataError(
            f"{journal.path}: sample {sample!r} was asked in other words than {sitting.name} has now. "
            "Run the task again, or use the medeval that made the folder."
        )
    return line
