"""What came back from raters, and what is said of it, in rows of texts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from medeval.errors import RequestError
from medeval.raters.admissions import BAR, Admissions, measured
from medeval.raters.agreeing import Agreed, Told, agreement, results
from medeval.raters.conversations import blacked
from medeval.raters.drawing import Drawn
from medeval.raters.pages import key_place
from medeval.raters.ratings import Rated, kept
from medeval.records import Record

Row = tuple[str, ...]
NONE = "–"


class Share(Record, frozen=True, kw_only=True):
    """How much of a page one rater rated."""

    rater: str
    rated: int
    begun: int


class Summary(Record, frozen=True, kw_only=True):
    """What came back of one page."""

    page: str
    entries: tuple[str, ...]
    cells: tuple[str, ...]
    items: int
    raters: tuple[Share, ...]
    agreement: tuple[Agreed, ...]
    results: tuple[Told, ...]


class Summaries(Record, frozen=True, kw_only=True):
    """What came back of pages, and which judges may stand for raters."""

    pages: tuple[Summary, ...]
    judges: Admissions


class Block(NamedTuple):
    """A table under its title; `right`: the columns that are numbers."""

    title: str
    rows: list[Row]
    right: range


def told(reports: Path, bar: float = BAR, page: str = "", *, by_parts: bool = True) -> Summaries:
    """Sum up one page or all, and which judges are admitted by all of them."""
    pages = list(kept(reports))
    if not pages:
        raise RequestError(f"{reports}: no ratings there. `medeval raters import` brings them in.")
    wanted = [each for each in pages if page in ("", each.key.page)]
    return Summaries(
        pages=tuple([_summary(each, by_parts=by_parts) for each in wanted]), judges=measured(reports, pages, bar)
    )


def blocks(found: Summaries) -> Iterator[Block]:
    """Put it all in tables."""
    for each in found.pages:
        about = " against ".join([f"{name} ({cell})" for name, cell in zip(each.entries, each.cells, strict=True)])
        yield Block(f"Page {each.page}: {about}", [*_raters(each)], range(1, 4))
        if len(each.raters) > 1:
            yield Block("Raters among each other", [*_agreements(each.agreement)], range(2, 6))
        if len(each.entries) > 1:
            yield Block(f"{each.entries[0]} against {each.entries[1]}", [*_wins(each.results)], range(1, 7))
        else:
            yield Block("What raters gave", [*_means(each.results)], range(1, 4))
    if found.judges:
        yield Block("Judges before raters", [*_judges(found.judges)], range(2, 5))


def noted(drawn: Drawn, page: Path) -> Iterator[str]:
    """What is to be known about a page that was made."""
    yield f"{page}: {len(drawn.items)} samples to rate by {len(drawn.key.criteria)} criteria."
    yield f"{key_place(page)}: the key, which `medeval raters import` wants. Keep it from raters."
    if drawn.passed_over:
        yield f"{drawn.passed_over} samples were passed over: an answer is missing there."
    if count := blacked(drawn.items):
        yield f"Names of entries are blacked out in {count} samples."


def _summary(rated: Rated, *, by_parts: bool) -> Summary:
    key, wanted = rated.key, {criterion.name for criterion in rated.key.criteria}
    shares = []
    for each in rated.by:
        whole = sum(wanted <= set(rating.grades) for rating in each.ratings)
        shares.append(Share(rater=each.rater, rated=whole, begun=len(each.ratings) - whole))
    return Summary(
        page=key.page, entries=key.entries, cells=key.cells, items=len(key.items), raters=tuple(shares),
        agreement=tuple(agreement(rated, by_parts=by_parts)), results=tuple(results(rated)),
    )  # fmt: skip


def _raters(found: Summary) -> Iterator[Row]:
    yield ("rater", "rated", "begun", "items")
    for each in found.raters:
        yield (each.rater, f"{each.rated}", f"{each.begun}", f"{found.items}")


def _agreements(found: Iterable[Agreed]) -> Iterator[Row]:
    yield ("criterion", "of", "agreement", "95 % interval", "the same", "n", "")
    for each in found:
        same = NONE if each.raw is None else f"{100 * each.raw:.0f} %"
        yield (
            each.criterion, each.part, _number(each.value), _interval(each.low, each.high), same, f"{each.n}",
            each.method,
        )  # fmt: skip


def _means(found: Iterable[Told]) -> Iterator[Row]:
    yield ("criterion", "mean grade", "95 % interval", "n")
    for each in found:
        yield (each.criterion, _number(each.value), _interval(each.low, each.high), f"{each.n}")


def _wins(found: Iterable[Told]) -> Iterator[Row]:
    yield ("criterion", "win", "tie", "lose", "win rate", "95 % interval", "n")
    for each in found:
        counts = [f"{count}" for count in each.counts]
        limits = _interval(100 * each.low, 100 * each.high)
        yield (each.criterion, *counts, _number(100 * each.value), limits, f"{each.n}")


def _judges(found: Admissions) -> Iterator[Row]:
    yield ("judge", "criterion", "agreement", "95 % interval", "n", "")
    for name, by in found.items():
        for criterion, each in by.items():
            said = "admitted" if each.admitted else f"not admitted: {each.why}"
            yield (name, criterion, _number(each.value), _interval(each.low, each.high), f"{each.n}", said)


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
