"""The script of the board, in a real browser and under the pages' own policy: sort, filter, pick, link, theme, keys."""

import gzip
import html
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.browser import browser, opened, sealed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCRIPT = (Path(__file__).parents[2] / "leaderboard" / "static" / "site.js").read_text(encoding="utf-8")
WORDS = {
    "sorted": "Sorted by {column}, {direction}; {count} entries.", "ascending": "ascending", "descending": "descending",
    "shown": "{count} of {all} entries shown.", "theme_auto": "Theme: as the system", "theme_light": "Theme: light",
    "theme_dark": "Theme: dark",
}  # fmt: skip
HEADS = (("rank", ""), ("entry", ""), ("medqa", "higher"), ("brier", "lower"), ("notes", "higher"))
ROWS = (
    ("one", "Öl 8B", "open medical", ("1", "0.7", "0.20", "")),
    ("two", "zeta 70B", "open", ("2", "0.10", "0.100", "0.3")),
    ("three", "Alpha 8B", "medical", ("3", "0.9", "", "0.3")),
    ("four", "beta 7B", "open medical", ("4", "", "-0.5", "1e-2")),
    ("five", "gamma 8B", "", ("", "0.7", "3", "0.3")),
)
AS_BUILT = ["one", "two", "three", "four", "five"]


def table() -> str:
    head, rows = "", ""
    for key, better in HEADS:
        marks = (f" data-better={better}" if better else "") + (" data-chosen" if key == "medqa" else "")
        head += (
            f'<th scope="col" data-key="{key}"{marks}><button type="button">{key.title()} <i>{better}</i></button></th>'
        )
    for slug, name, tags, (rank, *values) in ROWS:
        pick = f'<input type="checkbox" data-pick value="{slug}" aria-label="Pick {name}" hidden>'
        rows += f'<tr data-entry="{slug}" data-name="{name.lower()}" data-tags="{tags}">' + cell(rank)
        rows += f'<th scope="row" data-s="{name}">{pick}{name}</th>' + cell(values[0], " data-chosen")
        rows += "".join([cell(value) for value in values[1:]]) + "</tr>"
    floor = cell("") + '<th scope="row">chance</th>' + cell("2", " data-chosen") + cell("0") + cell("2")
    return (
        f'<table class="board" data-board><caption>Board</caption><thead><tr>{head}</tr></thead>'
        f'<tbody>{rows}</tbody><tbody class="floors"><tr>{floor}</tr></tbody></table>'
    )


def cell(value: str, marks: str = "") -> str:
    return f"<td{f' data-s={value}' if value else ''}{marks}>{value or '–'}</td>"


def body(words: str) -> str:
    columns = "".join([
        f'<label><input type="checkbox" data-column value="{key}" checked>{key}</label>' for key, _ in HEADS[2:]
    ])  # fmt: skip
    options = "".join([f'<option value="{key}">{key}</option>' for key, _ in HEADS[2:]])
    return (
        '<header><a data-keep hreflang="zh" href="other.html">中文</a>'
        '<button type="button" data-theme-switch hidden>Theme</button></header>'
        '<div data-script hidden><label>Filter <input type="search" data-filter></label>'
        '<label><input type="checkbox" data-tag value="open">open</label>'
        '<label><input type="checkbox" data-tag value="medical">medical</label>'
        f"{columns}<label>Metric <select data-metric>{options}</select></label>"
        '<a data-compare href="compare.html">Compare</a><p role="status" aria-live="polite" data-live></p></div>'
        f'{table()}<p id="q12">An anchor.</p><script type="application/json" id="words">{words}</script>'
    )


class Opener(Protocol):
    def __call__(self, after: str = "", *, scripted: bool = True) -> "AbstractContextManager[Page]": ...


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with browser() as there:
        yield there


