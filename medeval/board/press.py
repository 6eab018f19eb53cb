"""Templates to pages: everything a page needs stands in it, and its policy lets in nothing else."""

import re
from functools import cache
from typing import TYPE_CHECKING

from medeval.board.words import Tongue, Words
from medeval.entries import ADDRESS
from medeval.pages import environment, hashed, own_folder
from medeval.records import Record

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


class Frame(Record, frozen=True, kw_only=True):
    """What stands around every page."""

    path: str
    """Below the language's folder."""
    here: str
    """Which place of the navigation it belongs to."""
    title: str
    version: str
    tongue: Tongue = "en"
    tongues: tuple[Tongue, ...] = ()
    at_root: bool = False
    """Whether it is what the whole site opens with, above the languages."""
    single: bool = False
    """Whether it is all there is: nothing on it leads anywhere else."""
    private: bool = False
    """Whether results of somebody's own exam may be on it."""

    @property
    def up(self) -> str:
        """The way to the site's folder."""
        return "" if self.at_root else "../" * (self.path.count("/") + 1)

    @property
    def root(self) -> str:
        """The way to the language's folder."""
        return f"{self.up}{self.tongue}/"


class Press:
    """Makes the pages of one language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._environment = _environment()

    def page(self, template: str, frame: Frame, scripts: tuple[str, ...] = ("site.js",), **values: object) -> bytes:
        """Fill a template."""
        made = self._environment.get_template(f"board/{template}.html").render(
            t=self.words, frame=frame, sheet=asset("site.css"), scripts=[asset(name) for name in scripts],
            style_hash=digest("site.css"), script_hashes=[digest(name) for name in scripts], **values,
        )  # fmt: skip
        # A lone surrogate is in some model's text, and in no encoding.
        return made.encode("utf-8", "replace")


@cache
def asset(name: str) -> "Markup":
    """One of our own style sheets or scripts, without its comments and indents."""
    from markupsafe import Markup

    text = (own_folder() / "static" / name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = [line.strip() for line in text.splitlines()]
    # Of all that is shown only these, which are ours, are put in as they are.
    made = "\n".join([line for line in lines if line and not line.startswith("// ")])
    if name.endswith(".css"):
        # Places on a scale are classes: no style stands in an element, and no script has to put it there.
        made += "".join([f".{kind}{place}{{--{kind}:{place}}}" for kind in "ldhc" for place in range(101)])
    return Markup(made)  # noqa: S704


@cache
def digest(name: str) -> str:
    """Its hash, by which the page's policy knows it."""
    return hashed(asset(name))


@cache
def _environment() -> "Environment":
    made = environment()
    made.filters["shown"] = shown
    return made


_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """Make what could steer a page visible; it steers nothing then."""
    return _STEERING.sub("\ufffd", text)


def web(url: str) -> str:
    """An address that may be followed, or nothing."""
    return url if ADDRESS.fullmatch(url) else ""
