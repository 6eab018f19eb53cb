"""What is declared of an entry: where it comes from, and what it is.

reports/<entry>/entry.json is said by people, and changes no number: it stands beside the cells, not in them.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import msgspec

from medeval import reports
from medeval.errors import DataError, ReportError, RequestError, raise_all
from medeval.records import Record
from medeval.sources.alone import alone

CARD = "entry.json"
LONGEST = 300
"""Characters of one text."""
Stage = Literal["", "base", "pretraining", "instruction", "alignment", "merge", "quantisation", "other"]
"""What was done to the parent; empty: nobody said."""
STAGES: tuple[str, ...] = tuple(filter(None, get_args(Stage)))

_TAG = re.compile(r"[a-z0-9][a-z0-9._-]{0,23}")
ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./%~+@=&?#:,;!$()*-]*)?", re.ASCII)
# Ends of lines, control characters, halves of characters, and marks that turn the direction of writing.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Years of this century only: other numbers of eight digits count steps or tokens.
_NIGHT = re.compile(r"(.*[^-_.@ ])[-_.@ ]+(20[0-9]{2}-[0-9]{2}-[0-9]{2}|20[0-9]{6})")


class Card(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is declared of an entry."""

    schema_version: Literal[1] = 1
    parent: str = ""
    """The label of the entry that it was made from."""
    stage: Stage = ""
    tags: tuple[str, ...] = ()
    """Small words to choose by: open, medical, 8b, zh."""
    about: str = ""
    """One sentence."""
    url: str = ""
    licence: str = ""
    private: bool = False
    """Never to be published."""


class Declaration(Record, frozen=True, kw_only=True):
    """What is said of an entry now; what is None stays as it was, and what is empty is taken back."""

    parent: str | None = None
    stage: str | None = None
    tags: tuple[str, ...] | None = None
    about: str | None = None
    url: str | None = None
    licence: str | None = None
    private: bool | None = None


NOTHING = Declaration()


class Lineage(Record, frozen=True, kw_only=True):
    """Which entry was made from which."""

    chains: tuple[tuple[str, ...], ...]
    """From a root to a leaf each."""
    faults: tuple[str, ...]


def card_of(folder: Path) -> Card:
    """Read what is declared of the entry in a folder; nothing, if nobody declared anything."""
    path = folder / CARD
    card = reports.read(path, Card)
    if card is None:
        return Card()
    if faults := [f"{path}: {name}: {fault}" for name, fault in _faults(card)]:
        raise DataError(*faults)
    return card


def wrong(said: Declaration) -> Iterator[RequestError]:
    """Find words that cannot be declared of any entry."""
    for name, fault in _faults(said):
        yield RequestError(f"--{name}: {fault}")


def check(folder: Path, said: Declaration) -> None:
    """Refuse what cannot be declared of the entry in a folder, which need not be there yet."""
    if said == NOTHING:
        return
    faults = [*wrong(said)]
    # Two names that share a folder are one entry.
    if said.parent and reports.slug(said.parent) == folder.resolve().name:
        faults.append(RequestError(f"--parent: {said.parent!r} is the entry itself. Name what it was made from."))
    raise_all(faults)
    card_of(folder)


def declare(folder: Path, said: Declaration) -> Card:
    """Add to what is declared of the entry in a folder: only what is said now changes."""
    check(folder, said)
    with _held(folder):
        old = card_of(folder)
        new = msgspec.convert({**msgspec.to_builtins(old), **_told(said)}, Card)
        if new != old:
            reports.publish(folder / CARD, new)
    return new


def parents(cards: Mapping[str, Card]) -> dict[str, str]:
    """Tell the parent of every entry by its label here, also where it was called by the name of its model."""
    folders = {reports.slug(label): label for label in cards}
    named = {label: card.parent for label, card in cards.items() if card.parent}
    return {
        label: parent if parent in cards else folders.get(reports.slug(parent), parent)
        for label, parent in named.items()
    }  # fmt: skip


def generations(cards: Mapping[str, Card]) -> Lineage:
    """Follow every entry back to what it came from; a parent without results is a root like others."""
    above = parents(cards)
    faults = []
    for circle in _circles(above):
        faults.append(
            f"A circle of parents: {', '.join([f'{label} from {above[label]}' for label in circle])}. "
            "Each counts as a root until `medeval declare` mends one."
        )
        for label in circle:
            del above[label]
    leaves = {*cards} - {*above.values()}
    return Lineage(chains=tuple(sorted(_chain(leaf, above) for leaf in leaves)), faults=tuple(faults))


def night_of(label: str) -> tuple[str, date] | None:
    """Part a label that ends in a date into the name of a series and the night."""
    found = _NIGHT.fullmatch(label)
    if found is None:
        return None
    try:
        return found[1], date.fromisoformat(found[2])
    except ValueError:
        return None


def _faults(said: Card | Declaration) -> Iterator[tuple[str, str]]:
    """Name every field that says what cannot be, and why."""
    for name in ("parent", "about", "url", "licence"):
        text = getattr(said, name) or ""
        if len(text) > LONGEST or text != text.strip() or _UNFIT.search(text):
            yield name, f"{text[:LONGEST]!r} is not one line of at most {LONGEST} characters, without spaces around it."
    if said.stage and said.stage not in STAGES:
        yield "stage", f"{said.stage!r} is no stage. Say one of {', '.join(STAGES)}."
    for tag in said.tags or ():
        if not _TAG.fullmatch(tag):
            yield "tags", f"{tag!r} is no tag. Take up to 24 of a-z, 0-9, dot, hyphen and underscore, such as 8b."
    if said.url and not ADDRESS.fullmatch(said.url):
        yield "url", f"{said.url!r} is no address of the web. Say https://HOST/PATH."


def _told(said: Declaration) -> dict[str, object]:
    """What was said, by field; a tag that was said twice is one."""
    told = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not None}
    return {**told, "tags": tuple(dict.fromkeys(said.tags))} if said.tags is not None else told


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Let one command at a time change a card: runs of one entry may begin together."""
    with ExitStack() as held:
        try:
            held.enter_context(alone(folder))
        except OSError as error:
            raise ReportError(f"{folder}: cannot be opened ({error.strerror}).") from error
        yield


def _circles(above: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Find entries that come from themselves; nobody has two parents, so no entry is in two circles."""
    circles, seen = [], set[str]()
    for start in sorted(above):
        way: list[str] = []
        here = start
        while here in above and here not in seen:
            seen.add(here)
            way.append(here)
            here = above[here]
        if here in way:
            circles.append(tuple(way[way.index(here) :]))
    return circles


def _chain(leaf: str, above: Mapping[str, str]) -> tuple[str, ...]:
    chain = [leaf]
    while chain[-1] in above:
        chain.append(above[chain[-1]])
    return tuple(reversed(chain))
