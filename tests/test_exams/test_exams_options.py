"""Options as they stand in cells: a column each, or all in one."""

import pytest

from medeval.exams.options import bare, listed

PAIN = ["Paracetamol", "Ibuprofen", "Morphine"]
ZH = ["对乙酰氨基酚", "布洛芬", "吗啡"]


@pytest.mark.parametrize(
    "cell",
    [
        "A. Paracetamol\nB. Ibuprofen\nC. Morphine",
        "A. Paracetamol B. Ibuprofen C. Morphine",
        "A.Paracetamol; B.Ibuprofen; C.Morphine",
        "A) Paracetamol\nB) Ibuprofen\nC) Morphine",
        "(A) Paracetamol (B) Ibuprofen (C) Morphine",
        "A: Paracetamol, B: Ibuprofen, C: Morphine",
        "[A] Paracetamol\n[B] Ibuprofen\n[C] Morphine",
        "  A . Paracetamol\n\n  B . Ibuprofen\n  C . Morphine\n",
        "Paracetamol\nIbuprofen\n\nMorphine",
        ["Paracetamol", "Ibuprofen", "Morphine"],
        ["A. Paracetamol", "B. Ibuprofen", "C. Morphine"],
        {"A": "Paracetamol", "B": "Ibuprofen", "C": "Morphine"},
        {"C": "Morphine", "B": "Ibuprofen", "A": "Paracetamol"},
        {"a": "Paracetamol", "b": "Ibuprofen", "c": "Morphine"},
    ],
)
def test_options_in_one_cell_are_parted(cell: object) -> None:
    assert listed(cell) == PAIN


@pytest.mark.parametrize(
    "cell",
    [
        "A、对乙酰氨基酚\nB、布洛芬\nC、吗啡",
        "A、对乙酰氨基酚；B、布洛芬；C、吗啡",
        "A．对乙酰氨基酚 B．布洛芬 C．吗啡",
        "A）对乙酰氨基酚\nB）布洛芬\nC）吗啡",
        "（A）对乙酰氨基酚 （B）布洛芬 （C）吗啡",
        "【A】对乙酰氨基酚\n【B】布洛芬\n【C】吗啡",
        "A：对乙酰氨基酚，B：布洛芬，C：吗啡",
        "A. 对乙酰氨基酚\u3000B. 布洛芬\u3000C. 吗啡",
        "对乙酰氨基酚\n布洛芬\n吗啡",
    ],
)
def test_chinese_marks_part_options_too(cell: str) -> None:
    assert listed(cell) == ZH


def test_letters_that_belong_to_the_text_stay_in_it() -> None:
    assert listed("A. Vitamin A B. Vitamin B C. Vitamins A and B") == ["Vitamin A", "Vitamin B", "Vitamins A and B"]
    assert listed("A. E. coli B. A. baumannii C. S. aureus") == ["E. coli", "A. baumannii", "S. aureus"]
    assert listed("A. 2.5 mg B. 5 mg C. 10 mg") == ["2.5 mg", "5 mg", "10 mg"]
    assert listed("A. one\nand more of it\nB. two") == ["one\nand more of it", "two"]


def test_options_of_a_line_each_are_parted_at_lines_only() -> None:
    cell = "A. A marker of hepatitis B: HBsAg\nB. A marker of hepatitis C: anti-HCV\nC. Neither"
    assert listed(cell) == ["A marker of hepatitis B: HBsAg", "A marker of hepatitis C: anti-HCV", "Neither"]


def test_marks_in_no_order_are_refused() -> None:
    for cell, marks in {
        "A. paracetamol\nB. ibuprofen\nB. morphine\nC. codeine": "A, B, B, C", "A. x\nC. y\nD. z": "A, C, D",
        "B. x\nA. y": "B, A", "1. x\n3. y": "1, 3",
    }.items():  # fmt: skip
        with pytest.raises(ValueError, match=f"the marks of the options are {marks}, which is no order"):
            listed(cell)


@pytest.mark.parametrize(
    "cell", ["A. Paracetamol  B. Ibuprofen\nC. Morphine", "A、Paracetamol B、Ibuprofen\nC、Morphine"]
)
def test_two_options_may_stand_in_a_line(cell: str) -> None:
    assert listed(cell) == PAIN


