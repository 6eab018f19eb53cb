"""Answering in writing: one request, and a reader reads the reply."""

import pytest

from medeval.arrange import lettered
from medeval.prompts import write_a_letter
from medeval.readers import HOUSE, MIRAGE, Reader
from medeval.records import Answer, ChoiceSample, Decoding, Failure, FailureKind, Reply, Request, Response, Status
from medeval.talks.write import written

SAMPLE = ChoiceSample(
    id="0", question="Which vessel?", options=lettered(("aorta", "vein", "duct", "node")), target=("B",)
)


def answer(reply: Reply, reader: Reader = HOUSE) -> Answer:
    """Go the whole way with one reply."""
    talk = written(SAMPLE, write_a_letter, reader)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send((reply,))
    found = end.value.value
    assert isinstance(found, Answer)
    return found


def test_one_request_lets_the_model_write() -> None:
    assert next(written(SAMPLE, write_a_letter, HOUSE)) == (
        Request(
            text="Which vessel?\n\nA. aorta\nB. vein\nC. duct\nD. node\n\n"
            'Give the letter of the right option. End with a last line "Answer: X".',
            decoding=Decoding(max_tokens=512, temperature=0.0),
        ),
    )


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
