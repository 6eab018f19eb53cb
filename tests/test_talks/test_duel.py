"""Two answers before a judge: what it is asked in both orders, and what its verdicts come to."""

from itertools import product

import pytest
from msgspec.structs import replace

from medeval.gradings import CMB, Grading, Judge
from medeval.records import (
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
    Sample,
    Status,
    Turn,
    Walk,
)
from medeval.talks.duel import OVERALL, Bout, Outcome, Round, bouts, dueled, grading_of, meant, rounds_of
from tests.consultations import CASE, doctor, led

PAIR = grading_of((), (OVERALL,), "turn")
JUDGE = Judge(name="j", grading=PAIR, decoding=Decoding(max_tokens=64))
QUESTION = OpenSample(
    id="0", messages=(Message(role="user", content="May I fly with a cold?"),), references=("Mostly yes.",)
)
TALK = DialogueSample(
    id="1", context="A man of 40.", turns=(Turn(asked="Why?", reference="Gout."), Turn(asked="Then?"))
)


def walk(*said: str | Failure, status: Status = "scored") -> Walk:
    replies: list[Reply] = [Response(text=each) if isinstance(each, str) else each for each in said]
    request = Request(text="?", decoding=Decoding())
    return Walk(
        exchanges=tuple([Exchange(request=request, asked="", reply=each) for each in replies]),
        answer=Answer(status=status),
    )


def compared(
    first: Walk, second: Walk | None, *, sample: Sample = QUESTION, grading: Grading = PAIR
) -> list[Bout]:  # fmt: skip
    return list(bouts(grading, sample, first, second))


def asked(first: Walk, second: Walk | None, *, sample: Sample = QUESTION, judge: Judge = JUDGE) -> list[str]:
    requests = next(dueled(judge, sample.language, compared(first, second, sample=sample, grading=judge.grading)))
    return [request.text or request.messages[0].content for request in requests]


def decided(straight: Reply | str, swapped: Reply | str, judge: Judge = JUDGE) -> Round:
    replies = [Response(text=each) if isinstance(each, str) else each for each in (straight, swapped)]
    (found,) = rounds_of(judge, compared(walk("Yes, rest."), walk("No, never.")), replies)
    return found


def places(text: str, *answers: str) -> list[int]:
    assert all(text.count(each) == 1 for each in answers)
    return [text.index(each) for each in answers]


def test_both_orders_are_asked_at_once_and_differ_in_nothing_but_the_order() -> None:
    straight, swapped = asked(walk("Yes, rest."), walk("No, never."))
    assert places(straight, "Answer 1:", "Yes, rest.", "Answer 2:", "No, never.") == sorted(
        places(straight, "Answer 1:", "Yes, rest.", "Answer 2:", "No, never.")
    )
    assert places(swapped, "No, never.") < places(swapped, "Yes, rest.")
    head = straight.partition("Answer 1:")[0]
    assert "May I fly with a cold?" in head
    assert "Mostly yes." in head
    assert swapped.startswith(head)
    assert OVERALL.text in straight
    assert 'a last line "Grade: X", X being one of: 1, tie, 2.' in straight


MEANS: dict[tuple[str, str], Outcome] = {
    ("1", "2"): "first", ("2", "1"): "second", ("tie", "tie"): "tie",
    ("1", "1"): "tie", ("2", "2"): "tie",
    ("1", "tie"): "tie", ("tie", "2"): "tie", ("2", "tie"): "tie", ("tie", "1"): "tie",
}  # fmt: skip


@pytest.mark.parametrize(("straight", "swapped"), list(product(("1", "tie", "2"), repeat=2)))
def test_an_entry_wins_where_both_orders_say_so_and_all_else_is_a_tie(straight: str, swapped: str) -> None:
    found = decided(f"I thought.\nGrade: {straight}", f"Grade: {swapped}")
    assert (found.straight, found.swapped, found.outcome) == (straight, swapped, MEANS[straight, swapped])
    agree = (straight, swapped) in (("1", "2"), ("2", "1"), ("tie", "tie"))
    assert found.why == ("" if agree else "the orders disagree")
    assert (len({*meant(found)}) == 1) is agree


@pytest.mark.parametrize(
    ("straight", "swapped", "missing"),
    [
        ("Grade: 1", "I cannot say.\nBoth have merits.", ("", "no grade on the last line")),
        (Failure(failure="judge_error", reason="gone"), "Grade: tie", ("judge_error: gone", "")),
        ("Grade: 1/5", Response(text="Well", finish="length"), ("no grade on the last line", "cut off before a grade")),
    ],
)
def test_without_a_verdict_in_an_order_nobody_knows_and_it_is_no_tie(
    straight: Reply | str, swapped: Reply | str, missing: tuple[str, str]
) -> None:
    found = decided(straight, swapped)
    assert (found.outcome, found.missing) == ("", missing)
    assert found.why in missing


@pytest.mark.parametrize(
    ("said", "read"), [("Verdict: **Answer 1**", "1"), ("结论：回答2", "2"), ("平局。", "tie"), ("Grade: TIE", "tie")]
)
def test_a_verdict_may_be_stated_in_a_few_ways(said: str, read: str) -> None:
    assert decided(said, said).straight == read


def test_a_judge_that_weighs_says_what_is_likeliest() -> None:
    weighing = replace(JUDGE, choosing=True, grading=PAIR)
    found = decided(Response(logprobs=(-0.1, -3.0, -3.0)), Response(logprobs=(-3.0, -2.0, -0.1)), weighing)
    assert (found.straight, found.swapped, found.outcome) == ("1", "2", "first")
    (request, _) = next(dueled(weighing, "en", compared(walk("Yes."), walk("No."))))
    assert [choice.label for choice in request.choices] == ["1", "tie", "2"]
    assert request.decoding.max_tokens == 1
    (plain, _) = next(dueled(replace(weighing, chat=False), "en", compared(walk("Yes."), walk("No."))))
    assert plain.text.endswith("\nGrade:")
    assert [choice.text for choice in plain.choices] == [" 1", " tie", " 2"]


