"""What the licences of benchmarks allow, by tasks/licences.toml; a licence that it does not know allows nothing."""

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from medeval import home
from medeval.errors import TaskError
from medeval.records import Record

FILE = "licences.toml"
Carry = Literal["yes", "inside", "no"]
"""Whether files may be passed on: to anybody, within one's own organisation, or to nobody."""


class Licence(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be done with the files of a task, and with their texts."""

    title: str
    url: str = ""
    carry: Carry
    commercial: Literal["yes", "no", "unclear"]
    texts: bool
    """Whether they may be shown on a public board."""
    note: str
    known: bool = True
    """Whether it stands in the list."""


@cache
def known() -> Mapping[str, Licence]:
    """Every licence of the list, by the name that tasks write."""
    own = home.tasks()
    if own is None or not (path := own / FILE).is_file():
        raise TaskError(f"medeval's own {FILE} is missing from {home.PACKAGE}. Install it again.")
    try:
        return msgspec.toml.decode(path.read_bytes(), type=dict[str, Licence])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TaskError(f"{path}: {error}.") from error


def of(name: str) -> Licence:
    """Tell what a licence allows; one that nobody has read allows nothing."""
    return known().get(name) or Licence(
        title=name or "No licence is named", carry="no", commercial="unclear", texts=False, known=False,
        note=f"{FILE} does not know it: what it allows is for a person to read.",
    )  # fmt: skip
