"""What the verdicts of a judge come to. A missing verdict is no grade: bounds tell what it could change."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from medeval.gradings import MET, Grading
from medeval.metrics.base import Mark, Metric
from medeval.records import Better, RubricSample, Sample, Unit, Verdict, Walk

if TYPE_CHECKING:
    from medeval.stats.tables import Floats

Fill = Literal["", "worst", "best"]
"""What is taken for a missing verdict: nothing, the worst grade, or the best."""
FILLS: tuple[Fill, ...] = ("worst", "best")
STANCES = ("contradicted", "neutral", "entailed")
"""What an answer does to a statement."""
Marker = Callable[[RubricSample, Walk], Mark]


def coverage(sample: Sample, walk: Walk) -> Mark:
    """Verdicts that there are, of those that were wanted."""
    verdicts = walk.answer.verdicts
    return (float(sum(bool(each.grade) for each in verdicts)), float(len(verdicts))) if verdicts else None


def ratio(marks: "Floats", weights: "Floats") -> "Floats":
    """The first half of the columns over the second: means of what samples have a different number of."""
    import numpy as np

    sums = weights @ marks
    above, below = np.split(sums, 2, axis=-1)
    found: Floats = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
    return found


COVERAGE = Metric(
    name="judge_coverage", version=1, mark=coverage, gather=ratio, part=0, voted=False, better="",
    about="Share of the verdicts wanted that the judge gave; the others are in the ledger.",
)  # fmt: skip


# --- the same criteria for every answer ---------------------------------------------------


def graded(grading: Grading, *, better: Better = "higher") -> tuple[Metric, ...]:
    """The mean grade over criteria, and that of each."""
    return _graded(grading, "", better)


def graded_beside(grading: Grading, *, better: Better = "higher") -> tuple[Metric, ...]:
    """What is told beside: how many verdicts there are, the bounds of the mean grade, and expected grades."""
    bounds = [replace(_graded(grading, fill, better)[0], name=f"grade_at_{fill}") for fill in FILLS]
    expected = replace(
        _graded(grading, "", better)[0], name="expected_grade", mark=_expected(grading),
        about="The mean grade, each grade weighed with the probability that the judge gives it.",
    )  # fmt: skip
    return (COVERAGE, *bounds, expected)


def _graded(grading: Grading, fill: Fill, better: Better) -> tuple[Metric, ...]:
    names = [criterion.name for criterion in grading.criteria]
    unit: Unit = "plain" if grading.worths[-1] > 1 or grading.worths[0] > 1 else "fraction"
    whole = Metric(
        name="grade", version=grading.version, mark=_sums(grading, fill), gather=_means, part=0, unit=unit,
        better=better, voted=False, defined=False,
        about=f"Mean over criteria of the grades {grading.grades[0]} to {grading.grades[-1]}.",
    )  # fmt: skip
    each = [
        replace(whole, name=f"grade_{criterion.name}", part=place + 1, about=criterion.text)
        for place, criterion in enumerate(grading.criteria)
    ]
    return (whole, *each) if len(names) > 1 else (whole,)


@lru_cache
def _sums(grading: Grading, fill: Fill) -> Marker:
    """Mark by the sum of the grades for each criterion, and their number."""
    worths = dict(zip(grading.grades, grading.worths, strict=True))
    filled = {"": "", "worst": grading.grades[0], "best": grading.grades[-1]}[fill]

    def grades(sample: Sample, walk: Walk) -> Mark:
        return _summed(grading, [
            (each.criterion, worths.get(each.grade or filled)) for each in walk.answer.verdicts
        ])  # fmt: skip

    return grades


@lru_cache
def _expected(grading: Grading) -> Marker:
    def expected(sample: Sample, walk: Walk) -> Mark:
        return _summed(grading, [(each.criterion, each.expected) for each in walk.answer.verdicts])

    return expected


def _summed(grading: Grading, found: Sequence[tuple[str, float | None]]) -> Mark:
    known = [(name, worth) for name, worth in found if worth is not None]
    if not known:
        return None
    by_name = [[worth for name, worth in known if name == each.name] for each in grading.criteria]
    return (*map(math.fsum, by_name), *[float(len(each)) for each in by_name])


def _means(marks: "Floats", weights: "Floats") -> "Floats":
    """The mean of the criteria's means, and each of these."""
    import numpy as np

    means = ratio(marks, weights)
    return np.concatenate([means.mean(axis=-1, keepdims=True), means], axis=-1)