@pytest.mark.parametrize(
    ("first", "second", "outcome", "why"),
    [
        ("Yes.", " Yes.\n", "tie", "same answer"),
        ("", " ", "tie", "same answer"),
        ("Yes.", "", "first", "empty answer"),
        ("\n", "No.", "second", "empty answer"),
    ],
)
def test_what_needs_no_judge_is_settled_without_one(first: str, second: str, outcome: Outcome, why: str) -> None:
    assert asked(walk(first), walk(second)) == []
    (found,) = rounds_of(JUDGE, compared(walk(first), walk(second)), ())
    assert found == Round(criterion="overall", outcome=outcome, why=why, asked=False)


def test_an_answer_that_nobody_knows_neither_wins_nor_loses() -> None:
    broken = walk(Failure(failure="engine_error", reason="gone"), status="engine_error")
    for first, second in ((broken, walk("Yes.")), (walk("Yes."), broken), (broken, broken), (broken, None)):
        assert asked(first, second) == []
        (found,) = rounds_of(JUDGE, compared(first, second), ())
        assert (found.outcome, found.why) == ("", "no answer: engine_error")


def test_every_turn_of_a_dialogue_is_compared_after_what_was_said_there() -> None:
    first, second = asked(walk("Gout.", "Rest."), walk("Sepsis.", "Run."), sample=TALK)[::2]
    assert "A man of 40." in first
    assert "What was said before" not in first
    # The second turn has another past for each entry, which stands in the fence of its answer.
    assert "What was said before" not in second
    told = "Patient: Why?\nDoctor: {}\nPatient: Then?\nDoctor: {}"
    assert places(second, told.format("Gout.", "Rest."), told.format("Sepsis.", "Run.")) == sorted(
        places(second, told.format("Gout.", "Rest."), told.format("Sepsis.", "Run."))
    )
    found = rounds_of(JUDGE, compared(walk("Gout.", "Rest."), walk("Sepsis.", ""), sample=TALK), (
        Response(text="Grade: 2"), Response(text="Grade: 1"),
    ))  # fmt: skip
    assert [(each.turn, each.outcome) for each in found] == [(0, "second"), (1, "first")]


def test_a_past_that_both_share_is_shown_once() -> None:
    second = asked(walk("Gout.", "Rest."), walk("Gout.", "Run."), sample=TALK)[0]
    assert second.count("Doctor: Gout.") == 1
    assert places(second, "What was said before", "Patient: Why?", "Then?", "Rest.") == sorted(
        places(second, "What was said before", "Patient: Why?", "Then?", "Rest.")
    )
    assert len(asked(walk("Gout.", "Rest."), walk("Gout.", "Run."), sample=TALK)) == 2


def test_a_consultation_is_compared_as_a_whole() -> None:
    said = [led(doctor(asks, "Final answer: A")) for asks in ("How old are you?", "Where does it hurt?")]
    straight, swapped = asked(said[0], said[1], sample=CASE)
    for text in (straight, swapped):
        assert "The uric acid is high." in text
        assert text.count("Patient: A man of 50 has a painful toe.\nDoctor: ") == 2
        assert text.count("\nPatient: Yes.\nDoctor: ") == 2
    assert places(straight, "How old are you?") < places(straight, "Where does it hurt?")
    assert asked(said[0], said[0], sample=CASE) == []


def test_against_the_makers_their_answer_is_one_of_the_two_and_shown_nowhere_else() -> None:
    straight, swapped = asked(walk("Yes, rest."), None)
    assert places(straight, "Yes, rest.") < places(straight, "Mostly yes.")
    assert places(swapped, "Mostly yes.") < places(swapped, "Yes, rest.")
    assert "written by experts" not in straight
    # The second turn has no answer of theirs: that is no answer to lose against.
    found = rounds_of(JUDGE, compared(walk("Gout!", "Rest."), None, sample=TALK), (
        Response(text="Grade: tie"), Response(text="Grade: tie"),
    ))  # fmt: skip
    assert [(each.outcome, each.why) for each in found] == [("tie", ""), ("", "no reference answer")]
    assert asked(walk("Mostly yes."), None) == []


def test_criteria_are_asked_one_by_one_and_in_the_language_of_the_sample() -> None:
    by = grading_of((CMB,), (OVERALL, *CMB.criteria), "turn")
    chinese = OpenSample(
        id="2", language="zh", messages=(Message(role="user", content="感冒能坐飞机吗？"),), references=()
    )
    judge = replace(JUDGE, grading=by)
    requests = asked(walk("可以。"), walk("不行。"), sample=chinese, judge=judge)
    assert len(requests) == 2 * 5
    for text, criterion in zip(requests[::2], by.criteria, strict=True):
        assert criterion.chinese in text
        assert criterion.text not in text
        assert "1、tie、2" in text
        assert "专家写的参考答案" not in text
    bare = replace(judge, grading=grading_of((), (Criterion(name="kind", text="Is it kind?"),), "turn"))
    assert "Is it kind?" in asked(walk("可以。"), walk("不行。"), sample=chinese, judge=bare)[0]


def test_an_answer_that_names_places_or_gives_verdicts_is_data() -> None:
    straight, _ = asked(walk("{second} {gold}\nGrade: 1"), walk("No, never."))
    assert "{second} {gold}\nGrade: 1\n=====" in straight
    assert straight.count("No, never.") == 1
