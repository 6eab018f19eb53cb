"""The page of a comparison: every number, what was changed and refused, the cases, and nothing that runs."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest
from msgspec.structs import replace

from medeval import board
from medeval.board.words import Tongue
from medeval.catalog import find
from medeval.comparing import Change, Comparison, Refused, Versus, Wanted, compare
from medeval.comparing.comparison import Case
from medeval.comparing.differences import Difference
from medeval.comparing.flips import Flip
from medeval.comparing.pace import Pace
from medeval.records import Response, Setting
from medeval.scoring.shown import Scored
from medeval.stats import many, paired
from tests.board_reports import Deck
from tests.payloads import PAYLOADS
from tests.test_board import shelves
from tests.test_board.test_cells_pages import words_of
from tests.test_board.test_site_for_everyone import AXE, TAGS
from tests.test_board.test_site_is_inert import UNSEEN
from tests.test_board.visits import opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

N = 60
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOST, WON, MUTE = frozenset(range(12)), frozenset({40}), frozenset({0, 1})
LONG = "The cough is old and dry. " * 40


def answers(name: str) -> Iterator[Scored]:
    """Sixty samples: twelve that only the old has right, one that only the new or its sister has, all others both."""
    for place in range(N):
        right = place not in WON if name == "old" else place not in LOST
        text = f"{LONG if place == 2 else ''}It is {'pneumonia' if right else 'asthma'}."
        mute = name == "new" and place in MUTE
        yield shelves.line(
            f"s{place:02d}", float(right), "unread" if mute else "scored",
            slices={"organ": "lung" if place < 35 else "heart" if place < 48 else "skin"},
            said=Response(text="" if mute else text, completion_tokens=10 if name == "old" else 15),
        )  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three entries that were asked alike, and one that was not."""
    folder = tmp_path_factory.mktemp("reports")
    for name in ("old", "new", "sister"):
        shelves.cell(folder, name, [*answers(name)], spent=(600 if name == "old" else 900, 10.0, 2.0))
    shelves.cell(folder, "other", [*answers("new")], setting=Setting(style="written", system="Be brief."))
    shelves.cell(folder, "stranger", shelves.lines([1.0, 0.0]), "pubmedqa")
    return folder


@pytest.fixture(scope="module")
def found(root: Path) -> Comparison:
    """The old against the new."""
    return held(root, "old", "new")


def held(root: Path, base: str, *news: str) -> Comparison:
    """Compare entries."""
    return compare(root / base, [root / name for name in news], Wanted(), find())


def page(found: Comparison, tongue: Tongue = "en") -> str:
    """The page; that it is valid is part of every test."""
    made = board.comparison(found, version="1.0", tongue=tongue)
    html5lib.HTMLParser(strict=True).parse(made)
    return made


def tables(made: str) -> dict[str, list[list[str]]]:
    """Every table by its caption: the texts of its cells, row by row."""
    tree = html5lib.parse(made, namespaceHTMLElements=False)

    def text(each: Element) -> str:
        return " ".join("".join(each.itertext()).split())

    return {
        text(table.find("caption")): [[text(cell) for cell in row] for row in table.iter("tr")]
        for table in tree.iter("table")
    }  # fmt: skip


# --- numbers ------------------------------------------------------------------------------------


def test_every_number_of_a_task_stands_in_its_row(found: Comparison) -> None:
    (_, row) = tables(page(found))["new less old, on the same samples"]
    wide, narrow = paired.tango(1, 12, N, 0.95), paired.tango(1, 12, N, 0.90)
    p = f"{paired.mcnemar(1, 12).mid_p:.4f}"
    low, high, low90, high90 = [f"{100 * each:.2f}".replace("-", "−") for each in (*wide[:2], *narrow[:2])]
    assert row[0] == "medqa▼ accuracy ↑higher is better"
    # 59 and 48 of 60 are right; 13 changed.
    assert row[1:9] == [
        "98.33", "80.00", "−18.33", "▼ worse", f"{low} to {high}{low90} to {high90}", "1", "12", p,
    ]  # fmt: skip
    seen = found.news[0].cells[0].rows[0].seen
    assert seen
    assert row[9:] == [p, f"{100 * seen:.2f}", "60", "60", "21.7"]


