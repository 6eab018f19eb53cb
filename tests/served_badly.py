"""A server of models on this machine that answers by what it is asked alone, and misbehaves as it is told."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, NamedTuple

Body = dict[str, Any]
LISTED = {" B": -0.5, " A": -1.25, " the": -2.0, " C": -3.0, "\n": -4.5}


class Fault(NamedTuple):
    """What is done instead of what is right."""

    status: int = 200
    content: bytes | None = None
    headers: Mapping[str, str] = {}
    cut: bool = False
    """The length is promised, half of it is sent, and the line is dead."""
    chunked: bool = False
    """Half of it in chunks, without the last one."""
    half: bool = False
    """Half of it, as if it were all."""
    dead: bool = False
    """The line is dead before a word is said."""
    hold: bool = False
    """Nothing is said before the test is over."""
    drip: bool = False
    """A blank now and then, for ever."""
    lasts: float = 0.0
    """Seconds before anything is said."""


def refusal(status: int, message: str, **headers: str) -> Fault:
    """Say no in the protocol's shape."""
    return Fault(status, json.dumps({"error": {"message": message}}).encode(), headers)


Script = Callable[[Body, int], Fault | None]
"""Given a body and how often the same question came before: what to do instead."""


class Server(ThreadingHTTPServer):
    """Remembers every body, every header, and how many were before it at once."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, script: Script | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: Script = script or (lambda body, before: None)
        self.models = ["tiny"]
        self.lock, self.over = Lock(), Event()
        self.bodies: list[Body] = []
        self.paths: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.came: Counter[str] = Counter()
        """By question, how often it came."""
        self.answered: Counter[str] = Counter()
        """By question, how often it was answered in full."""
        self.now = self.most = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is part of the play."""


def question(body: Body) -> str:
    """What is asked, whatever is said beside it."""
    return str(body.get("prompt") or body["messages"])


def said(body: Body) -> str:
    """The text that answers a question."""
    return f"The answer is {'ABCD'[hashlib.sha256(question(body).encode()).digest()[0] % 4]}."


def right(body: Body) -> bytes:
    """What a server in good health answers."""
    chat, listed = "messages" in body, body.get("logprobs")
    choice: Body = {"index": 0, "finish_reason": "stop", "logprobs": None}
    if listed:
        top = [{"token": token, "logprob": value} for token, value in LISTED.items()]
        if chat:
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top[: body["top_logprobs"]]}]}
        else:
            few = dict(list(LISTED.items())[:listed])
            choice["logprobs"] = {"tokens": [" B"], "token_logprobs": [-0.5], "top_logprobs": [few]}
    choice |= {"message": {"role": "assistant", "content": said(body)}} if chat else {"text": said(body)}
    usage = {"prompt_tokens": len(question(body)) // 4, "completion_tokens": 1 if listed else 6}
    return json.dumps({"object": "completion", "choices": [choice], "usage": usage}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the parent's
        pass

    def do_GET(self) -> None:
        self.server.headers.append(dict(self.headers))
        self._send(Fault(), json.dumps({"data": [{"id": name} for name in self.server.models]}).encode())

    def do_POST(self) -> None:
        server = self.server
        body: Body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = question(body)
        with server.lock:
            before = server.came[asked]
            server.came[asked] += 1
            server.bodies.append(body)
            server.paths.append(self.path)
            server.headers.append(dict(self.headers))
            server.now += 1
            server.most = max(server.most, server.now)
        try:
            fault = server.script(body, before) or Fault()
            if fault.lasts:
                server.over.wait(fault.lasts)
            whole = fault.status == 200 and not any(fault[3:9]) and fault.content is None
            if whole:
                with server.lock:
                    server.answered[asked] += 1
        finally:
            with server.lock:
                server.now -= 1
        self._send(fault, right(body) if fault.content is None else fault.content)

    def _send(self, fault: Fault, content: bytes) -> None:
        self.close_connection = any(fault[3:9])
        if fault.hold:
            self.server.over.wait()
        if fault.dead or fault.hold:
            return
        sent = content[: len(content) // 2] if any(fault[3:6]) else content
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        if fault.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            sent = b"%x\r\n%s\r\n" % (len(sent), sent)
        else:
            more = 1_000_000 if fault.drip else 0
            self.send_header("Content-Length", str(len(sent if fault.half else content) + more))
        self.end_headers()
        while fault.drip and not self.server.over.is_set():
            self.wfile.write(b" ")
            time.sleep(0.02)
        self.wfile.write(sent)


@contextmanager
def serving(script: Script | None = None) -> Iterator[Server]:
    """Run a server in a thread of this process."""
    with Server(script) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
