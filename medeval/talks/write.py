"""Multiple choice in writing: the model writes, and a reader reads its answer."""

from medeval.prompts import Wording
from medeval.readers import Reader
from medeval.records import Answer, ChoiceSample, Decoding, Failure, Request
from medeval.talks.base import Talk

SHORT_TEXT = Decoding(max_tokens=512)


def written(sample: ChoiceSample, wording: Wording, reader: Reader) -> Talk:
    """Let the model write freely, and read what it states."""
    (reply,) = yield (Request(text=wording(sample), decoding=SHORT_TEXT),)
    if isinstance(reply, Failure):
        return Answer(status=reply.failure)
    return reader.read(reply, sample)