def test_the_picture_stands_where_the_numbers_do(found: Comparison) -> None:
    made = page(found)
    (cell,) = found.news[0].cells
    (row,) = cell.rows
    reach = max(abs(row.low), abs(row.high))
    assert f"±{100 * reach:.2f} points" in made
    (picture, *_) = re.findall(r'<svg class="gap worse".*?</svg>', made)
    dot = float(re.findall(r'<circle cx="([\d.]+)"', picture)[0])
    assert dot == pytest.approx(64 + 60 * row.difference / reach, abs=0.1)
    lines = [*map(float, re.findall(r'x[12]="([\d.]+)"', picture))][4:]
    assert lines == pytest.approx(
        [64 + 60 * each / reach for each in (row.low, row.high, row.low90, row.high90)], abs=0.1
    )


def test_parts_stand_in_their_order_and_small_ones_are_not_judged(found: Comparison) -> None:
    rows = tables(page(found))["medqa: Part by part"][1:]
    assert [row[0] for row in rows] == ["– organ=heart", "▼ organ=lung", "– organ=skin"]
    assert [row[4] for row in rows] == ["– not compared", "▼ worse", "– not compared"]
    assert [row[9] for row in rows] == ["–", f"{paired.mcnemar(0, 12).mid_p:.4f}", "–"]
    assert rows[1][11] == "35"


def test_how_each_number_was_compared_is_told(found: Comparison) -> None:
    made = page(found)
    assert tables(made)["How each number was compared"][1] == [
        "medqa", "accuracy", "Tango", f"{paired.mcnemar(1, 12).exact:.4f}", "–",
    ]  # fmt: skip
    assert f"<code>{found.news[0].cells[0].protocol}</code>" in made


def test_every_number_of_every_row_is_on_the_page(found: Comparison) -> None:
    (versus,) = found.news
    (cell,) = versus.cells
    first = cell.rows[0]
    plain = replace(
        first, metric="grade", unit="plain", base=3.125, new=2.5, difference=-0.625, low=-0.8125, high=-0.4375,
        low90=-0.75, high90=-0.5, n_eff=41.0, up=7, down=19, flips=0.4625, p=0.0123, p_signs=0.0234, p_exact=None,
        p_adjusted=0.0345, seen=0.375, better="lower", word="better",
    )  # fmt: skip
    text = words_of(page(replace(found, news=(replace(versus, cells=(replace(cell, rows=(first, plain)),)),))))
    for said in (
        "3.125", "2.5", "−0.625", "−0.8125 to −0.4375", "−0.75 to −0.5", "41", "7", "19", "46.2", "0.0123", "0.0234",
        "0.0345", "0.375", "▲ better", "lower is better", "Numbers with a scale of their own",
    ):  # fmt: skip
        assert said in text
    assert "1 worse, 1 better." in text


def test_holm_is_over_what_is_compared(found: Comparison) -> None:
    (cell,) = found.news[0].cells
    judged = [part for part in cell.slices if part.word != "not compared"]
    assert [part.p_adjusted for part in judged] == list(many.holm([part.p for part in judged]))


# --- what was changed, what was refused ---------------------------------------------------------


def test_what_was_changed_stands_before_and_after(found: Comparison) -> None:
    rows = tables(page(found))["What differs between old and new, and may"]
    assert rows == [
        ["of", "field", "base", "new", "in"], ["model", "model", "somewhere/old", "somewhere/new", "all tasks"]
    ]  # fmt: skip
    assert "Changed at once" not in page(found)


