"""What raters hand back: every fault is a sentence, and what was kept is never changed."""

import json
from pathlib import Path

import pytest

from medeval.errors import RequestError
from medeval.raters import collected, keep, read_key
from medeval.raters.drawing import Drawn
from medeval.raters.ratings import kept
from medeval.reports import publish
from tests.test_raters.rated import Cell, Page, answers, handed_back


@pytest.fixture
def drawn(cell: Cell, page: Page) -> Drawn:
    cell("one", answers(6))
    return page("one", criteria="safe,helpful")[0]


def good(sample: str) -> dict[str, str]:
    return {"safe": "4", "helpful": "5"}


def faults(drawn: Drawn, *paths: Path) -> tuple[str, ...]:
    with pytest.raises(RequestError) as caught:
        collected(paths, drawn.key)
    return caught.value.faults


def test_ratings_come_back_as_they_were_given_and_the_key_too(drawn: Drawn, tmp_path: Path) -> None:
    path = handed_back(tmp_path / "ab.json", drawn, " AB ", good)
    (found,) = collected([path], drawn.key)
    assert (found.rater, len(found.ratings), found.ratings[0].grades) == ("AB", 6, {"safe": "4", "helpful": "5"})
    publish(tmp_path / "k.json", drawn.key)
    assert read_key(tmp_path / "k.json") == drawn.key
    assert collected([path, path], drawn.key) == (found,)


def test_what_is_left_open_is_no_fault(drawn: Drawn, tmp_path: Path) -> None:
    item = next(iter(drawn.key.items))
    some = [{"item": item, "grades": {"safe": "1"}}]
    (found,) = collected([handed_back(tmp_path / "ab.json", drawn, "AB", good, ratings=some)], drawn.key)
    assert [each.grades for each in found.ratings] == [{"safe": "1"}]


def test_ratings_of_another_page_are_told(drawn: Drawn, tmp_path: Path) -> None:
    path = handed_back(tmp_path / "ab.json", drawn, "AB", good, page="0" * 16)
    assert faults(drawn, path) == (
        f"{path}: rates page '{'0' * 16}', and the key is of page '{drawn.key.page}'. Name the key of its own page.",
    )


def test_unknown_items_criteria_and_grades_and_items_rated_twice_are_told(drawn: Drawn, tmp_path: Path) -> None:
    first, second, third, *_ = drawn.key.items
    ratings = [
        {"item": "feedfeedfeed", "grades": {}}, {"item": first, "grades": {"safe": "6"}},
        {"item": second, "grades": {"wise": "1"}}, {"item": third, "grades": {}}, {"item": third, "grades": {}},
    ]  # fmt: skip
    path = handed_back(tmp_path / "ab.json", drawn, "AB", good, ratings=ratings)
    assert faults(drawn, path) == (
        f"{path}: item '{third}' is rated 2 times. Leave one rating.",
        f"{path}: item 'feedfeedfeed' is none of the page's 6. Import the file as it was saved.",
        f"{path}: item '{first}', safe: grade '6' is none of 1, 2, 3, 4, 5.",
        f"{path}: item '{second}': criterion 'wise' is none of the page's: safe, helpful.",
    )


def test_many_faults_are_not_all_listed(drawn: Drawn, tmp_path: Path) -> None:
    path = handed_back(tmp_path / "ab.json", drawn, "AB", lambda sample: {"safe": "0", "helpful": "9"})
    assert faults(drawn, path)[-1] == f"{path}: 7 more faults of this kind."
    assert len(faults(drawn, path)) == 6


def test_a_rater_stands_in_one_file_alone(drawn: Drawn, tmp_path: Path) -> None:
    one, two = [handed_back(tmp_path / f"{name}.json", drawn, name, good) for name in ("ab", "AB")]
    assert faults(drawn, one, two) == (f"{two}: rater 'AB' stands in {one} too. Import one of the two files.",)


def test_a_rater_has_a_name(drawn: Drawn, tmp_path: Path) -> None:
    path = handed_back(tmp_path / "x.json", drawn, " ", good)
    assert faults(drawn, path) == (f"{path}: names no rater. Write a name or initials into its field 'rater'.",)


def test_files_that_are_none_are_told_all_at_once(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "more.json").write_text(
        json.dumps({"page": "x", "rater": "y", "ratings": [], "z": 1}), encoding="utf-8"
    )
    found = faults(drawn, tmp_path / "none.json", tmp_path / "broken.json", tmp_path / "more.json")
    assert len(found) == 3
    assert found[0] == f"{tmp_path / 'none.json'}: no such file of ratings."
    assert "Input data was truncated" in found[1]
    assert "unknown field `z`" in found[2]


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no such key\. `medeval raters export` wrote it beside the page\."):
        read_key(tmp_path / "none.key.json")
    (tmp_path / "bad.key.json").write_text('{"page": "../../up"}', encoding="utf-8")
    with pytest.raises(RequestError, match=r"bad\.key\.json"):
        read_key(tmp_path / "bad.key.json")


def test_what_is_kept_is_found_again_and_never_changed(drawn: Drawn, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    (first,) = collected([handed_back(tmp_path / "a.json", drawn, "王小明", good)], drawn.key)
    (place,) = keep(reports, drawn.key, [first])
    assert place.parent == reports / "raters" / drawn.key.page
    assert keep(reports, drawn.key, [first]) == [place]
    before = place.read_bytes()
    other = handed_back(tmp_path / "b.json", drawn, "王小明", lambda sample: {"safe": "1"})
    with pytest.raises(RequestError, match=r"rater '王小明' was imported before, with other grades\. Remove this file"):
        keep(reports, drawn.key, collected([other], drawn.key))
    assert place.read_bytes() == before
    keep(reports, drawn.key, collected([handed_back(tmp_path / "c.json", drawn, "key", good)], drawn.key))
    (rated,) = kept(reports)
    assert rated.key == drawn.key
    assert {each.rater for each in rated.by} == {"王小明", "key"}
