"""What has come of a file so far: kept where a transfer broke off, so that the next one goes on from there."""

from collections.abc import Iterable, Mapping
from pathlib import Path


class Part:
    """The first bytes of a file beside its place, and the mark by which its server knows its state."""

    def __init__(self, path: Path, url: str, *, checked: bool) -> None:
        self.path = path.with_name(f".{path.name}.part")
        self._mark = path.with_name(f".{path.name}.part.mark")
        self._url = url
        self._checked = checked
        """Whether a checksum will tell if bytes of two states came together."""
        self.page = False
        """Whether the server called it a page."""
        self.joined = False
        """Whether it came in pieces."""
        self.known = self._known()
        """The server's mark of what is here; empty if it gave none."""
        if not self.lasting:
            self.drop()

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def lasting(self) -> bool:
        """Whether a transfer may go on from what is here."""
        return self._mark.is_file() and (self._checked or bool(self.known))

    def wishes(self) -> dict[str, str]:
        """What to tell the server, so that it sends the rest alone, or all where the file has changed."""
        if not self.size or not self.lasting:
            return {}
        return {"Range": f"bytes={self.size}-", **({"If-Range": self.known} if self.known else {})}

    def begin(self, headers: Mapping[str, str]) -> None:
        """Forget what came before, and remember which state of the file comes now."""
        self.drop()
        self.joined = False
        tag = headers.get("etag", "")
        # A weak tag promises no equal bytes, and a date is one only where there is no tag.
        self.known = ("" if tag.startswith("W/") else tag) or ("" if tag else headers.get("last-modified", ""))
        if headers.get("content-encoding", "identity") == "identity":
            self._mark.write_text(f"{self._url}\n{self.known}\n", encoding="utf-8")

    def add(self, chunks: Iterable[bytes]) -> Iterable[int]:
        """Write what comes, and tell how much is here."""
        with open(self.path, "ab") as file:
            done = file.tell()
            for chunk in chunks:
                file.write(chunk)
                done += len(chunk)
                yield done

    def drop(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)
        self.known = ""

    def done(self) -> None:
        """Leave no mark of a file that is whole and in its place."""
        self._mark.unlink(missing_ok=True)

    def _known(self) -> str:
        try:
            url, known = self._mark.read_text(encoding="utf-8").split("\n")[:2]
        except (OSError, ValueError):
            url, known = "", ""
        if url != self._url:
            self._mark.unlink(missing_ok=True)  # of another address
            return ""
        return known
