"""Words of a reference that stand, in order, in any line of a prediction: what ROUGE-Lsum counts.

A line has several longest common subsequences with another, and the union depends on which is taken. This takes those
that rouge-score 0.1.2 takes, for all lines of the prediction at once: they stand side by side in one long integer, and
a row of the table of lengths is a few operations on it (H. Hyyrö, AWOCA 2004).
"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from medeval.metrics.text.tokens import Lines


class _Strip(NamedTuple):
    """The lines of a prediction side by side: before each a bit of its own, then one bit a word."""

    places: dict[str, int]
    """The bits of every word."""
    words: int
    gaps: int
    """The bits before the lines, and one after the last."""
    ends: int
    """The last word of every line."""


def union_hits(reference: Lines, prediction: Lines) -> int:
    """Count the words of the union, each no more often than the prediction has it."""
    strip = _strip_of(prediction)
    found = Counter(chain.from_iterable([_union(line, strip) for line in reference]))
    said = Counter(chain.from_iterable(prediction))
    return sum([min(times, said[word]) for word, times in found.items()])


def _strip_of(lines: Lines) -> _Strip:
    places: dict[str, int] = {}
    gaps = ends = 0
    bit = 1
    for line in filter(None, lines):
        gaps |= bit
        for word in line:
            bit <<= 1
            places[word] = places.get(word, 0) | bit
        ends |= bit
        bit <<= 1
    gaps |= bit
    return _Strip(places, (2 * bit - 1) ^ gaps, gaps, ends)


def _union(line: tuple[str, ...], strip: _Strip) -> Iterator[str]:
    """Go back through the table of every line of the prediction, and tell the words that are met in any of them.

    rouge-score goes back from the last words of both: on equal words to the words before both, else back in the
    reference if the length stays the same without its word, else back in the prediction. Where the length would not
    stay the same, that way ends at the nearest equal word; so there is one step a word of the reference.
    """
    at = strip.ends
    for word, equal, gained in reversed(_rows(line, strip)):
        met = at & (equal | gained)
        if not met:
            continue
        yield word
        at ^= met
        while met:
            here = met & -met
            met ^= here
            at |= 1 << ((equal & (2 * here - 1)).bit_length() - 2)


def _rows(line: tuple[str, ...], strip: _Strip) -> list[tuple[str, int, int]]:
    """Words of the reference, the bits where the prediction has them, and those where the length grows by them."""
    # A bit is set where the length is that of one word less of the prediction.
    level, rows = strip.words, []
    for word in line:
        equal = strip.places.get(word, 0)
        if not equal:
            continue
        carried = level + (level & equal)
        following = (carried | (level & ~equal)) & strip.words
        # What begins to be longer at one bit is so up to another, or to the end of its line.
        begins, ends = level & ~following, (following & ~level) | (carried & strip.gaps)
        rows.append((word, equal, ends - begins))
        level = following
    return rows
