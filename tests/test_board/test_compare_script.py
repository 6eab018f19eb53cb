"""The comparison of any two entries in the browser: the same numbers as in Python, and a table that says them."""

import base64
import gzip
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import stdtrit

from medeval.stats import paired
from tests.browser import browser, opened, sealed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STATIC = Path(__file__).parents[2] / "leaderboard" / "static"
SCRIPT = (STATIC / "compare.js").read_text(encoding="utf-8")
SITE = (STATIC / "site.js").read_text(encoding="utf-8")
Bits = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def packed(bits: Bits) -> str:
    return base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode()


def floats(values: Floats) -> str:
    return base64.b64encode(values.astype("<f8").tobytes()).decode()


def crossing(marks: Floats, clusters: Sequence[str] | None) -> dict[str, object]:
    """What a page holds of marks, one row an entry: means, products of centred marks, and what they are scaled by."""
    around = marks - marks.mean(axis=1, keepdims=True)
    names = sorted({*clusters}) if clusters else []
    owned = [around[:, [each == name for each in clusters or ()]].sum(axis=1) for name in names]
    sums = np.stack(owned, axis=1) if owned else around
    count, samples = sums.shape[1], marks.shape[1]
    products = sums @ sums.T
    return {
        "slugs": [f"e{number}" for number in range(len(marks))], "means": floats(marks.mean(axis=1)),
        "cross": floats(products[np.triu_indices(len(marks))]), "n": samples,
        "t": float(stdtrit(count - 1, 0.975)), "scale": count / (count - 1) / samples**2,
    }  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with browser() as there:
        yield there


@pytest.fixture(scope="module")
def bare(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Page]":
    """A page that has the functions and nothing to compare."""
    address = sealed(tmp_path_factory.mktemp("bare") / "page.html", "", SCRIPT)
    with opened(chromium, address) as page:
        yield page


# --- the same numbers -----------------------------------------------------------------------------


def pairs_of_rows(count: int) -> list[tuple[Bits, Bits]]:
    """Rows as models make them, and those at the edges: equal, all right, all wrong, opposite, of one sample."""
    dice = np.random.default_rng(7)
    made = []
    for number in range(count):
        n = int(dice.integers(1, 1501)) if number % 3 else int(dice.integers(1, 12))
        base = (dice.random(n) < dice.random()).astype(np.uint8)
        new = base ^ (dice.random(n) < dice.choice([0.003, 0.03, 0.3])).astype(np.uint8)
        if number % 5 == 0:
            new = (dice.random(n) < dice.random()).astype(np.uint8)
        if number % 20 == 0:
            new = base.copy()
        if number % 20 == 1:
            base, new = np.ones(n, np.uint8), (np.ones(n, np.uint8) if number % 40 == 1 else new)
        if number % 20 == 2:
            base, new = np.zeros(n, np.uint8), np.full(n, number % 40 == 2, np.uint8)
        if number % 20 == 3:
            new = 1 - base
        made.append((base, new))
    return made


def test_ten_thousand_pairs_of_answers_come_to_the_same_as_in_python(bare: "Page") -> None:
    rows = pairs_of_rows(10_000)
    told = [[len(base), packed(base), packed(new)] for base, new in rows]
    found = bare.evaluate(
        """told => told.map(([n, a, b]) => {
          const found = medevalCompare.counted({ n, bits: { a, b } }, "a", "b");
          const [lost, gained] = found.only.map(each => each.length);
          return [found.a, found.b, found.value, found.low, found.high, found.p, gained, lost];
        })""",
        told,
    )
    wanted = []
    for base, new in rows:
        gained, lost, n = int((new > base).sum()), int((base > new).sum()), len(base)
        around = paired.tango(gained, lost, n)
        p = paired.mcnemar(gained, lost).mid_p
        wanted.append((base.mean(), new.mean(), (gained - lost) / n, around.low, around.high, p, gained, lost))
    apart = np.abs(np.array(found) - np.array(wanted)).max(axis=0)
    assert len(found) == 10_000
    assert (apart < 1e-9).all(), apart
    same, single, corner = (
        sum(each[6] == each[7] == 0 for each in wanted), sum(len(base) == 1 for base, _ in rows),
        sum(abs(each[2]) == 1 for each in wanted),
    )  # fmt: skip
    assert min(same, single, corner) > 100


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((40, 20, 160), (0.03086, 0.21806)), ((1, 7, 21), (-0.51723, -0.02600)), ((0, 1, 44), (-0.11808, 0.05939)),
        ((0, 0, 100), (-0.03699, 0.03699)), ((59, 121, 1273), (-0.06963, -0.02837)),
    ],
)  # fmt: skip
def test_tango_gives_the_golden_limits(bare: "Page", counts: tuple[int, ...], limits: tuple[float, ...]) -> None:
    assert bare.evaluate("told => medevalCompare.tango(...told)", [*counts]) == pytest.approx(limits, abs=5.1e-6)


