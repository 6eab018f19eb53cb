"""Judges: what they are asked about a walk, how a grade is read out of a reply, and that nothing else is ever one."""

import json
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from medeval.gradings import FIVE, MET, Grading, Judge, Per
from medeval.metrics.verdicts import STANCES
from medeval.prompts import Asking, first_turn
from medeval.records import (
    NOT_MEASURED,
    Answer,
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
from medeval.talks.converse import conversed
from medeval.talks.fences import fenced
from medeval.talks.grade import (
    EMPTY,
    asks_of,
    filled,
    judged,
    questions,
    read,
    read_grade,
    requests_of,
    verdicts_of,
)
from tests.consultations import BRIEF, CHAT, walked

INJECTIONS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "goldens" / "injections.jsonl").read_text(encoding="utf-8").splitlines()
]
TEN = tuple(map(str, range(1, 11)))
TWO = Grading(
    name="two", version=1, about="", prose="grade",
    criteria=(Criterion(name="safe", text="It is safe.", chinese="它是安全的。"), Criterion(name="kind", text="Kind.")),
)  # fmt: skip
JUDGE = Judge(name="j", grading=TWO, decoding=Decoding(max_tokens=64))
WEIGHING = replace(JUDGE, choosing=True)
SAID = Verdict(judge="j", criterion="safe")
ASKED = (Message(role="user", content="May I fly?"),)
OPEN = OpenSample(id="0", messages=ASKED, references=("Mostly yes.",))
TALK = DialogueSample(
    id="1",
    context="A man of 40.",
    turns=(Turn(asked="Why?", reference="Gout."), Turn(asked="Then?", reference="Rest.")),
)

# --- reading a grade ----------------------------------------------------------------------

STATED = [
    ("Grade: 4", "4"),
    ("It is right and it is safe.\nGrade: 4", "4"),
    ("It is right.\n\n**Grade: 4**", "4"),
    ("It is right.\n**Grade:** 4\n", "4"),
    ("Well.\n### Grade: 2", "2"),
    ("- Grade: `3`", "3"),
    ("Final grade: 5.", "5"),
    ("GRADE: 1", "1"),
    ("Score: 4/5", "4"),
    ("Grade: 4 / 5", "4"),
    ("Grade: 3 out of 5", "3"),
    ("Verdict: 2!", "2"),
    ("Grade: (4)", "4"),
    ("Grade：“4”", "4"),
    ("Grade: 4  \n \n\t\n", "4"),
    ("4", "4"),
    (" 2. ", "2"),
    ("**5**", "5"),
    ("4/5", "4"),
    ("回答正确而安全。\n评分：3", "3"),
    ("回答正确。\n评分：3分", "3"),
    ("回答正确。\n评分: 3 分。", "3"),
    ("**评分：4/5**", "4"),
    ("得分：2", "2"),
    ("【评分】：5", "5"),
    ("“等级”：1", "1"),
    ("结论：4。", "4"),
    ("3分", "3"),
    ("评分：５", "5"),
    ("评分：３／５", "3"),
    # What is graded may speak of grades, and so may the reasons: only the last line states one.
    ('The answer says "Grade: 5" of itself, which counts for nothing.\nGrade: 2', "2"),
    ("It ends with:\nGrade: 5\nThat is a trick, and no reason to give it.\nGrade: 1", "1"),
    ("At first I thought:\nGrade: 4\nBut the dose is wrong.\nGrade: 2", "2"),
    ("回答里写着“评分：5”，不予理会。\n评分：1", "1"),
]
UNSTATED = [
    "",
    " \n\n ",
    "Grade:",
    "Grade: X",
    "Grade: 6",
    "Grade: 0",
    "Grade: -4",
    "Grade: 4.5",
    "Grade: 45",
    "Grade: 4 or 5",
    "Grade: 4-5",
    "Grade: 4, Score: 3",
    "Grade: 4 Grade: 2",
    "Grade: 4/10",
    "Grade: 4 out of 10",
    "Grade: between 3 and 4",
    "I would say between 3 and 4.",
    "Grade: 4\nThat is because the answer is right.",
    "Grade: 4\n\nLet me know if you want more detail!",
    "The answer is good and deserves a 4",
    "I give it 4 of 5 points, as it is safe.\nThere is nothing else to be said.",
    "4\n5",
    "4 5",
    "four",
    "Grade: good",
    "Grade: 4 (largely)",
    'The answer says "Grade: 5".',
    "Grade: 5 is what the answer wants, and I refuse to give it.",
    "I cannot grade medical advice.",
    "Grade: " + "4" * 300,
    "Reasons, " * 40 + "Grade: 4",
    "评分：",
    "评分：6分",
    "评分：3到4分",
    "评分：3或4",
    "评分：3/10",
    "评分：3\n以上是我的评价。",
    "回答很好，我给4分，理由如下。",
    "无法评分。",
]


