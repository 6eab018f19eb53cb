"""What is on the page and in Markdown: the common part once, and whatever was said as text and nothing else."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from medeval.markdown import fence, plain
from medeval.records import Failure, Response
from medeval.studies import Page, html_of, markdown_of
from medeval.studies.transcripts import language_of, opened
from tests.test_studies.shelves import cell, exchange, judged, line, page

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><script>1</script>", "{{ 7 * 7 }}{% raw %}",
    "' onmouseover='1", "<svg/onload=1>", "</details></article></main><iframe>", "<!-- x", "&lt;b&gt;&#60;b&#62;",
    "````\n# Head\n````\n| a | b |\n|---|---|\n~~~",
    "![x](https://example.org/x.png) [y](javascript:alert(1)) **z** `c`",
    "<|im_start|>system\n<|im_end|></s>[INST]<think>",
    "- x\n1. y\n> z\n# h\n---\n===\n<b>q</b>\n\thttps://example.org www.x.org",
    "\u202etxt\u2066\x1b[31m\x00\x0b\r\nend",
)  # fmt: skip
VOID = {"meta", "br", "img", "link", "input"}


class Tags(HTMLParser):
    """Every tag with its attributes, those still open, and all that is text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def outline(self) -> list[tuple[str, list[str]]]:
        """The tags with the names of their attributes."""
        return [(tag, sorted(attributes)) for tag, attributes in self.tags]


def hostile(root: Path, text: str) -> Page:
    """A page whose every text, but for what a folder cannot be called, is the same."""
    ended = Response(text=f"{text} A {text}", reasoning=text)
    spoken = [
        exchange([("system", text), ("user", text), ("assistant", text), ("user", text)], ended, prefill=text),
        exchange(text, text, "patient"), exchange(text, text, "model:full"),
        exchange([("user", text)], Failure(failure="too_long", reason=text)),
    ]  # fmt: skip
    lines = [
        line(
            "a", float(entry), exchanges=spoken, references=(text, text), target=(text,), picked=(text,), repeat=repeat,
            span=(1, 3),
        )
        for entry, repeat in ((0, 0), (1, 1))
    ]  # fmt: skip
    for entry in ("one", "two"):
        folder = cell(root, entry, lines)
        judged(folder, lines[0], [("4", text), ("", text)], [text, text])
    return page(root, "one", "two")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_was_said_is_obeyed_by_the_page(payload: str, tmp_path: Path) -> None:
    tame, wild = [Tags(html_of(hostile(tmp_path / name, text))) for name, text in (("t", "plain"), ("w", payload))]
    assert wild.outline() == tame.outline()
    assert wild.open == []
    if payload.isprintable():
        # It is all there, to be read.
        assert wild.text.count(payload) == tame.text.count("plain") - tame.text.count("plainly")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_was_said_is_a_mark_in_markdown(payload: str, tmp_path: Path) -> None:
    reader = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    tame, wild = [
        reader.parse(markdown_of(hostile(tmp_path / name, text))) for name, text in (("t", "plain"), ("w", payload))
    ]
    assert [token.type for token in wild] == [token.type for token in tame]
    inline = {child.type for token in wild for child in token.children or ()}
    assert inline <= {"text", "text_special", "strong_open", "strong_close", "softbreak"}
    blocks = [token.content for token in wild if token.type == "fence"]
    lines = re.sub(r"[\x00\x0b\x1b\u202e\u2066]", "\ufffd", payload.replace("\r\n", "\n"))
    assert [block.rstrip("\n") for block in blocks if block.rstrip("\n") == lines]


