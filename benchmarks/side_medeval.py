"""medeval's side: its engine kept warm, bare or at the end of the whole corridor. HOME is made by exams.py or gpu.py.

side_medeval.py HOME DTYPE SHARE [NAME=VALUE ...]     SHARE of a GPU's memory, 0 on a CPU; what vLLM is told besides
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import exams
from sides import serve

from medeval import openings
from medeval.engines.base import Ask, Engine, Rendered
from medeval.engines.vllm import VLLM
from medeval.evaluation import seldom_collected
from medeval.journal import Journal
from medeval.records import Choice, Exchange, Reply, Request, Response, Walk
from medeval.runner import AT_ONCE, Seat, Watch, play
from medeval.scoring import Scorer
from medeval.sitting import Sitting
from medeval.talks.choose import ONE_TOKEN


class Salted:
    """The same engine with a token of its own before every prompt, so that nothing of an earlier turn is remembered."""

    def __init__(self, engine: VLLM, salt: int) -> None:
        self.identity, self.abilities = engine.identity, engine.abilities
        self.notes: Sequence[str] = ()
        self.submit, self.replies, self.close = engine.submit, engine.replies, engine.close
        self._engine = engine
        self._salt = salt

    def render(self, request: Request) -> Rendered:
        """Give the tokens behind the salt."""
        found = self._engine.render(request)
        return Rendered(found.text, (self._salt, *(found.ids or ())))


class Marking(Watch):
    """Scores every walk as it ends, as a run does, and keeps what was written."""

    def __init__(self, sittings: Sequence[Sitting]) -> None:
        self._scorers = {sitting.name: Scorer(sitting) for sitting in sittings}
        self.written: dict[str, dict[int, Response]] = {sitting.name: {} for sitting in sittings}

    def finished(self, seat: Seat, number: int, walk: Walk) -> None:
        """Score, and see that it came to something."""
        self._scorers[seat.sitting.name].add(number, walk)
        reply = walk.exchanges[0].reply
        assert isinstance(reply, Response), reply  # noqa: S101  else the time would be that of failing
        self.written[seat.sitting.name][number] = reply


class Ours:
    """medeval with its model loaded."""

    def __init__(self, home: Path, dtype: str, share: float, told: Sequence[str]) -> None:
        means = openings.Means(dtype=dtype, offline=True, memory=share, engine_args=tuple(told))
        engine = openings.engine_for(f"vllm:{home / 'model'}", means, None, 0)
        assert isinstance(engine, VLLM)  # noqa: S101  its name says so
        self._engine = engine
        self._home = home
        self.exam = cache(exams.as_lm_eval)
        self.sitting = cache(exams.sitting)

    def warm(self, questions: Sequence[str]) -> float:
        """Pay for what only the first requests pay for; the seconds to the first reply to it all."""
        choices = tuple([Choice(label=letter, text=f" {letter}") for letter in "ABCD"])
        seconds, _ = self._replies(
            [Request(text=question, choices=choices, decoding=ONE_TOKEN) for question in questions]
        )
        return seconds

    def ask(self, name: str, shots: int, first: int, last: int) -> dict[str, Any]:
        """Ask some questions of an exam, and tell what was asked, what came back, and how long it took."""
        sitting = self.exam(name, shots)
        talks = [sitting.talk(take) for take in sitting.takes[first:last]]
        requests = [next(talk)[0] for talk in talks]
        sent, computed = self._engine.sent, self._engine.computed
        seconds, replies = self._replies(requests)
        told = {"seconds": seconds, "requests": self._engine.sent - sent, "computed": self._engine.computed - computed}
        scorer, found = Scorer(sitting), []
        for number, talk, request, reply in zip(range(first, last), talks, requests, replies, strict=False):
            assert isinstance(reply, Response), reply  # noqa: S101  a failure ends the benchmark
            try:
                talk.send((reply,))
            except StopIteration as end:
                exchange = Exchange(request=request, asked="", reply=reply)
                scored = scorer.add(number, Walk(exchanges=(exchange,), answer=end.value))
            found.append({
                "prompt": request.text, "choices": [choice.text for choice in request.choices],
                "logprobs": reply.logprobs, "right": scored.scores["accuracy"],
                "picked": [choice.label for choice in request.choices].index(scored.picked[0]),
            })  # fmt: skip
        return {**told, "found": found}

    def cut(self, texts: Sequence[str]) -> list[Any]:
        """The tokens of some texts."""
        return [self._engine.render(Request(text=text, decoding=ONE_TOKEN)).ids for text in texts]

    def prompts(self, **exam: Any) -> list[Any]:
        """The tokens of the prompts of an exam."""
        sitting = self._sit(exam)
        return [self._engine.render(next(sitting.talk(take))[0]).ids for take in sitting.takes]

    def play(self, salt: int, sat: Sequence[Mapping[str, Any]], *, texts: bool = False) -> dict[str, Any]:
        """Play exams, all at once, from their questions to their marks: talks, engine, journal on the disk, scores."""
        sittings = [self._sit(exam) for exam in sat]
        marking = Marking(sittings)
        engine: Engine = Salted(self._engine, salt) if salt else self._engine
        with tempfile.TemporaryDirectory(dir=self._home) as folder, seldom_collected():
            begun = time.perf_counter()
            seats = [Seat(sitting, Journal(Path(folder) / sitting.name)) for sitting in sittings]
            play(seats, {"model": engine}, watch=marking)
            for seat in seats:
                seat.journal.close()
            seconds = time.perf_counter() - begun
        replies = [marking.written[each.name][number] for each in sittings for number in range(len(each.takes))]
        written = sum(reply.completion_tokens for reply in replies)
        return {"seconds": seconds, "tokens": written, "texts": [reply.text for reply in replies] if texts else []}

    def _sit(self, exam: Mapping[str, Any]) -> Sitting:
        return self.sitting(**exam)

    def _replies(self, requests: Sequence[Request]) -> tuple[float, list[Reply]]:
        """Bring requests before the engine as the runner does, and wait for all replies."""
        found: dict[str, Reply] = {}
        begun = time.perf_counter()
        for start in range(0, len(requests), AT_ONCE):
            self._engine.submit([
                Ask(str(place), "", "", str(place), 0, "", 0, request, self._engine.render(request))
                for place, request in enumerate(requests[start : start + AT_ONCE], start)
            ])  # fmt: skip
        while len(found) < len(requests):
            found.update(self._engine.replies(0.2))
        return time.perf_counter() - begun, [found[str(place)] for place in range(len(requests))]


def made(home: Path, words: list[str]) -> Mapping[str, Callable[..., Any]]:
    """Open the model, and give what can be done; it is loaded when the first question is asked."""
    side = Ours(home, words[0], float(words[1]), words[2:])
    return {"warm": side.warm, "ask": side.ask, "cut": side.cut, "prompts": side.prompts, "play": side.play}


if __name__ == "__main__":
    serve(made)