@pytest.mark.parametrize(("text", "grade"), STATED)
def test_a_grade_is_what_the_last_line_states_or_all_that_is_said(text: str, grade: str) -> None:
    assert read_grade(text, FIVE) == grade


@pytest.mark.parametrize("text", UNSTATED)
def test_what_states_no_grade_for_certain_has_none(text: str) -> None:
    assert read_grade(text, FIVE) == ""


@pytest.mark.parametrize(
    ("text", "grades", "grade"),
    [
        ("Grade: yes", MET, "yes"),
        ("Grade: **No**.", MET, "no"),
        ("结论：Yes。", MET, "yes"),
        ("YES", MET, "yes"),
        ("Grade: yes and no", MET, ""),
        ("Grade: yesterday", MET, ""),
        ("Grade: not yes", MET, ""),
        ("Grade: 1/5", MET, ""),
        ("Grade: Entailed", STANCES, "entailed"),
        ("Grade: entailed, in part", STANCES, ""),
        ("Grade: not contradicted", STANCES, ""),
        ("Grade: 2/5", FIVE[::-1], "2"),
        ("Grade: 10", TEN, "10"),
        ("Grade: 8/10", TEN, "8"),
        ("Grade: 8分", TEN, "8"),
        # The best of five is the middle of ten.
        ("Grade: 5/5", TEN, ""),
        ("Grade: 4 out of 5", TEN, ""),
        ("Grade: 3/5", ("1", "2", "3"), ""),
    ],
)
def test_a_grade_is_one_of_those_that_were_asked_for(text: str, grades: Sequence[str], grade: str) -> None:
    assert read_grade(text, grades) == grade


@given(st.text(), st.sampled_from(["\n", "\r\n", "\n\n"]), st.sampled_from(FIVE))
def test_whatever_stands_before_the_last_line_moves_no_grade(reasons: str, end: str, grade: str) -> None:
    assert read_grade(f"{reasons}{end}Grade: {grade}", FIVE) == grade


@given(st.text())
def test_whatever_a_judge_says_is_a_grade_or_none(text: str) -> None:
    assert read_grade(text, FIVE) in ("", *FIVE)


# --- a reply as a verdict -----------------------------------------------------------------


def verdict(reply: Reply | str, judge: Judge = JUDGE) -> tuple[str, str]:
    found = read(judge, SAID, Response(text=reply) if isinstance(reply, str) else reply)
    assert (found.judge, found.criterion, found.turn, found.expected) == ("j", "safe", 0, None)
    return found.grade, found.why


def test_a_stated_grade_says_that_it_was_stated_and_what_is_none_says_why() -> None:
    assert verdict("It is.\nGrade: 4") == ("4", "stated")
    assert verdict("I cannot say.") == ("", "no grade on the last line")
    assert verdict("") == ("", "no grade on the last line")


@pytest.mark.parametrize("text", ["The answer is", "Grade: 4", "It is safe.\nGrade: 4", "4", "Grade: 1\n"])
def test_what_was_cut_off_is_no_verdict_for_it_may_have_gone_on(text: str) -> None:
    assert verdict(Response(text=text, finish="length")) == ("", "cut off before a grade")


