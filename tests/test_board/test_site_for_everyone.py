"""The site where it is harder to use: without scripts, on a phone, on paper, read aloud."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.test_board.visits import ROWS, TONGUES, go, keys, kinds, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parents[2] / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""Rules of axe-core that look at colours, which are all that a theme may change."""
LOOK = "([how, which]) => axe.run(document, {runOnly: {type: how, values: which}, resultTypes: ['violations']})"
WHERE = """() => [document.documentElement.outerHTML, ...[...document.querySelectorAll('*')].map(each => {
  const {x, y, width, height} = each.getBoundingClientRect();
  const {display, visibility, opacity} = getComputedStyle(each);
  return [x, y, width, height, display, visibility, opacity].join();
})].join('|')"""
"""All that is there and where it stands: whatever axe-core looks at but colours."""

# --- without scripts ----------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("name", ["index", "all"])
def test_without_scripts_every_number_of_the_download_is_in_the_table(
    chromium: "Browser", site: Path, name: str, tongue: str
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


def test_without_scripts_nothing_is_shown_that_would_do_nothing(chromium: "Browser", site: Path) -> None:
    with opened(chromium, java_script_enabled=False) as page:
        for name in ("index", "all", "compare", "method"):
            go(page, site, f"en/{name}.html")
            for control in ("[data-filter]", "[data-tag]", "[data-column]", "[data-metric]", "[data-theme-switch]"):
                assert not [each for each in page.locator(control).all() if each.is_visible()], f"{name}: {control}"


def test_cases_are_filtered_by_style_alone(chromium: "Browser", site: Path) -> None:
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
def test_no_page_is_wider_than_a_phone(chromium: "Browser", site: Path, tongue: str) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        wide = {}
        for name in kinds(site, tongue):
            go(page, site, name)
            width = page.evaluate("() => document.documentElement.scrollWidth")
            if width > 320:
                wide[name] = width
        assert wide == {}


def test_a_phone_shows_one_number_beside_each_entry_and_lets_another_be_chosen(chromium: "Browser", site: Path) -> None:
    with opened(chromium, viewport={"width": 320, "height": 640}) as page:
        go(page, site)
        first, second, *_ = keys(page)
        assert page.locator(f'th[data-key="{first}"]').is_visible()
        assert not page.locator(f'th[data-key="{second}"]').is_visible()
        page.locator("select[data-metric]").select_option(second)
        assert page.locator(f'th[data-key="{second}"]').is_visible()
        assert not page.locator(f'th[data-key="{first}"]').is_visible()


def test_targets_are_large_enough_for_a_thumb(chromium: "Browser", site: Path) -> None:
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
    page: "Page", site: Path, tmp_path: Path, name: str
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
def test_a_group_fits_the_width_of_paper(chromium: "Browser", site: Path, tongue: str) -> None:
    # Chromium makes what is too wide up to half as large; what is wider still is cut off.
    with opened(chromium, viewport={"width": 794, "height": 1123}) as page:
        page.emulate_media(media="print")
        for name in ("index", "calibration", "tasks", "cost", "history", "lineage"):
            go(page, site, f"{tongue}/{name}.html")
            assert page.evaluate("() => document.documentElement.scrollWidth") <= 2 * 718, name


# --- read aloud ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", TONGUES)
def test_nothing_stands_in_the_way_of_those_who_hear_or_barely_see(
    chromium: "Browser", site: Path, alone: Path, tongue: str
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm install --no-save --prefix build/npm axe-core@4.14.1")
    script = AXE.read_text(encoding="utf-8")
    found = {}
    # The pages' own policy would keep out the script that looks at them.
    with opened(chromium, bypass_csp=True, color_scheme="light", reduced_motion="reduce") as page:
        for path in [*[site / name for name in kinds(site, tongue)], *alone.glob(f"*-{tongue}.html")]:
            page.goto(path.as_uri())
            page.evaluate(script)
            seen, light = page.evaluate(LOOK, ["tag", TAGS])["violations"], page.evaluate(WHERE)
            page.emulate_media(color_scheme="dark")
            assert page.evaluate(WHERE) == light, f"{path.name}: a theme changes more than colours"
            seen += page.evaluate(LOOK, ["rule", COLOURS])["violations"]
            page.emulate_media(color_scheme="light")
            if told := [(each["id"], each["nodes"][0]["html"][:160]) for each in seen]:
                found[path.name] = told
    assert found == {}
