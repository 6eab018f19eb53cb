"""Lines of JSON that come in any order and are written in theirs."""

from pathlib import Path

from medeval.reports import Publisher


class InOrder:
    """A file of numbered lines, in place when it is whole."""

    def __init__(self, path: Path) -> None:
        self._file = Publisher(path)
        self._held: dict[int, bytes] = {}
        self._next = 0

    def write(self, number: int, line: bytes) -> None:
        """Write a line when those before it are written; it may be several, or none."""
        self._held[number] = line
        while (ready := self._held.pop(self._next, None)) is not None:
            self._file.write(ready)
            self._next += 1

    def commit(self) -> None:
        """Put the file in its place."""
        self._file.commit()

    def discard(self) -> None:
        """Leave the place as it is."""
        self._file.discard()