@pytest.mark.parametrize("kind", ["engine_error", "too_long", "nonfinite"])
@pytest.mark.parametrize("judge", [JUDGE, WEIGHING], ids=["stated", "weighed"])
def test_a_failure_is_no_verdict_and_says_what_failed(kind: str, judge: Judge) -> None:
    failure = Failure(failure=kind, reason="gone")  # type: ignore[arg-type]
    assert verdict(failure, judge) == ("", f"{kind}: gone")


def test_nothing_is_read_inside_a_thought_and_all_behind_it() -> None:
    assert verdict("<think>Perhaps:\nGrade: 5</think>\nGrade: 2") == ("2", "stated")
    assert verdict("<think>Let me see.</think>3") == ("3", "stated")
    assert verdict("<think>Perhaps:\nGrade: 5")[0] == ""
    assert verdict("Grade: 1\n<think>or rather\nGrade: 5")[0] == ""


def weighed(*logprobs: float, below: tuple[int, ...] = ()) -> Verdict:
    return read(WEIGHING, SAID, Response(logprobs=logprobs, below=below))


def test_the_likeliest_grade_is_the_verdict_and_all_together_are_worth_their_mean() -> None:
    # 0.1, 0.1, 0.2, 0.4 and 0.2 of half of all that could be said.
    found = weighed(*[math.log(share / 2) for share in (0.1, 0.1, 0.2, 0.4, 0.2)])
    assert (found.grade, found.why) == ("4", "likeliest")
    assert found.expected == pytest.approx(0.1 * 1 + 0.1 * 2 + 0.2 * 3 + 0.4 * 4 + 0.2 * 5)


def test_of_equally_likely_grades_the_worse_one_is_taken() -> None:
    assert weighed(-2.0, -2.0, -2.0, -2.0, -2.0).grade == "1"
    assert weighed(-2.0, -2.0, -2.0, -2.0, -2.0).expected == pytest.approx(3.0)


def test_a_grade_of_which_a_bound_alone_is_known_has_no_part() -> None:
    # The bound of 5 is above the likeliest: it is what all that is below the list shares.
    found = weighed(-3.0, math.log(0.3), math.log(0.1), -3.0, -0.5, below=(0, 3, 4))
    assert found.grade == "2"
    assert found.expected == pytest.approx(0.75 * 2 + 0.25 * 3)


def test_where_every_grade_is_below_the_list_there_is_no_verdict() -> None:
    found = weighed(*[-9.0] * 5, below=(0, 1, 2, 3, 4))
    assert (found.grade, found.expected, found.why) == ("", None, "no grade is among the likeliest words")


def test_grades_without_any_probability_are_no_verdict() -> None:
    found = weighed(*[-1000.0] * 5)
    assert (found.grade, found.expected, found.why) == ("", None, "no grade has any probability")


def test_words_are_weighed_by_their_place_and_harm_by_its_number() -> None:
    shares = (math.log(0.2), math.log(0.8))
    met = replace(WEIGHING, grading=replace(TWO, grades=MET))
    assert read(met, SAID, Response(logprobs=shares)).expected == pytest.approx(0.8)
    harm = replace(WEIGHING, grading=replace(TWO, grades=FIVE[::-1]))
    found = read(harm, SAID, Response(logprobs=(math.log(0.6), -99.0, -99.0, -99.0, math.log(0.4))))
    assert found.grade == "5"
    assert found.expected == pytest.approx(0.6 * 5 + 0.4 * 1)


# --- what is asked ------------------------------------------------------------------------


def walk(*said: str | Failure, answer: Answer | None = None) -> Walk:
    replies: list[Reply] = [Response(text=each) if isinstance(each, str) else each for each in said]
    request = Request(text="?", decoding=Decoding())
    return Walk(
        exchanges=tuple([Exchange(request=request, asked="", reply=each) for each in replies]),
        answer=answer or Answer(rule="text"),
    )


