"""Scored samples in words: a line, or the whole way."""

from collections.abc import Iterator
from pathlib import Path

from medeval.reports import SAMPLES, from_json
from medeval.scoring import Scored


def read(folders: list[Path]) -> Iterator[Scored]:
    """Read the scored samples of some cells."""
    for folder in folders:
        path = folder / SAMPLES
        with open(path, "rb") as file:
            for data in file:
                yield from_json(data, Scored, str(path))


def line(scored: Scored) -> str:
    """Tell of a sample in a line."""
    reply = scored.exchanges[-1].reply
    text = getattr(reply, "text", "") or getattr(reply, "reason", "")
    tail = " ".join(text.split())[-100:]
    right, picked = ",".join(scored.target), ",".join(scored.picked) or "-"
    return f"{scored.sample}  {scored.status}  right {right}  picked {picked}  {tail}"


def whole(scored: Scored) -> str:
    """Tell all there is about a sample."""
    lines = [
        f"{scored.sample}: {scored.status}, right {','.join(scored.target)}, picked {','.join(scored.picked) or '-'}"
    ]
    lines += [
        f"read by rule {scored.rule!r} at {scored.span}",
        *[f"{name} {value}" for name, value in scored.scores.items()],
    ]
    for number, exchange in enumerate(scored.exchanges, 1):
        asked = exchange.prompt or "\n".join(f"[{message.role}] {message.content}" for message in exchange.messages)
        lines += [f"--- asked {number} ({exchange.role})", asked, f"--- replied {number}"]
        lines.append(getattr(exchange.reply, "text", "") or str(exchange.reply))
    return "\n".join(lines)
