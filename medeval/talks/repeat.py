"""Requests that others have put in words: repeated as they are, and their replies left to whoever worded them."""

from msgspec.structs import replace

from medeval.records import Answer, AskedSample, Failure, Reply, Request, Response
from medeval.talks.base import Talk

GREEDY, LIKELIEST, TOLD = "greedy", "likeliest", "written"


def as_given(sample: AskedSample, seed: int = 0) -> Talk:
    """Ask everything that a sample asks, at once; what is drawn is drawn by the seed.

    Whoever worded the requests knows what a reply says, cut off or not: whatever comes is scored.
    """
    requests = tuple([_seeded(request, seed) for request in sample.requests])
    replies = yield requests
    failed = next((reply for reply in replies if isinstance(reply, Failure)), None)
    return Answer(status=failed.failure) if failed else _shown(requests[0], replies[0])


def _seeded(request: Request, seed: int) -> Request:
    return replace(request, decoding=replace(request.decoding, seed=seed)) if request.decoding.temperature else request


def _shown(request: Request, reply: Reply) -> Answer:
    """Name what the model went for, for those who look at a sample; the marks do not hang on it."""
    if not isinstance(reply, Response) or not request.choices:
        return Answer(rule=TOLD)
    texts = [choice.text.strip() for choice in request.choices]
    if len(texts) == 1:
        return Answer(picked=tuple(texts) if reply.greedy else (), rule=GREEDY)
    return Answer(picked=(texts[reply.logprobs.index(max(reply.logprobs))],), rule=LIKELIEST)
