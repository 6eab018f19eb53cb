"""What a suite is wished for: read from options, or asked for on a terminal; and a suite as a terminal shows it."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import typer
from msgspec.structs import replace

from medeval.catalog import Catalog, Named
from medeval.cli.say import clean, table
from medeval.errors import RequestError, raise_all
from medeval.protocols import SAMPLE
from medeval.records import Kind, Language, Record
from medeval.sources import Supply
from medeval.suggesting import (
    APPLICATIONS,
    RATES,
    Application,
    Purpose,
    Suite,
    Wish,
    seconds_of,
    telling,
    unknown,
    words,
)
from medeval.suggesting.costs import Device


class Said(Record, frozen=True, kw_only=True):
    """Options as they were given."""

    purposes: str
    language: str
    kind: Kind | None
    model: str
    licence: Purpose
    time: str
    device: Device
    rate: float | None
    see: float | None
    offline: bool
    data: str


def asked(said: Said) -> Said:
    """Ask for what was not said, if somebody is there to answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return said
    raise_all(_faults(said))
    purposes = typer.prompt(f"For what ({', '.join(APPLICATIONS)})")
    language = said.language or typer.prompt("In which languages (en, zh)", default="en,zh")
    kind = said.kind
    if not kind and not said.model:
        word = typer.prompt(f"What kind of model ({', '.join(get_args(Kind))})", default="chat")
        raise_all(unknown("kind of model", [word], get_args(Kind)))
        kind = word
    time = said.time or typer.prompt("How long may it take (30m, 2h, 1d; 0: as long as it takes)", default="2h")
    return replace(said, purposes=purposes, language=language, kind=kind, time="" if time == "0" else time)


def wish(said: Said) -> Wish:
    """Read options; all that is wrong with them is told at once."""
    raise_all([*_missing(said), *_faults(said)])
    # In the order in which they were said: the first goes before all.
    applications: tuple[Application, ...] = tuple(words(said.purposes))  # type: ignore[arg-type]
    languages: tuple[Language, ...] = tuple(words(said.language))  # type: ignore[arg-type]
    return Wish(
        applications=applications, languages=languages or get_args(Language), kind=_kind(said), licence=said.licence,
        seconds=seconds_of(said.time) if said.time else None, rate=said.rate or RATES[said.device],
        see=(said.see or 0.0) / 100, offline=said.offline, data=said.data,
    )  # fmt: skip


def here(found: Catalog, data: str) -> frozenset[str]:
    """The tasks of which one form's files are all on this machine; of sample rows, those that have some."""
    supply = Supply(Path(data) if data else None, offline=True)

    def has(named: Named) -> bool:
        there = Supply.only(named.samples) if data == SAMPLE else supply
        return any(all(there.find(named.task.folder, source) for source in form.files) for form in named.task.forms)

    return frozenset([named.name for named in found.tasks.values() if has(named)])


def told(suite: Suite) -> str:
    """A suite on a terminal."""
    if not suite.choices:
        lines = [" ".join(["Nothing fits.", telling.short(suite)]).strip()]
    else:
        said = [telling.short(suite)] if suite.short else []
        rows = [telling.HEAD, *[telling.row(choice) for choice in suite.choices]]
        lines = [table(rows, right=(4, 5, 6)), "", telling.totals(suite), *said, "", *telling.reasons(suite)]
    lines += ["", *[f"* {each}" for each in suite.assumptions], "", "Left out:"]
    lines += [f"  {each}" for each in telling.left(suite)]
    return clean("\n".join([*lines, "", *suite.commands]))


def _missing(said: Said) -> Iterator[RequestError]:
    if not words(said.purposes):
        yield RequestError(
            f"--for is missing: {', '.join(APPLICATIONS)}, several with commas between. There are also --language, "
            "--kind-of-model or --model, --licence, --time, --device or --tokens-per-second, --see, --offline-only."
        )


def _faults(said: Said) -> Iterator[RequestError]:
    yield from unknown("--for", words(said.purposes), APPLICATIONS)
    yield from unknown("--language", words(said.language), get_args(Language))
    for name, value in (("tokens-per-second", said.rate), ("see", said.see)):
        if value is not None and not 0 < value < math.inf:
            yield RequestError(f"--{name} {value:g}: a number above 0.")
    if said.see is not None and said.see >= 100:
        yield RequestError(f"--see {said.see:g}: points of a hundred.")
    if said.data not in ("", SAMPLE) and not Path(said.data).is_dir():
        yield RequestError(f"--data {said.data}: no such folder.")
    try:
        seconds_of(said.time or "1s")
    except RequestError as error:
        yield error


def _kind(said: Said) -> Kind:
    """What was said, what the files of the model say, or a chat model."""
    if said.kind or not said.model:
        return said.kind or "chat"
    from medeval.engines.weights import opened
    from medeval.openings import Means, chosen, folder_of

    means = Means(offline=True, engine="hf")
    if chosen(said.model, means).engine != "hf":
        raise RequestError(f"--model {said.model}: only a folder of weights tells its kind. Add --kind-of-model.")
    return opened(folder_of(said.model.removeprefix("hf:"), means)).nature.kind or "chat"