# --- criteria of each sample's own --------------------------------------------------------


def rubric(*tags: str) -> tuple[Metric, ...]:
    """Points of the criteria met, of the points that can be had; overall, and by the tags of criteria."""
    whole = _rubric("rubric_score", "", "")
    parts = [_rubric("rubric_" + tag.rpartition(":")[2], tag, "") for tag in tags]
    return (whole, *parts)


def rubric_beside() -> tuple[Metric, ...]:
    """What is told beside: how many verdicts there are, and the bounds of the score."""
    return (COVERAGE, *[_rubric(f"rubric_score_at_{fill}", "", fill) for fill in FILLS])


def _rubric(name: str, tag: str, fill: Fill) -> Metric:
    about = "Points of criteria met over all positive points; the mean is cut to lie between 0 and 1, a sample is not."
    return Metric(
        name=name, version=1, mark=_points(tag, fill), gather=clipped_mean, voted=False,
        about=f"{about} Criteria of {tag} alone." if tag else about,
    )  # fmt: skip


def clipped_mean(marks: "Floats", weights: "Floats") -> "Floats":
    """The mean, cut to lie between nothing and all: only here, since a single answer may be worse than none."""
    import numpy as np

    found: Floats = np.clip(weights @ marks / weights.sum(axis=-1), 0.0, 1.0)
    return found


@lru_cache
def _points(tag: str, fill: Fill) -> Marker:
    def points(sample: RubricSample, walk: Walk) -> Mark:
        wanted = [(place, each) for place, each in enumerate(sample.criteria) if not tag or tag in each.tags]
        possible = math.fsum([max(0.0, each.points) for _, each in wanted])
        if not possible:
            return None
        grades = _grades(walk.answer.verdicts)
        earned = []
        for place, criterion in wanted:
            grade = grades.get(str(place), "")
            if not grade and not fill:
                return None  # nobody knows whether it was met
            met = grade == MET[1] if grade else (criterion.points > 0) == (fill == "best")
            earned.append(criterion.points * met)
        return math.fsum(earned) / possible

    return points


# --- statements that an answer should imply -----------------------------------------------


def statements(needed: str) -> tuple[Metric, ...]:
    """How complete an answer is over the statements tagged so, and how much of all statements it contradicts."""
    return (
        Metric(
            name="completeness", version=1, mark=_entailed(needed, ""), voted=False,
            about=f"Mean share of the statements tagged {needed} that an answer implies.",
        ),
        Metric(
            name="hallucination", version=1, mark=_contradicted(""), voted=False, unit="plain", better="lower",
            about="Statements, needed or not, that an answer contradicts, an answer.",
        ),
    )  # fmt: skip


def statements_beside(needed: str) -> tuple[Metric, ...]:
    """What is told beside: how many verdicts there are, and bounds."""
    complete, wrong = statements(needed)
    return (
        COVERAGE,
        *[replace(complete, name=f"completeness_at_{fill}", mark=_entailed(needed, fill)) for fill in FILLS],
        *[replace(wrong, name=f"hallucination_at_{fill}", mark=_contradicted(fill)) for fill in FILLS],
    )


@lru_cache
def _entailed(tag: str, fill: Fill) -> Marker:
    def entailed(sample: RubricSample, walk: Walk) -> Mark:
        places = [str(place) for place, each in enumerate(sample.criteria) if tag in each.tags]
        stances = _stances(walk, places, fill)
        return sum(each == STANCES[2] for each in stances) / len(stances) if stances and all(stances) else None

    return entailed


@lru_cache
def _contradicted(fill: Fill) -> Marker:
    def contradicted(sample: RubricSample, walk: Walk) -> Mark:
        stances = _stances(walk, [str(place) for place in range(len(sample.criteria))], fill)
        return float(sum(each == STANCES[0] for each in stances)) if stances and all(stances) else None

    return contradicted


def _stances(walk: Walk, places: Sequence[str], fill: Fill) -> list[str]:
    missing = {"": "", "worst": STANCES[0], "best": STANCES[2]}[fill]
    grades = _grades(walk.answer.verdicts)
    return [grades.get(place) or missing for place in places]


def _grades(verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {each.criterion: each.grade for each in verdicts}
