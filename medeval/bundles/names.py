"""The names that files of a bundle may have: plain ones, at their few places, that mean one file everywhere."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from unicodedata import normalize

from medeval.sources import unfit

MANIFEST, LOCK, WHEELS = "manifest.json", "tasks.lock", "wheels.txt"
FOLDERS = {
    "data": (), "licences": (".txt",), "prompts": (".txt",), "judges": (".md", ".json"), "wheels": (".whl", ".tar.gz"),
}  # fmt: skip
"""Where files stand, and how they end there; data end as they like, unless they may hold a program."""
LONGEST_NAME, LONGEST_FOLDER = 100, 155
"""Bytes that the head of a file in a tar archive has for the end of a path, and for what stands before it."""


def faults(paths: Sequence[str]) -> Iterator[str]:
    """Tell what is wrong with the names of a bundle's files, each alone and all together."""
    for path in paths:
        if why := _fault(path):
            yield f"{path!r:.200} {why}"
    for path, count in Counter(paths).items():
        if count > 1:
            yield f"{path!r:.200} stands there {count} times"
    folders = {str(above): None for path in paths for above in PurePosixPath(path).parents}
    for path in paths:
        if path in folders:
            yield f"{path!r:.200} is a file and a folder"
    first: dict[str, str] = {}
    for path in (*folders, *paths):
        # Disks of some machines take these for one file.
        if (other := first.setdefault(path.casefold(), path)) != path:
            yield f"{path!r:.200} and {other!r:.200} differ in capitals alone"


def parted(path: str) -> tuple[bytes, bytes]:
    """Part a path into its folder and its name, as far as the head of a file has room for them."""
    parts = path.encode().split(b"/")
    for count in range(len(parts)):
        folder, name = b"/".join(parts[:count]), b"/".join(parts[count:])
        if len(name) <= LONGEST_NAME and len(folder) <= LONGEST_FOLDER:
            return folder, name
    raise ValueError(path)


def _fault(path: str) -> str:
    parts = path.split("/")
    if path not in (LOCK, WHEELS) and (len(parts) < 2 or parts[0] not in FOLDERS):
        return f"stands in none of {', '.join(FOLDERS)}"
    if not all(map(_is_plain, parts)):
        return "is no plain name"
    if (said := unfit(path)) and parts[0] == "data":
        return f"cannot hold rows: {said.rstrip('.')}"
    if (endings := FOLDERS.get(parts[0])) and not path.endswith(endings):
        return f"does not end in {' or '.join(endings)}"
    try:
        parted(path)
    except ValueError:
        return "is too long"
    return ""


def _is_plain(part: str) -> bool:
    """Whether a part of a path is a name, and the same name, on every machine."""
    return (
        bool(part) and part.isprintable() and not {*part} & {*"\\:"}  # no control characters, no half surrogates
        and not part.startswith(".") and not part.startswith(" ") and not part.endswith((" ", "."))
        and normalize("NFC", part) == part
    )  # fmt: skip