@pytest.fixture(scope="module")
def board(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Opener:
    folder = tmp_path_factory.mktemp("board")
    address = sealed(folder / "index.html", body(json.dumps(WORDS)), SCRIPT)
    for name in ("other", "compare"):
        sealed(folder / f"{name}.html", "<p>Another page.</p>", SCRIPT)

    def at(after: str = "", *, scripted: bool = True) -> "AbstractContextManager[Page]":
        return opened(chromium, address + after, scripted=scripted)

    return at


def order(page: "Page") -> list[str]:
    found: list[str] = page.eval_on_selector_all("tbody:not(.floors) tr", "all => all.map(row => row.dataset.entry)")
    return found


def shown(page: "Page") -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "tbody:not(.floors) tr:not([hidden])", "all => all.map(row => row.dataset.entry)"
    )
    return found


def hidden_columns(page: "Page") -> list[list[int]]:
    """The numbers of the hidden cells, line by line."""
    found: list[list[int]] = page.eval_on_selector_all(
        "tr", "all => all.map(row => [...row.cells].filter(cell => cell.hidden).map(cell => cell.cellIndex))"
    )
    return found


def sort(page: "Page", key: str) -> None:
    page.click(f"th[data-key={key}] button")


def sorts(page: "Page") -> dict[str, str]:
    found: dict[str, str] = page.eval_on_selector_all(
        "[aria-sort]", "all => Object.fromEntries(all.map(head => [head.dataset.key, head.ariaSort]))"
    )
    return found


def fragment(page: "Page") -> str:
    return page.url.partition("#")[2]


# --- without a script ---------------------------------------------------------------------------


def test_without_a_script_the_table_is_there_and_nothing_that_needs_one(board: Opener) -> None:
    with board(scripted=False) as page:
        assert order_of(page) == [name for _, name, _, _ in ROWS]
        assert not page.locator("[data-script]").is_visible()
        assert not page.locator("[data-theme-switch]").is_visible()


def order_of(page: "Page") -> list[str]:
    """The same for a page that runs nothing, not even what a test asks."""
    return [text.strip() for text in page.locator("tbody:not(.floors) th").all_inner_texts()]


def test_a_script_shows_what_needs_one(board: Opener) -> None:
    with board() as page:
        assert page.locator("[data-script]").is_visible()
        assert page.locator("[data-theme-switch]").is_visible()
        assert order(page) == AS_BUILT
        assert sorts(page) == {}
        assert fragment(page) == ""
        assert page.inner_text("[data-live]") == ""


# --- sorting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [
        ("medqa", ["three", "one", "five", "two", "four"], ["two", "one", "five", "three", "four"]),
        ("brier", ["four", "two", "one", "five", "three"], ["five", "one", "two", "four", "three"]),
        ("notes", ["two", "three", "five", "four", "one"], ["four", "two", "three", "five", "one"]),
        ("rank", ["one", "two", "three", "four", "five"], ["four", "three", "two", "one", "five"]),
        ("entry", ["three", "four", "five", "one", "two"], ["two", "one", "five", "four", "three"]),
    ],
)
def test_a_click_puts_the_best_first_and_the_next_turns_it_and_the_missing_stay_last(
    board: Opener, key: str, first: list[str], second: list[str]
) -> None:
    down = key in ("medqa", "notes")
    with board() as page:
        sort(page, key)
        assert order(page) == first
        assert sorts(page) == {key: "descending" if down else "ascending"}
        sort(page, key)
        assert order(page) == second
        assert sorts(page) == {key: "ascending" if down else "descending"}
        sort(page, key)
        assert order(page) == first


def test_ties_stay_as_the_page_was_built_whatever_was_sorted_before(board: Opener) -> None:
    with board() as page:
        sort(page, "entry")
        sort(page, "entry")
        sort(page, "notes")
        assert order(page) == ["two", "three", "five", "four", "one"]


