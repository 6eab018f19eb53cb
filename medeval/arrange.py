"""How options are named and dealt out, and how a part of the samples is drawn: by seed, and the same everywhere."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from string import ascii_uppercase
from typing import TypeVar

from msgspec.structs import replace

from medeval.records import ChoiceSample, Option, Sample

S = TypeVar("S", bound=Sample)

# "All of the above", "None", "All are correct", 以上都是: a place in the list is part of what they say.
_ANCHORED = re.compile(
    r"\b(?:all|none|any|some|both|either|neither)\b.{0,12}\b(?:above|these|those|them|options|choices|following)\b"
    r"|^\W*(?:all|none|both)(?: (?:are|is))?(?: (?:true|false|correct|wrong|right))?\W*$|^(?:以上|上述)",
    re.IGNORECASE,
)
# "Both A and B", "a, c", "A和B", "Both BC", "Both 1 and 2", "b,c true a,d false", "Only A", "a is false and b true".
_NAMES_OTHERS = re.compile(
    r"^\W*(?:both |only |neither )?(?:options? )?\W?[a-h1-8]\W?"
    r"(?:\s*[,&+/、和与及]\s*|\s(?:and|or|nor)\s)\W?[a-h1-8](?![a-z0-9])"
    r"(?!\s*(?:%|mg|g|ml|cm|mm))"
    r"|^\W*both [a-h]{2}\b|^\W*only [a-h]\W*$|^\W*[a-h] only\W*$|^\W*[a-h] is (?:true|false|correct|wrong)\b",
    re.IGNORECASE,
)


def lettered(texts: Iterable[str]) -> tuple[Option, ...]:
    """Name options A, B, C, ..."""
    texts = tuple(texts)
    options = tuple([Option(label=label, text=text) for label, text in zip(ascii_uppercase, texts, strict=False)])
    if len(options) < len(texts):
        raise ValueError(f"{len(texts)} options, and the alphabet has {len(options)} letters")
    return options


def words(*labels: str) -> tuple[Option, ...]:
    """Options that are their own names, such as yes and no."""
    return tuple([Option(label=label, text=label, anchored=True) for label in labels])


def shuffled(sample: ChoiceSample, seed: str) -> ChoiceSample:
    """Deal the texts of the free options out among their labels, the same way for the same seed."""
    free = _free(sample)
    return _dealt(sample, free, sorted(free, key=lambda option: _draw(seed, sample.id, option.label)))


def rotated(sample: ChoiceSample) -> tuple[ChoiceSample, ...]:
    """Every turn of the free options around their labels, the first as given."""
    free = _free(sample)
    return tuple([_dealt(sample, free, free[by:] + free[:by]) for by in range(max(1, len(free)))])


def _free(sample: ChoiceSample) -> list[Option]:
    # "Both A and B" names its neighbours: then none of them can move.
    if any(_NAMES_OTHERS.search(option.text) for option in sample.options):
        return []
    return [option for option in sample.options if not (option.anchored or _ANCHORED.search(option.text))]


def _dealt(sample: ChoiceSample, free: Sequence[Option], dealt: Sequence[Option]) -> ChoiceSample:
    """Put the dealt texts in the places of the free ones; each keeps the label it came from."""
    moved = {to.label: option for to, option in zip(free, dealt, strict=True)}
    came_from = {label: option.label for label, option in moved.items()}
    return replace(
        sample,
        options=tuple([
            replace(moved.get(old.label, old), label=old.label, origin=came_from.get(old.label, old.label))
            for old in sample.options
        ]),
        target=tuple([label for label in sample.labels if came_from.get(label, label) in sample.target]),
    )  # fmt: skip


def limited(samples: Sequence[S], limit: int, seed: int) -> tuple[S, ...]:
    """Draw a part of the samples by seed, every combination of slices in its proportion."""
    if limit >= len(samples):
        return tuple(samples)
    strata: dict[tuple[tuple[str, str], ...], list[S]] = {}
    for sample in samples:
        strata.setdefault(tuple(sorted(sample.slices.items())), []).append(sample)
    shares = {key: limit * len(members) / len(samples) for key, members in strata.items()}
    takes = {key: int(share) for key, share in shares.items()}
    # Largest remainder: the last few places go to the strata that rounding hurt most.
    by_loss = sorted(shares, key=lambda key: (takes[key] - shares[key], _draw(str(seed), str(key))))
    for key in by_loss[: limit - sum(takes.values())]:
        takes[key] += 1
    drawn = {
        member.id
        for key, members in strata.items()
        for member in sorted(members, key=lambda member: _draw(str(seed), member.id))[: takes[key]]
    }
    return tuple([sample for sample in samples if sample.id in drawn])


def drawn(samples: Sequence[S], seed: str) -> tuple[S, ...]:
    """Put samples in an order that is drawn by seed, whatever order they came in."""
    return tuple(sorted(samples, key=lambda sample: _draw(seed, sample.id)))


def _draw(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
