"""A dialogue in fixed turns: the questions are the benchmark's, the answers the model's, and each sees those before."""

from medeval.prompts import Asking
from medeval.records import Answer, Decoding, DialogueSample, Failure, Message, Reply, Response
from medeval.talks.base import Talk


def conversed(sample: DialogueSample, asking: Asking, decoding: Decoding) -> Talk:
    """Ask turn by turn. What the model answered stands before the next question, or what the benchmark would have."""
    before: tuple[Message, ...] = ()
    replies: list[Response] = []
    if asking.plain:
        decoding = asking.own_turn_only(decoding, sample.language)
    for number, turn in enumerate(sample.turns):
        asked = turn.asked if number else asking.question(sample)
        reply: Reply
        (reply,) = yield (asking.request(asked, decoding, before=before, spoken=sample.language),)
        if isinstance(reply, Failure):
            return Answer(status=reply.failure)
        replies.append(reply)
        said = turn.reference if sample.carried == "gold" else reply.text.strip()
        before += (Message(role="user", content=asked), Message(role="assistant", content=said))
    if not all(reply.text.strip() for reply in replies):
        return Answer(status="unread")
    return Answer(status="truncated" if any(reply.finish == "length" for reply in replies) else "scored", rule="text")
