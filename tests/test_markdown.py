"""Texts of other people in Markdown: a reader of Markdown takes nothing in them for a mark."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.markdown import fence, plain, table
from tests.payloads import PAYLOADS

LIVE = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
LINES = (
    "# no heading", "- no item", "+ no item", "* no item", "1. no item", "12) no item", "123. no item", "123456789) no",
    "> no quotation", "```", "~~~ python", "---", "===", "***", "___", "| a | b |", "[a]: http://evil.invalid",
    "    code",
    "[a](http://evil.invalid)", "![a](http://evil.invalid/a.png)", "<http://evil.invalid>", "**a** _b_ `c` ~~d~~",
    "a\\",
    "&lt;b&gt;", "&#60;b&#62;", "https://evil.invalid/a", "www.evil.invalid", "a@evil.invalid", "$a$", "[^1]", "a  \nb",
    "a\n# b", "a\r- b", "a\r\n\r\n<b>c</b>", "a\u2028# b", "\\[a](b)", "\\\\[a](b)", "1.", "2)", "2026. A model",
    "a | b\n--|--",
    "[x] done", "@someone, see #12", "<!-- a -->", "<?a?>", "<![CDATA[a]]>", "\ta", "\x0b# a", "!\\[a](b)",
)  # fmt: skip


def reader() -> Any:
    """A reader of Markdown as GitHub's is: with tables and struck text."""
    markdown_it = pytest.importorskip("markdown_it")
    return markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tags(html: str) -> set[str]:
    return {name.lower() for name in LIVE.findall(html)}


def unmarked(html: str) -> str:
    """The text of a page without marks of ours."""
    text = re.sub(r"</?(?:p|li|ul|h1|h2|em|strong)>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&").strip()


@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("before", ["", "- ", "# ", "- **"])
def test_a_line_is_read_as_it_was_written(text: str, before: str) -> None:
    html = reader().render(f"{before}{plain(text)}{'**' if '**' in before else ''}\n")
    allowed = {"": {"p"}, "- ": {"ul", "li"}, "# ": {"h1"}, "- **": {"ul", "li", "strong"}}[before]
    assert tags(html) <= allowed
    assert unmarked(html) == " ".join(text.split())


def test_nothing_that_would_run_or_load_is_live() -> None:
    page = reader()
    for text in PAYLOADS:
        assert tags(page.render(f"{plain(text)}\n")) <= {"p"}, text


def test_a_plain_text_stays_as_it_is() -> None:
    for text in (
        "Give aspirin 75 mg, then rest; see a doctor.",
        "诊断：肺炎。",
        "99.2 to 99.9",
        "a - b + c = d",
        "1.5 mg",
    ):
        assert plain(text) == text


@settings(deadline=None, max_examples=80)
@given(st.text(st.sampled_from("ab1. \n\r\t#-+=*_`~<>[]()!|\\&;:/@$^x"), max_size=24))
def test_any_text_is_one_line_without_marks(text: str) -> None:
    html = reader().render(f"{plain(text)}\n")
    assert tags(html) <= {"p"}
    assert unmarked(html) == " ".join(text.split())


# --- tables ---


def test_a_table_has_a_row_for_each_and_a_cell_for_each() -> None:
    rows = [("a|b", "<b>", "`c`"), ("---", "", "d\ne"), ("\\", "\\|", "|")]
    html = reader().render("\n".join(table(("one", "two", "three"), rows)))
    assert html.count("<tr>") == 4
    assert re.findall(r"<td>(.*?)</td>", html) == [
        "a|b", "&lt;b&gt;", "`c`", "---", "", "d e", "\\", "\\|", "|",
    ]  # fmt: skip
    assert tags(html) == {"table", "thead", "tbody", "tr", "th", "td"}


def test_hostile_texts_leave_no_cell() -> None:
    html = reader().render("\n".join(table(("text",), [(text,) for text in PAYLOADS])))
    assert html.count("<tr>") == len(PAYLOADS) + 1
    assert tags(html) == {"table", "thead", "tbody", "tr", "th", "td"}


# --- fences ---


@pytest.mark.parametrize(
    "text", ["a", "```\n<b>", "````\n# a\n`````", "~~~", "a\r<b>c</b>\r# d", "a\r\n<b>", "", "\n\n<b>"]
)
@pytest.mark.parametrize("indent", ["", "  "])
def test_a_text_stays_within_its_fence(text: str, indent: str) -> None:
    """Also in an item of a list, where every line stands further in."""
    lines = ["- case" if indent else "case", "", *[f"{indent}{line}" for line in fence(text)], "", "after"]
    html = reader().render("\n".join(lines))
    inside = re.findall(r'<pre><code class="language-text">(.*?)</code></pre>', html, re.DOTALL)
    assert len(inside) == 1
    assert unmarked(inside[0]) == re.sub(r"\r\n|\r", "\n", text).strip()
    assert tags(html) <= {"pre", "code", "p", "ul", "li"}
    assert html.endswith("<p>after</p>\n")


def test_the_fence_is_longer_than_any_in_the_text() -> None:
    assert fence("a ```` b")[0] == "`````text"
    assert fence("a")[0] == "```text"
    assert fence("a")[-1] == "```"
    for text in PAYLOADS:
        first, *_, last = fence(text)
        assert first == f"{last}text"
        assert last not in text
