"""A declaration made from a sheet: what its columns probably are, by their names and by what is in them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from medeval.errors import DataError
from medeval.exams import answers, options
from medeval.exams.cells import text_of
from medeval.exams.choices import is_several
from medeval.exams.declared import Exam
from medeval.exams.headings import HEADINGS, means, option_of
from medeval.records import Language
from medeval.sources import Sheet, grid_of, read_sheet, sheets_of

TITLED = 10
"""Rows at the head of a sheet that may stand above the names of the columns."""
USUAL = (
    ("true", "false"), ("t", "f"), ("yes", "no", "maybe"), ("right", "wrong"), ("correct", "incorrect"),
    ("对", "错"), ("正确", "错误"), ("是", "否"), ("√", "×"),
)  # fmt: skip
"""Words of questions that are right or wrong, in the order in which they are said."""
FEW = 30
"""Different values that a column may have at most to be a part of the exam."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
Columns = Mapping[str, list[str]]


def guessed(path: Path) -> Exam:
    """Guess how a sheet is to be read; its owner then reads and mends it."""
    name, header = _head(path)
    sheet = read_sheet(path, name, header)
    if not sheet.lines:
        raise DataError(f"{path}: there is no row below its header.")
    columns = {each: [text_of(line.cells[each]) for line in sheet.lines] for each in sheet.columns}
    found = {word: _called(columns, word) for word in HEADINGS}
    marked = [each for each in columns if option_of(each)]
    several_columns = marked if _in_order(marked) else []
    taken = {*several_columns, *filter(None, found.values())} - {found["several"]}
    question = found["question"] or _longest(columns, taken)
    if not question:
        raise DataError(
            f"{path}: no column looks like questions. It has: {', '.join(sheet.columns)}. Is row {header} its header?"
        )
    asked = _asked(path, sheet, columns, {**found, "question": question}, several_columns)
    used = {question, *several_columns, *[found[word] for word in ("answer", "references", "criteria", "options")]}
    known = {
        word: "" if found[word] in used else found[word] for word in ("context", "explanation")
    }  # fmt: skip
    said = {
        "file": path.name, "sheet": name if len(sheets_of(path)) > 1 else "", "header": header,
        "title": path.stem, "name": _name(path.stem),
        "language": _language(columns[question]), "question": question, **asked, **known,
        "id": found["id"] if _tells_apart(columns.get(found["id"], [])) else "",
        "fill": (known["context"],) if _shared(known["context"], columns) else (),
        "slices": tuple([each for each in columns if each not in {*used, *known.values(), found["id"]}
                      and _parts(columns[each])]),
    }  # fmt: skip
    return msgspec.convert(said, Exam)


def _shared(context: str, columns: Columns) -> bool:
    """Whether a column says that what stands in it is for the questions below as well."""
    return bool(context) and ("共用" in context or "shared" in context.casefold()) and "" in columns[context][1:]


def _name(stem: str) -> str:
    """A name where none can be made of the file's own: of two Chinese files each has another."""
    if re.search("[a-z0-9]", stem.lower()):
        return ""
    return f"exam_{hashlib.sha256(stem.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


def _head(path: Path) -> tuple[str, int]:
    """The sheet and the row that name the most columns that are known."""
    names = sheets_of(path)
    if not names and path.suffix.lower() in (".jsonl", ".json", ".parquet"):
        return "", 1
    best = (0, 0, "", 1)
    for place, name in enumerate(names or ("",)):
        try:
            grid = grid_of(path, name)
        except DataError:
            if len(names) < 2:
                raise
            continue  # an empty sheet beside others
        for row, cells in enumerate(grid[:TITLED], 1):
            known = len({*map(means, cells)} - {""})
            marked = [cell for cell in cells if option_of(cell)]
            known += len(marked) if known and _in_order(marked) else 0
            best = max(best, (known, -place * TITLED - row, name, row))
    if best[0]:
        return best[2], best[3]
    return (names[0] if names else ""), next(
        (row for row, cells in enumerate(grid_of(path, names[0] if names else ""), 1) if sum(map(bool, cells)) > 1), 1
    )


def _called(columns: Columns, word: str) -> str:
    """The column that is called by one of a word's names, the usual names before the others."""
    there = [each for each in columns if means(each) == word]
    return there[0] if there else ""