def test_only_the_sorted_column_is_marked_and_it_is_said(board: Opener) -> None:
    with board() as page:
        sort(page, "medqa")
        assert page.inner_text("[data-live]") == "Sorted by Medqa, descending; 5 entries."
        sort(page, "brier")
        assert sorts(page) == {"brier": "ascending"}
        assert page.inner_text("[data-live]") == "Sorted by Brier, ascending; 5 entries."


def test_floors_stay_where_they_are(board: Opener) -> None:
    with board() as page:
        sort(page, "medqa")
        page.fill("[data-filter]", "alpha")
        assert page.inner_text("table > tbody:last-child th") == "chance"
        assert page.locator(".floors tr").is_visible()


def test_each_of_several_tables_is_sorted_by_its_own_heads_and_needs_no_controls(
    chromium: "Browser", tmp_path: Path
) -> None:
    with opened(chromium, sealed(tmp_path / "single.html", table() + table(), SCRIPT)) as page:
        page.locator("th[data-key=medqa] button").nth(1).click()
        assert order(page) == [*AS_BUILT, "three", "one", "five", "two", "four"]
        assert fragment(page) == "v=1&s=-medqa"


# --- filtering ------------------------------------------------------------------------------------


def test_every_word_must_occur_in_the_name_in_any_case(board: Opener) -> None:
    with board() as page:
        page.fill("[data-filter]", "  8B ")
        assert shown(page) == ["one", "three", "five"]
        assert page.inner_text("[data-live]") == "3 of 5 entries shown."
        page.fill("[data-filter]", "8b ÖL")
        assert shown(page) == ["one"]
        page.fill("[data-filter]", "(.*")
        assert shown(page) == []
        page.fill("[data-filter]", "")
        assert shown(page) == AS_BUILT


def test_all_ticked_tags_must_be_there(board: Opener) -> None:
    with board() as page:
        page.check("[data-tag][value=open]")
        assert shown(page) == ["one", "two", "four"]
        page.check("[data-tag][value=medical]")
        assert shown(page) == ["one", "four"]
        page.fill("[data-filter]", "beta")
        assert shown(page) == ["four"]


def test_sorting_counts_and_keeps_what_is_filtered_out(board: Opener) -> None:
    with board() as page:
        page.check("[data-tag][value=open]")
        sort(page, "medqa")
        assert shown(page) == ["one", "two", "four"]
        assert page.inner_text("[data-live]") == "Sorted by Medqa, descending; 3 entries."


def test_an_unticked_column_is_hidden_in_every_line(board: Opener) -> None:
    with board() as page:
        page.uncheck("[data-column][value=brier]")
        assert hidden_columns(page) == [[3]] * 7
        assert page.inner_text("[data-live]") == "5 of 5 entries shown."
        page.check("[data-column][value=brier]")
        assert hidden_columns(page) == [[]] * 7


def test_the_chosen_metric_is_marked_in_every_line(board: Opener) -> None:
    marked = (
        "all => all.map(row => [...row.cells].filter(cell => 'chosen' in cell.dataset).map(cell => cell.cellIndex))"
    )
    with board() as page:
        assert page.eval_on_selector_all("tr", marked) == [[2]] * 7
        page.select_option("[data-metric]", "notes")
        assert page.eval_on_selector_all("tr", marked) == [[4]] * 7
        sort(page, "entry")
        assert page.eval_on_selector_all("tr", marked) == [[4]] * 7


# --- two to be compared ---------------------------------------------------------------------------


def test_two_ticks_make_a_link_and_a_third_takes_the_oldest_away(board: Opener) -> None:
    link = "[data-compare]"
    with board() as page:
        assert page.get_attribute(link, "href") is None
        assert page.get_attribute(link, "aria-disabled") == "true"
        page.check("[data-pick][value=two]")
        assert page.get_attribute(link, "href") is None
        page.check("[data-pick][value=one]")
        assert page.get_attribute(link, "href") == "compare.html#a=two&b=one"
        assert page.get_attribute(link, "aria-disabled") is None
        page.check("[data-pick][value=five]")
        assert page.get_attribute(link, "href") == "compare.html#a=one&b=five"
        assert not page.is_checked("[data-pick][value=two]")
        sort(page, "entry")
        assert page.get_attribute(link, "href") == "compare.html#a=one&b=five"
        page.uncheck("[data-pick][value=one]")
        assert page.get_attribute(link, "href") is None
        page.check("[data-pick][value=four]")
        page.click(link)
        assert page.url.endswith("/compare.html#a=five&b=four")


