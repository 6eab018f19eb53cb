"""Multiple choice in writing: the model writes, and a reader reads its answer."""

from msgspec.structs import replace

from medeval.prompts import Asking
from medeval.readers import Reader, traces
from medeval.records import Answer, ChoiceSample, Decoding, Failure, Response
from medeval.talks.base import Talk


def written(sample: ChoiceSample, asking: Asking, reader: Reader, decoding: Decoding) -> Talk:
    """Let the model write freely, and read what it states."""
    (reply,) = yield (asking.request(asking.question(sample), decoding),)
    if isinstance(reply, Failure):
        return Answer(status=reply.failure)
    return _read(reply, asking.prefill, reader, sample)


def _read(reply: Response, prefill: str, reader: Reader, sample: ChoiceSample) -> Answer:
    """Read what was put into the model's mouth together with what it made of it."""
    if traces.opens(prefill):
        prefill = ""  # a trace that was begun there has been parted from the answer
    answer = reader.read(replace(reply, text=prefill + reply.text) if prefill else reply, sample)
    if not prefill or answer.span is None:
        return answer
    start, end = [max(0, place - len(prefill)) for place in answer.span]
    return replace(answer, span=(start, end))
