"""Two files that should be the same bytes: where they part first, with both values."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec
from msgspec.structs import replace

from medeval.audits.folders import lines
from medeval.audits.signatures import VERSION
from medeval.records import Record, Result, to_json
from medeval.reports import from_json

FIRST = 3
"""Fields that are told of one file."""
CLIP = 80


class Differs(Record, frozen=True, kw_only=True):
    """How a file differs from the one that was made again."""

    faults: tuple[str, ...] = ()
    note: str = ""


def of_results(old: Path, new: Path) -> Differs:
    """Hold a result against the one that was made again; that another release made it is no fault."""
    data, again = old.read_bytes(), new.read_bytes()
    if data == again:
        return Differs()
    was, now = from_json(data, Result, old.name), from_json(again, Result, old.name)
    before, after = _version(was), _version(now)
    made_by = f"made by {before}, and scored again by {after}" if before != after else ""
    told = replace(was, conditions=was.conditions.replace(before, after)) if made_by and before else was
    if made_by and _published(told) == again:
        return Differs(note=f"{old.name} was {made_by}: nothing else differs.")
    parted = [*_parted(msgspec.to_builtins(told), msgspec.to_builtins(now), "")]
    if not parted:
        return Differs(faults=(f"{old.name} holds the same, and is written otherwise than medeval writes it.",))
    more = f" and {len(parted) - FIRST} more fields" if len(parted) > FIRST else ""
    behind = f" ({made_by})" if made_by else ""
    said = "; ".join([f"{path} is {_shown(one)}, scored again {_shown(two)}" for path, one, two in parted[:FIRST]])
    return Differs(faults=(f"{said}{more}{behind}.",))


def of_lines(old: Path, new: Path) -> Differs:
    """Hold a file of lines against the one that was made again, and name the first sample that differs."""
    there = lines(old) if old.is_file() else iter(())
    for number, (was, now) in enumerate(zip_longest(there, lines(new), fillvalue=b""), 1):
        if was != now:
            return Differs(faults=(_told(f"{old.name}: line {number}", was, now),))
    return Differs()


def _told(where: str, was: bytes, now: bytes) -> str:
    if not was or not now:
        return f"{where} is {'missing' if not was else 'one that scoring again does not make'}."
    try:
        one, two = msgspec.json.decode(was), msgspec.json.decode(now)
    except (msgspec.DecodeError, RecursionError):
        return f"{where} is no JSON."
    parted = [*_parted(one, two, "")]
    sample = two.get("sample") if isinstance(two, dict) else None
    if not parted:
        return f"{where}, sample {sample!r}: holds the same, and is written otherwise than medeval writes it."
    path, before, after = parted[0]
    return f"{where}, sample {sample!r}: {path} is {_shown(before)}, scored again {_shown(after)}."


def _parted(old: object, new: object, path: str) -> Iterator[tuple[str, object, object]]:
    """Name every place where two values part; what has a name is found by it."""
    one, two = _named(old), _named(new)
    if isinstance(one, dict) and isinstance(two, dict):
        for key in dict.fromkeys([*two, *one]):
            yield from _parted(one.get(key), two.get(key), f"{path}.{key}".lstrip("."))
    elif old != new:
        yield path or "it", old, new


def _named(value: object) -> object:
    if isinstance(value, list | tuple) and any(isinstance(each, dict) for each in value):
        return {_name(each, place): each for place, each in enumerate(value)}
    return value


def _name(each: object, place: int) -> str:
    if isinstance(each, dict) and "metric" in each:
        return str(each["metric"])
    return f"{each['slice']} {each['value']}" if isinstance(each, dict) and "slice" in each else str(place)


def _published(result: Result) -> bytes:
    return msgspec.json.format(to_json(result), indent=1) + b"\n"


def _version(result: Result) -> str:
    return next((part for part in result.conditions.split("|") if part.startswith(VERSION)), "")


def _shown(value: object) -> str:
    said = repr(value)
    return said if len(said) <= CLIP else said[:CLIP] + "…"
