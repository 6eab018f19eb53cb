"""Raters among each other: the same functions give the published agreement of physicians, and that of others."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import cohen_kappa_score

from medeval.raters import Rated, collected
from medeval.raters.agreeing import agreement, among, grades_of, parts, results
from medeval.stats.agreement import fleiss, krippendorff
from tests.test_raters.rated import Cell, Page, answers, exchanged, handed_back, line

FIRST = "2", "4", "5", "3", "1", "4", "2", "5", "3", "3"
SECOND = "1", "4", "4", "3", "2", "5", "2", "4", "3", "1"
THIRD = "2", "5", "5", "2", "1", "4", "1", "5", "3", "3"


def rated(cell: Cell, page: Page, tmp_path: Path, *raters: tuple[str, ...]) -> Rated:
    """A page of ten answers, of which the last is in Chinese."""
    lines = answers(10)
    lines[9] = line("q9", exchanged("孩子发热两天，怎么办？", "多喝水。"), slices={"specialty": "y"})
    cell("one", lines)
    drawn, _ = page("one", criteria="safe")
    paths = []
    for number, grades in enumerate(raters):

        def by(sample: str, grades: tuple[str, ...] = grades) -> dict[str, str]:
            return {"safe": grades[int(sample[1:])]}

        paths.append(handed_back(tmp_path / f"{number}.json", drawn, f"r{number}", by))
    return Rated(drawn.key, collected(paths, drawn.key))


def test_two_raters_have_the_weighted_kappa_of_scikit_learn(cell: Cell, page: Page, tmp_path: Path) -> None:
    whole, *some = agreement(rated(cell, page, tmp_path, FIRST, SECOND))
    assert whole.value == pytest.approx(cohen_kappa_score(FIRST, SECOND, weights="quadratic"))
    assert (whole.criterion, whole.part, whole.n, whole.raw) == ("safe", "all", 10, 0.4)
    assert whole.method == "weighted kappa, large sample"
    assert (whole.low or 9) < (whole.value or 0) < (whole.high or 0)
    even = [cohen_kappa_score(FIRST[::2], SECOND[::2], weights="quadratic")]
    assert [(each.part, each.n) for each in some] == [
        ("language en", 9), ("language zh", 1), ("specialty x", 5), ("specialty y", 5),
    ]  # fmt: skip
    assert [each.value for each in some if each.part == "specialty x"] == pytest.approx(even)


def test_more_raters_have_the_ordinal_alpha_of_evalica(cell: Cell, page: Page, tmp_path: Path) -> None:
    evalica: Any = pytest.importorskip("evalica")
    pandas: Any = pytest.importorskip("pandas")
    (whole,) = agreement(rated(cell, page, tmp_path, FIRST, SECOND, THIRD), by_parts=False)
    table = pandas.DataFrame([[int(grade) for grade in each] for each in (FIRST, SECOND, THIRD)])
    assert whole.value == pytest.approx(evalica.alpha(table, distance="ordinal").alpha)
    assert whole.method.startswith("Krippendorff's alpha, ")
    assert whole.n == 10


def test_one_rater_agrees_with_nobody(cell: Cell, page: Page, tmp_path: Path) -> None:
    (whole,) = agreement(rated(cell, page, tmp_path, FIRST), by_parts=False)
    assert (whole.value, whole.low, whole.n) == (None, None, 0)
    assert "none: no unit has two ratings" in whole.method


def test_what_one_of_two_left_open_does_not_count() -> None:
    assert among([[1.0, 2.0, None, 4.0], [1.0, 3.0, 3.0, 4.0]])[:5] == among([[1.0, 2.0, 4.0], [1.0, 3.0, 4.0]])[:5]


def test_three_physicians_of_k_qa_agree_as_published(real: Path) -> None:
    path = real / "k_qa" / "NLI_medical_annotator.csv"
    with open(path, encoding="utf-8", newline="") as file:
        labels = [[row[f"label_{n}"] for n in range(3)] for row in csv.DictReader(file)]
    kinds = sorted({label for row in labels for label in row})
    found = fleiss([[Counter(row)[kind] for kind in kinds] for row in labels])
    assert (round(found.value, 4), found.n) == (0.7189, 399)
    # Of the same table alpha is Fleiss' kappa with a correction for its size.
    alpha = krippendorff(list(zip(*labels, strict=True)))
    assert alpha.value == pytest.approx(1 - (1 - found.value) * (3 * 399 - 1) / (3 * 399))


def test_parts_that_are_all_there_is_are_told_once(cell: Cell, page: Page) -> None:
    cell("one", answers(4)[::2])
    assert [*parts(page("one")[0].key)] == ["all"]


def test_an_item_that_several_rated_is_one_item(cell: Cell, page: Page, tmp_path: Path) -> None:
    (told,) = results(rated(cell, page, tmp_path, FIRST, SECOND))
    assert told.value == pytest.approx(sum(map(int, FIRST + SECOND)) / 20)
    assert (told.n, told.method) == (10, "student")
    (best,) = results(rated(cell, page, tmp_path, ("5",) * 9 + ("4",)))
    assert best.high == 5


def test_two_entries_are_told_as_wins_of_the_first_wherever_it_stood(cell: Cell, page: Page, tmp_path: Path) -> None:
    cell("one", answers(20, "Rest."))
    cell("two", answers(20, "Sleep."))
    drawn, _ = page("one", "two", criteria="safe")
    sides = {hidden.sample: hidden.sides for hidden in drawn.key.items.values()}

    def first_but_for_five(sample: str) -> dict[str, str]:
        number = int(sample[1:])
        wanted = 0 if number < 12 else 1
        grade = "tie" if number >= 17 else "AB"[sides[sample].index(wanted)]
        return {"safe": grade, "overall": "tie"}

    paths = [handed_back(tmp_path / f"{name}.json", drawn, name, first_but_for_five) for name in ("x", "y")]
    one, both = [Rated(drawn.key, collected(paths[:count], drawn.key)) for count in (1, 2)]
    safe, overall = results(one)
    assert (safe.counts, safe.value, safe.n) == ((12, 3, 5), (12 + 1.5) / 20, 20)
    assert (overall.counts, overall.value) == ((0, 20, 0), 0.5)
    again, _ = results(both)
    assert (again.counts, again.value, again.n, again.method) == (
        (24, 6, 10),
        safe.value,
        20,
        "student over 20 clusters",
    )
    assert (again.low, again.high) == pytest.approx((safe.low, safe.high)), "the same said twice is no more"
    assert {*grades_of(one, "safe")[0].values()} == {1.0, 0.0, -1.0}
