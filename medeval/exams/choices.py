"""Questions with options: their texts, their key, and whether several may be right."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import NamedTuple

from medeval.exams import answers, options
from medeval.exams.rows import Cells, Rows
from medeval.records import ChoiceSample, Option

# In English "multiple choice" says that there are options, and in Chinese 多选 that several are right.
_SEVERAL = re.compile(
    r"多|不定项|^x(?:型题?)?$|multi\w*[\s_-]*(?:answer|response|select|correct)|several|checkbox|all that apply"
    r"|more than one|^(?:true|yes|y|1|是)$",
    re.IGNORECASE,
)


class Key(NamedTuple):
    """How the key of a sheet is read; its solved examples are read alike."""

    way: answers.Way
    several: bool
    """Whether any of its questions has several right options."""


class Parted(NamedTuple):
    """A row, taken apart once."""

    number: int
    cells: Cells
    asked: str
    keyed: answers.Keyed


def is_several(said: str) -> bool:
    """Whether a cell says that several options may be right."""
    return bool(_SEVERAL.search(said.strip()))


def parted(rows: Rows) -> list[Parted]:
    """Part every row into what is asked, what its key says, and its options; what is wrong with these is told."""
    found = []
    for number, cells in rows.lines:
        asked, texts = _asked(rows, number, cells)
        found.append(Parted(number, cells, asked, (rows.text(cells, rows.exam.answer), texts)))
    return found


def key_of(rows: Rows, found: Sequence[Parted]) -> Key:
    """Find out how the key of a sheet is meant."""
    keyed = [each.keyed for each in found]
    way = answers.way_of(keyed, rows.exam.answer_as or None)
    doubt = None if rows.exam.answer_as else answers.in_doubt(keyed, way)
    if doubt:
        row, other = doubt
        what = f"can be read by {way.by} and by {other}, and each names another option. Say answer_as"
        rows.fault(found[row].number, rows.exam.answer, f"{keyed[row][0]!r:.60} {what}")
    return Key(way, any(len(answers.read(each, way)) > 1 for each in keyed))


def choices(rows: Rows, found: Sequence[Parted], key: Key) -> Iterator[ChoiceSample]:
    """Make a sample of every row."""
    exam = rows.exam
    seen: dict[tuple[object, ...], tuple[int, set[str]]] = {}
    for number, cells, asked, keyed in found:
        texts, right = keyed[1], answers.read(keyed, key.way)
        several = _several(rows, cells, key)
        _see_to_answer(rows, number, keyed, right, key.way, several)
        sample = ChoiceSample(
            id=rows.name_of(number, cells), cluster=rows.cluster(cells), language=rows.language(number, cells),
            slices=rows.slices(cells), question=asked, context=rows.text(cells, exam.context),
            options=tuple([
                Option(label=mark, text=text) for mark, text in zip(ascii_uppercase, texts, strict=False) if text
            ]),
            target=tuple([ascii_uppercase[place] for place in right]), several=several,
            explanation=rows.text(cells, exam.explanation),
        )  # fmt: skip
        wanted = {texts[place] for place in right}
        before, was = seen.setdefault((sample.context, sample.question, *sorted(texts)), (number, wanted))
        if wanted and was and was != wanted:
            rows.fault(number, exam.answer, f"row {before} asks the same, and has another answer")
        yield sample


def _see_to_answer(  # noqa: PLR0913, PLR0917  all that an answer is held against
    rows: Rows,
    number: int,
    keyed: answers.Keyed,
    right: answers.Places,
    way: answers.Way,
    several: bool,  # noqa: FBT001
) -> None:
    said, found = keyed
    column = rows.exam.answer
    if not said:
        rows.fault(number, column, "the answer is missing")
    elif not right:
        there = ", ".join([f"{mark} ({text:.30})" for mark, text in zip(ascii_uppercase, found, strict=False) if text])
        by = f"{way.by}, the first is {way.first}" if way.by == "number" else way.by
        rows.fault(number, column, f"{said!r:.60} is not among the options, read by {by}: {there or 'none'}")
    elif len(right) > 1 and not several:
        rows.fault(number, column, f"{said!r} names {len(right)} options, and only one may be right here")


def _asked(rows: Rows, number: int, cells: Cells) -> tuple[str, list[str]]:
    """What is asked, and the texts of the options, of which empty ones stand at the end only."""
    exam, asked = rows.exam, rows.question(number, cells)
    if exam.choices:
        return asked, list(exam.choices)
    columns = exam.option_columns
    column = columns[0] if columns else str(exam.options)
    try:
        if column == exam.question:
            asked, found = options.parted(asked)
        elif columns:
            found = options.bare([rows.text(cells, name) for name in columns])
        else:
            found = options.listed(cells[column])
    except ValueError as error:
        rows.fault(number, column, str(error))
        return asked, []
    while found and not found[-1]:
        found.pop()
    _see_to_options(rows, number, found, columns or (column,))
    return asked, found[: len(ascii_uppercase)]


def _see_to_options(rows: Rows, number: int, found: Sequence[str], columns: Sequence[str]) -> None:
    def column(place: int) -> str:
        return columns[min(place, len(columns) - 1)]

    for place, text in enumerate(found):
        if not text:
            rows.fault(number, column(place), "the option is empty, and others follow it")
    if len(found) < 2:
        there = "is 1 option" if found else "are no options"
        rows.fault(number, column(0), f"there {there}, and two at least are needed")
    if len(found) > len(ascii_uppercase):
        rows.fault(number, column(0), f"there are {len(found)} options, and the alphabet has 26 letters")
    # By case, since Aa and aa are two genotypes; a full stop says nothing.
    bare = [text.rstrip(".。 ") for text in found]
    doubled = [text for text, count in Counter(filter(None, bare)).items() if count > 1]
    if doubled:
        again = max(place for place, text in enumerate(bare) if text == doubled[0])
        rows.fault(number, column(again), f"two options say {found[again]!r:.60}")


def _several(rows: Rows, cells: Cells, key: Key) -> bool:
    said = rows.exam.several
    if isinstance(said, bool):
        return said
    return is_several(rows.text(cells, said)) if said else key.several
