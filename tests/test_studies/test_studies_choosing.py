"""Which cases are chosen, and that only cells with the same questions stand side by side."""

from pathlib import Path

import pytest

from medeval.errors import MedevalError, RequestError
from medeval.studies import Study
from tests.test_studies.shelves import cell, ids, judged, line, study


def marked(root: Path, entry: str, marks: str, **how: object) -> Path:
    """Sample a, b, c … is right where the mark is 1, wrong where it is 0, not measured where it is -."""
    lines = [line(name, None if mark == "-" else float(mark)) for name, mark in zip("abcdefgh", marks, strict=False)]
    return cell(root, entry, lines, **how)  # type: ignore[arg-type]


def refused(root: Path, *entries: str, **wanted: object) -> MedevalError:
    with pytest.raises(MedevalError) as fault:
        study(root, *entries, **wanted)  # type: ignore[arg-type]
    return fault.value


def test_the_most_split_come_first_and_those_on_which_all_agree_never(tmp_path: Path) -> None:
    # Right of four entries: a 1, b 2, c 4, d 3, e 0, f 2.
    for entry, marks in (("one", "111101"), ("two", "011101"), ("three", "001100"), ("four", "001000")):
        marked(tmp_path, entry, marks)
    made = study(tmp_path, "one", "two", "three", "four", count=9)
    assert ids(made) == ["b", "f", "a", "d"]
    assert (made.measure, made.binary) == ("accuracy", True)
    assert made.why == "Those on which entries differ most, by accuracy"
    assert ids(study(tmp_path, "one", "two", "three", "four", count=2)) == ["b", "f"]


def test_what_was_not_measured_disagrees_with_nothing(tmp_path: Path) -> None:
    marked(tmp_path, "one", "-110")
    marked(tmp_path, "two", "0-01")
    assert ids(study(tmp_path, "one", "two")) == ["c", "d"]


def test_graded_cases_are_chosen_by_the_largest_spread(tmp_path: Path) -> None:
    for entry, values in (("one", (0.1, 0.9, 0.5)), ("two", (0.3, 0.2, 0.5)), ("three", (0.2, 0.8, 0.1))):
        cell(tmp_path, entry, [line(name, value) for name, value in zip("abc", values, strict=True)])
    made = study(tmp_path, "one", "two", "three")
    assert not made.binary
    assert ids(made) == ["b", "c", "a"]


def test_the_first_number_that_single_samples_have_decides_and_none_told_beside(tmp_path: Path) -> None:
    for entry, right, length in (("one", (1.0, 0.0), (1.0, 9.0)), ("two", (0.0, 0.0), (1.0, 0.0))):
        lines = [line(name, mark, metric="accuracy") for name, mark in zip("ab", right, strict=True)]
        for each, value in zip(lines, length, strict=True):
            each.scores["length"] = value
        cell(tmp_path, entry, lines, metrics=("macro_f1", "length", "accuracy"), beside=("length",))
    made = study(tmp_path, "one", "two")
    assert (made.measure, ids(made)) == ("accuracy", ["a"])


def test_of_one_entry_the_worst_come_first_whichever_end_of_the_scale_that_is(tmp_path: Path) -> None:
    lines = [line(name, value) for name, value in zip("abcd", (0.4, 0.1, None, 0.9), strict=True)]
    cell(tmp_path, "one", lines)
    cell(tmp_path, "two", lines, better="lower")
    assert ids(study(tmp_path, "one")) == ["b", "a", "d"]
    assert ids(study(tmp_path, "two")) == ["d", "a", "b"]
    assert ids(study(tmp_path, "two", most="lowest")) == ["b", "a", "d"]
    assert ids(study(tmp_path, "one", most="highest", count=1)) == ["d"]


def test_lowest_and_highest_go_by_the_mean_of_the_entries(tmp_path: Path) -> None:
    for entry, values in (("one", (0.0, 0.4, 0.9)), ("two", (1.0, 0.2, 0.9))):
        cell(tmp_path, entry, [line(name, value) for name, value in zip("abc", values, strict=True)])
    assert ids(study(tmp_path, "one", "two", most="lowest")) == ["b", "a", "c"]
    assert ids(study(tmp_path, "one", "two", most="highest")) == ["c", "a", "b"]


def test_a_sample_asked_several_times_counts_by_its_mean(tmp_path: Path) -> None:
    def takes(sample: str, *marks: float) -> list[object]:
        # Whatever their order in the file.
        return [line(sample, mark, repeat=n) for n, mark in reversed(list(enumerate(marks)))]

    cell(tmp_path, "one", [*takes("a", 1, 1, 0), *takes("b", 1, 0, 0)])  # type: ignore[list-item]
    cell(tmp_path, "two", [*takes("a", 1, 0, 1), *takes("b", 1, 1, 1)])  # type: ignore[list-item]
    made = study(tmp_path, "one", "two")
    assert ids(made) == ["b"]
    assert [take.repeat for take in made.cases[0].sheets[0].takes] == [0, 1, 2]