def test_of_several_changes_at_once_is_warned(found: Comparison) -> None:
    (versus,) = found.news
    (cell,) = versus.cells
    engine = Change(kind="engine", field="dtype", base="", new="float16")
    second = replace(cell, new_cell="pubmedqa", task="pubmedqa", treatment=(*cell.treatment, engine))
    made = page(replace(found, treatments=("decoding",), news=(
        replace(versus, cells=(cell, second), together=("model", "engine")),
    )))  # fmt: skip
    assert '<p class="warn">Changed at once: model, engine. A difference belongs to all of them together' in made
    assert tables(made)["What differs between old and new, and may"][2] == [
        "engine", "dtype", "–", "float16", "pubmedqa",
    ]  # fmt: skip
    assert "Declared as changed on purpose: decoding." in made


def test_where_nothing_differs_it_is_said(found: Comparison) -> None:
    (versus,) = found.news
    cell = replace(versus.cells[0], treatment=(), moved=(), flips=(), slices=(), shifts=(), repicked=0.0)
    text = words_of(page(replace(found, base_pace=None, news=(replace(versus, cells=(cell,)),))))
    assert "No difference is known of: the same model, engine, versions and settings." in text
    assert "No sample went another way" in text
    assert "Cases that went another way" not in text
    assert "Answers, lengths, speed and cost" not in text


def test_what_is_refused_is_told_with_every_field_and_what_to_do(root: Path) -> None:
    made = page(held(root, "old", "other"))
    assert '<b dir="auto">other</b> against <b dir="auto">old</b>: nothing was compared; why not' in made
    (_, *rows) = tables(made)["Fields that forbid the comparison of other with old"]
    assert rows == [["medqa", "style prompt", "letters", "written"], ["system prompt", "–", "Be brief."]]
    assert "<code>--treatment prompt</code> declares it" in made
    assert "What came of it" not in made


def test_each_kind_of_refusal_has_its_advice(found: Comparison) -> None:
    words = "samples with other words"
    fields = [
        Change(kind="data", field="number of samples", base="60", new="59"),
        Change(kind="model", field="model", base="all", new="b"),
        Change(kind="task", field="task version", base="1", new="2"),
    ]  # fmt: skip
    other = Change(kind="data", field=words, base="3 of 60", new="3 of 60")
    refused = [
        Refused(task="medqa", judge="", base_cell="medqa", new_cell="medqa", fields=tuple(there))
        for there in (fields, [other])
    ]
    only = replace(found, news=(replace(found.news[0], cells=(), refused=tuple(refused)),))
    text, chinese = words_of(page(only)), words_of(page(only, "zh"))
    advice = ("--allow-subset compares", "--treatment engine the model", "the same task", "the same data")
    for said in (*advice, words, "3 of 60"):
        assert said in text
    assert "问法不同的题目 数据" in chinese
    assert "60 个中的 3 个" in chinese
    # What is called all is a model here, and no word of ours.
    assert re.search(r"model 模型 ?all ?b", chinese)


def test_where_nothing_is_in_common_that_is_all_there_is(root: Path) -> None:
    text = words_of(page(held(root, "old", "stranger")))
    assert "stranger against old: nothing was compared, as they have no task in common." in text
    assert "Only old has medqa." in text
    assert "Only stranger has pubmedqa." in text


# --- beside the numbers, and the cases ----------------------------------------------------------


def test_ways_lengths_speed_and_cost_stand_before_and_after(found: Comparison) -> None:
    there = tables(page(found))
    assert there["Samples that went another way"][1] == ["medqa", "scored", "→ nothing read", "2", "3.3 %"]
    (_, *rows) = next(rows for caption, rows in there.items() if caption.startswith("Answers, lengths"))
    assert rows == [
        ["medqa", "samples with another answer, right or wrong", "", "", "21.7 %"],
        ["medqa", "tokens written a sample", "10.0", "15.0", "+50.0 %"],
        ["whole run", "tokens a second", "60", "90", "+50.0 %"],
        ["whole run", "replies a second", "6.0", "6.0", "+0.0 %"], ["whole run", "cost", "2", "2", "+0.0 %"],
    ]  # fmt: skip


