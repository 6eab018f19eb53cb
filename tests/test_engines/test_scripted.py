"""The scripted engine: a function in the place of a model."""

from collections.abc import Callable
from pathlib import Path

import pytest

import medeval
from medeval.engines.base import Ask, Rendered
from medeval.engines.scripted import Scripted
from medeval.records import Decoding, Failure, Reply, Request, Response

Exam = Callable[[int], Path]


def ask(text: str) -> Ask:
    return Ask(
        "key", "words", "exam", "0", 0, "place", 0, Request(text=text, decoding=Decoding()), Rendered(text, None)
    )


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("C", Response(text="C")),
        (Response(logprobs=(-1.0, -2.0)), Response(logprobs=(-1.0, -2.0))),
        (Failure(failure="too_long", reason="9"), Failure(failure="too_long", reason="9")),
    ],
)
def test_a_script_gives_a_reply_or_the_text_of_one(said: Reply | str, reply: Reply) -> None:
    engine = Scripted(lambda request: said)
    engine.submit([ask("Which?")])
    assert engine.replies(0) == [("key", reply)]


def test_a_script_sees_the_request_and_is_counted() -> None:
    engine = Scripted(lambda request: request.text.upper())
    assert engine.asked == 0
    engine.submit([ask("first"), ask("second")])
    assert [reply for _, reply in engine.replies(0)] == [Response(text="FIRST"), Response(text="SECOND")]
    assert engine.asked == 2


def test_a_script_may_say_what_it_is_and_that_it_gives_no_log_probabilities() -> None:
    engine = Scripted(lambda request: "", model="mute", choices=False)
    assert engine.identity.model == "mute"
    assert not engine.abilities.choices


def test_a_script_is_evaluated_like_any_model(exam: Exam) -> None:
    root = exam(8)
    found = medeval.evaluate(
        model=Scripted(lambda request: "Answer: C"), tasks=["exam"], data=root / "data", reports=root / "reports",
        style="written", task_paths=[root],
    )  # fmt: skip
    assert found.results[0].first.value == 0.25
    assert found.results[0].entry == "scripted"


@pytest.mark.parametrize("said", ["A", Response(logprobs=(-1.0, -2.0)), Response(logprobs=(-1.0,) * 5)])
def test_a_reply_without_a_log_probability_for_every_choice_is_not_measured(exam: Exam, said: Reply | str) -> None:
    root = exam(8)
    poisoned = Scripted(lambda request: said if "Question 3?" in request.text else Response(logprobs=(0, -1, -2, -3)))
    found = medeval.evaluate(
        model=poisoned, tasks=["exam"], data=root / "data", reports=root / "reports", task_paths=[root]
    )
    assert (found.results[0].first.n, found.results[0].first.failed) == (7, 1)
