"""Bundles, told on a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from medeval.bundles import Arrival, Manifest, Packed, Seen
from medeval.catalog import Named, find
from medeval.cli.say import clean, table
from medeval.errors import raise_all
from medeval.records import to_json


def words(text: str) -> tuple[str, ...]:
    """Part what stands between commas."""
    return tuple(filter(None, map(str.strip, text.split(","))))


def chosen(tasks: str, paths: Sequence[Path] | None) -> tuple[Named, ...]:
    """Find tasks and groups by their names."""
    found, _, unknown = find(paths or ()).chosen(words(tasks))
    raise_all(unknown)
    return tuple(found)


def packed(found: Packed, out: Path) -> str:
    """What was packed, and what to do with it."""
    said = [*_head(found), *_about(found.manifest), f"{out}: {found.size:,} bytes"]
    if found.lacking:
        said.append(f"Not among the wheels: {', '.join(found.lacking)}.")
    said.append(f"Behind the wall: medeval bundle import {out.name}. It tells both sums again, and they must be these.")
    return clean("\n".join(said))


def arrived(found: Arrival, *, is_cache: bool) -> str:
    """What came, and where it is."""
    added = f"{found.added} files are new, {found.there} were there already."
    use = "Runs find them." if is_cache else f"Runs find them with --data {found.data}."
    said = [*_head(found), f"{added} {use}", f"licences, prompts and judges' words: {found.papers}"]
    if any(piece.path.startswith("wheels/") for piece in found.manifest.files):
        said.append(f"wheels: pip install --no-index --find-links {found.papers / 'wheels'} medeval-harness")
    return clean("\n".join([*said, *_about(found.manifest)]))


def json_of(found: Seen) -> str:
    """The list for machines: as it is in the bundle, and before it the checksum of the file."""
    return to_json({"sha256": found.sha256, **msgspec.to_builtins(found.manifest)}).decode()


def table_of(found: Seen) -> str:
    """What is in it."""
    files = [(piece.path, f"{piece.size:,}", piece.sha256[:16]) for piece in found.manifest.files]
    return "\n".join([*map(clean, _head(found)), "", table([("file", "bytes", "sha256"), *files], right=(1,))])


def _head(found: Packed | Arrival | Seen) -> Iterator[str]:
    held = found.manifest
    rows = [(each.task, f"v{each.version}", each.form, each.licence, each.carry) for each in held.tasks]
    yield table([("task", "version", "form", "licence", "may be passed on"), *rows])
    yield f"{len(held.files)} files, {held.size:,} bytes, by medeval {held.medeval}"
    yield f"sha256 of the file:  {found.sha256}, as sha256sum tells it"
    yield f"sha256 of its list:  {held.whole}"
    if held.inside:
        yield "It was made to stay within one organisation: do not pass it on."


def _about(found: Manifest) -> Iterator[str]:
    if foreign := [each.task for each in found.tasks if not each.own]:
        yield f"Declared by files of one's own, which are code and are not in it: {', '.join(foreign)}."
