"""What a step of training taught and what it lost: declared parents, paired differences, what else changed."""

from pathlib import Path

from medeval import board
from medeval.board import lineage
from medeval.board.contents import mains
from medeval.board.site import gathered
from medeval.board.wishes import Options
from medeval.board.words import Words
from medeval.scoring.shown import Scored
from medeval.stats import paired
from tests.test_board import shelves

BEFORE = [1.0] * 6 + [1.0] * 2 + [0.0] * 5 + [0.0] * 3
AFTER = [1.0] * 6 + [0.0] * 2 + [1.0] * 5 + [0.0] * 3
"""Six right both times, two forgotten, five learnt, three wrong both times."""


def family(root: Path, before: list[Scored], after: list[Scored]) -> None:
    """A parent and its child."""
    shelves.cell(root, "base", before)
    shelves.cell(root, "tuned", after)
    shelves.declared(root, "tuned", parent="base", stage="instruction")


def page(root: Path) -> lineage.Page:
    """What the page of generations tells."""
    there = shelves.board(root)
    return lineage.page(there, mains(there), Words("en"))


def sliced(marks: list[float], sizes: dict[str, int], cluster: str = "") -> list[Scored]:
    """Samples whose slices come one after the other."""
    names = [name for name, size in sizes.items() for _ in range(size)]
    return [
        shelves.line(f"{place:03d}", mark, slices={"specialty": name}, cluster=cluster and f"{cluster}{name}")
        for place, (name, mark) in enumerate(zip(names, marks, strict=True))
    ]  # fmt: skip


def test_the_matrix_counts_kept_forgotten_learnt_and_never_known(tmp_path: Path) -> None:
    family(tmp_path, shelves.lines(BEFORE), shelves.lines(AFTER))
    made = page(tmp_path)
    (each,) = made.passes
    (step,) = each.steps
    assert step.matrix == (6, 2, 5, 3)
    assert (each.parent, each.child, each.stage) == ("base", "tuned", "instruction tuning")
    assert (step.line.first, step.line.second, step.line.difference) == ("50.0", "68.8", "+18.8")
    assert made.chains == (("base", "tuned"),)


def test_graded_answers_have_a_difference_and_no_matrix(tmp_path: Path) -> None:
    for entry, marks in (("base", [0.25, 0.5, 0.75]), ("tuned", [0.5, 0.5, 1.0])):
        shelves.cell(tmp_path, entry, shelves.lines(marks, "rouge1"), metric="rouge1")
    shelves.declared(tmp_path, "tuned", parent="base")
    (step,) = page(tmp_path).passes[0].steps
    assert (step.matrix, step.line.difference) == ((0, 0, 0, 0), "+16.7")


def test_slices_are_paired_and_only_told_from_thirty_samples_on(tmp_path: Path) -> None:
    sizes = {"heart": 30, "skin": 29, "lung": 31}
    before = [0.0] * 30 + [0.0] * 29 + [1.0] * 31
    after = [1.0] * 18 + [0.0] * 12 + [1.0] * 29 + [0.0] * 22 + [1.0] * 9
    family(tmp_path, sliced(before, sizes), sliced(after, sizes))
    parts = page(tmp_path).passes[0].steps[0].parts
    assert [(part.slice, part.n, part.difference, part.word) for part in parts] == [
        ("specialty: heart", 30, "+60.0", "better"), ("specialty: lung", 31, "−71.0", "worse"),
    ]  # fmt: skip
    limits = paired.tango(18, 0, 30)
    assert parts[0].interval == f"{100 * limits.low:.1f} – {100 * limits.high:.1f}"


def test_a_slice_that_is_everything_is_not_told_again(tmp_path: Path) -> None:
    family(tmp_path, sliced([0.0] * 25, {"heart": 25}), sliced([1.0] * 25, {"heart": 25}))
    assert page(tmp_path).passes[0].steps[0].parts == ()


def test_a_slice_of_one_cluster_tells_nothing_apart(tmp_path: Path) -> None:
    sizes = {"heart": 30, "skin": 30}
    family(tmp_path, sliced([0.0] * 60, sizes, "case "), sliced([1.0] * 30 + [0.0] * 30, sizes, "case "))
    parts = page(tmp_path).passes[0].steps[0].parts
    assert [part.word for part in parts] == ["tied", "tied"]


