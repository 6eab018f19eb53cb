"""Entries as a whole: what is compared, what is refused and why, and who is right where."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from medeval import comparing, reports
from medeval.catalog import Catalog
from medeval.comparing import Comparison, Treatment, Versus, Wanted
from medeval.comparing.comparison import Case, Shift
from medeval.errors import RequestError
from medeval.records import Response
from tests.test_comparing.made import MODEL, SETTING, cell, counted, line, lines

EMPTY = Catalog(tasks={}, groups={})
OTHER = replace(MODEL, model="org/new", content="beef")


def held(
    root: Path, *news: str, base: str = "base", tasks: Sequence[str] = (), treatments: Sequence[Treatment] = (),
    subset: bool = False, catalog: Catalog = EMPTY,
) -> Comparison:  # fmt: skip
    wanted = Wanted(tasks=tuple(tasks), treatments=tuple(treatments), subset=subset)
    return comparing.compare(root / base, [root / each for each in news or ("new",)], wanted, catalog)


def against(root: Path, **how: Any) -> Versus:
    (versus,) = held(root, **how).news
    return versus


def exams(root: Path, name: str, gaps: Sequence[tuple[int, int]], **how: Any) -> None:
    """An entry with tasks t0, t1 …, each with flips up and down against the base that is written for (0, 0)."""
    for place, (b, c) in enumerate(gaps):
        marks = [1.0] * b + [0.0] * c + [0.0] * (40 - b) + [1.0] * (40 - c)
        base = [0.0] * b + [1.0] * c + [0.0] * (40 - b) + [1.0] * (40 - c)
        cell(root, name, lines(base if name == "base" else marks), f"t{place}", **how)


# --- what is compared ---


def test_every_task_of_both_is_compared_and_the_others_are_named(tmp_path: Path) -> None:
    for name, tasks in (("base", ("medqa", "pubmedqa", "medmcqa")), ("new", ("pubmedqa", "medqa", "k_qa"))):
        for task in tasks:
            cell(tmp_path, name, lines([1.0, 0.0]), task, model=MODEL if name == "base" else OTHER)
    found = held(tmp_path)
    (versus,) = found.news
    assert (found.base, versus.entry) == ("base", "new")
    assert [(each.task, each.base_cell, each.new_cell) for each in versus.cells] == [
        ("medqa", "medqa", "medqa"), ("pubmedqa", "pubmedqa", "pubmedqa"),
    ]  # fmt: skip
    assert (versus.only_base, versus.only_new, versus.refused) == (("medmcqa",), ("k_qa",), ())
    assert (versus.together, comparing.exit_code(found)) == (("model",), 0)
    assert [str(change) for change in versus.cells[0].treatment] == [
        "model org/model → org/new",
        "content c0ffee → beef",
    ]
    assert [each.task for each in against(tmp_path, tasks=["medqa"]).cells] == ["medqa"]


def test_holm_is_over_all_numbers_of_an_entry(tmp_path: Path) -> None:
    multitest: Any = pytest.importorskip("statsmodels.stats.multitest")
    gaps = [(2, 10), (3, 12), (9, 2), (4, 4), (14, 2)]
    exams(tmp_path, "base", gaps)
    exams(tmp_path, "new", gaps)
    rows = [row for each in against(tmp_path).cells for row in each.rows]
    rejected, adjusted, *_ = multitest.multipletests([row.p for row in rows], method="holm")
    assert [row.p_adjusted for row in rows] == pytest.approx(adjusted.tolist())
    assert [row.word != "no difference seen" for row in rows] == rejected.tolist()
    assert 0 < sum(rejected) < sum(row.p < 0.05 for row in rows), "by itself each would be called one"


def test_the_other_way_round_is_the_mirror_image(tmp_path: Path) -> None:
    for name in ("base", "new"):
        exams(tmp_path, name, [(2, 10), (14, 2)])
    there, back = held(tmp_path).news[0], held(tmp_path, "base", base="new").news[0]
    for one, two in zip(there.cells, back.cells, strict=True):
        (row,), (other,) = one.rows, two.rows
        assert (row.difference, row.low, row.high, row.p_adjusted) == (
            -other.difference, -other.high, -other.low, other.p_adjusted,
        )  # fmt: skip
        assert {row.word, other.word} in ({"better", "worse"}, {"no difference seen"})
        assert {each.sample for each in one.flips if each.is_lost} == {
            each.sample for each in two.flips if not each.is_lost
        }


def test_one_cell_may_be_held_against_another(tmp_path: Path) -> None:
    for name, marks in (("base", [1.0, 0.0]), ("new", [1.0, 1.0])):
        cell(tmp_path, name, lines(marks))
        cell(tmp_path, name, lines(marks), "pubmedqa")
    found = held(tmp_path, "new/medqa", base="base/medqa")
    assert [each.task for each in found.news[0].cells] == ["medqa"]


def test_what_was_not_measured_is_left_out_and_counted(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, None, 0.0, 1.0]))
    cell(tmp_path, "new", lines([1.0, 1.0, None, 0.0]))
    (found,) = against(tmp_path).cells
    assert (found.n, found.rows[0].n) == (4, 2)
    assert {(each.base, each.new, each.count) for each in found.moved} == {
        ("engine_error", "scored", 1), ("scored", "engine_error", 1),
    }  # fmt: skip
    assert [each.sample for each in found.flips] == ["003"]


def test_another_answer_is_counted_right_or_wrong(tmp_path: Path) -> None:
    base = [line("a", 1.0, picked="A"), line("b", 0.0, picked="B"), line("c", 0.0, picked="B"), line("d", 0.0)]
    new = [line("a", 1.0, picked="A"), line("b", 0.0, picked="C"), line("c", 1.0, picked="A"), line("d", 0.0)]
    cell(tmp_path, "base", base)
    cell(tmp_path, "new", new)
    assert against(tmp_path).cells[0].repicked == 0.5


def test_lengths_and_cut_off_replies_shift(tmp_path: Path) -> None:
    cut = Response(text="so", completion_tokens=40, finish="length")
    cell(tmp_path, "base", [line("a", 1.0, "It is A"), line("b", 1.0, "A")])
    cell(tmp_path, "new", [line("a", 1.0, cut), line("b", 1.0, "A")])
    assert against(tmp_path).cells[0].shifts == (
        Shift(name="written", base=2.0, new=20.5), Shift(name="cut", base=0.0, new=0.5),
    )  # fmt: skip


# --- what is refused ---


def test_a_task_that_was_asked_otherwise_is_refused_and_the_others_are_compared(tmp_path: Path) -> None:
    for name in ("base", "new"):
        exams(tmp_path, name, [(1, 1), (2, 2)])
    shutil.rmtree(tmp_path / "new" / "t1")
    cell(tmp_path, "new", lines([1.0] * 80), "t1", setting=replace(SETTING, system="Be good."), prompt="q" * 16)
    found = held(tmp_path)
    (versus,) = found.news
    assert [each.task for each in versus.cells] == ["t0"]
    (refused,) = versus.refused
    assert (refused.task, [each.field for each in refused.fields]) == ("t1", ["prompt", "system"])
    assert comparing.exit_code(found) == 4
    (let,) = held(tmp_path, treatments=["prompt"]).news
    assert ([each.task for each in let.cells], let.refused, let.together) == (["t0", "t1"], (), ("prompt",))
    assert comparing.exit_code(held(tmp_path, treatments=["prompt"])) == 0


def test_where_the_engine_is_the_treatment_another_model_is_refused(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, 0.0]))
    cell(tmp_path, "new", lines([1.0, 0.0]), model=replace(OTHER, engine="hf"))
    assert [each.kind for each in against(tmp_path, treatments=["engine"]).refused[0].fields] == ["model", "model"]
    assert against(tmp_path).together == ("model", "engine")


def test_nothing_in_common_is_nothing_compared(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, 0.0]))
    cell(tmp_path, "new", lines([1.0, 0.0]), "pubmedqa")
    found = held(tmp_path)
    assert comparing.exit_code(found) == 5
    with pytest.raises(RequestError, match="Unknown task 'k_qa'"):
        held(tmp_path, "base", tasks=["k_qa"])


def test_a_cell_without_a_number_that_can_be_compared_is_nothing_compared(tmp_path: Path) -> None:
    cell(tmp_path, "base", lines([1.0, None]))
    cell(tmp_path, "new", lines([None, 1.0]))
    assert comparing.exit_code(held(tmp_path)) == 5


@pytest.mark.parametrize("how", [{"target": "B"}, {"asked": "Another question?"}])
@pytest.mark.parametrize("subset", [False, True])
def test_the_same_name_for_another_question_is_refused(tmp_path: Path, how: dict[str, str], *, subset: bool) -> None:
    cell(tmp_path, "base", [line("a", 1.0), line("b", 0.0)])
    cell(tmp_path, "new", [line("a", 1.0), line("b", 0.0, **how)])  # type: ignore[arg-type]
    (refused,) = against(tmp_path, subset=subset).refused
    (field,) = refused.fields
    assert (field.kind, field.base) == ("data", "1 of 2")
    assert "other" in field.field


def test_other_words_are_let_through_where_the_prompt_is_the_treatment_and_other_answers_are_not(
    tmp_path: Path,
) -> None:
    asked = [line("a", 1.0), line("b", 0.0)]
    cell(tmp_path, "base", asked)
    cell(tmp_path, "words", [line("a", 1.0, asked="What?"), line("b", 0.0)], prompt="q" * 16)
    cell(tmp_path, "answers", [line("a", 1.0, target="B"), line("b", 0.0)], prompt="q" * 16, data="e" * 64)
    words, answers = held(tmp_path, "words", "answers", treatments=["prompt"], subset=True).news
    assert len(words.cells) == 1
    assert comparing.exit_code(held(tmp_path, "words", "answers", treatments=["prompt"], subset=True)) == 4
    assert len(answers.refused) == 1


# --- a part of the samples ---


def test_a_part_is_compared_with_the_same_part_where_that_is_allowed(tmp_path: Path) -> None:
    base, new = counted(3, 9, 60)
    cell(tmp_path, "base", lines(base))
    cell(tmp_path, "new", lines(new)[:40], data="e" * 64, prompt="q" * 16, setting=replace(SETTING, limit=40))
    assert comparing.exit_code(held(tmp_path)) == 4
    found = held(tmp_path, subset=True)
    (only,) = found.news[0].cells
    assert (only.n, only.only_base, only.only_new, only.rows[0].n) == (40, 20, 0, 40)
    assert (only.rows[0].up, only.rows[0].down) == (3, 9)
    assert comparing.exit_code(found) == 0
    assert found.news[0].together == ()


def test_parts_without_a_common_sample_are_refused(tmp_path: Path) -> None:
    cell(tmp_path, "base", [line("a")])
    cell(tmp_path, "new", [line("b")], data="e" * 64, prompt="q" * 16)
    found = held(tmp_path, subset=True)
    assert len(found.news[0].refused) == 1
    assert comparing.exit_code(found) == 4


def test_a_run_that_was_limited_is_compared_with_a_whole_one(shelf: Path, catalog: Catalog) -> None:
    refused = held(shelf, "part", tasks=["pubmedqa"], catalog=catalog)
    assert comparing.exit_code(refused) == 4
    found = held(shelf, "part", tasks=["pubmedqa"], subset=True, catalog=catalog)
    assert comparing.exit_code(found) == 0
    (only,) = found.news[0].cells
    assert (only.n, only.only_base, only.only_new) == (10, 15, 0)
    assert [row.metric for row in only.rows] == ["accuracy", "macro_f1"]


def test_what_a_judge_said_of_two_runs_is_compared(shelf: Path, catalog: Catalog) -> None:
    found = held(shelf, tasks=["cmb_clin"], catalog=catalog)
    assert comparing.exit_code(found) == 0
    judged = found.news[0].cells[-1]
    assert (judged.judge, judged.rows[0].metric) == ("strict", judged.headline)
    assert judged.rows[0].difference > 0
    assert found.news[0].refused == ()


# --- three and more ---


def test_of_three_entries_it_is_told_who_is_right_where(tmp_path: Path) -> None:
    marks: dict[str, list[float | None]] = {
        "base": [1.0, 1.0, 0.0, None], "one": [1.0, 0.0, 0.0, 1.0], "two": [1.0, 1.0, 1.0, 1.0],
    }  # fmt: skip
    for name, each in marks.items():
        cell(tmp_path, name, lines(each))
    found = held(tmp_path, "one", "two")
    assert found.cases == (
        Case(sample="001", task="medqa", marks=(1.0, 0.0, 1.0)),
        Case(sample="002", task="medqa", marks=(0.0, 0.0, 1.0)),
        Case(sample="003", task="medqa", marks=(None, 1.0, 1.0)),
    )  # fmt: skip
    assert held(tmp_path, "one").cases == ()


def test_a_task_that_not_all_have_or_may_compare_is_not_told_by_cases(tmp_path: Path) -> None:
    for name in ("base", "one", "two"):
        exams(tmp_path, name, [(1, 5), (2, 2), (3, 3)])
    shutil.rmtree(tmp_path / "two" / "t1")
    shutil.rmtree(tmp_path / "two" / "t2")
    cell(tmp_path, "two", lines([0.0] * 80), "t2", setting=replace(SETTING, system="Be good."), prompt="q" * 16)
    found = held(tmp_path, "one", "two")
    assert {each.task for each in found.cases} == {"t0"}


def test_cases_are_of_the_cells_that_were_compared(tmp_path: Path) -> None:
    for name, mark in (("base", 1.0), ("one", 0.0), ("two", 0.0)):
        cell(tmp_path, name, [line("a", mark)])
    cell(tmp_path, "base", [line("a", 0.5)], "medqa@5shot")
    found = held(tmp_path, "one", "two")
    assert found.cases == (Case(sample="a", task="medqa", marks=(1.0, 0.0, 0.0)),)
    assert found.news[0].only_base == ("medqa@5shot",)


def test_what_is_published_of_an_entry_is_its_name(tmp_path: Path) -> None:
    cell(tmp_path, "Org/Base", lines([1.0]))
    cell(tmp_path, "new", lines([1.0]))
    folder = reports.entry_folder("Org/Base", tmp_path)
    assert comparing.compare(folder, [tmp_path / "new"], Wanted(), EMPTY).base == "Org/Base"
