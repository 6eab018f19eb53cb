"""Hosts that no way leads to from here: told at the first try, and not asked for again file by file."""

import errno
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

LOST = (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)
KEPT = 300.0
"""Seconds for which a lost host stays lost: all files of a verb are through by then, and a notebook lives on."""
TIMEOUT = 10.0
_FOUND: dict[str, tuple[float, str]] = {}
"""Lost hosts, when each was found to be, and how."""


def lost(url: str, fault: BaseException | None = None) -> str:
    """Tell how the host of an address was lost, now by a fault, or a moment ago; empty where it was not."""
    host = urlsplit(url).netloc
    found, how = _FOUND.get(host, (0.0, ""))
    if fault is None:
        return how if how and time.monotonic() - found < KEPT else ""
    if not any(_is_lost(each, url) for each in _causes(fault)):
        return ""
    how = f"{type(fault).__name__}: {fault}".partition("\n")[0]
    _FOUND[host] = time.monotonic(), how
    return how


def asked(url: str) -> str:
    """Tell how a host is lost, for clients that would ask it again and again; empty where a way may lead to it."""
    if (how := lost(url)) or _has_way(url):
        return how
    # A proxy may know a way all the same: the session of the hub's client knows the proxies.
    try:
        from huggingface_hub import get_session

        get_session().request("HEAD", url, timeout=TIMEOUT, follow_redirects=False)
    except Exception as fault:  # noqa: BLE001  what is no lost host is for the client itself to tell
        return lost(url, fault)
    return ""


def _is_lost(fault: BaseException, url: str) -> bool:
    # Of all addresses of a host the last one's fault is told, which may be one of IPv6 where the others timed out.
    return isinstance(fault, socket.gaierror) or (
        isinstance(fault, OSError) and fault.errno in LOST and not _has_way(url)
    )


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def _has_way(url: str) -> bool:
    """Whether the name of a host is known and a way leads to one of its addresses; no byte is sent to it."""
    parts = urlsplit(url)
    with suppress(OSError, ValueError):
        for family, kind, _, _, place in socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_DGRAM):
            with suppress(OSError), socket.socket(family, kind) as probe:
                probe.connect(place)
                return True
    return False
