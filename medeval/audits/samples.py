"""samples.jsonl, gone through line by line: what every sample is worth, and whether its replies are the journal's."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, TypeVar

from medeval.audits.folders import lines
from medeval.errors import DataError, ReportError
from medeval.journal import Journal, asked, fingerprint, place
from medeval.records import Decoding, Reply, Request, Response, Status
from medeval.reports import from_json
from medeval.scoring import Scored
from medeval.scoring.shown import Exchanged

S = TypeVar("S", bound=Scored)
CLIP = 60
"""Characters of a reply that are told."""


class Part(NamedTuple):
    """What is known of a sample: who shares its cluster, and the parts it belongs to."""

    cluster: str
    slices: Mapping[str, str]


class Tally:
    """What a samples.jsonl comes to."""

    def __init__(self) -> None:
        self.samples: dict[str, Part] = {}
        self.takes: set[tuple[str, int, int]] = set()
        self.statuses: Counter[Status] = Counter()
        self.scores: dict[str, dict[str, list[float]]] = defaultdict(dict)
        """By metric and sample: the marks of its takes that were measured."""
        self.places: set[str] = set()
        """Of the replies that its lines hold."""
        self.masses: list[float] = []
        self.faults: list[str] = []
        self._words: list[str] = []

    @property
    def prompt(self) -> str:
        """The fingerprint of what was asked."""
        return fingerprint("".join(self._words).encode())

    @property
    def mass(self) -> float | None:
        """The mean probability of the choices together; none where none was asked for."""
        return math.fsum(self.masses) / len(self.masses) if self.masses else None

    def add(self, line: Scored, journal: Journal) -> None:
        """Count a line in."""
        take = (line.sample, line.variant, line.repeat)
        if take in self.takes:
            self.faults.append(f"sample {line.sample!r} (variant {line.variant}, repeat {line.repeat}) stands twice.")
        self.takes.add(take)
        self.samples.setdefault(line.sample, Part(line.cluster, line.slices))
        self.statuses[line.status] += 1
        for name, score in line.scores.items():
            known = self.scores[name].setdefault(line.sample, [])
            known += [] if score is None else [score]
        words = [*self._heard(line, journal)]
        if words and not line.repeat:
            beside = takewhile(lambda each: each[0].role.startswith("model:"), words[1:])
            self._words += [words[0][1], *[said for _, said in beside]]
        if line.exchanges and not math.isnan(found := _mass(line.exchanges[0].reply)):
            self.masses.append(found)

    def _heard(self, line: Scored, journal: Journal) -> Iterator[tuple[Exchanged, str]]:
        """Look every reply up in the journal, and give what was asked as a hash."""
        slots: Counter[str] = Counter()
        for each in line.exchanges:
            where = place(line.sample, line.variant, line.repeat, each.role, slots[each.role])
            slots[each.role] += 1
            self.places.add(where)
            held = journal.line(where)
            if held is None:
                self.faults.append(f"sample {line.sample!r}: a reply of {each.role} to it is not in the journal.")
                continue
            if held.reply != each.reply:
                self.faults.append(
                    f"sample {line.sample!r}: {each.role} replied {_clipped(each.reply)}, and in the journal "
                    f"{_clipped(held.reply)}."
                )
            if _told(each) not in ("", held.asked):
                self.faults.append(f"sample {line.sample!r}: {each.role} was asked in other words than stand here.")
            yield each, held.asked


def tallied(path: Path, kind: type[S], journal: Journal, more: Callable[[S], Iterable[str]] | None = None) -> Tally:
    """Go through a file of samples; `more`: what else can be wrong with a line."""
    if not path.is_file():
        raise ReportError(f"{path.name} is not there.")
    tally = Tally()
    for number, data in enumerate(lines(path), 1):
        if not data.endswith(b"\n"):
            raise DataError(f"{path.name}: line {number} has no end.")
        line = from_json(data, kind, f"{path.name}: line {number}")
        tally.add(line, journal)
        tally.faults += more(line) if more else ()
    return tally


def _told(each: Exchanged) -> str:
    """Hash the words that stand here; where choices were asked for, which do not, nothing can be said."""
    if not isinstance(each.reply, Response) or each.reply.logprobs:
        return ""
    return asked(Request(text=each.prompt, messages=each.messages, prefill=each.prefill, decoding=Decoding()))


def _mass(reply: Reply) -> float:
    if not isinstance(reply, Response) or not reply.logprobs:
        return math.nan
    return math.fsum([math.exp(value) for number, value in enumerate(reply.logprobs) if number not in reply.below])


def _clipped(reply: Reply) -> str:
    said = (reply.text or str(reply.logprobs)) if isinstance(reply, Response) else f"{reply.failure} ({reply.reason})"
    return repr(said if len(said) <= CLIP else said[:CLIP] + "…")