def _in_order(marked: Sequence[str]) -> bool:
    """Whether columns are the options A, B, C, … or 1, 2, 3, …"""
    marks = [option_of(each) for each in marked]
    return len(marks) > 1 and (
        marks == [chr(65 + place) for place in range(len(marks))]
        or marks == [str(place) for place in range(1, len(marks) + 1)]
    )


def _asked(
    path: Path, sheet: Sheet, columns: Columns, found: Mapping[str, str], marked: Sequence[str]
) -> dict[str, object]:
    """What makes an answer right."""
    answer, question = found["answer"], found["question"]
    if answer and (marked or found["options"]):
        several = found["several"] if _says_several(columns.get(found["several"], [])) else ""
        return {"options": tuple(marked) or found["options"], "answer": answer, "several": several}
    reference = found["references"] or answer
    if found["criteria"]:
        return {"criteria": found["criteria"], **({"references": reference} if reference else {})}
    listed = next((each for each in columns if each != question and _lists(sheet, each)), "")
    if answer and (listed or _in_questions(columns[question])):
        return {"options": listed or question, "answer": answer}
    values = sorted({value for value in columns.get(answer, []) if value})
    if values and all(re.fullmatch("[A-Ha-h]+", value) for value in values):
        raise DataError(
            f"{path}: the answers in {answer!r} look like letters of options, and no column looks like options. "
            "Give every option a column (A, B, C, …), or write the declaration by hand."
        )
    few = 2 <= len(values) <= 4 and max(map(len, values)) <= 12 and len(columns[answer]) > 2 * len(values)
    if few or (values and _usual(values)):
        # A few short words again and again: right or wrong, yes or no.
        return {"choices": _as_usual(values), "answer": answer, "answer_as": "text"}
    if not reference:
        raise DataError(
            f"{path}: no column looks like answers. There are: {', '.join(sheet.columns)}. "
            "Call one 'Answer' (or 答案), or write the declaration by hand."
        )
    return {"references": reference}


def _usual(values: Sequence[str]) -> tuple[str, ...]:
    said = {value.casefold() for value in values}
    return next((words for words in USUAL if said <= {*words}), ())


def _as_usual(values: Sequence[str]) -> tuple[str, ...]:
    """Put a few words in the order in which people say them; both are there, even if only one is ever right."""
    said = {value.casefold(): value for value in values}
    usual = _usual(values)
    wanted = usual[:2] if len(usual) > 2 and {*said} <= {*usual[:2]} else usual
    return tuple([said.get(word, word) for word in wanted]) or tuple(values)


def _in_questions(texts: Sequence[str]) -> bool:
    """Whether most questions hold their options themselves."""
    return sum(len(options.parted(text)[1]) > 1 for text in texts) > len(texts) / 2


def _lists(sheet: Sheet, column: str) -> bool:
    """Whether most cells of a column list several options."""
    count = 0
    for line in sheet.lines:
        with suppress(ValueError):
            count += len(options.listed(line.cells[column])) > 2
    return count > len(sheet.lines) / 2


def _longest(columns: Columns, taken: set[str]) -> str:
    """The column with the longest texts, no two alike."""
    free = {
        each: sum(map(len, values)) / len(values)
        for each, values in columns.items()
        if each not in taken and len({*map(answers.same, values)}) > len(values) / 2
    }
    return max(free, key=lambda each: free[each]) if free else ""


def _language(texts: Sequence[str]) -> Language:
    return "zh" if sum(bool(_CHINESE.search(text)) for text in texts) > len(texts) / 2 else "en"


def _says_several(values: Sequence[str]) -> bool:
    return any(map(is_several, values))


def _tells_apart(values: Sequence[str]) -> bool:
    """Whether these are ids; one that is missing or stands twice is a slip that its owner is to hear of."""
    slips = len(values) - len({*filter(None, values)})
    return len(values) > 1 and slips <= max(1, len(values) // 10)


def _parts(values: Sequence[str]) -> bool:
    """Whether a column parts the exam: few short values, each more than once on average."""
    said = [value for value in values if value]
    different = {*said}
    return (
        2 <= len(different) <= FEW
        and len(said) >= max(2 * len(different), len(values) / 2)
        and max(map(len, different)) <= 40
    )
