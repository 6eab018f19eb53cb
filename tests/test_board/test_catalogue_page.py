"""The catalogue and the suites as pages: every task, in both languages, by what `medeval suggest` itself computes."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from medeval import catalog, errata
from medeval.board import TONGUES, catalogue
from medeval.catalog import Catalog
from medeval.suggesting import APPLICATIONS, Wish, suggest
from tests.test_board.visits import go, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KNOWN = catalog.find()


def page(site: Path, tongue: str, name: str) -> str:
    return (site / tongue / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("tongue", TONGUES)
def test_every_task_of_the_project_has_its_row_and_its_traps(site: Path, tongue: str) -> None:
    text = page(site, tongue, "catalogue")
    for name in KNOWN.tasks:
        assert text.count(f'<tr id="task-{name}">') == 1, name
        assert text.count(f'<h3 id="about-{name}">') == 1, name
    assert text.count("<tr id=") == len(KNOWN.tasks)


@pytest.mark.parametrize("tongue", TONGUES)
def test_every_row_is_found_by_capability_by_language_and_by_kind_without_scripts(site: Path, tongue: str) -> None:
    text = page(site, tongue, "catalogue")
    anchors = re.findall(r'href="#(measures-\w+)"', text)
    assert [*dict.fromkeys(anchors)] == re.findall(r'<h2 id="(measures-\w+)"', text)
    # Once by language and once by kind; both lead to the row.
    for name in KNOWN.tasks:
        assert text.count(f'href="#task-{name}"') == 2, name


def test_a_task_somebody_has_run_leads_to_its_results(site: Path) -> None:
    text = page(site, "en", "catalogue")
    links = re.findall(r'href="(task/[^"]+)"', text)
    assert links
    assert all((site / "en" / link).is_file() for link in links)


def test_known_faults_and_ways_to_get_files_are_told(site: Path) -> None:
    text = page(site, "en", "catalogue")
    for name, each in errata.known().items():
        about = text.split(f'<h3 id="about-{name}">')[1].split("<h3")[0]
        assert f"{sum(len(item.ids) for item in each.items)} of its items are known to be faulty" in about
    assert "github.com/jind11/MedQA" in text


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_suites_are_those_that_the_command_suggests(site: Path, tongue: str) -> None:
    text = page(site, tongue, "suites")
    for application in APPLICATIONS:
        for language in ("en", "zh"):
            suite = suggest(KNOWN, Wish(applications=(application,), languages=(language,), seconds=7200))
            part = text.split(f'<h3 id="{application}-{language}">')[1].split("<h3")[0].split("<h2")[0]
            assert re.findall(r"<small><code>(\w+)</code></small>", part) == [choice.name for choice in suite.choices]
            assert re.findall(r"<li><code>(medeval run [^<]+)</code></li>", part) == [*suite.commands]


def test_a_suite_that_the_time_cuts_short_says_so_in_both_languages(site: Path) -> None:
    (short,) = [suggest(KNOWN, Wish(applications=("education",), languages=("en",), seconds=7200)).short]
    assert short
    for tongue, said in (("en", "2 hours are too short for"), ("zh", "2 小时不足以问完")):
        part = page(site, tongue, "suites").split('<h3 id="education-en">')[1].split("<h3")[0]
        assert f"{said} {short.name}" in part


def test_what_is_said_of_a_licence_is_said_in_the_pages_language(site: Path) -> None:
    parts = {part for named in KNOWN.tasks.values() for part in named.task.licence.split("; ")[1:]} | {"none given"}
    assert parts <= {*catalogue.LICENCE}
    cells = {tongue: re.findall(r"<td>([^<]*)</td>", page(site, tongue, "catalogue")) for tongue in TONGUES}
    for part in parts:
        assert any(part in cell for cell in cells["en"]), part
        assert not any(part in cell for cell in cells["zh"]), part
    assert any("MIT；仅限研究" in cell for cell in cells["zh"])
    assert any("未注明" in cell for cell in cells["zh"])


def test_suites_are_made_once_and_again_where_a_task_is_another() -> None:
    first = catalogue.suites(KNOWN)
    assert catalogue.suites(catalog.find()) is first
    medqa = KNOWN.tasks["medqa"]
    fewer = {**KNOWN.tasks, "medqa": replace(medqa, task=replace(medqa.task, rows=100))}
    other = catalogue.suites(replace(KNOWN, tasks=fewer))[("education", "en")]
    assert {each.name: each.n for each in other.choices}["medqa"] == 100


def test_subjects_are_written_as_they_are_spelt() -> None:
    assert KNOWN.tasks["cmmlu_medical_traditional_chinese_medicine"].task.title == (
        "CMMLU traditional Chinese medicine"
    )  # fmt: skip


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_column_of_words_is_wide_enough_to_be_read(site: Path, chromium: "Browser", tongue: str, width: int) -> None:
    with opened(chromium, viewport={"width": width, "height": 800}) as there:
        for name in ("suites", "catalogue"):
            go(there, site, f"{tongue}/{name}.html")
            cells = there.locator(".uses td:not(.num)")
            # Four Chinese characters at least, and 10 px at each side.
            assert min(cells.evaluate_all("cells => cells.map(each => each.clientWidth)")) >= 4 * 16 + 20
            assert there.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_task_of_somebody_elses_is_on_neither_page(tmp_path: Path) -> None:
    medqa = KNOWN.tasks["medqa"]
    theirs = Catalog(
        tasks={"medqa": medqa, "ours_alone": replace(medqa, name="ours_alone", file=tmp_path / "ours_alone.py")},
        groups={},
    )
    assert [named.name for named in catalogue._own(theirs)] == ["medqa"]
    for suite in catalogue.suites(theirs).values():
        assert "ours_alone" not in {choice.name for choice in suite.choices} | {each.name for each in suite.left}
