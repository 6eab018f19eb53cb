"""The readers, against literal replies that other people wrote, and against published numbers."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medeval.readers import HOUSE, MIRAGE, traces
from medeval.records import Answer, ChoiceSample, Option, Response

GOLDENS = Path(__file__).parent / "goldens"
# Written by people who had not seen the reader: first the rules as cases, then cases to break it.
CASES: list[dict[str, Any]] = [
    json.loads(line)
    for name in ("readings.jsonl", "readings_more.jsonl")
    for line in (GOLDENS / name).read_text(encoding="utf-8").splitlines()
]
# What the reader is known not to read, or to read wrongly; a case that is mended must leave this list.
KNOWN = {
    "more-yn-answer-to-question-in-quotes": "a question within the statement",
    "more-yn-letters-opening-text": "yes as the text of an option, at the head of a sentence",
    "more-except-options-correct-then-incorrect": "the question asks for what is wrong, and a reader sees no question",
    "more-zh-asks-wrong-one": "the same in Chinese",
    "more-correct-for-others-preferred-here": "preferred is no word of the list",
    "more-true-false-list": "the false statement is the answer",
    "more-zh-correct-but-not-best": "an option praised in the middle of a sentence",
    "more-lower-bare-text": "a small letter before a text",
    "more-zh-slash-marks": "ticks and crosses in one line",
    "more-multi-boxed-two": "two boxes",
    "more-yn-bold-mid": "a word in bold in the middle of a sentence",
}


def sample(case: dict[str, Any]) -> ChoiceSample:
    texts = case["options"] or {}
    options = [Option(label=label, text=texts.get(label, f"the text of {label}")) for label in case["labels"]]
    return ChoiceSample(id="x", question="?", options=tuple(options), target=("A",), several=case["multiple"])


def reply(case: dict[str, Any]) -> Response:
    text = case["text"] if isinstance(case["text"], str) else case["text"]["repeat"][0] * case["text"]["repeat"][1]
    return Response(text=text, finish="length" if case["cut"] else "stop")


def plain(labels: str = "ABCD") -> ChoiceSample:
    return sample({"options": None, "labels": list(labels), "multiple": False})


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.xfail(reason=KNOWN[case["case"]])] if case["case"] in KNOWN else [])
        for case in CASES
    ],
    ids=lambda case: case["case"],
)
def test_a_literal_reply_is_read_as_a_careful_person_reads_it(case: dict[str, Any]) -> None:
    answer = HOUSE.read(reply(case), sample(case))
    assert list(answer.picked) == (case["picked"] or [])


def test_there_are_many_cases_in_both_languages() -> None:
    chinese = [case for case in CASES if any("\u4e00" <= character <= "\u9fff" for character in str(case["text"]))]
    assert len(CASES) >= 600
    assert len(chinese) >= 150
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert len(KNOWN) <= 11


@pytest.mark.parametrize(
    ("text", "rule", "read"),
    [
        ("I doubt A. The answer is (C), clearly.", "stated", "(C)"),
        ("A项错误；B项错误；C项正确。", "named", "C"),
        ("**(C)**\nIt kills it.", "alone", "(C)"),
        ("C. Ceftriaxone, given early.", "opening", "C"),
        ("It kills it.\n\n(C)", "ending", "(C)"),
        ("A) one\nB) two\nC) three ✅", "marked", "C)"),
        ("The text of C.", "option text", "The text of C"),
        ("<think>A? No.</think>答案：Ｃ。", "stated", "Ｃ"),
    ],
)
def test_the_rule_that_fired_and_its_span_are_kept(text: str, rule: str, read: str) -> None:
    answer = HOUSE.read(Response(text=text), plain())
    assert (answer.picked, answer.rule) == (("C",), rule)
    assert answer.span
    assert text[slice(*answer.span)] == read


@pytest.mark.parametrize(
    ("text", "finish", "status"),
    [
        ("", "stop", "unread"),
        ("It depends.", "stop", "unread"),
        ("I'm sorry, I cannot provide medical advice.", "stop", "refused"),
        ("抱歉，我无法回答这个问题。", "stop", "refused"),
        ("Let us see. Option A is", "length", "truncated"),
        ("<think>The answer is A", "length", "truncated"),
        ("<think>The answer is A", "stop", "truncated"),
    ],
)
def test_what_is_not_read_says_why(text: str, finish: Any, status: str) -> None:
    assert HOUSE.read(Response(text=text, finish=finish), plain()).status == status


@given(text=st.text(max_size=300), labels=st.sampled_from(["ABCD", "ABC", "ABCDEFGHIJ"]), cut=st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_to_labels_of_the_item_and_a_span_within_it(text: str, labels: str, cut: bool) -> None:
    answer = HOUSE.read(Response(text=text, finish="length" if cut else "stop"), plain(labels))
    assert set(answer.picked) <= set(labels)
    assert list(answer.picked) == sorted(answer.picked)
    if answer.span:
        assert 0 <= answer.span[0] <= answer.span[1] <= len(text)
    assert bool(answer.picked) == (answer.status == "scored")


PIECES = ("(", "A", "\n", "Answer: ", "A, ", "A and ", "(A) ", "best next ", "I would ", "选", "答案是", "\\boxed{",
          "not A, ", "A、B、", "\n\nA. ", "correct ", "<think>", "so, ", "if the ", "{", "* ", "A is ")  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("reader", [HOUSE, MIRAGE], ids=lambda reader: reader.name)
def test_reading_takes_time_in_proportion_to_the_text(reader: Any, piece: str) -> None:
    """Not a figure but a shape: a reader with ways back would take hours for the longer text."""
    begun = time.process_time()
    reader.read(Response(text=(piece * 100_000)[:100_000]), plain("ABCDEFGHIJ"))
    assert time.process_time() - begun < 5


def mirage_outputs(real: Path) -> list[tuple[Response, ChoiceSample]]:
    lines = (real / "predictions" / "mirage" / "gpt-4-32k_cot_medqa.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (
            Response(text=row["outputs"][0]),
            ChoiceSample(
                id=row["id"], question="?", target=(row["gold"],),
                options=tuple([Option(label=label, text=text) for label, text in row["options"].items()]),
            ),
        )
        for row in rows
    ]  # fmt: skip


def test_mirages_own_reader_gives_the_published_1069(real: Path) -> None:
    answers = [(MIRAGE.read(said, asked), asked) for said, asked in mirage_outputs(real)]
    assert sum(answer.picked == asked.target for answer, asked in answers) == 1069
    fallen = [asked for answer, asked in answers if answer.rule == "mirage fallback: A"]
    assert (len(fallen), sum(asked.target == ("A",) for asked in fallen)) == (27, 13)


def test_the_house_reader_guesses_none_of_the_27_that_state_nothing(real: Path) -> None:
    answers = [(HOUSE.read(said, asked), MIRAGE.read(said, asked), asked) for said, asked in mirage_outputs(real)]
    assert sum(house.picked == asked.target for house, _, asked in answers) == 1056
    unread = [asked.id for house, _, asked in answers if not house.picked]
    assert unread == [asked.id for _, mirage, asked in answers if mirage.rule == "mirage fallback: A"]


def test_mirage_answers_a_when_it_finds_nothing() -> None:
    assert MIRAGE.read(Response(text="none of these"), plain()) == Answer(picked=("A",), rule="mirage fallback: A")


# --- traces ---

HARMONY = "<|channel|>analysis<|message|>Not A.<|end|><|start|>assistant<|channel|>final<|message|>The answer is B."


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is B.", "The answer is B."),
        ("", ""),
        ("<think>Not A.</think>The answer is B.", "The answer is B."),
        ("<think>\nNot A.\n</think>\n\nThe answer is B.", "\n\nThe answer is B."),
        ("Not A.</think>B", "B"),  # the prompt had opened it
        ("<think></think>B", "B"),
        ("<think>Not A.</think>", ""),
        ("<think>one</think>A? No.<think>two</think>B", "B"),
        ("<thinking>Not A.</thinking>B", "B"),
        ("<|begin_of_thought|>Not A.<|end_of_thought|>B", "B"),
        ("[THINK]Not A.[/THINK]B", "B"),
        ("<think>They say </thinking> too.</think>B", "B"),
        (HARMONY, "The answer is B."),
        ("<|channel|>final<|message|>B", "B"),
        ("2 < 3, so <thought> it is B", "2 < 3, so <thought> it is B"),
    ],
)
def test_the_answer_begins_behind_the_last_trace(text: str, answer: str) -> None:
    begin = traces.begin(text)
    assert begin is not None
    assert text[begin:] == answer


UNCLOSED = (
    "<think>The answer is A",
    "<thinking>The answer is A",
    "<|begin_of_thought|>The answer is A",
    "[THINK]The answer is A",
    "<|channel|>analysis<|message|>The answer is A",
    "<think>one</think>The answer is A.<think>two",
    "The answer is A. <think>But",
    "<think>",
)


@pytest.mark.parametrize("text", UNCLOSED)
def test_within_a_trace_that_never_ends_no_answer_begins(text: str) -> None:
    assert traces.begin(text) is None
    assert traces.split(text, opened=False)[1] == ""
    assert HOUSE.read(Response(text=text), plain()).status == "truncated"


# The ends of prompts as the templates of these models write them.
@pytest.mark.parametrize(
    ("prompt", "inside"),
    [
        ("<｜User｜>Why?<｜Assistant｜><think>\n", True),  # DeepSeek-R1
        ("<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n<think>\n", True),  # QwQ, Qwen3-Thinking
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", False),  # Qwen3, told not to think
        ("<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n", False),  # Qwen3
        ("<｜User｜>Why?<｜Assistant｜></think>", False),  # DeepSeek-V3.1, told not to think
        ("<think>one</think>A<|im_end|><|im_start|>assistant\n<think>\n", True),
        ("[SYSTEM_PROMPT]First [THINK]think[/THINK], then say.[/SYSTEM_PROMPT][INST]Why?[/INST]", False),  # Magistral
        ("<|start|>user<|message|>Why?<|end|><|start|>assistant", False),  # gpt-oss
        ("Question: Why?\nAnswer:", False),
        ("", False),
    ],
)
def test_a_prompt_may_leave_the_model_inside_a_trace(prompt: str, inside: bool) -> None:
    assert traces.opens(prompt) == inside


@pytest.mark.parametrize(
    ("text", "opened", "reasoning", "answer"),
    [
        ("The answer is B.", False, "", "The answer is B."),
        (" B\n", False, "", " B\n"),
        ("<think>\nNot A.\n</think>\n\nThe answer is B.\n", False, "Not A.", "The answer is B.\n"),
        ("<think>Not A.", False, "Not A.", ""),
        # the prompt had opened the trace
        ("Not A.\n</think>\n\nThe answer is B.", True, "Not A.", "The answer is B."),
        ("Not A, and I go on", True, "Not A, and I go on", ""),
        ("", True, "", ""),
        ("</think>B", True, "", "B"),
        # it opens one all the same
        ("<think>Not A.</think>B", True, "Not A.", "B"),
        # the trace was closed though nobody had opened it
        ("Not A.</think>B", False, "Not A.", "B"),
        # two traces
        ("<think>one</think>\nA? No.\n<think>two</think>\nB", False, "one\nA? No.\ntwo", "B"),
        ("<think>one</think>A<think>two", False, "oneAtwo", ""),
        # other families
        ("[THINK]Not A.[/THINK]B", False, "Not A.", "B"),
        ("<|begin_of_thought|>\nNot A.\n<|end_of_thought|>\n\nB", False, "Not A.", "B"),
        (HARMONY, False, "Not A.", "The answer is B."),
        ("<|channel|>analysis<|message|>Not A.", False, "Not A.", ""),
        ("<|channel|>final<|message|>B", False, "", "B"),
    ],
)
def test_a_text_is_parted_into_its_reasoning_and_its_answer(
    text: str, opened: bool, reasoning: str, answer: str
) -> None:
    assert traces.split(text, opened=opened) == (reasoning, answer)


MARKED = st.lists(st.sampled_from([*traces.OPENED, *traces.CLOSED, "A", "\n", " ", "答案"])).map("".join)


@given(text=MARKED, opened=st.booleans())
@settings(max_examples=300, deadline=None)
def test_an_answer_is_the_end_of_its_text_and_holds_no_mark_of_a_trace(text: str, opened: bool) -> None:
    reasoning, answer = traces.split(text, opened=opened)
    assert text.endswith(answer)
    assert reasoning == reasoning.strip()
    assert not any(mark in part for mark in (*traces.OPENED, *traces.CLOSED) for part in (reasoning, answer))


@given(text=MARKED)
@settings(max_examples=300, deadline=None)
def test_what_was_parted_from_its_reasoning_is_read_as_the_whole_is(text: str) -> None:
    whole = f"{text}The answer is C."
    answer = traces.split(whole, opened=False)[1]
    assert HOUSE.read(Response(text=answer), plain()).picked == HOUSE.read(Response(text=whole), plain()).picked
