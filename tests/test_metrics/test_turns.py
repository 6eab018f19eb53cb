"""Metrics of texts over the turns of a dialogue: every turn counts the same, and an unsaid one is worth nothing."""

import numpy as np
import pytest

from medeval.errors import TaskError
from medeval.metrics.base import Metric
from medeval.metrics.text import BLEU, ROUGE, WORDS
from medeval.metrics.turns import as_open, over_turns
from medeval.records import Answer, Decoding, DialogueSample, Exchange, Request, Response, Turn, Walk

SAMPLE = DialogueSample(
    id="0", context="A case.",
    turns=tuple([
        Turn(asked=asked, reference=reference)
        for asked, reference in (("a", "one two"), ("b", "three four"), ("c", "five"))
    ]),
)  # fmt: skip


def walk(*texts: str, beside: str = "") -> Walk:
    said = [("model", text) for text in texts] + ([("model:probe", beside)] if beside else [])
    return Walk(
        exchanges=tuple([
            Exchange(request=Request(decoding=Decoding(), role=role), asked="", reply=Response(text=text))
            for role, text in said
        ]), answer=Answer(),
    )  # fmt: skip


def value(metric: Metric, *walks: Walk, sample: DialogueSample = SAMPLE) -> float:
    marks = np.array([metric.mark(sample, each) for each in walks])
    return float(metric.gather(marks, np.ones((1, len(walks))))[0, metric.part or 0])


def test_a_turn_is_a_question_with_its_own_reference() -> None:
    turn = as_open(SAMPLE, 1)
    assert (turn.messages[-1].content, turn.references, turn.source) == ("b", ("three four",), "A case.")


def test_the_mean_is_over_turns_and_not_over_dialogues() -> None:
    (f1, exact) = over_turns(WORDS)
    whole, part = walk("one two", "three four", "five"), walk("one two", "three", "six")
    assert value(exact, whole) == 1.0
    assert value(exact, part) == pytest.approx(1 / 3)
    assert value(f1, part) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert value(exact, whole, part) == pytest.approx(4 / 6)


def test_metrics_of_one_marker_keep_their_columns() -> None:
    metrics = over_turns(ROUGE)
    assert len({metric.mark for metric in metrics}) == 1
    one = walk("one two", "four three", "five")
    assert [value(metric, one) for metric in metrics[:3]] == pytest.approx([1.0, 1 / 3, (1 + 0.5 + 1) / 3])


def test_a_turn_that_was_never_asked_is_worth_nothing() -> None:
    assert value(over_turns(WORDS)[1], walk("one two")) == pytest.approx(1 / 3)


def test_what_the_model_said_beside_the_dialogue_is_no_turn() -> None:
    assert value(over_turns(WORDS)[1], walk("one two", beside="three four")) == pytest.approx(1 / 3)


def test_a_turn_without_a_reference_has_no_part_in_it() -> None:
    sample = DialogueSample(id="1", turns=(Turn(asked="a", reference="one"), Turn(asked="b")))
    assert value(over_turns(WORDS)[1], walk("one", "anything"), sample=sample) == 1.0
    nothing = DialogueSample(id="2", turns=(Turn(asked="a"),))
    assert over_turns(WORDS)[1].mark(nothing, walk("x")) is None


def test_what_is_no_mean_of_texts_is_refused() -> None:
    with pytest.raises(TaskError, match="no mean of texts"):
        over_turns(BLEU)
