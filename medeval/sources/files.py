"""What a task declares of its files: where each comes from, what holds it fast, and how they make one shape."""

import hashlib
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from medeval.errors import DataError
from medeval.records import Record, Row, Sample
from medeval.sources.rows import Rows

Read = Callable[[Path], Rows]
STILL = 2 * 10**9
"""Nanoseconds after which a file that changed once more would show another time: the coarsest clock of a disk."""


class Hub(Record, frozen=True, kw_only=True):
    """A file of a data set on the Hugging Face hub, at a revision of 40 hex digits."""

    repo: str
    path: str
    revision: str = ""
    sha256: str = ""
    columns: tuple[str, ...] = ()
    """Names of the columns of a CSV that has no header line."""

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256 or self.revision

    @property
    def said(self) -> str:
        """The source in words."""
        return f"hub:{self.repo}@{self.revision[:8] or 'main'}/{self.path}"


class Url(Record, frozen=True, kw_only=True):
    """A raw file at an address."""

    url: str
    sha256: str = ""
    columns: tuple[str, ...] = ()
    """Names of the columns of a CSV that has no header line."""
    name: str = ""
    """Where the file lies below the task's folder; empty: there, under the last part of the address."""

    @property
    def path(self) -> str:
        """The name of the file."""
        return self.name or self.url.rsplit("/", 1)[-1]

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256

    @property
    def said(self) -> str:
        """The source in words."""
        return self.url


class Local(Record, frozen=True, kw_only=True):
    """A file that one has to bring along."""

    path: str
    sha256: str = ""
    columns: tuple[str, ...] = ()
    """Names of the columns of a CSV that has no header line."""

    @property
    def pin(self) -> str:
        """What holds the content fast; empty if nothing does."""
        return self.sha256

    @property
    def said(self) -> str:
        """The source in words."""
        return f"a file of your own: {self.path}"


Source = Hub | Url | Local


def _only(rows: Rows) -> Iterable[Row]:
    return rows


class Form(Record, frozen=True, kw_only=True):
    """One shape in which a benchmark is published; `join` makes rows of its files, in their order."""

    name: str
    files: tuple[Source, ...]
    to_sample: Callable[[Row], Sample]
    exact: Callable[[Row], Sample] | None = None
    """`to_sample` letter for letter as a published protocol shows a row, where that differs."""
    join: Callable[..., Iterable[Row]] = _only
    read: Read | None = None
    """How its files are read, where their kind does not say."""
    rows: int = 0
    """Questions asked in this form; 0: as many as the task says."""
    exemplars: tuple[Source, ...] = ()
    """Files whose rows may be shown as solved examples; never the rows that are asked."""
    join_exemplars: Callable[..., Iterable[Row]] = _only
    drawn: bool = False
    """Exemplars are drawn by seed, because their files are a whole training split; else the first ones are shown."""

    def reading(self, *, exact: bool) -> Callable[[Row], Sample]:
        """Choose how a row becomes a sample."""
        return self.exact if exact and self.exact else self.to_sample

    @property
    def pinned(self) -> bool:
        """Whether the content of every file is checked; a revision alone cannot be, on a file in a folder."""
        return all(source.sha256 for source in self.files)


def place(root: Path, folder: str, source: Source) -> Path:
    """Name the file that stands for a source below a data folder."""
    return root / folder / source.path


class Pin(Record, frozen=True, kw_only=True):
    """What holds the content of a file fast."""

    sha256: str = ""
    """Empty: nothing does."""
    by: str = "the task pins"
    renew: str = ""
    """How another content is taken, where that is for the user to say."""

    def other(self, path: Path) -> str:
        """Tell the checksum of a file that is not the one that is held; empty if it is, or none is."""
        if not self.sha256:
            return ""
        found = content(path)
        return "" if found == self.sha256 else f"sha256 is {found[:12]}…, {self.by} {self.sha256[:12]}…"


def content(path: Path) -> str:
    """Tell the checksum of a file; one that lies still is read once in a process."""
    try:
        stat = path.stat()
        changed, now = max(stat.st_mtime_ns, stat.st_ctime_ns), time.time_ns()
        # What was written a moment ago may be written again before the disk's clock moves.
        return _hashed(path, (stat.st_ino, stat.st_size, changed, 0 if now - changed > STILL else now))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error


@lru_cache(maxsize=4096)
def _hashed(path: Path, state: tuple[int, ...]) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_pin(path: Path, source: Source) -> None:
    """Refuse a file that is not the one that was pinned."""
    if other := Pin(sha256=source.sha256).other(path):
        raise DataError(f"{path}: {other}. Get the original file ({source.said}).")
