"""Files at an address: written whole or not at all, and what broke off goes on from where it was."""

import errno
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from medeval import pauses
from medeval.errors import DataError
from medeval.sources import reach
from medeval.sources.alone import alone
from medeval.sources.files import Pin, Url
from medeval.sources.guises import disguised
from medeval.sources.parts import Part

if TYPE_CHECKING:
    import httpx2

ATTEMPTS = 5
STEP = 1 << 16
"""Bytes that an attempt must bring to count as the first again: a long file on a bad line comes in the end."""
LONGEST, GROWING = 30.0, 1.0
"""Seconds: the longest pause of our own, and the first one, which doubles; what is waited is drawn below it."""
PATIENCE = 120.0
"""Seconds that a server may ask to be left alone; where it asks for more, the user is told."""
TIMEOUT = 30.0
"""Seconds without a byte after which a transfer has broken off."""
REDIRECTS = 10
PASSING = (408, 425, 429)
"""Answers that may be another one in a moment, as may all from 500 on."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are here; 0: nobody knows how many."""


class _Passing(Exception):  # noqa: N818  it never leaves this file
    """What may go well at the next attempt."""

    def __init__(self, said: str, wait: float = 0.0) -> None:
        super().__init__(said)
        self.wait = wait
        """Seconds that the server asks for."""


class _Fetch:
    """One file that is fetched."""

    def __init__(self, source: Url, part: Part, otherwise: str, progress: Progress) -> None:
        self.url, self.part, self.otherwise, self.progress = source.url, part, otherwise, progress

    def persistently(self) -> None:
        """Ask until the file is here, or too many attempts brought nothing."""
        tries, best = 0, self.part.size
        while True:
            try:
                return self._once()
            except _Passing as fault:
                if self.part.size >= best + STEP:
                    tries, best = 0, self.part.size
                tries += 1
                if fault.wait > PATIENCE:
                    raise self._refused(f"{fault} and asks to be left alone for {fault.wait:.0f} seconds") from fault
                if tries == ATTEMPTS:
                    kept = ": it goes on from where it broke off" if self.part.size and self.part.lasting else ""
                    raise self._refused(f"{fault}, {ATTEMPTS} times. Try again later{kept}") from fault
                drawn = random.uniform(0, min(LONGEST, GROWING * 2.0**tries))  # noqa: S311  nothing secret hangs on it
                time.sleep(max(drawn, fault.wait))

    def _once(self) -> None:
        with _answered(self.url, self.part.wishes(), self.otherwise) as reply:
            self._see_to(reply)
            if reply.status_code == 206:
                self.part.joined = True
            else:
                self.part.begin(reply.headers)
            before = self.part.size
            length = int(reply.headers.get("Content-Length") or 0)
            self.part.page = "html" in reply.headers.get("Content-Type", "")
            for here in self.part.add(reply.iter_bytes()):
                self.progress(here, before + length if length else 0)
            _measure(reply.num_bytes_downloaded, reply.headers.get("Content-Length"))

    def _see_to(self, reply: "httpx2.Response") -> None:
        status = reply.status_code
        if status in PASSING or status >= 500:
            raise _Passing(f"the server answers {status}", pauses.wanted(reply.headers))
        if status in (401, 403):
            raise self._refused(f"access is refused ({status}). Ask its owners for the file")
        begun = re.match(r"bytes (\d+)-", reply.headers.get("Content-Range", ""))
        if status == 416 or (status == 206 and (begun is None or int(begun[1]) != self.part.size)):
            self.part.drop()
            raise _Passing("the server does not send the rest of what broke off")
        if status not in (200, 206):
            raise self._refused(f"there is no file at this address ({status})")

    def _refused(self, said: str) -> DataError:
        return DataError(f"{self.url}: {said}. {self.otherwise}")


def silent(done: int, whole: int) -> None:
    """Tell nobody how far it is."""


