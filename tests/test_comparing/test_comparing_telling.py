"""A comparison in words: numbers, rows, notes, why not, and all of it as Markdown."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval import comparing
from medeval.catalog import Catalog
from medeval.comparing import CASES, Comparison, Wanted, telling
from medeval.comparing.flips import Flip
from medeval.records import Unit
from medeval.scoring.shown import Scored
from tests.payloads import PAYLOADS
from tests.test_comparing.made import MODEL, SETTING, cell, counted, estimated, line, lines

EMPTY = Catalog(tasks={}, groups={})
OTHER = replace(MODEL, model="org/new")
HOSTILE = [text for text in PAYLOADS if text.strip()]


def held(root: Path, *news: str, **how: Any) -> Comparison:
    return comparing.compare(root / "base", [root / each for each in news or ("new",)], Wanted(**how), EMPTY)


def entries(root: Path, base: Sequence[Scored], new: Sequence[Scored]) -> Comparison:
    cell(root, "base", base)
    cell(root, "new", new, model=OTHER)
    return held(root)


def columns(found: Comparison) -> dict[str, str]:
    """The first row by its head."""
    return dict(zip(telling.HEAD, next(telling.rows(found.news[0])), strict=True))


def about(found: Comparison) -> list[str]:
    return [*telling.notes(found.news[0])]


# --- numbers ---


@pytest.mark.parametrize(
    ("value", "unit", "signed", "said"),
    [
        (0.125, "fraction", False, "12.50"), (0.125, "fraction", True, "+12.50"), (-0.022, "fraction", True, "−2.20"),
        (-0.022, "fraction", False, "−2.20"), (-0.00001, "fraction", True, "0.00"), (0.00001, "fraction", True, "0.00"),
        (0.0, "fraction", True, "0.00"), (3.14159, "plain", False, "3.142"), (-0.5, "plain", True, "−0.5"),
        (12345.6, "plain", True, "+1.235e+04"), (None, "fraction", True, "–"), (-0.0, "plain", True, "0"),
    ],
)  # fmt: skip
def test_numbers_are_per_cent_or_of_their_own_scale(
    value: float | None, unit: Unit, *, signed: bool, said: str
) -> None:
    assert telling.number(value, unit, signed=signed) == said


def test_a_chance_is_told_where_it_matters() -> None:
    assert [telling.chance(p) for p in (1.0, 0.05, 0.0001, 0.00009, 0.0)] == [
        "1.0000", "0.0500", "0.0001", "<0.0001", "<0.0001",
    ]  # fmt: skip


def test_a_row_is_printed_as_the_paper_has_it(tmp_path: Path) -> None:
    base, new = counted(12, 40, 1273)
    found = columns(entries(tmp_path, lines(base), lines(new)))
    assert found == {
        "task": "medqa", "metric": "accuracy", "base": "51.06", "new": "48.86", "difference": "−2.20",
        "95 % interval": found["95 % interval"], "90 % interval": "−3.19 to −1.30", "b": "12", "c": "40",
        "p": "<0.0001", "adjusted p": "<0.0001", "sees": "1.59", "n": "1,273", "n eff": "1,273", "flips": "4.1",
        "verdict": "worse",
    }  # fmt: skip


def test_an_interval_that_is_none_is_not_printed_as_one(tmp_path: Path) -> None:
    """One cluster: nobody knows how sure it is."""
    base = lines([0.25] * 9 + [0.5], clusters=["a"] * 10)
    new = lines([0.75] * 10, clusters=["a"] * 10)
    found = columns(entries(tmp_path, base, new))
    assert found["difference"] == "+47.50"
    assert found["95 % interval"] == found["90 % interval"] == "–"


def test_marks_that_are_no_numbers_are_not_counted_up_and_down(tmp_path: Path) -> None:
    (row,) = entries(tmp_path, lines([1.0, 0.0]), lines([1.0, 0.0])).news[0].cells[0].rows
    assert telling.row("t", row)[7:9] == ("0", "0")
    assert telling.row("t", replace(row, flips=0.5))[7:9] == ("–", "–")
    assert telling.row("t", replace(row, flips=0.5, up=1))[7:9] == ("1", "0")


# --- the first sentence ---


def test_the_first_sentence_counts_what_differs(tmp_path: Path) -> None:
    base, new = counted(2, 30, 100)
    found = entries(tmp_path, lines(base), lines(new))
    assert telling.lead(found, found.news[0]).startswith("new against base: 1 worse, of 1 number")
    assert "1 numbers" not in telling.lead(found, found.news[0])
    assert "1 tasks" not in telling.lead(found, found.news[0])
    same = held(tmp_path, "base")
    assert telling.lead(same, same.news[0]).startswith("base against base: no difference seen, of 1 number")


def test_the_first_sentence_says_that_nothing_was_compared(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, None]))
    cell(tmp_path, "new", lines([1.0, 0.0]), "pubmedqa")
    cell(tmp_path, "words", lines([1.0, None]), prompt="q" * 16)
    cell(tmp_path, "gone", lines([None, 1.0]))
    said = [telling.lead(found, found.news[0]) for found in (held(tmp_path, each) for each in ("new", "words", "gone"))]
    assert said[0] == "new against base: nothing was compared; they have no task in common."
    assert said[1] == "words against base: nothing was compared; see why not."
    assert "no difference" not in said[2]


# --- notes ---


def test_the_treatment_is_told_first_and_once(tmp_path: Path) -> None:
    for name, model in (("base", MODEL), ("new", replace(OTHER, version="0.12"))):
        for task in ("medqa", "pubmedqa"):
            cell(tmp_path, name, lines([1.0, 0.0]), task, model=model)
    said = about(held(tmp_path))
    assert said[:3] == [
        "Treatment (model): model org/model → org/new", "Treatment (engine): version 0.11 → 0.12",
        "Changed at once: model, engine. A difference belongs to all of them together.",
    ]  # fmt: skip
    assert sum("Treatment" in each for each in said) == 2


def test_what_became_of_samples_is_told(tmp_path: Path) -> None:
    base = lines([1.0, None, 0.0, 1.0])
    new = [*lines([1.0, 1.0, 0.0]), line("003", 0.0, "", "unread", picked="")]
    said = about(entries(tmp_path, base, new))
    assert "medqa: 1 samples were not measured on one of both sides, and are left out." in said
    assert "medqa: 1 engine_error → scored, 1 scored → unread." in said
    assert "medqa: another answer to 50.0 % of the samples, right or wrong." in said


def test_what_only_one_has_is_told(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, 0.0]), "medmcqa")
    cell(tmp_path, "new", lines([1.0, 0.0]), "k_qa")
    said = about(entries(tmp_path, lines([1.0, 0.0]), lines([1.0, 0.0])))
    assert said[-2:] == ["Only the base has medmcqa.", "Only new has k_qa."]


@pytest.mark.parametrize(("cases", "told"), [(4, True), (9, True), (10, False)])
def test_few_clusters_are_warned_of(tmp_path: Path, cases: int, *, told: bool) -> None:
    owners = [str(place % cases) for place in range(40)]
    base, new = counted(5, 12, 40)
    said = about(entries(tmp_path, lines(base, owners), lines(new, owners)))
    assert any("few clusters" in each and f"CR1 over {cases} clusters" in each for each in said) == told


def test_a_number_that_could_not_be_compared_is_named(tmp_path: Path) -> None:
    """A number that is no mean, of a task that nobody knows here."""
    there = lines([1.0, 0.0])
    accuracy = estimated(there, "accuracy")
    for name in ("base", "new"):
        cell(tmp_path, name, there, estimates=[accuracy, replace(accuracy, metric="macro_f1")])
    assert any("macro_f1" in each for each in about(held(tmp_path)))


def test_a_shift_is_told_with_how_much_it_is() -> None:
    shift = comparing.comparison.Shift
    assert telling.shifted(shift(name="written", base=40.0, new=30.0)) == "40.0 → 30.0 (−25.0 %)."
    assert telling.shifted(shift(name="written", base=0.0, new=30.0)) == "0.0 → 30.0."
    assert telling.shifted(shift(name="cut", base=0.01, new=0.125)) == "1.0 % → 12.5 %."


# --- why not ---


@pytest.mark.parametrize(
    ("how", "field", "advice"),
    [
        ({"prompt": "q" * 16}, "prompt pppppppppppp / qqqqqqqqqqqq", "--treatment prompt declares that it was changed"),
        ({"setting": replace(SETTING, thinking="on")}, "thinking – / on", "--treatment decoding declares"),
        ({"task_version": 2}, "task version 1 / 2", "Run both with the same task."),
        ({"data": "e" * 64}, "data dddddddddddd / eeeeeeeeeeee", "--allow-subset compares the samples that both have"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_what_to_do(tmp_path: Path, how: dict[str, Any], field: str, advice: str) -> None:
    cell(tmp_path, "base", lines([1.0, 0.0]))
    cell(tmp_path, "new", lines([1.0, 0.0]), **how)
    (versus,) = held(tmp_path).news
    said = telling.refusal(versus, versus.refused[0])
    assert said.startswith(f"new, medqa: not comparable: {field}. ")
    assert advice in said
    assert said.endswith(".")


def test_what_was_given_already_is_not_advised(tmp_path: Path) -> None:
    cell(tmp_path, "base", [line("a")])
    cell(tmp_path, "new", [line("b")], data="e" * 64, prompt="q" * 16)
    (versus,) = held(tmp_path, subset=True).news
    said = telling.refusal(versus, versus.refused[0])
    assert "--allow-subset" not in said
    assert "common" in said


# --- cases ---


def flip(**how: Any) -> Flip:
    plain = {"sample": "7", "part": "", "base": 1.0, "new": 0.0, "base_status": "scored", "new_status": "scored",
             "base_picked": ("A",), "new_picked": ("B",), "is_lost": True}  # fmt: skip
    return Flip(**{**plain, **how})


def test_a_case_is_told_in_a_line() -> None:
    assert telling.flip_line(flip(part="step=1"), graded=False) == "7: A → B  [step=1]"
    unread = flip(new_picked=(), new_status="unread", base_picked=("A", "C"))
    assert telling.flip_line(unread, graded=False) == "7: AC → unread"
    assert telling.flip_line(flip(base=0.75, new=1 / 3), graded=True) == "7: A → B (0.75 → 0.333)"


def test_edits_are_marked_in_one_text() -> None:
    edits = (("same", "Give"), ("gone", " {aspirin}"), ("came", " rest"), ("same", "."))
    assert telling.edited(flip(edits=edits)) == "Give[- {aspirin}-]{+ rest+}."


# --- Markdown ---


def rendered(text: str) -> str:
    markdown_it = pytest.importorskip("markdown_it")
    return str(markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def test_markdown_holds_the_rows_of_the_terminal(tmp_path: Path) -> None:
    base, new = counted(3, 30, 90)
    parts = [{"part": "ab"[place % 2]} for place in range(90)]
    found = entries(tmp_path, lines(base, slices=parts), lines(new, slices=parts))
    html = rendered(telling.markdown(found, "1.2"))
    assert "<h1>new against base</h1>" in html
    first = re.findall(r"<tr>\n(?:<td[^>]*>.*?</td>\n)+</tr>", html)[0]
    assert [unescape(each) for each in re.findall(r"<td[^>]*>(.*?)</td>", first)] == [
        *next(telling.rows(found.news[0]))
    ]
    assert "<h2>Parts of medqa</h2>" in html
    assert "<h2>Cases lost in medqa</h2>" in html
    assert html.endswith("<p>medeval 1.2. A difference in an exam is no evidence of clinical fitness.</p>\n")


def test_markdown_has_as_many_cases_as_it_promises(tmp_path: Path) -> None:
    """Also where choices were scored, and there are no texts."""
    said = telling.markdown(entries(tmp_path, lines([1.0] * 200), lines([0.0] * 200)), "1")
    assert len(re.findall(r"^- \d{3}: ", said, re.MULTILINE)) == CASES
    silent = [[line(f"{place:03d}", mark, "") for place in range(200)] for mark in (1.0, 0.0)]
    said = telling.markdown(entries(tmp_path / "silent", *silent), "1")
    assert len(re.findall(r"^- \d{3}: ", said, re.MULTILINE)) == CASES


def test_markdown_of_three_has_a_table_of_cases(tmp_path: Path) -> None:
    for name, mark in (("base", 1.0), ("one", 0.0), ("two", None)):
        cell(tmp_path, name, lines([mark, 1.0]))
    html = rendered(telling.markdown(held(tmp_path, "one", "two"), "1"))
    assert "<h2>Who is right where</h2>" in html
    assert re.findall(r"<td>(.*?)</td>", html)[-5:] == ["medqa", "000", "1", "0", "–"]


def test_what_others_wrote_is_not_live_in_markdown(tmp_path: Path) -> None:
    texts = ["a\r<img src=x onerror=alert(1)>\r# b", "````\n<b>", "a\r\n\r\n<b>x</b>", *HOSTILE[::9]]
    sides: list[list[Scored]] = [[], []]
    for place, text in enumerate(texts):
        other = texts[place - 1]
        for side, said in enumerate((text, other)):
            sides[side].append(line(
                f"{place} {text[:60]}", float(side), f"{said} {place}", picked=(said[:20],),
                slices={other[:20]: text[:20]},
            ))  # fmt: skip
    for name, there, system in (("base", sides[0], texts[0]), ("new", sides[1], texts[1])):
        cell(tmp_path, name, there, model=replace(MODEL, model=system))
        cell(tmp_path, name, there, "refused", setting=replace(SETTING, system=system))
    html = rendered(telling.markdown(held(tmp_path), "1"))
    tags = {name.lower() for name in re.findall(r"</?([a-z0-9]+)", html, re.IGNORECASE)}
    assert tags <= {
        "h1", "h2", "p", "ul", "li", "strong", "pre", "code", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert "refused" in html
    assert "&lt;" in html