def test_lengths_and_refusals_drift_beside_the_number(tmp_path: Path) -> None:
    marks = [1.0, 0.0] * 10
    shelves.cell(tmp_path, "base", shelves.lines(marks), spent=(400, 1.0, None), counts={"refused": 1})
    shelves.cell(
        tmp_path, "tuned", shelves.lines(marks), spent=(1000, 1.0, None), counts={"refused": 4, "truncated": 2}
    )
    shelves.declared(tmp_path, "tuned", parent="base")
    assert page(tmp_path).passes[0].steps[0].drift == (
        ("tokens an answer", "20", "50"), ("refused", "5.0 %", "20.0 %"), ("cut off", "0.0 %", "10.0 %"),
    )  # fmt: skip


def test_asking_again_makes_no_answer_longer(tmp_path: Path) -> None:
    takes = [shelves.line(f"{place:02d}", repeat=repeat) for place in range(10) for repeat in range(5)]
    shelves.cell(tmp_path, "base", shelves.lines([1.0] * 10), spent=(200, 1.0, None), counts={"refused": 1})
    shelves.cell(tmp_path, "tuned", takes, spent=(1000, 1.0, None), counts={"refused": 5})
    shelves.declared(tmp_path, "tuned", parent="base")
    assert page(tmp_path).passes[0].steps[0].drift == (
        ("tokens an answer", "20", "20"), ("refused", "10.0 %", "10.0 %"),
    )  # fmt: skip


def test_lengths_that_nobody_counted_are_not_told(tmp_path: Path) -> None:
    family(tmp_path, shelves.lines(BEFORE), shelves.lines(AFTER))
    assert page(tmp_path).passes[0].steps[0].drift == ()


def test_a_parent_is_found_by_the_name_of_its_model_too(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "Org/Base 7B", shelves.lines(BEFORE))
    shelves.cell(tmp_path, "tuned", shelves.lines(AFTER))
    shelves.declared(tmp_path, "tuned", parent="org-base-7b")
    (each,) = page(tmp_path).passes
    assert (each.parent, each.parent_href) == ("Org/Base 7B", "entry/org-base-7b.html")


def test_a_parent_without_results_is_a_name_and_no_step(tmp_path: Path) -> None:
    family(tmp_path, shelves.lines(BEFORE), shelves.lines(AFTER))
    shelves.declared(tmp_path, "base", parent="nobody/here")
    made = page(tmp_path)
    assert made.chains == (("nobody/here", "base", "tuned"),)
    assert [each.child for each in made.passes] == ["tuned"]
    board.build(tmp_path, tmp_path / "out", version="1.0")
    text = (tmp_path / "out" / "en" / "entry" / "base.html").read_text(encoding="utf-8")
    assert "nobody/here" in text


def test_a_circle_of_parents_is_told_and_stops_nothing(tmp_path: Path) -> None:
    family(tmp_path, shelves.lines(BEFORE), shelves.lines(AFTER))
    shelves.declared(tmp_path, "base", parent="tuned")
    (fault,) = page(tmp_path).faults
    assert fault.startswith("A circle of parents: base from tuned, tuned from base.")
    board.build(tmp_path, tmp_path / "out", version="1.0")
    told = (tmp_path / "out" / "en" / "lineage.html").read_text(encoding="utf-8")
    assert "A circle of parents" in told


def test_entries_that_answered_other_questions_have_a_step_without_numbers(tmp_path: Path) -> None:
    shelves.cell(tmp_path, "base", shelves.lines(BEFORE))
    shelves.cell(tmp_path, "tuned", shelves.lines(AFTER), "pubmedqa")
    shelves.declared(tmp_path, "tuned", parent="base")
    (each,) = page(tmp_path).passes
    assert (each.parent, each.steps) == ("base", ())


def test_a_card_that_cannot_be_read_may_have_said_that_its_entry_is_private(tmp_path: Path) -> None:
    family(tmp_path, shelves.lines(BEFORE), shelves.lines(AFTER))
    (tmp_path / "tuned" / "entry.json").write_text('{"parent": 3}', encoding="utf-8")
    public, whole = shelves.board(tmp_path), gathered(tmp_path, Options(workers=1, private=True))
    assert ({*public.entries}, public.private) == ({"base"}, 1)
    assert ({*whole.entries}, [each.place for each in whole.broken]) == ({"base", "tuned"}, ["tuned/entry.json"])
