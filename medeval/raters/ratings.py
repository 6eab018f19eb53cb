"""The files that raters hand back: read strictly, kept among the reports."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec.structs import replace

from medeval.errors import ReportError, RequestError, raise_all
from medeval.raters.keys import Key, read_key
from medeval.records import Record
from medeval.reports import publish, read, slug

RATERS = "raters"
"""The folder of ratings, below that of the reports."""
KEYS = ".key.json"
FAULTS_SHOWN = 5


class Rating(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a rater says of one item."""

    item: str
    grades: Mapping[str, str]
    """By criterion; some may be missing."""
    comment: str = ""


class Ratings(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What one rater says of a page."""

    schema_version: Literal[1] = 1
    page: str
    rater: str
    ratings: tuple[Rating, ...]


class Rated(NamedTuple):
    """A page, and all that came back of it."""

    key: Key
    by: tuple[Ratings, ...]


def collected(paths: Sequence[Path], key: Key) -> tuple[Ratings, ...]:
    """Read what raters handed back, or tell all that is wrong with it."""
    found: list[Ratings] = []
    faults: list[RequestError] = []
    owners: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        try:
            ratings = _read(path)
        except RequestError as fault:
            faults.append(fault)
            continue
        wrong = [RequestError(f"{path}: {fault}") for fault in _faults(ratings, key)]
        faults += wrong
        if (owner := owners.setdefault(slug(ratings.rater), path)) != path and not wrong:
            faults.append(
                RequestError(f"{path}: rater {ratings.rater!r} stands in {owner} too. Import one of the two files.")
            )
        found.append(ratings)
    raise_all(faults)
    return tuple(found)


def _read(path: Path) -> Ratings:
    found = read(path, Ratings)
    if found is None:
        raise RequestError(f"{path}: no such file of ratings.")
    return replace(found, rater=found.rater.strip())


def _faults(ratings: Ratings, key: Key) -> Iterator[str]:
    if ratings.page != key.page:
        yield f"rates page {ratings.page!r}, and the key is of page {key.page!r}. Name the key of its own page."
        return
    if not ratings.rater:
        yield "names no rater. Write a name or initials into its field 'rater'."
    often = Counter([each.item for each in ratings.ratings])
    found = [f"item {name!r} is rated {count} times. Leave one rating." for name, count in often.items() if count > 1]
    for each in ratings.ratings:
        if each.item not in key.items:
            found.append(f"item {each.item!r} is none of the page's {len(key.items)}. Import the file as it was saved.")
            continue
        found += _wrong(each, key)
    yield from found[:FAULTS_SHOWN]
    if len(found) > FAULTS_SHOWN:
        yield f"{len(found) - FAULTS_SHOWN} more faults of this kind."


def _wrong(rating: Rating, key: Key) -> Iterator[str]:
    known = [criterion.name for criterion in key.criteria]
    for name, grade in rating.grades.items():
        if name not in known:
            yield f"item {rating.item!r}: criterion {name!r} is none of the page's: {', '.join(known)}."
        elif grade not in key.grades:
            yield f"item {rating.item!r}, {name}: grade {grade!r} is none of {', '.join(key.grades)}."


def keep(reports: Path, key: Key, found: Sequence[Ratings]) -> list[Path]:
    """Keep a page's key and ratings among the reports; nothing that is there is changed."""
    folder = reports / RATERS / key.page
    places = [folder / f"{slug(each.rater)}.json" for each in found]
    raise_all([
        RequestError(f"{path}: rater {each.rater!r} was imported before, with other grades. Remove this file first.")
        for path, each in zip(places, found, strict=True)
        if read(path, Ratings) not in (None, each)
    ])  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be made ({error.strerror}).") from error
    publish(folder.with_name(f"{key.page}{KEYS}"), key)
    for path, each in zip(places, found, strict=True):
        publish(path, each)
    return places


def kept(reports: Path) -> Iterator[Rated]:
    """All pages that ratings came back of."""
    for path in sorted((reports / RATERS).glob(f"*{KEYS}")):
        key = read_key(path)
        found = [read(each, Ratings) for each in sorted((reports / RATERS / key.page).glob("*.json"))]
        yield Rated(key, tuple([each for each in found if each is not None]))