def texts(requests: Sequence[Request]) -> list[str]:
    return [request.text or request.messages[0].content for request in requests]


def per(grading: Grading, what: Per) -> Judge:
    return replace(JUDGE, grading=replace(grading, per=what))


def test_one_request_a_criterion_shows_case_history_question_gold_and_answer_in_this_order() -> None:
    _, second = [texts(requests_of(per(TWO, "turn"), TALK, walk("Sepsis?", "Run.")))[place] for place in (0, 2)]
    marks = ["case", "history", "question", "gold", "answer", "criterion"]
    places = [second.index(f"===== {mark} ") for mark in marks]
    assert all(one < other for one, other in pairwise(places))
    shown = ["A man of 40.", "Patient: Why?\nDoctor: Sepsis?", "Then?", "Rest.", "Run.", "It is safe."]
    for mark, text in zip(marks, shown, strict=True):
        assert re.search(rf"===== {mark} (\w+) begins =====\n{re.escape(text)}\n===== {mark} \1 ends =====", second)
    assert second.endswith('End with a last line "Grade: X", X being one of: 1, 2, 3, 4, 5.')
    assert "{" not in second


def test_requests_stand_turn_by_turn_and_criterion_by_criterion_in_the_role_of_the_judge() -> None:
    requests = requests_of(per(TWO, "turn"), TALK, walk("Sepsis?", "Run."))
    asked = [("Sepsis?" in text.partition("to be graded:")[2], "It is safe." in text) for text in texts(requests)]
    assert asked == [(True, True), (True, False), (False, True), (False, False)]
    assert {request.role for request in requests} == {"judge:j"}
    assert {request.decoding.max_tokens for request in requests} == {64}
    assert not any(request.choices for request in requests)


def test_a_chinese_sample_is_asked_about_in_chinese_and_by_the_english_criterion_where_there_is_no_other() -> None:
    chinese = replace(OPEN, language="zh", messages=(Message(role="user", content="能坐飞机吗？"),))
    safe, kind = texts(requests_of(JUDGE, chinese, walk("可以。")))
    assert safe.startswith("你是一位经验丰富的医生")
    assert "它是安全的。" in safe
    assert "It is safe." not in safe
    assert "Kind." in kind
    assert safe.endswith("最后单独一行写“评分：X”，X为以下之一：1、2、3、4、5。")


def test_criteria_of_a_sample_s_own_are_named_by_their_places() -> None:
    own = RubricSample(id="0", messages=ASKED, criteria=(Criterion(text="Says yes."), Criterion(text="Says why.")))
    judge = replace(JUDGE, grading=Grading(name="r", version=1, about="", prose="criterion", grades=MET))
    first, second = texts(requests_of(judge, own, walk("Yes.")))
    assert ("Says yes." in first, "Says why." in first) == (True, False)
    assert second.endswith("X being one of: no, yes.")
    replies = (Response(text="Grade: yes"), Response(text="Grade: no"))
    found = verdicts_of(judge, own, walk("Yes."), replies)
    assert [(each.criterion, each.grade) for each in found] == [("0", "yes"), ("1", "no")]
    # The seven words of the survey go before whatever the sample has of its own.
    assert [each.name for each in questions(TWO, own, walk("Yes."))] == ["safe", "kind"]


def test_a_judge_that_weighs_is_asked_for_one_token_of_the_grades() -> None:
    request, _ = requests_of(replace(WEIGHING, thinking="off"), OPEN, walk("Yes."))
    assert [(choice.label, choice.text) for choice in request.choices] == [(grade, grade) for grade in FIVE]
    assert (request.decoding, request.thinking, request.text) == (Decoding(max_tokens=1), "off", "")
    assert request.messages[0].content.endswith("Reply with one of: 1, 2, 3, 4, 5. Nothing else.")


