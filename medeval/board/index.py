"""The pages of groups: who is ahead, how sure that is, on what."""

from collections.abc import Mapping

from msgspec.structs import replace

from medeval.board import figures, plots, tables
from medeval.board.assembled import Board, Part
from medeval.board.tables import SHAPES, Row, Table
from medeval.board.words import Words
from medeval.records import Record

NAMED = 4
"""Entries that one sentence names."""
OVERLAP = ("rouge", "bleu", "gleu", "chrf", "meteor", "token_f1")
"""How metrics that count shared words are called."""


class Tab(Record, frozen=True, kw_only=True):
    """A way to a group's page."""

    title: str
    href: str
    here: bool


class Index(Record, frozen=True, kw_only=True):
    """One group."""

    title: str
    lead: str
    """The first sentence, written from the data."""
    facts: tuple[tuple[str, str], ...]
    """A number, and of what; the number may be empty."""
    tabs: tuple[Tab, ...]
    table: Table
    plot: plots.Forest | None
    left: int
    """Columns of the group that stand on the page of all results only."""
    signatures: tuple[tuple[str, str], ...]
    is_sample: bool
    is_overlap: bool
    """Whether all that it tells is how many words answers share with references."""


def file_of(part: Part, board: Board) -> str:
    """Where a group's page is; the first one is what the board opens with."""
    return "index.html" if part is board.parts[0] else f"{part.group.key}.html"


def index(board: Board, part: Part, words: Words, root: str) -> Index:
    """Lay out the page of a group."""
    order = rows(board, part, words, root)
    made = tables.table(board, part.shown, words, root, order)
    is_sample = all(column.is_sample for column in part.shown)
    if is_sample:
        # One word at the top says it for all of them.
        said = words.said("flag_sample")
        heads = [replace(head, flags=tuple([flag for flag in head.flags if flag != said])) for head in made.heads]
        made = replace(made, heads=tuple(heads))
    samples = sum(column.n for column in part.shown)
    facts = [
        (f"{len(made.rows)}", words.said("fact_entries")),
        (f"{len(part.shown)}", words.said("fact_columns")),
        (f"{samples:,}", words.said("fact_samples")),
    ]
    return Index(
        title=title(part, words), lead=lead(board, part, words), facts=tuple(facts),
        tabs=tuple([
            Tab(title=title(each, words), href=f"{root}{file_of(each, board)}", here=each is part)
            for each in board.parts
        ]),
        table=made, plot=plots.forest(part, made), left=len(part.columns) - len(part.shown),
        signatures=tuple([(column.title, column.protocol) for column in part.shown]),
        is_sample=is_sample,
        is_overlap=all(column.metric.startswith(OVERLAP) for column in part.shown),
    )  # fmt: skip


def title(part: Part, words: Words) -> str:
    """The group's name."""
    return part.group.zh if words.tongue == "zh" else part.group.title


def rows(board: Board, part: Part, words: Words, root: str) -> Mapping[str, Row]:
    """The ranked entries, in order, as rows that lack their numbers."""
    standings = part.standings.rows
    made, before, full = {}, -1, figures.Scale(low=0, high=len(standings))
    for place, each in enumerate(standings):
        made[each.slug] = replace(
            tables.plain(board.entries[each.slug], words, root),
            tier=each.tier + 1, shape=SHAPES[each.tier % len(SHAPES)] * (1 + each.tier // len(SHAPES)),
            rank=figures.ranks(each.low, each.high), place=str(place),
            bar=full.spot(None, each.low - 1, each.high, None), starts=each.tier != before,
        )  # fmt: skip
        before = each.tier
    return made


def lead(board: Board, part: Part, words: Words) -> str:
    """Say who is ahead, and how sure that is."""
    standings, group = part.standings, title(part, words)
    names, count = [board.entries[slug].name for slug in standings.top], len(standings.rows)
    if not count:
        return words("lead_none", group=group)
    if not names:
        return words("lead_circle", group=group)
    if len(names) == count > NAMED:
        return words("lead_nobody", group=group, count=count)
    if len(names) > NAMED:
        return words("lead_many", group=group, names=words.listed(names[: NAMED - 1]), count=len(names), all=count)
    key = "lead_alone" if count == 1 else "lead_ahead" if len(names) == 1 else "lead_tied"
    return words(key, group=group, names=words.listed(names))