# --- the link that tells what is shown ------------------------------------------------------------


def test_a_link_tells_what_is_shown_and_shows_it_again(board: Opener) -> None:
    with board() as page:
        sort(page, "medqa")
        assert fragment(page) == "v=1&s=-medqa"
        page.uncheck("[data-column][value=brier]")
        page.fill("[data-filter]", "8b ö")
        page.check("[data-tag][value=open]")
        page.check("[data-tag][value=medical]")
        told = fragment(page)
        assert told == "v=1&s=-medqa&c=medqa,notes&q=8b+%C3%B6&t=open,medical"
        was = (order(page), shown(page), hidden_columns(page), sorts(page))
    with board(f"#{told}") as page:
        assert (order(page), shown(page), hidden_columns(page), sorts(page)) == was
        assert page.input_value("[data-filter]") == "8b ö"
        assert fragment(page) == told


def test_undoing_everything_takes_the_link_away(board: Opener) -> None:
    with board("#v=1&q=8b&c=medqa") as page:
        page.fill("[data-filter]", "")
        for key in ("brier", "notes"):
            page.check(f"[data-column][value={key}]")
        assert "#" not in page.url


def test_another_link_on_the_same_page_replaces_what_was_shown(board: Opener) -> None:
    with board("#v=1&s=-medqa&t=open&c=notes") as page:
        assert hidden_columns(page) == [[2, 3]] * 7
        page.evaluate("location.hash = '#s=entry&q=8b'")
        page.wait_for_selector("th[data-key=entry][aria-sort]")
        assert shown(page) == ["three", "five", "one"]
        assert hidden_columns(page) == [[]] * 7
        page.evaluate("location.hash = ''")
        page.wait_for_selector("[aria-sort]", state="detached")
        assert shown(page) == AS_BUILT


def test_all_columns_may_be_hidden(board: Opener) -> None:
    with board() as page:
        for key in ("medqa", "brier", "notes"):
            page.uncheck(f"[data-column][value={key}]")
        told = fragment(page)
        assert told == "v=1&c="
    with board(f"#{told}") as page:
        assert hidden_columns(page) == [[2, 3, 4]] * 7


@pytest.mark.parametrize(
    "told",
    [
        "v=1&s=-nothing&c=nothing&t=nothing&x=1", "s=&c=nothing&t=", "=", "%=%&&&", "v=7&s=--medqa",
        "s=__proto__&t=constructor", "s=%E0%A4%A&c=%&q=", "q=%20%20", "&amp;s=<script>", "s[]=medqa",
    ],
)  # fmt: skip
def test_a_broken_link_changes_nothing(board: Opener, told: str) -> None:
    with board(f"#{told}") as page:
        assert shown(page) == AS_BUILT
        assert hidden_columns(page) == [[]] * 7
        assert sorts(page) == {}


def test_an_anchor_is_left_alone(board: Opener) -> None:
    with board("#q12") as page:
        assert fragment(page) == "q12"
        sort(page, "medqa")
        page.evaluate("location.hash = '#q12'")
        page.wait_for_url("**#q12")
        page.evaluate("new Promise(done => setTimeout(done, 50))")
        assert order(page) == ["three", "one", "five", "two", "four"]


def test_the_other_language_shows_the_same(board: Opener) -> None:
    with board() as page:
        sort(page, "brier")
        page.click("[data-keep]")
        assert page.url.endswith("/other.html#v=1&s=brier")


