"""Texts of other people in Markdown: in them no mark is a mark."""

import re
from collections.abc import Iterator, Sequence

# With what begins a line, and what makes an address a link.
_MARKS = re.compile(r"[\\`*_{}\[\]()<>#|!~&$@^]|^[-+=]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_ENDS = re.compile(r"\r\n|\r|\n")
"""Whatever ends a line for a reader of Markdown."""
_TICKS = re.compile(r"`+")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join([cell if cell == "---" else plain(cell) for cell in row]) + " |"
    yield ""


def plain(text: str) -> str:
    """A line in which Markdown sees no mark."""
    marked = _MARKS.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))
    return _NUMBERED.sub(r"\1\\\2", marked)


def fence(text: str) -> list[str]:
    """A text between fences that are longer than any in it."""
    longest = max([len(run) for run in _TICKS.findall(text)], default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}text", *_ENDS.split(text), ticks]
