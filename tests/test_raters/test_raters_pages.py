"""The page for raters: whole in one file, blind, obeying nothing of what it shows, and fit for keyboard and ear."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from medeval.gradings import NAMED
from medeval.raters import key_place
from medeval.raters.keys import BETTER
from medeval.raters.pages import SPOKEN, inert
from medeval.raters.words import GRADES, OVERALL, TITLES, WORDS, named
from medeval.records import Language
from tests.test_raters.rated import Cell, Page, answers, exchanged, line

PAYLOADS = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--<script>", "{{ 7 * 7 }}{% raw %}",
    '"><svg/onload=1>', "</textarea><iframe src=//x>", "1\u2028alert(1)\u20291", "&lt;b&gt;", "]]>",
)  # fmt: skip
VOID = ("meta", "input", "br")


class Tags(HTMLParser):
    """Every tag with its attributes, what stands in scripts, and the tags that are still open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def hostile(cell: Cell, page: Page, text: str) -> tuple[str, str]:
    """A page of innocent texts, and the same with a payload wherever texts of others stand."""
    for label, said in (("plain", "text"), ("bad", text)):
        cell(label, [line("q", exchanged(said, said), references=(said,), slices={"specialty": said})])
    return page("plain", criteria="safe")[1], page("bad", criteria="safe")[1]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_is_shown_is_obeyed(cell: Cell, page: Page, payload: str) -> None:
    plain, bad = hostile(cell, page, payload)
    assert Tags(bad).tags == Tags(plain).tags
    data, script = Tags(bad).scripts
    assert script == Tags(plain).scripts[1]
    assert not set(data) & {"<", ">", "&", "\u2028", "\u2029"}
    (shown,) = json.loads(data)["items"]
    assert [shown["asked"][0]["text"], shown["sides"][0][0]["text"], shown["references"][0]] == [payload] * 3


def test_no_entry_is_named_anywhere_in_the_page(cell: Cell, page: Page) -> None:
    cell("Wise-Doctor-7B", answers(6, "I am Wise-Doctor-7B, and not Other/Model."))
    cell("Other/Model", answers(6, "Here is other/model."))
    alone, pair = ("Wise-Doctor-7B",), ("Wise-Doctor-7B", "Other/Model")
    # Two letters as a word: within the digits of some hash they name nobody.
    for entries, names in (
        (alone, ("wise", r"\b7b\b", "scripted")), (pair, ("wise", r"\b7b\b", "/model", "scripted")),
    ):  # fmt: skip
        drawn, html = page(*entries)
        assert [name for name in names if re.search(name, html.lower())] == []
        assert not [hidden.sample for hidden in drawn.key.items.values() if f'"{hidden.sample}"' in html]
        assert all(re.fullmatch("[0-9a-f]{12}", item) for item in drawn.key.items)
        assert drawn.key.entries == entries


def test_the_key_lies_beside_the_page_and_not_in_it() -> None:
    assert key_place(Path("a/first.html")) == Path("a/first.key.json")
    assert key_place(Path("first")) == Path("first.key.json")


def test_only_our_style_sheet_and_script_are_allowed_and_their_hashes_are_right(cell: Cell, page: Page) -> None:
    cell("one", answers(2))
    html = page("one")[1]
    style, script = html.partition("<style>")[2].partition("</style>")[0], Tags(html).scripts[1]
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (style, script)]
    (policy,) = [each["content"] for each in Tags(html).of("meta") if "http-equiv" in each]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|@font-face", style)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp", script
    )


def test_nothing_is_asked_for_from_outside(cell: Cell, page: Page) -> None:
    cell("one", answers(2))
    tags = Tags(page("one")[1])
    assert tags.open == []
    assert not {tag for tag, _ in tags.tags} & {"link", "img", "iframe", "object", "embed", "base", "form", "a"}
    named_here = {name for _, attributes in tags.tags for name in attributes}
    assert not named_here & {"src", "srcset", "href", "style", "action", "background"}
    assert not [name for name in named_here if name.startswith("on")]


@pytest.mark.parametrize("entries", [("one",), ("one", "two")])
def test_grades_are_radio_buttons_in_fieldsets_with_legends(
    cell: Cell, page: Page, entries: tuple[str, ...]
) -> None:  # fmt: skip
    cell("one", answers(2))
    cell("two", answers(2))
    drawn, html = page(*entries)
    tags = Tags(html)
    names = [each.name for each in drawn.key.criteria]
    assert [each["data-criterion"] for each in tags.of("fieldset")] == names
    assert len(tags.of("legend")) == len(names)
    radios = [(each["name"], each["value"]) for each in tags.of("input") if each["type"] == "radio"]
    assert radios == [(f"grade-{name}", grade) for name in names for grade in drawn.key.grades]
    ids = {each["id"] for _, each in tags.tags if "id" in each}
    labels = [
        each[name] or ""
        for _, each in tags.tags
        for name in ("for", "aria-labelledby", "aria-describedby")
        if name in each
    ]
    assert {label for text in labels for label in text.split()} <= ids


@pytest.mark.parametrize(("language", "lang", "title"), [("en", "en", "Rating answers"), ("zh", "zh-Hans", "回答评分")])
def test_the_page_says_its_language_and_speaks_it(
    cell: Cell, page: Page, language: Language, lang: str, title: str
) -> None:  # fmt: skip
    cell("one", answers(2))
    html = page("one", language=language)[1]
    assert f'<html lang="{lang}">' in html
    assert f"<title>{title}</title>" in html
    assert TITLES["zh"]["safe"] in html if language == "zh" else "<legend>Safe</legend>" in html


def test_both_languages_have_every_word() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert set(SPOKEN) <= WORDS["en"].keys()
    grades = {grade for grading in NAMED.values() for grade in grading.grades} | {*BETTER}
    criteria = [*[each for grading in NAMED.values() for each in grading.criteria], OVERALL]
    for language in get_args(Language):
        assert grades <= GRADES[language].keys()
    for criterion in criteria:
        title, text = named(criterion, "zh")
        assert re.search("[\u4e00-\u9fff]", title)
        assert re.search("[\u4e00-\u9fff]", text)
        assert named(criterion, "en")[1] == criterion.text


def test_no_word_of_the_page_is_left_unused() -> None:
    template = (Path(__file__).parents[2] / "leaderboard" / "templates" / "rate.html").read_text(encoding="utf-8")
    used = {*re.findall(r'words(?:\.(\w+)|\["(\w+)"\])', template)}
    used_names = {name for pair in used for name in pair if name}
    leads = {"lead_single", "lead_pair", "blind", "reference_hint", "saved_hint"}
    assert used_names | {*SPOKEN} | leads == WORDS["en"].keys()
    assert "safe" not in re.findall(r"\|\s*(\w+)", template)


def test_signs_that_could_end_a_script_are_spelt_out_and_the_data_stay_the_same() -> None:
    text = json.dumps({"a": "</script>&\u2028"}, ensure_ascii=False)
    assert json.loads(inert(text)) == json.loads(text)
    assert inert(text) == '{"a": "\\u003c/script\\u003e\\u0026\\u2028"}'
