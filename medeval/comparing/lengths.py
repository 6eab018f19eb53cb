"""How long replies are, and how they end, as the journal has them."""

from contextlib import closing
from pathlib import Path

from medeval import reports
from medeval.journal import Journal
from medeval.prompts.asking import CHOSEN
from medeval.records import Record, Response
from medeval.runner import of_model


class Written(Record, frozen=True, kw_only=True):
    """What a model wrote in a cell."""

    cell: str
    replies: int
    tokens: float | None
    """On average, as the engine counted them; none where it counted nothing."""
    cut: int
    """Replies that ended because they had become too long."""
    empty: int


def written(cell: Path) -> Written | None:
    """Read how long the replies of a cell are; none where nothing is written in it."""
    manifest = reports.read(cell / reports.MANIFEST, reports.Manifest)
    if manifest is None or manifest.setting.style in CHOSEN or not (cell / reports.JOURNAL).is_file():
        return None
    replies = tokens = cut = empty = 0
    with closing(Journal(cell / reports.JOURNAL, writable=False)) as journal:
        for line in journal.lines():
            if of_model(line.role) and isinstance(line.reply, Response) and not line.reply.logprobs:
                replies += 1
                tokens += line.reply.completion_tokens
                cut += line.reply.finish == "length"
                empty += not line.reply.text.strip()
    mean = tokens / replies if tokens else None
    return Written(cell=cell.name, replies=replies, tokens=mean, cut=cut, empty=empty)


def lengths_of(folder: Path) -> dict[str, float]:
    """The mean length of the replies in every cell of an entry, by the cell's name: a baseline for others."""
    found = [written(cell) for cell in reports.cells(folder)]
    return {each.cell: each.tokens for each in found if each is not None and each.tokens is not None}
