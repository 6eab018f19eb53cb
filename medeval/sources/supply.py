"""What finds the files of a task on this machine, and fetches those that are missing."""

import os
import shlex
from pathlib import Path
from typing import Self

from medeval.errors import DataError
from medeval.sources import address, hub
from medeval.sources.files import Hub, Local, Source, Url, check_pin, found_instead, place


class Supply:
    """A folder of the user's own that is looked in first, and caches that files are downloaded to."""

    def __init__(self, root: Path | None, *, offline: bool = False, cache: Path | None = None) -> None:
        self.root = root
        self.offline = offline or hub.no_network()
        self._cache: Path | None = cache or _cache() / "data"

    @classmethod
    def only(cls, root: Path) -> Self:
        """Exactly one folder: no caches, no network."""
        supply = cls(root, offline=True)
        supply._cache = None
        return supply

    def find(self, folder: str, source: Source) -> Path | None:
        """Find a file on this machine."""
        return next((path for path in self._places(folder, source) if path.is_file()), None)

    def where(self, folder: str, source: Source) -> Path:
        """Tell where a file is, or would be looked for first."""
        return self.find(folder, source) or self._places(folder, source)[0]

    def fetch(self, folder: str, source: Source) -> Path:
        """Find a file, or download it; never into the user's own folder."""
        found = self.find(folder, source)
        if found is not None and (self._is_own(found, folder, source) or not found_instead(found, source)):
            return found
        otherwise = self._otherwise(folder, source)
        if self.offline or isinstance(source, Local):
            if found is not None:
                check_pin(found, source)
            raise DataError(f"{source.said}: {self._missing(folder, source)}. {otherwise}")
        if isinstance(source, Hub):
            return hub.fetched(source, otherwise)
        return address.fetched(source, self._places(folder, source)[-1], otherwise)

    def _places(self, folder: str, source: Source) -> list[Path]:
        """Name the files that may stand for a source, in the order in which they are looked for."""
        places = [] if self.root is None else [place(self.root, folder, source)]
        if self._cache is not None:
            places.append(hub.cached(source) if isinstance(source, Hub) else place(self._cache, folder, source))
        return places

    def _missing(self, folder: str, source: Source) -> str:
        looked = " and ".join(str(path) for path in self._places(folder, source))
        what = "not there" if isinstance(source, Local) else "not on this machine, and nothing may be downloaded"
        return f"{what} (looked for {looked})"

    def _is_own(self, path: Path, folder: str, source: Source) -> bool:
        return self.root is not None and path == place(self.root, folder, source)

    def _otherwise(self, folder: str, source: Source) -> str:
        """Tell how to bring a file along by hand."""
        own = f"DIR/{folder}/{source.path} with --data DIR" if self.root is None else place(self.root, folder, source)
        if isinstance(source, Local):
            return "Put it there, or name the folder that has it with --data DIR, or try --data sample."
        if isinstance(source, Url):
            return f"Get it on a machine with a network, and put it at {own}."
        words = ["hf", "download", source.repo, source.path, "--repo-type", "dataset"]
        line = shlex.join([*words, "--revision", source.revision] if source.revision else words)
        here = hub.repo_folder("dataset", source.repo)
        cache = f", or {here.name} of its cache to {here}" if self._cache else ""
        return f"On a machine with a network run `{line}`, and copy the file to {own}{cache}."


def _cache() -> Path:
    cache = os.environ.get("MEDEVAL_CACHE") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/medeval"
    return Path(cache).expanduser()
