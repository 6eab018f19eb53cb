"""Open questions: answers that would be good, or criteria."""

from collections.abc import Iterator
from pathlib import Path

from medeval.errors import DataError
from medeval.exams import criteria
from medeval.exams.rows import Cells, Rows
from medeval.records import Criterion, Message, OpenSample, RubricSample

NOTHING = criteria.Held({}, {}, (), whole=True)


def held(rows: Rows, path: Path, folder: Path) -> criteria.Held:
    """The criteria of an exam that stand on a sheet of their own, if they do."""
    rubric = rows.exam.rubric
    if rubric is None:
        return NOTHING
    try:
        found = criteria.on_sheet(rubric, folder / rubric.file if rubric.file else path)
    except DataError as error:
        return criteria.Held({}, {}, error.faults, whole=False)
    asked = {rows.text(cells, rows.exam.id) for _, cells in rows.lines}
    strange = [f"{place}: no question is called {name!r}." for name, place in found.places.items() if name not in asked]
    return found._replace(faults=(*found.faults, *strange))


def opens(rows: Rows, by: criteria.Held) -> Iterator[OpenSample]:
    """Make a sample of every row."""
    exam = rows.exam
    for number, cells in rows.lines:
        references = tuple(filter(None, [rows.text(cells, name) for name in exam.reference_columns]))
        name, cluster, slices = rows.name_of(number, cells), rows.cluster(cells), rows.slices(cells)
        asked = "\n\n".join(filter(None, [rows.text(cells, exam.context), rows.question(number, cells)]))
        messages, language = (Message(role="user", content=asked),), rows.language(number, cells)
        if exam.kind == "rubric":
            yield RubricSample(
                id=name, cluster=cluster, language=language, slices=slices, messages=messages, references=references,
                criteria=_criteria(rows, number, cells, by),
            )  # fmt: skip
            continue
        if not references:
            rows.fault(number, exam.reference_columns[0], "the reference is missing")
        yield OpenSample(
            id=name, cluster=cluster, language=language, slices=slices, messages=messages, references=references
        )


def _criteria(rows: Rows, number: int, cells: Cells, by: criteria.Held) -> tuple[Criterion, ...]:
    exam = rows.exam
    said, name = rows.text(cells, exam.criteria), rows.text(cells, exam.id)
    found = criteria.in_cell(said) if exam.criteria else by.criteria.get(name, ())
    if exam.criteria:
        for what in criteria.untold(found):
            rows.fault(number, exam.criteria, what)
    if by.whole and not any(each.points > 0 for each in found):
        what = "no criterion has points above 0" if found else "there is no criterion for it"
        rows.fault(number, exam.criteria or exam.id, what)
    return found
