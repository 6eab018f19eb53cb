"""The desk at which pages of one language are written."""

from pathlib import Path

from medeval.board.press import Frame, Press
from medeval.board.words import Tongue, Words
from medeval.records import Record


class Plan(Record, frozen=True, kw_only=True):
    """What is needed wherever a page is made."""

    out: Path
    version: str
    tongues: tuple[Tongue, ...]
    private: bool = False
    """Whether results of somebody's own exam are among those that are shown."""


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
        return put(self.plan.out / (path if at_root else f"{tongue}/{path}"), data)


def put(path: Path, data: bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