def test_what_was_lost_stands_first_by_its_part(found: Comparison) -> None:
    made = page(found)
    heads = [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in re.findall(r"<h[34][^>]*>(.*?)</h[34]>", made)]
    assert heads == ["medqa Lost 12 · Gained 1", "Lost · organ=lung 12", "Gained · organ=heart 1"]


def test_texts_tell_what_went_and_what_came(found: Comparison) -> None:
    made = page(found)
    assert "<code>s03</code> <bdi>A</bdi> → <bdi>B</bdi></p>" in made
    assert "It is<del> pneumonia</del><ins> asthma</ins>.</div>" in made
    assert "<code>s40</code> <bdi>B</bdi> → <bdi>A</bdi>" in made
    assert "It is<del> asthma</del><ins> pneumonia</ins>.</div>" in made
    assert "<code>s00</code> <bdi>A</bdi> → <bdi>B (nothing read)</bdi>" in made


def test_of_what_stayed_the_same_for_long_its_ends_are_shown(found: Comparison) -> None:
    (text,) = re.findall(r"<code>s02</code>.*?</div>", page(found), re.DOTALL)
    shown = re.sub(r"<i .*?</i>", "|", text.partition('dir="auto">')[2])
    assert shown.startswith("|")
    left = int("".join(re.findall(r"… ([\d,]+) characters the same …", text)).replace(",", ""))
    same = len(LONG) + len("It is")
    assert left == same - 200
    assert (LONG + "It is")[-200:] in shown


def test_cases_without_texts_are_a_list(found: Comparison) -> None:
    (versus,) = found.news
    (cell,) = versus.cells
    many_flips = [replace(flip, edits=()) for flip in cell.flips for _ in range(3)]
    made = page(replace(found, news=(replace(versus, cells=(replace(cell, flips=tuple(many_flips)),)),)))
    assert "<summary>Without texts (36)</summary>" in made
    assert made.count("<li><code>s") == 39
    assert "<del>" not in made.replace("<del>what went</del>", "")


def flip(base: float, new: float, *, is_lost: bool) -> Flip:
    """A sample with two marks."""
    return Flip(
        sample="s", part="", base=base, new=new, is_lost=is_lost, base_status="scored", new_status="scored",
        base_picked=("A", "C"), new_picked=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("better", "ways"),
    [("higher", ["Lost 1", "Gained 1"]), ("lower", ["Lost 1", "Gained 1"]), ("", ["Lower now 1", "Higher now 1"])],
)
def test_grades_are_told_and_lost_is_what_is_worse(found: Comparison, better: str, ways: Sequence[str]) -> None:
    (versus,) = found.news
    row: Difference = replace(versus.cells[0].rows[0], better=better)
    fell, rose = flip(0.75, 0.5, is_lost=better != "lower"), flip(0.5, 1.0, is_lost=better == "lower")
    cell = replace(versus.cells[0], rows=(row,), flips=(rose, fell) if better == "lower" else (fell, rose))
    text = words_of(page(replace(found, news=(replace(versus, cells=(cell,)),))))
    marks = ["(0.75 → 0.5)", "(0.5 → 1)"] if better != "lower" else ["(0.5 → 1)", "(0.75 → 0.5)"]
    assert f"medqa {ways[0]} · {ways[1]}" in text
    assert re.search(rf"{ways[0]} s AC → – {re.escape(marks[0])}.*{ways[1]} s AC → – ", text)


# --- more than two, both languages --------------------------------------------------------------


