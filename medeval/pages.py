"""Pages: a template and a style sheet made into one file that needs nothing else and runs nothing."""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from medeval.errors import ReportError, RequestError
from medeval.records import Record
from medeval.reports import made, probe, put

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGE = Path(__file__).parent


def own_folder() -> Path:
    """Where the templates are: in the wheel, or beside the package in a checkout."""
    for folder in (PACKAGE / "_leaderboard", PACKAGE.parent / "leaderboard"):
        if (folder / "templates").is_dir():
            return folder
    raise ReportError(f"medeval's own pages are missing from {PACKAGE}. Install it again.")


def environment() -> "Environment":
    """How every template is read: all that is put in is escaped, and a name that nobody gave stops the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(own_folder() / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def hashed(text: str) -> str:
    """The hash by which a page's policy lets in a style sheet or a script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def rendered(template: str, style: str, page: Record) -> str:
    """Fill a template; its style sheet stands inside, and the page names its hash and allows nothing else."""
    from markupsafe import Markup

    css = (own_folder() / "static" / style).read_text(encoding="utf-8")
    # Of all that is shown only the style sheet, which is ours, is put in as it is.
    return environment().get_template(template).render(page=page, css=Markup(css), digest=hashed(css))  # noqa: S704


def check_place(path: Path) -> None:
    """See that a page can be written there before anything is computed for it."""
    if path.is_dir():
        raise RequestError(f"{path}: is a folder. Name a file for the page.")
    probe(path.parent, "place for the page")


def publish(path: Path, html: str) -> None:
    """Put a page in its place, whole."""
    made(path.parent)
    put(path, html.encode())
