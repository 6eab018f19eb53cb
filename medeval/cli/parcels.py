"""Bundles, told on a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from medeval.bundles import Arrival, Manifest, Packed
from medeval.catalog import Named, find
from medeval.cli.say import clean, table
from medeval.errors import raise_all


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
    said = [*_head(found.manifest), *_about(found.manifest), f"{out}: {found.size:,} bytes"]
    if found.lacking:
        said.append(f"Not among the wheels: {', '.join(found.lacking)}.")
    said.append(f"Behind the wall: medeval bundle import {out.name}; it must tell the same sha256.")
    return clean("\n".join(said))


def arrived(found: Arrival, *, is_cache: bool) -> str:
    """What came, and where it is."""
    added = f"{found.added} files are new, {found.there} were there already."
    use = "Runs find them." if is_cache else f"Runs find them with --data {found.data}."
    said = [*_head(found.manifest), f"{added} {use}", f"licences, prompts and judges' words: {found.papers}"]
    if any(piece.path.startswith("wheels/") for piece in found.manifest.files):
        said.append(f"wheels: pip install --no-index --find-links {found.papers / 'wheels'} medeval-harness")
    return clean("\n".join([*said, *_about(found.manifest)]))


def table_of(found: Manifest) -> str:
    """What is in it."""
    files = [(piece.path, f"{piece.size:,}", piece.sha256[:16]) for piece in found.files]
    return "\n".join([*map(clean, _head(found)), "", table([("file", "bytes", "sha256"), *files], right=(1,))])


def _head(found: Manifest) -> Iterator[str]:
    rows = [(each.task, f"v{each.version}", each.form, each.licence, each.carry) for each in found.tasks]
    yield table([("task", "version", "form", "licence", "may be passed on"), *rows])
    yield f"{len(found.files)} files, {found.size:,} bytes, by medeval {found.medeval}"
    yield f"sha256 {found.whole}"
    if found.inside:
        yield "It was made to stay within one organisation: do not pass it on."


def _about(found: Manifest) -> Iterator[str]:
    if foreign := [each.task for each in found.tasks if not each.own]:
        yield f"Declared by files of one's own, which are code and are not in it: {', '.join(foreign)}."
