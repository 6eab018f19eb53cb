"""The cases of a comparison that went another way: grouped by their part, with the difference of their texts."""

from collections.abc import Iterator
from itertools import groupby

from medeval.board.words import Words
from medeval.comparing import Compared
from medeval.comparing.flips import Edit, Flip
from medeval.comparing.telling import is_graded
from medeval.records import Better, Record, Status
from medeval.studies.transcripts import language_of

AROUND = 200
"""Characters of what stayed the same that are shown on either side of a change."""
SHORT = 280
"""Characters of a difference that stands on the page without being opened."""
LISTED = 24
"""Cases of a list that is shown without being opened."""


class Case(Record, frozen=True, kw_only=True):
    """One sample."""

    id: str
    base: str
    """What was answered; nothing, where only texts are."""
    new: str
    marks: str
    """Both, where they are grades."""
    pieces: tuple[tuple[Edit | str, str], ...]
    """Of the text: the same, gone, came, or left out and then how many characters."""
    lang: str = ""
    is_short: bool = False


class Group(Record, frozen=True, kw_only=True):
    """Cases of one part that went the same way."""

    way: str
    """lost or gained; lower or higher, where nobody knows which is better."""
    part: str
    count: str
    told: tuple[Case, ...]
    """With texts."""
    bare: tuple[Case, ...]
    is_long: bool


class Cases(Record, frozen=True, kw_only=True):
    """All of one task."""

    task: str
    anchor: str
    counts: tuple[tuple[str, str], ...]
    """Of each way, how many."""
    groups: tuple[Group, ...]


def cases(cell: Compared, task: str, anchor: str, words: Words) -> Cases:
    """Lay out the cases of a task, what was lost first."""
    better: Better = next((each.better for each in cell.rows if each.metric == cell.headline), "higher")
    graded = is_graded(cell)
    ways = [_way(flip, better) for flip in cell.flips]
    return Cases(
        task=task, anchor=anchor,
        counts=tuple([(way, f"{ways.count(way):,}") for way in dict.fromkeys(ways)]),
        groups=tuple([
            _group(way, part, [_case(flip, words, graded=graded) for flip in there])
            for (way, part), there in groupby(cell.flips, key=lambda flip: (_way(flip, better), flip.part))
        ]),
    )  # fmt: skip


def _way(flip: Flip, better: Better) -> str:
    if not better:
        return "lower" if flip.is_lost else "higher"
    return "lost" if flip.is_lost else "gained"


def _group(way: str, part: str, there: list[Case]) -> Group:
    told, bare = [each for each in there if each.pieces], [each for each in there if not each.pieces]
    return Group(
        way=way, part=part, count=f"{len(there):,}", told=tuple(told), bare=tuple(bare), is_long=len(bare) > LISTED
    )


def _case(flip: Flip, words: Words, *, graded: bool) -> Case:
    pieces, text = tuple(_pieces(flip)), "".join([text for _, text in flip.edits])
    return Case(
        id=flip.sample, base=_answer(flip.base_picked, flip.base_status, words),
        new=_answer(flip.new_picked, flip.new_status, words),
        marks=f"{flip.base:.3g} → {flip.new:.3g}" if graded else "", pieces=pieces,
        lang=language_of(text), is_short=sum(len(text) for _, text in pieces) <= SHORT,
    )  # fmt: skip


def _answer(picked: tuple[str, ...], status: str, words: Words) -> str:
    """What was read; and how it went, where that is all there is or was not as it should be."""
    said = ("" if all(len(each) == 1 for each in picked) else ", ").join(picked)
    scored: Status = "scored"
    if status == scored:
        return said
    return f"{said} ({words.said(f'way_{status}')})" if said else words.said(f"way_{status}")


def _pieces(flip: Flip) -> Iterator[tuple[Edit | str, str]]:
    """The difference of texts; of what stayed the same for long only what stands around a change."""
    last = len(flip.edits) - 1
    for place, (kind, text) in enumerate(flip.edits):
        before, after = AROUND if place else 0, AROUND if place < last else 0
        if kind != "same" or len(text) <= before + after + AROUND or not last:
            yield kind, text
            continue
        if before:
            yield kind, text[:before]
        yield "left", f"{len(text) - before - after:,}"
        if after:
            yield kind, text[len(text) - after :]
