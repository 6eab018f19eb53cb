"""What lm-eval wants of a model, in requests of ours: a prompt and its continuations, or a prompt and how to write."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from medeval.errors import RequestError
from medeval.records import Choice, Decoding, Exchange, Failure, Request

CHOSEN, WRITTEN = "loglikelihood", "generate_until"
LENGTHS = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")
"""Names of the greatest length; the first that is said counts."""
USUAL_LENGTH = 256
NUMBERS = ("top_p", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty")
IDLE = {"num_beams": 1, "stream": False, "skip_special_tokens": True}
"""What may be said because it changes nothing."""
KNOWN = {"until", "do_sample", "temperature", "top_k", *LENGTHS, *NUMBERS}
ONE_TOKEN = Decoding(max_tokens=1)

Wanted = tuple[str, Sequence[Any]]
"""A kind of request of lm-eval's, and its arguments."""
Result = tuple[float, bool] | str
"""What lm-eval gets for one of them: log-probability and whether it is greedy, or a text."""


def amiss(wanted: Iterable[Wanted]) -> Iterator[str]:
    """Tell what no engine of ours can be asked, as the end of a sentence."""
    for kind, arguments in wanted:
        if kind not in (CHOSEN, WRITTEN):
            yield f"it asks for {kind}, which no engine here gives"
        elif kind == CHOSEN and not arguments[0].strip():
            yield "it asks what goes on with an empty text (acc_mutual_info does), which no engine here can be asked"
        elif kind == CHOSEN and not (isinstance(arguments[1], str) and arguments[1]):
            yield f"it asks for the continuation {arguments[1]!r}, which is no text"
        elif kind == WRITTEN and (strange := sorted({*arguments[1]} - KNOWN - {*_idle(arguments[1])})):
            yield f"its generation_kwargs have {', '.join(strange)}, which engines here know nothing of"


def requests_of(wanted: Sequence[Wanted]) -> Iterator[Request]:
    """Put what is wanted of one row into requests; continuations of one prompt that follow each other make one."""
    for (kind, text), group in groupby(wanted, key=_prompt):
        pairs = [arguments for _, arguments in group]
        if kind == WRITTEN:
            yield from [Request(text=text, decoding=decoding(how)) for _, how in pairs]
        else:
            texts = tuple([before[len(text) :] + after for before, after in pairs])
            yield Request(text=text, choices=_choices(texts), decoding=ONE_TOKEN)


def _prompt(wanted: Wanted) -> tuple[str, str]:
    kind, arguments = wanted
    # As lm-eval does it: blanks at the end of a prompt go over to the continuation, whose tokens they begin.
    return kind, arguments[0] if kind == WRITTEN else arguments[0].rstrip()


@lru_cache(maxsize=256)
def _choices(texts: tuple[str, ...]) -> tuple[Choice, ...]:
    # One tuple for thousands of questions: it is hashed once only.
    return tuple([Choice(label=str(place), text=text) for place, text in enumerate(texts)])


def decoding(how: Mapping[str, Any]) -> Decoding:
    """Read `generation_kwargs` as lm-eval's engines do; what is not said there has its plain value."""
    until = how.get("until") or []
    length = next((how[name] for name in LENGTHS if how.get(name) is not None), USUAL_LENGTH)
    drawn = how.get("do_sample") is not False
    numbers: dict[str, Any] = {name: float(how[name]) for name in NUMBERS if how.get(name) is not None}
    return Decoding(
        max_tokens=int(length), temperature=float(how.get("temperature") or 0.0) if drawn else 0.0,
        top_k=int(how.get("top_k") or 0), stop=tuple(filter(None, [until] if isinstance(until, str) else until)),
        **numbers,
    )  # fmt: skip


def _idle(how: Mapping[str, Any]) -> list[str]:
    return [name for name, value in IDLE.items() if how.get(name) == value]


def results_of(exchanges: Sequence[Exchange]) -> Iterator[Result]:
    """Give the replies to `requests_of` in the order and the shape in which lm-eval wants them."""
    for exchange in exchanges:
        request, reply = exchange.request, exchange.reply
        if isinstance(reply, Failure):
            raise RequestError(f"no result: {reply.reason}")
        if request.choices:
            yield from [(value, place in reply.greedy) for place, value in enumerate(reply.logprobs)]
        else:
            yield _cut(reply.text, request.decoding.stop)


def _cut(text: str, stops: Iterable[str]) -> str:
    """End a text where it should; engines do so too, and texts that were made elsewhere do not."""
    for stop in stops:
        text = text.split(stop, maxsplit=1)[0]
    return text