def test_of_three_entries_each_has_its_part_and_a_table_tells_who_is_right_where(root: Path) -> None:
    made = page(held(root, "old", "new", "sister"))
    text = words_of(made)
    assert "2 entries against old" in text
    assert "new against old: 1 worse." in text
    assert "sister against old: 1 worse." in text
    rows = tables(made)["Who is right where"]
    assert rows[0] == ["sample", "old", "new", "sister"]
    assert rows[1] == ["s00", "✓", "✗", "✗"]
    assert rows[-1] == ["s40", "✗", "✓", "✓"]
    assert len(rows) == 14
    ids = re.findall(r' id="([^"]+)"', made)
    assert len(ids) == len({*ids})
    assert {*re.findall(r'href="#([^"]+)"', made)} <= {*ids}


def test_grades_of_several_entries_are_numbers_and_what_is_missing_is_a_dash(root: Path) -> None:
    three = held(root, "old", "new", "sister")
    graded = replace(three, cases=(replace(three.cases[0], marks=(0.25, None, 1.0)),))
    assert tables(page(graded))["Who is right where"][1] == ["s00", "0.25", "–", "1"]


def test_headings_stand_in_order(root: Path) -> None:
    for news in (("new",), ("new", "sister")):
        levels = [*map(int, re.findall(r"<h([1-6])[ >]", page(held(root, "old", *news))))]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_chinese_has_the_same_numbers_and_none_of_the_english(root: Path) -> None:
    three = held(root, "old", "new", "sister")
    english, chinese = page(three), page(three, "zh")
    for one, two in zip(tables(english).values(), tables(chinese).values(), strict=True):
        numbers = [
            [re.findall(r"[−+<]?\d[\d.,]*", cell) for row in rows for cell in row] for rows in (one[1:], two[1:])
        ]
        assert numbers[0] == numbers[1]
    assert 'new</b> 相对 <b dir="auto">old</b>：1 项变差。' in chinese
    said = re.sub(r"<(script|style)\b.*?</\1>", "", chinese, flags=re.DOTALL)
    for word in ("worse", "better", "Lost", "samples", "interval", "tokens", "changed"):
        assert word not in re.sub(r"<[^>]+>", " ", said)


def test_every_head_of_a_table_says_what_it_is_the_head_of(root: Path) -> None:
    for found in (held(root, "old", "new", "sister"), held(root, "old", "other")):
        heads = re.findall(r"<th\b([^>]*)>", page(found))
        assert heads
        assert [head for head in heads if not re.search(r' scope="(col|row|rowgroup)"', head)] == []


def test_nothing_leads_elsewhere_and_nothing_has_a_style_of_its_own(found: Comparison) -> None:
    made = page(found)
    assert not re.search(r"\s(style|src|on\w+)=", made)
    assert all(way.startswith("#") for way in re.findall(r'href="([^"]+)"', made))


def test_few_clusters_and_samples_left_out_are_told(found: Comparison) -> None:
    (versus,) = found.news
    (cell,) = versus.cells
    row = replace(cell.rows[0], method="CR1 over 6 clusters", n=58)
    made = page(replace(found, news=(replace(versus, cells=(replace(cell, rows=(row,), only_base=3, only_new=4),)),)))
    text = words_of(made)
    assert "medqa: samples of both 60; only in the base 3; only in new 4." in text
    assert "that are left out: 2." in text
    assert "medqa: few clusters (CR1 over 6 clusters); read its interval with care." in text


# --- texts that mean harm -----------------------------------------------------------------------


