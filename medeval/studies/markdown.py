"""A study as Markdown, for a report or a review: in what was said no mark is a mark."""

from collections.abc import Iterator

from medeval.markdown import fence, plain, table
from medeval.studies.pages import Column, Page, Section
from medeval.studies.transcripts import Part


def markdown_of(page: Page) -> str:
    """Write a study."""
    return "\n".join(_lines(page)).rstrip("\n") + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield from (f"# Cases of {plain(page.task)}", "", f"{plain(page.why)}.", "")
    for section in page.sections:
        yield from _section(section)
    yield from ("## What the numbers stand on", "")
    yield from [f"- {plain(entry)}: {plain(signature)}" for entry, signature in page.entries]
    yield from ("", f"medeval {page.version}. A transcript is no evidence of clinical fitness.")


def _section(section: Section) -> Iterator[str]:
    yield from (f"## Sample {plain(section.id)}", "")
    if section.slices:
        yield from ("Slices: " + plain(", ".join([f"{name} {value}" for name, value in section.slices])), "")
    for part in section.asked:
        yield from _part(part)
    if section.target:
        yield from (f"Right: **{plain(section.target)}**", "")
    for part in section.references:
        yield from _part(part)
    rows = [
        (column.entry, _marked(column), column.picked, column.rule, column.status,
         ", ".join([f"{name} {value}" for name, value in column.numbers]))
        for column in section.columns
    ]  # fmt: skip
    yield from table(("entry", "", "read", "by rule", "status", "numbers"), rows)
    for column in section.columns:
        yield from _column(column)


def _column(column: Column) -> Iterator[str]:
    yield from (f"### {plain(column.entry)}", "")
    for part in (*column.own, *column.parts, *column.beside):
        yield from _part(part)
    for when, said in column.others:
        yield f"- {plain(when)}: {plain(said)}"
    yield from [""] if column.others else []
    for judge, mean, grades in column.judges:
        head = (f"judge {judge}", f"grade, mean {mean}" if mean else "grade", "its words")
        yield from table(head, [(grade.criterion, grade.grade, grade.words) for grade in grades])


def _part(part: Part) -> Iterator[str]:
    yield from (f"**{plain(part.who)}**" + (f" ({plain(part.note)})" if part.note else ""), "")
    if part.reasoning:
        yield from ("Reasoning:", "", *fence(part.reasoning), "")
    if part.prefill:
        yield from ("Put into its mouth:", "", *fence(part.prefill), "")
    if part.text:
        yield from (*fence(part.text), "")
    if part.read:
        yield from (f"Read there: {plain(part.read)}", "")


def _marked(column: Column) -> str:
    return f"{column.mark.sign} {column.mark.word}" if column.mark else ""
