"""How raters agree among each other, and what they say: by criterion, part of the samples, and language."""

import math
from collections.abc import Iterator, Mapping, Sequence

from medeval.raters.keys import Key
from medeval.raters.ratings import Rated
from medeval.records import Record
from medeval.stats import student
from medeval.stats.agreement import Agreement, cohen, krippendorff
from medeval.stats.pairwise import win_rate_of

ALL = "all"
Grades = Mapping[str, float]
"""By item, as numbers."""


class Agreed(Record, frozen=True, kw_only=True):
    """How far raters agree; no value where nothing can be told, and `method` says why."""

    criterion: str
    part: str
    """`all`, or the name and the value of a slice."""
    value: float | None
    low: float | None
    high: float | None
    raw: float | None
    """Share of pairs of grades that are the same."""
    n: int
    """Items that at least two rated."""
    method: str


class Told(Record, frozen=True, kw_only=True):
    """What raters say of an entry by one criterion."""

    criterion: str
    value: float
    """The mean grade; of two entries, how often the first is better, a tie being half."""
    low: float
    high: float
    n: int
    """Items."""
    method: str
    counts: tuple[int, ...] = ()
    """Of two entries: how often the first is better, neither, and the second, counting every rater."""


def agreement(rated: Rated, *, by_parts: bool = True) -> Iterator[Agreed]:
    """Raters among each other, over all items, and over those of each language and of each value of a slice."""
    by_criterion = {each.name: grades_of(rated, each.name) for each in rated.key.criteria}
    for part, items in (parts(rated.key) if by_parts else {ALL: [*rated.key.items]}).items():
        for name, raters in by_criterion.items():
            yield agreed(name, part, among([[each.get(item) for item in items] for each in raters]))


def agreed(criterion: str, part: str, found: Agreement) -> Agreed:
    """Put an agreement down; what is no number is none."""
    value, low, high, raw = [
        None if math.isnan(each) else each for each in (found.value, found.low, found.high, found.raw)
    ]
    return Agreed(
        criterion=criterion, part=part, value=value, low=low, high=high, raw=raw, n=found.n, method=found.method
    )  # fmt: skip


def among(ratings: Sequence[Sequence[float | None]]) -> Agreement:
    """Weighted kappa of two raters, ordinal alpha of more; a row a rater, None where one gave no grade.

    Weights are quadratic: grades that lie far apart count more.
    """
    if len(ratings) != 2:
        found = krippendorff(ratings, "ordinal")
        return found._replace(method=f"Krippendorff's alpha, {found.method}")
    pairs = [(one, other) for one, other in zip(*ratings, strict=True) if one is not None and other is not None]
    found = cohen([one for one, _ in pairs], [other for _, other in pairs], "quadratic")
    return found._replace(method=f"weighted kappa, {found.method}")


def results(rated: Rated) -> Iterator[Told]:
    """What raters say of the entries. An item that several rated is still one item."""
    for criterion in rated.key.criteria:
        raters = grades_of(rated, criterion.name)
        values = [(item, grade) for grades in raters for item, grade in grades.items()]
        if not values:
            continue
        if rated.key.is_pair:
            marks = [(1 + grade) / 2 for _, grade in values]
            found = win_rate_of(marks, [item for item, _ in values] if len(raters) > 1 else None)
            yield Told(
                criterion=criterion.name, value=found.value, low=found.interval.low, high=found.interval.high,
                n=len({item for item, _ in values}), method=found.interval.method,
                counts=tuple([marks.count(mark) for mark in (1.0, 0.5, 0.0)]),
            )  # fmt: skip
            continue
        means = [*_means(values).values()]
        interval, (worst, best) = student(means), (float(rated.key.grades[0]), float(rated.key.grades[-1]))
        yield Told(
            criterion=criterion.name, value=math.fsum(means) / len(means), low=max(worst, interval.low),
            high=min(best, interval.high), n=len(means), method=interval.method,
        )  # fmt: skip


def grades_of(rated: Rated, criterion: str) -> list[Grades]:
    """What each rater gave by one criterion."""
    return [
        {
            rating.item: rated.key.worth(rating.item, rating.grades[criterion])
            for rating in each.ratings
            if criterion in rating.grades
        }
        for each in rated.by
    ]


def parts(key: Key) -> dict[str, list[str]]:
    """The items of every part: all of them, those of a language, those of each value of each slice."""
    found: dict[str, list[str]] = {}
    for item, hidden in key.items.items():
        for name, value in [*sorted(hidden.slices.items()), ("language", hidden.language)]:
            found.setdefault(f"{name} {value}", []).append(item)
    whole = len(key.items)
    return {ALL: list(key.items), **{part: found[part] for part in sorted(found) if len(found[part]) < whole}}


def _means(values: Sequence[tuple[str, float]]) -> dict[str, float]:
    by_item: dict[str, list[float]] = {}
    for item, grade in values:
        by_item.setdefault(item, []).append(grade)
    return {item: math.fsum(grades) / len(grades) for item, grades in by_item.items()}
