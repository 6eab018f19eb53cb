"""Several judges as a panel: marks of theirs are averaged, words of theirs are voted on, and how they agree is told."""

from collections import Counter
from collections.abc import Hashable, Sequence

from msgspec.structs import replace

from medeval import stats
from medeval.gradings import Grading
from medeval.journal import Journal, fingerprint
from medeval.records import Identity, Result, Table, Verdict, Walk
from medeval.scoring.judged import Judgment, judgment
from medeval.scoring.scorer import Scorer
from medeval.sitting import Sitting

Place = tuple[int, str, int]
"""Of a verdict: the number of the take, the criterion and the turn."""


class PanelScorer:
    """Takes what several judges said by one grading, and gives the panel's result."""

    def __init__(self, sitting: Sitting, grading: Grading, judges: Sequence[str]) -> None:
        self._sitting = sitting
        self._grading = grading
        self._judges = judges
        self._scorer = Scorer(sitting.judged_as(grading))
        self._said: dict[Place, dict[str, str]] = {}

    def add(self, number: int, walk: Walk, verdicts: Sequence[Verdict]) -> Judgment:
        """Mark a walk by the verdicts of all judges."""
        for each in verdicts:
            self._said.setdefault((number, each.criterion, each.turn), {})[each.judge] = each.grade
        whole = tuple(verdicts) if self._grading.counted else self._voted(verdicts)
        answer = replace(walk.answer, verdicts=whole)
        if not all(each.grade for each in whole):
            answer = replace(answer, status="judge_error")
        return judgment(self._scorer.add(number, replace(walk, answer=answer)), walk, whole)

    def result(self, entry: str, engine: Identity, version: str, journal: Journal, members: Sequence[Result]) -> Result:
        """Gather what the panel said; its column is that of these judges together."""
        found = self._scorer.result(entry, engine, version, journal)
        together = "+".join(self._judges)
        halves = fingerprint("\n".join([member.protocol for member in members]).encode(), size=4)
        return replace(
            found, judge=together, tables=(self._agreement(),), protocol=f"{found.protocol}|panel:{together}@{halves}",
            flags=tuple(dict.fromkeys([*found.flags, *[flag for one in members for flag in one.flags]])),
            journal_records=found.journal_records + sum(journal.count(name) for name in self._judges),
            journal=fingerprint("".join([member.journal for member in members]).encode(), size=32),
        )  # fmt: skip

    def _voted(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """What most judges say; where they are split there is no verdict."""
        places: dict[tuple[str, int], list[Verdict]] = {}
        for each in verdicts:
            places.setdefault((each.criterion, each.turn), []).append(each)
        return tuple([_majority(said, "+".join(self._judges)) for said in places.values()])

    def _agreement(self) -> Table:
        """Krippendorff's alpha of the judges, for each criterion that has a name, and over all."""
        own = [criterion.name for criterion in self._grading.criteria]
        rows = [self._alpha(name, [place for place in self._said if place[1] == name]) for name in own]
        return Table(
            name="agreement_of_judges", about="Krippendorff's alpha: 1, always the same; 0, as by chance.",
            columns=("criterion", "alpha", "low", "high", "same", "n"),
            rows=(self._alpha("all", [*self._said]), *rows),
        )  # fmt: skip

    def _alpha(self, name: str, places: Sequence[Place]) -> tuple[str | float | None, ...]:
        worths = dict(zip(self._grading.grades, self._grading.worths, strict=True))
        ratings: list[list[Hashable]] = [
            [worths.get(self._said[place].get(judge, "")) for place in places] for judge in self._judges
        ]
        both = [column for column in zip(*ratings, strict=True) if sum(each is not None for each in column) > 1]
        if not both:
            return name, None, None, None, None, 0.0
        found = stats.agreement.krippendorff(ratings, "ordinal" if self._grading.counted else "nominal")
        return name, *[None if each != each else each for each in found[:3]], found.raw, float(found.n)  # noqa: PLR0124  NaN


def _majority(said: Sequence[Verdict], judge: str) -> Verdict:
    votes = Counter([each.grade for each in said if each.grade]).most_common(2)
    if votes and (len(votes) == 1 or votes[0][1] > votes[1][1]):
        return replace(said[0], judge=judge, grade=votes[0][0], why=f"{votes[0][1]} of {len(said)}", expected=None)
    return replace(said[0], judge=judge, grade="", why="split" if votes else "nobody said anything", expected=None)
