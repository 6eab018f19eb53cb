"""Scored samples in words: a line, or the whole way."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from medeval.cli.say import clean
from medeval.errors import RequestError
from medeval.records import Response, Status, to_json
from medeval.reports import SAMPLES, from_json
from medeval.scoring import Scored


def chosen(folders: list[Path], status: Status | None, sample: str) -> list[Scored]:
    """Choose one sample, or all of a status, from some cells."""
    every = read(folders)
    if not sample:
        return [each for each in every if each.status == status]
    found = [each for each in every if each.sample == sample]
    if not found:
        raise RequestError(f"No sample has the id {sample!r}. samples.jsonl names them all.")
    return found


def read(folders: list[Path]) -> Iterator[Scored]:
    """Read the scored samples of some cells; a group has none of its own."""
    for path in [folder / SAMPLES for folder in folders if (folder / SAMPLES).is_file()]:
        with open(path, "rb") as file:
            for data in file:
                yield from_json(data, Scored, str(path))


def told(scored: Scored, *, whole: bool) -> str:
    """Put a sample into words."""
    return _whole(scored) if whole else _line(scored)


def tell(chosen: Sequence[Scored], *, whole: bool, json: bool) -> None:
    """Print samples, whole or a line each."""
    if json:
        print(to_json(chosen).decode())
        return
    for each in chosen:
        print(clean(told(each, whole=whole)))


def _line(scored: Scored) -> str:
    reply = scored.exchanges[-1].reply
    text = getattr(reply, "text", "") or getattr(reply, "reason", "")
    tail = " ".join(text.split())[-100:]
    right, picked = ",".join(scored.target), ",".join(scored.picked) or "-"
    return f"{scored.sample}  {scored.status}  right {right}  picked {picked}  {tail}"


def _whole(scored: Scored) -> str:
    picked = f", right {','.join(scored.target)}, picked {','.join(scored.picked) or '-'}" if scored.target else ""
    time = f" (variant {scored.variant}, repeat {scored.repeat})" if scored.variant or scored.repeat else ""
    lines = [f"{scored.sample}{time}: {scored.status}{picked}"]
    lines += [f"read by rule {scored.rule!r} at {scored.span}"] if scored.target else []
    lines += (
        [f"slices: {', '.join([f'{name} {value}' for name, value in scored.slices.items()])}"] if scored.slices else []
    )
    lines += [f"{name} {value}" for name, value in scored.scores.items()]
    for number, exchange in enumerate(scored.exchanges, 1):
        asked = exchange.prompt or "\n".join(f"[{message.role}] {message.content}" for message in exchange.messages)
        lines += [f"--- asked {number} ({exchange.role})", asked, f"--- replied {number}"]
        reply = exchange.reply
        if isinstance(reply, Response) and reply.reasoning:
            lines += [reply.reasoning, "--- and after its reasoning"]
        lines.append(exchange.prefill + reply.text if isinstance(reply, Response) and reply.text else str(reply))
    for number, reference in enumerate(scored.references, 1):
        lines += [f"--- reference {number}", reference]
    return "\n".join(lines)