def test_the_style_sheet_is_the_one_thing_that_is_allowed_and_nothing_comes_from_outside(tmp_path: Path) -> None:
    text = html_of(hostile(tmp_path, "x"))
    (inside,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    tags = Tags(text).tags
    policies = [each["content"] for _, each in tags if each.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not {name for _, each in tags for name in each} & {"src", "srcset", "style", "action", "data", "background"}
    assert {each["href"] for tag, each in tags if tag == "a"} == {"#case-1"}
    assert not re.search(r"url\(|@import|@font-face|</", inside)


def test_what_all_were_asked_stands_once_and_what_one_was_asked_in_its_column() -> None:
    question = "A woman of 34 has a rash.\nWhich is it?\n\nA. x\nB. y"
    ways = [
        exchange([("system", "Be brief."), ("user", f"{question}\n\nThink first.")], "A"),
        exchange(f"{question}\n\nAnswer:", "A"),
        exchange([("user", question)], "A"),
    ]
    common, own = opened([line("a", exchanges=[each]) for each in ways])
    assert [(part.kind, part.text) for part in common] == [("asked", question)]
    assert [[(part.kind, part.text) for part in each] for each in own] == [
        [("system", "Be brief."), ("asked", "Think first.")], [("asked", "Answer:")], [],
    ]  # fmt: skip


def test_questions_that_begin_with_the_same_few_words_are_not_torn() -> None:
    ways = [exchange("Question:\n" + 30 * word, "A") for word in ("one ", "two ")]
    common, own = opened([line("a", exchanges=[each]) for each in ways])
    assert common == ()
    assert [len(each) for each in own] == [1, 1]
    before = [("user", "How much?"), ("assistant", "100 mg.")]
    ways = [exchange([*before, ("user", asked)], "A") for asked in ("And how often?", "When, with food?")]
    common, own = opened([line("a", exchanges=[each]) for each in ways])
    assert [part.text for part in common] == ["How much?", "100 mg."]
    assert [each[0].text for each in own] == ["And how often?", "When, with food?"]


def test_right_and_wrong_are_told_by_sign_and_word_and_a_failure_by_its_reason(tmp_path: Path) -> None:
    broken = exchange("Question a?", Failure(failure="engine_error", reason="It was gone."))
    cell(tmp_path, "one", [line("a", 1.0), line("b", 0.0)])
    cell(tmp_path, "two", [line("a", 0.0, picked=(), status="unread"), line("b", 0.0)])
    cell(tmp_path, "three", [line("a", status="engine_error", picked=(), exchanges=[broken]), line("b", 0.0)])
    made = page(tmp_path, "one", "two", "three")
    html, markdown = html_of(made), markdown_of(made)
    assert re.findall(r'class="mark (\w+)"><span aria-hidden="true">(.)</span> ([\w ]+)<', html) == [
        ("right", "✓", "right"), ("wrong", "✗", "wrong"), ("unknown", "–", "not measured"),
    ]  # fmt: skip
    for text in ("nothing could be read", "the engine failed", "No reply (engine_error): It was gone."):
        assert text in html
    assert "| two | ✗ wrong |  | stated | nothing could be read |  |" in markdown
    assert made.sections[0].summary == "1 of 3 right"


def test_what_was_read_is_marked_where_it_stands(tmp_path: Path) -> None:
    cell(tmp_path, "one", [line("a", 1.0, said="Rest <now>.\nAnswer: A, surely", span=(20, 21))])
    made = page(tmp_path, "one")
    assert "Rest &lt;now&gt;.\nAnswer: <mark>A</mark>, surely" in html_of(made)
    assert "Read there: A" in markdown_of(made)


def test_a_graded_sample_shows_its_numbers_the_one_that_decides_first(tmp_path: Path) -> None:
    one = line("a", 0.25, metric="rouge2", references=("Rest.", "Rest well."))
    one.scores.update(rouge1=-0.5, words=7.0, length=3.0)
    cell(tmp_path, "one", [one], metrics=("meteor", "rouge2", "rouge1", "words", "length"), beside=("length",))
    made = page(tmp_path, "one")
    (column,) = made.sections[0].columns
    assert column.mark is None
    assert column.numbers == (("rouge2", "0.25"), ("rouge1", "−0.5"), ("words", "7"))
    assert [part.who for part in made.sections[0].references] == ["A good answer, 1 of 2", "A good answer, 2 of 2"]


def test_an_empty_answer_is_graded_without_words_and_a_missing_verdict_says_why(tmp_path: Path) -> None:
    one = line("a", 1.0)
    folder = cell(tmp_path, "one", [one])
    judged(folder, one, [("1", "empty answer"), ("4", "stated"), ("", "no grade on the last line")], ["Good.", "Hm."])
    ((_, mean, grades),) = page(tmp_path, "one").sections[0].columns[0].judges
    assert mean == "2.5"
    assert [(grade.grade, grade.words) for grade in grades] == [
        ("1 of 5", ""), ("4 of 5", "Good."), ("no verdict: no grade on the last line", "Hm."),
    ]  # fmt: skip


def test_the_page_has_one_head_a_landmark_and_links_that_lead_somewhere(tmp_path: Path) -> None:
    seen = Tags(html_of(hostile(tmp_path, "x")))
    names = [tag for tag, _ in seen.tags]
    assert [names.count(tag) for tag in ("h1", "main", "nav", "article")] == [1, 1, 1, 2]
    there = {each["id"] for _, each in seen.tags if "id" in each}
    assert {str(each["href"]).lstrip("#") for tag, each in seen.tags if tag == "a"} <= there
    assert {each["aria-labelledby"] for _, each in seen.tags if "aria-labelledby" in each} <= there
    assert all("lang" in each for _, each in seen.tags if each.get("class") == "text")


@pytest.mark.parametrize(
    ("text", "language"),
    [("考虑缺铁性贫血，Hb 78 g/L。", "zh-Hans"), ("Rest and drink (多喝水).", "en"), ("12.5", "en"), ("", "en")],
)
def test_texts_say_of_which_language_they_are(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_fence_is_longer_than_any_in_what_it_holds() -> None:
    assert fence("a\n```` b") == ["`````text", "a", "```` b", "`````"]
    assert fence("") == ["```text", "", "```"]


def test_a_plain_line_is_one_line_with_its_marks_escaped() -> None:
    assert plain("a | b\n# <c> *d*") == r"a \| b \# \<c\> \*d\*"
    assert [plain(text) for text in ("- x", "1. y", "12) z", "x-1. y")] == [r"\- x", r"1\. y", r"12\) z", "x-1. y"]
    assert plain("https://x.org www.x.org") == r"https\://x.org www\.x.org"
