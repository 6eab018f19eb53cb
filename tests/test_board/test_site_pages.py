"""Built pages as files: valid, whole, leading nowhere that is not there, and the same bytes however they came about."""

import itertools
import json
import re
import shutil
import string
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest

from medeval import board
from tests import board_reports
from tests.test_board.conftest import ALONE, VERSION

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "leaderboard" / "words"
NAMES = (
    "index", "all", "tasks", "compare", "lineage", "cost", "history", "method", "data",
)  # fmt: skip
FOLDERS = ("task", "entry", "cell", "pair", "question")


class Leaf:
    """A page as a parser sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(self.text)
        self.errors = [(place, code) for place, code, _ in parser.errors]
        self.elements = [each for each in self.root.iter() if isinstance(each.tag, str)]
        for each in self.elements:
            each.tag = each.tag.rpartition("}")[2]
        self.ids = [each.attrib["id"] for each in self.elements if "id" in each.attrib]

    def all(self, tag: str) -> list[Element]:
        """Every element of a kind."""
        return [each for each in self.elements if each.tag == tag]

    def links(self) -> list[str]:
        """Where it leads, and what it would load."""
        return [each.attrib[name] for each in self.elements for name in ("href", "src") if name in each.attrib]


def words_of(element: Element) -> str:
    """All text below an element."""
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(scope="module")
def leaves(site: Path) -> dict[str, Leaf]:
    """Every page, by where it is."""
    return {path.relative_to(site).as_posix(): Leaf(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def every(leaves: dict[str, Leaf], alone: Path) -> dict[str, Leaf]:
    """These, and the pages that are no part of a site."""
    return leaves | {f"alone/{path.name}": Leaf(path) for path in sorted(alone.glob("*.html"))}


def bytes_of(site: Path) -> dict[str, bytes]:
    """Every file of a site."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


def test_both_languages_have_the_same_pages_of_every_kind(leaves: dict[str, Leaf]) -> None:
    by = {
        tongue: {name.partition("/")[2] for name in leaves if name.startswith(f"{tongue}/")} for tongue in ("en", "zh")
    }
    assert by["en"] == by["zh"]
    assert {f"{name}.html" for name in NAMES} <= by["en"]
    assert {name.partition("/")[0] for name in by["en"] if "/" in name} == {*FOLDERS}
    assert "index.html" in leaves
    entries = (*board_reports.SKILLS, *board_reports.NIGHTS, *board_reports.FLOORS, board_reports.CHILD)
    assert {f"entry/{name}.html" for name in entries} <= by["en"]


def test_pages_are_valid_html(every: dict[str, Leaf]) -> None:
    assert {name: leaf.errors[:3] for name, leaf in every.items() if leaf.errors} == {}


def test_every_name_on_a_page_is_there_once(every: dict[str, Leaf]) -> None:
    for name, leaf in every.items():
        assert [each for each, count in Counter(leaf.ids).items() if count > 1] == [], name


def test_whatever_points_to_an_element_of_the_page_finds_it(every: dict[str, Leaf]) -> None:
    pointers = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list", "form")
    for name, leaf in every.items():
        there = {*leaf.ids}
        for each in leaf.elements:
            for pointer in pointers:
                assert {*each.attrib.get(pointer, "").split()} <= there, f"{name}: {each.tag} {pointer}"


def test_every_field_has_a_label_every_picture_words_and_every_button_a_kind(every: dict[str, Leaf]) -> None:
    for name, leaf in every.items():
        labels = {each.attrib.get("for") for each in leaf.all("label")}
        inside = {field for label in leaf.all("label") for field in label.iter()}
        for field in [*leaf.all("input"), *leaf.all("select")]:
            named = field.attrib.get("id") in labels or field in inside
            assert named or field.attrib.get("aria-label") or field.attrib.get("aria-labelledby"), f"{name}: a field"
        assert all(each.attrib.get("alt") is not None for each in leaf.all("img")), name
        assert all(each.attrib.get("type") == "button" for each in leaf.all("button")), name
        for drawing in leaf.all("svg"):
            hidden = drawing.attrib.get("aria-hidden") == "true"
            assert hidden or (drawing.attrib.get("role") == "img" and drawing.find("title") is not None), name


