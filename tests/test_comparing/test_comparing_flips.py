"""Cases that two sides fared differently on: their order, what they stand under, and how one text becomes the other."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.comparing.differences import Pair, slices
from medeval.comparing.flips import MOST, Flip, Moved, edits, flips, moved
from medeval.records import Better, Failure, Response
from medeval.reports import SAMPLES
from tests.test_comparing.made import SWORN, cell, estimated, line, lines, pair, two

TEXTS = st.text(st.sampled_from("ab cd\n\té的是，.-'ſK1"), max_size=40) | st.text(max_size=20)


def found(there: Pair, metric: str = "accuracy", most: int = 50) -> tuple[Flip, ...]:
    return flips(there, metric, slices(there, metric), most=most)


def said(base: Mapping[str, tuple[float, str]], new: Mapping[str, tuple[float, str]], root: Path) -> Pair:
    """Samples with their marks and what was said to them."""
    written = [[line(name, mark, text) for name, (mark, text) in side.items()] for side in (base, new)]
    return two(root, *written)


# --- which cases, and in what order ---


def test_a_sample_whose_mark_differs_is_a_case_and_what_is_lost_comes_first(tmp_path: Path) -> None:
    there = two(tmp_path, lines([1.0, 0.0, 1.0, 0.0, None]), lines([1.0, 1.0, 0.0, 0.0, 1.0]))
    lost, gained = found(there)
    assert (lost.sample, lost.base, lost.new, lost.is_lost) == ("002", 1.0, 0.0, True)
    assert (lost.base_picked, lost.new_picked, lost.base_status) == (("A",), ("B",), "scored")
    assert (gained.sample, gained.is_lost) == ("001", False)


def test_samples_that_one_lacks_are_no_cases(tmp_path: Path) -> None:
    there = two(tmp_path, [line("a", 1.0), line("b", 1.0)], [line("c", 0.0), line("b", 0.0)])
    assert [each.sample for each in found(there)] == ["b"]


@pytest.mark.parametrize(("better", "lost"), [("higher", "down"), ("lower", "up")])
def test_what_is_lost_goes_by_what_is_better(tmp_path: Path, better: Better, lost: str) -> None:
    folders = []
    for name, marks in (("base", (0.5, 0.5)), ("new", (0.75, 0.25))):
        there = [line(way, {"errors": mark}) for way, mark in zip(("up", "down"), marks, strict=True)]
        folders.append(cell(tmp_path, name, there, estimates=[estimated(there, "errors", better)]))
    first, second = found(pair(*folders), "errors")
    assert (first.sample, first.is_lost, second.is_lost) == (lost, True, False)


def test_cases_stand_under_the_part_that_lost_most(tmp_path: Path) -> None:
    parts = [{"part": "few" if place % 3 else "many", "other": "x" if place % 2 else "y"} for place in range(90)]
    new = [float(part["part"] == "few" and place != 1) for place, part in enumerate(parts)]
    there = two(tmp_path, lines([1.0] * 90, slices=parts), lines(new, slices=parts))
    cases = found(there)
    assert [each.part for each in cases] == ["part=many"] * 30 + ["part=few"]


def test_the_worst_of_grades_come_first(tmp_path: Path) -> None:
    base = [line(f"{place}", {"grade": 0.5}) for place in range(6)]
    new = [line(f"{place}", {"grade": mark}) for place, mark in enumerate((0.4, 0.1, 0.6, 0.3, 1.0, 0.5))]
    assert [each.sample for each in found(two(tmp_path, base, new), "grade")] == ["1", "3", "0", "4", "2"]


def test_a_number_without_marks_of_samples_has_no_cases(tmp_path: Path) -> None:
    assert found(two(tmp_path, lines([1.0]), lines([0.0])), "macro_f1") == ()


def test_ways_that_replies_went_are_counted_and_the_commonest_comes_first(tmp_path: Path) -> None:
    before = ["scored", "scored", "scored", "unread", "scored"]
    after = ["truncated", "unread", "unread", "scored", "scored"]
    sides = [
        [line(f"{place}", 0.0, status=status) for place, status in enumerate(each)]  # type: ignore[arg-type]
        for each in (before, after)
    ]  # fmt: skip
    assert moved(two(tmp_path, *sides)) == (
        Moved(base="scored", new="unread", count=2), Moved(base="scored", new="truncated", count=1),
        Moved(base="unread", new="scored", count=1),
    )  # fmt: skip


# --- texts ---


def test_texts_are_held_against_each_other_for_as_many_of_each_kind_as_are_wanted(tmp_path: Path) -> None:
    names = "abcdef"
    before = {name: (float(name < "d"), f"It is {name}") for name in names}
    after = {name: (float(name >= "d"), f"It is not {name}") for name in names}
    cases = found(said(before, after, tmp_path), most=2)
    assert len(cases) == 6
    assert [each.sample for each in cases if each.edits] == ["a", "b", "d", "e"]
    assert cases[0].edits == (("same", "It is"), ("came", " not"), ("same", " a"))


def test_no_file_is_opened_for_no_texts(tmp_path: Path) -> None:
    there = two(tmp_path, lines([1.0]), lines([0.0]))
    for side in (there.base, there.new):
        assert side.path is not None
        (side.path / SAMPLES).unlink()
    assert [each.edits for each in found(there, most=0)] == [()]


def test_a_failure_has_its_reason_for_a_text(tmp_path: Path) -> None:
    gone = Failure(failure="too_long", reason="5,000 tokens are too long.")
    there = two(tmp_path, [line("a", 1.0, "It is A")], [line("a", 0.0, gone, "too_long")])
    (case,) = found(there)
    assert "".join(text for kind, text in case.edits if kind != "gone") == "5,000 tokens are too long."


def test_where_choices_were_scored_there_are_no_texts(tmp_path: Path) -> None:
    scored = Response(logprobs=(-0.1, -2.0), completion_tokens=1)
    (case,) = found(two(tmp_path, [line("a", 1.0, scored)], [line("a", 0.0, scored)]))
    assert case.edits == ()


def test_the_cases_of_a_judge_show_what_the_model_said(tmp_path: Path) -> None:
    folders = []
    for name, mark, text in (("base", 1.0, "Rest and drink."), ("new", 0.25, "Rest.")):
        cell(tmp_path, name, [line("a", 1.0, text)])
        judged = [line("a", {"grade": mark}, "Grade: 4", role="judge:strict")]
        folders.append(cell(tmp_path, name, judged, sworn=SWORN))
    (case,) = found(pair(*folders), "grade")
    assert "".join(text for kind, text in case.edits if kind != "came") == "Rest and drink."


# --- edits ---


def test_english_is_edited_by_words() -> None:
    assert edits("Give aspirin 75 mg.", "Give ibuprofen 75 mg now.") == (
        ("same", "Give"), ("gone", " aspirin"), ("came", " ibuprofen"), ("same", " 75 mg"), ("came", " now"),
        ("same", "."),
    )  # fmt: skip


def test_chinese_is_edited_by_characters() -> None:
    assert edits("诊断是肺炎。", "诊断为支气管肺炎。") == (
        ("same", "诊断"), ("gone", "是"), ("came", "为支气管"), ("same", "肺炎。"),
    )  # fmt: skip


def test_texts_that_are_the_same_and_empty_ones_have_nothing_to_edit() -> None:
    assert edits("It is A.", "It is A.") == (("same", "It is A."),)
    assert edits("", "") == ()
    assert edits("", "A") == (("came", "A"),)
    assert edits("A\n", "") == (("gone", "A\n"),)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_the_edits(base: str, new: str) -> None:
    made = edits(base, new)
    assert "".join(text for kind, text in made if kind != "came") == base
    assert "".join(text for kind, text in made if kind != "gone") == new
    assert all(text for _, text in made)


def test_of_long_texts_the_ends_are_held_against_each_other() -> None:
    long = " ".join(f"w{place}" for place in range(3 * MOST))
    made = edits(long, f"{long} end")
    whole = "".join(text for _, text in made)
    assert whole.startswith("…")
    assert whole.endswith(" end")
    assert len(whole.split()) <= MOST + 2
    assert made[-1] == ("came", " end")


@pytest.mark.parametrize(
    ("base", "new"),
    [("的" * 3000, "的是" * 1500), ("a " * 3000, "a b " * 3000), ("the patient is " * 2000, "the patient of " * 2000)],
)
def test_texts_that_go_round_in_circles_are_told_in_few_edits(base: str, new: str) -> None:
    """Word by word such texts would be told in a thousand, and take a minute each: a model that loops is common."""
    made = edits(base, new)
    assert 1 < len(made) < 100
    assert "".join(text for kind, text in made if kind != "came").endswith(base[-99:])
    assert "".join(text for kind, text in made if kind != "gone").endswith(new[-99:])
