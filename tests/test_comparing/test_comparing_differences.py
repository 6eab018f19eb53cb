"""Number by number and part by part: what is compared, how many times over, and what it comes to in a word."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from medeval import metrics, reports
from medeval.catalog import Catalog
from medeval.comparing.differences import Difference, Pair, differences, judged, measure, seen, slices
from medeval.records import Better, Estimate, Unit
from medeval.scoring.shown import Scored
from medeval.stats import paired, power
from tests.test_comparing.made import cell, counted, estimated, line, lines, one, pair, two


def only(found: Pair) -> Difference:
    """The one number there is."""
    (row,) = judged(differences(found))
    return row


def mirrored(row: Difference) -> Difference:
    """What the other way round must give."""
    return replace(
        row, base=row.new, new=row.base, difference=-row.difference, low=-row.high, high=-row.low, low90=-row.high90,
        high90=-row.low90, up=row.down, down=row.up,
        word={"better": "worse", "worse": "better"}.get(row.word, row.word),
    )  # fmt: skip


def alike(one: Difference, two: Difference) -> None:
    """The same but for -0."""
    for name in one.__struct_fields__:
        assert getattr(one, name) == getattr(two, name), name


def of_grades(root: Path, gap: float, *, better: Better = "higher", unit: Unit = "fraction") -> Pair:
    """Two cells of 60 grades, of which new has more by some."""
    dice = np.random.default_rng(1)
    base = dice.random(60) / 2
    new = base + gap + dice.random(60) / 20
    folders = []
    for name, marks in (("base", base), ("new", new)):
        there = [line(f"{place:02d}", {"grade": float(mark)}) for place, mark in enumerate(marks)]
        folders.append(cell(root, name, there, estimates=[estimated(there, "grade", better, unit)]))
    return pair(*folders)


# --- one number ---


def test_a_row_says_all_of_a_number(tmp_path: Path) -> None:
    base, new = counted(12, 40, 1273)
    found = only(two(tmp_path, lines(base), lines(new)))
    assert (found.metric, found.slice, found.better, found.unit) == ("accuracy", "", "higher", "fraction")
    assert (found.n, found.n_eff, found.up, found.down, found.method) == (1273, 1273.0, 12, 40, "Tango")
    assert found.difference == pytest.approx(-28 / 1273)
    assert (found.low, found.high) == paired.tango(12, 40, 1273)[:2]
    assert (found.low90, found.high90) == paired.tango(12, 40, 1273, 0.90)[:2]
    chances = paired.mcnemar(12, 40)
    assert (found.p, found.p_exact, found.p_signs) == (chances.mid_p, chances.exact, None)
    assert found.flips == pytest.approx(52 / 1273)
    assert found.seen == pytest.approx(power.detectable(1273, 52 / 1273))
    assert (found.p_adjusted, found.word) == (found.p, "worse")


@pytest.mark.parametrize(
    ("better", "gap", "word"),
    [("higher", 0.2, "better"), ("higher", -0.2, "worse"), ("lower", -0.2, "better"), ("lower", 0.2, "worse"),
     ("", 0.2, "differs"), ("", -0.2, "differs"), ("lower", -0.025, "no difference seen")],
)  # fmt: skip
def test_a_word_goes_by_what_is_better(tmp_path: Path, better: Better, gap: float, word: str) -> None:
    assert only(of_grades(tmp_path, gap, better=better)).word == word


@pytest.mark.parametrize("gap", [0.1, -0.02])
def test_grades_have_the_chance_of_their_signs_too(tmp_path: Path, gap: float) -> None:
    found = only(of_grades(tmp_path, gap))
    assert found.p_exact is None
    assert found.p_signs is not None
    assert found.p_signs == pytest.approx(found.p, abs=0.03)


@pytest.mark.parametrize("clusters", [[], [str(place // 5) for place in range(200)]])
def test_the_other_way_round_is_the_mirror_image(tmp_path: Path, clusters: Sequence[str]) -> None:
    base, new = counted(12, 31, 200)
    found = two(tmp_path, lines(base, clusters), lines(new, clusters))
    alike(only(Pair(found.new, found.base, found.places, None)), mirrored(only(found)))
    assert only(found).method == ("CR1 over 40 clusters" if clusters else "Tango")


@pytest.mark.parametrize("gap", [0.1, -0.02, -0.0275])
def test_grades_the_other_way_round_are_the_mirror_image(tmp_path: Path, gap: float) -> None:
    found = of_grades(tmp_path, gap)
    alike(only(Pair(found.new, found.base, found.places, None)), mirrored(only(found)))


def test_replies_that_are_the_same_are_no_difference(tmp_path: Path) -> None:
    marks = [float(place % 3 == 0) for place in range(90)]
    found = only(two(tmp_path, lines(marks), lines(marks)))
    assert (found.difference, found.p, found.word, found.flips) == (0.0, 1.0, "no difference seen", 0.0)
    assert found.low < found.low90 < 0 < found.high90 < found.high
    # Nothing flips: what would be seen is seen by flips of one way alone.
    assert found.seen == pytest.approx(power.least(90))


def test_clusters_are_those_of_the_samples(tmp_path: Path) -> None:
    base, new = counted(12, 31, 200)
    cases = [str(place // 5) for place in range(200)]
    alone = only(two(tmp_path / "alone", lines(base), lines(new)))
    found = only(two(tmp_path, lines(base, cases), lines(new, cases)))
    assert found.difference == pytest.approx(alone.difference)
    # All that flips stands together in nine cases.
    assert found.n_eff < 0.5 * alone.n_eff
    assert found.high - found.low > 1.4 * (alone.high - alone.low)
    assert found.seen is not None
    assert alone.seen is not None
    assert found.seen > 1.3 * alone.seen


# --- what was not measured ---


def test_a_sample_that_one_side_did_not_measure_is_left_out_of_both(tmp_path: Path) -> None:
    base: list[float | None] = [*[1.0] * 20, *[0.0] * 20]
    new: list[float | None] = [*[1.0] * 30, *[0.0] * 10]
    base[0], base[25], new[0], new[39] = None, None, None, None
    found = only(two(tmp_path, lines(base), lines(new)))
    assert (found.n, found.up, found.down) == (37, 9, 0)
    assert found.base == pytest.approx(19 / 37)
    assert found.new == pytest.approx(28 / 37)


def test_a_number_that_nothing_common_was_measured_of_is_not_compared(tmp_path: Path) -> None:
    assert differences(two(tmp_path, lines([1.0, None, 0.0, None]), lines([None, 1.0, None, 0.0]))) == ()


def test_only_what_both_have_is_compared(tmp_path: Path) -> None:
    there = lines([1.0, 0.0, 1.0, 0.0])
    found = only(two(tmp_path, there, [line("002", 0.0), line("000", 1.0), line("zzz", 1.0)]))
    assert (found.n, found.up, found.down, found.base, found.new) == (2, 0, 1, 1.0, 0.5)


def test_takes_are_averaged_before_samples_are_compared(tmp_path: Path) -> None:
    def taken(marks: Sequence[Sequence[float]]) -> list[Scored]:
        return [
            line(f"{place:02d}", mark, repeat=repeat) for place, each in enumerate(marks)
            for repeat, mark in enumerate(each)
        ]  # fmt: skip

    base = [[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]] * 6
    new = [[1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 1, 0]] * 6
    found = only(two(tmp_path, taken(base), taken(new)))
    means = np.array(base).mean(axis=1), np.array(new).mean(axis=1)
    expected = paired.paired_t(means[0].tolist(), means[1].tolist())
    assert (found.n, found.up, found.down) == (30, 12, 6)
    assert (found.difference, found.low, found.high) == pytest.approx(expected[:3])
    assert found.p == pytest.approx(expected.p)
    # As often in one run alone: the mean of one is what it is.
    once = only(two(tmp_path / "once", taken([each[:1] for each in base]), taken(new)))
    assert once.n == 30


# --- many numbers ---


def several(root: Path, gaps: Sequence[tuple[int, int]], beside: Sequence[str] = ()) -> Pair:
    """Numbers m0, m1 … of 300 samples, each with so many flips up and down."""
    marks = {f"m{place}": counted(b, c, 300) for place, (b, c) in enumerate(gaps)}
    folders = []
    for side, name in enumerate(("base", "new")):
        there = [
            line(f"{place:03d}", {metric: both[side][place] for metric, both in marks.items()}) for place in range(300)
        ]
        found = [replace(estimated(there, metric), beside=metric in beside) for metric in marks]
        folders.append(cell(root, name, there, estimates=found))
    return pair(*folders)


def test_chances_are_adjusted_as_holm_does_in_statsmodels(tmp_path: Path) -> None:
    multitest: Any = pytest.importorskip("statsmodels.stats.multitest")
    found = [*judged(differences(several(tmp_path, [(5, 20), (12, 20), (3, 20), (20, 8), (9, 9), (16, 5)])))]
    assert [each.metric for each in found] == [f"m{place}" for place in range(6)]
    theirs = multitest.multipletests([each.p for each in found], method="holm")
    assert [each.p_adjusted for each in found] == pytest.approx(theirs[1].tolist())
    words = ["no difference seen" if not kept else "better" if each.difference > 0 else "worse"
             for kept, each in zip(theirs[0], found, strict=True)]  # fmt: skip
    assert [each.word for each in found] == words
    assert len({*words}) > 1


def test_what_is_told_beside_is_compared_where_it_is_wished_for(tmp_path: Path) -> None:
    found = several(tmp_path, [(5, 20), (12, 20), (3, 20)], beside=["m1"])
    assert [each.metric for each in differences(found)] == ["m0", "m2"]
    assert [each.metric for each in differences(found, beside=True)] == ["m0", "m1", "m2"]


@pytest.mark.parametrize("changed", [{"version": 2}, {"by": "encoder B"}])
def test_two_versions_of_a_number_are_not_compared(tmp_path: Path, changed: dict[str, Any]) -> None:
    there = [line(f"{place:02d}", {"accuracy": 1.0, "bertscore": place / 40}) for place in range(40)]
    first, second = estimated(there, "accuracy"), replace(estimated(there, "bertscore"), beside=True)

    def rows(root: Path, now: Estimate) -> list[str]:
        base = cell(root, "base", there, estimates=[first, second])
        new = cell(root, "new", there, estimates=[first, now])
        return [each.metric for each in differences(pair(base, new), beside=True)]

    assert rows(tmp_path / "one", second) == ["accuracy", "bertscore"]
    assert rows(tmp_path / "two", replace(second, **changed)) == ["accuracy"]


def test_a_mean_whose_marks_come_to_another_number_is_not_compared(tmp_path: Path) -> None:
    base, new = lines([1.0, 0.0] * 20), lines([1.0, 1.0] * 20)
    wrong = replace(estimated(new, "accuracy"), value=0.75)
    assert differences(pair(cell(tmp_path, "base", base), cell(tmp_path, "new", new, estimates=[wrong]))) == ()


# --- parts ---


def parted(root: Path) -> Pair:
    """Parts a of 60 samples, b of 30, c of 29 and d of 9; new loses in a and b what it gains in c."""
    sizes = {"a": 60, "b": 30, "c": 29, "d": 9}
    parts = [{"part": name} for name, size in sizes.items() for _ in range(size)]
    new = {"a": [0.0] * 12 + [1.0] * 48, "b": [0.0] * 8 + [1.0] * 22, "c": [1.0] * 29, "d": [0.0] * 9}
    before = {"a": [1.0] * 60, "b": [1.0] * 30, "c": [0.0] * 20 + [1.0] * 9, "d": [1.0] * 9}
    marks = [[mark for name in sizes for mark in each[name]] for each in (before, new)]
    return two(root, lines(marks[0], slices=parts), lines(marks[1], slices=parts))


def test_parts_that_are_too_small_are_shown_and_not_compared(tmp_path: Path) -> None:
    multitest: Any = pytest.importorskip("statsmodels.stats.multitest")
    found = {each.slice: each for each in slices(parted(tmp_path), "accuracy")}
    assert [*found] == ["part=a", "part=b", "part=c"], "of nine samples there is nothing to say"
    assert [each.n for each in found.values()] == [60, 30, 29]
    assert [each.word for each in found.values()] == ["worse", "worse", "not compared"]
    large = [found["part=a"], found["part=b"]]
    theirs = multitest.multipletests([each.p for each in large], method="holm")[1]
    assert [each.p_adjusted for each in large] == pytest.approx(theirs.tolist())
    assert found["part=c"].difference == pytest.approx(20 / 29)


def test_parts_hold_what_was_measured_of_them(tmp_path: Path) -> None:
    parts = [{"part": "a"}] * 35
    base: list[float | None] = [1.0] * 35
    new: list[float | None] = [0.0] * 35
    new[:6] = [None] * 6
    (found,) = slices(two(tmp_path, lines(base, slices=parts), lines(new, slices=parts)), "accuracy")
    assert (found.n, found.word) == (29, "not compared")


def test_parts_of_clusters_are_compared_by_clusters(tmp_path: Path) -> None:
    base, new = counted(12, 31, 200)
    cases, parts = [str(place // 5) for place in range(200)], [{"part": "ab"[place > 99]} for place in range(200)]
    found = slices(two(tmp_path, lines(base, cases, parts), lines(new, cases, parts)), "accuracy")
    assert [each.method for each in found] == ["CR1 over 20 clusters", "Tango over 20: no sample differs"]


# --- what would have been seen ---


def test_what_is_seen_of_grades_goes_with_their_spread(tmp_path: Path) -> None:
    found = of_grades(tmp_path, 0.1)
    measured = measure(found, "grade")
    assert measured is not None
    variance = float(np.var(found.new.samples.marks["grade"] - found.base.samples.marks["grade"], ddof=1))
    assert seen(measured) == pytest.approx(power.detectable_graded(60, variance))
    assert seen(measured, alpha=0.01, one_sided=True) == pytest.approx(
        power.detectable_graded(60, variance, alpha=0.01, one_sided=True)
    )


def of_types(root: Path, catalog: Catalog, parts: Sequence[tuple[str, int, int, int]], published: float) -> Pair:
    """Cells of a task whose number is a mean of types: parts with flips up and down and a size; new is 0.1 above."""
    task = replace(
        catalog.tasks["cmb_exam"].task, metrics=(metrics.mean_over(metrics.accuracy, "mean_of_types", "part"),)
    )  # fmt: skip
    folders = []
    for side, name in enumerate(("base", "new")):
        there = [
            line(f"{part} {place:03d}", {"mean_of_types": mark}, slices={"part": part})
            for part, *counts in parts for place, mark in enumerate(counted(*counts)[side])
        ]  # fmt: skip
        means = [np.mean([each.scores["mean_of_types"] for each in there if each.slices["part"] == part])
                 for part, *_ in parts]  # fmt: skip
        value = replace(estimated(there, "mean_of_types"), value=float(np.mean(means)) + published)
        folders.append(cell(root, name, there, estimates=[value]))
    return pair(*folders, task=task)


def test_what_a_mean_of_types_shows_is_what_its_smallest_part_shows(tmp_path: Path, catalog: Catalog) -> None:
    """Twelve samples weigh as much as six hundred, and err as twelve do."""
    found = only(of_types(tmp_path, catalog, [("x", 3, 1, 12), ("y", 30, 40, 600)], 0.0))
    assert (found.method, found.up, found.down) == ("MOVER", 33, 41)
    assert found.difference == pytest.approx((2 / 12 - 10 / 600) / 2)
    # Two and a half to three standard errors, of which the interval is four wide.
    assert found.seen is not None
    assert 0.55 < found.seen / (found.high - found.low) < 0.9


def test_a_mean_of_types_whose_parts_are_not_those_that_were_published_is_not_compared(
    tmp_path: Path, catalog: Catalog
) -> None:
    """samples.jsonl knows small parts only as `other`."""
    found = of_types(tmp_path, catalog, [("other", 3, 1, 10), ("x", 3, 4, 12)], 0.01)
    assert differences(found) == ()


# --- as runs make them ---


def of_task(shelf: Path, catalog: Catalog, task: str, new: str = "new") -> Pair:
    (base, other) = [next((shelf / entry).glob(f"{task}@*")) for entry in ("base", new)]
    return pair(base, other, task=catalog.tasks[task].task)


@pytest.mark.parametrize("task", ["pubmedqa", "cmb_exam"])
def test_values_are_those_that_were_published_and_mirror(shelf: Path, catalog: Catalog, task: str) -> None:
    found = of_task(shelf, catalog, task)
    back = {each.metric: each for each in judged(differences(Pair(found.new, found.base, found.places, found.task)))}
    known = {each.metric for each in found.new.result.estimates if not each.beside}
    rows = [*judged(differences(found))]
    assert {each.metric for each in rows} == known
    for row in rows:
        before, after = found.base.estimate(row.metric), found.new.estimate(row.metric)
        assert before is not None
        assert after is not None
        assert (row.base, row.new) == pytest.approx((before.value, after.value))
        assert row.difference == pytest.approx(row.new - row.base)
        assert row.low <= row.low90 <= row.difference <= row.high90 <= row.high
        alike(back[row.metric], mirrored(row))
    assert any(row.difference for row in rows)


def test_macro_f1_of_a_run_is_compared_with_all_its_answers(shelf: Path, catalog: Catalog) -> None:
    theirs: Any = pytest.importorskip("sklearn.metrics")
    found = of_task(shelf, catalog, "pubmedqa")
    row = next(each for each in differences(found) if each.metric == "macro_f1")
    values = []
    for side in (found.base, found.new):
        target, picked = zip(*side.samples.wholes["pair"], strict=True)
        values.append(theirs.f1_score(target, picked, labels=[0, 1, 2], average="macro", zero_division=0))
    assert (row.base, row.new) == pytest.approx(values)
    assert (row.n, row.up, row.down) == (25, 0, 0)
    assert row.flips > 0


@pytest.mark.parametrize("whole", [0, 1])
def test_one_answer_that_is_missing_leaves_macro_f1_to_be_compared(shelf: Path, catalog: Catalog, whole: int) -> None:
    torn = of_task(shelf, catalog, "pubmedqa", "torn")
    sides = (torn.base, torn.new)
    found = differences(Pair(sides[whole], sides[1 - whole], torn.places, torn.task))
    assert [(each.metric, each.n) for each in found] == [("accuracy", 24), ("macro_f1", 24)]


def test_what_some_samples_have_no_part_in_is_compared_on_the_others(shelf: Path, catalog: Catalog) -> None:
    """Of questions with several right letters there is no pair."""
    rows = {each.metric: each for each in differences(of_task(shelf, catalog, "cmb_exam"), beside=True)}
    assert rows["macro_f1"].n == 24
    assert rows["accuracy"].n == 32


def test_what_a_judge_said_is_compared(shelf: Path, catalog: Catalog) -> None:
    folders = [next((shelf / entry).glob("cmb_clin@*")) / reports.JUDGED / "strict" for entry in ("base", "new")]
    base, new = map(one, folders)
    found = differences(pair(*folders, task=catalog.tasks["cmb_clin"].task))
    assert found[0].metric == new.result.headline
    assert (found[0].base, found[0].new) == (base.result.first.value, new.result.first.value)
    assert found[0].new > found[0].base
