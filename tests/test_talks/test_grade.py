"""Judges: what they are asked, what is read out of their replies, and that nothing else is ever a grade."""

import json
import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.arrange import lettered
from medeval.gradings import CMB, DISC, FIVE, MET, Grading, Judge
from medeval.records import (
    Answer,
    CaseSample,
    Criterion,
    Decoding,
    DialogueSample,
    Exchange,
    Failure,
    Message,
    OpenSample,
    Reply,
    Request,
    Response,
    RubricSample,
    Sample,
    Turn,
    Verdict,
    Walk,
)
from medeval.talks.fences import fenced
from medeval.talks.grade import asks_of, read_grade, requests_of, verdicts_of

INJECTIONS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "goldens" / "injections.jsonl").read_text(encoding="utf-8").splitlines()
]
STATES = Judge(name="j", grading=CMB, decoding=Decoding(max_tokens=64))
WEIGHS = replace(STATES, choosing=True)
ASKED = OpenSample(
    id="0", references=("See a doctor.",),
    messages=(Message(role="user", content="I cough."), Message(role="assistant", content="Since when?"),
              Message(role="user", content="For weeks.")),
)  # fmt: skip
RUBRIC = RubricSample(
    id="1", messages=ASKED.messages[-1:],
    criteria=(Criterion(text="names the dose"), Criterion(text="scares", points=-1)),
)  # fmt: skip
BY_RUBRIC = replace(
    STATES, grading=Grading(name="r", version=1, about="", prose="criterion", grades=MET),
)  # fmt: skip


def said(*texts: str, role: str = "model") -> tuple[Exchange, ...]:
    return tuple([
        Exchange(request=Request(decoding=Decoding(), role=role), asked="", reply=Response(text=text)) for text in texts
    ])  # fmt: skip


def walk(*texts: str, answer: Answer = Answer()) -> Walk:  # noqa: B008  a value that never changes
    return Walk(exchanges=said(*texts), answer=answer)


def asked(judge: Judge, sample: Sample, way: Walk) -> list[str]:
    return [request.messages[0].content for request in requests_of(judge, sample, way)]


def heard(judge: Judge, replies: list[Reply], sample: Sample = ASKED, *texts: str) -> tuple[Verdict, ...]:
    return verdicts_of(judge, sample, walk(*(texts or ("Tea.",))), replies)


# --- reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("4", "4"), (" 4. ", "4"), ("Grade: 4", "4"), ("**Grade: 4**", "4"), ("Good.\nGrade: 4", "4"),
        ("Final grade: 4/5", "4"), ("评分：3分", "3"), ("理由充分。\n评分：3", "3"), ("Score: 2.", "2"),
        ("评分：５", "5"),
        ("Grade: 1\nNo, better.\nGrade: 5", "5"), ("Verdict: 3", "3"), ("Grade: 4 out of 5", "4"),
    ],
)  # fmt: skip
def test_a_grade_that_is_stated_last_or_alone_is_read(text: str, grade: str) -> None:
    assert read_grade(text, FIVE) == grade


@pytest.mark.parametrize(
    "text",
    [
        "", "   \n", "Grade: 6", "Grade: 0", "between 3 and 4", "Grade: 3 or 4", "Grade: 3-4",
        "I would say 4, I think.",
        "The answer says Grade: 5.\nIt is poor.", "Grade: 5\nSo says the answer, but I disagree.", "Grade: five",
        "4\n5", "A good answer, 5 of 5 points, surely", "Grade:", "Grade: 4.5", "Grade: " + "4" * 300, "grade 4 5",
        "I cannot grade this.", "Grade: 5 because it says so",
    ],
)  # fmt: skip
def test_what_is_not_certain_is_no_grade(text: str) -> None:
    assert read_grade(text, FIVE) == ""


@pytest.mark.parametrize(("text", "grade"), [("Yes.", "yes"), ("Grade: no", "no"), ("yes and no", ""), ("not", "")])
def test_words_are_read_whole(text: str, grade: str) -> None:
    assert read_grade(text, MET) == grade


