"""Plays talks through engines into the journal; nothing else.

Thousands of talks are open at once. Whatever they ask that the journal does not hold goes to the
engines in one stream; whatever comes back is journaled first and handed to its talk then.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from medeval.engines.base import Ask, Engine, sound
from medeval.errors import EngineError, Interrupted
from medeval.journal import Journal, Line, asked, fingerprint, place
from medeval.records import Decoding, Exchange, Failure, Reply, Request, Response, Walk, to_json
from medeval.sitting import Sitting, Take
from medeval.talks.base import Talk

OPEN_TALKS = 4096
AT_ONCE = 256
"""Requests that are handed over together."""
_NONE = Failure(failure="engine_error", reason="no reply yet")
WAIT_SECONDS = 0.2
"""The longest that a signal goes unnoticed."""
WAIT_IN_TURN = 0.02
"""The same where several engines have something to say."""


class Seat(NamedTuple):
    """A sitting and the journal of its cell."""

    sitting: Sitting
    journal: Journal


class Watch:
    """What a run tells while it goes; the base watches nothing."""

    def replied(self, task: str, count: int) -> None:
        """Some replies came, and are in the journal."""

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        """The talk of the seat's take of this number came to its end."""


class Spent(NamedTuple):
    """How many requests a role took, and how many tokens they had."""

    asked: int = 0
    reused: int = 0
    read: int = 0
    written: int = 0


class Played(NamedTuple):
    """How many requests a cell took, and how many tokens they had."""

    asked: int
    reused: int
    read: int = 0
    written: int = 0
    others: Mapping[str, Spent] = {}
    """What of that patients and judges took, by role."""

    def cost(self, prices: Sequence[float]) -> float | None:
        """What a server takes for those of the model, if it is known what it takes for a million, read and written."""
        read = self.read - sum(spent.read for spent in self.others.values())
        written = self.written - sum(spent.written for spent in self.others.values())
        return (read * prices[0] + written * prices[1]) / 1e6 if prices else None


class Forecast(NamedTuple):
    """What a run would do: only the first request of every talk can be known."""

    requests: int
    reused: int
    tokens: int
    counted: bool
    """Whether the engine counted the tokens; else it is one for every four characters."""


def of_model(role: str) -> bool:
    """Whether a role is the model's, in the conversation or beside it."""
    return role.partition(":")[0] == "model"


def of_judge(role: str) -> bool:
    """Whether a role is a judge's."""
    return role.partition(":")[0] == "judge"


class _Open:
    """An open talk, what it asked, and what it waits for."""

    __slots__ = ("asks", "exchanges", "number", "replies", "seat", "slots", "take", "talk", "waiting")

    def __init__(self, seat: Seat, number: int, take: Take) -> None:
        self.seat = seat
        self.number = number
        self.take = take
        self.talk: Talk = seat.sitting.talk(take)
        self.exchanges: list[Exchange] = []
        self.slots: dict[str, int] = {}
        self.asks: list[Ask] = []
        self.replies: list[Reply] = []
        self.waiting = 0


def play(
    seats: Sequence[Seat],
    engines: Mapping[str, Engine],
    *,
    watch: Watch | None = None,
    stopped: Callable[[], bool] = lambda: False,
    only: Collection[int] | None = None,
) -> dict[str, Played]:
    """Play every talk to its end, or only those of some takes; told to stop, raise Interrupted with all on disk."""
    run = _Run(seats, engines, watch or Watch(), only)
    try:
        run.play(stopped)
    finally:
        for seat in seats:
            seat.journal.flush()
    return {name: run.played(name) for name in run.names}


def forecast(
    seats: Sequence[Seat], engines: Mapping[str, Engine], stopped: Callable[[], bool] = lambda: False
) -> dict[str, Forecast]:
    """Render the first request of every talk, and look up which are answered."""
    run = _Run(seats, engines, Watch())
    return {seat.sitting.name: run.forecast(seat, stopped) for seat in seats}


