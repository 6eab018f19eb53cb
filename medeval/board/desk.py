"""The desk at which pages of one language are written."""

from pathlib import Path

from medeval.board.press import Frame, Press
from medeval.board.words import Tongue, Words
from medeval.errors import ReportError
from medeval.records import Record


class Plan(Record, frozen=True, kw_only=True):
    """What is needed wherever a page is made."""

    out: Path
    """Where pages are written, until all of them are."""
    place: Path
    """Where they go then."""
    version: str
    tongues: tuple[Tongue, ...]
    private: bool = False
    """Whether results of somebody's own exam are among those that are shown."""

    def put(self, name: str, data: bytes) -> Path:
        """Write a file, and the folders above it."""
        path = self.out / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise unwritten(self.place / name, error) from error
        return path


class Desk(Record, frozen=True, kw_only=True):
    """Writes the pages of one language."""

    plan: Plan
    words: Words

    def write(  # noqa: PLR0913  a page has this many sides
        self,
        template: str,
        path: str,
        here: str,
        title: str,
        *,
        scripts: tuple[str, ...] = ("site.js",),
        at_root: bool = False,
        **values: object,
    ) -> Path:
        """Fill one page, and put it in its place."""
        tongue = self.words.tongue
        frame = Frame(
            path=path, here=here, title=title, version=self.plan.version, tongue=tongue, tongues=self.plan.tongues,
            at_root=at_root, private=self.plan.private,
        )  # fmt: skip
        data = Press(self.words).page(template, frame, scripts, **values)
        return self.plan.put(path if at_root else f"{tongue}/{path}", data)


def unwritten(place: Path, error: OSError) -> ReportError:
    """Say that a file or folder of the site cannot be made, by the name that it would have had."""
    return ReportError(f"{place}: cannot be written ({error.strerror}). The site is as it was before.")