def test_without_a_number_of_their_own_the_grades_of_one_judge_decide(tmp_path: Path) -> None:
    for entry, grades in (("one", ("5", "3")), ("two", ("4", "1"))):
        folder = cell(tmp_path, entry, [line("a"), line("b")], metrics=("grade",))
        for name, grade in zip("ab", grades, strict=True):
            judged(folder, line(name), [(grade, "stated"), ("", "no grade on the last line")], ["x", "y"])
    made = study(tmp_path, "one", "two")
    assert (made.measure, ids(made)) == ("the mean grade of strict", ["b", "a"])
    assert ids(study(tmp_path, "one")) == ["b", "a"]


def test_without_any_number_texts_that_are_far_apart_decide(tmp_path: Path) -> None:
    cell(tmp_path, "one", [line("a", said="Rest."), line("b", said="Rest."), line("c", said="Rest.")])
    cell(tmp_path, "two", [line("a", said="Rest!"), line("b", said="Surgery at once."), line("c", said="Rest.")])
    made = study(tmp_path, "one", "two")
    assert (made.measure, ids(made)) == ("", ["b", "a"])
    assert "Single samples have no accuracy" in str(refused(tmp_path, "one", most="lowest"))
    assert ids(study(tmp_path, "one", most="random"))


def test_where_entries_agree_on_all_that_is_said(tmp_path: Path) -> None:
    marked(tmp_path, "one", "10")
    marked(tmp_path, "two", "10")
    assert str(refused(tmp_path, "one", "two")) == (
        "one, two: they differ on no sample, by accuracy. Take --most lowest, or name cases by --ids."
    )


def test_what_is_drawn_by_lot_does_not_hang_on_the_order_of_the_file(tmp_path: Path) -> None:
    names = [f"s{n}" for n in range(40)]
    cell(tmp_path, "one", [line(name, 1.0) for name in names])
    cell(tmp_path, "two", [line(name, 1.0) for name in reversed(names)])
    first, second = [ids(study(tmp_path, entry, most="random", count=9)) for entry in ("one", "two")]
    assert first == second != names[:9]


def test_named_cases_come_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    marked(tmp_path, "one", "111")
    assert ids(study(tmp_path, "one", ids=("c", "a"), count=1)) == ["c", "a"]
    assert "no sample 'z' in every entry" in str(refused(tmp_path, "one", ids=("a", "z")))


@pytest.mark.parametrize(
    ("how", "what"),
    [({"data": "d2"}, "the data's fingerprint is d1 here and d2 there"), ({"version": 2}, "its version is 1 here")],
)  # fmt: skip
def test_other_questions_are_one_sentence_and_exit_4(how: dict[str, object], what: str, tmp_path: Path) -> None:
    marked(tmp_path, "one", "10")
    marked(tmp_path, "two", "01", **how)
    fault = refused(tmp_path, "one", "two")
    assert fault.exit_code == 4
    assert len(fault.faults) == 1
    assert str(fault).startswith("one and two: answered other questions")
    assert what in str(fault)
    assert RequestError("x").exit_code == 2


def test_a_cell_is_found_by_its_task_if_there_is_one_or_by_as_much_of_its_name_as_tells_it_apart(
    tmp_path: Path,
) -> None:
    for name in ("mediq@reasoned,sample", "mediq@written", "mediq@written,sample", "mediqs"):
        marked(tmp_path, "one", "10", name=name)

    def found(task: str) -> Study:
        return study(tmp_path, "one", task=task)

    assert found("mediqs").task == "mediqs"
    assert found("mediq@reasoned").task == "mediq"
    assert found("mediq@written").task == "mediq"  # wholly named, though another begins so
    fault = refused(tmp_path, "one", task="mediq")
    assert str(fault) == (
        "one: several cells of 'mediq': name one of mediq@reasoned,sample, mediq@written, mediq@written,sample."
    )
    assert fault.exit_code == 2
    assert "no results of 'medqa' there; it has mediq@reasoned,sample" in str(refused(tmp_path, "one", task="medqa"))


def test_all_entries_that_are_not_there_are_told_at_once(tmp_path: Path) -> None:
    marked(tmp_path, "one", "10")
    assert [fault.partition(":")[0] for fault in refused(tmp_path, "x", "one", "y").faults] == ["x", "y"]


def test_two_cells_of_one_entry_have_names_that_tell_them_apart(tmp_path: Path) -> None:
    for name, marks in (("exam@written", "10"), ("exam@reasoned", "11")):
        marked(tmp_path, "one", marks, name=name)
    made = study(tmp_path, "one/exam@written", "one/exam@reasoned")
    assert made.entries == ("one/exam@written", "one/exam@reasoned")
    fault = refused(tmp_path, "one/exam@written", "one/exam@written")
    assert "one of them is named twice" in str(fault)


def test_a_group_and_a_cell_that_is_not_finished_are_told(tmp_path: Path) -> None:
    folder = marked(tmp_path, "one", "10")
    (folder / "samples.jsonl").unlink()
    assert "is not finished" in str(refused(tmp_path, "one"))
    (folder / "samples.jsonl").write_bytes(b"")
    assert "has no samples" in str(refused(tmp_path, "one"))
    result = (folder / "result.json").read_text(encoding="utf-8")
    (folder / "result.json").write_text(result.replace('"members": []', '"members": ["a"]'), encoding="utf-8")
    assert "is a group and has no samples of its own" in str(refused(tmp_path, "one"))
