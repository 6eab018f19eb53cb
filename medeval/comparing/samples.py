"""What every sample of a cell came to: read from samples.jsonl, and the texts of it only where they are wanted."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar, get_args

import msgspec
import numpy as np
import numpy.typing as npt

from medeval.errors import DataError, ReportError
from medeval.journal import fingerprint
from medeval.records import Record, Status

Floats = npt.NDArray[np.float64]
Whole = tuple[float | str | None, ...]
"""A mark that is no number by itself."""
STATUSES: tuple[Status, ...] = get_args(Status)


T = TypeVar("T")


class Samples(NamedTuple):
    """By sample, in the order of the file; one that was asked several times is worth the mean."""

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    """What samples share; empty where every one stands alone."""
    slices: tuple[Mapping[str, str], ...]
    statuses: tuple[Status, ...]
    """Of several takes the way of going that went least well."""
    asked: tuple[str, ...]
    """Hashes of the words that the model was asked first."""
    targets: tuple[str, ...]
    """Hashes of the right answers."""
    picked: tuple[tuple[str, ...], ...]
    marks: Mapping[str, Floats]
    """By metric; not a number where there is no mark."""
    takes: Mapping[str, Floats]
    """The same for every take (samples, takes), where all samples have as many."""
    wholes: Mapping[str, tuple[Whole | None, ...]]
    """What metrics that are no means are computed from, as samples.jsonl names it; of samples asked once."""
    written: Floats
    """Tokens of the model's replies."""
    cut: Floats
    """The share of its replies that were cut off."""

    @property
    def key(self) -> str:
        """A hash of names and clusters: the same where two cells are of the same samples in the same order."""
        said = "\n".join([*self.ids, "", *self.clusters]).encode("utf-8", "surrogatepass")
        return hashlib.sha256(said).hexdigest()[:32]


class _Reply(Record, frozen=True, kw_only=True):
    finish: str = "stop"
    completion_tokens: int = 0


class _Exchange(Record, frozen=True, kw_only=True):
    role: str = "model"
    prompt: str = ""
    messages: msgspec.Raw = msgspec.Raw(b"")
    prefill: str = ""
    reply: _Reply


class _Line(Record, frozen=True, kw_only=True):
    """As much of a line as is compared: no text of a reply, of which there may be gigabytes."""

    sample: str
    cluster: str = ""
    slices: Mapping[str, str] = {}
    status: Status
    target: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    scores: Mapping[str, float | None] = {}
    marks: Mapping[str, Whole] = {}
    exchanges: tuple[_Exchange, ...] = ()


class _Said(Record, frozen=True, kw_only=True):
    text: str = ""
    reason: str = ""


class _Spoken(Record, frozen=True, kw_only=True):
    role: str = "model"
    reply: _Said


class _Told(Record, frozen=True, kw_only=True):
    sample: str
    exchanges: tuple[_Spoken, ...] = ()


_lines, _told = msgspec.json.Decoder(_Line), msgspec.json.Decoder(_Told)


def read(path: Path) -> Samples:
    """Read the samples of a cell."""
    by: dict[str, list[_Line]] = {}
    for line in _decoded(path, _lines):
        by.setdefault(line.sample, []).append(line)
    every = [*by.values()]
    names = [*dict.fromkeys(name for lines in every for line in lines for name in line.scores)]
    firsts = [lines[0] for lines in every]
    # What has no cluster is one of its own.
    clusters = tuple([line.cluster or line.sample for line in firsts]) if any(line.cluster for line in firsts) else ()
    width = max([len(lines) for lines in every], default=0)
    takes = {
        name: np.array([[_number(line.scores.get(name)) for line in lines] for lines in every])
        for name in names
        if all(len(lines) == width for lines in every)
    }
    return Samples(
        ids=tuple(by), clusters=clusters, slices=tuple([line.slices for line in firsts]),
        statuses=tuple([max([line.status for line in lines], key=STATUSES.index) for lines in every]),
        asked=tuple(map(_asked, firsts)), targets=tuple([_hash("\n".join(line.target)) for line in firsts]),
        picked=tuple([line.picked for line in firsts]),
        marks={
            name: takes[name][:, 0] if width == 1
            else np.array([_mean([line.scores.get(name) for line in lines]) for lines in every])
            for name in names
        },
        takes=takes, wholes=_wholes(firsts) if width == 1 else {},
        written=np.array([sum(_written(line) for line in lines) / len(lines) for lines in every], dtype=float),
        cut=np.array([sum(map(_cut, lines)) / len(lines) for lines in every], dtype=float),
    )  # fmt: skip


def texts(path: Path, wanted: Collection[str]) -> dict[str, str]:
    """What the model said last to some samples, or why it said nothing."""
    found: dict[str, str] = {}
    for line in _decoded(path, _told) if wanted else ():
        if line.sample in wanted and line.sample not in found:
            said = [each.reply for each in line.exchanges if each.role == "model"]
            found[line.sample] = (said[-1].text or said[-1].reason) if said else ""
    return found


def _decoded(path: Path, decoder: "msgspec.json.Decoder[T]") -> Iterator[T]:
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    raise DataError(f"{path}: line {number}: {error}.") from error
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror}).") from error


def averages(takes: Floats) -> Floats:
    """The mean over takes (samples, takes), whatever their order; of equal takes exactly the take."""
    ordered = np.sort(takes, axis=1)
    means: Floats = np.where(ordered[:, 0] == ordered[:, -1], ordered[:, 0], ordered.sum(axis=1) / takes.shape[1])
    return means


def _number(mark: float | None) -> float:
    return np.nan if mark is None else mark


def _mean(marks: Sequence[float | None]) -> float:
    """The mean of the takes that were measured."""
    known = [mark for mark in marks if mark is not None]
    if len(known) > 1:
        return float(averages(np.array([known]))[0])
    return known[0] if known else np.nan


def _wholes(lines: Sequence[_Line]) -> dict[str, tuple[Whole | None, ...]]:
    keys = dict.fromkeys(key for line in lines for key in line.marks)
    return {key: tuple([line.marks.get(key) for line in lines]) for key in keys}


def _asked(line: _Line) -> str:
    # A judge's file holds what the judge was asked: other words for other answers.
    first = next((each for each in line.exchanges if each.role == "model"), _Exchange(reply=_Reply()))
    return _hash("\n".join([first.prompt, bytes(first.messages).decode("utf-8", "replace"), first.prefill]))


def _hash(text: str) -> str:
    return fingerprint(text.encode("utf-8", "surrogatepass"), size=8)


def _written(line: _Line) -> int:
    return sum(each.reply.completion_tokens for each in line.exchanges if each.role == "model")


def _cut(line: _Line) -> float:
    replies = [each.reply.finish for each in line.exchanges if each.role == "model"]
    return replies.count("length") / len(replies) if replies else 0.0
