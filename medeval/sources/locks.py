"""The lock: what files were when they were first used, so that they are never silently others afterwards.

`tasks/tasks.lock` is shipped and names every file that a task may read. A lock of the user's own holds those
whose content no task pins.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from medeval.errors import DataError
from medeval.records import Record
from medeval.sources.alone import alone, put
from medeval.sources.files import Hub, Local, Pin, Read, Source, Url, content
from medeval.sources.rows import count_rows

Key = tuple[str, str, str, str]
YOURS = "yours"
LOCK = "tasks.lock"
HEAD = "# What files that no task pins were at first. `medeval data lock TASK --renew` takes what is there now.\n"


class Locked(Record, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One file: where it comes from, and what it is, as far as that is known."""

    folder: str
    name: str
    source: str
    """`hub:` and a repository, an address, or `yours`."""
    revision: str = ""
    sha256: str = ""
    bytes: int = 0
    rows: int = 0
    """Of the file, whatever a task makes of them."""

    @property
    def key(self) -> Key:
        """By what a file is known."""
        return self.folder, self.name, self.source, self.revision


def line_of(folder: str, source: Source) -> Locked:
    """What a declaration alone says of a file."""
    home = f"hub:{source.repo}" if isinstance(source, Hub) else source.url if isinstance(source, Url) else YOURS
    revision = source.revision if isinstance(source, Hub) else ""
    return Locked(folder=folder, name=source.path, source=home, revision=revision, sha256=source.sha256)


def revision_of(source: Source) -> str:
    """Tell the commit that holds a file: one that a hub is asked for, or one of 40 hex digits in an address."""
    if isinstance(source, Url):
        found = re.search(r"(?<![0-9a-zA-Z])[0-9a-f]{40}(?![0-9a-zA-Z])", urlsplit(source.url).path)
        return found[0] if found else ""
    return source.revision if isinstance(source, Hub) else ""


def read_lock(path: Path) -> Mapping[Key, Locked]:
    """Read a lock; one that is not there holds nothing."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[str, list[Locked]])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # what is no TOML, no UTF-8 or no lock is a ValueError
        raise DataError(
            f"{path}: the lock cannot be read ({error}). Mend it, or delete it, and files are locked anew."
        ) from error
    return {line.key: line for line in found.get("file", [])}


def lock_text(lines: Iterable[Locked], head: str = HEAD) -> str:
    """Write lines as TOML, the same bytes whatever their order."""
    tables = [
        "\n".join(["[[file]]", *[f"{name} = {_toml(value)}" for name, value in msgspec.to_builtins(line).items()]])
        for line in sorted(lines, key=lambda line: line.key)
    ]
    return "\n\n".join([head.rstrip("\n"), *tables]) + "\n"


class Lock:
    """The user's own lock, for the files of one task."""

    def __init__(self, path: Path, task: str, *, local: bool = True, data: str = "") -> None:
        self.path = path
        self._task = task
        self._local = local
        """Whether files that one has to bring along are held too."""
        self._data = f" --data {data}" if data else ""

    @cached_property
    def lines(self) -> Mapping[Key, Locked]:
        """What is held, by key."""
        return read_lock(self.path)

    def holds(self, source: Source) -> bool:
        """Tell whether a file is the lock's business: its task pins no content."""
        return not source.sha256 and (self._local or not isinstance(source, Local))

    def pin(self, folder: str, source: Source) -> Pin:
        """What holds a file."""
        line = self.lines.get(line_of(folder, source).key) if self.holds(source) else None
        if line is None:
            return Pin(sha256=source.sha256)
        renew = f"`medeval data lock {self._task} --renew{self._data}` takes the new one ({self.path} has the old)."
        return Pin(sha256=line.sha256, by="locked at first use was", renew=renew)

    def take(self, folder: str, source: Source, path: Path, *, read: Read | None = None, renew: bool = False) -> Locked:
        """Hold a file as it is; what is held already must be the same, unless it is renewed."""
        plain = line_of(folder, source)
        # Read before it is locked: what gives no rows is not worth holding.
        rows = len(read(path)) if read else count_rows(path, source.columns)
        new = msgspec.structs.replace(plain, sha256=content(path), bytes=path.stat().st_size, rows=rows)
        try:
            home = self.path.absolute().parent
            home.mkdir(parents=True, exist_ok=True)
            with alone(home):
                self.__dict__.pop("lines", None)  # another process may have been here
                if not renew and (other := (pin := self.pin(folder, source)).other(path)):
                    raise DataError(f"{path}: {other}. {pin.renew}")
                if self.lines.get(new.key) != new:
                    put(self.path, lock_text([*{**self.lines, new.key: new}.values()]).encode())
                    self.__dict__.pop("lines", None)
        except OSError as error:
            raise DataError(
                f"{self.path}: the lock cannot be written ({error.strerror}). Name another file with MEDEVAL_LOCK."
            ) from error
        return new


def own_lock(cache: Path) -> Path:
    """Where the user's own lock is."""
    return Path(os.environ.get("MEDEVAL_LOCK") or cache / LOCK).expanduser()


def _toml(value: str | int) -> str:
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
