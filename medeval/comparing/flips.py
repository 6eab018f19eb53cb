"""The cases that two sides fared differently on, and what was said to them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal

import numpy as np
from msgspec.structs import replace

from medeval.comparing.differences import Difference, Pair
from medeval.comparing.samples import texts
from medeval.comparing.sides import Side
from medeval.records import Record
from medeval.reports import JUDGED, SAMPLES

Edit = Literal["same", "gone", "came"]
MOST = 1_500
"""Words of a text that are held against those of the other: a long way of thinking is compared by its end."""
LOOPS = 50_000
"""Pairs of equal words: prose of 1,500 words has a third of it."""
_WORD = re.compile(r"\s*[a-z0-9'-]+|\s*[^\sa-z0-9]|\s+$", re.IGNORECASE)


class Flip(Record, frozen=True, kw_only=True):
    """A sample that one side has right and the other has not, or marks higher than the other."""

    sample: str
    part: str
    """What it stands under: the slice in which most was lost, as name=value."""
    base: float
    new: float
    base_status: str
    new_status: str
    base_picked: tuple[str, ...]
    new_picked: tuple[str, ...]
    is_lost: bool
    """Whether new has the worse mark."""
    edits: tuple[tuple[Edit, str], ...] = ()
    """How one text becomes the other; nothing, where nothing was written."""


class Moved(Record, frozen=True, kw_only=True):
    """How many samples went one way before, and another now."""

    base: str
    new: str
    count: int


def moved(pair: Pair) -> tuple[Moved, ...]:
    """Count the samples that went another way: often the whole story."""
    one, two = pair.base.samples.statuses, pair.new.samples.statuses
    ways = Counter((one[first], two[second]) for first, second in zip(*pair.places, strict=True))
    return tuple([
        Moved(base=was, new=now, count=count) for (was, now), count in sorted(ways.items(), key=lambda way: -way[1])
        if was != now
    ])  # fmt: skip


def flips(pair: Pair, metric: str, parts: Sequence[Difference], *, most: int) -> tuple[Flip, ...]:
    """Every sample whose mark differs, what was lost before what was gained, by the slice in which most was lost.

    `most`: cases of each kind that texts are held against each other for.
    """
    base, new = pair.base.samples.marks.get(metric), pair.new.samples.marks.get(metric)
    if base is None or new is None:
        return ()
    differ = [
        (one, two) for one, two in zip(*pair.places, strict=True)
        if np.isfinite(base[one]) and np.isfinite(new[two]) and base[one] != new[two]
    ]  # fmt: skip
    name = _telling(parts)
    estimate = pair.new.estimate(metric)
    worse = -1 if estimate is not None and estimate.better == "lower" else 1
    found = [_flip(pair, (one, two), (float(base[one]), float(new[two])), name, worse) for one, two in differ]
    lost, gained = [each for each in found if each.is_lost], [each for each in found if not each.is_lost]
    heavy = Counter(each.part for each in lost)
    # Where marks are right or wrong, this leaves them in their order.
    lost.sort(key=lambda each: (-heavy[each.part], each.part, -abs(each.new - each.base)))
    gained.sort(key=lambda each: (each.part, -abs(each.new - each.base)))
    wanted = {each.sample for each in (*lost[:most], *gained[:most])}
    said = [_texts(side, wanted) for side in (pair.base, pair.new)]
    return tuple([_with_texts(each, said) if each.sample in wanted else each for each in (*lost, *gained)])


def edits(base: str, new: str) -> tuple[tuple[Edit, str], ...]:
    """How one text becomes another, word by word; a Chinese character is a word."""
    one, two = _words(base), _words(new)
    found: list[tuple[Edit, str]] = []
    # A text that says one thing over and over takes minutes, unless words that are everywhere are left out.
    counts = Counter(one)
    loops = sum(counts[word] for word in two) > LOOPS
    for what, first, last, begin, end in SequenceMatcher(None, one, two, autojunk=loops).get_opcodes():
        if what == "equal":
            found.append(("same", "".join(one[first:last])))
            continue
        if last > first:
            found.append(("gone", "".join(one[first:last])))
        if end > begin:
            found.append(("came", "".join(two[begin:end])))
    return tuple(found)


def _telling(parts: Sequence[Difference]) -> str:
    """The slices under which cases are told: those among which one has surely lost most."""
    lost = [part for part in parts if part.difference and (part.difference < 0) == (part.better != "lower")]
    worst = min(lost or parts, key=lambda part: (part.p, part.slice), default=None)
    return worst.slice.partition("=")[0] if worst else ""


def _flip(pair: Pair, places: tuple[int, int], marks: tuple[float, float], name: str, worse: int) -> Flip:
    (one, two), base, new = places, pair.base.samples, pair.new.samples
    value = new.slices[two].get(name, "")
    return Flip(
        sample=new.ids[two], part=f"{name}={value}" if value else "", base=marks[0], new=marks[1],
        is_lost=worse * (marks[1] - marks[0]) < 0, base_status=base.statuses[one], new_status=new.statuses[two],
        base_picked=base.picked[one], new_picked=new.picked[two],
    )  # fmt: skip


def _texts(side: Side, wanted: set[str]) -> Mapping[str, str]:
    if side.path is None:
        return {}
    # What a model said stands in the cell, beside which a judge's folder lies.
    home = side.path.parents[1] if side.path.parent.name == JUDGED else side.path
    return texts(home / SAMPLES, wanted)


def _with_texts(flip: Flip, said: Sequence[Mapping[str, str]]) -> Flip:
    one, two = [each.get(flip.sample, "") for each in said]
    # An empty text beside one is a difference too.
    return replace(flip, edits=edits(one, two)) if one or two else flip


def _words(text: str) -> list[str]:
    words = _WORD.findall(text)
    return words if len(words) <= MOST else ["…", *words[-MOST:]]