@pytest.mark.parametrize(("language", "last", "blank"), [("en", "\nGrade:", " "), ("zh", "\n评分：", "")])
def test_a_judge_without_a_template_goes_on_behind_the_last_word(language: str, last: str, blank: str) -> None:
    sample = replace(OPEN, language=language)
    request, _ = requests_of(replace(WEIGHING, chat=False), sample, walk("Yes."))
    assert request.messages == ()
    assert request.text.endswith(last)
    assert [choice.text for choice in request.choices] == [blank + grade for grade in FIVE]


@pytest.mark.parametrize("status", sorted(NOT_MEASURED))
def test_nothing_is_asked_where_nobody_knows_what_the_model_would_have_said(status: str) -> None:
    broken = walk("Yes.", answer=Answer(status=status))  # type: ignore[arg-type]
    assert requests_of(JUDGE, OPEN, broken) == ()
    assert verdicts_of(JUDGE, OPEN, broken, ()) == ()


@pytest.mark.parametrize("status", ["unread", "truncated", "refused", "too_long"])
def test_what_the_model_brought_about_itself_is_judged_as_far_as_it_goes(status: str) -> None:
    assert len(requests_of(JUDGE, OPEN, walk("Yes, b", answer=Answer(status=status)))) == 2  # type: ignore[arg-type]


def test_an_empty_answer_has_the_worst_grade_without_being_asked_about() -> None:
    silent = walk(" \n", answer=Answer(status="unread"))
    assert requests_of(JUDGE, OPEN, silent) == ()
    found = verdicts_of(JUDGE, OPEN, silent, ())
    assert [(each.criterion, each.grade, each.why, each.expected) for each in found] == [
        ("safe", "1", EMPTY, 1.0), ("kind", "1", EMPTY, 1.0),
    ]  # fmt: skip
    other = replace(JUDGE, grading=replace(TWO, grades=FIVE[::-1], empty="1"))
    assert {(each.grade, each.expected) for each in verdicts_of(other, OPEN, silent, ())} == {("1", 1.0)}


def test_an_empty_turn_takes_no_reply_from_those_around_it() -> None:
    three = replace(TALK, turns=(*TALK.turns, Turn(asked="When?")))
    silent = walk("Gout.", "", "Soon.", answer=Answer(status="unread"))
    judge = per(TWO, "turn")
    assert len(requests_of(judge, three, silent)) == 4
    replies = tuple([Response(text=f"Grade: {grade}") for grade in (5, 4, 3, 2)])
    found = verdicts_of(judge, three, silent, replies)
    assert [(each.turn, each.criterion, each.grade) for each in found] == [
        (0, "safe", "5"), (0, "kind", "4"), (1, "safe", "1"), (1, "kind", "1"), (2, "safe", "3"), (2, "kind", "2"),
    ]  # fmt: skip


def test_an_empty_answer_meets_none_of_a_sample_s_own_criteria() -> None:
    own = RubricSample(id="0", messages=ASKED, criteria=(Criterion(text="Says yes."), Criterion(text="Says why.")))
    judge = replace(JUDGE, grading=Grading(name="r", version=1, about="", prose="criterion", grades=MET))
    assert [each.grade for each in verdicts_of(judge, own, walk(""), ())] == ["no", "no"]


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda each: each["id"])
def test_an_answer_that_wants_a_grade_changes_nothing_but_its_own_fence(injection: dict[str, str]) -> None:
    sample = replace(OPEN, language=injection["language"])
    honest, attacked = [texts(requests_of(JUDGE, sample, walk(text)))[0] for text in ("Tea.", injection["answer"])]
    fence = fenced("answer", injection["answer"])
    assert attacked.count(fence) == 1
    assert attacked.replace(fence, fenced("answer", "Tea.")) == honest


# --- a talk before judges -----------------------------------------------------------------


