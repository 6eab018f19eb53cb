"""An exam of one's own as its owner declares it: a TOML file that names a sheet, and what its columns are."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec

from medeval.errors import DataError
from medeval.records import Record, Style

AnswerAs = Literal["letter", "number", "text"]
Column = Annotated[str, msgspec.Meta(min_length=1)]


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


Place = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]*$")]


class Rubric(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Criteria on a sheet of their own, a row each."""

    file: Annotated[str, _about("The file of the criteria; empty: the file of the questions.")] = ""
    sheet: Annotated[str, _about("Its sheet, where it is a workbook.")] = ""
    header: Annotated[Place, _about("The row that names its columns.")] = 1
    question: Annotated[Column, _about("The column with the id of the question that a criterion belongs to.")]
    criterion: Annotated[Column, _about("The column with the criterion: what a good answer does, or must not do.")]
    points: Annotated[str, _about("The column with its points, below 0 for what must not be done; empty: 1 each.")] = ""


class Exam(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the file says; every name is that of a column unless it is said otherwise."""

    file: Annotated[
        str, _about("The sheet: .xlsx, .xls, .ods, .csv, .tsv, .jsonl, .json or .parquet, beside this file.")
    ]
    title: Annotated[str, _about("What the exam is called on the board; empty: the name of this file.")] = ""
    name: Annotated[Name, _about("Its name in commands and folders; empty: made of the name of this file.")] = ""
    measures: Annotated[str, _about("What it measures, in a sentence.")] = ""
    sheet: Annotated[str, _about("The sheet of a workbook; empty: the first that can be seen.")] = ""
    header: Annotated[Place, _about("The row that names the columns.")] = 1
    language: Annotated[str, _about("en or zh for all questions, or the column that says it.")] = "en"
    question: Annotated[Column, _about("What is asked.")]
    options: Annotated[
        str | tuple[Column, ...],
        _about(
            'A column each, such as ["A", "B", "C", "D"]; or the one that lists them all, even that of the question.'
        ),
    ] = ""
    choices: Annotated[tuple[Column, ...], _about('Fixed options of every question, such as ["right", "wrong"].')] = ()
    answer: Annotated[str, _about("The right option, or options.")] = ""
    answer_as: Annotated[
        AnswerAs | Literal[""],
        _about("How it is named: by letter, by number, or by the option's text; empty: as fits the most rows."),
    ] = ""
    several: Annotated[
        bool | str,
        _about("Whether more than one option may be right; or the column that says so. Empty: if any row has several."),
    ] = ""
    references: Annotated[
        str | tuple[Column, ...],
        _about("For open questions: the column, or columns, with an answer that would be good."),
    ] = ""
    criteria: Annotated[
        str, _about("For open questions: the column with criteria, one a line; `3: …` gives one three points.")
    ] = ""
    rubric: Annotated[Rubric | None, _about("For open questions: criteria on a sheet of their own.")] = None
    id: Annotated[str, _about("What questions are called; empty: the number of the row.")] = ""
    context: Annotated[
        str, _about("What there is to read first, such as a case; questions of one case are clustered.")
    ] = ""
    cluster: Annotated[str, _about("What questions share that are not independent; empty: the context.")] = ""
    explanation: Annotated[str, _about("Why the answer is right; shown in solved examples only.")] = ""
    slices: Annotated[tuple[Column, ...], _about("By what numbers are broken down, such as a department.")] = ()
    fill: Annotated[tuple[Column, ...], _about("Columns whose empty cells mean: as above.")] = ()
    examples: Annotated[
        str, _about("A file with solved examples, for --shots: the same columns, sheet name and header row.")
    ] = ""
    prompt: Annotated[
        str | dict[str, str],
        _about(
            "Words of your own (Jinja): they see question, context, options (each with label and text), language and "
            "slices. One text for all styles, or a table by style: letters, written, reasoned."
        ),
    ] = ""

    @property
    def kind(self) -> Literal["choice", "open", "rubric"]:
        """What is asked."""
        if self.options or self.choices:
            return "choice"
        return "rubric" if self.criteria or self.rubric else "open"

    @property
    def option_columns(self) -> tuple[str, ...]:
        """The columns of the options; none where one lists them all."""
        return self.options if isinstance(self.options, tuple) else ()

    @property
    def reference_columns(self) -> tuple[str, ...]:
        """The columns of the references."""
        return self.references if isinstance(self.references, tuple) else tuple(filter(None, [self.references]))

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Every column that is named, and by which word."""
        single = (
            ("question", self.question), ("answer", self.answer), ("id", self.id), ("context", self.context),
            ("cluster", self.cluster), ("explanation", self.explanation), ("criteria", self.criteria),
            ("options", self.options if isinstance(self.options, str) else ""),
            ("several", self.several if isinstance(self.several, str) else ""),
            ("language", self.language if self.language not in ("en", "zh") else ""),
        )  # fmt: skip
        lists = (
            ("options", self.option_columns), ("references", self.reference_columns), ("slices", self.slices),
            ("fill", self.fill),
        )  # fmt: skip
        return (
            *[each for each in single if each[1]],
            *[(word, name) for word, names in lists for name in names],
        )


def schema() -> dict[str, object]:
    """The JSON Schema of such a file, by which editors complete it and check it."""
    made = msgspec.json.schema(Exam)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made["$defs"]["Exam"],
        "title": "An exam of one's own, for medeval",
        "$defs": {"Rubric": made["$defs"]["Rubric"]},
    }


