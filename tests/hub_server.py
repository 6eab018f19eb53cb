"""A small hub on this machine: speaks what the hub's client asks for, serves plain addresses too, and can misbehave."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

COMMIT = "c" * 40
OTHER_COMMIT = "d" * 40


class Answer(NamedTuple):
    """What the server does instead of what is right."""

    status: int = 200
    code: str = ""
    """The hub's own name of an error."""
    cut: bool = False
    """The length is promised, half of it is sent, and the line is dead."""
    short: bool = False
    """Half of it, as if it were all."""
    content: bytes | None = None
    location: str = ""
    no_hub: bool = False
    """A page without any of the hub's headers, such as a proxy's."""
    headers: Mapping[str, str] = {}
    lasts: float = 0.0
    """Seconds before anything is said."""


TOKEN = "hf_a_secret_that_nobody_may_see"  # noqa: S105  it opens nothing
SETTINGS = (
    "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
    "MEDEVAL_OFFLINE", "MEDEVAL_LOCK", "HF_HUB_DISABLE_PROGRESS_BARS",
)  # fmt: skip
CUT = Answer(cut=True)
SHORT = Answer(short=True)


class HubServer(ThreadingHTTPServer):
    """Holds repositories and pages, answers for them, and remembers what it was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, bytes]] = defaultdict(dict)
        """By kind and name, such as `datasets/org/name`: files by path."""
        self.commits: dict[str, str] = defaultdict(lambda: COMMIT)
        self.pages: dict[str, bytes] = {}
        self.faults: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, str, str]] = []
        """Method, path and authorization."""
        self.below = ""
        """A folder of the server in which the hub is, as a mirror may have it."""
        self.tagged = True
        """Whether pages have a mark that tells one state of them from another."""
        self.ranging = True
        """Whether the rest of a page is sent alone."""
        self.ranges: list[str] = []
        """What was asked of pages: `bytes=7-`, or nothing for the whole."""
        self.over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, path: str, *answers: Answer, times: int = 1) -> None:
        """Give these answers, in their order, to whatever asks for a path with this in it."""
        self.faults[path] = [*answers] * times

    def gets(self, path: str) -> int:
        """Count how often a path with this in it was downloaded."""
        return sum(method == "GET" and path in each for method, each, _ in self.asked)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the parent's
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        server = self.server
        server.asked.append((self.command, path, self.headers.get("authorization", "")))
        path = path.removeprefix(server.below)
        instead = Answer()
        for part, answers in server.faults.items():
            # What happens to a body happens to those who ask for one.
            if part in path and answers and not (self.command == "HEAD" and (answers[0].cut or answers[0].short)):
                instead = answers.pop(0)
                break
        self.server.over.wait(instead.lasts)
        if instead.status != 200 or instead.no_hub:
            self._send(instead.status, instead.code.encode(), instead, {"X-Error-Code": instead.code})
        elif path in server.pages:
            self._page(server.pages[path], instead)
        elif found := re.fullmatch(r"/(datasets/)?([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            self._file(f"{found[1] or 'models/'}{found[2]}", found[3], found[4], instead)
        elif found := re.fullmatch(r"/api/((?:models|datasets)/[\w.-]+/[\w.-]+)(?:/(revision|tree)/([^/]+))?", path):
            self._listing(found[1], found[2], found[3] or "main")
        else:
            self._send(404, b"", instead, {})

    def _page(self, content: bytes, instead: Answer) -> None:
        wanted, tag = self.headers.get("range", ""), f'"{hashlib.sha256(content).hexdigest()[:8]}"'
        self.server.ranges.append(wanted)
        marked = {"ETag": tag} if self.server.tagged else {}
        if not (wanted and self.server.ranging and self.headers.get("if-range", tag) == tag):
            self._send(200, content, instead, marked)
            return
        start, whole = int(wanted.removeprefix("bytes=").rstrip("-")), len(content)
        if start < whole:
            self._send(206, content[start:], instead, {**marked, "Content-Range": f"bytes {start}-{whole - 1}/{whole}"})
        else:
            self._send(416, b"", instead, {"Content-Range": f"bytes */{whole}"})

    def _known(self, repo: str, revision: str) -> bool:
        commit = self.server.commits[repo]
        code = "RepoNotFound" if repo not in self.server.repos else ""
        code = code or ("" if revision in ("main", commit) else "RevisionNotFound")
        if code:
            self._send(404, b"", Answer(), {"X-Error-Code": code})
        return not code

    def _file(self, repo: str, revision: str, path: str, instead: Answer) -> None:
        if not self._known(repo, revision):
            return
        content, commit = self.server.repos[repo].get(path), self.server.commits[repo]
        if content is None:
            self._send(404, b"", instead, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
            return
        self._send(200, content, instead, {
            "X-Repo-Commit": commit, "ETag": f'"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"',
            "X-Linked-Size": str(len(content)),
        })  # fmt: skip

    def _listing(self, repo: str, what: str | None, revision: str) -> None:
        if not self._known(repo, revision):
            return
        files, name = self.server.repos[repo], repo.partition("/")[2]
        tree = [
            {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}  # noqa: S324
            for path, content in files.items()
        ]
        info = {"id": name, "sha": self.server.commits[repo], "siblings": [{"rfilename": path} for path in files]}
        self._send(200, json.dumps(tree if what == "tree" else info).encode(), Answer(), {})

    def _send(self, status: int, content: bytes, instead: Answer, headers: dict[str, str]) -> None:
        content = content if instead.content is None else instead.content
        sent = content[: len(content) // 2] if instead.cut or instead.short else content
        self.send_response(status)
        for name, value in {**headers, **instead.headers}.items():
            self.send_header(name, value)
        if instead.location:
            self.send_header("Location", instead.location)
        self.send_header("Content-Length", str(len(sent if instead.short else content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(sent)
        if instead.cut:
            self.close_connection = True


@contextmanager
def serving() -> Iterator[HubServer]:
    """Run a hub in a thread of this process."""
    with HubServer() as server:
        # Asked often whether it shall stop: a test is over long before the half second that is usual.
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test caches of its own, and no setting of whoever runs it."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    monkeypatch.setenv("MEDEVAL_CACHE", str(home / "cache"))


@contextmanager
def reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Run a hub that everything goes to; nobody waits."""
    from huggingface_hub import close_session

    close_session()  # a session of before may have other proxies
    with serving() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        # What the client read when it was imported; with telemetry it asks the real hub which agents there are.
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
        yield server
        close_session()