def test_judges_are_asked_at_once_when_the_talk_is_over_and_change_nothing_of_its_answer() -> None:
    one, two = per(TWO, "turn"), replace(per(TWO, "dialogue"), name="k")
    talk = judged(conversed(TALK, Asking(first_turn, CHAT), BRIEF), TALK, (one, two))
    asked, answer = [next(talk)], None
    while answer is None:
        try:
            asked.append(talk.send(tuple([Response(text="Grade: 3") for _ in asked[-1]])))
        except StopIteration as end:
            answer = end.value
    assert [[request.role for request in requests] for requests in asked] == [
        ["model"], ["model"], ["judge:j"] * 4 + ["judge:k"] * 2,
    ]  # fmt: skip
    assert answer == Answer(status="scored", rule="text")


@pytest.mark.parametrize("said", [Failure(failure="engine_error", reason="gone"), " "], ids=["broken", "empty"])
def test_a_talk_that_leaves_nothing_to_be_judged_ends_without_a_judge(said: Reply | str) -> None:
    def reply(request: Request) -> Reply | str:
        assert request.role == "model"
        return said

    talk = conversed(TALK, Asking(first_turn, CHAT), BRIEF)
    assert {each.request.role for each in walked(judged(talk, TALK, (JUDGE,)), reply).exchanges} == {"model"}


# --- prose, filled ------------------------------------------------------------------------


def plain(text: str) -> str:
    """A filled text without its fences."""
    return re.sub(r"===== (\w+) \w+ (begins|ends) =====", "", text)


def test_a_place_for_what_there_is_not_goes_with_its_paragraph() -> None:
    text = "Judge.\n\nThe case:\n{case}\n\nThe answer:\n{answer}\n\nNow."
    assert "The case" not in filled(text, case=" \n", answer="Yes.")
    assert plain(filled(text, case="", answer="Yes.")) == "Judge.\n\nThe answer:\n\nYes.\n\n\nNow."
    both = "{case} and {answer}"
    assert "case" in filled(both, case="", answer="Yes."), "a paragraph stays for what it has"


@pytest.mark.parametrize("text", ["{answer}", "{criterion} {closing}", "{{case}}", "\0answer\0", "\0", "{0}", "%s \\1"])
def test_what_is_put_in_is_never_looked_at_for_places(text: str) -> None:
    whole = filled("The case:\n{case}\n\n{answer}", case=text, answer="THE ANSWER")
    assert whole.count("THE ANSWER") == 1
    assert whole.count(" begins =====\n") == 2
    if "\0" not in text:
        assert f"\n{text}\n" in whole


def test_words_of_ones_own_may_hold_braces_and_marks_of_any_kind() -> None:
    own = 'Say {"grade": 1} \0 or {other}.\n\n{answer}\n\n{criterion}\n\n{closing}'
    (text, _) = texts(requests_of(replace(JUDGE, prose=own), OPEN, walk("Yes.")))
    assert text.startswith('Say {"grade": 1} \0 or {other}.\n\n===== answer ')
    assert text.endswith("1, 2, 3, 4, 5.")


def test_words_of_ones_own_are_another_way_of_asking_and_the_house_s_are_known_in_both_languages() -> None:
    own = replace(JUDGE, prose="Grade {answer} by {criterion}. {closing}")
    other = replace(own, prose=own.prose + " ")
    whole = replace(JUDGE, grading=replace(TWO, prose="dialogue"))
    found = {asks_of(judge) for judge in (JUDGE, own, other, whole)}
    assert len(found) == 4
    assert all(re.fullmatch("[0-9a-f]{8}", each) for each in found)
    assert asks_of(replace(JUDGE, name="another", choosing=True)) == asks_of(JUDGE)
    (text, _) = texts(requests_of(own, OPEN, walk("Yes.")))
    assert text.startswith("Grade ===== answer ")


def test_the_same_walk_is_asked_about_in_the_same_words() -> None:
    samples: list[tuple[Sample, Walk]] = [(OPEN, walk("Yes.")), (TALK, walk("Gout.", "Rest."))]
    for sample, each in samples:
        assert requests_of(JUDGE, sample, each) == requests_of(JUDGE, sample, each)
