"""Requests on their way to a server: so many at once as it bears, asked again where that helps, each answered once."""

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from medeval import pauses
from medeval.engines.base import Ask
from medeval.engines.http import asking, reading
from medeval.engines.http.level import Level, pause
from medeval.engines.http.places import client_options, key, line
from medeval.errors import EngineError, MedevalError, RequestError
from medeval.records import Failure, Reply, Response, to_json

MOST_ATTEMPTS = 8
FIRST_ATTEMPTS = 5
"""Before anything was ever heard from a server: then there is none."""
SILENT_ATTEMPTS, SILENT_SECONDS = 32, 60.0
"""Attempts in a row, and seconds, without a word from a server that had answered before: then it has gone."""
REFUSED_AT_FIRST = 3
"""Requests refused before any was answered: then the server cannot do what is asked of it."""
AGAIN = frozenset({408, 409, 425, 429})
BUSY = frozenset({408, 425, 429, 503, 504, 529})
TOO_LONG = frozenset({400, 413, 422})


class Job:
    """A request on its way."""

    __slots__ = ("ask", "attempts", "room")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.attempts = 0
        self.room = 0


class Trouble(NamedTuple):
    """Why there is no reply yet."""

    what: str
    wait: float = 0.0
    busy: bool = False


class Flow:
    """A thread that asks; replies are taken from it whenever there are some."""

    def __init__(self, address: str, name: str, *, key_from: str, at_once: int, timeout: float) -> None:
        self._address = address
        self._name = name
        self._options = client_options(address, key_from)
        self._secret = key(key_from)
        self._timeout = timeout
        self._at_once = at_once
        self._level = Level(at_once)
        self._dialect = asking.Dialect()
        self._waiting: deque[Job] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._until = 0.0
        self._answered = self._heard = self._silent = 0
        self._spoke = 0.0
        self._refused = 0
        self._owed = 0
        """Replies that have yet to be handed over."""
        self._error: MedevalError | None = None
        """What ends the run, as soon as those under way are back."""
        self.asked = 0
        """Requests that left, whatever became of them."""
        self.cost = 0.0
        """What the server says that it took."""
        self._found: queue.SimpleQueue[tuple[str, Reply] | MedevalError] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="medeval-http", daemon=True)
        self._thread.start()

    # --- from outside the thread ---

    def take(self, asks: Sequence[Ask]) -> None:
        """Take requests."""
        self._owed += len(asks)
        with contextlib.suppress(RuntimeError):  # the thread has ended, and why is among the replies
            self._loop.call_soon_threadsafe(self._take, [Job(ask) for ask in asks])

    def replies(self, timeout: float) -> list[tuple[str, Reply]]:
        """Give what has come; wait for the first, if one is to come."""
        found: list[tuple[str, Reply]] = []
        if not self._owed:
            return found  # another engine of the run may have replies
        with contextlib.suppress(queue.Empty):
            each = self._found.get(timeout=timeout)
            while True:
                if isinstance(each, MedevalError):
                    self._found.put(each)  # it stays true; and what came before it is kept first
                    if not found:
                        raise each
                    break
                found.append(each)
                each = self._found.get_nowait()
        self._owed -= len(found)
        return found

    def close(self) -> None:
        """End it; what is under way is let go."""
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    # --- within ---

    def _live(self) -> None:
        with contextlib.closing(self._loop):
            try:
                self._loop.run_until_complete(self._ask_on())
            except Exception as error:  # noqa: BLE001  such as a proxy of the environment's that is none
                self._found.put(self._broken(error))

    async def _ask_on(self) -> None:
        import httpx2

        # Servers hang up after five idle seconds: a line that is about to be cut is not used again.
        limits = httpx2.Limits(max_connections=self._at_once, keepalive_expiry=4.0)
        timeout = httpx2.Timeout(self._timeout, connect=min(10.0, self._timeout), pool=None)
        async with httpx2.AsyncClient(timeout=timeout, limits=limits, **self._options) as client:
            self._client = client
            await self._over.wait()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _broken(self, error: BaseException) -> EngineError:
        return EngineError(f"{self._address}: {line(f'{type(error).__name__}: {error}', self._secret)}.")

    def _take(self, jobs: Sequence[Job]) -> None:
        self._waiting.extend(jobs)
        self._fill()

    def _fill(self) -> None:
        """Send as many as the server bears, unless it wants to be left alone for a while."""
        if self._over.is_set() or self._error:
            return
        if (wait := self._until - time.monotonic()) > 0:
            self._loop.call_later(wait, self._fill)
            return
        while self._waiting and len(self._running) < self._level.now:
            task = self._loop.create_task(self._play(self._waiting.popleft()))
            self._running.add(task)
            task.add_done_callback(self._played)

    def _played(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._error = self._error or (error if isinstance(error, MedevalError) else self._broken(error))
        if self._error and not self._running:
            self._found.put(self._error)
        self._fill()

    async def _play(self, job: Job) -> None:
        """Ask once, and see what comes of it."""
        epoch = self._level.epoch
        self.asked += 1
        found = await self._once(job)
        if isinstance(found, Trouble):
            self._again(job, found, epoch)
            return
        if isinstance(found, Response):
            self._answered += 1
            self._level.went_well()
        self._found.put((job.ask.key, found))

    async def _once(self, job: Job) -> Reply | Trouble:
        import httpx2

        path, body = asking.asked(job.ask.request, self._name, self._dialect, job.room)
        try:
            # The client counts the seconds between two bytes, and would wait for ever on one a minute.
            async with asyncio.timeout(self._timeout):
                answer = await self._client.post(
                    self._address + path, content=to_json(body), headers={"Content-Type": "application/json"}
                )
        except (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout):
            return Trouble(f"no reply within {self._timeout:g} seconds", busy=True)
        except httpx2.HTTPError as error:
            return Trouble(f"{type(error).__name__}: {error}".strip(": "))
        self._heard, self._silent, self._spoke = self._heard + 1, 0, time.monotonic()
        if answer.status_code == 200:
            try:
                found = reading.response(job.ask.request, answer.content)
            except ValueError as error:
                return Trouble(f"a reply that is none ({line(str(error), self._secret)})")
            self.cost += reading.cost(answer.content)
            return found
        # What it means may stand behind what there is room to show.
        said = reading.refusal(answer.content)
        said = said.replace(self._secret, "…") if self._secret else said
        if answer.status_code in AGAIN or answer.status_code >= 500:
            return Trouble(f"{answer.status_code} {said}", pauses.wanted(answer.headers), answer.status_code in BUSY)
        return self._refusal(job, body, answer.status_code, said)

    def _refusal(self, job: Job, body: dict[str, object], status: int, said: str) -> Reply | Trouble:
        """A request that will not be answered as it is: mended, a failure of its own, or the end of the run."""
        if status in TOO_LONG:
            wanted = job.room or job.ask.request.decoding.max_tokens
            room = asking.room_left(said, wanted)
            if room is not None and 0 < room < wanted:
                job.room, job.attempts = room, job.attempts - 1
                return Trouble(said)
            if room is not None:
                return Failure(failure="too_long", reason=line(said))
            if self._dialect.learn(body, said):
                job.attempts -= 1
                return Trouble(said)
            self._refused += 1
            if self._answered or self._refused < REFUSED_AT_FIRST:
                return Failure(failure="engine_error", reason=f"{status} {line(said)}")
        what = {401: "it wants a key", 403: "it does not allow this", 404: f"it has no such path, or no {self._name!r}"}
        key_hint = " Name the variable that holds the key with --key-from." if status == 401 else ""
        raise RequestError(
            f"{self._address}: the server answers {status}: {what.get(status, 'it refuses')} ({line(said)}).{key_hint}"
        )

    def _again(self, job: Job, trouble: Trouble, epoch: int) -> None:
        job.attempts += 1
        self._silent += 1
        if trouble.busy:
            self._level.went_wrong(epoch)
        if trouble.wait:
            self._until = max(self._until, time.monotonic() + min(600.0, trouble.wait))
        what = line(trouble.what, self._secret)
        if not self._heard and job.attempts >= FIRST_ATTEMPTS:
            raise RequestError(f"{self._address}: no server answers there ({what}).")
        if self._heard and self._silent >= SILENT_ATTEMPTS and time.monotonic() - self._spoke > SILENT_SECONDS:
            raise EngineError(f"{self._address}: the server has gone ({what}). The same command goes on.")
        if job.attempts >= MOST_ATTEMPTS:
            reason = f"asked {job.attempts} times, the last time: {what}"
            self._found.put((job.ask.key, Failure(failure="engine_error", reason=reason)))
            return
        wait = pause(job.attempts - 1, trouble.wait) if job.attempts else 0.0
        self._loop.call_later(wait, self._back, job)

    def _back(self, job: Job) -> None:
        # What has waited longest goes first.
        self._waiting.appendleft(job)
        self._fill()
