"""Arranging: options dealt out, samples drawn."""

from collections import Counter

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered, limited, shuffled
from medeval.records import ChoiceSample, Option

# --- shuffling ---


def question(number: int, *texts: str, target: tuple[str, ...] = ("A",)) -> ChoiceSample:
    return ChoiceSample(id=str(number), question="Which?", options=lettered(texts), target=target)


def text_of(sample: ChoiceSample) -> dict[str, str]:
    return {option.label: option.text for option in sample.options}


def orders(*texts: str) -> set[tuple[str, ...]]:
    dealt = [shuffled(question(number, *texts), "0") for number in range(300)]
    assert {sample.labels for sample in dealt} == {tuple("ABCDEFGH"[: len(texts)])}
    return {tuple(text_of(sample).values()) for sample in dealt}


def test_the_same_seed_deals_the_same_and_another_seed_another_order() -> None:
    samples = [question(number, "red", "green", "blue", "grey") for number in range(20)]
    deals = {seed: [shuffled(sample, seed) for sample in samples] for seed in ("0", "1")}
    assert deals["0"] == [shuffled(sample, "0") for sample in samples]
    assert deals["0"] != deals["1"]


def test_the_target_follows_its_text() -> None:
    places = set()
    for number in range(200):
        dealt = shuffled(question(number, "red", "green", "blue", "grey", target=("C",)), "0")
        assert [text_of(dealt)[label] for label in dealt.target] == ["blue"]
        places |= set(dealt.target)
    assert places == set("ABCD")


def test_a_set_of_targets_follows_its_texts_in_the_order_of_the_labels() -> None:
    for number in range(200):
        dealt = shuffled(question(number, "red", "green", "blue", "grey", "pink", target=("B", "D", "E")), "0")
        assert {text_of(dealt)[label] for label in dealt.target} == {"green", "grey", "pink"}
        assert list(dealt.target) == sorted(dealt.target)


def test_every_free_option_reaches_every_free_place() -> None:
    assert len(orders("red", "green", "blue", "grey")) == 24


@pytest.mark.parametrize(
    "anchor",
    [
        "All of the above",
        "None of these",
        "none of the above.",
        "Both of the above",
        "None",
        "ALL",
        "以上都是",
        "以上均不对",
    ],
)
def test_a_last_word_about_the_others_keeps_its_place(anchor: str) -> None:
    found = orders("red", "green", "blue", anchor)
    assert {order[3] for order in found} == {anchor}
    assert len(found) == 6


def test_an_anchor_in_the_middle_keeps_its_place_and_the_others_move_around_it() -> None:
    found = orders("red", "All of the above", "blue", "grey")
    assert {order[1] for order in found} == {"All of the above"}
    assert len(found) == 6


def test_an_option_that_its_task_anchors_keeps_its_place() -> None:
    fixed = Option(label="B", text="unsure", anchored=True)
    free = question(0, "yes", "unsure", "no")
    for seed in "0123456789":
        options = shuffled(replace(free, options=(free.options[0], fixed, free.options[2])), seed).options
        assert options[1] == fixed


@pytest.mark.parametrize(
    "naming",
    ["Both A and B", "a, c", "A & B", "(A) and (C)", "Neither A nor B", "Both BC", "1 and 2", "Options A and D"],
)
def test_an_item_with_an_option_that_names_others_stays_as_it_is(naming: str) -> None:
    assert orders("red", "green", "blue", naming) == {("red", "green", "blue", naming)}


@pytest.mark.parametrize("plain", ["Vitamin A and E", "A 5 mg dose", "5 mg, 10 mg", "Allopurinol", "A and more"])
def test_a_text_with_a_letter_in_it_moves_like_any_other(plain: str) -> None:
    assert len(orders("red", "green", plain)) == 6


@pytest.mark.parametrize("naming", ["A和B", "A、C", "A+B", "A/B"])
def test_an_item_with_an_option_that_names_others_by_a_mark_stays_as_it_is(naming: str) -> None:
    assert orders("red", "green", "blue", naming) == {("red", "green", "blue", naming)}


def test_a_chinese_last_word_about_what_stands_before_keeps_its_place() -> None:
    assert {order[3] for order in orders("red", "green", "blue", "上述都是")} == {"上述都是"}


# --- drawing ---


def exam_of(**sizes: int) -> list[ChoiceSample]:
    parts = [part for part, size in sizes.items() for _ in range(size)]
    return [replace(question(number, "x", "y"), slices={"part": part}) for number, part in enumerate(parts)]


@pytest.mark.parametrize(
    ("sizes", "limit", "takes"),
    [
        ({"a": 60, "b": 30, "c": 10}, 10, {"a": 6, "b": 3, "c": 1}),
        ({"a": 5, "b": 3, "c": 2}, 4, {"a": 2, "b": 1, "c": 1}),  # 2.0, 1.2, 0.8
        # The example of Wikipedia, "Quota method", in hundredths.
        ({"a": 470, "b": 160, "c": 158, "d": 120, "e": 61, "f": 31}, 10, {"a": 5, "b": 2, "c": 1, "d": 1, "e": 1}),
        ({"a": 9, "b": 1}, 1, {"a": 1}),
    ],
)
def test_slices_are_drawn_in_proportion_by_largest_remainder(
    sizes: dict[str, int], limit: int, takes: dict[str, int]
) -> None:
    drawn = limited(exam_of(**sizes), limit, seed=0)
    assert Counter(sample.slices["part"] for sample in drawn) == takes


@pytest.mark.parametrize("limit", range(1, 12))
def test_exactly_so_many_are_drawn(limit: int) -> None:
    assert len(limited(exam_of(a=5, b=3, c=3), limit, seed=0)) == limit


def test_the_same_seed_draws_the_same_and_another_seed_another_part() -> None:
    samples = exam_of(a=60, b=40)
    assert limited(samples, 10, seed=0) == limited(samples, 10, seed=0)
    assert limited(samples, 10, seed=0) != limited(samples, 10, seed=1)


def test_what_is_drawn_stays_in_its_order() -> None:
    samples = exam_of(a=20, b=20)
    drawn = limited(samples[::-1], 15, seed=0)
    assert [int(sample.id) for sample in drawn] == sorted([int(sample.id) for sample in drawn], reverse=True)


def test_every_sample_is_drawn_by_some_seed() -> None:
    samples = exam_of(a=8)
    assert {sample.id for seed in range(40) for sample in limited(samples, 2, seed)} == {str(n) for n in range(8)}


@pytest.mark.parametrize("limit", [4, 5, 1000])
def test_a_limit_that_none_exceeds_takes_all(limit: int) -> None:
    samples = exam_of(a=3, b=1)
    assert limited(samples, limit, seed=0) == tuple(samples)
