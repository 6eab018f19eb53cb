"""What finds the files of a task on this machine, and fetches those that are missing."""

import copy
import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from medeval.errors import DataError
from medeval.sources import address, hub
from medeval.sources.address import Progress, silent
from medeval.sources.files import Hub, Local, Pin, Read, Source, Url, place
from medeval.sources.guises import unfit
from medeval.sources.locks import Lock


class Supply:
    """A folder of the user's own that is looked in first, and caches that files are downloaded to."""

    def __init__(
        self, root: Path | None, *, offline: bool = False, cache: Path | None = None, lock: Lock | None = None,
        obtain: str = "",
    ) -> None:  # fmt: skip
        self.root = root
        self.offline = offline or hub.no_network()
        self.lock = lock
        """What holds files that their task does not; without one nothing does."""
        self._obtain = obtain
        """How one gets the files that cannot be fetched."""
        self._cache: Path | None = cache or own_cache() / "data"

    @classmethod
    def only(cls, root: Path) -> Self:
        """Exactly one folder: no caches, no network, no lock."""
        supply = cls(root, offline=True)
        supply._cache = None
        return supply

    def find(self, folder: str, source: Source) -> Path | None:
        """Find a file on this machine."""
        return next((path for path in self._places(folder, source) if path.is_file()), None)

    def in_the_way(self, folder: str, source: Source) -> Path | None:
        """Find what stands in the place of a file and is none, before the file itself is found."""
        for path in self._places(folder, source):
            if path.is_file():
                return None
            if path.exists():
                return path
        return None

    def where(self, folder: str, source: Source) -> Path:
        """Tell where a file is, or would be looked for first."""
        return self.find(folder, source) or self._places(folder, source)[0]

    def pin(self, folder: str, source: Source) -> Pin:
        """What holds the content of a file: its task, or the lock."""
        return Pin(sha256=source.sha256) if self.lock is None else self.lock.pin(folder, source)

    def fetch(self, folder: str, source: Source, progress: Progress = silent) -> Path:
        """Find a file, or download it; never into the user's own folder."""
        if said := unfit(source.path):
            raise DataError(f"{source.said}: {said}")
        found, pin = self.find(folder, source), self.pin(folder, source)
        if found is not None:
            own = self._is_own(found, folder, source)
            # Whether a file of the user's own is the pinned one is for the task to say: sample rows are not.
            other = "" if own and not pin.renew else pin.other(found)
            if not other:
                return found
            if own or self.offline or isinstance(source, Local):
                raise DataError(f"{found}: {other}. {pin.renew or f'Get the original file ({source.said}).'}")
        otherwise = self._otherwise(folder, source)
        if self.offline or isinstance(source, Local):
            raise DataError(f"{source.said}: {self._missing(folder, source)}. {otherwise}")
        if isinstance(source, Hub):
            return hub.fetched(source, pin, otherwise)
        return address.fetched(source, self._places(folder, source)[-1], pin, otherwise, progress)

    def hold(self, folder: str, sources: Iterable[Source], read: Read | None = None) -> None:
        """Lock the files that nothing holds yet, now that they were read and found good."""
        for source in sources:
            if self.lock is not None and self.lock.holds(source) and not self.pin(folder, source).sha256:
                self.lock.take(folder, source, self.where(folder, source), read=read)

    def renew(self, folder: str, source: Source, read: Read | None = None) -> tuple[str, str] | None:
        """Lock a file as it is now, whatever it was; tell both checksums, or nothing where it is not the lock's."""
        if self.lock is None or not self.lock.holds(source):
            return None
        old, path = self.pin(folder, source).sha256, self.find(folder, source)
        if path is None and old:  # something else than was locked came, and was not kept
            freely = copy.copy(self)
            freely.lock = None
            path = freely.fetch(folder, source)
        return None if path is None else (old, self.lock.take(folder, source, path, read=read, renew=True).sha256)

    def _places(self, folder: str, source: Source) -> list[Path]:
        """Name the files that may stand for a source, in the order in which they are looked for."""
        places = [] if self.root is None else [place(self.root, folder, source)]
        if self._cache is not None:
            places += [hub.cached(source)] if isinstance(source, Hub) else []
            # Behind a wall files of hubs lie beside the others: `medeval bundle import` brings them.
            places += [place(self._cache, folder, source)] if self.offline or not isinstance(source, Hub) else []
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
            how = f"{self._obtain} " if self._obtain else ""
            return f"{how}Put it there, or name the folder that has it with --data DIR, or try --data sample."
        if isinstance(source, Url):
            return f"Get it on a machine with a network, and put it at {own}."
        words = ["hf", "download", source.repo, source.path, "--repo-type", "dataset"]
        line = shlex.join([*words, "--revision", source.revision] if source.revision else words)
        here = hub.repo_folder("dataset", source.repo)
        cache = f", or {here.name} of its cache to {here}" if self._cache else ""
        return f"On a machine with a network run `{line}`, and copy the file to {own}{cache}."


def own_cache() -> Path:
    """Where medeval keeps what it downloads, and the lock."""
    cache = os.environ.get("MEDEVAL_CACHE") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/medeval"
    return Path(cache).expanduser()
