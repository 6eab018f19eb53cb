"""The site as people use it, with a mouse and with keys alone."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import board_reports
from tests.test_board.visits import ROWS, go, keys, opened, order

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def sorted_by(page: "Page", key: str) -> list[float | None]:
    """The sort values of a column from top to bottom."""
    found: list[float | None] = page.evaluate(
        """key => {
          const table = document.querySelector('table[data-board]');
          const heads = [...table.querySelectorAll('thead tr:last-of-type th')];
          const place = heads.findIndex(head => head.dataset.key === key);
          return [...table.querySelectorAll('tbody:not(.floors) tr')].map(row => row.cells[place])
            .map(cell => cell.dataset.s === undefined ? null : Number(cell.dataset.s));
        }""",
        key,
    )
    return found


def head(page: "Page", key: str) -> None:
    page.locator(f'table[data-board] th[data-key="{key}"] button').click()


def ticked(page: "Page", kind: str, value: str, *, on: bool) -> None:
    """Tick a box, wherever it is folded away."""
    box = page.locator(f'input[{kind}][value="{value}"]')
    if not box.is_visible():
        box.locator("xpath=ancestor::details").last.locator("summary").first.click()
    box.set_checked(on)


# --- with a mouse -------------------------------------------------------------------------------


def test_a_column_is_sorted_best_first_then_worst_first_and_what_is_missing_stays_last(
    page: "Page", site: Path
) -> None:
    go(page, site, "en/all.html")
    for key in keys(page)[:3]:
        head(page, key)
        there = sorted_by(page, key)
        found = [each for each in there if each is not None]
        better = page.locator(f'th[data-key="{key}"]').get_attribute("data-better")
        assert found == sorted(found, reverse=better == "higher")
        assert there == [*found, *[None] * (len(there) - len(found))]
        assert page.locator("[aria-sort]").count() == 1
        head(page, key)
        again = sorted_by(page, key)
        assert again == [*sorted(found, reverse=better == "lower"), *[None] * (len(there) - len(found))]
        told = page.locator("[data-live]").inner_text()
        assert str(len(there)) in told


def test_baselines_stay_where_they_are(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    rows = page.locator("tbody.floors tr")
    before = rows.all_inner_texts()
    assert all(any(floor in text for text in before) for floor in board_reports.FLOORS)
    head(page, keys(page)[0])
    page.locator("[data-filter]").fill("atlas")
    assert rows.all_inner_texts() == before
    assert all(rows.evaluate_all("rows => rows.map(row => row.checkVisibility())"))


def test_what_is_sought_is_shown_and_the_rest_is_not(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    whole = order(page)
    page.locator("[data-filter]").fill("ATLAS 8b")
    assert order(page) == [name for name in whole if "atlas-8b" in name]
    assert f"{len(order(page))} of {len(whole)}" in page.locator("[data-live]").inner_text()
    page.locator("[data-filter]").fill("nobody is called this")
    assert order(page) == []
    page.locator("[data-filter]").fill("")
    assert order(page) == whole


def test_tags_that_are_ticked_must_all_be_there(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    ticked(page, "data-tag", "medical", on=True)
    assert {*order(page)} == {"atlas-8b", "atlas-8b-tuned"}
    ticked(page, "data-tag", "closed", on=True)
    assert order(page) == []
    ticked(page, "data-tag", "medical", on=False)
    assert order(page) == ["cedar-70b"]


def test_a_column_that_is_not_wanted_goes_with_its_head_and_all_its_cells(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    key = keys(page)[1]
    seen = "rows => rows.map(row => [...row.cells].filter(cell => cell.checkVisibility()).length)"
    rows = page.locator("table[data-board] thead tr, table[data-board] tbody tr")
    before = rows.evaluate_all(seen)
    ticked(page, "data-column", key, on=False)
    assert rows.evaluate_all(seen) == [count - 1 for count in before]
    assert not page.locator(f'th[data-key="{key}"]').is_visible()
    ticked(page, "data-column", key, on=True)
    assert rows.evaluate_all(seen) == before


def test_two_that_are_picked_are_compared(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    link = page.locator("a[data-compare]")
    assert link.get_attribute("href") is None
    for name in ("atlas-8b", "birch-8b", "cedar-70b"):
        page.locator(f'{ROWS} [data-pick][value="{name}"]').check()
    # A third one unticks the oldest.
    assert link.get_attribute("href") == "compare.html#a=birch-8b&b=cedar-70b"
    link.click()
    page.wait_for_url("**/compare.html#a=birch-8b&b=cedar-70b")
    said = page.locator("main").inner_text()
    assert "birch-8b" in said
    assert "cedar-70b" in said
    assert page.locator("main table:visible tbody tr").count() > 0


def test_what_was_chosen_stands_in_the_address_and_comes_back_from_it(
    page: "Page", site: Path, chromium: "Browser"
) -> None:
    go(page, site, "en/all.html")
    first, second, *_ = keys(page)
    head(page, first)
    head(page, first)
    page.locator("[data-filter]").fill("a")
    ticked(page, "data-column", second, on=False)
    wanted, address = order(page), page.url
    assert "v=1" in address
    with opened(chromium) as other:
        other.goto(address)
        assert order(other) == wanted
        assert not other.locator(f'th[data-key="{second}"]').is_visible()
        assert other.locator("[data-filter]").input_value() == "a"


@pytest.mark.parametrize(
    "fragment",
    [
        "#v=1&s=-nothing&c=nothing&t=nothing&x=y", "#s=__proto__&c=constructor&t=toString", "#v=1&s=&c=&q=&t=",
        "#=&=&%", "#v=1&q=%E4%B8%8D%", "#v=1&s=--medqa&s=medqa", "#v=1&q=<script>alert(1)</script>", "#q12", "#",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_changes_nothing_that_it_does_not_name(
    page: "Page", site: Path, fragment: str
) -> None:
    go(page, site, "en/all.html")
    whole = order(page)
    page.goto("about:blank")
    go(page, site, "en/all.html", fragment)
    expected = [] if "&q=%E4" in fragment or "<script>" in fragment else whole
    assert order(page) == expected


def test_the_other_language_is_one_click_away_and_shows_the_same(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    key = keys(page)[0]
    head(page, key)
    page.locator("[data-filter]").fill("8b")
    wanted, fragment = order(page), page.url.partition("#")[2]
    page.locator('a[hreflang^="zh"]').first.click()
    page.wait_for_url("**/zh/all.html#*")
    assert page.url.partition("#")[2] == fragment
    assert order(page) == wanted
    assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_a_theme_that_was_chosen_stays(page: "Page", site: Path) -> None:
    go(page, site)
    button = page.locator("[data-theme-switch]")
    names = []
    for wanted in ("light", "dark"):
        button.click()
        assert page.locator("html").get_attribute("data-theme") == wanted
        names.append(button.get_attribute("aria-label") or button.inner_text())
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    go(page, site, "zh/method.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == paper
    page.locator("[data-theme-switch]").click()
    assert page.locator("html").get_attribute("data-theme") is None
    assert len({*names}) == 2


# --- with keys alone ----------------------------------------------------------------------------


def test_keys_alone_reach_and_press_a_head(page: "Page", site: Path) -> None:
    go(page, site, "en/all.html")
    key = keys(page)[0]
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('th')?.dataset.key") == key:
            break
    assert page.evaluate("() => document.activeElement.closest('th')?.dataset.key") == key
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.locator(f'th[data-key="{key}"]').get_attribute("aria-sort") in ("ascending", "descending")
    first = sorted_by(page, key)
    page.keyboard.press("Space")
    assert sorted_by(page, key) != first


def test_the_first_key_leads_past_the_navigation(page: "Page", site: Path) -> None:
    go(page, site)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')").startswith("#")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")
