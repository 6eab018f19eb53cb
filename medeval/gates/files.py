"""gate.toml: what a night may lose at most, and what is required of it."""

import difflib
import hashlib
import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from medeval.comparing import TREATMENTS, Treatment
from medeval.errors import RequestError, raise_all
from medeval.records import Record

EVERY = "*"
RATES = ("unread_rate", "error_rate", "truncated_rate", "refused_rate", "too_long_rate")
"""What is counted in every cell, as shares of what was asked."""
FEWEST = 5
"""Nights that a speed is told from at least."""
PACES = ("tokens_per_second", "replies_per_second")


class Margin(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number may not be worse than the baseline's by more than the margin."""

    task: str
    """A task, one of its cells, or `*`: all that are pinned."""
    metric: str = ""
    """Empty: the one that the task is known by."""
    margin: float
    min_effect: float = 0.0
    """A loss that is smaller is none, however sure it is."""


class Bound(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number must lie within a limit, whatever the baseline's is."""

    task: str
    metric: str
    max: float | None = None
    min: float | None = None
    bound: bool = False
    """Hold the one-sided 95 % limit of the number to it: what has never been seen may be rare, and not absent."""


class Speed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A night may not be slower than the nights before foretell."""

    metric: str = "tokens_per_second"
    history: int = 20
    level: float = 0.99


class Confirm(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How sure the second run of a red task must be."""

    alpha: float = 0.05


class Gates(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gate file."""

    version: Literal[1] = 1
    baseline: str = ""
    family_alpha: float = 0.01
    confidence: float = 0.90
    on_inconclusive: Literal["warn", "fail"] = "warn"
    treatment: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    confirm: Confirm = Confirm()
    gate: tuple[Margin, ...] = ()
    absolute: tuple[Bound, ...] = ()
    speed: tuple[Speed, ...] = ()

    @property
    def treatments(self) -> tuple[Treatment, ...]:
        """What was changed on purpose."""
        return tuple([each for each in TREATMENTS if each in self.treatment])


class Opened(Record, frozen=True, kw_only=True):
    """A gate file as it was read."""

    path: str
    gates: Gates
    digest: str
    lines: dict[str, tuple[int, ...]]
    """Where in the file each table of a kind begins: for notes beside it."""

    def line(self, kind: str, place: int) -> int:
        """The line of one table; the first, if it was written in another way."""
        found = self.lines.get(kind, ())
        return found[place] if place < len(found) else 1


def opened(path: Path) -> Opened:
    """Read a gate file; all that is wrong in it is told at once."""
    try:
        text = path.read_text(encoding="utf-8")
        said = tomllib.loads(text)
        raise_all([RequestError(f"{path}: {fault}") for fault in _strange(said)])
        gates = msgspec.convert(said, Gates)
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror}). `medeval init ci` writes one.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise RequestError(f"{path}: {error}.") from error
    raise_all([RequestError(f"{path}: {fault}") for fault in _faults(gates)])
    heads = [(number, re.match(r"\s*\[\[\s*(\w+)\s*\]\]", line)) for number, line in enumerate(text.splitlines(), 1)]
    lines = {
        kind: tuple([number for number, head in heads if head and head[1] == kind])
        for kind in ("gate", "absolute", "speed")
    }
    return Opened(path=str(path), gates=gates, digest=hashlib.sha256(text.encode()).hexdigest()[:16], lines=lines)


def _strange(said: Mapping[str, object]) -> Iterator[str]:
    """Find fields that a gate file does not have: a slip of the pen would gate nothing."""
    if said.get("version", 1) != 1:
        yield f"version is {said['version']}; this medeval reads 1."
    yield from _unknown("the file", said, Gates)
    for name, kind in (("gate", Margin), ("absolute", Bound), ("speed", Speed), ("confirm", Confirm)):
        there = said.get(name, [])
        for place, table in enumerate(there if isinstance(there, list) else [there], 1):
            if isinstance(table, dict):
                yield from _unknown(f"[[{name}]] {place}" if isinstance(there, list) else f"[{name}]", table, kind)


def _unknown(where: str, table: Mapping[str, object], kind: type[Record]) -> Iterator[str]:
    fields = kind.__struct_fields__
    for name in table:
        if name not in fields:
            close = difflib.get_close_matches(name, fields, n=1)
            guess = f" Did you mean {close[0]!r}?" if close else ""
            yield f"{where}: there is no field {name!r}.{guess} There are {', '.join(fields)}."


def _faults(gates: Gates) -> Iterator[str]:
    for name, value, low, high in (
        ("family_alpha", gates.family_alpha, 0.0, 0.5), ("confidence", gates.confidence, 0.5, 1.0),
        ("confirm.alpha", gates.confirm.alpha, 0.0, 0.5),
    ):  # fmt: skip
        if not low < value < high:
            yield f"{name} is {value:g}; it lies between {low:g} and {high:g}."
    for name in gates.treatment:
        if name not in TREATMENTS:
            yield f"treatment {name!r}: say one of {', '.join(TREATMENTS)}."
    yield from _of_margins(gates.gate)
    for bound in gates.absolute:
        yield from _of_bound(bound)
    for speed in gates.speed:
        if speed.metric not in PACES:
            yield f"speed {speed.metric!r}: say one of {', '.join(PACES)}."
        if speed.history < FEWEST or not 0.5 < speed.level < 1:
            yield f"speed {speed.metric}: history is at least {FEWEST} nights, level between 0.5 and 1."


def _of_bound(bound: Bound) -> Iterator[str]:
    name, limit = f"absolute {bound.metric} of {bound.task}", bound.min if bound.max is None else bound.max
    if limit is None or (bound.max is not None and bound.min is not None):
        yield f"{name}: say either max or min."
    elif not math.isfinite(limit):
        yield f"{name}: the limit is {limit:g}; say a number."
    elif bound.bound and bound.max is not None and bound.max <= 0:
        yield f"{name}: with bound, max is above 0: what was never seen may be there all the same."


def _of_margins(gates: Sequence[Margin]) -> Iterator[str]:
    counted = Counter((each.task, each.metric) for each in gates)
    for (task, metric), count in counted.items():
        if count > 1:
            yield f"gate of {task}: {metric or 'its own number'} has {count} gates. Leave one."
    for each in gates:
        if not 0 < each.margin < math.inf:
            yield f"gate of {each.task}: margin is {each.margin:g}; it is above 0, as 0.015 is for a point and a half."
        if not 0 <= each.min_effect < math.inf:
            yield f"gate of {each.task}: min_effect is {each.min_effect:g}; it is not below 0."
        elif each.min_effect > each.margin:
            yield f"gate of {each.task}: min_effect {each.min_effect:g} is above the margin {each.margin:g}."
