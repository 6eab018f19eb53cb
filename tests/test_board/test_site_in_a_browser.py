"""The site as people use it: with a mouse, with keys alone, on a phone, on paper, without scripts, read aloud."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import board_reports
from tests.browser import browser

AXE = Path(__file__).parents[2] / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TONGUES, THEMES = ("en", "zh"), ("light", "dark")
ROWS = "table[data-board] tbody:not(.floors) tr"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as there:
        yield there


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page; that it goes through a test without an error of its own is part of every test."""
    with opened(chromium) as made:
        yield made


@contextmanager
def opened(chromium: Browser, **how: object) -> Iterator[Page]:
    context = chromium.new_context(**how)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(5_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert faults == []


def go(page: Page, site: Path, name: str = "en/index.html", fragment: str = "") -> None:
    page.goto((site / name).as_uri() + fragment)


def order(page: Page) -> list[str]:
    """The entries in the order in which they are seen."""
    seen: list[str] = page.locator(f"{ROWS}:visible").evaluate_all("rows => rows.map(row => row.dataset.entry)")
    return seen


def keys(page: Page) -> list[str]:
    """The columns of numbers."""
    heads = page.locator("table[data-board] thead th[data-better]")
    there: list[str] = heads.evaluate_all("heads => heads.map(head => head.dataset.key)")
    return there


def sorted_by(page: Page, key: str) -> list[float | None]:
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


def head(page: Page, key: str) -> None:
    page.locator(f'table[data-board] th[data-key="{key}"] button').click()


def ticked(page: Page, kind: str, value: str, *, on: bool) -> None:
    """Tick a box, wherever it is folded away."""
    box = page.locator(f'input[{kind}][value="{value}"]')
    if not box.is_visible():
        box.locator("xpath=ancestor::details").last.locator("summary").first.click()
    box.set_checked(on)


# --- with a mouse -------------------------------------------------------------------------------


def test_a_column_is_sorted_best_first_then_worst_first_and_what_is_missing_stays_last(page: Page, site: Path) -> None:
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


def test_baselines_stay_where_they_are(page: Page, site: Path) -> None:
    go(page, site, "en/all.html")
    rows = page.locator("tbody.floors tr")
    before = rows.all_inner_texts()
    assert all(any(floor in text for text in before) for floor in board_reports.FLOORS)
    head(page, keys(page)[0])
    page.locator("[data-filter]").fill("atlas")
    assert rows.all_inner_texts() == before
    assert all(rows.evaluate_all("rows => rows.map(row => row.checkVisibility())"))


def test_what_is_sought_is_shown_and_the_rest_is_not(page: Page, site: Path) -> None:
    go(page, site, "en/all.html")
    whole = order(page)
    page.locator("[data-filter]").fill("ATLAS 8b")
    assert order(page) == [name for name in whole if "atlas-8b" in name]
    assert f"{len(order(page))} of {len(whole)}" in page.locator("[data-live]").inner_text()
    page.locator("[data-filter]").fill("nobody is called this")
    assert order(page) == []
    page.locator("[data-filter]").fill("")
    assert order(page) == whole


def test_tags_that_are_ticked_must_all_be_there(page: Page, site: Path) -> None:
    go(page, site, "en/all.html")
    ticked(page, "data-tag", "medical", on=True)
    assert {*order(page)} == {"atlas-8b", "atlas-8b-tuned"}
    ticked(page, "data-tag", "closed", on=True)
    assert order(page) == []
    ticked(page, "data-tag", "medical", on=False)
    assert order(page) == ["cedar-70b"]


def test_a_column_that_is_not_wanted_goes_with_its_head_and_all_its_cells(page: Page, site: Path) -> None:
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


def test_two_that_are_picked_are_compared(page: Page, site: Path) -> None:
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
    page: Page, site: Path, chromium: Browser
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
    page: Page, site: Path, fragment: str
) -> None:
    go(page, site, "en/all.html")
    whole = order(page)
    page.goto("about:blank")
    go(page, site, "en/all.html", fragment)
    expected = [] if "&q=%E4" in fragment or "<script>" in fragment else whole
    assert order(page) == expected


