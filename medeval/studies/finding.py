"""The cells that stand side by side: what each entry made of every sample, and what judges said of that."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from medeval import reports
from medeval.errors import DataError, RequestError, raise_all
from medeval.gradings import Judge
from medeval.records import Record, Response, Result, Verdict
from medeval.scoring import Judgment, Scored
from medeval.talks.grade import EMPTY

ALIKE = (("task", "the task"), ("task_version", "its version"), ("data", "the data's fingerprint"))
"""What two cells must have in common, for their samples to be the same questions."""
NOT_COMPARABLE = 4


class Said(Record, frozen=True, kw_only=True):
    """A verdict, and the judge's words, where it used any."""

    verdict: Verdict
    words: str = ""


class Heard(Record, frozen=True, kw_only=True):
    """What one judge said of one answer."""

    judge: Judge
    said: tuple[Said, ...]
    scores: dict[str, float | None]

    @property
    def worth(self) -> float | None:
        """The mean of its grades, if there is one."""
        grading = self.judge.grading
        worths = dict(zip(grading.grades, grading.worths, strict=True))
        known = [worths[each.verdict.grade] for each in self.said if each.verdict.grade in worths]
        return sum(known) / len(known) if known else None


class Sheet(Record, frozen=True, kw_only=True):
    """What an entry made of one sample: every time it was asked, in order, and what judges said of the first."""

    takes: tuple[Scored, ...]
    heard: tuple[Heard, ...] = ()

    @property
    def first(self) -> Scored:
        """The take that is shown whole."""
        return self.takes[0]


class Cell(Record, frozen=True, kw_only=True):
    """One entry's column."""

    title: str
    result: Result
    sheets: dict[str, Sheet]


def found(entries: Sequence[str], task: str, folder: Path) -> tuple[Cell, ...]:
    """Find the cells of entries, all faults at once, and see that they can stand side by side."""
    places, faults = [], []
    for entry in entries:
        try:
            places.append(_place(entry, task, folder))
        except RequestError as fault:
            faults.append(fault)
    raise_all(faults)
    results = [result for _, result in places]
    for name, result in zip(entries[1:], results[1:], strict=True):
        _alike(entries[0], results[0], name, result)
    # One entry may have several cells of a task, and two folders of reports an entry of one name.
    names = [result.entry for result in results]
    if len({*names}) < len(names):
        names = [f"{result.entry}/{place.name}" for place, result in places]
    if len({*names}) < len(names):
        names = [str(place) for place, _ in places]
    if len({*names}) < len(names):
        raise RequestError(f"{', '.join(entries)}: one of them is named twice.")
    return tuple([
        Cell(title=name, result=result, sheets=_sheets(place))
        for name, (place, result) in zip(names, places, strict=True)
    ])  # fmt: skip


def _place(entry: str, task: str, folder: Path) -> tuple[Path, Result]:
    """Find the one cell of an entry that a task's name means; `task@what differs` names one of several."""
    place = reports.entry_folder(entry, folder)
    there = list(reports.cells(place))
    plain, at, differs = task.partition("@")
    name = f"{reports.slug(plain) if ':' in plain else plain}{at}{differs}"
    # Where only the beginning is told, as in mediq@reasoned for mediq@reasoned,sample, it must fit one.
    fitting = [path for path in there if path.name == name] or [
        path for path in there if path.name.startswith((f"{name}@", f"{name},"))
    ]
    if not fitting:
        has = ", ".join([path.name for path in there]) or "nothing"
        raise RequestError(f"{entry}: no results of {task!r} there; it has {has}.")
    if len(fitting) > 1:
        names = ", ".join([path.name for path in fitting])
        raise RequestError(f"{entry}: several cells of {task!r}: name one of {names}.")
    result = reports.read(fitting[0] / reports.RESULT, Result)
    if result is not None and result.members:
        raise RequestError(f"{entry}: {task} is a group and has no samples of its own; name one of its members.")
    if result is None or not (fitting[0] / reports.SAMPLES).is_file():
        raise RequestError(f"{fitting[0]}: is not finished; `medeval run` goes on.")
    return fitting[0], result


def _alike(name: str, ours: Result, other: str, theirs: Result) -> None:
    for field, what in ALIKE:
        one, two = [str(getattr(result, field)) for result in (ours, theirs)]
        if one != two:
            fault = RequestError(
                f"{name} and {other}: answered other questions ({what} is {one[:12]} here and {two[:12]} there), so "
                "they cannot stand side by side. Run both on the same data."
            )
            # Nothing is wrong with the words of the command.
            fault.exit_code = NOT_COMPARABLE
            raise fault


def _sheets(place: Path) -> dict[str, Sheet]:
    """Read all takes of every sample, in their order."""
    path = place / reports.SAMPLES
    takes: dict[str, list[Scored]] = {}
    for data in _lines(path):
        line = reports.from_json(data, Scored, str(path))
        takes.setdefault(line.sample, []).append(line)
    if not takes:
        raise DataError(f"{path}: has no samples. `medeval score` writes it anew.")
    heard = _heard(place)
    return {
        name: Sheet(
            takes=tuple(sorted(lines, key=lambda line: (line.variant, line.repeat))), heard=tuple(heard.get(name, ()))
        )
        for name, lines in takes.items()
    }  # fmt: skip


def _heard(place: Path) -> dict[str, list[Heard]]:
    """What judges said of the first take of every sample; a panel says nothing that its judges do not."""
    every: dict[str, list[Heard]] = {}
    for folder in reports.judged(place):
        path, sworn = folder / reports.SAMPLES, reports.read(folder / reports.MANIFEST, reports.Sworn)
        if sworn is None or not path.is_file():
            continue
        for data in _lines(path):
            line = reports.from_json(data, Judgment, str(path))
            if not line.variant and not line.repeat:
                one = Heard(judge=sworn.judge, said=tuple(said_by(line, sworn.judge.role)), scores=line.scores)
                every.setdefault(line.sample, []).append(one)
    return every


def said_by(line: Judgment, role: str) -> Iterator[Said]:
    """Put a judge's words beside its verdicts; of an empty answer it was never asked."""
    replies = iter([each.reply for each in line.exchanges if each.role == role])
    for verdict in line.verdicts:
        reply = None if verdict.why == EMPTY else next(replies, None)
        yield Said(verdict=verdict, words=reply.text if isinstance(reply, Response) else "")


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a published file."""
    with open(path, "rb") as file:
        yield from file