# --- light and dark -------------------------------------------------------------------------------


def test_a_theme_is_kept_over_pages(board: Opener) -> None:
    button, of = "[data-theme-switch]", "document.documentElement.dataset.theme ?? null"
    with board() as page:
        for theme, label in (("light", "Theme: light"), ("dark", "Theme: dark"), (None, "Theme: as the system")):
            page.click(button)
            assert page.evaluate(of) == theme
            assert page.get_attribute(button, "aria-label") == page.inner_text(button) == label
        page.click(button)
        page.click(button)
        page.click("[data-keep]")
        page.wait_for_url("**/other.html*")
        assert page.evaluate(of) == "dark"
        page.evaluate("localStorage.setItem('medeval-theme', 'url(evil)')")
        page.reload()
        assert page.evaluate(of) is None


@pytest.mark.parametrize("words", ["{}", "nothing of the kind"])
def test_where_nothing_may_be_kept_and_words_are_missing_everything_still_works(
    chromium: "Browser", tmp_path: Path, words: str
) -> None:
    refusing = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } });"
    address = sealed(tmp_path / "index.html", body(html.escape(words)), refusing, SCRIPT)
    with opened(chromium, address) as page:
        page.click("[data-theme-switch]")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        assert page.inner_text("[data-theme-switch]") == "Theme"
        sort(page, "medqa")
        assert order(page) == ["three", "one", "five", "two", "four"]


def test_a_script_in_the_head_has_the_theme_there_before_the_page(chromium: "Browser", tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    address = sealed(path, body(json.dumps(WORDS)), SCRIPT, "window.seen = document.documentElement.dataset.theme;")
    script = f"<script>{SCRIPT}</script>"
    path.write_text(path.read_text(encoding="utf-8").replace(script, "").replace("<title>", f"{script}<title>"))
    with opened(chromium, address) as page:
        page.click("[data-theme-switch]")
        # A browser under load hands what a page has stored to the next one in its own time.
        for _ in range(20):
            page.reload()
            if page.evaluate("window.seen"):
                break
        assert page.evaluate("window.seen") == "light"
        sort(page, "medqa")
        assert order(page) == ["three", "one", "five", "two", "four"]


# --- by keys alone --------------------------------------------------------------------------------


def test_everything_can_be_done_by_keys_alone(board: Opener) -> None:
    at = "document.activeElement"
    with board() as page:
        keys = page.keyboard
        keys.press("Tab")
        keys.press("Tab")
        keys.press("Space")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        keys.press("Tab")
        keys.type("8b")
        assert shown(page) == ["one", "three", "five"]
        keys.press("Tab")
        keys.press("Space")
        assert shown(page) == ["one"]
        keys.press("Space")
        keys.press("Tab")
        keys.press("Tab")
        keys.press("Space")
        assert hidden_columns(page) == [[2]] * 7
        keys.press("Space")
        for _ in range(20):
            keys.press("Tab")
            if page.evaluate(f"{at}.closest('th')?.dataset.key") == "medqa":
                break
        keys.press("Enter")
        assert order(page) == ["three", "one", "five", "two", "four"]
        assert page.evaluate(f"{at}.closest('th')?.dataset.key") == "medqa"
        keys.press("Space")
        assert order(page) == ["two", "one", "five", "three", "four"]
        for _ in range(3):
            keys.press("Tab")
        keys.press("Space")
        keys.press("Tab")
        keys.press("Space")
        assert page.get_attribute("[data-compare]", "href") == "compare.html#a=one&b=five"


# --- weight ---------------------------------------------------------------------------------------


def test_it_is_small_and_makes_no_markup_of_texts() -> None:
    assert len(gzip.compress(SCRIPT.encode(), 9, mtime=0)) <= 4096
    assert not [
        word for word in ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "fetch(", "import(") if word in SCRIPT
    ]
