"""What was found: a sentence each, where it was found, and what all of it comes to."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Literal, TypeVar

from medeval.errors import Interrupted, MedevalError
from medeval.records import Record

Word = Literal["holds", "fault", "note"]
MOST = 5
"""Faults of one kind that are told of one folder; the rest is more of the same."""
AGREES, DISAGREES, NOTHING = 0, 4, 5
T = TypeVar("T")


class Finding(Record, frozen=True, kw_only=True):
    """What one look at a folder found."""

    where: str
    what: str
    word: Word
    said: str = ""
    """The fault or the note, in a sentence; empty where all holds."""


class Checked(Record, frozen=True, kw_only=True):
    """A folder that was looked at: a cell, a judge's folder, a group, or the entry's own."""

    where: str
    samples: int = 0
    replies: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What does not agree."""
        return tuple([each for each in self.findings if each.word == "fault"])

    @property
    def word(self) -> str:
        """What it comes to."""
        return "does not agree" if self.faults else "agrees"


class Verified(Record, frozen=True, kw_only=True):
    """An entry, or a cell of it, that was looked at."""

    entry: str
    rescored: bool
    folders: tuple[Checked, ...]

    @property
    def cells(self) -> int:
        """How many cells hold something, those of judges and groups apart."""
        return sum(bool(each.where) and "/" not in each.where for each in self.folders)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What does not agree, of all its folders."""
        return tuple([fault for each in self.folders for fault in each.faults])

    @property
    def told(self) -> tuple[Finding, ...]:
        """Faults and notes: all that is worth a sentence."""
        return tuple([found for each in self.folders for found in each.findings if found.word != "holds"])

    @property
    def exit_code(self) -> int:
        """What the command leaves with."""
        return DISAGREES if self.faults else AGREES if self.cells else NOTHING


def exit_code(verified: Sequence[Verified]) -> int:
    """What the command leaves with: a fault weighs more than an entry with nothing in it, and that more than none."""
    codes = [each.exit_code for each in verified]
    return DISAGREES if DISAGREES in codes else max(codes, default=NOTHING)


class Sheet:
    """The findings on one folder, as they come: whatever a stranger's files do to our readers is a fault of theirs."""

    def __init__(self, where: str, hidden: str = "") -> None:
        self.where = printable(where)
        self.samples = self.replies = 0
        self._hidden = hidden
        self._findings: list[Finding] = []

    def held(self, what: str, faults: Iterable[str]) -> bool:
        """Note every fault, or that there is none."""
        seen: list[str] = []
        try:
            seen += islice(faults, MOST + 1)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  the files are a stranger's, and may be anything
            seen.append(_told(error))
        if len(seen) > MOST:
            seen[MOST:] = ["and more of the same."]
        self._findings += [self._finding(what, "fault", said) for said in seen] or [self._finding(what, "holds", "")]
        return not seen

    def got(self, what: str, read: Callable[[], T]) -> T | None:
        """Give what can be read, or note why it cannot."""
        try:
            return read()
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001  the same
            self._findings.append(self._finding(what, "fault", _told(error)))
            return None

    def note(self, what: str, said: str) -> None:
        """Note what is no fault, and should be known."""
        self._findings.append(self._finding(what, "note", said))

    def checked(self) -> Checked:
        """Give all of it; what holds is told once, and not beside a fault of the same kind."""
        bad = Counter([each.what for each in self._findings if each.word == "fault"])
        kept = [each for each in self._findings if each.word != "holds" or each.what not in bad]
        return Checked(
            where=self.where, samples=self.samples, replies=self.replies, findings=tuple(dict.fromkeys(kept))
        )

    def _finding(self, what: str, word: Word, said: str) -> Finding:
        told = said.replace(self._hidden, "") if self._hidden else said
        return Finding(where=self.where, what=what, word=word, said=printable(told))


def printable(text: str) -> str:
    """Spell half characters out, which a file's name may hold and no terminal can print."""
    return text.encode("utf-8", "backslashreplace").decode()


def _told(error: Exception) -> str:
    if isinstance(error, MedevalError):
        return error.faults[0]
    if isinstance(error, RecursionError):
        return "something is nested too deep to be read."
    return f"cannot be read ({type(error).__name__}: {error})."
