"""A text of one's own: the model writes, and what it wrote is the answer."""

from medeval.prompts import Asking
from medeval.records import Answer, Decoding, Failure, OpenSample
from medeval.talks.base import Talk


def composed(sample: OpenSample, asking: Asking, decoding: Decoding) -> Talk:
    """Let the model write. An empty text is unread; one that was cut off is marked as far as it goes."""
    before = sample.messages[:-1]
    spoken = sample.language if before else None
    if spoken and asking.plain:
        decoding = asking.own_turn_only(decoding, spoken)
    (reply,) = yield (asking.request(asking.question(sample), decoding, before=before, spoken=spoken),)
    if isinstance(reply, Failure):
        return Answer(status=reply.failure)
    if reply.finish == "length":
        return Answer(status="truncated", rule="text")
    return Answer(status="scored", rule="text") if reply.text.strip() else Answer(status="unread")
