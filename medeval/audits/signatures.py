"""What a result and a manifest say of themselves: that they agree, and that every line is of the fields behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

from msgspec.structs import asdict

from medeval import reports
from medeval.audits.samples import Tally
from medeval.journal import fingerprint
from medeval.records import ORIGINS, Decoding, Result, Setting
from medeval.scoring import flags
from medeval.scoring.signature import conditions_line
from medeval.sitting import Sitting

SHARED = ("task", "task_version", "entry", "setting", "data")
VERSION = "medeval-"
"""How the part of the conditions begins that tells which release made a result."""


class Sat(NamedTuple):
    """Of a sitting, what flags and conditions are made of: it takes no data to know it."""

    setting: Setting
    decoding: Decoding
    samples: range
    takes: range


def misplaced(manifest: reports.Manifest, cell: Path) -> Iterator[str]:
    """Tell whether a cell lies where it says that it belongs."""
    if (name := reports.cell_name(manifest.task, manifest.setting)) != cell.name:
        yield f"its task and setting belong into a folder {name!r}."
    if (entry := reports.slug(manifest.entry)) != cell.parent.name:
        yield f"is of the entry {manifest.entry!r}, whose folder is {entry!r}, and lies in {cell.parent.name!r}."
    if "model" not in manifest.engines:
        yield "names no engine for the model."


def unlike(result: Result, manifest: reports.Manifest) -> Iterator[str]:
    """Tell where a result is not of what was run."""
    for name in SHARED:
        was, told = getattr(manifest, name), getattr(result, name)
        if was == told:
            continue
        if isinstance(was, Setting):
            yield from [f"setting: {each} (manifest.json, result.json)." for each in reports.differing(was, told)]
        else:
            yield f"{name} is {was!r} in manifest.json, and {told!r} in result.json."
    if result.members:
        yield "has members, as only a group has."


def untrue(
    result: Result, manifest: reports.Manifest, tally: Tally, sworn: reports.Sworn | None = None
) -> Iterator[str]:
    """Tell which parts of protocol, conditions and flags are not what the fields say."""
    seen = Sat(
        setting=manifest.setting, decoding=manifest.setting.decoding or Decoding(max_tokens=512),
        samples=range(len(tally.samples)), takes=range(len(tally.takes)),
    )  # fmt: skip
    yield from _protocol(result, manifest, len(tally.samples), sworn)
    *_, version = ["", *[part for part in result.conditions.split("|") if part.startswith(VERSION)]]
    conditions = conditions_line(cast("Sitting", seen), manifest.engines["model"], version.removeprefix(VERSION))
    if sworn:
        conditions += f"|judge:{sworn.identity.engine}-{sworn.identity.version}"
    if result.conditions != conditions:
        yield f"conditions are {result.conditions!r}, and the fields make {conditions!r}."
    if result.estimates:
        missing = [flag for flag in flags(cast("Sitting", seen), result.estimates, result.letter_mass)
                   if flag not in result.flags]  # fmt: skip
        if missing:
            yield f"has no flag {missing[0]!r}."


def _protocol(result: Result, manifest: reports.Manifest, n: int, sworn: reports.Sworn | None) -> Iterator[str]:
    parts, setting = result.protocol.split("|"), manifest.setting
    style = setting.style + ("" if setting.order == "given" else f"-{setting.order}")
    style += str(setting.shuffles) if setting.shuffles > 1 else ""
    style += f"-wordings{setting.wordings}" if setting.wordings > 1 else ""
    pinned = ORIGINS.get(setting.data, "" if manifest.pinned else "(unpinned)")
    prompt = result.prompt[:9] if result.prompt == "elsewhere" else result.prompt[:8]
    expected = [
        f"{manifest.task}.v{manifest.task_version}", manifest.form if ":" in manifest.task else style,
        "?-shot" if setting.elsewhere else f"{setting.shots}-shot", f"n:{n}", f"data:{manifest.data[:8]}{pinned}",
        f"prompt:{prompt}", *(["patient:" + (setting.patient or "facts")] if "patient" in manifest.engines else []),
    ]  # fmt: skip
    for place, part in enumerate(expected):
        told = parts[place] if place < len(parts) else ""
        if told != part:
            yield f"protocol has {told!r} where the fields make {part!r}."
    versions = {each.metric: f"{each.metric}:v{each.version}" for each in result.estimates}
    told_of = {part.rpartition(":v")[0]: part for part in parts[len(expected) :]}
    wrong = [part for name, part in versions.items() if told_of.get(name, part) != part]
    if wrong:
        yield f"protocol has {told_of[wrong[0].rpartition(':v')[0]]!r}, and the estimate is {wrong[0]!r}."
    if versions and versions.get(result.headline) not in parts:
        yield f"protocol does not name the headline, {result.headline!r}."
    if sworn:
        whose = f"judge:{sworn.judge.name}@{fingerprint(repr(asdict(sworn.identity)).encode(), size=4)}"
        if whose not in parts:
            yield f"protocol does not name {whose!r}."
