"""Items of benchmarks that are known to be faulty, as tasks/errata.toml lists them; nothing is taken out of a run.

A run of a task that has such items tells its numbers of the sound ones apart, as a part of its own: `errata_v1`.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from medeval import home
from medeval.errors import TaskError
from medeval.records import Record, Result, SliceEstimate

FILE = "errata.toml"
SOUND, FAULTY = "sound", "faulty"
Fault = Literal[
    "wrong key", "key and answer disagree", "key and type disagree", "ambiguous", "two options with one text",
    "answer leaks", "no question",
]  # fmt: skip
"""What may be wrong with an item."""
PART = re.compile(r"errata_v(\d+)")


class Item(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Samples that have the same wrong with them."""

    kind: Fault
    why: str
    form: str = ""
    """The form of the data that has these ids; empty: every form has them."""
    ids: tuple[str, ...]


class Errata(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong with a task."""

    version: int
    """Of this list: it grows by one whenever an id comes or goes."""
    source: str
    """What was read, and how the ids were found."""
    items: tuple[Item, ...]


class Listed(Record, frozen=True, kw_only=True):
    """The faulty samples of one form of a task, and what the part is called that tells them from the sound ones."""

    part: str
    ids: frozenset[str]


@cache
def known() -> Mapping[str, Errata]:
    """Every list, by its task; without the file there are none."""
    own = home.tasks()
    if own is None or not (path := own / FILE).is_file():
        return {}
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=dict[str, Errata])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path}: {error}.") from error
    for task, each in found.items():
        for form in {item.form for item in each.items}:
            ids = [name for item in each.items if item.form == form for name in item.ids]
            if len({*ids}) < len(ids) or not ids:
                raise TaskError(f"{path}: {task}: an id stands twice, or there is none.")
    return found


def listed(task: str, form: str) -> Listed | None:
    """What is known to be faulty in a form of a task; none where nothing is."""
    found = known().get(task)
    ids = frozenset([name for item in found.items if item.form in ("", form) for name in item.ids]) if found else None
    return Listed(part=f"errata_v{found.version}", ids=ids) if found and ids else None


def beside(result: Result) -> str:
    """What a result comes to without its faulty items, in a sentence; empty where it had none."""
    first = result.first
    for part in first.slices:
        version = PART.fullmatch(part.slice)
        if version and part.value == SOUND:
            count = first.n - part.n
            items = "known-faulty item" if count == 1 else f"{count} known-faulty items"
            value = _said(part, 100 if first.unit == "fraction" else 1)
            return f"{result.task}: {first.metric} without the {items} (errata v{version[1]}): {value}"
    return ""


def _said(part: SliceEstimate, by: int) -> str:
    digits = 2 if by > 1 else 4
    around = "" if part.low is None or part.high is None else (
        f", {by * part.low:.{digits}f} to {by * part.high:.{digits}f}"
    )  # fmt: skip
    return f"{by * part.estimate:.{digits}f}{around}, n {part.n:,}"
