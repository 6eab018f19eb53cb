"""A study laid out: what is common once, then a column an entry."""

from collections.abc import Sequence

from medeval.pages import rendered
from medeval.records import NOT_MEASURED, Record, Result, Status
from medeval.scoring import Scored
from medeval.studies.choosing import Case, Study
from medeval.studies.finding import Heard, Sheet
from medeval.studies.transcripts import Part, beside, language_of, opened, part, shown, turns

STATUSES: dict[Status, str] = {
    "scored": "", "unread": "nothing could be read", "truncated": "cut off before its end",
    "refused": "gave no answer", "too_long": "the prompt did not fit the model",
    "nonfinite": "log-probabilities that are no numbers", "engine_error": "the engine failed",
    "judge_error": "a judge failed",
}  # fmt: skip
RIGHT, WRONG, MIXED, UNKNOWN = "✓", "✗", "◐", "–"
NUMBERS = 6
"""Numbers of a sample that are shown; `medeval show` has all."""


class Mark(Record, frozen=True, kw_only=True):
    """Right or wrong, told by a sign and by a word."""

    sign: str
    word: str
    kind: str


class Grade(Record, frozen=True, kw_only=True):
    """A judge's verdict by one criterion."""

    criterion: str
    grade: str
    words: str
    lang: str


class Column(Record, frozen=True, kw_only=True):
    """What one entry made of a case."""

    entry: str
    mark: Mark | None
    status: str
    picked: str
    rule: str
    numbers: tuple[tuple[str, str], ...]
    own: tuple[Part, ...]
    """What it alone was asked."""
    parts: tuple[Part, ...]
    beside: tuple[Part, ...]
    others: tuple[tuple[str, str], ...]
    """The other times that it was asked, a line each."""
    judges: tuple[tuple[str, str, tuple[Grade, ...]], ...]
    """Each with the mean of its grades."""


class Section(Record, frozen=True, kw_only=True):
    """One case."""

    id: str
    slices: tuple[tuple[str, str], ...]
    summary: str
    signs: str
    asked: tuple[Part, ...]
    target: str
    references: tuple[Part, ...]
    columns: tuple[Column, ...]


class Page(Record, frozen=True, kw_only=True):
    """All cases."""

    task: str
    why: str
    entries: tuple[tuple[str, str], ...]
    """Each with what its numbers stand on."""
    sections: tuple[Section, ...]
    version: str


def page_of(study: Study, version: str) -> Page:
    """Lay a study out."""
    return Page(
        task=shown(study.task), why=shown(study.why),
        entries=tuple([
            (shown(title), shown(result.signature))
            for title, result in zip(study.entries, study.results, strict=True)
        ]),
        sections=tuple([_section(study, case) for case in study.cases]), version=version,
    )  # fmt: skip


def html_of(page: Page) -> str:
    """One page that needs nothing else; whatever models said is text in it."""
    return rendered("cases.html", "cases.css", page)


def _section(study: Study, case: Case) -> Section:
    firsts = [sheet.first for sheet in case.sheets]
    common, own = opened(firsts)
    columns = tuple([
        _column(study, title, sheet, mine, result)
        for title, sheet, mine, result in zip(study.entries, case.sheets, own, study.results, strict=True)
    ])  # fmt: skip
    marks = [column.mark for column in columns if column.mark]
    number = sum(mark.kind == "right" for mark in marks)
    good = firsts[0].references
    return Section(
        id=shown(case.id), slices=tuple([(shown(name), shown(value)) for name, value in firsts[0].slices.items()]),
        summary=f"{number} of {len(marks)} right" if len(marks) > 1 else "", signs="".join(mark.sign for mark in marks),
        asked=common, target=shown(", ".join(firsts[0].target)),
        references=tuple([
            part("reference", text, f"A good answer, {place} of {len(good)}" if len(good) > 1 else "")
            for place, text in enumerate(good, 1)
        ]),
        columns=columns,
    )  # fmt: skip


def _column(study: Study, title: str, sheet: Sheet, own: tuple[Part, ...], result: Result) -> Column:
    line, others = sheet.first, sheet.takes[1:]
    return Column(
        entry=shown(title), mark=_mark(sheet.takes, study.measure) if study.binary else None,
        status=STATUSES[line.status], picked=shown(", ".join(line.picked)), rule=shown(line.rule),
        numbers=_numbers(line, study, result), own=own, parts=tuple(turns(line)), beside=tuple(beside(line)),
        others=tuple([_other(each, study) for each in others]),
        judges=tuple([
            (shown(heard.judge.name), "" if heard.worth is None else _short(heard.worth), _grades(heard))
            for heard in sheet.heard
        ]),
    )  # fmt: skip


def _mark(takes: Sequence[Scored], measure: str) -> Mark:
    """Right, wrong, or both where it was asked more than once."""
    known = [value for take in takes if (value := take.scores.get(measure)) is not None]
    if not known:
        return Mark(sign=UNKNOWN, word="not measured", kind="unknown")
    right = sum(value == 1.0 for value in known)
    times = f" {right} of {len(known)} times" if len(takes) > 1 else ""
    if right == len(known):
        return Mark(sign=RIGHT, word=f"right{times}", kind="right")
    if not right:
        return Mark(sign=WRONG, word=f"wrong {len(known)} of {len(known)} times" if times else "wrong", kind="wrong")
    return Mark(sign=MIXED, word=f"right{times}", kind="mixed")


def _numbers(line: Scored, study: Study, result: Result) -> tuple[tuple[str, str], ...]:
    """The numbers that the task is known by, first the one by which cases were chosen; right or wrong is told."""
    if line.status in NOT_MEASURED:
        return ()
    named = [estimate.metric for estimate in result.estimates if not estimate.beside]
    known = [
        (name, _short(value)) for name in dict.fromkeys([study.measure, *named])
        if (value := line.scores.get(name)) is not None and not (study.binary and name == study.measure)
    ]  # fmt: skip
    return tuple(known[:NUMBERS])


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".").replace("-", "−")


def _other(line: Scored, study: Study) -> tuple[str, str]:
    """One more time that it was asked, in a line."""
    value = line.scores.get(study.measure)
    said = [f"read {', '.join(line.picked)}" if line.picked else "", STATUSES[line.status]]
    if study.binary:
        mark = _mark([line], study.measure)
        said.insert(0, f"{mark.sign} {mark.word}")
    elif value is not None:
        said.insert(0, f"{study.measure} {_short(value)}")
    return f"variant {line.variant + 1}, repeat {line.repeat + 1}", shown(", ".join(filter(None, said)))


def _grades(heard: Heard) -> tuple[Grade, ...]:
    best = heard.judge.grading.grades[-1]
    several = len({each.verdict.turn for each in heard.said}) > 1
    return tuple([
        Grade(
            criterion=shown(verdict.criterion) + (f", turn {verdict.turn + 1}" if several else ""),
            grade=(f"{verdict.grade} of {best}" if best.isdigit() else verdict.grade)
            if verdict.grade else f"no verdict: {shown(verdict.why)}",
            words=shown(each.words), lang=language_of(each.words),
        )
        for each in heard.said for verdict in (each.verdict,)
    ])  # fmt: skip
