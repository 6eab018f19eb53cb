"""Entries for tests of audits, and ways in which somebody changes what is published."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medeval.audits import Verified, Where, verify
from medeval.journal import frame, unframe
from medeval.records import Request, Response
from medeval.reports import JOURNAL

CELL = "exam@written"
Change = Callable[[bytes], bytes]


def by_question(request: Request) -> Response:
    """Answer by the number of the question, one in four right; in some tokens."""
    number = int(re.findall(r"Question (\d+)", request.text)[-1])
    return Response(text=f"Answer: {'ABCD'[number // 3 % 4]}", prompt_tokens=9, completion_tokens=10 + number % 3)


def data_of(home: Path) -> Where:
    """Where the data of the small exam are."""
    return Where(data=str(home / "data"), task_paths=(home / "exam.py",))


def faults(folder: Path, again: Where | None = None) -> list[tuple[str, str, str]]:
    """Where, of what kind and what all faults of an entry are; a second look with the same end."""
    found = one(folder, again)
    assert found.exit_code == (4 if found.faults else 0)
    return [(each.where, each.what, each.said) for each in found.faults]


def kinds(folder: Path, again: Where | None = None) -> set[str]:
    """The kinds of faults of an entry."""
    return {what for _, what, _ in faults(folder, again)}


def one(folder: Path, again: Where | None = None) -> Verified:
    """Verify one entry."""
    (found,) = verify([folder], again)
    return found


def changed(path: Path, before: str, after: str) -> None:
    """Put other words in the place of some that are there."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def json_changed(path: Path, *way: str | int, value: object) -> None:
    """Put another value at a place in a JSON file, written as medeval writes it."""
    whole = json.loads(path.read_bytes())
    here: Any = whole
    for step in way[:-1]:
        here = here[step]
    here[way[-1]] = value
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def line_changed(path: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change one line of a file of lines of JSON."""
    lines = path.read_bytes().splitlines()
    value = json.loads(lines[number])
    change(value)
    lines[number] = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    path.write_bytes(b"\n".join(lines) + b"\n")


def reply_changed(cell: Path, number: int, text: str) -> None:
    """Change a reply in a journal, and mend its checksum."""
    from msgspec.structs import replace

    lines = (cell / JOURNAL).read_bytes().splitlines(keepends=True)
    line = unframe(lines[number])
    assert line is not None
    assert isinstance(line.reply, Response)
    lines[number] = frame(replace(line, reply=replace(line.reply, text=text)))
    (cell / JOURNAL).write_bytes(b"".join(lines))