class _Run:
    """The state of one run."""

    def __init__(
        self, seats: Sequence[Seat], engines: Mapping[str, Engine], watch: Watch, only: Collection[int] | None = None
    ) -> None:
        self.seats = seats
        self.only = only
        self.engines = engines
        self.watch = watch
        self.names = [seat.sitting.name for seat in seats]
        self._asked: Counter[tuple[str, str]] = Counter()
        self._reused: Counter[tuple[str, str]] = Counter()
        self._read: Counter[tuple[str, str]] = Counter()
        self._written: Counter[tuple[str, str]] = Counter()
        # One engine may have several roles, and is only listened to while it has something to answer.
        self._answering = {role: id(engine) for role, engine in engines.items()}
        self._awaited: Counter[int] = Counter()
        self._pending: dict[str, tuple[_Open, int]] = {}
        self._conditions: dict[str, tuple[Decoding, str]] = {}
        self._outbox: dict[str, list[Ask]] = {role: [] for role in engines}

    def play(self, stopped: Callable[[], bool]) -> None:
        """Keep the engines fed until no talk is left."""
        talks = self._talks()
        while True:
            while len(self._pending) < OPEN_TALKS and not stopped() and (talk := next(talks, None)):
                self._go_on(talk, next(talk.talk))
                # The first questions leave while the others are still being put into words.
                self._hand_over(AT_ONCE)
            if stopped():
                raise Interrupted("Stopped by a signal; every reply so far is kept. Run the same command to go on.")
            if not self._pending:
                return
            self._hand_over(1)
            busy = {id(engine): engine for engine in self.engines.values() if self._awaited[id(engine)]}
            for engine in busy.values():
                self._receive(engine.replies(WAIT_SECONDS if len(busy) == 1 else WAIT_IN_TURN))

    def played(self, name: str) -> Played:
        """What a cell took; that of patients and judges is told apart."""
        counts = (self._asked, self._reused, self._read, self._written)
        spent = {role: Spent(*[each[name, role] for each in counts]) for role in self.engines}
        asked, reused, read, written = [sum(column) for column in zip(*spent.values(), strict=True)]
        others = {role: each for role, each in spent.items() if not of_model(role) and any(each)}
        return Played(asked, reused, read, written, others)

    def _hand_over(self, least: int) -> None:
        """Submit what was asked, if it is worth the while."""
        for role, asks in self._outbox.items():
            if len(asks) >= least:
                self._outbox[role] = []
                self.engines[role].submit(asks)

    def forecast(self, seat: Seat, stopped: Callable[[], bool]) -> Forecast:
        """See what a cell would ask first."""
        requests = reused = tokens = 0
        counted = True
        for number, take in enumerate(seat.sitting.takes):
            if stopped():
                raise Interrupted("Stopped by a signal; nothing was asked.")
            talk = _Open(seat, number, take)
            for request in next(talk.talk):
                ask = self._stamp(talk, request)
                requests += 1
                reused += seat.journal.holds(ask.place, ask.key)
                counted &= ask.prompt.tokens is not None
                tokens += ask.prompt.tokens or len(ask.prompt.text) // 4
            talk.talk.close()
        return Forecast(requests, reused, tokens, counted)

    def _talks(self) -> Iterator[_Open]:
        for seat in self.seats:
            for number, take in enumerate(seat.sitting.takes):
                if self.only is None or number in self.only:
                    yield _Open(seat, number, take)

    def _go_on(self, talk: _Open, requests: tuple[Request, ...]) -> None:
        """Ask what a talk asks; as long as the journal knows all the answers, send them at once."""
        name, journal = talk.seat.sitting.name, talk.seat.journal
        while True:
            talk.asks = [self._stamp(talk, request) for request in requests]
            talk.replies = [_NONE] * len(requests)
            for position, ask in enumerate(talk.asks):
                if journal.holds(ask.place, ask.key) and (line := journal.line(ask.place)):
                    talk.replies[position] = line.reply
                    self._reused[name, ask.request.role] += 1
                else:
                    role = ask.request.role
                    self._pending[ask.key] = talk, position
                    self._outbox[role].append(ask)
                    self._asked[name, role] += 1
                    self._awaited[self._answering[role]] += 1
                    talk.waiting += 1
            if talk.waiting:
                return
            more = self._send(talk)
            if more is None:
                return
            requests = more

    def _send(self, talk: _Open) -> tuple[Request, ...] | None:
        """Send a talk the replies it waited for; None when it has come to its end."""
        talk.exchanges += [
            Exchange(request=ask.request, asked=ask.asked, reply=reply)
            for ask, reply in zip(talk.asks, talk.replies, strict=True)
        ]
        try:
            return talk.talk.send(tuple(talk.replies))
        except StopIteration as end:
            walk = Walk(exchanges=tuple(talk.exchanges), answer=end.value)
            self.watch.finished(talk.seat, talk.number, walk)
            return None

    def _stamp(self, talk: _Open, request: Request) -> Ask:
        """Give a request its place in the run, and the key that no other request has."""
        sitting, role = talk.seat.sitting, request.role
        take = talk.take
        sample = take.sample.id
        slot = talk.slots.get(role, 0)
        talk.slots[role] = slot + 1
        prompt = self.engines[role].render(request)
        where, words = place(sample, take.variant, take.repeat, role, slot), asked(request)
        # Without a template the engine reads the request's own text, whose hash is there already.
        template = "" if prompt.text == request.text else prompt.text
        whole = f"{self._conditions_of(request)}\n{sitting.name}\n{where}\n{words}\n{template}"
        key = fingerprint(whole.encode("utf-8", "surrogatepass"))
        return Ask(key, words, sitting.name, sample, take.variant, where, slot, request, prompt)

    def _conditions_of(self, request: Request) -> str:
        """Hash the engine's identity and the decoding, which most requests share with the one before."""
        decoding, known = self._conditions.get(request.role, (None, ""))
        if decoding is not request.decoding:
            identity = to_json(self.engines[request.role].identity)
            known = fingerprint(identity + to_json(request.decoding))
            self._conditions[request.role] = request.decoding, known
        return known

    def _receive(self, arrived: list[tuple[str, Reply]]) -> None:
        """Journal what came, then hand it to the talks that wait for it."""
        lines: dict[str, tuple[Journal, list[Line], list[str]]] = {}
        complete: list[_Open] = []
        for key, raw in arrived:
            pending = self._pending.pop(key, None)
            if pending is None:
                raise EngineError(f"The engine sent a reply that nobody waits for ({key}): doubled, or made up.")
            talk, position = pending
            ask = talk.asks[position]
            reply, role = sound(raw, len(ask.request.choices)), ask.request.role
            self._awaited[self._answering[role]] -= 1
            if isinstance(reply, Response):
                self._read[ask.task, role] += reply.prompt_tokens
                self._written[ask.task, role] += reply.completion_tokens
            line = Line(
                key=key, asked=ask.asked, sample=ask.sample, variant=talk.take.variant, repeat=talk.take.repeat,
                role=role, slot=ask.slot, reply=reply,
            )  # fmt: skip
            _, batch, places = lines.setdefault(ask.task, (talk.seat.journal, [], []))
            batch.append(line)
            places.append(ask.place)
            talk.replies[position] = reply
            talk.waiting -= 1
            if not talk.waiting:
                complete.append(talk)
        for name, (journal, batch, places) in lines.items():
            journal.append(batch, places)
            self.watch.replied(name, len(batch))
        for talk in complete:
            more = self._send(talk)
            if more is not None:
                self._go_on(talk, more)
