"""Judges before human raters: whose grades agree with theirs well enough to stand for them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from medeval import reports
from medeval.gradings import Judge
from medeval.journal import fingerprint
from medeval.raters.agreeing import among, grades_of
from medeval.raters.ratings import RATERS, Rated
from medeval.records import Criterion, Record, to_json
from medeval.scoring import Judgment

FILE = "admissions.json"
BAR = 0.6
FEWEST = 50
"""Items on which a judge must have been held against raters."""


class Admission(Record, frozen=True, kw_only=True):
    """How far a judge agrees with raters by one criterion, and whether that is enough."""

    value: float | None
    """Weighted kappa of the judge's grades with the median of the raters'."""
    low: float | None
    high: float | None
    n: int
    admitted: bool
    bar: float
    why: str = ""
    """Why it is not admitted."""


Admissions = Mapping[str, Mapping[str, Admission]]
"""By the judge's name and the criterion."""


def admissions(folder: Path) -> Admissions:
    """Read which judges are admitted by which criteria; one who is not there was never held against raters."""
    return reports.read(folder / RATERS / FILE, dict[str, dict[str, Admission]]) or {}


def measured(folder: Path, pages: Sequence[Rated], bar: float = BAR) -> Admissions:
    """Hold every judge of the rated cells against the raters, over all pages that ratings came back of."""
    pairs: dict[str, dict[str, list[tuple[float, float]]]] = {}
    faces: dict[str, set[str]] = {}
    for rated in pages:
        for sworn, path in _heard(folder, rated):
            name = sworn.judge.name
            faces.setdefault(name, set()).add(fingerprint(to_json([sworn.identity, _asked(sworn.judge)])))
            said = {(line.sample, criterion): grade for line, criterion, grade in _grades(path)}
            for criterion in _shared(rated, sworn.judge):
                found = pairs.setdefault(name, {}).setdefault(criterion.name, [])
                for item, grade in _consensus(rated, criterion.name):
                    verdict = said.get((rated.key.items[item].sample, criterion.name))
                    if verdict is not None:
                        found.append((grade, verdict))
    return {
        name: {criterion: _admission(found, bar, faces=len(faces[name])) for criterion, found in by.items()}
        for name, by in sorted(pairs.items())
    }


def publish(folder: Path, found: Admissions) -> None:
    """Put down who is admitted."""
    reports.publish(folder / RATERS / FILE, found)


def _heard(folder: Path, rated: Rated) -> Iterator[tuple[reports.Sworn, Path]]:
    """The judges who were heard on what a page shows. What was compared side by side has no grades of theirs."""
    if rated.key.is_pair:
        return
    (cell,) = rated.key.cells
    for path in sorted((folder / cell / reports.JUDGED).glob(f"*/{reports.SAMPLES}")):
        sworn = reports.read(path.with_name(reports.MANIFEST), reports.Sworn)
        if sworn is not None:
            yield sworn, path


def _shared(rated: Rated, judge: Judge) -> Iterator[Criterion]:
    """The criteria by which raters and judge graded the same thing on the same scale."""
    key, grading = rated.key, judge.grading
    if grading.per == "patient" or (grading.per == "dialogue") != (key.per == "dialogue"):
        return
    if grading.grades == key.grades:
        yield from [each for each in key.criteria if each in grading.criteria]


def _grades(path: Path) -> Iterator[tuple[Judgment, str, float]]:
    """A judge's grades of every sample's first take; of several turns the last, which is what raters grade."""
    with open(path, "rb") as file:
        for data in file:
            line = reports.from_json(data, Judgment, str(path))
            last = max([verdict.turn for verdict in line.verdicts], default=0)
            for verdict in line.verdicts:
                if verdict.grade and verdict.turn == last and not line.variant and not line.repeat:
                    yield line, verdict.criterion, float(verdict.grade)


def _consensus(rated: Rated, criterion: str) -> Iterator[tuple[str, float]]:
    raters = grades_of(rated, criterion)
    for item in rated.key.items:
        if grades := [each[item] for each in raters if item in each]:
            yield item, median(grades)


def _admission(pairs: Sequence[tuple[float, float]], bar: float, *, faces: int) -> Admission:
    found = among([[human for human, _ in pairs], [judge for _, judge in pairs]])
    value, low, high = [None if math.isnan(each) else each for each in (found.value, found.low, found.high)]
    why = ""
    if faces > 1:
        why = "several judges, or several ways to ask one, have this name"
    elif found.n < FEWEST:
        why = f"held against raters on {found.n} items, and {FEWEST} are wanted"
    elif value is None:
        why = found.method.removeprefix("weighted kappa, none: ")
    elif value < bar:
        why = f"agreement {value:.2f} is below {bar:g}"
    return Admission(value=value, low=low, high=high, n=found.n, admitted=not why, bar=bar, why=why)


def _asked(judge: Judge) -> list[object]:
    """What makes a judge's grades others: words, and how a grade is found."""
    return [judge.grading.name, judge.grading.version, judge.prose, judge.choosing, judge.thinking, judge.decoding]
