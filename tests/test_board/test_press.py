"""Templates to pages: what may be followed, what is made visible, and what a page's policy lets in."""

import base64
import hashlib
import re
import unicodedata

import html5lib  # type: ignore[import-untyped]
import pytest
from jinja2 import UndefinedError

from medeval.board.press import Frame, Press, asset, digest, shown, web
from medeval.board.words import TONGUES, Tongue, Words
from medeval.pages import own_folder
from tests.payloads import PAYLOADS

SCRIPTS = ("site.js", "compare.js")


def page(
    tongue: Tongue = "en", title: str = "Method", scripts: tuple[str, ...] = ("site.js",), path: str = "m.html"
) -> str:
    frame = Frame(path=path, here="method", title=title, version="1.0", tongue=tongue, tongues=TONGUES)
    return Press(Words(tongue)).page("method", frame, scripts).decode("utf-8")


# --- addresses ----------------------------------------------------------------------------------

FOLLOWED = (
    "https://arxiv.org/abs/2009.13081", "http://example.org", "https://example.org/", "https://a-b.example.org:8443/x",
    "https://example.org/a/b.html?q=1&r=%20#part-2", "https://example.org/~user/(x);y,z!$*+@", "http://127.0.0.1:80/",
)  # fmt: skip
REFUSED = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
    "javascript://example.org/%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "file:///etc/passwd", "ftp://example.org/", "blob:https://example.org/1", "view-source:https://example.org/",
    "//example.org/", "/\\example.org", "https:example.org", "https:///example.org", "https:\\\\example.org",
    "https://user:word@example.org/", "https://example.org@evil.invalid/", 'https://example.org/" onclick="alert(1)',
    "https://example.org/'", "https://example.org/<script>", "https://example.org/a b", "https://example.org/\n",
    "https://example.org\nhttps://evil.invalid", "\nhttps://example.org/", " https://example.org/",
    "https://example.org/\u202egpj.exe", "https://ex\u0430mple.org/", "https://example.org/\x00", "https://example.org/`",
    "HTTPS://example.org/", "https://", "https://?x", "https://[::1]/", "https://example.org:port/", "example.org", "",
    "https://example.org/{{ 7 * 7 }}", "https://example.org/\\..\\x", "about:blank", "mailto:a@example.org",
    "https://example.org/\ud800",
)  # fmt: skip


@pytest.mark.parametrize("url", FOLLOWED)
def test_an_address_of_the_web_may_be_followed(url: str) -> None:
    assert web(url) == url


@pytest.mark.parametrize("url", REFUSED)
def test_no_other_address_may_be_followed(url: str) -> None:
    assert web(url) == ""


def test_no_payload_is_an_address() -> None:
    there = [web(payload) for payload in PAYLOADS if web(payload)]
    assert all(re.match(r"https?://[a-z]", url) and not re.search(r"[\s\"'<>`\\]", url) for url in there)


def test_an_address_without_end_is_looked_at_in_no_time() -> None:
    assert web("https://" + "a." * 100_000 + "\n") == ""
    assert web("https://a/" + "%" * 200_000 + "<") == ""


# --- what could steer a page --------------------------------------------------------------------


