"""A real browser for tests of pages: the machine's own Chromium, and no network."""

import base64
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NO_BROWSER = "needs Chromium on the path and the package playwright"
_open: "list[Browser]" = []


def chromium_path() -> str | None:
    """Where Chromium is, if it and what drives it are here."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found if find_spec("playwright") else None


@contextmanager
def browser() -> "Iterator[Browser]":
    """Start it, or skip the test with the reason; one inside another is the same one, as one thread drives only one."""
    path = chromium_path()
    if path is None:
        pytest.skip(NO_BROWSER)
    if _open:
        yield _open[0]
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        _open.append(made)
        try:
            yield made
        finally:
            _open.remove(made)
            made.close()


def sealed(path: Path, body: str, *scripts: str, language: str = "en") -> str:
    """Write a page whose policy lets nothing but these scripts run; its address."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join([f"'sha256-{each}'" for each in hashes])
    policy = f"default-src 'none'; script-src {allowed}; base-uri 'none'; form-action 'none'"
    path.write_text(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><title>A page</title></head>'
        f"<body>{body}{''.join([f'<script>{script}</script>' for script in scripts])}</body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


@contextmanager
def opened(there: "Browser", address: str, *, wide: int = 1200, scripted: bool = True) -> "Iterator[Page]":
    """Open a page; it must say nothing on the console and ask for nothing but other pages on the disk."""
    context = there.new_context(viewport={"width": wide, "height": 800}, java_script_enabled=scripted)
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.is_navigation_request() else faults.append(request.url))
    try:
        page.goto(address)
        yield page
    finally:
        context.close()
    assert faults == []