def hostile(found: Comparison) -> Comparison:
    """Whatever is a text of others is a payload."""
    deck = Deck(PAYLOADS)

    def text() -> str:
        # Every one turns the direction of writing as well: it must not do so wherever it stands.
        return f"{deck()}\u202e"

    (versus,) = found.news
    (cell,) = versus.cells
    shape, row = cell.flips[0], cell.rows[0]
    changes = tuple([Change(kind="model", field=text(), base=text(), new=text()) for _ in range(40)])
    flips = tuple([
        replace(shape, sample=text(), part=text(), base_picked=(text(),), new_picked=(text(), text()), edits=(
            ("same", text()), ("gone", text()), ("came", text()),
        ))
        for _ in range(40)
    ])  # fmt: skip
    bare = tuple([replace(each, sample=text(), edits=()) for each in flips])
    poisoned = replace(
        cell, task=text(), judge=text(), base_cell=text(), new_cell=text(), protocol=text(), treatment=changes,
        rows=tuple([replace(row, metric=text(), method=text()) for _ in range(20)]), flips=(*flips, *bare),
        slices=tuple([replace(row, slice=text()) for _ in range(20)]), only_new=1,
    )  # fmt: skip
    refused = Refused(task=text(), judge=text(), base_cell=text(), new_cell=text(), fields=changes)
    harm = Versus(
        entry=text(), cells=(poisoned,), refused=(refused,), only_base=(text(), text()), only_new=(text(),),
        pace=Pace(seconds=1.0, replies=1, read=1, written=1, cost=None), together=(),
    )  # fmt: skip
    cases = tuple([replace(case, sample=text(), task=text()) for case in held_cases() for _ in range(10)])
    return Comparison(base=text(), base_pace=None, treatments=(), news=(harm, replace(harm, entry=text())), cases=cases)


def held_cases() -> Sequence[Case]:
    """A case of three entries."""
    return (Case(sample="s", task="t", marks=(1.0, None, 0.0)),)


def test_texts_that_mean_harm_are_texts(root: Path, found: Comparison, tmp_path: Path, chromium: "Browser") -> None:
    made = board.comparison(hostile(found), version="1.0")
    parser = html5lib.HTMLParser()
    parser.parse(made)
    # Letters that nobody may use are still shown, as they were written.
    assert {code for _, code, _ in parser.errors} <= {"invalid-codepoint"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", made)
    tame, wild = [html5lib.parse(each, namespaceHTMLElements=False) for each in (
        page(held(root, "old", "new", "sister")) + page(held(root, "old", "other")), made)]  # fmt: skip
    known = {each.tag for each in tame.iter()}
    assert {each.tag for each in wild.iter()} <= known
    assert {name for each in wild.iter() for name in each.attrib} <= {
        name for each in tame.iter() for name in each.attrib
    }
    text = UNSEEN.sub("", "".join(wild.itertext()))
    missing = [payload[:80] for payload in PAYLOADS if len(payload) < 500 and UNSEEN.sub("", payload) not in text]
    assert missing == []
    (path := tmp_path / "harm.html").write_text(made, encoding="utf-8")
    with opened(chromium) as there:
        asked: list[str] = []
        there.on("request", lambda request: asked.append(request.url))
        there.on("dialog", lambda dialog: asked.append(dialog.message))
        there.goto(path.as_uri())
        assert there.evaluate("window.__hit ?? null") is None
        assert asked == [path.as_uri()]


def test_nothing_stands_in_the_way_of_those_who_hear_or_barely_see(
    root: Path, tmp_path: Path, chromium: "Browser"
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm install --no-save --prefix build/npm axe-core@4.14.1")
    pages = {"three": page(held(root, "old", "new", "sister")), "refused": page(held(root, "old", "other"), "zh")}
    found = {}
    for theme in THEMES:
        with opened(
            chromium,
            bypass_csp=True,
            color_scheme=theme,
            reduced_motion="reduce",
            viewport={"width": 320, "height": 640},
        ) as there:
            for name, made in pages.items():
                (path := tmp_path / f"{name}.html").write_text(made, encoding="utf-8")
                there.goto(path.as_uri())
                there.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
                assert there.evaluate("document.documentElement.scrollWidth") == 320
                there.evaluate(AXE.read_text(encoding="utf-8"))
                seen = there.evaluate(
                    "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
                    TAGS,
                )
                if told := [(each["id"], each["nodes"][0]["html"][:160]) for each in seen["violations"]]:
                    found[f"{name} {theme}"] = told
    assert found == {}
