"""Pages made of texts that mean harm, opened in a real browser: they show them, and do nothing of what they say."""

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.payloads import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]+")
"""What moves a text about, and the mark that stands where some of it was."""
FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"^-?\d+(\.\d+)?(e-?\d+)?$")
FORBIDDEN = {
    "iframe", "frame", "frameset", "object", "embed", "applet", "base", "form", "img", "video", "audio", "source",
    "track", "portal", "template", "noscript", "math", "foreignobject", "animate", "set", "image", "marquee", "xmp",
    "plaintext", "listing", "keygen", "textarea", "isindex", "bgsound", "noembed", "noframes", "font", "x", "xss",
}  # fmt: skip
LOOK = """() => ({
  tags: [...new Set([...document.querySelectorAll('*')].map(each => each.localName))],
  names: [...new Set([...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames()))],
  scripts: [...document.scripts].map(each => [each.type, each.src]),
  links: [...document.querySelectorAll('[href]')].map(each => each.getAttribute('href')),
  metas: [...document.querySelectorAll('meta')].map(each => each.httpEquiv),
  text: document.documentElement.textContent,
  hit: window.__hit ?? null,
  polluted: ({}).hidden ?? null,
})"""


class Seen(NamedTuple):
    """What was there when a page had been opened, and what it did."""

    path: str
    tags: set[str]
    names: set[str]
    scripts: list[tuple[str, str]]
    links: list[str]
    metas: list[str]
    text: str
    hit: object
    polluted: object


class Watch:
    """Writes down whatever a page does that it should not."""

    def __init__(self, page: "Page") -> None:
        self.faults: list[str] = []
        self._at = ""
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{self._at}: error {error}"))
        page.on("popup", lambda other: self.faults.append(f"{self._at}: a window"))
        page.on("download", lambda other: self.faults.append(f"{self._at}: a download"))

    def opening(self, path: Path) -> str:
        self._at = path.as_uri()
        return self._at

    def _dialog(self, dialog: "Dialog") -> None:
        self.faults.append(f"{self._at}: dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: "Request") -> None:
        if request.url.partition("#")[0] != self._at:
            self.faults.append(f"{self._at}: asks {request.url[:200]}")

    def _console(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{self._at}: says {message.text[:300]}")


@pytest.fixture(scope="module")
def visited(wild: Path, wild_alone: Path, chromium: "Browser") -> tuple[list[Seen], list[str]]:
    """Every page, opened once; what was on it, and all that it did."""
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    watch, seen = Watch(page), []
    for path in sorted([*wild.rglob("*.html"), *wild_alone.glob("*.html")]):
        page.goto(watch.opening(path), wait_until="load")
        found = page.evaluate(LOOK)
        seen.append(
            Seen(
                str(path), {*found["tags"]}, {*found["names"]}, [*map(tuple, found["scripts"])],
                found["links"], found["metas"], found["text"], found["hit"], found["polluted"],
            )
        )  # fmt: skip
    page.close()
    return seen, watch.faults


def test_no_page_asks_for_anything_opens_anything_or_breaks_its_own_policy(
    visited: tuple[list[Seen], list[str]],
) -> None:
    seen, faults = visited
    assert len(seen) > 100
    assert faults == []
    assert [each.path for each in seen if each.hit is not None or each.polluted is not None] == []


def test_there_is_no_element_and_no_attribute_that_a_template_did_not_put_there(
    visited: tuple[list[Seen], list[str]], site: Path, alone: Path
) -> None:
    seen, _ = visited
    tame_tags, tame_names = set[str](), set[str]()
    for path in [*site.rglob("*.html"), *alone.glob("*.html")]:
        text = path.read_text(encoding="utf-8")
        tame_tags |= {tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]*)", text)}
        tame_names |= {name.lower() for name in re.findall(r"[\s\"']([a-zA-Z][\w:-]*)(?==|[\s>])", text)}
    for each in seen:
        assert not each.tags & FORBIDDEN, each.path
        assert each.tags <= tame_tags | {"tbody"}, each.path
        assert not [name for name in each.names if name.startswith("on") or name in ("style", "srcdoc", "formaction")]
        assert {name.lower() for name in each.names} <= tame_names, each.path
        assert all(source == "" for _, source in each.scripts), each.path
        assert each.metas.count("Content-Security-Policy") == 1, each.path
        assert "refresh" not in {name.lower() for name in each.metas}, each.path


def test_links_lead_within_the_site_or_to_the_web(visited: tuple[list[Seen], list[str]]) -> None:
    for each in visited[0]:
        for link in each.links:
            assert re.fullmatch(r"https?://[\w./%~+@=&?#:,;!$()*-]+|[\w./%@,+=&~-]*(?:#[\w.%~:=&,+-]*)?", link), link


def test_every_text_is_there_to_be_read(visited: tuple[list[Seen], list[str]]) -> None:
    """Escaping shows a text; leaving it out would pass the other tests as well."""
    pages = [UNSEEN.sub("", each.text) for each in visited[0]]
    missing = [payload for payload in PAYLOADS if not any(UNSEEN.sub("", payload) in page for page in pages)]
    assert [payload[:80] for payload in missing] == []


def test_what_looks_escaped_already_is_shown_as_it_was_written(visited: tuple[list[Seen], list[str]]) -> None:
    written = [payload for payload in PAYLOADS if html.unescape(payload) != payload and payload.isprintable()]
    assert len(written) > 15
    assert [payload for payload in written if not any(payload in each.text for each in visited[0])] == []


def test_downloads_are_what_they_say(wild: Path) -> None:
    results = json.loads((wild / "data" / "results.json").read_text(encoding="utf-8"))
    assert results["schema_version"] == 1
    exact, safe = (
        [*csv.reader(io.StringIO((wild / "data" / name).read_bytes().decode("utf-8-sig"), newline=""))]
        for name in ("results.csv", "results.safe.csv")
    )
    assert len(exact) == len(safe) > 40
    assert {len(row) for row in [*exact, *safe]} == {len(exact[0])}
    cells = [cell for row in safe for cell in row]
    assert [cell[:60] for cell in cells if FORMULA.match(cell.lstrip("\ufeff\u200b")) and not NUMBER.match(cell)] == []
    assert any(FORMULA.match(cell) for row in exact for cell in row), "the exact file holds what the safe one guards"


@pytest.mark.parametrize("name", ["results.json", "results.csv", "results.safe.csv", "signatures.txt"])
def test_downloads_hold_no_letter_that_is_in_no_encoding(wild: Path, name: str) -> None:
    text = (wild / "data" / name).read_bytes().decode("utf-8")
    assert text
    assert not re.search("[\ud800-\udfff]", text)


def test_scripts_are_told_nothing_that_ends_them(wild: Path) -> None:
    """What lies between two script tags is JSON or one of our files, and nothing in it ends an element."""
    for path in sorted(wild.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for kind, inside in re.findall(r"<script(?: type=\"([\w/]+)\"[^>]*)?[^>]*>(.*?)</script>", text, re.DOTALL):
            assert "<!--" not in inside, path
            assert "<script" not in inside.lower(), path
            if kind == "application/json":
                json.loads(inside)
