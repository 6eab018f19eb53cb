"""What is pinned of a cell: its takes, how far they lie apart, and what makes two runs no repeats."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from medeval.baselines import Pin, averaged, bare, each_take, take
from medeval.baselines.packed import numbers
from medeval.baselines.pins import apart, pin
from medeval.errors import RequestError
from medeval.records import Decoding, Setting
from tests.nights import MODEL, marked, night, of_counts, one, pinned
from tests.test_comparing import made

DICE = np.random.default_rng(8)


def takes(n: int, count: int) -> list[list[float]]:
    base = DICE.random(n) < 0.7
    return [[float(right ^ (DICE.random() < 0.1)) for right in base] for _ in range(count)]


def of_runs(root: Path, several: list[list[float]], **parts: object) -> Pin:
    for place, marks in enumerate(several):
        night(root, f"run{place}", marks, **parts)  # type: ignore[arg-type]
    return pin([one(root / f"run{place}") for place in range(len(several))], None)


def test_flips_are_the_share_of_samples_on_which_two_takes_differ_over_all_pairs(tmp_path: Path) -> None:
    several = takes(200, 3)
    made = of_runs(tmp_path, several)
    (number,) = made.numbers
    pairs = [np.array(one) - np.array(two) for one, two in combinations(several, 2)]
    assert number.flips == pytest.approx(np.mean([np.mean(rest != 0) for rest in pairs]))
    assert number.variance == pytest.approx(np.mean([rest.var(ddof=1) for rest in pairs]))
    assert number.values == pytest.approx([np.mean(marks) for marks in several])
    assert made.takes == 3
    assert made.n == 200
    assert made.result.first.value == pytest.approx(np.mean(several))


def test_one_take_has_no_flips_to_go_by(tmp_path: Path) -> None:
    made = of_runs(tmp_path, [marked(7, 10)])
    assert (made.takes, made.numbers[0].flips, made.numbers[0].variance) == (1, 0.0, 0.0)
    assert apart(np.array([[1.0], [0.0]])) == (0.0, 0.0)


def test_repeats_of_one_run_are_takes_too(tmp_path: Path) -> None:
    several = takes(50, 3)
    rows = [list(marks) for marks in zip(*several, strict=True)]
    night(tmp_path, "run", rows, setting=Setting(repeats=3))
    made = pin([one(tmp_path / "run")], None)
    assert made.takes == 3
    assert numbers(made.numbers[0].marks, 50).T.tolist() == several
    of_three_runs = of_runs(tmp_path / "other", several)
    assert made.numbers[0].flips == pytest.approx(of_three_runs.numbers[0].flips)
    assert made.result.first.value == pytest.approx(of_three_runs.result.first.value)


def test_the_pinned_side_is_the_mean_of_the_takes_sample_by_sample(tmp_path: Path) -> None:
    several = takes(40, 3)
    made = of_runs(tmp_path, several)
    like = one(tmp_path / "run0").samples
    side = averaged(made, like)
    assert side.samples.marks["accuracy"] == pytest.approx(np.mean(several, axis=0))
    assert side.samples.ids == like.ids
    estimate = side.estimate("accuracy")
    assert estimate is not None
    assert estimate.value == pytest.approx(side.samples.marks["accuracy"].mean())


def test_the_mean_of_equal_takes_is_the_take_to_the_last_bit(tmp_path: Path) -> None:
    marks = [0.1, 0.7, 0.3, 1 / 3, 0.9]
    made = of_runs(tmp_path, [marks] * 3)
    assert averaged(made, one(tmp_path / "run0").samples).samples.marks["accuracy"].tolist() == marks


def test_a_take_is_a_night_of_its_own(tmp_path: Path) -> None:
    several = takes(40, 3)
    made = of_runs(tmp_path, several)
    for place, marks in enumerate(several):
        side = take(made, place, bare(made))
        assert side.samples.marks["accuracy"].tolist() == marks
        assert side.result.first.value == pytest.approx(np.mean(marks))


def test_what_stands_bare_has_numbers_for_names_and_the_same_clusters(tmp_path: Path) -> None:
    groups = ["p", "p", "q", "r", "r", "r"]
    made = of_runs(tmp_path, [marked(4, 6)], clusters=groups)
    nameless = bare(made)
    assert nameless.ids == ("0", "1", "2", "3", "4", "5")
    assert len({*zip(groups, nameless.clusters, strict=True)}) == len({*nameless.clusters}) == 3
    assert nameless.key != made.key


def test_a_sample_that_one_take_has_no_mark_of_has_none(tmp_path: Path) -> None:
    night(tmp_path, "a", {"accuracy": marked(3, 4), "found": [1.0, None, 0.0, 1.0]})
    night(tmp_path, "b", {"accuracy": marked(3, 4), "found": [1.0, 1.0, None, 1.0]})
    made = pin([one(tmp_path / "a"), one(tmp_path / "b")], None)
    found = made.number("found")
    assert found is not None
    assert np.isnan(numbers(found.marks, 4)).any(axis=1).tolist() == [False, True, True, False]
    # And so has the number that is told, or a check would show another.
    assert found.values == (1.0, 1.0)
    side = averaged(made, one(tmp_path / "a").samples)
    estimate = side.estimate("found")
    assert estimate is not None
    assert (estimate.value, estimate.low, estimate.high) == (1.0, None, None)
    assert np.nanmean(side.samples.marks["found"]) == 1.0


def test_what_is_told_beside_is_not_pinned_and_neither_are_slices(tmp_path: Path) -> None:
    folder = night(tmp_path, "a", marked(3, 4))
    side = one(tmp_path / "a")
    beside = replace(side.result.first, metric="brier", beside=True)
    made = pin([replace(side, result=replace(side.result, estimates=(side.result.first, beside)))], None)
    assert folder.is_dir()
    assert [each.metric for each in made.result.estimates] == ["accuracy"]
    assert made.result.estimates[0].slices == ()


def test_a_model_of_another_kind_is_no_repeat(tmp_path: Path) -> None:
    night(tmp_path, "a", marked(3, 4))
    night(tmp_path, "b", marked(3, 4), model=replace(MODEL, content="decade"))
    with pytest.raises(RequestError, match=r"b/medqa: is no repeat of a/medqa \(content c0ffee → decade\)"):
        pin([one(tmp_path / "a"), one(tmp_path / "b")], None)


def test_everything_that_is_unfit_is_told_at_once(tmp_path: Path) -> None:
    first, _ = of_counts(1, 2, 20)
    night(tmp_path, "a", first)
    night(tmp_path, "b", first, setting=Setting(style="written", decoding=Decoding(max_tokens=9)))
    night(tmp_path, "c", first, failed=2)
    night(tmp_path, "d", first[:19])
    night(tmp_path, "e", first, ids=[f"other/{place}" for place in range(20)])
    with pytest.raises(RequestError) as told:
        pin([one(tmp_path / each) for each in "abcde"], None)
    faults = [fault.partition(":")[0] for fault in told.value.faults]
    assert faults == ["b/medqa", "c/medqa", "d/medqa", "e/medqa"]
    assert "2 samples were not measured" in told.value.faults[1]


def test_only_another_medeval_may_have_made_a_repeat(tmp_path: Path) -> None:
    night(tmp_path, "a", marked(3, 4))
    night(tmp_path, "b", marked(3, 4), conditions="chat:no|seed:1|vllm-0.11|bfloat16|medeval-1.1")
    assert pinned(tmp_path, "a", "b").cells[0].takes == 2


def test_a_number_of_marks_that_are_no_numbers_is_pinned_with_them(tmp_path: Path) -> None:
    side = one(night(tmp_path, "a", marked(3, 4), wholes={"pair": [(0.0, 0.0), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0)]}))
    macro = replace(side.result.first, metric="macro_f1", value=0.73)
    made = pin([replace(side, result=replace(side.result, estimates=(side.result.first, macro)))] * 2, None)
    number = made.number("macro_f1")
    assert number is not None
    assert (number.values, number.marks.takes) == ((0.73, 0.73), ())
    assert len(made.wholes["pair"].takes) == 2


def test_a_task_whose_own_number_has_no_marks_that_are_numbers_is_pinned_too(tmp_path: Path) -> None:
    night(tmp_path, "a", {"other": marked(3, 4)}, wholes={"overlap": [(1.0, 2.0)] * 4})
    side = one(tmp_path / "a")
    rouge = replace(side.result.first, metric="rouge1", value=0.5)
    whole = replace(side.result, headline="rouge1", estimates=(rouge, side.result.first))
    made = pin([replace(side, result=whole)] * 3, None)
    assert made.takes == 3


def test_what_judges_said_is_pinned_beside_what_was_answered(tmp_path: Path) -> None:
    made.cell(tmp_path, "run", made.lines(marked(12, 20)))
    graded = [made.line(f"{place:03d}", {"grade": mark}) for place, mark in enumerate(marked(15, 20))]
    made.cell(tmp_path, "run", graded, sworn=made.SWORN)
    answered, judged = pinned(tmp_path, "run").cells
    assert (answered.cell, answered.sworn, answered.result.first.value) == ("medqa", None, 0.6)
    assert (judged.cell, judged.sworn, judged.result.first.value) == ("medqa/judged/strict", made.SWORN, 0.75)
    assert judged.length is None


def test_the_mean_of_takes_that_differ_has_no_interval_of_one_of_them(tmp_path: Path) -> None:
    made = of_runs(tmp_path, [marked(5, 26), marked(4, 26), marked(4, 26)])
    first = made.result.first
    assert first.value == pytest.approx(13 / 78)
    assert (first.low, first.high, first.method) == (None, None, "none: the mean of 3 takes")


@pytest.mark.parametrize("count", [1, 3])
def test_takes_that_are_equal_have_the_interval_that_each_has(tmp_path: Path, count: int) -> None:
    made = of_runs(tmp_path, [marked(5, 26)] * count)
    own, first = one(tmp_path / "run0").result.first, made.result.first
    assert own.low is not None
    assert (first.value, first.low, first.high, first.method) == (own.value, own.low, own.high, "wilson")
    assert first.takes == count


def test_repeats_of_one_run_have_the_interval_of_the_run(tmp_path: Path) -> None:
    several = takes(50, 3)
    night(tmp_path, "run", [list(marks) for marks in zip(*several, strict=True)], setting=Setting(repeats=3))
    own, first = one(tmp_path / "run").result.first, pin([one(tmp_path / "run")], None).result.first
    assert own.low is not None
    assert (first.value, first.low, first.high, first.takes) == (own.value, own.low, own.high, 3)


def test_what_is_counted_in_takes_is_counted_over_all_of_them(tmp_path: Path) -> None:
    for label, unread in (("a", 2), ("b", 0), ("c", 5)):
        night(tmp_path, label, marked(3, 20), unread=unread, truncated=1)
    first = pinned(tmp_path, "a", "b", "c").cells[0].result.first
    assert (first.unread, first.truncated, first.takes, first.n) == (7, 3, 3, 20)


def test_every_take_of_a_number_can_be_had_whatever_its_marks_are(tmp_path: Path) -> None:
    pairs = [[(0.0, float(place % take)) for place in range(6)] for take in (1, 2, 3)]
    for place, there in enumerate(pairs):
        night(tmp_path, f"run{place}", marked(3 + place, 6), wholes={"pair": there})
    sides = [one(tmp_path / f"run{place}") for place in range(3)]
    macro = replace(sides[0].result.first, metric="macro_f1", value=0.5)
    told = [
        replace(side, result=replace(side.result, estimates=(side.result.first, macro))) for side in sides
    ]  # fmt: skip
    made = pin(told, None)
    found = [*each_take(made, "macro_f1", sides[0].samples)]
    assert [list(side.samples.wholes["pair"]) for side in found] == pairs
    found = [*each_take(made, "accuracy", sides[0].samples)]
    assert [side.samples.marks["accuracy"].sum() for side in found] == [3, 4, 5]
    assert [*each_take(replace(made, wholes={}), "macro_f1", sides[0].samples)] == []