@pytest.mark.parametrize(
    ("b", "c"), [(0, 0), (1, 0), (0, 1), (5, 5), (1500, 1500), (0, 3000), (2000, 1900), (20_000, 20_300)]
)
def test_mid_p_of_few_and_of_many(bare: "Page", b: int, c: int) -> None:
    found = bare.evaluate("([b, c]) => medevalCompare.mcnemar(b, c)", [b, c])
    assert found == pytest.approx(paired.mcnemar(b, c).mid_p, abs=1e-9)


@pytest.mark.parametrize("clustered", [False, True])
def test_marks_on_a_scale_come_to_the_same_as_in_python(bare: "Page", clustered: bool) -> None:
    dice = np.random.default_rng(11)
    columns, wanted = [], []
    for size in (2, 3, 20, 207, 1500):
        skill = dice.random((7, 1))
        marks = np.clip(skill + dice.normal(0, 0.3, (7, size)) + dice.normal(0, 0.2, (1, size)), 0, 1)
        marks[3] = marks[2]
        marks[4] = marks[2] / 2
        marks[5] = 0.25
        marks[6] = marks[2]
        marks[6, 0] += 1e-4
        clusters = [f"c{number % max(2, size // 3)}" for number in range(size)] if clustered else None
        columns.append(crossing(marks, clusters))
        for first in range(7):
            for second in range(7):
                told = paired.paired_t(marks[first].tolist(), marks[second].tolist(), clusters)
                wanted.append((told.value, told.low, told.high, marks[first].mean(), marks[second].mean()))
    found = bare.evaluate(
        """columns => columns.flatMap(column => column.slugs.flatMap(a => column.slugs.map(b => {
          const found = medevalCompare.crossed(column, a, b);
          return [found.value, found.low, found.high, found.a, found.b];
        })))""",
        columns,
    )
    apart = np.abs(np.array(found) - np.array(wanted)).max(axis=0)
    assert len(found) == 5 * 49
    assert (apart < 1e-9).all(), apart


@pytest.mark.parametrize(
    ("low", "high", "better", "word"),
    [
        (0.1, 0.2, "higher", "better"), (0.1, 0.2, "lower", "worse"), (-0.2, -0.1, "higher", "worse"),
        (-0.2, -0.1, "lower", "better"), (-0.1, 0.1, "higher", "tied"), (0.0, 0.1, "higher", "tied"),
        (-0.1, 0.0, "higher", "tied"), (0.1, 0.1, "higher", "tied"), (0.1, 0.2, "", "differs"),
    ],
)  # fmt: skip
def test_the_word_hangs_on_the_interval_and_on_what_is_better(
    bare: "Page", low: float, high: float, better: str, word: str
) -> None:
    found = {"value": (low + high) / 2, "low": low, "high": high}
    assert bare.evaluate("([found, better]) => medevalCompare.verdict(found, better)", [found, better]) == word


# --- the page -------------------------------------------------------------------------------------

WORDS = {
    "compare_column": "Task", "compare_only": "Only {name} right", "compare_caption": "{b} minus {a}",
    "compare_choose": "Choose two.", "compare_more": "and {count} more", "compare_not_both": "Not both: {columns}.",
    "compare_better": "better", "compare_worse": "worse", "compare_tied": "not told apart",
}  # fmt: skip
N = 450
BASE = np.array([number % 2 for number in range(N)], np.uint8)
NEW = BASE | np.array([number % 4 == 0 for number in range(N)], np.uint8)
NEW[[1, 401]] = 0


def data() -> dict[str, object]:
    bits = {"a-1": packed(BASE), "b-2": packed(NEW), "d-4": packed(BASE)}
    ids = [f"{number:04}" for number in range(N)]
    common = {"unit": "fraction", "n": N, "kind": "bits", "bits": bits, "page": 200, "ids": ids}
    dice = random.Random(5)
    marks = np.array([[dice.random() for _ in range(30)] for _ in range(3)])
    marks[1] = marks[0] + np.array([0.24, 0.26] * 15)
    linked = "question/medqa-{page}.html#q{i}"
    return {
        "entries": [
            {"slug": "a-1", "name": "Base <b>1</b>"}, {"slug": "b-2", "name": "New & {a}"},
            {"slug": "c-3", "name": "Third"}, {"slug": "d-4", "name": "Fourth"},
        ],
        "columns": [
            {"key": "medqa", "title": "MedQA", "metric": "accuracy", "better": "higher", "questions": linked, **common},
            {"key": "harm", "title": "Harm", "metric": "harmful", "better": "lower", "questions": "", **common},
            {
                "key": "notes", "title": "Notes", "metric": "rouge1", "better": "higher", "unit": "fraction",
                "kind": "cross", **crossing(marks, None), "slugs": ["a-1", "b-2", "c-3"],
            },
            {
                "key": "cost", "title": "Cost", "metric": "dollars", "better": "lower", "unit": "plain",
                "kind": "cross", **crossing(1000 * marks, None), "slugs": ["a-1", "b-2", "c-3"],
            },
        ],
    }  # fmt: skip