def test_every_page_has_a_language_a_title_one_head_and_its_landmarks(every: dict[str, Leaf]) -> None:
    titles = Counter[tuple[str, str]]()
    for name, leaf in every.items():
        lang = leaf.root.attrib["lang"]
        assert lang == ("zh-Hans" if re.search(r"^zh/|-zh\.html$", name) else "en"), name
        named = leaf.all("head")[0].findall("title")
        assert [len(leaf.all(tag)) for tag in ("h1", "main", "header")] + [len(named)] == [1, 1, 1, 1], name
        titles[lang, words_of(named[0])] += "/" in name and not name.startswith("alone")
        levels = [int(each.tag[1]) for each in leaf.elements if re.fullmatch(r"h[1-6]", each.tag)]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), f"{name}: {levels}"
        assert any(each.attrib.get("name") == "viewport" for each in leaf.all("meta")), name
    assert [title for title, count in titles.items() if count > 1] == [], "two pages are called the same"


def test_every_table_says_what_it_is_and_names_its_columns_and_rows(every: dict[str, Leaf]) -> None:
    for name, leaf in every.items():
        for table in leaf.all("table"):
            caption = table.find("caption")
            named = caption is not None or "aria-labelledby" in table.attrib or "aria-label" in table.attrib
            assert named, f"{name}: a table without a caption"
            heads = list(table.iter("th"))
            assert heads, name
            assert {each.attrib.get("scope") for each in heads} <= {"col", "row", "colgroup", "rowgroup"}, name


def test_no_link_leads_nowhere(leaves: dict[str, Leaf], site: Path) -> None:
    for name, leaf in leaves.items():
        for link in leaf.links():
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "data"), f"{name}: {link}"
                continue
            there = (leaf.path.parent / unquote(parts.path)).resolve() if parts.path else leaf.path.resolve()
            assert there.is_file(), f"{name}: {link}"
            assert there.is_relative_to(site.resolve()), f"{name}: {link}"
            if parts.fragment and "=" not in parts.fragment and there.suffix == ".html":
                other = leaves[there.relative_to(site.resolve()).as_posix()]
                assert parts.fragment in other.ids, f"{name}: {link}"


def test_every_page_is_led_to(leaves: dict[str, Leaf], site: Path) -> None:
    met, left = {"index.html"}, ["index.html"]
    while left:
        leaf = leaves[left.pop()]
        for link in leaf.links():
            path = unquote(urlsplit(link).path)
            if path.endswith(".html") and not urlsplit(link).scheme:
                name = (leaf.path.parent / path).resolve().relative_to(site.resolve()).as_posix()
                if name not in met:
                    met.add(name)
                    left.append(name)
    assert {*leaves} - met == set()


def test_pages_stand_alone_and_their_policy_lets_nothing_else_in(every: dict[str, Leaf]) -> None:
    for name, leaf in every.items():
        policies = [each.attrib["content"] for each in leaf.all("meta") if "http-equiv" in each.attrib]
        assert len(policies) == 1, name
        assert {"default-src 'none'", "base-uri 'none'", "form-action 'none'"} <= {*policies[0].split("; ")}, name
        assert "unsafe" not in policies[0], name
        assert not [each.tag for each in leaf.elements if "style" in each.attrib or each.tag in ("iframe", "base")]
        assert {each.attrib.get("rel") for each in leaf.all("link")} <= {"alternate", "canonical", "icon"}, name
        assert not [key for each in leaf.elements for key in each.attrib if key.startswith("on")], name


def test_the_same_reports_give_the_same_bytes_in_whatever_order_they_came(
    shelf: Path, site: Path, tmp_path: Path
) -> None:
    board.build(board_reports.shuffled(shelf, tmp_path / "reports"), tmp_path / "again", version=VERSION)
    first, again = bytes_of(site), bytes_of(tmp_path / "again")
    assert {*first} == {*again}
    assert [name for name in first if first[name] != again[name]] == []


def test_building_twice_into_a_folder_leaves_nothing_of_what_is_gone(shelf: Path, tmp_path: Path) -> None:
    for name in ("cedar-70b", "nightly-2026-01-01"):
        shutil.copytree(shelf / name, tmp_path / "reports" / name)
    board.build(tmp_path / "reports", tmp_path / "out", ALONE, version=VERSION)
    assert (tmp_path / "out" / "en" / "entry" / "cedar-70b.html").is_file()
    shutil.rmtree(tmp_path / "reports" / "cedar-70b")
    board.build(tmp_path / "reports", tmp_path / "out", ALONE, version=VERSION)
    assert not [name for name, data in bytes_of(tmp_path / "out").items() if "cedar-70b" in name or b"cedar" in data]


