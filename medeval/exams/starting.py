"""The file of an exam to begin with: written so that its owner can read it, and mend it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from medeval.errors import RequestError
from medeval.exams.declared import Exam
from medeval.exams.guessing import guessed
from medeval.sources import read_sheet, sheets_of

ABOUT: Mapping[str, str] = {
    "file": "the sheet, beside this file",
    "name": "in commands and folders: small letters, digits, underscores",
    "header": "the row that names the columns",
    "language": "en or zh, or the column that says it",
    "options": "a column each; a single name is a column that lists them all",
    "choices": "the same options for every question",
    "answer": "by letter, number or the option's text",
    "several": "says which questions have several right options",
    "references": "answers that would be good",
    "criteria": "one a line; `3: …` is worth three points, `-2: …` takes two",
    "context": "to be read first; questions of one case are clustered",
    "slices": "numbers are broken down by these",
    "fill": "empty cells there mean: as above",
    "id": "else questions are called by their rows",
}
"""What stands beside a line."""
FOOT = """
# More that can be said: measures, cluster, fill, examples (a file of solved ones, for --shots), rubric (a table:
# criteria on a sheet of their own), answer_as; and prompt, a Jinja text that sees question, context, options, language
# and slices:
# prompt = \"\"\"
# {{ question }}
# {% for option in options %}{{ option.label }}. {{ option.text }}
# {% endfor %}
# End with a last line "Answer: X".\"\"\"
"""


def begun(path: Path, schema: Path) -> str:
    """The declaration of a sheet, as far as it can be guessed."""
    exam = guessed(path)
    sheet = read_sheet(path, exam.sheet, exam.header)
    named = {name for _, name in exam.columns()}
    left = [name for name in sheet.columns if name not in named]
    others = [name for name in sheets_of(path) if name != exam.sheet] if exam.sheet else []
    cells = [line.cells[exam.context] for line in sheet.lines] if exam.context and not exam.fill else []
    notes = [f"# fill = {_toml([exam.context])}  # if empty cells there mean: as above"] if "" in cells[1:] else []
    notes += [*_listed("Not used", left), *_listed("Other sheets", others)]
    return "\n".join([f"#:schema {schema}", *_lines(exam), *notes]) + "\n" + FOOT


def place_of(path: Path, out: Path | None, *, force: bool) -> Path:
    """Where the declaration is written; a file that is there is somebody's."""
    if path.is_dir():
        raise RequestError(f"{path}: is a folder. Name a sheet in it.")
    if not path.is_file():
        raise RequestError(f"{path}: no such file. Name a sheet: .xlsx, .xls, .ods, .csv, .jsonl or .parquet.")
    place = out or path.with_suffix(".toml")
    if place.suffix != ".toml":
        raise RequestError(f"{place}: the file of an exam ends in .toml, by which it is known.")
    if place.exists() and not force:
        raise RequestError(f"{place}: is there and is yours. --force writes over it, --out names another.")
    if place.parent.resolve() != path.parent.resolve():
        raise RequestError(
            f"{place}: must lie beside {path.name}, which it names. Leave --out away, or copy the sheet."
        )
    return place


def _lines(exam: Exam) -> Iterator[str]:
    plain = Exam(file="", question="")
    for name in exam.__struct_fields__:
        value = getattr(exam, name)
        if value == getattr(plain, name) and name not in ("language", "file", "question"):
            continue
        line = f"{name} = {_toml(value)}"
        yield f"{line}  # {ABOUT[name]}" if name in ABOUT else line


def _listed(what: str, names: Sequence[str]) -> list[str]:
    return [f"# {what}: {', '.join([' '.join(name.split()) for name in names])}"] if names else []


def _toml(value: object) -> str:
    """A value as TOML: what JSON writes of texts, numbers and lists is TOML too."""
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
