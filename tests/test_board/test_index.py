"""The pages of groups: the sentence before all, ranks as rows, and what stands around the table."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from medeval.board import index
from medeval.board.assembled import Board, Part
from medeval.board.columns import Group
from medeval.board.ranking import Standing, Standings, standings
from medeval.board.shelf import Entry
from medeval.board.words import Words
from medeval.entries import Card
from medeval.records import Setting
from tests.test_board.test_columns import NOBODY
from tests.test_board.test_ranking import column, said, share
from tests.test_board.test_shelf import put
from tests.test_board.test_tables_of_board import EXAMS, board

EN, ZH = Words("en"), Words("zh")


def listed(*rows: tuple[str, int, int, int]) -> Standings:
    """Standings as they are said: entry, best rank, worst rank, tier from 0."""
    made = tuple([Standing(slug=slug, low=low, high=high, tier=tier, columns=1) for slug, low, high, tier in rows])
    return Standings(rows=made, top=tuple([row.slug for row in made if row.low == 1]))


def of(order: Standings, names: Mapping[str, str] | None = None) -> tuple[Board, Part]:
    """A board of one group that has no more than an order."""
    part = Part(group=EXAMS, columns=(), shown=(), standings=order)
    entries = {
        row.slug: Entry(slug=row.slug, name=(names or {}).get(row.slug, row.slug), card=Card(), cells=())
        for row in order.rows
    }
    made = Board(
        entries=entries, parts=(part,), columns={}, ranks={}, names={}, old=frozenset(), admitted=frozenset(),
        broken=(), catalog=NOBODY, private=0, kept=0,
    )  # fmt: skip
    return made, part


def lead(order: Standings, words: Words = EN, **names: str) -> str:
    """The sentence without its emphasis."""
    told = str(index.lead(*of(order, names), words))
    return told.replace('<b dir="auto">', "*").replace("</b>", "*")


def tied(number: int, *behind: str) -> Standings:
    """So many at the top, and some behind them."""
    names = [f"e{place}" for place in range(number)]
    last = number + len(behind)
    return listed(*[(name, 1, number, 0) for name in names], *[(name, number + 1, last, 1) for name in behind])


# --- the sentence -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "en", "zh"),
    [
        (listed(), "On Exams no model has been ranked yet.", "在「考试」上还没有模型参与排名。"),
        (tied(1, "x", "y"), "On Exams only *e0* may be the best.", "在「考试」上，只有 *e0* 可能是最好的。"),
        (
            tied(2), "On Exams *e0* and *e1* stand at the top, and none of them is surely ahead of another.",
            "在「考试」上，*e0*和*e1*同居榜首，彼此之间没有谁确定领先。",
        ),
        (
            tied(4, "x"),
            "On Exams *e0*, *e1*, *e2* and *e3* stand at the top, and none of them is surely ahead of another.",
            "在「考试」上，*e0*、*e1*、*e2*和*e3*同居榜首，彼此之间没有谁确定领先。",
        ),
        (
            tied(5, "x", "y"),
            "On Exams 5 of 7 entries stand at the top, none surely ahead of another; among them *e0*, *e1* and *e2*.",
            "在「考试」上，7 个条目中有 5 个同居榜首，彼此之间没有谁确定领先，其中有 *e0*、*e1*和*e2*。",
        ),
        (
            tied(5), "On Exams none of the 5 entries is surely ahead of another.",
            "在「考试」上，这 5 个条目中没有谁确定领先于另一个。",
        ),
    ],
)  # fmt: skip
def test_the_first_sentence_says_who_is_ahead_and_how_sure_that_is(order: Standings, en: str, zh: str) -> None:
    assert (lead(order), lead(order, ZH)) == (en, zh)


def test_whoever_is_alone_is_not_called_the_best() -> None:
    assert "*e0*" in lead(tied(1))
    assert "best" not in lead(tied(1))


def test_names_in_the_sentence_are_escaped() -> None:
    assert lead(tied(1, "x"), e0="<img src=x>") == "On Exams only *&lt;img src=x&gt;* may be the best."


def test_where_everybody_is_behind_somebody_the_sentence_says_so() -> None:
    # One column each in which one is surely ahead: a of b, b of c, c of a.
    there = [column(dict.fromkeys("abc", share(9)), protocol=str(number)) for number in range(3)]
    ranks = {"a": (1, 3), "b": (1, 3), "c": (1, 3)}
    found = standings([said(each, ranks, pair) for each, pair in zip(there, ("ab", "bc", "ca"), strict=True)])
    assert found.top == ()
    assert "none is best" in lead(found)
    assert "*" not in lead(found) + lead(found, ZH)


# --- rows ---------------------------------------------------------------------------------------


def test_rows_have_the_rank_the_shape_and_the_bar_of_their_standing() -> None:
    made, part = of(listed(("b", 1, 1, 0), ("a", 2, 3, 1), ("c", 2, 4, 1), ("d", 3, 4, 2)))
    rows = index.rows(made, part, EN, "../")
    assert [(row.slug, row.rank, row.tier, row.shape, row.starts) for row in rows.values()] == [
        ("b", "1", 1, "●", True), ("a", "2–3", 2, "◆", True), ("c", "2–4", 2, "◆", False), ("d", "3–4", 3, "▲", True),
    ]  # fmt: skip
    assert [row.bar for row in rows.values()] == ["l0 h25", "l25 h75", "l25 h100", "l50 h100"]
    assert [row.place for row in rows.values()] == ["0", "1", "2", "3"]
    assert rows["b"].href == "../entry/b.html"


def test_entries_of_different_tiers_never_share_a_shape() -> None:
    made, part = of(listed(*[(f"e{place:02d}", place + 1, place + 1, place) for place in range(20)]))
    rows = [*index.rows(made, part, EN, "").values()]
    assert len({row.shape for row in rows}) == 20
    assert [row.tier for row in rows] == [*range(1, 21)]


def test_a_clearly_better_entry_is_first_and_of_another_shape(tmp_path: Path) -> None:
    for name, right in {"atlas": 100, "birch": 180, "cedar": 101}.items():
        put(tmp_path / name / "medqa", share(right))
    made = board(tmp_path)
    page = index.index(made, made.parts[0], EN, "")
    assert [(row.slug, row.rank, row.shape) for row in page.table.rows] == [
        ("birch", "1", "●"), ("atlas", "2–3", "◆"), ("cedar", "2–3", "◆"),
    ]  # fmt: skip
    assert 'only <b dir="auto">birch</b>' in page.lead
    assert [row.boxes[0].is_top for row in page.table.rows] == [True, False, False]


# --- around the table ---------------------------------------------------------------------------


def put_all(folder: Path, tasks: Sequence[str], *, sample: bool = False) -> None:
    for name in ("atlas", "birch"):
        for place, task in enumerate(tasks):
            protocol = f"{task}|data:1(sample)" if sample else task
            setting = Setting(data="sample" if sample else "real")
            put(folder / name / task, [1, 0] * (place + 1), task=task, protocol=protocol, setting=setting)


def test_the_first_group_opens_the_board_and_every_group_leads_to_all(tmp_path: Path) -> None:
    put_all(tmp_path, ("medqa", "cmb_exam", "odd"))
    wanted = [Group(key=key, title=key.title(), zh=f"「{key}」", tasks=(key,)) for key in ("medqa", "none", "cmb_exam")]
    made = board(tmp_path, wanted=wanted)
    assert [index.file_of(part, made) for part in made.parts] == ["index.html", "cmb_exam.html", "others.html"]
    page = index.index(made, made.parts[1], ZH, "zh/")
    assert page.title == "「cmb_exam」"
    assert [(tab.title, tab.href, tab.here) for tab in page.tabs] == [
        ("「medqa」", "zh/index.html", False), ("「cmb_exam」", "zh/cmb_exam.html", True),
        ("其他任务", "zh/others.html", False),
    ]  # fmt: skip


def test_a_page_counts_what_it_shows_and_says_how_much_is_elsewhere(tmp_path: Path) -> None:
    tasks = [f"t{place:02d}" for place in range(11)]
    put_all(tmp_path, tasks)
    made = board(tmp_path)
    page = index.index(made, made.parts[0], EN, "")
    # Eight columns of 2, 4, … 16 samples; three more stand with all results.
    assert page.facts == (("2", "entries"), ("8", "columns"), ("72", "questions"))
    assert (len(page.table.heads), page.left) == (8, 3)
    assert page.signatures == tuple((task, task) for task in tasks[:8])


def test_a_page_of_examples_alone_says_so_and_ranks_them(tmp_path: Path) -> None:
    put_all(tmp_path, ("medqa",), sample=True)
    made = board(tmp_path)
    page = index.index(made, made.parts[0], EN, "")
    assert page.is_sample
    # Said once for the page, it is not said again in every head.
    assert [head.flags for head in page.table.heads] == [()]
    assert [row.rank for row in page.table.rows] == ["1–2", "1–2"]


def test_examples_have_no_say_where_there_are_real_data(tmp_path: Path) -> None:
    for name, right in {"atlas": 180, "birch": 60}.items():
        put(tmp_path / name / "a", share(right), task="a", protocol="a|data:1(sample)")
        put(tmp_path / name / "b", share(100), task="b", protocol="b")
    made = board(tmp_path)
    page = index.index(made, made.parts[0], EN, "")
    assert not page.is_sample
    assert [(head.key, head.flags) for head in page.table.heads] == [("b", ()), ("a", ("sample data",))]
    assert [(row.rank, row.shape) for row in page.table.rows] == [("1–2", "●"), ("1–2", "●")]


@pytest.mark.parametrize(("metric", "said"), [("rouge1", True), ("accuracy", False)])
def test_a_page_of_shared_words_alone_says_that_this_is_not_being_right(
    tmp_path: Path, metric: str, said: bool
) -> None:
    put(tmp_path / "atlas" / "medqa", [0.5, 0.25], headline=metric)
    made = board(tmp_path)
    assert index.index(made, made.parts[0], EN, "").is_overlap is said


def test_a_group_in_which_only_rules_answered_ranks_nobody(tmp_path: Path) -> None:
    put(tmp_path / "baseline-random" / "medqa", [1, 0], engine="baseline")
    made = board(tmp_path)
    page = index.index(made, made.parts[0], EN, "")
    assert page.lead == "On Exams no model has been ranked yet."
    assert (page.table.rows, len(page.table.floors)) == ((), 1)


def test_tiers_of_a_page_begin_where_the_shape_changes(tmp_path: Path) -> None:
    for place in range(5):
        put(tmp_path / f"e{place}" / "medqa", share(40 * place + 20))
    made = board(tmp_path)
    rows = index.index(made, made.parts[0], EN, "").table.rows
    assert [row.slug for row in rows] == ["e4", "e3", "e2", "e1", "e0"]
    assert all(after.starts == (before.shape != after.shape) for before, after in pairwise(rows))