class Opener(Protocol):
    def __call__(self, after: str = "", *, words: dict[str, str] | None = None) -> "AbstractContextManager[Page]": ...


@pytest.fixture
def compare(chromium: "Browser", tmp_path: Path) -> Opener:
    entries = (("a-1", "One"), ("b-2", "Two"), ("c-3", "Three"), ("d-4", "Four"), ("constructor", "Five"))
    options = "".join([f'<option value="{slug}">{name}</option>' for slug, name in entries])

    def at(after: str = "", *, words: dict[str, str] | None = None) -> "AbstractContextManager[Page]":
        body = (
            f'<a data-keep href="other.html">中文</a><div data-script hidden><select id="a">{options}</select>'
            f'<select id="b">{options}</select><button id="swap" type="button">Swap</button></div>'
            '<div id="compared"></div>'
            f'<script type="application/json" id="pairs">{json.dumps(data()).replace("<", chr(92) + "u003c")}</script>'
            f'<script type="application/json" id="words">{json.dumps(WORDS if words is None else words)}</script>'
        )
        sealed(tmp_path / "other.html", "", SITE)
        return opened(chromium, sealed(tmp_path / "compare.html", body, SITE, SCRIPT) + after)

    return at


def lines(page: "Page") -> dict[str, list[str]]:
    """The cells of each row but those of single samples, by the row's title."""
    text = "(cell.querySelector('summary') ?? cell.firstChild).textContent"
    found: list[list[str]] = page.eval_on_selector_all(
        "#compared tbody tr", f"all => all.map(row => [...row.cells].map(cell => {text}))"
    )
    return {line[0]: line[1:] for line in found}


def test_a_link_shows_two_entries_side_by_side(compare: Opener) -> None:
    with compare("#a=a-1&b=b-2") as page:
        assert page.inner_text("caption") == "New & {a} minus Base <b>1</b>"
        assert page.locator("#compared b").count() == 0
        heads = page.locator("#compared thead th").all_inner_texts()
        assert heads[0] == "Task"
        assert heads[2:4] == ["Base <b>1</b>", "New & {a}"]
        assert heads[7:9] == ["Only Base <b>1</b> right", "Only New & {a} right"]
        around = paired.tango(113, 2, N)
        told = f"{100 * around.low:.1f} – {100 * around.high:.1f}"
        assert lines(page)["MedQA"] == ["450", "50.0", "74.7", "+24.7", told, "better", "2", "113", "< 0.001"]
        # Where a mark is a fault, the one without it is right.
        assert lines(page)["Harm"] == ["450", "50.0", "74.7", "+24.7", told, "worse", "113", "2", "< 0.001"]
        assert lines(page)["Notes"][3] == "+25.0"
        assert lines(page)["Notes"][5:] == ["better", "–", "–", "–"]
        assert lines(page)["Cost"][3] == "+250"
        assert lines(page)["Cost"][5] == "worse"
        assert page.locator("p.note").count() == 0


def test_heads_have_their_scope_and_pictures_their_words(compare: Opener) -> None:
    with compare("#a=a-1&b=b-2") as page:
        assert page.locator("thead th:not([scope=col]), tbody th:not([scope=row])").count() == 0
        assert page.locator("tbody svg[role=img]").count() == 4
        title = page.locator("tbody svg title").first.text_content()
        assert title is not None
        assert title.startswith("MedQA: +24.7 (")
        assert page.locator("#compared [style]").count() == 0
        line = page.locator("tbody svg .ci").first
        low, high = (float(line.get_attribute(name) or "nan") for name in ("x1", "x2"))
        assert 60 < low < high <= 116
        assert page.locator("[role=region]").get_attribute("aria-label") == "New & {a} minus Base <b>1</b>"


