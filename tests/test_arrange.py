"""Arranging: options dealt out, samples drawn."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medeval.arrange import drawn, lettered, limited, rotated, shuffled, words
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
        assert options[1] == replace(fixed, origin="B")


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


def origins(sample: ChoiceSample) -> dict[str, str]:
    return {option.label: option.origin for option in sample.options}


def test_every_option_tells_the_label_that_its_text_had_before() -> None:
    for number in range(50):
        asked = question(number, "red", "green", "blue", "All of the above", target=("C",))
        dealt = shuffled(asked, "0")
        for option in dealt.options:
            assert option.text == text_of(asked)[option.origin]
        assert origins(dealt)["D"] == "D"
        assert [origins(dealt)[label] for label in dealt.target] == ["C"]
    assert set(origins(asked).values()) == {""}


# --- turning ---


def test_every_turn_moves_the_texts_one_place_up_and_the_first_to_the_end() -> None:
    turns = rotated(question(0, "red", "green", "blue", "grey", target=("C",)))
    assert [list(text_of(turn).values()) for turn in turns] == [
        ["red", "green", "blue", "grey"],
        ["green", "blue", "grey", "red"],
        ["blue", "grey", "red", "green"],
        ["grey", "red", "green", "blue"],
    ]
    assert [turn.labels for turn in turns] == [("A", "B", "C", "D")] * 4
    assert [turn.target for turn in turns] == [("C",), ("B",), ("A",), ("D",)]
    assert ["".join(origins(turn).values()) for turn in turns] == ["ABCD", "BCDA", "CDAB", "DABC"]
    assert {turn.id for turn in turns} == {"0"}


def test_a_set_of_targets_turns_with_its_texts_in_the_order_of_the_labels() -> None:
    turns = rotated(question(0, "red", "green", "blue", target=("A", "C")))
    assert [turn.target for turn in turns] == [("A", "C"), ("B", "C"), ("A", "B")]


def test_an_anchored_option_keeps_its_place_and_the_others_turn_around_it() -> None:
    turns = rotated(question(0, "red", "All of the above", "blue", "grey", target=("D",)))
    assert [tuple(text_of(turn).values()) for turn in turns] == [
        ("red", "All of the above", "blue", "grey"),
        ("blue", "All of the above", "grey", "red"),
        ("grey", "All of the above", "red", "blue"),
    ]
    assert [turn.target for turn in turns] == [("D",), ("C",), ("A",)]
    assert ["".join(origins(turn).values()) for turn in turns] == ["ABCD", "CBDA", "DBAC"]


def test_a_target_that_is_anchored_stays_the_target_in_every_turn() -> None:
    turns = rotated(question(0, "red", "green", "blue", "以上都是", target=("D",)))
    assert [turn.target for turn in turns] == [("D",)] * 3


def still(asked: ChoiceSample) -> ChoiceSample:
    """The same question, whose options say that they have stayed where they were."""
    return replace(asked, options=tuple([replace(option, origin=option.label) for option in asked.options]))


@pytest.mark.parametrize("naming", ["Both A and B", "A和B", "Both BC", "Only A"])
def test_an_item_with_an_option_that_names_others_has_one_turn(naming: str) -> None:
    stuck = question(0, "red", "green", "blue", naming, target=("D",))
    assert rotated(stuck) == (still(stuck),)


@pytest.mark.parametrize(
    "asked",
    [
        ChoiceSample(id="0", question="Safe?", options=words("yes", "no", "maybe"), target=("no",)),
        question(0, "red", "None of the above"),
        question(0, "All of the above", "None of the above"),
    ],
    ids=["words", "one is free", "none is free"],
)
def test_where_fewer_than_two_options_are_free_there_is_one_turn(asked: ChoiceSample) -> None:
    assert rotated(asked) == (still(asked),)


@settings(deadline=None)
@given(
    texts=st.lists(st.sampled_from(["red", "green", "blue", "grey", "All of the above", "以上都不是"]), min_size=2,
                   max_size=8),
    right=st.sets(st.integers(0, 7), min_size=1),
)  # fmt: skip
def test_over_all_turns_every_free_text_stands_once_in_every_free_place(texts: list[str], right: set[int]) -> None:
    numbered = [text if " " in text or "以" in text else f"{text} {place}" for place, text in enumerate(texts)]
    labels = "ABCDEFGH"[: len(texts)]
    target = tuple(sorted({labels[place % len(texts)] for place in right}))
    asked = question(0, *numbered, target=target)
    turns = rotated(asked)
    free = [label for label, text in text_of(asked).items() if text[-1].isdigit()]
    assert turns[0] == still(asked)
    assert len(turns) == max(1, len(free))
    for label in labels:
        shown = {text_of(turn)[label] for turn in turns}
        assert shown == ({text_of(asked)[each] for each in free} if label in free else {text_of(asked)[label]})
    for turn in turns:
        assert {origins(turn)[label] for label in turn.target} == set(target)
        assert list(turn.target) == sorted(turn.target)


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
    part = limited(exam_of(**sizes), limit, seed=0)
    assert Counter(sample.slices["part"] for sample in part) == takes


@pytest.mark.parametrize("limit", range(1, 12))
def test_exactly_so_many_are_drawn(limit: int) -> None:
    assert len(limited(exam_of(a=5, b=3, c=3), limit, seed=0)) == limit


def test_the_same_seed_draws_the_same_and_another_seed_another_part() -> None:
    samples = exam_of(a=60, b=40)
    assert limited(samples, 10, seed=0) == limited(samples, 10, seed=0)
    assert limited(samples, 10, seed=0) != limited(samples, 10, seed=1)


def test_what_is_drawn_stays_in_its_order() -> None:
    samples = exam_of(a=20, b=20)
    part = limited(samples[::-1], 15, seed=0)
    assert [int(sample.id) for sample in part] == sorted([int(sample.id) for sample in part], reverse=True)


def test_every_sample_is_drawn_by_some_seed() -> None:
    samples = exam_of(a=8)
    assert {sample.id for seed in range(40) for sample in limited(samples, 2, seed)} == {str(n) for n in range(8)}


@pytest.mark.parametrize("limit", [4, 5, 1000])
def test_a_limit_that_none_exceeds_takes_all(limit: int) -> None:
    samples = exam_of(a=3, b=1)
    assert limited(samples, limit, seed=0) == tuple(samples)


# --- an order drawn by seed ---


def ids(samples: Sequence[ChoiceSample]) -> str:
    return "".join([sample.id for sample in samples])


# `for i in 0 1 2 3 4 5 6 7 8 9; do printf "$seed\n$i" | sha256sum | sed "s/-/$i/"; done | sort`: shown examples are
# part of a protocol, and must be the same for ever.
@pytest.mark.parametrize(("seed", "order"), [("0", "9814670352"), ("1", "6870542913"), ("42", "7802345691")])
def test_the_order_is_that_of_the_hashes_of_seed_and_id(seed: str, order: str) -> None:
    assert ids(drawn(exam_of(a=10), seed)) == order


@settings(deadline=None)
@given(st.permutations(range(10)))
def test_the_order_in_which_samples_came_does_not_matter(places: list[int]) -> None:
    samples = exam_of(a=10)
    assert drawn([samples[place] for place in places], "0") == drawn(samples, "0")


def test_another_seed_draws_another_order_and_every_order_can_be_drawn() -> None:
    samples = exam_of(a=4)
    orders = [ids(drawn(samples, str(seed))) for seed in range(400)]
    assert {"".join(sorted(order)) for order in orders} == {"0123"}
    # Of 24 orders one is missed by 400 fair draws with a chance of 24 * (23/24)**400, one in a million.
    assert len(set(orders)) == 24


def test_of_nothing_nothing_is_drawn() -> None:
    assert drawn([], "0") == ()