def test_what_steers_a_page_is_made_visible() -> None:
    steering = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\t", "\n"}
    steering |= {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ud800\udbff\udc00\udfff"}
    assert {shown(letter) for letter in steering} == {"\ufffd"}
    assert shown("safe\u202egpj.exe\x00") == "safe\ufffdgpj.exe\ufffd"


def test_every_mark_that_turns_the_direction_of_writing_is_among_them() -> None:
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    letters = [chr(code) for code in range(0x110000) if unicodedata.bidirectional(chr(code)) in turning]
    assert len(letters) == 9
    assert {shown(letter) for letter in letters} == {"\ufffd"}


@pytest.mark.parametrize("text", ["", "plain", "两行\n\t文字", "naïve café", "👩‍⚕️ ± ≥ 5 µg", "עברית عربية", "<b>&amp;"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("scripts", [SCRIPTS[:1], SCRIPTS])
def test_the_policy_names_the_hash_of_every_script_and_style_and_lets_in_nothing_else(
    tongue: Tongue, scripts: tuple[str, ...]
) -> None:
    root = html5lib.parse(page(tongue, scripts=scripts), namespaceHTMLElements=False)

    def hashes(tag: str) -> list[str]:
        texts = [each.text for each in root.iter(tag) if each.attrib.get("type") != "application/json"]
        return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]

    (policy,) = [each.attrib["content"] for each in root.iter("meta") if "http-equiv" in each.attrib]
    told = {name: sources for name, *sources in map(str.split, policy.split(";"))}
    assert told == {
        "default-src": ["'none'"], "script-src": hashes("script"), "style-src": hashes("style"),
        "base-uri": ["'none'"], "form-action": ["'none'"],
    }  # fmt: skip
    assert len(hashes("script")) == len(scripts)
    assert len(hashes("style")) == 1


@pytest.mark.parametrize("name", ["site.css", *SCRIPTS])
def test_what_is_put_in_as_it_is_cannot_end_its_element(name: str) -> None:
    made = asset(name)
    assert not re.search(r"</|<!--|]]>", made)
    assert digest(name) == base64.b64encode(hashlib.sha256(made.encode()).digest()).decode()


@pytest.mark.parametrize("name", ["site.css", *SCRIPTS])
def test_only_comments_and_indents_are_left_out_of_what_is_put_in(name: str) -> None:
    source = (own_folder() / "static" / name).read_text(encoding="utf-8")
    made, inside = asset(name), False
    for line in map(str.strip, source.splitlines()):
        inside = inside or line.startswith("/*")
        if line and not inside and "/*" not in line and not line.startswith("//"):
            assert line in made
        inside = inside and not line.endswith("*/")
    assert not re.search(r"^(?:\s|//|/\*)", made, re.MULTILINE)


def test_every_place_on_a_scale_has_its_class() -> None:
    rules = re.findall(r"\.([ldhc])(\d+)\{--([ldhc]):(\d+)\}", asset("site.css"))
    assert rules == [(kind, str(place)) * 2 for kind in "ldhc" for place in range(101)]


def test_a_title_is_escaped_and_steers_nothing() -> None:
    made = page(title="</title><script>alert(1)</script>\u202e\x07\ud800")
    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffd\ufffd · medeval</title>" in made


def test_half_a_character_is_no_reason_not_to_write_a_page() -> None:
    frame = Frame(path="m.html", here="method", title="Method", version="1\udc00")
    assert b"medeval 1?</p>" in Press(Words("en")).page("method", frame)


def test_what_a_template_lacks_is_a_fault_and_no_empty_place() -> None:
    frame = Frame(path="i.html", here="board", title="Board", version="1.0")
    with pytest.raises(UndefinedError, match="page"):
        Press(Words("en")).page("index", frame)


@pytest.mark.parametrize(
    ("frame", "up", "root"),
    [
        (Frame(path="method.html", here="", title="", version="", tongue="zh"), "../", "../zh/"),
        (Frame(path="cell/atlas/medqa.html", here="", title="", version="", tongue="en"), "../../../", "../../../en/"),
        (Frame(path="index.html", here="", title="", version="", tongue="en", at_root=True), "", "en/"),
    ],
)
def test_a_page_knows_its_way_up(frame: Frame, up: str, root: str) -> None:
    assert (frame.up, frame.root) == (up, root)


def test_a_page_leads_to_itself_in_the_other_language() -> None:
    assert 'hreflang="zh" href="../../zh/task/m.html"' in page("en", path="task/m.html")
    assert 'hreflang="en" href="../../en/task/m.html"' in page("zh", path="task/m.html")
    assert '<html lang="zh-Hans">' in page("zh")
