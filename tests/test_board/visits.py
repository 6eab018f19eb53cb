"""Visits to a built site: a browser's page that may not fail, where to go with it, and what is seen there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROWS = "table[data-board] tbody:not(.floors) tr"
TONGUES = ("en", "zh")


@contextmanager
def opened(chromium: "Browser", **how: object) -> "Iterator[Page]":
    """A page of a browser of its own; an error of a script on it is one of the test."""
    context = chromium.new_context(**how)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(5_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def go(page: "Page", site: Path, name: str = "en/index.html", fragment: str = "") -> None:
    """Open a page of the site."""
    page.goto((site / name).as_uri() + fragment)


def order(page: "Page") -> list[str]:
    """The entries in the order in which they are seen."""
    seen: list[str] = page.locator(f"{ROWS}:visible").evaluate_all("rows => rows.map(row => row.dataset.entry)")
    return seen


def keys(page: "Page") -> list[str]:
    """The columns of numbers."""
    heads = page.locator("table[data-board] thead th[data-better]")
    there: list[str] = heads.evaluate_all("heads => heads.map(head => head.dataset.key)")
    return there


def kinds(site: Path, tongue: str) -> Sequence[str]:
    """A page of every kind, and of each folder the largest."""
    plain = sorted((site / tongue).glob("*.html"))
    folders = [
        max((site / tongue / name).rglob("*.html"), key=lambda path: path.stat().st_size)
        for name in ("task", "entry", "cell", "pair", "question")
    ]
    return [path.relative_to(site).as_posix() for path in (*plain, *folders)]