def test_what_is_broken_or_was_never_finished_is_named_and_stops_nothing(leaves: dict[str, Leaf]) -> None:
    for tongue in ("en", "zh"):
        said = "\n".join([words_of(leaf.root) for name, leaf in leaves.items() if name.startswith(tongue)])
        for folder in (board_reports.BROKEN, board_reports.UNFINISHED):
            assert f"{folder}/medqa@sample" in said
            assert f"{tongue}/entry/{folder}.html" not in leaves


def test_what_is_private_is_in_no_file_and_no_name_of_one(site: Path, alone: Path) -> None:
    for name, data in {**bytes_of(site), **bytes_of(alone)}.items():
        for word in (board_reports.PRIVATE, board_reports.HIDDEN, "secret-tag", "Not to be told"):
            assert word not in name
            assert word.encode() not in data, name


def test_every_number_on_a_page_of_a_cell_is_in_the_downloads(site: Path) -> None:
    told = json.loads((site / "data" / "results.json").read_text(encoding="utf-8"))
    assert told["schema_version"] == 1
    text = json.dumps(told)
    for entry in (*board_reports.SKILLS, board_reports.CHILD):
        assert f'"{entry}"' in text


# --- words --------------------------------------------------------------------------------------


def catalogue(tongue: str) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((WORDS / f"{tongue}.toml").read_text(encoding="utf-8"))
    return found


def holes(text: str) -> set[str]:
    """The names of what is filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_things_with_the_same_holes() -> None:
    en, zh = catalogue("en"), catalogue("zh")
    assert {*en} == {*zh}
    assert [key for key in en if not en[key].strip() or not zh[key].strip()] == []
    assert [key for key in en if holes(en[key]) != holes(zh[key])] == []


def test_chinese_is_chinese() -> None:
    plain = {key: text for key, text in catalogue("zh").items() if not re.search(r"[\u4e00-\u9fff]", text)}
    letters = {key for key, text in plain.items() if re.search(r"[A-Za-z]{4,}", re.sub(r"\{\w+\}|<[^>]*>", "", text))}
    assert letters <= {key for key in letters if catalogue("en")[key] == plain[key] and len(plain[key]) < 20}


def test_every_word_is_used_and_every_used_word_is_there() -> None:
    folders = (ROOT / "leaderboard" / "templates" / "board", ROOT / "medeval" / "board")
    places = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".html", ".py")]
    used = "\n".join([path.read_text(encoding="utf-8") for path in places])
    keys = {*catalogue("en")}
    whole = {*re.findall(r"[\"'](\w+)[\"']", used)}
    # Some are put together of a beginning and what a value is called.
    begun = tuple({*re.findall(r"[\"']([a-z]\w*_)(?=[\"'{])", used)})
    assert {key for key in keys - whole if not key.startswith(begun)} == set()
    asked = {*re.findall(r"\b(?:t|words)(?:\.said)?\(\s*[\"'](\w+)[\"'](?! [~+])", used)}
    assert asked - keys == set()


# --- everything in one file ---------------------------------------------------------------------


def test_pages_that_are_no_part_of_a_site_lead_nowhere_else(alone: Path) -> None:
    for path in sorted(alone.glob("*.html")):
        leaf = Leaf(path)
        for link in leaf.links():
            assert urlsplit(link).scheme in ("http", "https") or (link[:1] == "#" and link[1:] in leaf.ids), link
        assert len(leaf.text.encode()) < 1 << 20


@pytest.mark.parametrize("tongue", board.TONGUES)
def test_a_single_file_holds_every_entry_that_has_a_rank(alone: Path, site: Path, tongue: str) -> None:
    told = json.loads((site / "data" / "results.json").read_text(encoding="utf-8"))
    ranked = {row["entry"] for group in told["groups"] for row in group["standings"]}
    leaf = Leaf(alone / f"single-{tongue}.html")
    assert ranked <= {each.attrib["data-entry"] for each in leaf.elements if "data-entry" in each.attrib}
    assert ranked >= {*board_reports.SKILLS, board_reports.CHILD}
