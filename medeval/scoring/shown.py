"""A scored sample as samples.jsonl shows it."""

from collections.abc import Mapping

from medeval.records import Exchange, Message, OpenSample, Record, Reply, Status, Walk
from medeval.sitting import Take


class Exchanged(Record, omit_defaults=True, frozen=True, kw_only=True):
    """One request: its words, and what came back."""

    role: str = "model"
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    prefill: str = ""
    reply: Reply


class Scored(Record, frozen=True, kw_only=True):
    """One line of samples.jsonl."""

    sample: str
    variant: int = 0
    repeat: int = 0
    cluster: str = ""
    slices: Mapping[str, str]
    status: Status
    target: tuple[str, ...]
    picked: tuple[str, ...]
    rule: str
    span: tuple[int, int] | None
    scores: dict[str, float | None]
    """What this sample is worth by each metric that is a mean."""
    marks: dict[str, tuple[float | str | None, ...]]
    """What the other metrics are computed from, for paired tests of them."""
    exchanges: tuple[Exchanged, ...]
    references: tuple[str, ...] = ()
    """Texts that would have been good."""


def scored(
    take: Take,
    walk: Walk,
    slices: Mapping[str, str],
    scores: dict[str, float | None],
    marks: dict[str, tuple[float | str | None, ...]],
) -> Scored:
    """Make the line of one take."""
    answer = walk.answer
    references = take.sample.references if isinstance(take.sample, OpenSample) else ()
    return Scored(
        sample=take.sample.id, variant=take.variant, repeat=take.repeat, cluster=take.sample.cluster, slices=slices,
        status=answer.status, target=take.sample.right, picked=answer.picked, rule=answer.rule, span=answer.span,
        scores=scores, marks=marks, exchanges=tuple([_exchanged(each) for each in walk.exchanges]),
        references=references,
    )  # fmt: skip


def _exchanged(exchange: Exchange) -> Exchanged:
    request = exchange.request
    return Exchanged(
        role=request.role,
        prompt=request.text,
        messages=request.messages,
        prefill=request.prefill,
        reply=exchange.reply,
    )
