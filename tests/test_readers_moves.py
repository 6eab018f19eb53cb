"""Moves of a doctor: what is a question, a test, an answer, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medeval.readers import Move, read_move
from medeval.readers.moves import Act
from medeval.records import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("TEST: chest X-ray", "test", "chest X-ray"),
        ("test : chest X-ray", "test", "chest X-ray"),
        ("REQUEST TEST: Chest_X-Ray", "test", "Chest_X-Ray"),
        ("**TEST:** CBC", "test", "CBC"),
        ("> *Tests ordered*: CBC, CRP", "test", "CBC, CRP"),
        ("ＴＥＳＴ：CBC", "test", "CBC"),
        ("ANSWER: B", "conclude", "B"),
        ("**Final answer: B**", "conclude", "B"),
        ("### Final Answer: Gout", "conclude", "Gout"),
        ("My answer is B.", "conclude", "B."),
        ("1. ANSWER: B", "conclude", "B"),
        ("It fits.\n\n$\\boxed{B}$", "conclude", "B"),
        ("ABSTAIN", "abstain", ""),
        ("**Abstain.**", "abstain", ""),
        ("I abstain", "abstain", ""),
        ("ABSTAIN: too little is known", "abstain", "too little is known"),
        ("QUESTION: Do you smoke?", "ask", "Do you smoke?"),
        ("Do you smoke?", "ask", "Do you smoke?"),
        ("  Do you smoke?\nHow much?\n", "ask", "Do you smoke?\nHow much?"),
    ],
)
def test_a_mark_tells_the_move(text: str, kind: Act, said: str, language: Language) -> None:
    assert read_move(text, language) == Move(kind=kind, text=said)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("检查：血常规", "test", "血常规"),
        ("申请检查: 胸部CT", "test", "胸部CT"),
        ("**体格检查**：腹部触诊", "test", "腹部触诊"),
        ("答案：Ｂ", "conclude", "Ｂ"),
        ("**答案：B**", "conclude", "B"),
        ("最终答案是B。", "conclude", "B。"),
        ("无法判断", "abstain", ""),
        ("我无法判断。", "abstain", ""),
        ("无法判断：信息不足", "abstain", "信息不足"),
        ("提问：您发烧吗？", "ask", "您发烧吗？"),
        ("您发烧吗？", "ask", "您发烧吗？"),
        ("无法判断您是否发烧，请问体温是多少？", "ask", "无法判断您是否发烧，请问体温是多少？"),
        ("您做过检查吗？", "ask", "您做过检查吗？"),
        ("答案是什么还不清楚，您发烧吗？", "ask", "答案是什么还不清楚，您发烧吗？"),
    ],
)
def test_chinese_marks_tell_the_move(text: str, kind: Act, said: str) -> None:
    assert read_move(text, "zh") == Move(kind=kind, text=said)


@pytest.mark.parametrize(
    "text",
    [
        "The answer is not clear yet: do you smoke?",
        "Has any test been done: an X-ray?",
        "I cannot abstain from asking: do you drink?",
        "Answer the following: do you smoke?",
        "Before I answer: do you smoke?",
        "Which answer would you give? The test: was it painful?",
        "I abstain from judging. Do you smoke?",
    ],
)
def test_a_word_that_does_not_begin_a_line_as_a_mark_is_part_of_a_question(text: str) -> None:
    assert read_move(text, "en") == Move(kind="ask", text=text)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("ANSWER: A, if it were new.\nTEST: CBC", "test", "CBC"),
        ("TEST: CBC\nOr rather at once:\nANSWER: A", "conclude", "A"),
        ("The answer is B or C.\nABSTAIN", "abstain", ""),
        ("ABSTAIN\nQUESTION: Or do you smoke?", "ask", "Or do you smoke?"),
    ],
)
def test_the_last_mark_wins(text: str, kind: Act, said: str) -> None:
    assert read_move(text, "en") == Move(kind=kind, text=said)


@pytest.mark.parametrize(
    ("text", "said"),
    [("TEST:\n- CBC\n- CRP", "- CBC\n- CRP"), ("## TEST:\n\nCBC", "CBC"), ("TEST:", ""), ("TEST: **", "")],
)
def test_what_a_mark_announces_may_stand_below_it_or_nowhere(text: str, said: str) -> None:
    assert read_move(text, "en") == Move(kind="test", text=said)


@pytest.mark.parametrize("text", ["", " \n\t", "<think>ANSWER: A", "<think>ANSWER: A</think>", "<think>a</think>\n "])
def test_nothing_said_is_an_empty_question(text: str) -> None:
    assert read_move(text, "en") == Move(kind="ask", text="")


def test_a_trace_makes_no_move() -> None:
    assert read_move("<think>TEST: CBC\nANSWER: A</think>Do you smoke?", "en") == Move(kind="ask", text="Do you smoke?")
    assert read_move("Thinking.\nANSWER: A</think>\n\nTEST: CBC", "en") == Move(kind="test", text="CBC")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_every_text_is_a_move_and_says_nothing_that_is_not_in_it(text: str, language: Language) -> None:
    assert read_move(text, language).text in text


@pytest.mark.parametrize(
    "text", ["ANSWER" * 20_000, "1. " * 40_000, "\n" * 100_000, "* " * 50_000, "答案" * 40_000, "boxed{" * 20_000]
)
def test_a_long_text_is_read_as_a_short_one(text: str) -> None:
    assert read_move(text + "\nANSWER: B", "zh") == Move(kind="conclude", text="B")