def test_the_grade_that_is_weighed_most_is_given_with_the_mean_of_all() -> None:
    logprobs = tuple(map(math.log, (0.1, 0.1, 0.2, 0.5, 0.1)))
    verdicts = heard(WEIGHS, [Response(logprobs=logprobs)] * 4)
    assert {verdict.grade for verdict in verdicts} == {"4"}
    assert verdicts[0].expected == pytest.approx(0.1 + 0.2 + 0.6 + 2.0 + 0.5)


def test_a_grade_below_a_servers_list_has_no_weight_and_where_all_are_there_is_no_verdict() -> None:
    logprobs = tuple(map(math.log, (0.2, 0.2, 0.2, 0.2, 0.6)))
    some = heard(WEIGHS, [Response(logprobs=logprobs, below=(0, 1, 2, 3))] * 4)[0]
    assert some.grade == "5"
    assert some.expected == pytest.approx(5.0)
    none = heard(WEIGHS, [Response(logprobs=logprobs, below=(0, 1, 2, 3, 4))] * 4)[0]
    assert (none.grade, none.expected) == ("", None)
    assert "none" not in none.why


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Failure(failure="engine_error", reason="gone"), "engine_error: gone"),
        (Response(text="Well"), "no grade on the last line"),
        (Response(text="Because it", finish="length"), "cut off before a grade"),
    ],
)
def test_a_failure_is_no_verdict_and_says_why(reply: Reply, why: str) -> None:
    assert {(verdict.grade, verdict.why) for verdict in heard(STATES, [reply] * 4)} == {("", why)}


# --- asking -------------------------------------------------------------------------------


def test_a_judge_is_shown_all_there_is_each_in_its_fence_and_one_criterion_a_request() -> None:
    texts = asked(STATES, ASKED, walk("Tea."))
    assert len(texts) == len(CMB.criteria)
    for text, criterion in zip(texts, CMB.criteria, strict=True):
        for name, content in (
            ("history", "Patient: I cough.\nDoctor: Since when?"), ("question", "For weeks."),
            ("gold", "See a doctor."), ("answer", "Tea."), ("criterion", criterion.text),
        ):  # fmt: skip
            assert fenced(name, content) in text
        assert "The case:" not in text
        assert text.endswith('"Grade: X", X being one of: 1, 2, 3, 4, 5.')


def test_a_judge_who_weighs_is_asked_for_the_grade_alone() -> None:
    request = requests_of(WEIGHS, ASKED, walk("Tea."))[0]
    assert request.messages[0].content.endswith("Reply with one of: 1, 2, 3, 4, 5. Nothing else.")
    assert [(choice.label, choice.text) for choice in request.choices] == [(grade, grade) for grade in FIVE]
    assert request.decoding.max_tokens == 1
    plain = requests_of(replace(WEIGHS, chat=False), ASKED, walk("Tea."))[0]
    assert plain.text.endswith("\nGrade:")
    assert [choice.text for choice in plain.choices] == [f" {grade}" for grade in FIVE]


def test_chinese_answers_are_graded_in_chinese() -> None:
    (text, *_) = asked(STATES, replace(ASKED, language="zh"), walk("喝茶。"))
    assert fenced("criterion", CMB.criteria[0].chinese) in text
    assert text.endswith("X为以下之一：1、2、3、4、5。")


def test_places_in_what_is_shown_are_not_filled() -> None:
    (text, *_) = asked(STATES, ASKED, walk("{gold} {closing} {criterion} \0answer\0 { } {{x}}"))
    assert "{gold} {closing} {criterion}" in text
    assert text.count("See a doctor.") == 1


def test_criteria_of_a_samples_own_are_named_by_their_places() -> None:
    verdicts = verdicts_of(BY_RUBRIC, RUBRIC, walk("10 mg."), [Response(text="yes"), Response(text="Grade: no")])
    assert [(verdict.criterion, verdict.grade) for verdict in verdicts] == [("0", "yes"), ("1", "no")]
    assert fenced("criterion", "names the dose") in asked(BY_RUBRIC, RUBRIC, walk("10 mg."))[0]


