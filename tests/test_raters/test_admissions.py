"""Whether a judge stands for raters: read from what was put down, and nobody is admitted unseen."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from sklearn.metrics import cohen_kappa_score

from medeval.gradings import SURVEY
from medeval.raters import Admission, Rated, admissions, collected
from medeval.raters.admissions import measured, publish
from medeval.records import Criterion
from tests.test_raters.rated import Cell, Page, answers, handed_back, judged

BAD = Admission(value=0.4, low=0.2, high=0.6, n=80, admitted=False, bar=0.6, why="agreement 0.40 is below 0.6")
GOOD = Admission(value=0.8, low=0.7, high=0.9, n=80, admitted=True, bar=0.6)


def test_who_was_put_down_is_read_again(tmp_path: Path) -> None:
    found = {"strict": {"safe": BAD, "fluent": GOOD}}
    (tmp_path / "raters").mkdir()
    publish(tmp_path, found)
    assert admissions(tmp_path) == found


def test_where_nobody_rated_nobody_is_admitted_or_refused(tmp_path: Path) -> None:
    assert admissions(tmp_path) == {}


# --- measured against raters ---


def rated(cell: Cell, page: Page, tmp_path: Path, grades: list[str], *, criteria: str = "safe") -> Rated:
    """One rater's grades of so many answers."""
    cell("one", answers(len(grades)))
    drawn, _ = page("one", criteria=criteria, count=len(grades))
    names = [criterion.name for criterion in drawn.key.criteria]
    path = handed_back(tmp_path / "a.json", drawn, "A", lambda sample: dict.fromkeys(names, grades[int(sample[1:])]))
    return Rated(drawn.key, collected([path], drawn.key))


def said(grades: list[str], criterion: str = "safe") -> dict[str, dict[str, str]]:
    return {f"q{number}": {criterion: grade} for number, grade in enumerate(grades)}


HUMAN = ["1", "2", "3", "4", "5"] * 12
NEAR = ["1", "3", "3", "4", "5"] * 12
FAR = ["3", "2", "4", "1", "5"] * 12


def test_a_judge_near_to_the_raters_is_admitted_and_one_far_from_them_is_not(
    cell: Cell, page: Page, tmp_path: Path
) -> None:  # fmt: skip
    page_rated = rated(cell, page, tmp_path, HUMAN)
    folder = cell("one", answers(60))
    judged(folder, said(NEAR), "near")
    judged(folder, said(FAR), "far")
    found = measured(tmp_path / "reports", [page_rated])
    near, far = found["near"]["safe"], found["far"]["safe"]
    assert near.value == pytest.approx(cohen_kappa_score(HUMAN, NEAR, weights="quadratic"))
    assert (near.admitted, near.n, near.why) == (True, 60, "")
    assert far.value == pytest.approx(cohen_kappa_score(HUMAN, FAR, weights="quadratic"))
    assert (far.admitted, far.why) == (False, f"agreement {far.value:.2f} is below 0.6")
    strict = measured(tmp_path / "reports", [page_rated], 0.99)["near"]["safe"]
    assert (strict.admitted, strict.bar) == (False, 0.99)


def test_fewer_than_fifty_items_admit_nobody(cell: Cell, page: Page, tmp_path: Path) -> None:
    page_rated = rated(cell, page, tmp_path, HUMAN)
    judged(cell("one", answers(60)), said(HUMAN[:49]))
    found = measured(tmp_path / "reports", [page_rated])["strict"]["safe"]
    assert (found.value, found.admitted) == (1.0, False)
    assert found.why == "held against raters on 49 items, and 50 are wanted"


def test_a_judge_who_gives_all_the_same_as_the_raters_do_tells_nothing(cell: Cell, page: Page, tmp_path: Path) -> None:
    page_rated = rated(cell, page, tmp_path, ["5"] * 60)
    judged(cell("one", answers(60)), said(["5"] * 60))
    found = measured(tmp_path / "reports", [page_rated])["strict"]["safe"]
    assert (found.value, found.admitted, found.why) == (None, False, "everybody always says the same")


def test_missing_verdicts_are_no_grades(cell: Cell, page: Page, tmp_path: Path) -> None:
    page_rated = rated(cell, page, tmp_path, HUMAN)
    judged(cell("one", answers(60)), said(["", *NEAR[1:]]))
    assert measured(tmp_path / "reports", [page_rated])["strict"]["safe"].n == 59


def test_several_raters_stand_for_themselves_by_their_median(cell: Cell, page: Page, tmp_path: Path) -> None:
    one = rated(cell, page, tmp_path, HUMAN)
    others = [rated(cell, page, tmp_path, grades).by[0] for grades in (HUMAN, FAR)]
    judged(cell("one", answers(60)), said(HUMAN))
    found = measured(tmp_path / "reports", [Rated(one.key, (*one.by, *others))])["strict"]["safe"]
    assert found.value == 1.0


def test_only_what_was_graded_alike_is_compared(cell: Cell, page: Page, tmp_path: Path) -> None:
    page_rated = rated(cell, page, tmp_path, HUMAN, criteria="safe,fluent")
    folder = cell("one", answers(60))
    turned = (Criterion(name="safe", text="Another sense of it."),)
    judged(folder, said(HUMAN), "other_text", replace(SURVEY, criteria=turned))
    judged(folder, said(HUMAN), "other_scale", replace(SURVEY, grades=("5", "4", "3", "2", "1")))
    judged(folder, said(HUMAN), "of_dialogues", replace(SURVEY, per="dialogue"))
    judged(folder, said(HUMAN), "of_patients", replace(SURVEY, per="patient"))
    judged(folder, said(HUMAN), "of_turns", replace(SURVEY, per="turn"))
    found = measured(tmp_path / "reports", [page_rated])
    assert {name: {each: by[each].n for each in by} for name, by in found.items()} == {
        "of_turns": {"safe": 60, "fluent": 0}
    }


def test_two_judges_of_one_name_are_not_taken_for_one(cell: Cell, page: Page, tmp_path: Path) -> None:
    one = rated(cell, page, tmp_path, HUMAN)
    judged(cell("one", answers(60)), said(HUMAN), model="first")
    judged(cell("two", answers(60, "Sleep.")), said(HUMAN), model="second")
    drawn, _ = page("two", criteria="safe", count=60)
    path = handed_back(tmp_path / "b.json", drawn, "B", lambda sample: {"safe": HUMAN[int(sample[1:])]})
    two = Rated(drawn.key, collected([path], drawn.key))
    assert measured(tmp_path / "reports", [one])["strict"]["safe"].admitted
    both = measured(tmp_path / "reports", [one, two])["strict"]["safe"]
    assert (both.n, both.admitted) == (120, False)
    assert both.why == "several judges, or several ways to ask one, have this name"


def test_what_was_compared_side_by_side_admits_nobody(cell: Cell, page: Page, tmp_path: Path) -> None:
    judged(cell("one", answers(60)), said(HUMAN))
    cell("two", answers(60))
    drawn, _ = page("one", "two", criteria="safe")
    path = handed_back(tmp_path / "b.json", drawn, "B", lambda sample: {"safe": "tie", "overall": "A"})
    assert measured(tmp_path / "reports", [Rated(drawn.key, collected([path], drawn.key))]) == {}