def fetched(source: Url, path: Path, pin: Pin, otherwise: str, progress: Progress = silent) -> Path:
    """Download a file to a path, where it appears whole and with the content that is held, or not at all."""
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise DataError(f"{source.url}: only addresses of http and https are fetched. {otherwise}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path.parent):
            # Another process may have brought it while this one waited.
            return path if path.is_file() and not pin.other(path) else _brought(source, path, pin, otherwise, progress)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "its disk is full" if full else f"it cannot be written ({error.strerror})"
        raise DataError(f"{path.parent}: {what}. Name another folder with MEDEVAL_CACHE.") from error


def _brought(source: Url, path: Path, pin: Pin, otherwise: str, progress: Progress) -> Path:
    for last in (False, True):
        part = Part(path, source.url, checked=bool(pin.sha256))
        try:
            _Fetch(source, part, otherwise, progress).persistently()
            page, other = disguised(part.path, page=part.page), pin.other(part.path)
            if other and part.joined and not last:
                part.drop()  # its pieces may be of two states of the file
                continue
            if page or other:
                part.drop()
                raise _not_kept(source, page, other, pin.renew or otherwise)
            with open(part.path, "rb") as file:
                os.fsync(file.fileno())
            os.replace(part.path, path)
            part.done()
        except OSError:
            part.drop()
            raise
        finally:
            if not part.lasting:
                part.drop()
        break
    return path


def _not_kept(source: Url, page: str, other: str, otherwise: str) -> DataError:
    if page:
        return DataError(f"{source.url}: what came is {page}; it was not kept. Open the address, and see. {otherwise}")
    return DataError(
        f"{source.url}: what came is not the pinned file: its {other}; it was not kept. "
        f"Has the file changed there? {otherwise}"
    )


@contextmanager
def _answered(url: str, wishes: Mapping[str, str], otherwise: str) -> Iterator["httpx2.Response"]:
    """Ask for a file, wherever the address sends one on to."""
    # The hub's client has a session that knows proxies and certificates: the one that the user may have set up.
    from huggingface_hub import get_session

    # Asked for as it is: the length of what is packed on its way would be another one.
    headers, here = {"Accept-Encoding": "identity", **wishes}, url
    try:
        for _ in range(REDIRECTS):
            _refuse_lost(url, here, otherwise)
            with get_session().stream("GET", here, headers=headers, timeout=TIMEOUT, follow_redirects=False) as reply:
                if reply.status_code not in (301, 302, 303, 307, 308) or "Location" not in reply.headers:
                    yield reply
                    return
                here = _sent_on(url, urljoin(here, reply.headers["Location"]), otherwise, here)
    except (OSError, DataError, _Passing):
        raise
    except Exception as error:
        _refuse_lost(url, here, otherwise, error)
        # The client stands on httpx or httpx2, by its version: their errors have no name that lasts.
        raise _Passing(f"the transfer failed ({type(error).__name__}: {error})") from error
    raise DataError(f"{url}: it is sent on and on, {REDIRECTS} times. {otherwise}")


def _refuse_lost(url: str, here: str, otherwise: str, fault: Exception | None = None) -> None:
    if how := reach.lost(here, fault):
        raise DataError(
            f"{url}: {urlsplit(here).netloc} cannot be reached ({how}). Check the network and the proxy. {otherwise}"
        ) from fault


def _sent_on(url: str, there: str, otherwise: str, here: str) -> str:
    """Where a server sends one on to, if that is as safe as the address was."""
    was, now = urlsplit(here), urlsplit(there)
    if now.scheme not in ("http", "https"):
        raise DataError(f"{url}: it is sent on to {there}, which is no address of http or https. {otherwise}")
    if (was.scheme, now.scheme) == ("https", "http"):
        raise DataError(f"{url}: it is sent on from https to http ({now.netloc}), which is not safe. {otherwise}")
    return there


def _measure(came: int, length: str | None) -> None:
    if length is not None and came != int(length):
        raise _Passing(f"the transfer broke off at {came} of {length} bytes")