def test_an_empty_answer_has_its_grade_without_a_request() -> None:
    assert requests_of(STATES, ASKED, walk("  ")) == ()
    assert {verdict.grade for verdict in verdicts_of(STATES, ASKED, walk("  "), [])} == {"1"}
    assert [verdict.grade for verdict in verdicts_of(BY_RUBRIC, RUBRIC, walk(""), [])] == ["no", "no"]


def test_nothing_is_asked_of_an_answer_that_nobody_knows() -> None:
    lost = walk("Tea.", answer=Answer(status="engine_error"))
    assert requests_of(STATES, ASKED, lost) == ()
    assert verdicts_of(STATES, ASKED, lost, []) == ()


def test_every_turn_is_graded_behind_those_before_it_and_an_unsaid_one_is_empty() -> None:
    sample = DialogueSample(
        id="2", context="A man.", turns=tuple([Turn(asked=f"q{n}", reference=f"r{n}") for n in range(3)])
    )
    judge = replace(STATES, grading=replace(CMB, per="turn"))
    texts = asked(judge, sample, walk("a0", "a1"))
    assert len(texts) == 2 * len(CMB.criteria)
    assert fenced("history", "Patient: q0\nDoctor: a0") in texts[-1]
    assert fenced("case", "A man.") in texts[-1]
    assert fenced("gold", "r1") in texts[-1]
    replies: list[Reply] = [Response(text="5")] * len(texts)
    verdicts = verdicts_of(judge, sample, walk("a0", "a1"), replies)
    assert [verdict.grade for verdict in verdicts if verdict.turn == 2] == ["1"] * 4
    gold = asked(judge, replace(sample, carried="gold"), walk("a0", "a1"))[-1]
    assert fenced("history", "Patient: q0\nDoctor: r0") in gold


def test_a_whole_consultation_is_shown_with_the_case_and_what_would_be_right() -> None:
    case = CaseSample(
        id="3", question="Which?", target=("A",), options=lettered(("Flu", "Cold")),
        opening="I cough.", facts=("He coughs.", "He has a fever."),
    )  # fmt: skip
    doctor, patient = said("Fever?", "Answer: A"), said("Yes.", role="patient")
    way = Walk(exchanges=(doctor[0], patient[0], doctor[1]), answer=Answer(picked=("A",)))
    (text, *_) = asked(replace(STATES, grading=DISC), case, way)
    assert fenced("answer", "Patient: I cough.\nDoctor: Fever?\nPatient: Yes.\nDoctor: Answer: A") in text
    assert fenced("case", "He coughs.\nHe has a fever.") in text
    assert fenced("gold", "Flu") in text
    (alone, *_) = asked(STATES, case, way)
    assert fenced("history", "Patient: I cough.\nDoctor: Fever?\nPatient: Yes.") in alone


# --- an answer is data --------------------------------------------------------------------


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda each: each["id"])
def test_an_answer_that_wants_a_grade_changes_nothing_but_its_own_fence(injection: dict[str, str]) -> None:
    sample = replace(ASKED, language=injection["language"])
    plain, attacked = [asked(STATES, sample, walk(text))[0] for text in ("Tea.", injection["answer"])]
    fence = fenced("answer", injection["answer"])
    assert attacked.count(fence) == 1
    assert attacked.replace(fence, fenced("answer", "Tea.")) == plain


def test_there_are_fifty_of_them_in_both_languages() -> None:
    assert len(INJECTIONS) >= 50
    assert {each["language"] for each in INJECTIONS} == {"en", "zh"}


def test_other_words_are_told_by_their_hash() -> None:
    assert asks_of(STATES) == asks_of(WEIGHS)
    assert (
        len({asks_of(STATES), asks_of(replace(STATES, grading=DISC)), asks_of(replace(STATES, prose="{answer}"))}) == 3
    )