def declared(file: Path) -> Exam:
    """Read a declaration; what is wrong with it is told at once, as far as it can be."""
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        hint = " `medeval init exam SHEET` writes such a file." if isinstance(error, FileNotFoundError) else ""
        raise DataError(f"{file}: cannot be read ({what}).{hint}") from error
    faults = [*_strange(said, Exam), *_mistyped(said, Exam)]
    if isinstance(said.get("rubric"), dict):
        faults += [*_strange(said["rubric"], Rubric, "rubric."), *_mistyped(said["rubric"], Rubric, "rubric.")]
    if not faults:
        exam = msgspec.convert(said, Exam)
        faults += _wrong(exam)
    if faults:
        raise DataError(*[f"{file}: {fault}" for fault in faults])
    return exam


def _mistyped(said: Mapping[str, object], kind: type[Record], above: str = "") -> Iterator[str]:
    """What is not given, or is of another type than it must be: each by itself, so that all are told."""
    for field in msgspec.structs.fields(kind):
        if field.name not in said:
            if field.required:
                yield f"{above}{field.name} is not given. Name the {'file' if field.name == 'file' else 'column'}."
            continue
        if field.name == "rubric":
            if not isinstance(said["rubric"], dict):
                yield "rubric: must be a table: [rubric], and below it question, criterion and points."
            continue
        try:
            msgspec.convert(said[field.name], field.type)
        except msgspec.ValidationError as error:
            what = "small letters, digits and underscores only" if "regex" in str(error) else _in_words(error)
            yield f"{above}{field.name}: {what}."


def _strange(said: object, kind: type[Record], above: str = "") -> list[str]:
    known = kind.__struct_fields__
    found = []
    for name in [name for name in said if name not in known] if isinstance(said, dict) else []:
        close = difflib.get_close_matches(name, known, n=1)
        guess = f" Did you mean {close[0]!r}?" if close else f" There are: {', '.join(known)}."
        found.append(f"nothing is called {above + name!r} here.{guess}")
    return found


def _in_words(error: msgspec.ValidationError) -> str:
    """Say what a reader of types says, of a file."""
    what, _, where = str(error).partition(" - at `$")
    return f"{what[0].lower()}{what[1:]}" + (f", in its place {where.rstrip('`')}" if where else "")


def _wrong(exam: Exam) -> list[str]:
    """What goes together, and what does not."""
    choice = exam.kind == "choice"
    prompts = exam.prompt if isinstance(exam.prompt, dict) else {}
    cases = (
        (not (choice or exam.references or exam.criteria or exam.rubric),
         "says neither options nor choices, references, criteria or a rubric. What would be a right answer?"),
        (choice and not exam.answer, "has options and no answer: name the column of the right one."),
        (bool(exam.options and exam.choices), "has options and choices. Leave one of them out."),
        (choice and bool(exam.references or exam.criteria or exam.rubric),
         "has options, and references or criteria, which open questions have. Make two exams of it."),
        (not choice and bool(exam.answer or exam.several),
         "has an answer or `several`, and no options. Open questions have references."),
        (bool(exam.criteria and exam.rubric), "has criteria and a rubric. Leave one of them out."),
        (bool(exam.rubric and not exam.id), "has a rubric, whose rows name questions by id: say which column that is."),
        (len(exam.option_columns) == 1, "has one column of options in a list. Name it without brackets, or name more."),
        (0 < len(exam.choices) < 2, "has one choice, which is none."),
        *[(True, f"prompt.{style} is no style. There are {', '.join(get_args(Style))}.")
          for style in prompts if style not in get_args(Style)],
    )  # fmt: skip
    return [said for holds, said in cases if holds]
