"""How long replies are beside those of a baseline."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from medeval import baselines, reports
from medeval.comparing.lengths import Written, lengths_of

WITHIN = 0.10
"""How far the mean length may be from the baseline's, as a share of it."""


def lengths_for(name: str, home: Path) -> dict[str, float]:
    """The mean lengths of an entry's replies, or of those that are pinned under a name."""
    folder = reports.entry_folder(name, home)
    if folder.is_dir() and any(reports.cells(folder)):
        return lengths_of(folder)
    pins = baselines.found(name, home).cells
    return {pin.cell: pin.length for pin in pins if pin.length is not None}


def off(ours: Written, lengths: Mapping[str, float]) -> Iterator[str]:
    """Tell how far a mean length is from the baseline's, if that is too far."""
    base = lengths[ours.cell]
    if ours.tokens is not None and abs(ours.tokens - base) > WITHIN * base:
        yield (
            f"{ours.tokens:.1f} tokens a reply, {100 * (ours.tokens / base - 1):+.1f} % of the baseline's {base:.1f}; "
            f"{100 * WITHIN:.0f} % are allowed."
        )
