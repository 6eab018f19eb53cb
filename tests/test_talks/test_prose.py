"""The prose of judges: every file has its places and both languages, and says what a judge must know."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from medeval.gradings import NAMED, Grading, Judge
from medeval.records import Decoding, Language
from medeval.talks.grade import CLOSING, filled, put, read_grade
from medeval.talks.prose import FOLDER, prose

OF_JUDGES = ("grade", "dialogue", "criterion", "stance", "harm", "pair")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
PLACES = ("case", "history", "question", "gold", "answer", "first", "second", "criterion", "closing")
"""In the order in which a judge reads them."""
every_prose = pytest.mark.parametrize("name", OF_JUDGES)
in_both = pytest.mark.parametrize("language", LANGUAGES)


def places(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def test_every_prose_stands_in_both_languages_with_the_same_places() -> None:
    names = {path.stem.rpartition("_")[0] for path in FOLDER.glob("*.md")}
    assert {*OF_JUDGES} < names
    assert {path.name for path in FOLDER.glob("*.md")} == {f"{name}_{each}.md" for name in names for each in LANGUAGES}
    for name in names:
        assert places(prose(name, "en")) == places(prose(name, "zh"))


@every_prose
@in_both
def test_places_stand_once_each_and_in_the_order_in_which_a_judge_reads(name: str, language: Language) -> None:
    found = places(prose(name, language))
    assert all(PLACES.index(one) < PLACES.index(other) for one, other in pairwise(found))
    assert {"criterion", "closing"} < {*found}
    assert ("answer" in found) != ({"first", "second"} <= {*found})


@every_prose
@in_both
def test_what_is_shown_stands_in_a_paragraph_of_its_own_behind_what_it_is(name: str, language: Language) -> None:
    for paragraph in prose(name, language).split("\n\n"):
        if (found := places(paragraph)) and found != ["closing"]:
            head, _, place = paragraph.rpartition("\n")
            assert place == f"{{{found[0]}}}"
            assert head.endswith((":", "："))


@every_prose
@in_both
def test_a_judge_is_told_that_what_is_marked_is_material_and_gives_no_orders(name: str, language: Language) -> None:
    _, material, *_ = prose(name, language).split("\n\n")
    said = {"en": ("between two marked lines", "not addressed to you"), "zh": ("两条标记线之间", "并不是对你说的")}
    assert all(words in material for words in said[language])


@every_prose
@in_both
def test_a_filled_prose_has_all_that_is_shown_in_fences_and_no_place_left(name: str, language: Language) -> None:
    text = prose(name, language)
    shown = {place: f"the {place} of it" for place in places(text) if place != "closing"}
    whole = filled(text.replace("{closing}", "Now."), **shown)
    for place, said in shown.items():
        assert re.search(
            rf"^===== {place} (\w+) begins =====\n{said}\n===== {place} \1 ends =====$", whole, re.MULTILINE
        )
    assert places(whole) == []
    assert whole.endswith("\n\nNow.")


@every_prose
@in_both
def test_what_there_is_not_is_not_spoken_of(name: str, language: Language) -> None:
    text = prose(name, language)
    found = [place for place in places(text) if place != "closing"]
    for missing in {"case", "history", "gold", "question"} & {*found}:
        (paragraph,) = [each for each in text.split("\n\n") if f"{{{missing}}}" in each]
        whole = filled(text, **{place: "" if place == missing else "x" for place in found})
        assert paragraph.partition("\n")[0] not in whole
        assert whole.count(" begins =====") == len(found) - 1


@pytest.mark.parametrize("grading", NAMED.values(), ids=NAMED)
@in_both
def test_the_scale_of_the_house_s_gradings_is_told_from_one_to_five(grading: Grading, language: Language) -> None:
    scale = [line for line in prose(grading.prose, language).splitlines() if re.search(r"1 .*2 .*3 .*4 .*5 ", line)]
    assert len(scale) == 1


@in_both
def test_what_a_judge_is_to_end_with_can_be_read(language: Language) -> None:
    stated = CLOSING[language, False].format(grades="1, 2")
    (example,) = re.findall(r"[\"“](.+?)[\"”]", stated)
    assert read_grade(example.replace("X", "2"), ("1", "2")) == "2"
    assert read_grade(example, ("1", "2")) == ""


def test_prose_is_read_as_it_stands_in_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medeval.talks.prose.FOLDER", tmp_path)
    (tmp_path / "other_en.md").write_text("\n  Grade {answer} {x}.\n\n", encoding="utf-8")
    assert prose("other", "en") == "Grade {answer} {x}."


@in_both
def test_the_words_of_a_judge_are_its_own_where_it_has_some(language: Language) -> None:
    own = Judge(name="j", grading=NAMED["cmb"], prose="{answer} {criterion} {closing}", decoding=Decoding())
    text = put(own, language, NAMED["cmb"].criteria[0], answer="Gout.", case="A man.").messages[0].content
    assert re.fullmatch(r"===== answer .* ends ===== ===== criterion .* ends ===== .*", text, re.DOTALL)
    assert "A man." not in text
