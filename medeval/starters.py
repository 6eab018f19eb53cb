"""Starters: files that a user copies once, and that are theirs from then on."""

from pathlib import Path

from medeval import pages
from medeval.errors import ReportError, RequestError

CI = {
    "nightly.yml": Path(".github", "workflows", "medeval-nightly.yml"),
    "replay.yml": Path(".github", "workflows", "medeval-replay.yml"),
    "gate.toml": Path("gate.toml"),
}
"""What a nightly needs, and where it stands in a repository."""
BLANK = 'VERSION: "0.0.0"'
"""In a workflow: the version of medeval that it is written for."""


def texts(folder: Path, version: str) -> dict[Path, str]:
    """Read the starters of a nightly, each with its place and with the version that writes it."""
    own, made = pages.own_folder() / "templates" / "ci", {}
    for name, place in CI.items():
        try:
            text = (own / name).read_text(encoding="utf-8")
        except OSError as error:
            raise ReportError(f"{own / name}: cannot be read ({error.strerror}). Install medeval again.") from error
        made[folder / place] = text.replace(BLANK, f'VERSION: "{version}"')
    return made


def lay(folder: Path, version: str, *, force: bool = False) -> tuple[Path, ...]:
    """Write the starters of a nightly; what stands there and is otherwise is refused, all of it at once."""
    if not folder.is_dir():
        raise RequestError(f"{folder}: is no folder. Name the root of your repository with --folder.")
    wanted = texts(folder, version)
    faults = tuple(f"{place}: {why}" for place, text in wanted.items() if (why := _why_not(place, text, force=force)))
    if faults:
        raise RequestError(*faults)
    for place, text in wanted.items():
        pages.publish(place, text)
    return tuple(wanted)


def _why_not(place: Path, text: str, *, force: bool) -> str:
    """Tell why a starter cannot be written there; nothing where it can."""
    if place.is_dir():
        return "is a folder. Move it out of the way."
    above = next((parent for parent in place.parents if parent.exists()), place)
    if not above.is_dir():
        return f"cannot be written, because {above} is no folder."
    if force or not place.exists() or place.read_bytes() == text.encode():
        return ""
    return "is there and is yours. --force writes over it; `git diff` then shows what changed."
