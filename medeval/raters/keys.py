"""What is kept from raters: which answer is whose. The key lies beside the page and does not go with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from medeval.errors import RequestError
from medeval.gradings import Per
from medeval.records import Criterion, Language, Record
from medeval.reports import read

BETTER = ("A", "tie", "B")
"""What can be said of two answers."""
PageId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class Hidden(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a page does not tell of an item."""

    sample: str
    sides: tuple[int, ...]
    """Places of the entries whose answers are shown, A first."""
    language: Language
    slices: Mapping[str, str]


class Key(Record, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is to be known to make numbers of the ratings of one page."""

    schema_version: Literal[1] = 1
    page: PageId
    entries: tuple[str, ...]
    cells: tuple[str, ...]
    """Folders of the answers, below that of the reports."""
    per: Per
    criteria: tuple[Criterion, ...]
    grades: tuple[str, ...]
    seed: int
    items: Mapping[str, Hidden]

    @property
    def is_pair(self) -> bool:
        """Whether two answers were compared."""
        return len(self.entries) > 1

    def worth(self, item: str, grade: str) -> float:
        """A grade as a number: the grade itself, or 1 where the first entry is better, 0 for a tie, -1 else."""
        if not self.is_pair:
            return float(grade)
        shown = 1.0 - self.grades.index(grade)
        return shown if self.items[item].sides[0] == 0 else -shown or 0.0


def read_key(path: Path) -> Key:
    """Read the key of a page."""
    found = read(path, Key)
    if found is None:
        raise RequestError(f"{path}: no such key. `medeval raters export` wrote it beside the page.")
    return found