def test_the_other_language_is_one_click_away_and_shows_the_same(page: Page, site: Path) -> None:
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


def test_a_theme_that_was_chosen_stays(page: Page, site: Path) -> None:
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


def test_keys_alone_reach_and_press_a_head(page: Page, site: Path) -> None:
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


def test_the_first_key_leads_past_the_navigation(page: Page, site: Path) -> None:
    go(page, site)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')").startswith("#")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


# --- without scripts ----------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("name", ["index", "all"])
def test_without_scripts_every_number_of_the_download_is_in_the_table(
    chromium: Browser, site: Path, name: str, tongue: str
) -> None:
    told = json.loads((site / "data" / "results.json").read_text(encoding="utf-8"))["results"]
    known = {(each["entry"], each["column"], each["metric"]): each for each in told}
    known |= {(each["entry"], f"{each['column']}-{each['metric']}", each["metric"]): each for each in told}
    with opened(chromium, java_script_enabled=False) as page:
        go(page, site, f"{tongue}/{name}.html")
        heads = page.locator("table[data-board] thead th").evaluate_all(
            "heads => heads.map(head => [head.dataset.key, head.querySelector('small')?.textContent.split(' ')[0]])"
        )
        rows = page.locator(ROWS).evaluate_all(
            "rows => rows.map(row => [row.dataset.entry, [...row.cells].map(cell => cell.innerText)])"
        )
    checked = 0
    for entry, cells in rows:
        assert len(cells) == len(heads)
        for (key, metric), text in zip(heads, cells, strict=True):
            if key in ("rank", "entry"):
                continue
            there = known.get((entry, key, metric))
            assert (there is None) == (text.strip() == "–"), (entry, key)
            if there is not None:
                assert text.split()[0].split("±")[0] == printed(there["value"], there["unit"]), (entry, key)
                checked += 1
    assert checked >= (30 if name == "all" else 10)


def printed(value: float, unit: str) -> str:
    """As a page has it: per cent with one decimal, or three figures."""
    return (f"{100 * value:.1f}" if unit == "fraction" else f"{value:.3g}").replace("-", "\u2212")


def test_without_scripts_nothing_is_shown_that_would_do_nothing(chromium: Browser, site: Path) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        for name in ("index", "all", "compare", "method"):
            go(page, site, f"en/{name}.html")
            for control in ("[data-filter]", "[data-tag]", "[data-column]", "[data-metric]", "[data-theme-switch]"):
                assert not [each for each in page.locator(control).all() if each.is_visible()], f"{name}: {control}"


def test_cases_are_filtered_by_style_alone(chromium: Browser, site: Path) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        go(page, site, cell_page(site, "cedar-70b", "medqa"))
        buttons = page.locator('main input[type="radio"]')
        assert buttons.count() > 1
        counts = []
        for button in buttons.all():
            button.check(force=True)
            counts.append(page.locator("main article:visible, main .case:visible").count())
        assert max(counts) > min(counts)
        assert max(counts) == counts[0] or sum(counts) - max(counts) >= max(counts)


def cell_page(site: Path, entry: str, task: str) -> str:
    (found, *_) = sorted((site / "en" / "cell" / entry).glob(f"{task}*.html"))
    return found.relative_to(site).as_posix()


# --- on a phone, on paper -----------------------------------------------------------------------


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_page_is_wider_than_a_phone(chromium: Browser, site: Path, tongue: str) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        wide = {}
        for name in kinds(site, tongue):
            go(page, site, name)
            width = page.evaluate("() => document.documentElement.scrollWidth")
            if width > 320:
                wide[name] = width
        assert wide == {}


