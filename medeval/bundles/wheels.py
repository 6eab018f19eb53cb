"""The distributions that medeval runs on here: what a machine behind a wall must have, name by name."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from medeval.errors import RequestError

OWN = "medeval-harness"


def versions(extras: Sequence[str]) -> dict[str, str]:
    """List every installed distribution that medeval with some extras needs, by its name."""
    from packaging.utils import canonicalize_name

    own = _installed(OWN, "it", "Install it with pip first.")
    offered = own.metadata.get_all("Provides-Extra") or []
    if unknown := [extra for extra in extras if extra not in offered]:
        raise RequestError(f"Unknown extra {unknown[0]!r}. There are {', '.join(offered)}.")
    seen: dict[tuple[str, str], str] = {}
    wanted = [(OWN, extra, own) for extra in ("", *extras)]
    while wanted:
        name, extra, here = wanted.pop()
        if (name, extra) in seen:
            continue
        seen[name, extra] = here.version
        for other, more in _needs(here, extra):
            there = _installed(other, name + (f"[{extra}]" if extra else ""), "Install it, or leave the extra away.")
            wanted += [(canonicalize_name(other), each, there) for each in ("", *more)]
    return {name: version for (name, _), version in sorted(seen.items())}


def wheelhouse(folder: Path) -> list[Path]:
    """List the files of a wheelhouse."""
    if not folder.is_dir():
        raise RequestError(f"{folder}: no such folder of wheels. `pip wheel --wheel-dir {folder} …` makes one.")
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name.endswith((".whl", ".tar.gz")))
    if not files:
        raise RequestError(f"{folder}: no wheels are there. `pip wheel --wheel-dir {folder} …` makes some.")
    return files


def lacking(needed: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Name what is needed and not among some wheels, whatever the version: another Python may want another one."""
    from packaging.utils import canonicalize_name

    there = {canonicalize_name(path.name.split("-")[0]) for path in files if path.suffix == ".whl"}
    there |= {canonicalize_name(path.name.rpartition("-")[0]) for path in files if path.suffix == ".gz"}
    return [name for name in needed if name not in there]


def _needs(here: Distribution, extra: str) -> Iterator[tuple[str, set[str]]]:
    """What a distribution needs on this machine, with the extras of it."""
    from packaging.requirements import Requirement

    for line in here.requires or ():
        need = Requirement(line)
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            yield need.name, need.extras


def _installed(name: str, by: str, what: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError as error:
        raise RequestError(f"{name}: is needed by {by}, and is not installed here. {what}") from error
