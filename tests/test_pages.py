"""Pages: whole in one file, nothing from outside, nothing that runs, and nothing of what is shown is obeyed."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval import pages
from medeval.errors import ReportError, RequestError
from medeval.parity import Declared, Line, Page, Verdict, page
from medeval.parity.references import Reference, Source
from medeval.records import Estimate, Record

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><script>1</script>", "{{ 7 * 7 }}",
    "' onmouseover='1", "<svg/onload=1>", "javascript:alert(1)", "</table><iframe>",
)  # fmt: skip
OURS = Estimate(
    metric="accuracy", value=0.5, low=0.4, high=0.6, method="wilson", n=10, n_eff=10, unread=0, truncated=0, refused=0,
    too_long=0, failed=0,
)  # fmt: skip


def shown(text: str) -> Page:
    """A page whose every text is the same."""
    reference = Reference(
        task=text, title=text, manner=text, metric=text, published="50.0", n=10, count=5, outputs=text, note=text
    )
    source = Source(title=text, source=text, url="https://example.org/")
    declared = Declared(name=text, file="x", source=source, reference=reference)
    lines = [
        Line(declared=declared, verdict=Verdict(word="drift", why=text, difference=1.0), ours=OURS, signature=text),
        Line(declared=declared, verdict=Verdict(word="absent", why=text)),
    ]
    return page(lines, text)


def html(text: str = "plain") -> str:
    return pages.rendered("parity.html", "page.css", shown(text))


class Tags(HTMLParser):
    """Every tag with its attributes, and the tags that are still open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_shown_is_obeyed(payload: str) -> None:
    plain, hostile = Tags(html()), Tags(html(payload))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert [sorted(attributes) for _, attributes in hostile.tags] == [
        sorted(attributes) for _, attributes in plain.tags
    ]
    if "<" in payload:
        assert payload not in html(payload)


def test_every_tag_is_closed() -> None:
    assert Tags(html()).open == []


def test_the_style_sheet_is_the_one_thing_that_is_allowed_and_its_hash_is_right() -> None:
    text = html()
    (inside,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    (policy,) = [
        attributes["content"] for tag, attributes in Tags(text).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]  # fmt: skip
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_nothing_is_asked_for_from_outside_and_nothing_runs() -> None:
    text = html()
    tags = Tags(text).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    named = {name for _, attributes in tags for name in attributes}
    assert not named & {"src", "srcset", "style", "action", "data", "background"}
    assert not [name for name in named if name.startswith("on")]
    css = text.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|@font-face|</", css)


def test_links_are_safe_ones() -> None:
    links = [attributes for tag, attributes in Tags(html()).tags if tag == "a"]
    assert links == [{"href": "https://example.org/", "rel": "noopener noreferrer"}]


def test_a_table_can_be_read_aloud() -> None:
    text = html()
    assert text.count("<caption ") == text.count("<table") == 2
    heads = [attributes for tag, attributes in Tags(text).tags if tag == "th"]
    assert heads
    assert all(attributes.get("scope") in ("col", "row") for attributes in heads)
    assert all(
        'tabindex="0"' in each and "aria-labelledby" in each for each in re.findall(r'<div class="scroll"[^>]*>', text)
    )
    assert '<html lang="en">' in text


def test_a_verdict_is_told_by_a_word() -> None:
    assert re.search(r'<span class="word drift"><span aria-hidden="true">▲</span> drift</span>', html())


def test_the_same_page_is_the_same_bytes() -> None:
    assert html() == html()


def test_a_page_that_lacks_what_its_template_shows_is_never_half_a_page() -> None:
    class Little(Record, frozen=True, kw_only=True):
        lead: str

    with pytest.raises(Exception, match="has no attribute 'facts'"):
        pages.rendered("parity.html", "page.css", Little(lead="x"))


def test_a_page_without_anything_to_compare_is_still_a_page() -> None:
    text = pages.rendered("parity.html", "page.css", replace(shown("x"), compared=(), left=(), notes=()))
    assert "<table" not in text
    assert Tags(text).open == []


def test_a_page_is_published_whole_and_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "site" / "parity.html"
    pages.check_place(path)
    assert not path.parent.exists()
    pages.publish(path, "<p>é")
    assert path.read_bytes() == "<p>é".encode()
    assert [each.name for each in path.parent.iterdir()] == ["parity.html"]


def test_a_folder_is_no_place_for_a_page(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"is a folder\. Name a file for the page\."):
        pages.check_place(tmp_path)


def test_missing_templates_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PACKAGE", tmp_path / "medeval")
    with pytest.raises(ReportError, match="Install it again"):
        pages.own_folder()
    (tmp_path / "medeval" / "_leaderboard" / "templates").mkdir(parents=True)
    assert pages.own_folder() == tmp_path / "medeval" / "_leaderboard"
