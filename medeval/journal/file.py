"""The append-only truth: one line a reply, `crc32 json`, acknowledged only when it is on the disk.

Opening is recovering: a torn tail, which a crash leaves behind, is cut off; a bad line before a good
one is damage and stops the run. Everything else that medeval writes can be computed from here again.
"""

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path

from medeval.errors import JournalError, ReportError
from medeval.journal.lines import Line, asked_again, frame, head_asked_again, unframe, unframe_head
from medeval.records import Record

SYNC_RECORDS = 64
SYNC_SECONDS = 0.25
JUDGED = "\njudge:"
"""In a place whose role is a judge's."""


class _Place(Record, frozen=True):
    """Where the line of a place stands, and enough of it to know it by."""

    key: str
    offset: int
    length: int
    digest: bytes
    again: bool


class Journal:
    """The journal of one cell; one writer at a time."""

    def __init__(self, path: Path, *, writable: bool = True, read: bool = True) -> None:
        self.path = path
        self.torn = 0
        self._places: dict[str, _Place] = {}
        self._judged = False
        self._error: OSError | None = None
        self._wake = threading.Condition()
        self._written = 0
        self._synced = 0
        self._closing = False
        self._syncer: threading.Thread | None = None
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND if writable else os.O_RDONLY
        try:
            self._fd = os.open(path, flags, 0o644)
        except OSError as error:
            raise ReportError(f"{path}: cannot be opened ({error.strerror}).") from error
        try:
            if writable:
                self._lock()
            if read:
                self.recover(cut=writable)
        except BaseException:
            os.close(self._fd)
            raise

    def __len__(self) -> int:
        """How many replies are held, counting a place once."""
        return len(self._places)

    def count(self, judge: str = "") -> int:
        """How many replies are held but for those of judges, or of one judge."""
        return len(self._of(judge))

    @property
    def acknowledged(self) -> int:
        """How many lines of this session are safe on the disk."""
        return self._synced

    @property
    def unsettled(self) -> int:
        """How many replies of the model and of patients are errors that a resumed run asks for again."""
        return self.unsettled_of("")

    def unsettled_of(self, judge: str) -> int:
        """How many replies of a judge are."""
        return sum(known.again for known in self._of(judge))

    def _of(self, judge: str) -> list[_Place]:
        """The places of one judge, or those of nobody who judges: what judges say changes no answer."""
        if not self._judged:
            return [] if judge else [*self._places.values()]
        return [known for where, known in self._places.items() if _judge_of(where) == judge]

    # --- reading ---

    def holds(self, where: str, key: str) -> bool:
        """Tell whether this very request was answered, for good, at this place."""
        known = self._places.get(where)
        return known is not None and known.key == key and not known.again

    def __contains__(self, where: str) -> bool:
        """Tell whether anything was replied at this place."""
        return where in self._places

    def line(self, where: str) -> Line | None:
        """Read the line at a place."""
        known = self._places.get(where)
        return None if known is None else self._line(known)

    def lines(self) -> Iterator[Line]:
        """Read the line that holds at every place, sorted by key."""
        for known in sorted(self._places.values(), key=attrgetter("key")):
            yield self._line(known)

    def file_hash(self) -> str:
        """Hash the file as it lies there: a quick way to see that nothing of it changed."""
        with open(self.path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def fingerprint(self, judge: str = "") -> str:
        """Hash the lines that hold but for those of judges, or of one judge: the same however the run came about."""
        # Two sorts and many small bites: pairs and one long text of them would be the most that a run holds.
        digest = hashlib.sha256()
        for known in sorted(sorted(self._of(judge), key=attrgetter("digest")), key=attrgetter("key")):
            digest.update(known.key.encode() + known.digest)
        return digest.hexdigest()

    def _line(self, known: _Place) -> Line:
        line = unframe(os.pread(self._fd, known.length, known.offset))
        if line is None:
            raise JournalError(f"{self.path}: the line at byte {known.offset} changed while it was read.")
        return line

    # --- opening ---

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ReportError(
                f"{self.path.parent}: another medeval is writing here. Wait for it, or choose another --label."
            ) from error

    def recover(self, *, cut: bool = True) -> None:
        """Index every whole line, and cut a torn tail off. Opening does this, unless it is told not to read."""
        bad = end = offset = 0
        framed = b""
        with open(self.path, "rb") as file:
            for number, framed in enumerate(file, 1):
                head = unframe_head(framed)
                if head is None:
                    bad = bad or number
                elif bad:
                    raise JournalError(
                        f"{self.path}: line {bad} is damaged and whole lines follow it, so this is no crash. "
                        "Restore the file, or take the folder away to begin again."
                    )
                else:
                    self._index(head.place, head.key, head_asked_again(head, framed), offset, framed)
                    end = offset + len(framed)
                offset += len(framed)
        torn = offset - end
        if torn and framed.endswith(b"\n"):
            # A crash leaves a line without its end. A last line that has one was changed afterwards.
            raise JournalError(
                f"{self.path}: the last line (number {bad}) is damaged: it has its end but not its checksum. "
                "Restore the file, or take the line away to have it asked again."
            )
        if torn and cut:
            os.ftruncate(self._fd, end)
            os.fsync(self._fd)
        self._end, self.torn = end, torn

    def _index(self, where: str, key: str, again: bool, offset: int, framed: bytes) -> None:  # noqa: FBT001
        digest = hashlib.blake2b(framed, digest_size=16).digest()
        self._judged = self._judged or JUDGED in where
        self._places[where] = _Place(key, offset, len(framed), digest, again)

    # --- writing ---

    def append(self, lines: Sequence[Line], places: Sequence[str] = ()) -> None:
        """Write lines, each whole; they count once `acknowledged` has reached them.

        Whoever knows the places of the lines can hand them over, and spare them being spelt again.
        """
        if self._syncer is None:
            self._syncer = threading.Thread(target=self._sync, name="journal-sync", daemon=True)
            self._syncer.start()
        framed = [frame(line) for line in lines]
        self._write(b"".join(framed))
        for line, piece, where in zip(lines, framed, places or [line.place for line in lines], strict=True):
            self._index(where, line.key, asked_again(line.reply), self._end, piece)
            self._end += len(piece)
        with self._wake:
            self._written += len(lines)
            if self._written - self._synced >= SYNC_RECORDS:
                self._wake.notify()

    def flush(self) -> None:
        """Return when everything written is on the disk."""
        with self._wake:
            self._raise_failed_sync()
            if self._written == self._synced:
                return
            target = self._written
        self._fsync(target)

    def close(self) -> None:
        """Flush, end the syncing thread, and let the lock go."""
        try:
            self.flush()
        finally:
            with self._wake:
                self._closing = True
                self._wake.notify()
            if self._syncer is not None:
                self._syncer.join()
            os.close(self._fd)

    def _write(self, data: bytes) -> None:
        self._raise_failed_sync()
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except OSError as error:
                raise ReportError(f"{self.path}: cannot be written ({error.strerror}).") from error

    def _sync(self) -> None:
        """Sync every 64 lines or 250 ms, beside the run: waiting for the disk costs it nothing."""
        while True:
            with self._wake:
                if self._closing:
                    return
                if self._written - self._synced < SYNC_RECORDS:
                    self._wake.wait(SYNC_SECONDS)
                target = self._written
                if target == self._synced or self._closing:
                    continue
            try:
                self._fsync(target)
            except ReportError:
                return

    def _fsync(self, target: int) -> None:
        try:
            os.fsync(self._fd)
        except OSError as error:
            # After a failed fsync the kernel may have dropped the pages: never try again, never acknowledge.
            with self._wake:
                self._error = error
            self._raise_failed_sync()
        with self._wake:
            self._synced = max(self._synced, target)

    def _raise_failed_sync(self) -> None:
        if self._error is not None:
            raise ReportError(f"{self.path}: cannot be written ({self._error.strerror}).") from self._error


def _judge_of(where: str) -> str:
    """Name the judge at a place; nobody where it is the model's or a patient's."""
    role = where.rsplit("\n", 2)[1]
    return role.removeprefix("judge:") if role.startswith("judge:") else ""
