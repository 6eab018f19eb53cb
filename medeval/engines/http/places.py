"""Where a server is, and by which name it knows a model: http://HOST:PORT/v1#NAME."""

import ipaddress
import json
import os
import re
from typing import Any
from urllib.parse import urlsplit

from medeval.errors import RequestError

SHORTLY = 10.0
"""Seconds for a question about the server itself."""


def parted(model: str, key_from: str = "", *, offline: bool = False) -> tuple[str, str]:
    """Part a model's name into the server's address and the name there; of an only model the name can be left out."""
    address, _, name = model.partition("#")
    address = address.rstrip("/")
    _check(address, model, offline=offline)
    if name:
        return address, name
    names = _served(address, key_from)
    if len(names) == 1:
        return address, names[0]
    said = f"it serves {', '.join(names[:5])}" if names else "it does not say what it serves"
    raise RequestError(f"Model {model}: which one? Name it behind a #, as {address}#NAME; {said}.")


def seen(address: str, key_from: str = "") -> str:
    """What a server says of itself, in a sentence."""
    try:
        names = _served(address, key_from)
    except RequestError as error:
        return error.faults[0]
    return f"{address} serves {', '.join(names) or 'nothing that it tells of'}"


def key(key_from: str) -> str:
    """The key that lies in the named variable; it goes into a header of requests, and nowhere else."""
    if not key_from:
        return ""
    # A line's end behind it, as files of keys have one, is no part of it.
    found = os.environ.get(key_from, "").strip()
    if not found:
        raise RequestError(f"--key-from {key_from}: the environment has no such variable, or it is empty.")
    if not (found.isascii() and found.isprintable()):
        # What refuses such a header would show it.
        raise RequestError(f"--key-from {key_from}: the variable holds letters that no key has.")
    return found


def client_options(address: str, key_from: str) -> dict[str, Any]:
    """How every connection is made: a key must not travel with a redirect, nor a question of ours through a proxy."""
    found = key(key_from)
    return {
        "headers": {"Authorization": f"Bearer {found}"} if found else {},
        "follow_redirects": False,
        "trust_env": not _is_here(urlsplit(address).hostname or ""),
    }


def line(text: str, secret: str = "") -> str:
    """Put what a server says into one short line, without what is secret."""
    said = " ".join(text.split())
    return (said.replace(secret, "…") if secret else said)[:300]


def _check(address: str, model: str, *, offline: bool) -> None:
    # First of all: no other sentence may show it.
    if "@" in address:
        raise RequestError("An address with a password in it would be kept with the results. Use --key-from VARIABLE.")
    try:
        parts = urlsplit(address)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or bool(parts.query)
        wrong = wrong or (parts.port is not None and not parts.port)
    except ValueError:
        wrong = True
    if wrong or re.search(r"\s", address):
        raise RequestError(f"Model {line(model)}: a server is named as http://HOST:PORT/v1#NAME.")
    if offline and not _is_here(parts.hostname or ""):
        raise RequestError(f"{address}: --offline opens connections to this very machine only.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _served(address: str, key_from: str) -> list[str]:
    import httpx2

    secret = key(key_from)
    try:
        with httpx2.Client(timeout=SHORTLY, **client_options(address, key_from)) as client:
            answer = client.get(f"{address}/models")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:  # the last of a proxy that is none
        raise RequestError(
            f"{address}: no server answers there ({line(f'{type(error).__name__}: {error}', secret)})."
        ) from error
    if answer.status_code != 200:
        raise RequestError(f"{address}/models: the server answers {answer.status_code} ({line(answer.text, secret)}).")
    try:
        return [str(each["id"]) for each in json.loads(answer.content)["data"]]
    except (ValueError, TypeError, LookupError) as error:
        raise RequestError(f"{address}/models: no list of models ({line(answer.text, secret)}).") from error
