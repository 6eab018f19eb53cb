"""What is drawn for a page: in proportion, by seed, blind, and only where there is something to rate."""

from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.errors import RequestError
from medeval.gradings import NAMED, SURVEY
from medeval.raters.drawing import chosen
from tests.test_raters.rated import NOBODY, Cell, Page, answers, exchanged, line


def test_slices_are_drawn_in_proportion_and_in_an_order_of_the_seed(cell: Cell, page: Page) -> None:
    cell("one", answers(40))
    drawn, _ = page("one", count=10)
    hidden = list(drawn.key.items.values())
    assert Counter(each.slices["specialty"] for each in hidden) == {"x": 5, "y": 5}
    order = [each.sample for each in hidden]
    assert order != sorted(order, key=lambda name: int(name[1:]))
    assert [each.sample for each in page("one", count=10, seed=1)[0].key.items.values()] != order
    assert [each.id for each in drawn.items] == list(drawn.key.items)


def test_the_same_seed_gives_the_same_bytes(cell: Cell, page: Page) -> None:
    cell("one", answers(12))
    cell("two", answers(12, "Sleep."))
    for entries in (("one",), ("one", "two")):
        (first, html), (second, again) = page(*entries, count=8), page(*entries, count=8)
        assert (first.key, html) == (second.key, again)
        assert page(*entries, count=8, seed=1)[1] != html


def test_sides_are_swapped_by_seed_and_the_key_knows(cell: Cell, page: Page) -> None:
    cell("one", answers(40, "Rest."))
    cell("two", answers(40, "Sleep."))
    drawn, _ = page("one", "two", count=40)
    sides = Counter(hidden.sides for hidden in drawn.key.items.values())
    assert set(sides) == {(0, 1), (1, 0)}
    assert min(sides.values()) >= 10
    for shown in drawn.items:
        texts = [side[-1].text for side in shown.sides]
        assert texts == [("Rest.", "Sleep.")[place] for place in drawn.key.items[shown.id].sides]


def test_what_one_entry_could_not_answer_is_passed_over(cell: Cell, page: Page) -> None:
    cell("one", [*answers(3), line("q3", exchanged("Question 3?", NOBODY), status="engine_error")])
    cell("two", answers(4)[1:])
    drawn, _ = page("one", "two")
    assert {hidden.sample for hidden in drawn.key.items.values()} == {"q1", "q2"}
    assert drawn.passed_over == 2


def test_only_the_first_take_of_a_sample_is_rated(cell: Cell, page: Page) -> None:
    cell("one", [each for first in answers(3) for each in (first, replace(first, repeat=1), replace(first, variant=1))])
    assert len(page("one")[0].items) == 3


def test_the_language_of_the_page_is_that_of_most_samples_or_the_one_wished_for(cell: Cell, page: Page) -> None:
    cell("one", [line(f"{n}", exchanged("孩子发热两天，怎么办？", "多喝水。")) for n in range(3)])
    assert page("one")[0].language == "zh"
    assert page("one", language="en")[0].language == "en"
    assert {hidden.language for hidden in page("one")[0].key.items.values()} == {"zh"}


def test_criteria_are_those_of_a_grading_or_named_one_by_one(cell: Cell, page: Page) -> None:
    assert chosen("survey") == ("answer", SURVEY.criteria)
    assert chosen("disc") == ("dialogue", NAMED["disc"].criteria)
    per, found = chosen("safe, fluency")
    assert (per, [each.name for each in found]) == ("answer", ["safe", "fluency"])
    cell("one", answers(2))
    cell("two", answers(2))
    pair = page("one", "two", criteria="safe")[0].key
    assert ([each.name for each in pair.criteria], pair.grades) == (["safe", "overall"], ("A", "tie", "B"))
    alone = page("one", criteria="safe")[0].key
    assert ([each.name for each in alone.criteria], alone.grades) == (["safe"], ("1", "2", "3", "4", "5"))


@pytest.mark.parametrize("said", ["wise", "", "safe,safe", "safe,wise"])
def test_criteria_that_are_none_are_told_with_all_there_are(said: str) -> None:
    with pytest.raises(RequestError, match="name survey, cmb, disc, or some of these, each once: professional, safe"):
        chosen(said)


def test_an_answer_and_a_whole_dialogue_are_not_rated_on_one_page() -> None:
    with pytest.raises(RequestError, match="others about a whole dialogue"):
        chosen("safe,proactivity")


@pytest.mark.parametrize("entries", [(), ("one", "one"), ("one", "two", "three")])
def test_one_entry_or_two_different_ones_are_named(page: Page, entries: tuple[str, ...]) -> None:
    with pytest.raises(RequestError, match="name one entry, or two different ones"):
        page(*entries)


def test_entries_that_answered_other_samples_are_not_compared(cell: Cell, page: Page) -> None:
    cell("one", answers(2))
    cell("two", answers(2), data="d2")
    with pytest.raises(RequestError, match="one and two did not answer the same samples of talk"):
        page("one", "two")


def test_what_is_not_there_or_not_written_or_not_clear_is_told(cell: Cell, page: Page, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no run of talk there"):
        page("one")
    cell("letters", answers(2), style="letters")
    with pytest.raises(RequestError, match="style 'letters', in which nothing is written"):
        page("letters")
    cell("gone", [line("q", exchanged("?", NOBODY), status="engine_error")])
    with pytest.raises(RequestError, match="no sample there has an answer"):
        page("gone")
    with pytest.raises(RequestError, match="at least one sample"):
        page("gone", count=0)
    (cell("begun", answers(1)) / "samples.jsonl").unlink()
    with pytest.raises(RequestError, match=r"the run was not finished\. `medeval run` goes on"):
        page("begun")
    cell("twice", answers(2), name="talk@written")
    cell("twice", answers(1), name="talk@written,limit1")
    with pytest.raises(RequestError, match="several runs of talk: talk@written, talk@written,limit1"):
        page("twice")
    assert len(page("twice", task="talk@written")[0].items) == 2