def test_samples_that_only_one_has_right_lead_to_their_questions(compare: Opener) -> None:
    with compare("#a=a-1&b=b-2") as page:
        row = page.locator("tbody tr").first
        row.locator("summary").first.click()
        links = row.locator("details").first.locator("a")
        assert [link.get_attribute("href") for link in links.all()] == [
            "question/medqa-1.html#q1", "question/medqa-3.html#q401",
        ]  # fmt: skip
        assert links.all_inner_texts() == ["0001", "0401"]
        assert row.locator("summary").first.get_attribute("aria-label") == "Only Base <b>1</b> right: 2"
        many = row.locator("details").nth(1)
        assert many.locator("a").count() == 60
        many.locator("summary").click()
        assert many.locator("p").inner_text().endswith(" and 53 more")
        harm = page.locator("tbody tr").nth(1)
        assert harm.locator("a").count() == 0
        assert harm.locator("details p").nth(1).text_content() == "0001 0401 "


def test_the_other_way_round_every_sign_is_turned(compare: Opener) -> None:
    with compare("#a=a-1&b=b-2") as page:
        page.click("#swap")
        assert page.url.endswith("#a=b-2&b=a-1")
        assert page.input_value("#a") == "b-2"
        assert lines(page)["MedQA"][:4] == ["450", "74.7", "50.0", "−24.7"]
        assert lines(page)["MedQA"][5:] == ["worse", "113", "2", "< 0.001"]
        assert lines(page)["Harm"][5] == "better"
        page.click("#swap")
        assert page.url.endswith("#a=a-1&b=b-2")


def test_equal_answers_are_not_told_apart(compare: Opener) -> None:
    with compare("#a=a-1&b=d-4") as page:
        around = paired.tango(0, 0, N)
        told = f"−{-100 * around.low:.1f} – {100 * around.high:.1f}"
        assert lines(page)["MedQA"] == ["450", "50.0", "50.0", "0.0", told, "not told apart", "0", "0", "1.000"]
        assert page.inner_text("p.note") == "Not both: Notes, Cost."


def test_choosing_writes_the_link_and_the_other_language_keeps_it(compare: Opener) -> None:
    with compare() as page:
        assert page.inner_text("#compared") == "Choose two."
        assert "#" not in page.url
        page.select_option("#b", "c-3")
        assert page.url.endswith("#a=a-1&b=c-3")
        assert [*lines(page)] == ["Notes", "Cost"]
        assert page.inner_text("p.note") == "Not both: MedQA, Harm."
        page.select_option("#b", "constructor")
        assert page.inner_text("#compared") == "Not both: MedQA, Harm, Notes, Cost."
        page.select_option("#b", "c-3")
        page.click("[data-keep]")
        assert page.url.endswith("/other.html#a=a-1&b=c-3")


def test_a_link_to_what_is_not_there_is_ignored(compare: Opener) -> None:
    with compare("#a=__proto__&b=b-2&x=%E0%A4%A") as page:
        assert (page.input_value("#a"), page.input_value("#b")) == ("a-1", "b-2")
        page.evaluate("location.hash = '#b=d-4&a=nobody'")
        page.wait_for_selector("p.note")
        assert (page.input_value("#a"), page.input_value("#b")) == ("a-1", "d-4")
        page.evaluate("location.hash = '#main'")
        assert page.input_value("#b") == "d-4"


def test_missing_words_break_nothing(compare: Opener) -> None:
    with compare("#a=a-1&b=b-2", words={}) as page:
        assert lines(page)["MedQA"][5:] == ["better", "2", "113", "< 0.001"]


@pytest.mark.parametrize(
    ("right", "n", "text"), [(49, 400, "12.2"), (51, 400, "12.8"), (1, 3, "33.3"), (47, 400, "11.8"), (1, 2000, "0.1")]
)
def test_numbers_are_rounded_as_on_the_other_pages(
    chromium: "Browser", tmp_path: Path, right: int, n: int, text: str
) -> None:
    assert f"{100 * (right / n):.1f}" == text
    row = np.array([number < right for number in range(n)], np.uint8)
    column = {
        "key": "x", "title": "X", "metric": "m", "better": "higher", "unit": "fraction", "kind": "bits", "n": n,
        "bits": {"a": packed(row), "b": packed(row)}, "questions": "", "page": 200, "ids": [],
    }  # fmt: skip
    body = (
        '<select id="a"><option>a</option></select><select id="b"><option>b</option></select><div id="compared"></div>'
        f'<script type="application/json" id="pairs">{json.dumps({"entries": [], "columns": [column]})}</script>'
    )
    with opened(chromium, sealed(tmp_path / "page.html", body, SCRIPT)) as page:
        assert lines(page)["X"][1:3] == [text, text]


def test_it_is_small_and_makes_no_markup_of_texts() -> None:
    assert len(gzip.compress(SCRIPT.encode(), 9, mtime=0)) <= 4096
    forbidden = ("innerHTML", "outerHTML", "insertAdjacent", "eval(", "fetch(", "import(", ".style")
    assert [word for word in forbidden if word in SCRIPT] == []
