"""What is compared: entries, samples, pairs and criteria, chosen and checked before a judge is opened."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from medeval import catalog, planning, reports
from medeval.arrange import limited
from medeval.duels.court import Pair, pairs_of
from medeval.duels.entrants import REFERENCE, Entrant, entrants, see_references
from medeval.errors import RequestError
from medeval.gradings import NAMED, SURVEY, Grading, Per
from medeval.openings import Means
from medeval.planning import Cell
from medeval.records import Criterion, Record, Sample, Setting
from medeval.sitting import fingerprint_of
from medeval.talks.duel import OVERALL, grading_of

DUELS = "duels"


class Wish(Record, frozen=True, kw_only=True):
    """Everything that can be asked of duels."""

    entries: tuple[Path, ...]
    task: str
    reports: Path = Path("reports")
    gradings: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    """Only these; none: the overall one, and those of the gradings."""
    anchor: str = ""
    """The entry whose strength is nothing; empty: the first one named."""
    reference: bool = False
    """Compare every entry with the answers of the benchmark's makers, and not with each other."""
    limit: int = 0
    data: str = ""
    task_paths: tuple[Path, ...] = ()


class Match(NamedTuple):
    """What is compared, by whom it is not said yet."""

    cell: Cell
    """Of the first entry."""
    entries: tuple[Entrant, ...]
    samples: tuple[Sample, ...]
    pairs: tuple[Pair, ...]
    grading: Grading
    mark: str
    """What the names of judges have behind them: by what they compare."""
    anchor: str
    folder: Path

    @property
    def data(self) -> str:
        """Fingerprint of the samples that are compared."""
        return fingerprint_of(self.samples)


def match(wish: Wish, means: Means) -> Match:
    """Sit the entries again, and choose what is compared."""
    if not wish.reference and len(wish.entries) < 2:
        raise RequestError("A duel takes two: name another ENTRY, or add --against reference.")
    found = entrants(
        wish.entries, wish.task,
        functools.partial(
            planning.reopened, found=catalog.find(wish.task_paths), data=wish.data, paths=wish.task_paths,
            means=means, metrics=(),
        ),
    )  # fmt: skip
    cell = found[0].cell
    grading, mark = _grading(wish, cell)
    if wish.reference:
        see_references(cell, wish.task, grading.per)
    names = [each.name for each in found] + [REFERENCE] * wish.reference
    if names.count(REFERENCE) > 1:
        raise RequestError(f"An entry is called {REFERENCE!r}, as the reference answers are. Run it under a --label.")
    anchor = next((name for name in (wish.anchor, reports.slug(wish.anchor)) if name in names), "")
    if wish.anchor and not anchor:
        raise RequestError(f"--anchor {wish.anchor}: is not among the entries, which are {', '.join(names)}.")
    samples = limited(found[0].samples, wish.limit, 0) if wish.limit else found[0].samples
    said = cell.manifest.setting
    setting = Setting(data=said.data, limit=wish.limit if len(samples) < len(found[0].samples) else said.limit)
    return Match(
        cell=cell, entries=found, samples=samples, pairs=pairs_of(found, reference=wish.reference), grading=grading,
        mark=mark, anchor=anchor or names[0],
        folder=wish.reports / DUELS / reports.cell_name(wish.task, setting),
    )  # fmt: skip


def _grading(wish: Wish, cell: Cell) -> tuple[Grading, str]:
    """What is compared by, and what a judge's name has behind it for that."""
    own = {each.grading.name: each.grading for each in cell.sitting.task.judged}
    known = {**NAMED, **own}
    if strange := [name for name in wish.gradings if name not in known]:
        raise RequestError(f"{wish.task}: no grading {strange[0]!r}. There are {', '.join(sorted(known))} for it.")
    parts = [known[name] for name in dict.fromkeys(wish.gradings)]
    for part in parts:
        if part.per == "patient" or not part.criteria:
            about = "it grades the patient" if part.per == "patient" else "its criteria are those of single samples"
            raise RequestError(f"--grading {part.name}: two answers cannot be compared by it, for {about}.")
    criteria = {each.name: each for each in _criteria(parts)}
    if strange := [name for name in wish.criteria if name not in criteria]:
        raise RequestError(
            f"--criterion {strange[0]}: there is none of this name. There are {', '.join(criteria)}; "
            f"a grading brings more, such as --grading {SURVEY.name}."
        )
    chosen = [each for name, each in criteria.items() if not wish.criteria or name in wish.criteria]
    per: Per = "dialogue" if any(part.per == "dialogue" for part in parts) else "turn"
    marks = [*["@" + part.name for part in parts], "@reference" if wish.reference else ""]
    if len(chosen) < len(criteria):
        marks.append("+" + ",".join([each.name for each in chosen]))
    return grading_of(parts, chosen, per), "".join(marks)


def _criteria(parts: Sequence[Grading]) -> Iterator[Criterion]:
    """The overall one, then those of the gradings; of two with one name the first."""
    seen = {OVERALL.name}
    yield OVERALL
    for part in parts:
        for criterion in part.criteria:
            if criterion.name not in seen:
                seen.add(criterion.name)
                yield criterion
