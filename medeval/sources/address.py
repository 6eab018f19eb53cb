"""Files at an address: written whole or not at all."""

import errno
import os
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from medeval.errors import DataError
from medeval.sources.files import Url, found_instead

PAUSES = (1, 3)
"""Seconds before the second and the third attempt."""
TIMEOUT = 30
"""Seconds without a byte after which a transfer has broken off."""
PASSING = (408, 425, 429)
"""Answers that may be another one in a moment, as may all from 500 on."""


class _Passing(Exception):  # noqa: N818  it never leaves this file
    """What may go well at the next attempt."""


def fetched(source: Url, path: Path, otherwise: str) -> Path:
    """Download a file to a path, where it appears whole and with the pinned content, or not at all."""
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise DataError(f"{source.url}: only addresses of http and https are fetched. {otherwise}")
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")  # of this process alone
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _persistently(source, part, otherwise)
        if other := found_instead(part, source):
            raise DataError(
                f"{source.url}: what came is not the pinned file: its {other}; it was not kept. "
                f"Has the file changed there? {otherwise}"
            )
        os.replace(part, path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "its disk is full" if full else f"it cannot be written ({error.strerror})"
        raise DataError(f"{path.parent}: {what}. Name another folder with MEDEVAL_CACHE.") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _persistently(source: Url, part: Path, otherwise: str) -> None:
    for pause in (*PAUSES, None):
        try:
            return _once(source.url, part, otherwise)
        except _Passing as fault:
            if pause is None:
                raise DataError(f"{source.url}: {fault}, three times. Try again later. {otherwise}") from fault
            time.sleep(pause)
    return None


def _once(url: str, part: Path, otherwise: str) -> None:
    # The hub's client has a session that knows proxies and certificates: the one that the user may have set up.
    from huggingface_hub import get_session

    try:
        # Asked for as it is: the length of what is packed on its way would be another one.
        with get_session().stream("GET", url, headers={"Accept-Encoding": "identity"}, timeout=TIMEOUT) as reply:
            _see_to(reply.status_code, url, otherwise)
            with open(part, "wb") as file:
                file.writelines(reply.iter_bytes())
                file.flush()
                os.fsync(file.fileno())
            _measure(reply.num_bytes_downloaded, reply.headers.get("Content-Length"))
    except (OSError, DataError, _Passing):
        raise
    except Exception as error:
        # The client stands on httpx or httpx2, by its version: their errors have no name that lasts.
        raise _Passing(f"the transfer failed ({type(error).__name__}: {error})") from error


def _see_to(status: int, url: str, otherwise: str) -> None:
    if status in PASSING or status >= 500:
        raise _Passing(f"the server answers {status}")
    if status in (401, 403):
        raise DataError(f"{url}: access is refused ({status}). Ask its owners for the file. {otherwise}")
    if status != 200:
        raise DataError(f"{url}: there is no file at this address ({status}). {otherwise}")


def _measure(came: int, length: str | None) -> None:
    if length is not None and came != int(length):
        raise _Passing(f"the transfer broke off at {came} of {length} bytes")
