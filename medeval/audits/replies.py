"""A journal, read without a change to it: every line whole, and what was replied at every place."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval.audits.folders import lines
from medeval.audits.samples import Tally
from medeval.errors import JournalError
from medeval.journal import Journal, unframe
from medeval.journal.lines import asked_again
from medeval.records import Result
from medeval.runner import of_judge


class Scan(NamedTuple):
    """What stands in a journal."""

    places: Mapping[str, str]
    """The role at every place."""
    doubled: Sequence[str]
    """Replies to what was answered for good before: no run asks for them, and who does may choose."""


def scanned(path: Path) -> Scan:
    """Read every line; the first that is not whole is told."""
    if not path.is_file():
        raise JournalError(f"{path.name} is not there.")
    places: dict[str, str] = {}
    settled: dict[str, str] = {}
    doubled: list[str] = []
    for number, framed in enumerate(lines(path), 1):
        if not framed.endswith(b"\n"):
            raise JournalError(f"{path.name}: line {number} has no end: a run was killed, or is going on.")
        try:
            line = unframe(framed)
        except RecursionError:
            line = None
        if line is None:
            raise JournalError(f"{path.name}: line {number} is damaged: its checksum or its form is not right.")
        where = line.place
        if settled.get(where) == line.key:
            doubled.append(f"line {number} answers sample {line.sample!r} again, which was answered for good before.")
        places[where] = line.role
        settled[where] = "" if asked_again(line.reply) else line.key
    return Scan(places, doubled)


def counted(result: Result, journal: Journal) -> Iterator[str]:
    """Hold a result against the journal that it says it is of."""
    if (count := journal.count()) != result.journal_records:
        yield f"holds {count:,} replies, and {result.journal_records:,} stand in result.json."
    if (mark := journal.fingerprint()) != result.journal:
        yield f"its fingerprint is {mark[:12]}…, and {result.journal[:12]}… stands in result.json."


def unused(places: Mapping[str, str], tally: Tally, role: str = "") -> Iterator[str]:
    """Tell of replies that no sample rests on: those of one judge, or of everybody else."""
    ours = [where for where, whose in places.items() if (whose == role if role else not of_judge(whose))]
    left = [where for where in ours if where not in tally.places]
    if left:
        sample, *_, whose, _ = left[0].rsplit("\n", 4)
        yield f"{len(left):,} replies belong to no sample of samples.jsonl, first one of {whose} to {sample!r}."
