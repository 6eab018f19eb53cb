"""The engine of a served model: requests as they are worded, since only the server knows its template and tokens."""

from collections.abc import Sequence

from medeval.engines.base import Abilities, Ask, Rendered, in_words
from medeval.engines.http.flow import Flow
from medeval.engines.http.places import client_options
from medeval.errors import RequestError
from medeval.records import Identity, Kind, Reply, Request


class HTTP:
    """Any OpenAI-compatible server; nothing is connected before something is asked."""

    def __init__(  # noqa: PLR0913  everything that can be said of a server
        self, address: str, name: str, *, key_from: str = "", kind: Kind | None = None, at_once: int = 64,
        timeout: float = 600.0, max_length: int = 0,
    ) -> None:  # fmt: skip
        if at_once < 1 or not timeout > 0:
            raise RequestError("--concurrency is 1 at least, and --timeout more than no second.")
        client_options(address, key_from)  # a key that is missing is told at once
        self._address = address
        self._name = name
        self._key_from = key_from
        self._at_once = at_once
        self._timeout = timeout
        # Where it is served and by whom changes no answer; what is served under a name, only the server knows.
        self.identity = Identity(engine="http", version="1", model=name, max_length=max_length)
        told = "a server does not tell; --kind does" if kind is None else "--kind"
        self.abilities = Abilities(
            choices=True, whole=False, chat=True, seeds=True, kind=kind or "chat", told_by=told,
            thinking=kind == "reasoning",
        )  # fmt: skip
        self._flow: Flow | None = None
        self._sent = 0

    @property
    def notes(self) -> Sequence[str]:
        """How often it had to be asked again, and what the server says that it took."""
        if self._flow is None:
            return []
        more = self._flow.asked - self._sent
        again = [f"{self._address}: {more:,} requests more than questions, for it did not answer at once."]
        cost = [f"{self._address}: by its own word this cost {self._flow.cost:.4f}."]
        return [*again * (more > 0), *cost * (self._flow.cost > 0)]

    def render(self, request: Request) -> Rendered:
        """Give the words; the server makes a template of them."""
        return in_words(request)

    def submit(self, asks: Sequence[Ask]) -> None:
        """Hand the requests to the thread that asks."""
        if self._flow is None:
            self._flow = Flow(
                self._address, self._name, key_from=self._key_from, at_once=self._at_once, timeout=self._timeout
            )
        self._sent += len(asks)
        self._flow.take(asks)

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Give what has come."""
        return self._flow.replies(timeout) if self._flow else []

    def close(self) -> None:
        """Let go of the server."""
        if self._flow:
            self._flow.close()
            self._flow = None