def test_vitamins_are_no_marks() -> None:
    assert listed("A、维生素B、叶酸 B、维生素C、铁 C、都不是") == ["维生素B、叶酸", "维生素C、铁", "都不是"]


@pytest.mark.parametrize("cell", ["A.对乙酰氨基酚B.布洛芬C.吗啡", "（A）对乙酰氨基酚（B）布洛芬（C）吗啡"])
def test_chinese_options_may_follow_each_other_without_a_blank(cell: str) -> None:
    assert listed(cell) == ZH


@pytest.mark.parametrize("cell", ["Paracetamol; Ibuprofen; Morphine", "Paracetamol | Ibuprofen | Morphine"])
def test_bars_and_semicolons_part_a_single_line(cell: str) -> None:
    assert listed(cell) == PAIN
    assert listed("one; two\nthree; four") == ["one; two", "three; four"]


@pytest.mark.parametrize("cell", ["", "   ", "\n\n", [], {}])
def test_nothing_is_no_option(cell: object) -> None:
    assert listed(cell) == []


def test_an_empty_option_of_a_list_keeps_its_place() -> None:
    assert listed(["x", "", "z"]) == ["x", "", "z"]
    assert listed("A. x\nB.\nC. z") == ["x", "", "z"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"B": "x", "C": "y"}, ["", "x", "y"]),
        ({"A": "x", "C": "z"}, ["x", "", "z"]),
        ({str(number): f"o{number}" for number in range(1, 12)}, [f"o{number}" for number in range(1, 12)]),
    ],
)
def test_the_letters_of_a_mapping_are_kept(cell: dict[str, str], expected: list[str]) -> None:
    assert listed(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        [{"key": "A", "value": "x"}, {"key": "B", "value": "y"}],
        [{"label": "b", "text": "y"}, {"label": "a", "text": "x"}],
        [{"id": "1", "content": "x"}, {"id": "2", "content": "y"}],
        [{"letter": "A", "option": "x"}, {"letter": "B", "option": "y"}],
        {"opa": "x", "opb": "y"}, {"0": "x", "1": "y"},
    ],
)  # fmt: skip
def test_options_that_are_fields_of_their_own_are_understood(cell: object) -> None:
    assert listed(cell) == ["x", "y"]


def test_options_with_fields_that_nobody_knows_are_refused() -> None:
    with pytest.raises(ValueError, match="an option has the fields mark, words, and none of them is a key and a text"):
        listed([{"mark": "A", "words": "x"}])


# --- a column each ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        ["A. Paracetamol", "B. Ibuprofen", "C. Morphine"], ["A) Paracetamol", "B) Ibuprofen", "C) Morphine"],
        ["(A) Paracetamol", "(B) Ibuprofen", "(C) Morphine"], ["A：Paracetamol", "B：Ibuprofen", "C：Morphine"],
        ["A、Paracetamol", "B、Ibuprofen", "C、Morphine"], ["A．Paracetamol", "B. Ibuprofen", "C:Morphine"],
    ],
)  # fmt: skip
def test_letters_that_every_option_begins_with_are_taken_away(texts: list[str]) -> None:
    assert bare(texts) == PAIN
    assert bare([*texts, ""]) == [*PAIN, ""]


@pytest.mark.parametrize(
    "texts",
    [
        ["A. Paracetamol", "Ibuprofen"], ["E. coli", "S. aureus"], ["B. fragilis", "A. baumannii"], ["A", "B"],
        ["Acetylcysteine", "Buspirone"], ["", ""], [],
    ],
)  # fmt: skip
def test_what_only_looks_like_letters_stays(texts: list[str]) -> None:
    assert bare(texts) == texts


@pytest.mark.parametrize(
    "cell", ["a. Paracetamol\nb. Ibuprofen\nc. Morphine", "1. Paracetamol\n2. Ibuprofen\n3. Morphine"]
)
def test_small_letters_and_numbers_are_taken_away_too(cell: str) -> None:
    assert listed(cell) == PAIN
