"""Answering in writing: one request, and a reader reads the reply."""

from typing import Literal

import pytest

from medeval.arrange import lettered
from medeval.prompts import Asking, reason_to_a_letter, write_a_letter
from medeval.readers import HOUSE, MIRAGE, Reader
from medeval.records import (
    Answer,
    ChoiceSample,
    Decoding,
    Failure,
    FailureKind,
    Message,
    Reply,
    Request,
    Response,
    Setting,
    Status,
)
from medeval.talks.write import written

SAMPLE = ChoiceSample(
    id="0", question="Which vessel?", options=lettered(("aorta", "vein", "duct", "node")), target=("B",)
)
PLAIN = Asking(write_a_letter, Setting(style="written"))
BRIEF = Decoding(max_tokens=512)


def answer(reply: Reply, reader: Reader = HOUSE, asking: Asking = PLAIN) -> Answer:
    """Go the whole way with one reply."""
    talk = written(SAMPLE, asking, reader, BRIEF)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((reply,))
    found = end.value.value
    assert isinstance(found, Answer)
    return found


def test_one_request_lets_the_model_write() -> None:
    assert next(written(SAMPLE, PLAIN, HOUSE, BRIEF)) == (
        Request(
            text="Which vessel?\n\nA. aorta\nB. vein\nC. duct\nD. node\n\n"
            'Give the letter of the right option. End with a last line "Answer: X".',
            decoding=Decoding(max_tokens=512, temperature=0.0),
        ),
    )


def test_the_text_is_drawn_as_the_talk_is_told() -> None:
    drawn = Decoding(max_tokens=32, temperature=0.6, top_p=0.95, top_k=20, seed=7, stop=("\n",))
    (request,) = next(written(SAMPLE, PLAIN, HOUSE, drawn))
    assert request.decoding == drawn
    assert request.choices == ()


def test_in_a_chat_the_model_writes_a_turn_of_its_own() -> None:
    chat = Asking(reason_to_a_letter, Setting(style="reasoned", chat=True, thinking="on", prefill="Well,"))
    (request,) = next(written(SAMPLE, chat, HOUSE, BRIEF))
    (message,) = request.messages
    assert message == Message(role="user", content=reason_to_a_letter(SAMPLE))
    assert (request.text, request.prefill, request.thinking) == ("", "Well,", "on")


def test_the_answer_is_what_the_reader_reads() -> None:
    text = "Blood returns to the heart.\nAnswer: B"
    found = answer(Response(text=text))
    assert (found.picked, found.rule, found.status) == (("B",), "stated", "scored")
    assert found.span is not None
    assert text[slice(*found.span)] == "B"


def test_another_reader_reads_otherwise() -> None:
    assert answer(Response(text="No idea."), MIRAGE).picked == ("A",)
    assert answer(Response(text="No idea.")).picked == ()


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Response(text="It depends on"), "unread"),
        (Response(text=""), "unread"),
        (Response(text="It depends on", finish="length"), "truncated"),
        (Response(text="", finish="length"), "truncated"),
        (Response(text="I'm sorry, but I cannot help with that."), "refused"),
    ],
)
def test_nothing_stated_has_a_status_of_its_own(reply: Response, status: Status) -> None:
    assert answer(reply) == Answer(picked=(), status=status)


def test_what_was_stated_before_the_text_was_cut_off_is_read() -> None:
    assert answer(Response(text="The answer is C. This is because", finish="length")).picked == ("C",)


@pytest.mark.parametrize("kind", ["too_long", "nonfinite", "engine_error", "judge_error"])
def test_a_failure_becomes_the_status_of_the_answer(kind: FailureKind) -> None:
    assert answer(Failure(failure=kind, reason="why")) == Answer(picked=(), rule="", status=kind)


# --- what is put into the model's mouth ---


def begun(prefill: str) -> Asking:
    return Asking(write_a_letter, Setting(style="written", chat=True, prefill=prefill))


@pytest.mark.parametrize(
    ("prefill", "text"),
    [("The answer is (", "B) vein."), ("Answer:", " B"), ("答案：", "B"), ("The correct", " option is B.")],
)
def test_what_goes_on_with_a_prefill_is_read_together_with_it(prefill: str, text: str) -> None:
    found = answer(Response(text=text), asking=begun(prefill))
    assert (found.picked, found.rule, found.status) == (("B",), "stated", "scored")


@pytest.mark.parametrize("prefill", ["The answer is (", "Let us see. Blood returns. The answer is ("])
def test_the_span_is_that_of_the_models_own_text(prefill: str) -> None:
    text = "B) vein, which brings it back."
    found = answer(Response(text=text), asking=begun(prefill))
    assert found.span is not None
    assert "B" in text[slice(*found.span)]
    assert found.span[1] <= 2


@pytest.mark.parametrize(("finish", "status"), [("stop", "unread"), ("length", "truncated")])
def test_a_prefill_alone_states_nothing(finish: Literal["stop", "length"], status: Status) -> None:
    assert answer(Response(text="", finish=finish), asking=begun("The answer is")) == Answer(status=status)


def test_a_trace_that_the_prefill_closes_is_no_hindrance() -> None:
    found = answer(Response(text="The answer is B."), asking=begun("<think>\n\n</think>\n\n"))
    assert (found.picked, found.span) == (("B",), (14, 15))


def test_a_trace_that_the_prefill_begins_ends_where_the_engine_has_parted_it() -> None:
    parted = Response(text="The answer is B.", reasoning="Blood returns to the heart, so not A.")
    found = answer(parted, asking=begun("<think>\n"))
    assert (found.picked, found.span) == (("B",), (14, 15))


def test_nothing_is_read_out_of_the_reasoning() -> None:
    assert answer(Response(text="", reasoning="The answer is B.")) == Answer(status="unread")
    assert answer(Response(text="The answer is C.", reasoning="The answer is B.")).picked == ("C",)