def test_a_phone_shows_one_number_beside_each_entry_and_lets_another_be_chosen(chromium: Browser, site: Path) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        go(page, site)
        first, second, *_ = keys(page)
        assert page.locator(f'th[data-key="{first}"]').is_visible()
        assert not page.locator(f'th[data-key="{second}"]').is_visible()
        page.locator("select[data-metric]").select_option(second)
        assert page.locator(f'th[data-key="{second}"]').is_visible()
        assert not page.locator(f'th[data-key="{first}"]').is_visible()


def test_targets_are_large_enough_for_a_thumb(chromium: Browser, site: Path) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        go(page, site)
        small = page.locator("button:visible, select:visible, input:visible").evaluate_all(
            """all => all.map(each => (each.closest('label') ?? each)).map(each => [each.outerHTML.slice(0, 80),
              each.getBoundingClientRect().width, each.getBoundingClientRect().height])
              .filter(([, width, height]) => width < 24 || height < 24)"""
        )
        assert small == []


@pytest.mark.parametrize("name", ["index", "all", "task", "cell"])
def test_paper_holds_all_that_the_screen_holds_and_no_control(
    page: Page, site: Path, tmp_path: Path, name: str
) -> None:
    plain = f"en/{name}.html"
    go(
        page,
        site,
        plain if (site / plain).is_file() else next(each for each in kinds(site, "en") if f"/{name}/" in each),
    )
    rows = page.locator("main table tbody tr")
    count = rows.count()
    assert count > 3
    page.emulate_media(media="print")
    assert page.locator("main table tbody tr:visible").count() == count
    for control in ("nav", "[data-filter]", "[data-pick]", "[data-theme-switch]", "[data-compare]"):
        assert not any(each.is_visible() for each in page.locator(control).all()), control
    assert page.pdf(path=tmp_path / "board.pdf").startswith(b"%PDF-")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
          .filter(each => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(each).overflowY))
          .filter(each => each.scrollHeight > each.clientHeight + 4 && each.clientHeight > 40).length"""
    )
    assert cut == 0


@pytest.mark.parametrize("tongue", TONGUES)
def test_a_group_fits_the_width_of_paper(chromium: Browser, site: Path, tongue: str) -> None:
    # Chromium makes what is too wide up to half as large; what is wider still is cut off.
    with opened(chromium, viewport={"width": 794, "height": 1123}) as page:
        page.emulate_media(media="print")
        for name in ("index", "calibration", "tasks", "cost", "history", "lineage"):
            go(page, site, f"{tongue}/{name}.html")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= 2 * 718, name


# --- read aloud ---------------------------------------------------------------------------------


def kinds(site: Path, tongue: str) -> Sequence[str]:
    """A page of every kind, and of each folder the largest."""
    plain = sorted((site / tongue).glob("*.html"))
    folders = [
        max((site / tongue / name).rglob("*.html"), key=lambda path: path.stat().st_size)
        for name in ("task", "entry", "cell", "pair", "question")
    ]
    return [path.relative_to(site).as_posix() for path in (*plain, *folders)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tongue", TONGUES)
def test_nothing_stands_in_the_way_of_those_who_hear_or_barely_see(
    chromium: Browser, site: Path, alone: Path, tongue: str, theme: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm install --no-save --prefix build/npm axe-core@4.14.1")
    script = AXE.read_text(encoding="utf-8")
    pages = [*[site / name for name in kinds(site, tongue)], *alone.glob(f"*-{tongue}.html")]
    found = {}
    # The pages' own policy would keep out the script that looks at them.
    with opened(chromium, bypass_csp=True, color_scheme=theme, reduced_motion="reduce") as page:
        for path in pages:
            page.goto(path.as_uri())
            page.evaluate(script)
            seen = page.evaluate(
                "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
            )
            if told := [(each["id"], each["nodes"][0]["html"][:160]) for each in seen["violations"]]:
                found[path.name] = told
    assert found == {}
